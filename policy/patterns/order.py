"""What an ordered list of patterns comes to: rules that never decide, rules that overlap, classes of paths.

One survey of the patterns' automata side by side answers all of it: every set of patterns that some path matches
together is met, each with a shortest path.
Everything here is in terms of languages; what a rule grants is for others to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from policy.patterns.automaton import TooManyStates
from policy.patterns.errors import Undecided
from policy.patterns.joint import Joint, Overflow, State
from policy.patterns.likely import PLAIN, Preference, letter, nicest, text
from policy.patterns.pattern import Pattern, as_bytes
from policy.records import dataclass

#: How many states a survey may look at.
BUDGET = 60_000
#: How many steps of patterns a survey may take for each state of its budget.
_WORK = 20
#: A pattern with more states than this of its own is left out if the survey would else be too large.
_LARGE = 400

Members = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PathClass:
    """Paths that no pattern of the list tells apart.

    ``members`` are the patterns that match them, in order; the first one decides.
    ``witness`` is a shortest path of the class.
    """

    members: Members
    witness: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """An earlier pattern that takes paths from a later one, with such a path."""

    by: int
    witness: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one pattern of the list.

    ``empty``: no path matches it at all.
    ``shadowed``: each path that it matches is decided by an earlier one; ``cover`` is then a small set of earlier
    patterns that cover it, and ``deciders`` are those that decide its paths.
    ``witness`` is a path that it decides; None if there is none.
    ``overlaps`` are the earlier patterns that match some path of it, too.
    ``sampled``: the pattern is not analysable, so that all this was only tried.
    """

    index: int
    empty: bool
    shadowed: bool
    cover: Members
    deciders: tuple[Hidden, ...]
    witness: str | None
    overlaps: tuple[Hidden, ...]
    sampled: bool


class Survey:
    """All sets of patterns that match some path together.

    Raises :class:`Undecided` if more than ``budget`` states would have to be looked at; patterns that are not
    analysable, or too large beside the others, are in ``outside`` and take no part.
    ``joint`` makes what walks the patterns side by side; another one may leave out what does not matter to the caller.
    """

    def __init__(
        self,
        patterns: Sequence[Pattern],
        *,
        budget: int = BUDGET,
        joint: Callable[[Sequence[Pattern]], Joint] = Joint,
    ) -> None:
        self.patterns = tuple(patterns)
        self.budget = budget
        self._make = joint
        inside = [index for index, pattern in enumerate(self.patterns) if pattern.analysable]
        while True:
            try:
                self._explore(inside)
            except Overflow as overflow:
                del inside[overflow.index]
                continue
            except Undecided:
                kept = [index for index in inside if not self._large(index)]
                if len(kept) == len(inside):
                    raise
                inside = kept
                continue
            return

    def _large(self, index: int) -> bool:
        automaton = self.patterns[index].automaton
        if automaton is None:
            return True
        pending, seen = [automaton.start], {automaton.start}
        for state in pending:
            try:
                arcs = automaton.arcs(state)
            except TooManyStates:
                return True
            for _, target in arcs:
                if target not in seen:
                    seen.add(target)
                    pending.append(target)
            if len(seen) > _LARGE:
                return True
        return False

    def _explore(self, inside: list[int]) -> None:
        self._inside = inside
        self.outside = tuple(sorted(set(range(len(self.patterns))) - set(inside)))
        joint = self._make([self.patterns[index] for index in inside])
        self.joint = joint
        start = joint.start()
        came: dict[State, tuple[State, int] | None] = {start: None}
        pending = [start]
        #: For each set of patterns the state that a shortest path reaches.
        self.reached: dict[Members, State] = {}
        self._all: dict[Members, list[State]] = {}
        work = 0
        for state in pending:
            found = joint.accepted(state)
            members = tuple(inside[place] for place in found) if found else ()
            self.reached.setdefault(members, state)
            self._all.setdefault(members, []).append(state)
            arcs = joint.arcs(state)
            work += len(arcs) * len(state[1])
            for mask, following in arcs:
                if following not in came:
                    came[following] = state, mask
                    pending.append(following)
            if len(came) > self.budget or work > _WORK * self.budget:
                raise Undecided(self.budget)
        self._came = came
        self.size = len(came)

    # -- witnesses ------------------------------------------------------------------------------------------------

    def shortest(self, state: State) -> str:
        """A shortest path to a state."""
        out: list[int] = []
        step = self._came[state]
        while step is not None:
            before, mask = step
            out.append(letter(mask))
            step = self._came[before]
        return text(bytes(reversed(out)))

    @cached_property
    def classes(self) -> tuple[PathClass, ...]:
        """The coarsest partition on which all patterns agree, without the class that none matches."""
        return tuple(PathClass(members, self.shortest(state)) for members, state in self.reached.items() if members)

    def members(self, path: str | bytes) -> Members:
        """The patterns that match a path, those outside included."""
        state = self.joint.start()
        for byte in as_bytes(path):
            state = self.joint.move(state, byte)
        found = [self._inside[place] for place in self.joint.accepted(state)]
        found.extend(index for index in self.outside if self.patterns[index].matches(path))
        return tuple(sorted(found))

    def likely(self, sets: Iterable[Members], preference: Preference = PLAIN) -> dict[Members, str]:
        """For sets of patterns a path each that looks like a request: an example where one fits, else one made."""
        wanted = {members for members in sets if members in self._all}
        out: dict[Members, str] = {}
        for example in preference.examples:
            if len(out) == len(wanted):
                return out
            members = tuple(index for index in self.members(example) if index not in self.outside)
            if members in wanted:
                out.setdefault(members, example)
        goals = {state: members for members in wanted if members not in out for state in self._all[members]}
        for members, path in nicest(self.joint, goals, preference, self.budget).items():
            out[members] = text(path)
        return out

    def uncovered(self, start: str = "/") -> str | None:
        """A shortest path with this beginning that no pattern matches; None if all are covered."""
        state = self.joint.start()
        for byte in as_bytes(start):
            state = self.joint.move(state, byte)
        came: dict[State, tuple[State, int] | None] = {state: None}
        pending = [state]
        for current in pending:
            free = (1 << 256) - 1
            ending: int | None = None
            if not self.joint.accepted(current):
                return start + self._between(came, current, ending)
            for mask, following in self.joint.arcs(current):
                free &= ~mask
                if following not in came:
                    came[following] = current, mask
                    pending.append(following)
            if free:
                return start + self._between(came, current, letter(free))
        return None

    @staticmethod
    def _between(came: dict[State, tuple[State, int] | None], state: State, ending: int | None) -> str:
        out = [] if ending is None else [ending]
        step = came[state]
        while step is not None:
            before, mask = step
            out.append(letter(mask))
            step = came[before]
        return text(bytes(reversed(out)))


def analyse(
    patterns: Sequence[Pattern], *, preference: Preference | None = None, budget: int = BUDGET
) -> tuple[Finding, ...]:
    """What becomes of each pattern of an ordered list, in order.

    With a ``preference`` witnesses look like requests; else they are shortest ones.
    Patterns outside the survey are only tried, by sampling: their findings say so.
    Raises :class:`Undecided` beyond the budget.
    """
    return findings(Survey(patterns, budget=budget), preference=preference)


def findings(survey: Survey, *, preference: Preference | None = None) -> tuple[Finding, ...]:
    """As :func:`analyse`, of a survey that is there already."""
    return tuple(_Analysis(survey, preference).findings())


class _Analysis:
    def __init__(self, survey: Survey, preference: Preference | None) -> None:
        self.survey = survey
        self.preference = preference
        self.sets: dict[int, list[Members]] = {}
        for members in survey.reached:
            for index in members:
                self.sets.setdefault(index, []).append(members)
        self.nice: dict[Members, str] = {}

    def witness(self, members: Members) -> str:
        found = self.nice.get(members)
        return self.survey.shortest(self.survey.reached[members]) if found is None else found

    def findings(self) -> list[Finding]:
        survey = self.survey
        if self.preference is not None:
            self.nice = survey.likely(survey.reached, self.preference)
        return [
            self.tried(index) if index in survey.outside else self.proved(index)
            for index in range(len(survey.patterns))
        ]

    def proved(self, index: int) -> Finding:
        sets = self.sets.get(index, [])
        own = next((members for members in sets if members[0] == index and not self._taken(members, index)), None)
        deciders: dict[int, Members] = {}
        overlaps: dict[int, Members] = {}
        for members in sets:
            if members[0] != index:
                deciders.setdefault(members[0], members)
            for earlier in members:
                if earlier >= index:
                    break
                overlaps.setdefault(earlier, members)
        shadowed = bool(sets) and all(members[0] != index for members in sets)
        return Finding(
            index,
            empty=not sets,
            shadowed=shadowed,
            cover=_cover(index, sets) if shadowed else (),
            deciders=self._hidden(deciders),
            witness=None if own is None else self.witness(own),
            overlaps=self._hidden(overlaps),
            sampled=False,
        )

    def _hidden(self, found: dict[int, Members]) -> tuple[Hidden, ...]:
        return tuple(Hidden(by, self.witness(members)) for by, members in sorted(found.items()))

    def _taken(self, members: Members, index: int) -> bool:
        """Whether an earlier pattern outside the survey decides the witness of these."""
        survey = self.survey
        return any(
            earlier < index and survey.patterns[earlier].matches(self.witness(members)) for earlier in survey.outside
        )

    def tried(self, index: int) -> Finding:
        # Imported here: most lists have no such pattern.
        from policy.patterns.sampling import sample

        survey = self.survey
        near = [self.witness(members) for members in survey.reached]
        examples = () if self.preference is None else self.preference.examples
        seen = sample(survey.patterns[index], paths=[*examples, *near], tries=len(near) + len(examples) + 200)
        own: str | None = None
        deciders: dict[int, str] = {}
        overlaps: dict[int, str] = {}
        for path in seen.paths:
            members = survey.members(path)
            if members and members[0] == index:
                own = path if own is None else own
            elif members:
                deciders.setdefault(members[0], path)
            for earlier in members:
                if earlier < index:
                    overlaps.setdefault(earlier, path)
        return Finding(
            index,
            empty=not seen.paths,
            shadowed=bool(seen.paths) and own is None,
            cover=(),
            deciders=tuple(Hidden(by, path) for by, path in sorted(deciders.items())),
            witness=own,
            overlaps=tuple(Hidden(by, path) for by, path in sorted(overlaps.items())),
            sampled=True,
        )


def _cover(index: int, sets: list[Members]) -> Members:
    """A small set of earlier patterns of which every one of the sets has a member."""
    left = [frozenset(earlier for earlier in members if earlier < index) for members in sets]
    chosen: list[int] = []
    while left:
        counts: dict[int, int] = {}
        for members in left:
            for earlier in members:
                counts[earlier] = counts.get(earlier, 0) + 1
        best = max(counts, key=lambda earlier: (counts[earlier], -earlier))
        chosen.append(best)
        left = [members for members in left if best not in members]
    # Greed may have taken one that the later ones make needless.
    for member in list(chosen):
        rest = [other for other in chosen if other != member]
        if rest and all(any(other in members for other in rest) for members in sets):
            chosen = rest
    return tuple(sorted(chosen))
