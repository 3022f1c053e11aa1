"""Rule ``label-unknown``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import labels as label_table
from policy.lint.finding import Confidence, Finding, Fix, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, MODEL_FROM, behaviour_of
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import replace_node
from policy.lint.views.written import STAR, Rights, profile_in, roles_in, texts
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Source
    from policy.lint.context import Context
    from policy.text import Node

_SEPARATOR = regex(r"\s*[,;|]\s*|\s+")
_Uses = dict[str, list[tuple[Rights, "Node"]]]


class LabelUnknown(Rule):
    r"""A label that no study has.

    ## What it checks

    Labels of roles and of the anonymous profile: those that Orthanc cannot store (only letters, digits, underscore and
    hyphen, at most 64 characters), those that are missing in a non-empty `available-labels`, and those that differ from
    another one in case only.

    ## Why it matters

    Labels are compared letter by letter, and nobody checks them: the role sees nothing, without a word.
    Several labels in one text are one label; patterns and variables are not understood.

    ## Example

    ```json permissions.json line=3,4
    {
      "roles": {
        "a-role": {"permissions": ["view"], "authorized-labels": ["external, internal"]},
        "b-role": {"permissions": ["view"], "authorized-labels": ["${LABEL}", "internal"]}
      }
    }
    ```
    ---
    ```json permissions.json line=3
    {
      "roles": {
        "a-role": {"permissions": ["view"], "authorized-labels": ["extrenal"]},
        "b-role": {"permissions": ["view"], "authorized-labels": ["internal"]}
      },
      "available-labels": ["external", "internal"]
    }
    ```
    ---
    ```json permissions.json line=3 severity=info
    {
      "roles": {
        "a-role": {"permissions": ["view"], "authorized-labels": ["cardiology"]}
      },
      "available-labels": ["external", "internal"]
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "a-role": {"permissions": ["view"], "authorized-labels": ["external", "internal"]},
        "b-role": {"permissions": ["view"], "authorized-labels": ["*"]}
      },
      "available-labels": ["external", "internal", "Ward_7-B"]
    }
    ```

    ## Exceptions

    An empty `available-labels` names no labels, so nothing is compared with it.

    ```json permissions.json
    {
      "roles": {
        "a-role": {"permissions": ["view"], "authorized-labels": ["cardiology"]}
      },
      "available-labels": []
    }
    ```
    """

    code: ClassVar[str] = "ROL010"
    name: ClassVar[str] = "label-unknown"
    title: ClassVar[str] = "Label that no study has"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:863", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        version = service.version.version
        if behaviour is None or version < LABELS_FROM:
            return
        holders = list(roles_in(service.permissions, version))
        profile = profile_in(service.anonymous, version) if behaviour.reads_anonymous_profile else None
        uses: _Uses = {}
        for rights in (*holders, *([profile] if profile is not None else [])):
            for node in texts(rights.labels):
                # What has a star in it is the business of star-beside-others.
                if STAR not in str(node.value):
                    uses.setdefault(str(node.value), []).append((rights, node))
        available = tuple(_available(service.permissions)) if version >= MODEL_FROM else ()
        good: _Uses = {}
        for label, places in uses.items():
            if label_table.accepted(label):
                good[label] = places
            else:
                yield self._impossible(label, places)
        if available:
            yield from self._not_available(good, {str(node.value) for node in available})
            yield from self._impossible_available(service.permissions, available)
        else:
            yield from self._case(good)

    def _impossible(self, label: str, places: list[tuple[Rights, Node]]) -> Finding:
        rights, node = places[0]
        parts = [part for part in _SEPARATOR.split(label.strip()) if part]
        fix: Fix | None = None
        if "$" in label:
            advice = "Write the label itself: the auth service replaces no variables in this file."
        elif len(parts) > 1 and all(map(label_table.accepted, parts)):
            advice = f"Write each label as a text of its own: {', '.join(f'{chr(34)}{part}{chr(34)}' for part in parts[:4])}."
        elif label_table.accepted(label.strip()):
            advice = f'Write "{label.strip()}", without the blanks.'
            fix = replace_node(rights.source, node, label.strip(), "Remove the blanks")
        else:
            advice = "A label has letters, digits, underscores and hyphens only, and at most 64 characters."
        what = f"the label {label[:80]!r}" if label else "the empty label"
        return self.finding(
            rights.source.place(node.span),
            f"No study can have {what}, for Orthanc takes no such label: {rights.who} sees nothing by it.",
            advice,
            related=_others(places),
            fix=fix,
            facts={"subject": label, "kind": "impossible", "role": rights.name},
        )

    def _not_available(self, uses: _Uses, available: set[str]) -> Iterator[Finding]:
        for label, places in uses.items():
            if label in available:
                continue
            rights, node = places[0]
            near = very_near(label, sorted(available))
            yield self.finding(
                rights.source.place(node.span),
                f"{rights.who[0].upper()}{rights.who[1:]} has the label {label}, which available-labels does not list: in "
                "Orthanc Explorer 2 nobody can put it on a study, and nothing else compares the two lists.",
                f"Did you mean {near[0]}?" if near else "Add it to available-labels, or correct it.",
                severity=Severity.WARNING if near else Severity.INFO,
                confidence=Confidence.LIKELY,
                related=_others(places),
                fix=replace_node(rights.source, node, near[0], f"Write {near[0]}") if len(near) == 1 else None,
                facts={"subject": label, "kind": "not-available", "role": rights.name, "near": near},
            )

    def _impossible_available(self, source: Source | None, available: Iterable[Node]) -> Iterator[Finding]:
        for node in available:
            label = str(node.value)
            if source is not None and label != STAR and not label_table.accepted(label):
                yield self.finding(
                    source.place(node.span),
                    f"Nobody can put the label {label[:80]!r} on a study: Orthanc takes no such label.",
                    "A label has letters, digits, underscores and hyphens only, and at most 64 characters.",
                    facts={"subject": label, "kind": "impossible", "role": None},
                )

    def _case(self, uses: _Uses) -> Iterator[Finding]:
        """Labels that are one but for their case, told at the one that is used less."""
        alike: dict[str, list[str]] = {}
        for label in uses:
            alike.setdefault(label.casefold(), []).append(label)
        for labels in alike.values():
            if len(labels) < 2:
                continue
            usual, *others = sorted(labels, key=lambda label: -len(uses[label]))
            for label in others:
                rights, node = uses[label][0]
                yield self.finding(
                    rights.source.place(node.span),
                    f"{rights.who[0].upper()}{rights.who[1:]} has the label {label}, others {usual}: case counts, so these "
                    "are two labels, and a study with one has not the other.",
                    f"Did you mean {usual}?",
                    confidence=Confidence.LIKELY,
                    related=_others(uses[usual], first=True),
                    fix=replace_node(rights.source, node, usual, f"Write {usual}"),
                    facts={"subject": label, "kind": "case", "role": rights.name, "near": (usual,)},
                )


def _available(source: Source | None) -> Iterator[Node]:
    root = source.document.root if source is not None else None
    yield from texts(root.member("available-labels") if root is not None else None)


def _others(places: list[tuple[Rights, Node]], *, first: bool = False) -> list[Related]:
    chosen = places[:5] if first else places[1:6]
    return [Related(rights.source.place(node.span), f"{rights.who} has it") for rights, node in chosen]
