"""Rule ``unknown-permission``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import permission
from policy.lint.finding import Finding, Related, Severity
from policy.lint.nearby import nearest, question
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, behaviour_of
from policy.lint.views.node_fixes import replace_node
from policy.lint.views.written import profile_in, role_members, roles_in, texts

if TYPE_CHECKING:
    from policy.auth_service.behaviour import Behaviour
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.text import Node


class UnknownPermission(Rule):
    r"""A permission that the auth service does not know.

    ## What it checks

    Names of permissions in permissions.json and in the anonymous profile, against the list of the version at hand.
    Case counts, and the list grew with the versions.

    ## Why it matters

    From 24.6.0 on one unknown name in permissions.json keeps the service from starting, and Orthanc refuses everybody.
    Up to 24.5.1 each request of a holder of the role ends in HTTP 400.
    In the anonymous profile it makes the service drop the whole file.

    ## Example

    ```json permissions.json line=3,4
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "Upload"], "authorized-labels": ["*"]},
        "research-role": {"permissions": ["view", "epinsight"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=3 auth-service=25.9.0
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "worklists"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json anonymous-profile.json line=1 severity=warning
    {"name": "Anonymous", "permissions": ["view", "my-own"], "authorized-labels": ["public"], "validity": 60}
    ```

    ## Use instead

    ```json permissions.json auth-service=25.12.0
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "upload", "worklists"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    A service of one's own may know other names; its files are not judged by this rule.
    """

    code: ClassVar[str] = "ROL008"
    name: ClassVar[str] = "unknown-permission"
    title: ClassVar[str] = "Permission that the auth service does not know"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "nist:AC-3(7)")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        if behaviour is None:
            return
        found: dict[str, list[tuple[str, Node]]] = {}
        for who, node in _roles(service):
            if str(node.value) not in behaviour.permissions:
                found.setdefault(str(node.value), []).append((who, node))
        for places in found.values():
            if service.permissions is not None:
                yield self._found(service.permissions, places, behaviour, anonymous=False)
        profile = profile_in(service.anonymous, behaviour.version) if behaviour.reads_anonymous_profile else None
        for node in texts(profile.permissions) if profile is not None else ():
            if str(node.value) not in behaviour.permissions and profile is not None:
                yield self._found(profile.source, [(profile.who, node)], behaviour, anonymous=True)

    def _found(
        self, source: Source, places: list[tuple[str, Node]], behaviour: Behaviour, *, anonymous: bool
    ) -> Finding:
        who, node = places[0]
        name = str(node.value)
        version = behaviour.version
        known = sorted(behaviour.permissions)
        severity = self.severity
        if anonymous:
            then = "it drops the whole file, and who sends no token has no rights"
            severity = Severity.WARNING
        elif behaviour.checks_by_model:
            then = "it does not start, and Orthanc refuses everybody"
        else:
            then = f"each request of a holder of {who} ends in HTTP 400, and Orthanc refuses it"
        near = nearest(name, known)
        later = permission(name)
        if later is not None:
            advice = f"The auth service knows it since {later.service_since}: upgrade, or leave it out."
        else:
            advice = question(near) or f"The permissions are: {', '.join(known)}."
        return self.finding(
            source.place(node.span),
            f"The auth service {version} knows no permission {name[:80]!r}: {then}.",
            advice,
            severity=severity,
            related=[Related(source.place(at.span), f"{other} holds it too") for other, at in places[1:6]],
            fix=replace_node(source, node, near[0], f"Write {near[0]}") if len(near) == 1 and later is None else None,
            facts={"subject": name, "holders": len(places), "near": tuple(near)},
        )


def _roles(service: AuthService) -> Iterator[tuple[str, Node]]:
    """Each permission of each role, those of the old format included."""
    if service.permissions is None:
        return
    version = service.version.version
    for rights in roles_in(service.permissions, version) if version >= LABELS_FROM else ():
        for node in texts(rights.permissions):
            yield rights.who, node
    for member in role_members(service.permissions):
        if member.value.kind == "array":
            for item in member.value.items:
                if item.kind == "string":
                    yield f"the role {member.key}", item
