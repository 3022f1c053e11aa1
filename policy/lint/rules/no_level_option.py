"""Rule ``no-level-option``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin_options import access_level
from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Fix, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import add_item, add_member
from policy.lint.views.options import filter_of, option, section, section_place, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context

_LABELS = Version.parse("0.6.0")
_ANONYMOUS_LABELS = Version.parse("0.10.0")


class NoLevelOption(Rule):
    r"""Neither CheckedLevel nor UncheckedLevels.

    ## What it checks

    Whether one of the two options unchecks the level `system` while profiles of users are on.

    ## Why it matters

    Without them every level is checked.
    Routes that are no resource (`/system`, `/tools/find`, `POST /instances`) belong to the level `system`, which has no
    labels: whoever lacks the label `*` is refused there.
    Studies are judged by the labels of the patient.

    ## Example

    ```jsonc orthanc.jsonc line=2
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": ["patients", "series", "instances"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "UncheckedLevels": ["patients", "series", "instances", "system"]
      }
    }
    ```

    ## Exceptions

    Without profiles of users there are no labels to compare:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://auth:8000/tokens/validate"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG005"
    name: ClassVar[str] = "no-level-option"
    title: ClassVar[str] = "The level system is checked"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).profiles or server.plugin.version < _LABELS or option(server, "CheckedLevel"):
            return
        levels = option(server, "UncheckedLevels")
        if levels is None:
            location, missing = section_place(server), "Neither CheckedLevel nor UncheckedLevels is set"
        elif levels.setting.kind != "array":
            return  # the server does not start
        else:
            named = {access_level(item.value) for item in levels.setting.items if isinstance(item.value, str)}
            if "system" in named:
                return
            location, missing = value_place(server, levels), "UncheckedLevels does not name system"
        if location is not None:
            if levels is not None:
                fix = add_item(levels.setting, "system", "Add system to UncheckedLevels", safe=False)
            else:
                holder = section(server)
                fix = add_member(holder, "CheckedLevel", "studies", "Check studies", safe=False) if holder else None
            yield self._finding(server, context, location, missing, fix)

    def _finding(
        self, server: OrthancServer, context: Context, location: Location, missing: str, fix: Fix | None
    ) -> Finding:
        subjects = context.subjects(server)
        limited = tuple(role for subject in subjects if subject.limited for role in subject.roles)
        known = server.auth_service is not None and context.roles(server.auth_service) is not None
        severity = Severity.ERROR
        if limited:
            who = (
                f"users with the role {limited[0]}"
                if len(limited) == 1
                else f"users with the roles {', '.join(limited)}"
            )
        elif not known:
            who = "every user without the label *"
        elif server.plugin.version >= _ANONYMOUS_LABELS:
            who, severity = "whoever sends no token", Severity.WARNING
        else:
            who, severity = "every user without the label *, of whom permissions.json has none now", Severity.INFO
        return self.finding(
            location,
            f"{missing}, so the level system is checked and has no labels: {who} will be refused on every route that "
            "is no resource, such as GET /system, POST /tools/find and POST /instances.",
            'Write "CheckedLevel": "studies".',
            severity=severity,
            confidence=Confidence.SURE if known else Confidence.LIKELY,
            fix=fix,
            facts={"subject": "CheckedLevel", "roles": limited},
        )
