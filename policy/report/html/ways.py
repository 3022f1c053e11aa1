"""The decision graph of a page: requests, rules, permissions, people and labels, and the table of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from policy.engine.graph import graph
from policy.export.graphs import parts

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.engine.graph import Node
    from policy.report.excerpt import Masks

_MOST_PROVED = 300
"""With more rules the page does not wait for a proof of what each of them decides."""
COLUMNS = ("who", "permissions", "rules", "requests")
_COLUMN_OF = {
    "role": "who",
    "anybody": "who",
    "permission": "permissions",
    "rule": "rules",
    "class": "requests",
    "unchecked": "requests",
}


class RuleLine(NamedTuple):
    """A rule in the table. ``request`` is one that it decides; ``never`` says that there is none, which is proved."""

    number: int
    method: str
    pattern: str
    permissions: tuple[str, ...]
    who: tuple[str, ...]
    origin: str
    request: str
    never: bool


class Ways(NamedTuple):
    """The table of rules, and ``data`` for the scripts: nodes by column, edges between their numbers."""

    rules: tuple[RuleLine, ...]
    data: dict[str, Any]


def ways(policy: Policy, masks: Masks) -> Ways:
    """The graph of a policy; with the requests that each rule decides, unless the rules are too many."""
    proved = len(policy.rules) <= _MOST_PROVED
    whole = graph(policy, classes=proved)
    vertices, edges = parts(whole)
    numbers = {one.name: number for number, one in enumerate(vertices)}
    labels: dict[int, list[str]] = {}
    for edge in edges:
        target = vertices[numbers[edge.target]]
        if target.kind == "label":
            labels.setdefault(numbers[edge.source], []).append(target.text)
    data = {
        "nodes": [
            [_COLUMN_OF.get(one.kind, ""), one.kind, masks.text(one.text), masks.text(one.origin),
             masks.text(", ".join(labels.get(number, ())))]
            for number, one in enumerate(vertices)
        ],
        "edges": [[numbers[edge.source], numbers[edge.target]] for edge in edges],
        "proved": proved,
    }  # fmt: skip
    deciding: dict[int, tuple[str, bool]] = {}
    for node, about in whole.nodes(data=True):
        if node[0] == "class" and node[1][1] is not None:
            method, index = node[1]
            witness = about["witness"]
            deciding[index] = (f"{method} {witness}" if witness is not None else "", witness is not None)
    lines = []
    for rule in policy.rules:
        around: Node = ("rule", rule.index)
        asked = [key for kind, key in whole.successors(around) if kind == "permission"]
        who = [key for name in asked for kind, key in whole.successors(("permission", name)) if kind == "role"]
        request, _ = deciding.get(rule.index, ("", False))
        lines.append(
            RuleLine(
                rule.index,
                rule.method,
                masks.text(rule.pattern),
                tuple(map(masks.text, sorted(rule.permissions))),
                ("everybody",) if rule.open else tuple(masks.text(name or "visitors") for name in dict.fromkeys(who)),
                masks.text(str(rule.origin)),
                masks.text(request),
                proved and rule.index not in deciding,
            )
        )
    return Ways(tuple(lines), data)
