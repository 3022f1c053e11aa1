"""Rule ``roles-wrong-shape``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member, replace_node
from policy.lint.views.written import LABEL_KEYS, PERMISSIONS, Rights, role_members
from policy.text import Span

if TYPE_CHECKING:
    from policy.auth_service.errors import Problem
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.lint.finding import Fix
    from policy.text import Node


_LISTS = tuple((key,) for key in (PERMISSIONS, *LABEL_KEYS))


class RolesWrongShape(Rule):
    r"""permissions.json with a value of the wrong type.

    ## What it checks

    The file is checked as the auth service of this version checks it at start: `roles` must be there and be an object, each
    role an object, permissions and labels lists of texts.

    ## Why it matters

    From 24.6.0 on the auth service does not start with such a file, and Orthanc refuses everybody.
    Older ones look at little at start and fail when a holder of the role sends a request.

    ## Example

    ```json permissions.json line=3
    {
      "roles": {
        "doctor-role": {"permissions": "view", "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=2
    {
      "Roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=3 severity=warning auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": "external"}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    Names of permissions, roles in the old format and empty lists have rules of their own.
    """

    code: ClassVar[str] = "ROL016"
    name: ClassVar[str] = "roles-wrong-shape"
    title: ClassVar[str] = "Roles of a wrong type"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        if source is None or behaviour_of(service) is None:
            return
        refused = context.roles_refusal(service)
        if refused is not None:
            if source.document.accepted_by("auth-service", str(service.version)):
                for problem in getattr(refused, "problems", ()):
                    if not _told_elsewhere(source, problem):
                        yield self._problem(source, problem, service)
            return
        yield from self._fails(source, service, context)

    def _problem(self, source: Source, problem: Problem, service: AuthService) -> Finding:
        node = source.document.root
        span = problem.span if problem.span is not None else Span(0, 0)
        _, _, what = problem.message.partition(": ")
        help_ = problem.help or _advice(what)
        fix: Fix | None = None
        if problem.path == ("roles",) and node is not None and node.get("roles") is None:
            near = [member for member in node.members if very_near(member.key, ("roles",))]
            if near:
                span, help_ = near[0].key_span, "Did you mean roles?"
                fix = rename_member(source, near[0], "roles")
                what = f"it knows no key {near[0].key}, and roles is missing"
            else:
                span = Span(span.start, min(span.start + 1, span.end))
        else:
            wrong = _at(node, problem.path)
            if wrong is not None and wrong.kind == "string" and problem.path[-1:] in _LISTS:
                fix = replace_node(source, wrong, [wrong.value], "Put it into a list")
        return self.finding(
            source.place(span),
            f"The auth service {service.version} does not start, and Orthanc refuses everybody: {what}.",
            help_,
            fix=fix,
            facts={"subject": ".".join(map(str, problem.path)), "kind": "no-start"},
        )

    def _fails(self, source: Source, service: AuthService, context: Context) -> Iterator[Finding]:
        """What an old service finds out only when a holder of the role sends a request."""
        roles = context.roles(service)
        version = service.version.version
        if roles is None:
            return
        for member in role_members(source):
            role = roles.roles.get(member.key)
            rights = Rights(source, member.value, version, member.key, member)
            if role is None:
                continue
            if version < LABELS_FROM:
                # The new format has a rule of its own, and so have unknown names.
                if role.fails and member.value.kind not in ("array", "object"):
                    yield self._holder(source, member.value, member.key, "it is no list of permissions", service)
                continue
            permissions = rights.permissions
            if role.fails and permissions is not None and not _known_to_fail(permissions.value):
                yield self._holder(
                    source, permissions.value, member.key, "its permissions are no list of names", service
                )
            elif role.labels_as_written is not None and rights.labels is not None:
                yield self._holder(source, rights.labels.value, member.key, "its labels are no list of texts", service)

    def _holder(self, source: Source, node: Node, role: str, why: str, service: AuthService) -> Finding:
        return self.finding(
            source.place(node.span),
            f"Orthanc refuses the holders of the role {role}: {why}, which the auth service {service.version} notices only "
            "when they send a request.",
            "Write a list of texts.",
            severity=Severity.WARNING,
            facts={"subject": role, "kind": "holder"},
        )


def _known_to_fail(node: Node) -> bool:
    """Whether it is a list with names alone: then one of them is unknown, which another rule reports."""
    return node.kind == "array" and all(item.kind == "string" for item in node.items)


def _told_elsewhere(source: Source, problem: Problem) -> bool:
    """Whether a rule of its own reports it: unknown names, the old format, empty and missing lists of old services."""
    from policy.auth_service.shapes import NOT_KNOWN

    if problem.message.endswith(NOT_KNOWN):
        return True
    node = _at(source.document.root, problem.path)
    if len(problem.path) == 2 and node is not None and node.kind == "array":
        return True
    empty = problem.message.endswith(("must not be empty", "is required and missing"))
    return len(problem.path) == 3 and empty


def _at(root: Node | None, path: tuple[str | int, ...]) -> Node | None:
    node = root
    for step in path:
        if node is None:
            return None
        if isinstance(step, str):
            node = node.get(step)
            continue
        node = node.items[step] if step < len(node.items) else None
    return node


def _advice(what: str) -> str:
    if what.endswith("must be a list"):
        return 'Write a list of texts: ["..."].'
    if what.endswith("must be text"):
        return "Put it between double quotes."
    return 'The shape is {"roles": {"NAME": {"permissions": [...], "authorized-labels": [...]}}}.'
