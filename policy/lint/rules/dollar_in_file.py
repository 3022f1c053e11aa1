"""Rule ``dollar-in-file``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.variables import of_image
from policy.regex import regex
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_DOLLAR = regex(r"(?<!\\)\$([A-Za-z0-9_]+)")


class DollarInFile(Rule):
    r"""A dollar sign in a mounted file, followed by a letter, a digit or an underscore.

    ## What it checks

    Texts of a configuration file of the image with `$word` or `$1` in them, where no variable of the container has that name.
    From the image 23.6.1 on variables are replaced in each file before it is read.

    ## Why it matters

    The dollar sign and the word behind it disappear: a password becomes another one, a pattern matches something else.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=2
    {
      "RegisteredUsers": {"reader": "a-long-pa$word"}
    }
    ```

    ## Use instead

    A dollar sign before a quote, a bar or a bracket stays, and so does everything in comments:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          READER: "a-long-password"
    ```
    ```jsonc orthanc.json
    {
      // costs $5
      "RegisteredUsers": {"reader": "$READER"},
      "UserMetadata": {"^/a$|^/b$": 1024}
    }
    ```

    ## Exceptions

    Older images leave files as they are:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:23.5.1
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-pa$word"}
    }
    ```
    """

    code: ClassVar[str] = "DEP025"
    name: ClassVar[str] = "dollar-in-file"
    title: ClassVar[str] = "Dollar sign that the image replaces"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "whether a variable is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if server.image is None or server.container is None or not of_image(server):
            return
        from policy.knowledge import environment

        if server.image.version < environment.FILES_SUBSTITUTED:
            return
        known = server.container.environment
        open_environment = may_be_elsewhere(server.container)
        for source in server.sources:
            if source.variable is not None or "$" not in source.document.text:
                continue
            comments = [comment.span for comment in source.document.comments]
            for match in _DOLLAR.finditer(source.document.text):
                name, start = match[1], match.start()
                if name in known or any(span.start <= start < span.end for span in comments):
                    continue
                digits = name.isdigit()
                yield self.finding(
                    source.place(Span(start, match.end())),
                    f"The image {server.image} replaces this dollar sign and what follows it "
                    f"{'by nothing' if name != '0' else 'by the name of its script'} before it reads the file: "
                    f"{'a value' if digits else 'no variable of this name is set, so a value'} becomes another one than it looks.",
                    "Give the value in a variable or a secret, or choose one without a dollar sign before letters and digits.",
                    confidence=Confidence.LIKELY if open_environment and not digits else Confidence.SURE,
                    facts={"subject": source.path},
                )
