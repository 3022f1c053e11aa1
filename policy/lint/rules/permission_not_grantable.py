"""Rule ``permission-not-grantable``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import known_to_service, permission
from policy.lint.finding import Confidence, Finding, Fix, Persona, Severity
from policy.lint.nearby import nearest
from policy.lint.rule import Rule
from policy.lint.views.auth import Asked, asked_by
from policy.lint.views.fixes import replace_value
from policy.lint.views.permissions import Row, rows
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_ODD = regex(r"[\s,;]")


class PermissionNotGrantable(Rule):
    r"""A rule that asks for a permission that the auth service cannot give.

    ## What it checks

    The auth service of the Orthanc team knows a closed list of permissions, which grew with its versions, and takes no
    other name in permissions.json.
    Names in the rules of orthanc.json that are not in the list of the service at hand are reported.

    ## Why it matters

    No role can hold the name.
    If the rule asks for nothing else, everybody is refused.

    ## Example

    ```jsonc orthanc.jsonc line=6,7
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "my-plugin"],
          ["get", "^/my-plugin/two$", "all|View"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "settings"],
          ["get", "^/my-plugin/two$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Exceptions

    A service of one's own may give whatever names it likes:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://my-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/one$", "my-plugin"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL004"
    name: ClassVar[str] = "permission-not-grantable"
    title: ClassVar[str] = "Permission that no role can hold"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        asked = asked_by(server, context)
        if asked is None:
            return
        known = known_to_service(asked.version)
        for row in rows(server):
            if not row.complete:
                continue
            unknown = [name for name in row.names if name and name not in known and not _ODD.search(name)]
            for name in dict.fromkeys(unknown):
                yield self._name(row, name, asked, known)

    def _name(self, row: Row, name: str, asked: Asked, known: frozenset[str]) -> Finding:
        others = [other for other in row.names if other in known]
        later = permission(name)
        near = [] if later is not None else [one for one in nearest(name, sorted(known)) if _is_slip(name, one)]
        if others:
            then = f"only who holds {' or '.join(dict.fromkeys(others))} passes"
        else:
            then = f"everybody is refused {row}"
        if later is not None:
            advice = f"Use the auth service {later.service_since} or later, or another permission."
        elif near:
            advice = f"Did you mean {near[0]}?"
        else:
            advice = f"Use one of: {', '.join(sorted(known))}."
        mild = bool(others) and not near
        return self.finding(
            row.place(2),
            f"The auth service {asked.version} knows no permission {name}, so that no role can hold it: {then}.",
            advice,
            severity=Severity.INFO if mild else Severity.WARNING,
            persona=Persona.PEDANTIC if mild else Persona.REGULAR,
            confidence=Confidence.SURE if asked.certain else Confidence.LIKELY,
            fix=_fix(row, name, near),
            facts={"subject": name, "rule": str(row), "near": tuple(near), "refuses": not others},
        )


def _is_slip(name: str, near: str) -> bool:
    """Whether ``name`` is probably ``near`` with a slip, and no name of its own: ``viewer`` is not ``view``."""
    return name.lower() == near or abs(len(name) - len(near)) <= 1


def _fix(row: Row, name: str, near: list[str]) -> Fix | None:
    cell = row.cell(2)
    if len(near) != 1 or cell is None:
        return None
    meant = "|".join(near[0] if one == name else one for one in row.names)
    return replace_value(cell, meant, f'Write "{meant}"', safe=False)
