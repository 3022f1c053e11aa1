"""The policy as a graph: method and route, rule, permission, role, label; and the questions that it answers.

Nodes are pairs of a kind and a key, edges point from a route to those who may call it:

* ``("route", "GET /studies")`` to ``("rule", 3)``: the first rule that matches,
* ``("class", ("GET", 3))`` to ``("rule", 3)``: all paths that this rule is the first to match, with a ``witness``;
  ``("class", ("GET", None))``: those that no rule matches,
* ``("rule", 3)`` to ``("permission", "view")``: one of its permissions is enough,
* ``("rule", 3)`` to ``("anybody", "")``: it asks for none,
* ``("permission", "view")`` to ``("role", "doctor")``: who holds it,
* ``("role", "doctor")`` to ``("label", "external")``: which labels it may see,
* ``("unchecked", "/ui/app/")`` to ``("anybody", "")``.

The role of visitors is ``("role", "")``. Every node and edge has an ``origin`` where one is known.
networkx is imported when a graph is first made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from policy.engine.decision import Decision, Effect
from policy.engine.route_classes import route_classes
from policy.records import dataclass

if TYPE_CHECKING:
    from networkx import DiGraph

    from policy.engine.policy import Policy
    from policy.engine.sender import UserProfile

Node = tuple[str, Any]

ANYBODY: Node = ("anybody", "")
VISITOR = ""
"""The name of the role that stands for requests without a credential."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who gets what on a route: ``role`` is a name, or empty for visitors."""

    role: str
    decision: Decision


def roles_with_profiles(policy: Policy) -> Iterator[tuple[str, UserProfile]]:
    """Visitors, then every role of the auth service alone, with the profile that the plugin gets."""
    yield VISITOR, policy.profile_of(None)
    if policy.roles is not None:
        for name in policy.roles.roles:
            yield name, policy.profile_of(name)


def graph(policy: Policy, routes: Iterable[str] = (), *, classes: bool = False) -> DiGraph[Any]:
    """The graph of a policy.

    ``routes``: routes to put in as nodes, each under the first rule that matches it; ``classes``: whether to put in the
    route classes, which takes a proof for each rule (a rule that no class leads to never decides).
    """
    from networkx import DiGraph

    result: DiGraph[Any] = DiGraph(plugin=policy.version, off=policy.off)
    result.add_node(ANYBODY)
    for one in policy.unchecked:
        node: Node = ("unchecked", one.path)
        result.add_node(node, origin=one.origin, kind=one.kind)
        result.add_edge(node, ANYBODY, origin=one.origin)
    for rule in policy.rules:
        node = ("rule", rule.index)
        result.add_node(node, rule=rule, method=rule.method, pattern=rule.pattern, origin=rule.origin)
        if rule.open:
            result.add_edge(node, ANYBODY, origin=rule.origin)
        for permission in sorted(rule.permissions):
            result.add_edge(node, ("permission", permission), origin=rule.origin)
    for name, profile in roles_with_profiles(policy):
        role: Node = ("role", name)
        result.add_node(role, visitor=name == VISITOR)
        for permission in sorted(profile.permissions):
            result.add_edge(("permission", permission), role)
        for label in sorted(profile.labels):
            result.add_edge(role, ("label", label))
    for one_class in route_classes(policy) if classes else ():
        first = one_class.rule
        node = ("class", (one_class.method, first.index if first is not None else None))
        result.add_node(node, witness=one_class.witness, why=one_class.why)
        if first is not None:
            result.add_edge(node, ("rule", first.index), origin=first.origin)
    for route in routes:
        _add_route(result, policy, route)
    return result


def _add_route(result: DiGraph[Any], policy: Policy, route: str) -> None:
    decision = policy.decide(route)
    node: Node = ("route", decision.request)
    result.add_node(node)
    method, _, target = decision.request.partition(" ")
    path = target.partition("?")[0]
    if method == "GET":
        for one in policy.unchecked:
            if path == one.path or (one.kind == "folder" and path.startswith(one.path)):
                result.add_edge(node, ("unchecked", one.path), origin=one.origin)
                return
    if decision.rule is not None:
        result.add_edge(node, ("rule", decision.rule.index), origin=decision.rule.origin)


def who_can(policy: Policy, route: str, *, resource: Any = None) -> tuple[Access, ...]:
    """Visitors and roles that may call ``route``, for certain or under conditions, each with the decision."""
    found = []
    for name, _ in roles_with_profiles(policy):
        decision = policy.decide(route, name or None, resource=resource)
        if decision.effect is not Effect.DENY:
            found.append(Access(name, decision))
    return tuple(found)


def routes_of(policy: Policy, role: str | None, routes: Iterable[str]) -> tuple[tuple[str, Decision], ...]:
    """Those of ``routes`` that ``role`` (None: visitors) may call, for certain or under conditions."""
    decided = ((route, policy.decide(route, role)) for route in routes)
    return tuple((route, decision) for route, decision in decided if decision.effect is not Effect.DENY)


def paths(policy: Policy, role: str | None, route: str) -> tuple[tuple[Node, ...], ...]:
    """Every way from a route to a role through the graph, as tuples of nodes; empty if there is none.

    A way through the graph is what permissions allow: labels may still stand against it.
    """
    from networkx import all_simple_paths

    whole = graph(policy, [route])
    source: Node = ("route", policy.decide(route).request)
    targets = [ANYBODY, ("role", role or VISITOR)]
    found: set[tuple[Node, ...]] = set()
    for target in targets:
        if target in whole:
            found.update(tuple(path) for path in all_simple_paths(whole, source, target))
    return tuple(sorted(found, key=lambda path: (len(path), repr(path))))


__all__ = ["ANYBODY", "VISITOR", "Access", "graph", "paths", "roles_with_profiles", "routes_of", "who_can"]
