"""Rule ``all-is-not-all``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import ADMIN, ALL
from policy.lint.finding import Confidence, Finding, Fix, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.node_fixes import insert_node
from policy.lint.views.opened import served
from policy.lint.views.policies import usable_policy
from policy.lint.views.written import STAR, Rights, roles_in, texts

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine.rules import Rule as EngineRule
    from policy.lint.context import Context


class AllIsNotAll(Rule):
    r"""An administrator without `admin-permissions`.

    ## What it checks

    The permission `all` is a name like any other: it counts where a rule names it.
    The built-in rules for roles, audit logs, jobs and the writing of modalities name `admin-permissions` alone.
    Reported is a file in which a role holds `all` and none holds `admin-permissions`, and a role named after administrators
    that holds `all` without it.

    ## Why it matters

    The administrator gets 403 on these routes, and the editor of permissions is missing in Orthanc Explorer 2.

    ## Example

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ```json permissions.json line=3
    {
      "roles": {
        "admin-role": {"permissions": ["all"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "admin-role": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]},
        "head-of-department": {"permissions": ["all"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    Releases of the plugin that have no such rules, services that do not know the name yet, and files without a
    configuration of Orthanc beside them, as what its rules ask for is then not known.

    ```jsonc orthanc.jsonc plugin=0.7.2
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      },
      "AuthenticationEnabled": false
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "admin-role": {"permissions": ["all"], "authorized-labels": ["*"]}
      }
    }
    ```
    """

    code: ClassVar[str] = "RUL007"
    name: ClassVar[str] = "all-is-not-all"
    title: ClassVar[str] = "all without admin-permissions"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:863", "nist:AC-3(7)")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        behaviour = behaviour_of(service) if service is not None else None
        if service is None or behaviour is None or ADMIN not in behaviour.permissions:
            return
        roles = roles_in(service.permissions, service.version.version)
        missing = _missing(roles)
        if not missing:
            return
        for rights in missing:
            refused = list(_refused(server, rights, context))
            if refused:
                yield self._role(rights, refused)

    def _role(self, rights: Rights, refused: list[tuple[str, str]]) -> Finding:
        node = next(node for node in texts(rights.permissions) if node.value == ALL)
        shown = ", ".join(f"{method} {target}" for method, target in refused[:3])
        more = f" and {len(refused) - 3} more known routes" if len(refused) > 3 else ""
        method, target = refused[0]
        return self.finding(
            rights.source.place(node.span),
            f"{rights.who[0].upper()}{rights.who[1:]} holds all, which is not enough for rules that ask for {ADMIN} alone: "
            f"its holders are refused {shown}{more}.",
            f"Add {ADMIN} to the role of the administrators.",
            confidence=Confidence.PROVED,
            witness=Witness(method, target, f"a user with {rights.who}", "deny"),
            fix=_fix(rights),
            facts={"subject": rights.name, "routes": len(refused)},
        )


def _missing(roles: tuple[Rights, ...]) -> list[Rights]:
    """The roles that probably should hold it: those named after administrators, else all with ``all``."""
    with_all = [role for role in roles if role.holds(ALL) and not role.holds(ADMIN)]
    named = [role for role in with_all if "admin" in role.name.lower()]
    if named:
        return named
    return [] if any(role.holds(ADMIN) for role in roles) else with_all[:1]


def _refused(server: OrthancServer, rights: Rights, context: Context) -> Iterator[tuple[str, str]]:
    """The known routes that the role is refused by a rule that asks for admin-permissions and not for all."""
    from policy.auth_service import Profile

    policy = usable_policy(server, context)
    if policy is None or not any(_admin_alone(rule) for rule in policy.rules):
        return
    profile = Profile(rights.name, rights.permission_names, (STAR,), source="roles")
    for route in served(server):
        path = route.witness.partition("?")[0]
        decision = policy.decide(f"{route.method} {path}", profile)
        if not decision and decision.rule is not None and _admin_alone(decision.rule):
            yield route.method, path


def _admin_alone(rule: EngineRule) -> bool:
    return ADMIN in rule.permissions and ALL not in rule.permissions


def _fix(rights: Rights) -> Fix | None:
    member = rights.permissions
    if member is None:
        return None
    return insert_node(rights.source, member.value, ADMIN, f"Add {ADMIN} to {rights.who}")
