"""How many ways a pattern can read the same text: Boost tries them all before it says no.

Exponential: one loop can read a text in two ways, each time round.
Polynomial: two loops, one behind the other, can share a text between them at any place.
Both are found on the position automaton's product with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from policy.patterns import classes
from policy.patterns.automaton import partition
from policy.patterns.positions import Positions
from policy.tuples import NamedTuple

_T = TypeVar("_T", bound=Hashable)

#: How many nodes of a product are looked at before the worse answer is taken for granted.
_PATIENCE = 40_000


class Pump(NamedTuple):
    """Sets of bytes: how to reach a loop, and what to read again and again there."""

    growth: str
    prefix: tuple[int, ...]
    loop: tuple[int, ...]


class _TooMany(Exception):
    """A graph with too many nodes to look at."""


def components(nodes: Iterable[_T], following: Callable[[_T], Iterable[_T]], most: int | None = None) -> list[list[_T]]:
    """The strongly connected components of a graph, each as a list (Tarjan's way, without recursion)."""
    index: dict[_T, int] = {}
    low: dict[_T, int] = {}
    on_stack: set[_T] = set()
    stack: list[_T] = []
    found: list[list[_T]] = []
    for root in nodes:
        if root in index:
            continue
        work: list[tuple[_T, Iterator[_T]]] = [(root, iter(following(root)))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    if most is not None and len(index) > most:
                        raise _TooMany
                    index[successor] = low[successor] = len(index)
                    stack.append(successor)
                    on_stack.add(successor)
                    work.append((successor, iter(following(successor))))
                    break
                if successor in on_stack:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    found.append(component)
    return found


class _Graph:
    def __init__(self, source: Positions) -> None:
        self.symbols = source.symbols
        self.follow: list[dict[int, int]] = []
        for row in source.steps:
            ways: dict[int, int] = {}
            for step in row:
                ways[step.target] = ways.get(step.target, 0) + step.ways
            self.follow.append(ways)
        self.start = [number for _, number in source.starts]
        self.component: dict[int, int] = {}
        self.loops: list[list[int]] = []
        for number, component in enumerate(components(range(len(self.symbols)), lambda place: self.follow[place])):
            for place in component:
                self.component[place] = number
            if len(component) > 1 or component[0] in self.follow[component[0]]:
                self.loops.append(component)

    def pairs(self, pair: tuple[int, int], inside: frozenset[int]) -> list[tuple[int, int]]:
        one, two = pair
        return [
            (first, second)
            for first in self.follow[one]
            if first in inside
            for second in self.follow[two]
            if second in inside and self.symbols[first] & self.symbols[second]
        ]

    def route(self, target: int) -> tuple[int, ...]:
        """The sets of bytes on a shortest way from the start to a position."""
        came: dict[int, int | None] = dict.fromkeys(self.start)
        pending = list(self.start)
        for place in pending:
            if place == target:
                break
            for following in self.follow[place]:
                if following not in came:
                    came[following] = place
                    pending.append(following)
        out: list[int] = []
        place_: int | None = target
        while place_ is not None and place_ in came and came[place_] is not None:
            out.append(self.symbols[place_])
            place_ = came[place_]
        return tuple(reversed(out))


def ambiguity(source: Positions) -> Pump | None:
    """The worst ambiguity of an automaton, with a text that shows it; None if reading is never repeated."""
    graph = _Graph(source)
    for loop in graph.loops:
        pump = _exponential(graph, loop)
        if pump is not None:
            return pump
    return _polynomial(graph)


def _exponential(graph: _Graph, loop: list[int]) -> Pump | None:
    inside = frozenset(loop)
    for place in loop:
        for target, ways in graph.follow[place].items():
            if ways > 1 and target in inside:
                back = _walk(target, place, lambda node: [n for n in graph.follow[node] if n in inside])
                word = (graph.symbols[target], *(graph.symbols[node] for node in back or ()))
                return Pump("exponential", graph.route(place), word)
    if len(loop) == 1:
        return None
    diagonal = [(place, place) for place in loop]
    try:
        found = components(diagonal, lambda pair: graph.pairs(pair, inside), _PATIENCE)
    except _TooMany:
        return Pump("exponential", graph.route(loop[0]), (graph.symbols[loop[0]],))
    for component in found:
        if len(component) < 2:
            continue
        same = next((pair for pair in component if pair[0] == pair[1]), None)
        other = next((pair for pair in component if pair[0] != pair[1]), None)
        if same is None or other is None:
            continue
        out = _walk(same, other, lambda pair: graph.pairs(pair, inside)) or []
        back_ = _walk(other, same, lambda pair: graph.pairs(pair, inside)) or []
        word = tuple(graph.symbols[one] & graph.symbols[two] for one, two in [*out, *back_])
        return Pump("exponential", graph.route(same[0]), word)
    return None


def _polynomial(graph: _Graph) -> Pump | None:
    reachable: dict[int, set[int]] = {}
    for loop in graph.loops:
        seen: set[int] = set()
        pending = [loop[0]]
        while pending:
            for following in graph.follow[pending.pop()]:
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
        reachable[graph.component[loop[0]]] = seen
    budget = _PATIENCE
    for first in graph.loops:
        after = reachable[graph.component[first[0]]]
        for second in graph.loops:
            if second is first or second[0] not in after:
                continue
            for p in first:
                for q in second:
                    found, budget = _shared(graph, p, q, frozenset(first), frozenset(second), budget)
                    if found is not None:
                        return Pump("polynomial", graph.route(p), found)
                    if budget <= 0:
                        return Pump("polynomial", graph.route(p), (graph.symbols[p],))
    return None


def _shared(
    graph: _Graph, p: int, q: int, first: frozenset[int], second: frozenset[int], budget: int
) -> tuple[tuple[int, ...] | None, int]:
    """A text that leads from p to p, from p to q and from q to q."""
    start, goal = (p, p, q), (p, q, q)
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], int] | None] = {start: None}
    pending = [start]
    symbols = graph.symbols
    for node in pending:
        one, two, three = node
        for next_one in graph.follow[one]:
            if next_one not in first:
                continue
            for next_three in graph.follow[three]:
                both = symbols[next_one] & symbols[next_three]
                if next_three not in second or not both:
                    continue
                for next_two in graph.follow[two]:
                    mask = both & symbols[next_two]
                    following = (next_one, next_two, next_three)
                    if not mask or following in came:
                        continue
                    came[following] = (node, mask)
                    if following == goal:
                        return _unroll(came, goal), budget
                    budget -= 1
                    if budget <= 0:
                        return None, 0
                    pending.append(following)
    return None, budget


def _unroll(came: dict[_T, tuple[_T, int] | None], goal: _T) -> tuple[int, ...]:
    out = []
    step = came[goal]
    while step is not None:
        node, mask = step
        out.append(mask)
        step = came[node]
    return tuple(reversed(out))


def _walk(start: _T, goal: _T, following: Callable[[_T], Iterable[_T]]) -> list[_T] | None:
    """The nodes after the start on a shortest way to the goal."""
    if start == goal:
        return []
    came: dict[_T, _T | None] = {start: None}
    pending = [start]
    for node in pending:
        for successor in following(node):
            if successor in came:
                continue
            came[successor] = node
            if successor == goal:
                out = [successor]
                back = came[successor]
                while back is not None and back != start:
                    out.append(back)
                    back = came[back]
                return list(reversed(out))
            pending.append(successor)
    return None


def breadth(source: Positions) -> int:
    """At most how many ways lead to a position, whatever is read, each loop taken as one: a quick bound."""
    graph = _Graph(source)
    order: dict[int, list[int]] = {}
    for place, component in graph.component.items():
        order.setdefault(component, []).append(place)
    ways: dict[int, int] = {}
    most = 1
    # Tarjan's way numbers components from the end to the start.
    for component in sorted(order, reverse=True):
        if any(place in graph.start for place in order[component]):
            ways[component] = 1
        count = ways.get(component, 0)
        most = max(most, count * len(order[component]))
        for place in order[component]:
            for target, number in graph.follow[place].items():
                if graph.component[target] != component:
                    ways[graph.component[target]] = ways.get(graph.component[target], 0) + count * number
    return most


def crowd(source: Positions, enough: int, patience: int = 500) -> int | None:
    """The most readings of one text that are under way at the same time, counted exactly.

    None if they are more than ``enough``, or if that is not known after ``patience`` sets of readings.
    """
    start = tuple((number, 1) for mask, number in source.starts if mask >> 256)
    seen = {start}
    pending = [start]
    most = 1
    for state in pending:
        counts: dict[int, int] = {}
        for place, count in state:
            for step in source.steps[place]:
                counts[step.target] = counts.get(step.target, 0) + count * step.ways
        for part in partition(source.symbols[place] for place in counts):
            following = tuple((place, counts[place]) for place in sorted(counts) if source.symbols[place] & part)
            if following in seen or not following:
                continue
            most = max(most, sum(count for _, count in following))
            if most > enough or len(seen) > patience:
                return None
            seen.add(following)
            pending.append(following)
    return most


def readings(source: Positions, data: bytes, enough: int) -> int:
    """How many ways there are to read the path's beginnings, all together; counted up to ``enough``.

    Boost visits at most a fixed number of states for each of them.
    """
    follow = [[(step.target, step.ways) for step in row] for row in source.steps]
    counts = {number: 1 for mask, number in source.starts if mask & (1 << 256)}
    total = 1
    for byte in data:
        bit = 1 << byte
        moved: dict[int, int] = {}
        for place, count in counts.items():
            for target, ways in follow[place]:
                if source.symbols[target] & bit:
                    moved[target] = moved.get(target, 0) + count * ways
        if not moved:
            break
        counts = moved
        total += sum(counts.values())
        if total > enough:
            return total
    return total


def readable(mask: int, wanted: bytes) -> int:
    """The byte of a set that a person would rather read."""
    for byte in wanted:
        if mask >> byte & 1:
            return byte
    return classes.members(mask)[0]
