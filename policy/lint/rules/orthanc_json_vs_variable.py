"""Rule ``orthanc-json-vs-variable``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Means
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import place
from policy.lint.views.overrides import overrides
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class OrthancJsonVsVariable(Rule):
    r"""An option that both ORTHANC_JSON and a variable of its own set.

    ## What it checks

    Whether two variables of one container set one option to different values.

    ## Why it matters

    The two have no fixed rank: the one that comes later in the environment of the process wins, and the order there is not the
    one of the Compose file.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "true"
          ORTHANC_JSON: |
            {
              "RegisteredUsers": {"reader": "a-long-password"},
              "AuthenticationEnabled": false
            }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: "A"
          ORTHANC_JSON: |
            {
              "RegisteredUsers": {"reader": "a-long-password"},
              "AuthenticationEnabled": true
            }
    ```
    """

    code: ClassVar[str] = "DEP006"
    name: ClassVar[str] = "orthanc-json-vs-variable"
    title: ClassVar[str] = "Same option in ORTHANC_JSON and in a variable"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not of_image(server):
            return
        for found in overrides(server):
            now, before = found.entry.setting.origin, found.earlier.setting.origin
            if now.means is not Means.VARIABLE or before.means is not Means.VARIABLE or now.name == before.name:
                continue
            whole, single = (now, before) if now.name == "ORTHANC_JSON" else (before, now)
            where = place((single, whole), server)
            if whole.name != "ORTHANC_JSON" or where is None:
                continue
            same = found.same
            then = "both say the same" if same else "which of the two counts depends on the order in the environment"
            other = whole.location
            yield self.finding(
                where,
                f"{found.dotted} stands in {single.name} and in ORTHANC_JSON: {then}.",
                "Set the option in one of the two.",
                severity=Severity.INFO if same else Severity.WARNING,
                persona=Persona.PEDANTIC if same else Persona.REGULAR,
                related=[Related(other, "the same option in ORTHANC_JSON")] if other is not None else [],
                facts={"subject": found.dotted, "variable": single.name},
            )
