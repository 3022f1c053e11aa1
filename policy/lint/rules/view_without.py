"""Rule ``view-without``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.written import ALL, Rights, roles_in
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context

VIEW = "view"
_NEED_VIEW = (
    "anonymize",
    "delete",
    "download",
    "edit-labels",
    "modify",
    "q-r-remote-modalities",
    "send",
    "share",
    "upload",
)
"""What Orthanc Explorer 2 offers on studies that it lists, which takes view; upload has a page of its own."""
_MACHINE = regex(
    r"api|bot|device|ftp|gateway|inbox|machine|modalit|peer|router|scanner|script|sender|service|upload|worker",
    re.IGNORECASE,
)


class ViewWithout(Rule):
    r"""A role for people that cannot see the studies.

    ## What it checks

    Roles that hold permissions which a user interface offers on listed studies, but neither `view` nor `all`.
    Roles named after machines are left alone, and so are files where other roles look like they are given together with
    this one.

    ## Why it matters

    Whoever has this role alone sees an empty page in Orthanc Explorer 2: the list of studies needs `view`, and so do the
    links by which studies are downloaded and opened.

    ## Example

    ```json permissions.json line=4
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "download"], "authorized-labels": ["*"]},
        "archivist-role": {"permissions": ["share", "delete"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "download"], "authorized-labels": ["*"]},
        "archivist-role": {"permissions": ["view", "share", "delete"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    A role for a program needs no list of studies:

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "download"], "authorized-labels": ["*"]},
        "upload": {"permissions": ["upload"], "authorized-labels": ["*"]},
        "router-role": {"permissions": ["send"], "authorized-labels": ["*"]}
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL008"
    name: ClassVar[str] = "view-without"
    title: ClassVar[str] = "Role for people without view"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "whether the role is for people is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        if behaviour_of(service) is None:
            return
        for rights in roles_in(service.permissions, service.version.version):
            names = rights.permission_names
            needing = [name for name in _NEED_VIEW if name in names]
            if needing and VIEW not in names and ALL not in names and not _MACHINE.search(rights.name):
                yield self._role(rights, needing)

    def _role(self, rights: Rights, needing: list[str]) -> Finding:
        member = rights.permissions
        return self.finding(
            rights.source.place(member.key_span) if member is not None else rights.location,
            f"Who has {rights.who} alone sees no study in Orthanc Explorer 2, where {', '.join(needing)} "
            f"{'begins' if len(needing) == 1 else 'begin'} at the list of studies, which takes view.",
            "Add view if people log in with this role.",
            facts={"subject": rights.name, "permissions": tuple(needing)},
        )
