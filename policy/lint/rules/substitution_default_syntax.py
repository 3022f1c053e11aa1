"""Rule ``substitution-default-syntax``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.variables import of_image
from policy.regex import regex
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_WITH_DEFAULT = regex(r"""(?<!\\)\$\{([A-Za-z0-9_]+)(:?-)(["']?)[^}]*\}""")


class SubstitutionDefaultSyntax(Rule):
    r"""A default value of a variable in a form that the reader of the file does not know.

    ## What it checks

    `${NAME:-"text"}` and `${NAME:-'text'}` in files of the image, which keeps the quotes, where the variable is not set.
    `${NAME-text}` in files that Orthanc itself reads, which takes all of it for a name.

    ## Why it matters

    In the image the quotes become part of the value, and double quotes end the JSON text around them, so that the container stops.
    Orthanc itself puts the empty text in the place of `${NAME-text}`.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${ORTHANC_NAME:-'Archive'}"
    }
    ```
    ---
    ```yaml docker-compose.yml
    services:
      orthanc:
        image: jodogne/orthanc-plugins:1.12.9
        command: /etc/orthanc/orthanc.json
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${ORTHANC_NAME-Archive}"
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "Name": "${ORTHANC_NAME:-Archive}"
    }
    ```
    """

    code: ClassVar[str] = "DEP027"
    name: ClassVar[str] = "substitution-default-syntax"
    title: ClassVar[str] = "Default of a variable that this reader takes otherwise"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the same text is read by another program in another way"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None:
            return
        from policy.knowledge import environment

        by_script = of_image(server) and server.image is not None
        if by_script and server.image is not None and server.image.version < environment.FILES_SUBSTITUTED:
            return
        for source in server.sources:
            if source.variable is not None or "${" not in source.document.text:
                continue
            comments = [comment.span for comment in source.document.comments]
            for match in _WITH_DEFAULT.finditer(source.document.text):
                start = match.start()
                if match[1] in container.environment or any(span.start <= start < span.end for span in comments):
                    continue
                where = source.place(Span(start, match.end()))
                if by_script and match[3]:
                    then = (
                        "ends the text around it, and the container stops" if match[3] == '"' else "stays in the value"
                    )
                    yield self.finding(
                        where,
                        f"{match[1]} is not set, and the image {server.image} keeps the quotes of the default: each "
                        f"{'double' if match[3] == chr(34) else 'single'} quote {then}.",
                        f"Write the default without quotes: ${{{match[1]}:-...}}.",
                        facts={"subject": match[1], "form": "quotes"},
                    )
                elif not by_script and match[2] == "-":
                    yield self.finding(
                        where,
                        f"Orthanc knows no default after a single hyphen and puts the empty text in the place of {match[1]}.",
                        f"Write a colon before the hyphen: ${{{match[1]}:-...}}.",
                        facts={"subject": match[1], "form": "hyphen"},
                    )
