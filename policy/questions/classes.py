"""Route classes: requests that one or several policies do not tell apart, each with a request that stands for them.

What a policy answers depends on the path by four things alone: whether the path is unchecked, which rule is the first
to match, what the path touches, and whether it is the one search that passes for everybody.
All of them are regular languages, so a survey of their automata gives every combination that some request meets.
What holds for one request of a class holds for all of them: this is what diffs, checks and coverage are proved with.

Left aside are paths on which Boost gives up, which no automaton shows; :mod:`policy.questions.too_complex` names the
rules that have any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, cached_property, partial
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from policy import patterns
from policy.engine.level import Level
from policy.engine.request import Seen
from policy.engine.rules import METHODS
from policy.errors import PolicyError
from policy.knowledge import plugin
from policy.patterns.errors import Undecided
from policy.questions.requests import argument_forms, known_requests, reading, request_text
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.engine import Policy, Rule
    from policy.patterns import Pattern
    from policy.patterns.order import Members, Survey

REACHABLE = r"^/(?:[^/\\\x00]*[^/\\\x00.](?:/[^/\\\x00]*[^/\\\x00.])*/?)?$"
"""The paths that can reach the filter: the web server drops repeated slashes, backslashes, zeros and stray dots."""
SEARCH = "/dicom-web/studies"
"""The one path that passes for everybody, in releases that have the exception."""
_MOST_OUTSIDE = 6
"""Patterns that are no regular languages are assumed to match, and not to match, in every combination of so many."""
_TRIES = 200
_NOTHING: Mapping[str, str] = MappingProxyType({})
_FOLDERS = ("patients", "studies", "series", "instances")


class Side(NamedTuple):
    """What one policy makes of the requests of a class.

    ``rule`` is the first that matches; ``level`` is what the path touches, None for nothing at all; ``listed`` says
    that the path lists all resources of a level.  Where GET is ``unchecked`` nothing else is looked at.
    """

    rule: Rule | None = None
    unchecked: bool = False
    level: Level | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RouteClass:
    """Requests that no policy of the partition tells apart.

    ``sides`` are the policies' views, in order; ``marks`` the languages, given with the policies, that hold the paths.
    ``seen`` is one of the requests, with a shortest path and, for searches, with a query string.
    ``certain`` is false where rules that are no regular languages are concerned and no request was found by trying.
    """

    number: int
    method: str
    sides: tuple[Side, ...]
    marks: frozenset[int]
    seen: Seen
    query: str
    certain: bool
    sets: tuple[Members, ...] = field(repr=False)

    @property
    def request(self) -> str:
        """The request as it is sent."""
        return request_text(self.method, self.seen.path, self.query)


class _Key(NamedTuple):
    method: str
    sides: tuple[Side, ...]
    search: bool
    marks: frozenset[int]


class Partition:
    """All route classes of some policies, one survey for each method.

    ``marks`` are further languages that the classes tell apart, such as the routes of a question.
    Raises :class:`policy.patterns.errors.Undecided` where the automata are too large.
    """

    def __init__(
        self, policies: Sequence[Policy], *, methods: Iterable[str] = METHODS, marks: Sequence[Pattern] = ()
    ) -> None:
        self.policies = tuple(policies)
        self.marks = tuple(marks)
        self._exception = any(
            one.behaviour.search_exception and one.settings.shares and one.off is None for one in policies
        )
        self._keys: dict[_Key, RouteClass] = {}
        self._tables = {method: _Table(self.policies, self.marks, method, self._exception) for method in methods}
        for method, table in self._tables.items():
            self._survey(method, table)
        self.classes: tuple[RouteClass, ...] = tuple(self._keys.values())

    def _survey(self, method: str, table: _Table) -> None:
        found: dict[_Key, list[tuple[Members, str, str, Mapping[str, str], bool]]] = {}
        for members, state in table.survey.reached.items():
            if table.reachable not in members:
                continue
            path = table.survey.shortest(state)
            for assumed, tried in table.assumptions(members, path):
                inside = frozenset(members) | assumed
                for arguments, query in table.arguments(inside, path):
                    key = self._key(method, table, inside, path, arguments)
                    found.setdefault(key, []).append((members, tried or path, query, arguments, tried is not None))
        for key, rows in found.items():
            # Requests that were found stand before assumed ones, short ones before long ones.
            _, path, query, arguments, certain = min(rows, key=lambda row: (not row[4], len(row[1]), row[1]))
            sets = tuple(row[0] for row in rows if row[4]) or tuple(row[0] for row in rows)
            seen = Seen(method, path, method, arguments)
            self._keys[key] = RouteClass(len(self._keys), method, key.sides, key.marks, seen, query, certain, sets)

    def _key(self, method: str, table: _Table, inside: frozenset[int], path: str, arguments: Mapping[str, str]) -> _Key:
        sides = tuple(
            _side(policy, method, path, arguments, table.rule(number, inside), table.unchecked(number, inside))
            for number, policy in enumerate(self.policies)
        )
        marks = frozenset(number for number, atom in enumerate(table.marks) if atom in inside)
        return _Key(method, sides, method == "GET" and self._exception and path == SEARCH, marks)

    def find(self, method: str, path: str, arguments: Mapping[str, str] = _NOTHING) -> RouteClass | None:
        """The class of a request; None for a path that cannot reach the filter, or on which Boost gives up."""
        try:
            sides = tuple(
                _side(policy, method, path, arguments, policy.first_rule(method, path), _is_unchecked(policy, path))
                for policy in self.policies
            )
        except PolicyError:
            return None
        marks = frozenset(number for number, mark in enumerate(self.marks) if mark.matches(path))
        return self._keys.get(_Key(method, sides, method == "GET" and self._exception and path == SEARCH, marks))

    # -- requests that people recognise --

    def likely(self, wanted: Iterable[RouteClass]) -> dict[RouteClass, str]:
        """For classes a request each that looks like a real one: of a known route where one is in the class."""
        found: dict[RouteClass, str] = {}
        for method, table in self._tables.items():
            classes = [one for one in wanted if one.method == method]
            if classes:
                found.update(table.likely(classes))
        return found

    def routes(self, one: RouteClass) -> tuple[str, ...]:
        """The templates of the known routes that are in the class, as far as their example request tells."""
        table = self._tables[one.method]
        return tuple(dict.fromkeys(name for members in set(one.sets) for name, _ in table.examples.get(members, ())))


class _Table:
    """The survey of one method: which atom of it is what."""

    def __init__(self, policies: Sequence[Policy], marks: Sequence[Pattern], method: str, exception: bool) -> None:  # noqa: FBT001
        atoms: dict[Pattern, int] = {}

        def atom(pattern: Pattern) -> int:
            return atoms.setdefault(pattern, len(atoms))

        self.policies = policies
        self.method = method
        self.reachable = atom(_compiled(REACHABLE))
        self._rules: list[dict[int, Rule]] = []
        self._unchecked: list[frozenset[int]] = []
        self._queries: set[int] = set()
        self._forms: dict[frozenset[int], tuple[tuple[Mapping[str, str], str], ...]] = {}
        for policy in policies:
            first: dict[int, Rule] = {}
            for rule in policy.rules:
                if rule.method == method:
                    first.setdefault(atom(rule.compiled), rule)
            self._rules.append(first)
            free = policy.unchecked if method == "GET" else ()
            self._unchecked.append(frozenset(atom(_compiled(literal(one.kind, one.path))) for one in free))
        pinned = {self.reachable}
        for policy in policies:
            for name, text in _resource_patterns(policy):
                pattern = _optional(text)
                if pattern is not None:
                    number = atom(pattern)
                    pinned.add(number)
                    if name == "query":
                        self._queries.add(number)
                    if name == "path":  # its first group tells the level, which no single language does
                        pinned.update(atom(_compiled(literal("folder", f"/{word}/"))) for word in _FOLDERS)
        if method == "GET" and exception:
            pinned.add(atom(_compiled(literal("resource", SEARCH))))
        self.marks = tuple(atom(mark) for mark in marks)
        # What is no regular language is told apart by its literal beginning at least.
        self._heads = {
            number: atom(_compiled(literal("folder", pattern.prefix)))
            for pattern, number in tuple(atoms.items())
            if not pattern.analysable
        }
        self.patterns = tuple(atoms)
        self.survey = self._surveyed(pinned.union(self.marks, self._heads.values()))
        self._examples: dict[Members, list[tuple[str, str]]] | None = None

    def _surveyed(self, pinned: AbstractSet[int]) -> Survey:
        """The survey, without what no longer matters: only rules and unchecked paths may be left out."""
        from policy.patterns.order import Survey
        from policy.questions.pruned import UNCHECKED, PrunedJoint, Ranks

        ranks: dict[Pattern, Ranks] = {}
        for atom, pattern in enumerate(self.patterns):
            places: list[int | None] = []
            for first, free in zip(self._rules, self._unchecked, strict=True):
                places.append(UNCHECKED if atom in free else first[atom].index if atom in first else None)
            if atom not in pinned and any(place is not None for place in places):
                ranks[pattern] = tuple(places)
        reachable = self.patterns[self.reachable]
        return Survey(self.patterns, joint=partial(PrunedJoint, reachable=reachable, ranks=ranks))

    def rule(self, number: int, inside: frozenset[int]) -> Rule | None:
        """The first rule of a policy among the patterns that match."""
        first = self._rules[number]
        found = [first[atom] for atom in inside if atom in first]
        return min(found, key=lambda rule: rule.index) if found else None

    def unchecked(self, number: int, inside: frozenset[int]) -> bool:
        """Whether a policy lets everybody GET paths that these patterns match."""
        return not self._unchecked[number].isdisjoint(inside)

    def assumptions(self, members: Members, path: str) -> Iterable[tuple[frozenset[int], str | None]]:
        """Which patterns outside the survey may match paths of a set, each with such a path if one was found."""
        outside = self.survey.outside
        if not outside:
            return ((frozenset(), path),)
        possible = [atom for atom in outside if self._heads.get(atom, self.reachable) in members]
        if len(possible) > _MOST_OUTSIDE:
            raise Undecided(1 << _MOST_OUTSIDE)
        inside = frozenset(self.survey.members(path)).intersection(outside)
        found = {inside: path} | self._tried.get(members, {})
        return tuple(
            (assumed, found.get(assumed))
            for choice in product(*((None, atom) for atom in possible))
            for assumed in (frozenset(atom for atom in choice if atom is not None),)
        )

    @cached_property
    def _tried(self) -> dict[Members, dict[frozenset[int], str]]:
        """Paths that patterns outside the survey match, found by trying: by what else matches them."""
        from policy.patterns.sampling import sample

        outside = self.survey.outside
        known = [path for _, path in known_requests(self.method, self.policies[0].settings.dicom_web_root)]
        found: dict[Members, dict[frozenset[int], str]] = {}
        for atom in outside:
            for path in sample(self.patterns[atom], paths=known, tries=len(known) + _TRIES).paths:
                matched = self.survey.members(path)
                if self.reachable in matched:
                    inside = tuple(each for each in matched if each not in outside)
                    found.setdefault(inside, {}).setdefault(frozenset(matched).intersection(outside), path)
        return found

    def arguments(self, inside: frozenset[int], path: str) -> Iterable[tuple[Mapping[str, str], str]]:
        """The query strings that matter for the paths: they are looked at in searches and archives alone."""
        if self.method != "GET" or self._queries.isdisjoint(inside):
            return ((_NOTHING, ""),)
        queries = inside & self._queries
        forms = self._forms.get(queries)
        if forms is None:
            found: dict[tuple[object, ...], tuple[Mapping[str, str], str]] = {}
            for arguments, query in argument_forms(tuple(dict.fromkeys(map(reading, self.policies)))):
                touched = [policy.resources_of(path, arguments) for policy in self.policies]
                found.setdefault(tuple((one.level, bool(one.ids)) for one in touched), (arguments, query))
            forms = self._forms[queries] = tuple(found.values())
        return forms

    @property
    def examples(self) -> dict[Members, list[tuple[str, str]]]:
        """Known routes as (template, path) by the set of patterns that match them."""
        if self._examples is None:
            self._examples = {}
            known = known_requests(self.method, self.policies[0].settings.dicom_web_root)
            places = self._place([path for _, path in known])
            for (name, path), members in zip(known, places, strict=True):
                self._examples.setdefault(members, []).append((name, path))
        return self._examples

    def _place(self, paths: Sequence[str]) -> list[Members]:
        """The sets of many paths; what they begin with in common is walked once."""
        joint = self.survey.joint
        inside = [index for index in range(len(self.patterns)) if index not in self.survey.outside]
        answers: dict[bytes, Members] = {}
        states = [joint.start()]
        before = b""
        for data in sorted({patterns.pattern.as_bytes(path) for path in paths}):
            common = next(
                (i for i, (a, b) in enumerate(zip(before, data, strict=False)) if a != b), min(len(before), len(data))
            )
            del states[common + 1 :]
            for byte in data[common:]:
                states.append(joint.move(states[-1], byte))
            answers[data] = tuple(inside[place] for place in joint.accepted(states[-1]))
            before = data
        return [answers[patterns.pattern.as_bytes(path)] for path in paths]

    def likely(self, classes: Sequence[RouteClass]) -> dict[RouteClass, str]:
        """A request for each class."""
        from policy.patterns.likely import Preference

        found: dict[RouteClass, str] = {}
        made: list[RouteClass] = []
        for one in classes:
            known = [path for members in dict.fromkeys(one.sets) for _, path in self.examples.get(members, ())]
            path = next((path for path in known if self._is_of(one, path)), None)
            if path is None:
                made.append(one)
            else:
                found[one] = request_text(self.method, path, one.query)
        nice = self.survey.likely({members for one in made for members in one.sets}, Preference()) if made else {}
        for one in made:
            paths = [nice[members] for members in one.sets if members in nice]
            paths = [path for path in paths if self._is_of(one, path)]
            path = min(paths, key=lambda path: (not path.isprintable(), len(path), path), default=one.seen.path)
            found[one] = request_text(self.method, path, one.query)
        return found

    def _is_of(self, one: RouteClass, path: str) -> bool:
        """Whether a path of the class's sets is in the class: patterns outside the survey may tell it apart."""
        if not self.survey.outside:
            return True
        inside = frozenset(self.survey.members(path))
        return all(
            self.rule(number, inside) == side.rule for number, side in enumerate(one.sides) if not side.unchecked
        )


def _side(
    policy: Policy,
    method: str,
    path: str,
    arguments: Mapping[str, str],
    rule: Rule | None,
    unchecked: bool,  # noqa: FBT001
) -> Side:
    if policy.off is not None:
        return Side()
    if unchecked and method == "GET":
        return Side(unchecked=True)
    touched = policy.resources_of(path, arguments)
    level = touched.level if touched.ids else None
    return Side(rule=rule, level=level, listed=policy.is_list_of_resources(path))


def _is_unchecked(policy: Policy, path: str) -> bool:
    return any(path == one.path if one.kind == "resource" else path.startswith(one.path) for one in policy.unchecked)


@cache
def _compiled(text: str) -> Pattern:
    return patterns.compile(text)


@cache
def _optional(text: str) -> Pattern | None:
    """The pattern, or None where a DICOMweb root of unusual spelling makes it unusable."""
    try:
        return patterns.compile(text)
    except PolicyError:
        return None


def _resource_patterns(policy: Policy) -> Iterable[tuple[str, str]]:
    """(level, expression) of the patterns by which the plugin finds resources in paths."""
    root = policy.settings.dicom_web_root
    return [(known.level, known.text(root)) for known in plugin.release(policy.version).resource_patterns]


def literal(kind: str, path: str | bytes) -> str:
    """An expression for one path, or for all paths that begin so."""
    text = "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 128) or byte in b"/-_" else f"\\x{byte:02x}"
        for byte in (path.encode("utf-8", "surrogatepass") if isinstance(path, str) else path)
    )
    return f"^{text}$" if kind == "resource" else f"^{text}.*$"
