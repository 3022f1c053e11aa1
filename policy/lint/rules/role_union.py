"""Rule ``role-union``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import MODEL_FROM, behaviour_of
from policy.lint.views.realm import Holder, realm_of
from policy.lint.views.written import STAR, Rights, covers, roles_in
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context

_NOT_ON_STUDIES = frozenset(
    {"admin-permissions", "api-view", "audit-logs", "q-r-remote-modalities", "settings", "upload", "worklists"}
)
_MOST = 150
"""Different roles that are compared pair by pair."""


@dataclass(frozen=True, slots=True)
class _Widening:
    """Permissions of a role that reach more by the labels of another."""

    other: Rights
    permissions: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def everything(self) -> bool:
        return STAR in self.labels


class RoleUnion(Rule):
    r"""Two roles that open more together than each alone.

    ## What it checks

    Since 24.6.0 the auth service unites the permissions of all roles of a user, and apart from that their labels.
    Pairs of roles are reported where a permission of one reaches labels of the other that nobody gave it for.

    ## Why it matters

    Who may view the studies with one label and delete those with another may delete both.
    A role with the label `*` widens all other roles of its holders to every study.

    ## Example

    ```json permissions.json line=4 persona=auditor
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "trial-admin-role": {"permissions": ["view", "delete"], "authorized-labels": ["trial"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "trial-role": {"permissions": ["view"], "authorized-labels": ["trial"]},
        "admin-role": {"permissions": ["all"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    Whether anybody has both roles is a matter of Keycloak.
    Where an export of the realm is given and a user has both, the finding is for everybody and not for auditors only.
    Releases before 24.6.0 refuse a user with two roles.
    """

    code: ClassVar[str] = "ROL007"
    name: ClassVar[str] = "role-union"
    title: ClassVar[str] = "Roles that open more together"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:863", "nist:AC-6", "nist:AC-3(7)")
    fixable: ClassVar[str] = "it depends on who has the roles"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        version = service.version.version
        if behaviour_of(service) is None or version < MODEL_FROM:
            return
        realm = realm_of(context)
        holders = [holder for holder in (realm.holders if realm else ()) if len(holder.roles) > 1]
        different = _different(roles_in(service.permissions, version))
        for rights in different[:_MOST]:
            found = [one for other in different[:_MOST] if (one := _widened(rights, other)) is not None]
            if found:
                yield self._role(rights, found, holders, sampled=len(different) > _MOST)

    def _role(self, rights: Rights, found: list[_Widening], holders: list[Holder], *, sampled: bool) -> Finding:
        real = [(one, who) for one in found for who in holders if {rights.name, one.other.name} <= who.roles]
        worst = max(found, key=lambda one: (one.everything, len(one.permissions), len(one.labels)))
        if real:
            worst = real[0][0]
        reach = "every study" if worst.everything else f"studies labelled {_listed(worst.labels)}"
        more = f"; {_others(len(found) - 1)} widen it too" if len(found) > 1 else ""
        who = f"The {real[0][1].kind} {real[0][1].name} has both:" if real else "Who also has"
        subject = f"{worst.other.name} and {rights.name} together" if real else f"{worst.other.name}"
        effect = "give" if real else "gets"
        related = [Related(worst.other.location, "gives the labels")]
        related += [Related(who_has.location, "has both roles") for _, who_has in real[:3]]
        return self.finding(
            rights.location,
            f"{who} {subject} {effect} {_listed(worst.permissions)} of {rights.name} on {reach}, which neither role gives "
            f"alone{more}.",
            "Give nobody both roles, or make one role of what is meant.",
            persona=Persona.REGULAR if real else Persona.AUDITOR,
            confidence=Confidence.PROVED if real else Confidence.SAMPLED if sampled else Confidence.LIKELY,
            related=related,
            facts={
                "subject": rights.name,
                "other": worst.other.name,
                "permissions": worst.permissions,
                "labels": worst.labels,
                "pairs": len(found),
            },
        )


def _different(roles: Iterable[Rights]) -> list[Rights]:
    """One role of each sort: those that give the same widen the same."""
    found: dict[tuple[frozenset[str], frozenset[str]], Rights] = {}
    for rights in roles:
        found.setdefault((frozenset(rights.permission_names), frozenset(rights.label_texts)), rights)
    return list(found.values())


def _widened(rights: Rights, other: Rights) -> _Widening | None:
    """What ``rights`` gains by the labels of ``other``."""
    own, theirs = frozenset(rights.label_texts), frozenset(other.label_texts)
    if STAR in own or rights is other:
        return None
    labels = (STAR,) if STAR in theirs else tuple(sorted(theirs - own))
    if not labels:
        return None
    held = frozenset(other.permission_names)
    gained = tuple(name for name in rights.permission_names if name not in _NOT_ON_STUDIES and not covers(held, name))
    return _Widening(other, gained, labels) if gained else None


def _others(count: int) -> str:
    return "one other role would" if count == 1 else f"{count} other roles would"


def _listed(names: tuple[str, ...]) -> str:
    shown = names[:4]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
