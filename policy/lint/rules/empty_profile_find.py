"""Rule ``empty-profile-find``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.rules.role_key_misspelt import meant_key
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.node_fixes import insert_node, replace_node
from policy.lint.views.written import LABELS, PERMISSIONS, STAR, Rights, roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.lint.finding import Fix

_ON_STUDIES = frozenset({"all", "anonymize", "delete", "download", "edit-labels", "modify", "send", "share", "view"})


class EmptyProfileFind(Rule):
    r"""A role that sees no study.

    ## What it checks

    Roles with permissions on studies and without any label, and a file without any role.
    A missing list of labels means no label, not all of them.

    ## Why it matters

    The login works, and the list of studies stays empty: `POST /tools/find` is answered with 403, and so is each study.
    Nothing is said at start since 24.6.0.

    ## Example

    ```json permissions.json line=3,4
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "download"]},
        "nurse-role": {"permissions": ["view"], "authorized-labels": []}
      }
    }
    ```
    ---
    ```json permissions.json line=2
    {
      "roles": {}
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "download"], "authorized-labels": ["*"]},
        "nurse-role": {"permissions": ["view"], "authorized-labels": ["ward-1"]},
        "upload-role": {"permissions": ["upload"], "authorized-labels": []}
      }
    }
    ```

    ## Exceptions

    Where the file has roles that give labels and no permission, users are probably given one role of each sort, which the
    auth service unites: the finding is then for the pedantic.
    A role for uploads touches no study, so that it needs no label.
    Up to 24.5.1 a role without labels keeps the service from starting, which `role-empty-old-service` reports:

    ```json permissions.json auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": []}
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL009"
    name: ClassVar[str] = "empty-profile-find"
    title: ClassVar[str] = "Role that sees no study"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-3(7)", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        version = service.version.version
        if source is None or behaviour_of(service) is None or version < LABELS_FROM:
            return
        yield from self._no_roles(source, service)
        if version < MODEL_FROM:
            return  # such a role keeps the service from starting, and another rule says so
        roles = roles_in(source, version)
        parts = any(rights.label_texts and not rights.permission_names for rights in roles)
        for rights in roles:
            if _ON_STUDIES.isdisjoint(rights.permission_names) or _has_labels(rights):
                continue
            if not any(meant_key(member.key, version) not in (None, PERMISSIONS) for member in rights.node.members):
                yield self._role(rights, parts=parts)

    def _no_roles(self, source: Source, service: AuthService) -> Iterator[Finding]:
        root = source.document.root
        section = root.member("roles") if root is not None else None
        if section is None or section.value.kind != "object" or section.value.members:
            return
        old = service.version.version < MODEL_FROM
        then = "gets HTTP 400 and is refused everything" if old else "has no permission and sees no study"
        yield self.finding(
            source.place(section.key_span),
            f"There is no role: whoever logs in {then}, also where somebody without a login may do more.",
            "Name the roles of the realm and what they may do.",
            facts={"subject": "roles", "kind": "no-roles"},
        )

    def _role(self, rights: Rights, *, parts: bool) -> Finding:
        member = rights.labels
        what = f"{member.key} is empty" if member is not None else "there is no authorized-labels"
        alone = " alone" if parts else ""
        return self.finding(
            rights.source.place(member.key_span) if member is not None else rights.location,
            f"Who has {rights.who}{alone} finds no study: {what}, which means no label at all, not all of them.",
            'Write "authorized-labels": ["*"] for every study, or the labels that the role may see.',
            severity=Severity.INFO if parts else Severity.WARNING,
            persona=Persona.PEDANTIC if parts else Persona.REGULAR,
            fix=_fix(rights),
            facts={"subject": rights.name, "kind": "no-labels", "missing": member is None, "parts": parts},
        )


def _has_labels(rights: Rights) -> bool:
    """Whether something stands where labels belong; what is no list of texts is the business of another rule."""
    member = rights.labels
    return member is not None and (member.value.kind != "array" or bool(member.value.items))


def _fix(rights: Rights) -> Fix | None:
    member = rights.labels
    title = f"Let {rights.who} see every study"
    if member is not None:
        return replace_node(rights.source, member.value, [STAR], title)
    return insert_node(rights.source, rights.node, [STAR], title, key=LABELS)
