"""Rule ``anonymous-gives-nothing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.rules.profile_wire_names import meant_key
from policy.lint.views.auth import behaviour_of
from policy.lint.views.written import LABELS, PERMISSIONS, profile_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context

_ON_STUDIES = frozenset({"all", "anonymize", "delete", "download", "edit-labels", "modify", "send", "share", "view"})


class AnonymousGivesNothing(Rule):
    r"""An anonymous profile with one half missing.

    ## What it checks

    A profile with permissions on studies and no label, or with labels and no permission.
    A missing list means none.

    ## Why it matters

    Both are needed: visitors are refused each study although the file looks as if they might see some.

    ## Example

    ```json anonymous-profile.json line=3
    {
      "name": "Anonymous",
      "permissions": ["view"],
      "validity": 60
    }
    ```
    ---
    ```json anonymous-profile.json line=1
    {"name": "Anonymous", "authorized-labels": ["public"], "validity": 60}
    ```

    ## Use instead

    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ```

    ## Exceptions

    Uploading touches no study, so that it needs no label where studies are the checked level:

    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
    ```
    """

    code: ClassVar[str] = "ANO005"
    name: ClassVar[str] = "anonymous-gives-nothing"
    title: ClassVar[str] = "Anonymous profile with one half missing"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-14", "nist:CM-6")
    fixable: ClassVar[str] = "what visitors are to see is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        rights = profile_in(service.anonymous, service.version.version)
        if behaviour is None or not behaviour.reads_anonymous_profile or rights is None:
            return
        if context.anonymous(service).source != "file":
            return  # the file is dropped, and another rule says why
        misspelt = {meant_key(member.key) for member in rights.node.members if member.key not in (PERMISSIONS, LABELS)}
        permissions, labels = rights.permission_names, rights.label_texts
        if not labels and not _ON_STUDIES.isdisjoint(permissions) and LABELS not in misspelt:
            member = rights.permissions
            named = ", ".join(name for name in permissions if name in _ON_STUDIES)
            yield self.finding(
                rights.source.place(member.key_span) if member is not None else rights.location,
                f"Visitors find no study: the profile has {named}, but no label, and none means none.",
                "Take the permissions away, or name the labels of the studies that are public.",
                facts={"subject": "labels", "permissions": permissions},
            )
        elif labels and not permissions and PERMISSIONS not in misspelt:
            member = rights.labels
            yield self.finding(
                rights.source.place(member.key_span) if member is not None else rights.location,
                "Visitors may do nothing: the profile has labels, but no permission.",
                "Name the permissions, or take the labels away.",
                facts={"subject": "permissions", "labels": labels},
            )
