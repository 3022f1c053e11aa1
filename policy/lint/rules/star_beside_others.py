"""Rule ``star-beside-others``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, behaviour_of
from policy.lint.views.node_fixes import replace_node
from policy.lint.views.written import STAR, Rights, profile_in, roles_in, texts

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService
    from policy.lint.context import Context
    from policy.text import Node


class StarBesideOthers(Rule):
    r"""A star among labels that does not do what it looks like.

    ## What it checks

    The label `*`, exactly so, stands for every study.
    Reported are labels beside it, which have no effect, and texts with a star in them that are not exactly `*`.

    ## Why it matters

    Who reads a role with `["external", "*"]` takes it for limited; it sees everything.
    `" *"` and `"ext*"` are ordinary labels that no study can have: the role sees nothing by them.

    ## Example

    ```json permissions.json line=3 severity=info
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["external", "*"]}
      }
    }
    ```
    ---
    ```json permissions.json line=3,4 severity=warning
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": [" *"]},
        "trial-role": {"permissions": ["view"], "authorized-labels": ["trial-*", "internal"]}
      }
    }
    ```

    ## Use instead

    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "trial-role": {"permissions": ["view"], "authorized-labels": ["trial-1", "trial-2"]}
      }
    }
    ```
    """

    code: ClassVar[str] = "ROL011"
    name: ClassVar[str] = "star-beside-others"
    title: ClassVar[str] = "Star that is no star, or not alone"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "nist:AC-6")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        version = service.version.version
        if behaviour is None or version < LABELS_FROM:
            return
        profile = profile_in(service.anonymous, version) if behaviour.reads_anonymous_profile else None
        holders = (*roles_in(service.permissions, version), *([profile] if profile is not None else []))
        for rights in holders:
            nodes = list(texts(rights.labels))
            for node in nodes:
                if STAR in str(node.value) and node.value != STAR:
                    yield self._no_star(rights, node)
            stars = [node for node in nodes if node.value == STAR]
            others = [str(node.value) for node in nodes if node.value != STAR]
            if stars and others:
                yield self._beside(rights, stars[0], others)

    def _beside(self, rights: Rights, node: Node, others: list[str]) -> Finding:
        shown = ", ".join(repr(label)[:60] for label in others[:3]) + (" and more" if len(others) > 3 else "")
        return self.finding(
            rights.source.place(node.span),
            f"{rights.who[0].upper()}{rights.who[1:]} reaches every study: beside * the labels {shown} have no effect.",
            "Keep the star alone if every study is meant, else remove it.",
            severity=Severity.INFO,
            facts={"subject": rights.name, "kind": "beside", "others": len(others)},
        )

    def _no_star(self, rights: Rights, node: Node) -> Finding:
        label = str(node.value)
        blanks = label.strip() == STAR
        return self.finding(
            rights.source.place(node.span),
            f"{label[:80]!r} is an ordinary label, which no study can have: {rights.who} sees nothing by it. Only * alone "
            "stands for every study.",
            'Write "*" for every study.' if blanks else "Write each label out; there are no patterns.",
            fix=replace_node(rights.source, node, STAR, 'Write "*", for every study') if blanks else None,
            facts={"subject": label, "kind": "no-star", "role": rights.name},
        )
