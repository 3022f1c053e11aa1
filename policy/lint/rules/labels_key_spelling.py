"""Rule ``labels-key-spelling``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.node_fixes import remove_nodes, rename_member
from policy.lint.views.written import (
    LABEL_KEYS,
    LABELS,
    LABELS_OLD,
    Rights,
    label_keys_read,
    profile_in,
    roles_in,
)

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context
    from policy.text import Member


class LabelsKeySpelling(Rule):
    r"""`authorized-labels` and `authorized_labels`.

    ## What it checks

    The auth service reads the labels of a role under both spellings since 24.6.0, and only with the underscore before.
    Reported are the hyphen with an old service, both spellings in one role or profile, and two spellings in one file.

    ## Why it matters

    Up to 24.5.1 a role without `authorized_labels` keeps the service from starting.
    Since then the hyphen wins where both stand in one role, in whatever order, and the other list is dropped without a
    word; before it was the other way round, so that an upgrade changes who sees what.

    ## Example

    ```json permissions.json line=3 auth-service=24.5.1
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=6
    {
      "roles": {
        "doctor-role": {
          "permissions": ["view"],
          "authorized-labels": ["external"],
          "authorized_labels": ["*"]
        }
      }
    }
    ```
    ---
    ```json permissions.json line=5 severity=info
    {
      "roles": {
        "admin-role": {"permissions": ["all"], "authorized_labels": ["*"]},
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]},
        "external-role": {"permissions": ["view"], "authorized-labels": ["external"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "external-role": {"permissions": ["view"], "authorized-labels": ["external"]}
      },
      "available-labels": ["external"]
    }
    ```

    ## Exceptions

    One spelling in the whole file is right, whichever it is:

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized_labels": ["*"]}
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL002"
    name: ClassVar[str] = "labels-key-spelling"
    title: ClassVar[str] = "Two spellings of authorized-labels"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "nist:CM-6", "nist:AC-3(7)")
    fixable: ClassVar[str] = "safe or unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        version = service.version.version
        if behaviour is None or version < LABELS_FROM:
            return
        roles = roles_in(service.permissions, version)
        profile = profile_in(service.anonymous, version) if behaviour.reads_anonymous_profile else None
        both = [rights for rights in (*roles, *([profile] if profile is not None else [])) if _both(rights)]
        for rights in both:
            yield self._both(rights)
        single = [(rights, _single(rights)) for rights in roles if not _both(rights)]
        members = [(rights, member) for rights, member in single if member is not None]
        if version < MODEL_FROM:
            for rights, member in members:
                if member.key == LABELS:
                    yield self._old(rights, member)
        else:
            yield from self._mixed(members)

    def _old(self, rights: Rights, member: Member) -> Finding:
        return self.finding(
            rights.source.place(member.key_span),
            f"The auth service {rights.version} does not start: it reads {LABELS_OLD} only, and {rights.who} has none. "
            f"Orthanc then refuses everybody.",
            f"Write {LABELS_OLD}, or use the auth service {MODEL_FROM} or later.",
            fix=rename_member(rights.source, member, LABELS_OLD),
            facts={"subject": rights.name, "kind": "old"},
        )

    def _both(self, rights: Rights) -> Finding:
        hyphen, underscore = rights.node.member(LABELS), rights.node.member(LABELS_OLD)
        assert hyphen is not None and underscore is not None  # noqa: S101, PT018 - _both() saw them
        reads = label_keys_read(rights.version)[0]
        counts, lost = (hyphen, underscore) if reads == LABELS else (underscore, hyphen)
        same = counts.value.python() == lost.value.python()
        since = "before 24.6.0 the one with the underscore did" if reads == LABELS else "from 24.6.0 on the hyphen wins"
        return self.finding(
            rights.source.place(lost.key_span),
            f"{rights.who[0].upper()}{rights.who[1:]} has both spellings: with the auth service {rights.version} "
            f"{counts.key} counts, and {lost.key} is dropped without a word" + ("." if same else f"; {since}."),
            f"Keep {counts.key} alone.",
            severity=Severity.INFO if same else Severity.WARNING,
            related=[Related(rights.source.place(counts.key_span), "the one that counts")],
            fix=remove_nodes(rights.source, (lost,), f"Remove {lost.key}", safe=True),
            facts={"subject": rights.name, "kind": "both", "counts": counts.key, "same": same},
        )

    def _mixed(self, members: list[tuple[Rights, Member]]) -> Iterator[Finding]:
        by_key = {key: [pair for pair in members if pair[1].key == key] for key in LABEL_KEYS}
        if not all(by_key.values()):
            return
        rare, usual = sorted(LABEL_KEYS, key=lambda key: (len(by_key[key]), key != LABELS))
        if len(by_key[rare]) == len(by_key[usual]):
            rare, usual = LABELS_OLD, LABELS
        for rights, member in by_key[rare]:
            yield self.finding(
                rights.source.place(member.key_span),
                f"This file has both spellings: {member.key} here, {usual} in {len(by_key[usual])} "
                f"{'role' if len(by_key[usual]) == 1 else 'roles'}. The auth service {rights.version} reads both; one "
                f"before {MODEL_FROM} would not start with the hyphen.",
                f"Write {usual} throughout.",
                severity=Severity.INFO,
                fix=rename_member(rights.source, member, usual, safe=True),
                facts={"subject": rights.name, "kind": "mixed"},
            )


def _both(rights: Rights) -> bool:
    return all(rights.node.member(key) is not None for key in LABEL_KEYS)


def _single(rights: Rights) -> Member | None:
    return next((member for key in LABEL_KEYS if (member := rights.node.member(key)) is not None), None)
