"""Rule ``available-labels-underscore``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Fix, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import MODEL_FROM, behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.knowledge.versions import Version
    from policy.lint.context import Context
    from policy.text import Member

_ROLES, _AVAILABLE = "roles", "available-labels"
_FOR_PEOPLE = ("_", "//", "#", "$", "comment", "Comment", "description")


class AvailableLabelsUnderscore(Rule):
    r"""A key at the top of permissions.json that nothing reads.

    ## What it checks

    At its top the file has `roles` and, since 24.6.0, `available-labels`, which is read with the hyphen only: here the
    underscore is another key, unlike inside of roles.
    Other keys are reported as tidiness.

    ## Why it matters

    The list is taken for empty, and an empty list means no limit: whoever may edit labels can create any label in Orthanc
    Explorer 2, the labels of other groups included.

    ## Example

    ```json permissions.json line=5
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      },
      "available_labels": ["external", "internal"]
    }
    ```
    ---
    ```json permissions.json line=5 severity=info persona=pedantic
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      },
      "available-tokens": []
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]}
      },
      "available-labels": ["external", "internal"]
    }
    ```

    ## Exceptions

    Keys that begin with an underscore or two slashes are comments.
    """

    code: ClassVar[str] = "ROL003"
    name: ClassVar[str] = "available-labels-underscore"
    title: ClassVar[str] = "Key at the top that nothing reads"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        source = service.permissions
        root = source.document.root if source is not None else None
        if source is None or root is None or root.kind != "object" or behaviour_of(service) is None:
            return
        version = service.version.version
        has_roles = root.get(_ROLES) is not None
        for member in root.members:
            if member.key == _ROLES or (member.key == _AVAILABLE and version >= MODEL_FROM):
                continue
            if member.key.startswith(_FOR_PEOPLE) or not member.key.strip():
                continue
            near = very_near(member.key, (_AVAILABLE,) if has_roles else (_ROLES, _AVAILABLE))
            if near and near[0] == _ROLES:
                continue  # the service does not start without roles, and roles-wrong-shape says so
            yield self._member(source, member, version, meant=bool(near), twice=root.get(_AVAILABLE) is not None)

    def _member(self, source: Source, member: Member, version: Version, *, meant: bool, twice: bool) -> Finding:
        ignored = f"The auth service {version} ignores {member.key}"
        fix: Fix | None = None
        if meant and version < MODEL_FROM:
            message = f"{ignored}: it has no list of labels before {MODEL_FROM}."
            help_ = f"Remove it, or use the auth service {MODEL_FROM} or later and write {_AVAILABLE}."
            severity, persona = Severity.INFO, Persona.PEDANTIC
        elif meant and not twice:
            message = f"{ignored} and takes the list for empty: whoever may edit labels can create any label."
            help_ = f"Write {_AVAILABLE}."
            severity, persona = self.severity, Persona.REGULAR
            fix = rename_member(source, member, _AVAILABLE)
        elif meant:
            message = f"{ignored}: {_AVAILABLE} beside it counts."
            help_ = "Remove it."
            severity, persona = self.severity, Persona.REGULAR
        else:
            message = f"{ignored}."
            help_ = "Remove it, or look up what was meant: the keys are roles and available-labels."
            severity, persona = Severity.INFO, Persona.PEDANTIC
        return self.finding(
            source.place(member.key_span),
            message,
            help_,
            severity=severity,
            persona=persona,
            fix=fix,
            facts={"subject": member.key, "meant": _AVAILABLE if meant else None},
        )
