"""Rule ``env-and-file``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import place
from policy.lint.views.overrides import from_file, from_variable, overrides
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class EnvAndFile(Rule):
    r"""An option that both a file and a variable set.

    ## What it checks

    Whether a variable or a secret replaces what a file of the same server says.

    ## Why it matters

    The variable wins.
    Objects are merged key by key, but a list is replaced as a whole: `ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS` does not
    add to the list of the file, it takes its place.
    Whoever edits the file later sees no effect.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ORTHANC__AUTHORIZATION__TOKEN_HTTP_HEADERS: '["api-key"]'
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token", "api-key"]
      }
    }
    ```

    ## Use instead

    Different options of one section go together:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
        environment:
          ORTHANC__AUTHORIZATION__TOKEN_HTTP_HEADERS: '["api-key"]'
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    """

    code: ClassVar[str] = "DEP003"
    name: ClassVar[str] = "env-and-file"
    title: ClassVar[str] = "Same option in a file and in a variable"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not of_image(server):
            return
        for found in overrides(server):
            now, before = found.entry.setting, found.earlier.setting
            if not from_variable(now.origin) or not from_file(before.origin) or before.python() in ("", None, [], {}):
                continue  # an empty value says that another one is to come
            where = place((now.origin, found.entry.key_origin), server)
            earlier = found.earlier.key_origin.location
            if where is None:
                continue
            lost = found.lost
            if lost:
                then = f"the {'entry' if lost == 1 else f'{lost} entries'} of the file that it does not repeat get lost"
            elif found.same:
                then = "a change in the file will have no effect"
            else:
                then = "the value in the file has no effect"
            name = now.origin.name or "a variable"
            yield self.finding(
                where,
                f"{name} takes the place of {found.dotted} in the file: {then}.",
                "Set the option in one place; a list has to be written out as a whole there.",
                severity=Severity.WARNING if lost or (found.gate and not found.same) else Severity.INFO,
                persona=Persona.PEDANTIC if found.same else Persona.REGULAR,
                related=[Related(earlier, "this is replaced")] if earlier is not None else [],
                facts={"subject": found.dotted, "variable": name, "lost": lost},
            )
