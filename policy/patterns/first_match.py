"""The first of many patterns that matches, in one walk over the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from policy.patterns import classes
from policy.patterns.errors import TooComplex
from policy.patterns.joint import DEAD, FirstJoint, Joint, Overflow
from policy.patterns.joint import State as JointState
from policy.patterns.machine import GaveUp, OutOfBudget
from policy.patterns.pattern import BUDGET, Pattern, as_bytes

if TYPE_CHECKING:
    from policy.patterns.alike import Alike

#: How many states, and how many words between slashes, are kept before all are forgotten.
MOST = 20_000
#: As well, how many patterns may be under way in all states together: some tens of megabytes.
MOST_ALIVE = 500_000
#: The longest word that is worth remembering.
_LONGEST_WORD = 30
#: The ways of so many words that are not remembered are kept for each state, of so many stages.
_MOST_WAYS, _MOST_STAGES = 6, 4
_ASCII = classes.span(0, 127)
_Sign = str | int
_Word = str | bytes
_has_digit = re.compile("[0-9]").search


class Met:
    """What a path meets: ``first`` is the index of the first pattern that matches, ``marks`` are those that match.

    Paths that meet the same are given the same object, so that a caller may keep what follows from it by identity.
    """

    __slots__ = ("first", "marks")

    def __init__(self, first: int | None, marks: tuple[int, ...]) -> None:
        self.first = first
        self.marks = marks


class _State(dict[_Word, "_State"]):
    """A state of the walk: what a slash and a whole word lead to, found when it is first asked for.

    ``signs`` says where single signs lead, bytes by their number and letters of ASCII by themselves as well.
    ``ways`` are words that are not worth remembering one by one, such as identifiers: what fits all words that take the
    same way, and where they lead.
    """

    __slots__ = ("content", "met", "signs", "walk", "watch", "ways")

    def __init__(self, walk: _Walk, content: JointState, watch: tuple[int, ...]) -> None:
        super().__init__()
        self.walk = walk
        self.content = content
        self.watch = watch
        self.signs: dict[_Sign, _State] = {}
        self.ways: tuple[_Way, ...] = ()
        self.met = walk.owner._meeting(walk.joint.accepted(content))

    def step(self, sign: _Sign) -> _State:
        """Where a sign leads."""
        following = self.signs.get(sign)
        return self.walk.move(self, sign) if following is None else following


#: Letters of which a word of this way is made, if that tells all; else what fits it; and where it leads.
_Way = tuple[bytes | None, Callable[[str], object], _State]


class _Walk:
    """The states that were made so far; given up as a whole, so that whoever still walks there is not misled."""

    __slots__ = ("alive", "joint", "owner", "root", "start", "states", "words")

    def __init__(self, owner: FirstMatch, joint: Joint) -> None:
        self.owner = owner
        self.joint = joint
        self.states: dict[tuple[JointState, tuple[int, ...]], _State] = {}
        #: Before the first word.
        self.root = _State(self, DEAD, ())
        self.start: _State | None = None
        self.words = 0
        self.alive = 0

    def forget(self) -> None:
        """Free the states, which hold each other."""
        self.root.clear()
        self.start = None
        while self.states:
            try:
                _, kept = self.states.popitem()
            except KeyError:  # another thread was faster
                return
            kept.clear()
            kept.signs.clear()
            kept.ways = ()

    def _start(self) -> _State:
        if self.start is None:
            self.start = self.state(self.joint.start(), self.owner._doubtful(self.joint.first()))
        return self.start

    def read(self, state: _State, word: _Word) -> _State:
        """Where a slash and a word lead, or from the root the word alone."""
        if state is self.root:
            following = self._start()
        elif state.content == DEAD:
            return state
        else:
            following = state.step("/")
        stages = [following]
        for sign in word:
            reached = following.step(sign)
            if reached is not following:
                stages.append(reached)
            following = reached
        if isinstance(word, str):
            # Long words and words with digits are mostly identifiers, which do not come again.
            if len(word) <= _LONGEST_WORD and _has_digit(word) is None:
                state[word] = following
                self._one_more_word()
            elif 1 < len(stages) <= _MOST_STAGES and len(state.ways) < _MOST_WAYS:
                way = self._way(stages)
                if way is not None:
                    state.ways += (way,)
        return following

    def _way(self, stages: Sequence[_State]) -> _Way | None:
        """The way of all words that go through the same states, each left after any number of rounds in it."""
        sets = [(b"", self._letters(stages[0], stages[0]))]
        sets += [(self._letters(before, after), self._letters(after, after)) for before, after in pairwise(stages)]
        if not all(entering for entering, _ in sets[1:]):
            return None
        fits = re.compile("".join(_set(entering) + _set(rounds, "*") for entering, rounds in sets)).fullmatch
        letters = sets[1][0] if len(sets) == 2 and sets[1][0] == sets[1][1] and not sets[0][1] else None
        return letters, fits, stages[-1]

    def _letters(self, before: _State, after: _State) -> bytes:
        """The letters of ASCII that lead from one state to another."""
        arcs = self.joint.arcs(before.content)
        if after.content == DEAD:
            mask = classes.ALL & ~sum(part for part, _ in arcs)
        else:
            mask = sum(part for part, content in arcs if content == after.content)
        # With the same content, states may differ in what has to be looked at beside the walk.
        return bytes(byte for byte in classes.members(mask & _ASCII) if before.step(byte) is after)

    def _one_more_word(self) -> None:
        self.words += 1
        if self.words > MOST:
            self.owner._forget(self)

    def state(self, content: JointState, watch: tuple[int, ...]) -> _State:
        key = content, watch
        state = self.states.get(key)
        if state is None:
            self.alive += len(content[1])
            if len(self.states) > MOST or self.alive > MOST_ALIVE:
                self.owner._forget(self)
            state = self.states.setdefault(key, _State(self, content, watch))
        return state

    def move(self, state: _State, sign: _Sign) -> _State:
        byte = sign if isinstance(sign, int) else ord(sign)
        woken = self.owner._doubtful(self.joint.woken(state.content, byte))
        watch = tuple(sorted((*state.watch, *woken))) if woken else state.watch
        following = self.state(self.joint.move(state.content, byte), watch)
        state.signs[sign] = following
        return following


def _set(letters: bytes, times: str = "") -> str:
    return "[" + "".join(f"\\x{byte:02x}" for byte in letters) + "]" + times if letters else ""


class FirstMatch:
    """Ordered patterns; :meth:`find` gives the first that matches, as Boost finds it when it tries them in order.

    Nothing is made before the first path needs it, and no more than about :data:`MOST` states are kept.
    A path is read word by word: words between slashes that were met before are one step, long ones are read in runs.
    Patterns that are not analysable, and those on which Boost may give up, are tried in order beside the walk: of the
    latter one count for all that are alike shows mostly that it does not.
    ``marks`` are further patterns: :meth:`meet` tells which of them match, in the same walk.

    >>> from policy import patterns
    >>> rules = FirstMatch([patterns.compile("^/studies$"), patterns.compile("^/(.*)$")])
    >>> rules.find("/studies"), rules.find("/series"), rules.find("series")
    (0, 1, None)
    """

    def __init__(self, patterns: Sequence[Pattern], marks: Sequence[Pattern] = ()) -> None:
        self.patterns = tuple(patterns)
        self._all = (*patterns, *marks)
        self._own = len(self.patterns)
        #: Patterns whose automaton would be too large: they are tried beside the walk.
        self._large: frozenset[int] = frozenset()
        self._meetings: dict[tuple[int | None, tuple[int, ...]], Met] = {}
        #: By the patterns that are looked at beside the walk: those of them for which one count tells enough.
        self._counts: dict[tuple[int, ...], dict[int, Alike]] = {}
        self._walk = self._new_walk()

    def _new_walk(self) -> _Walk:
        return _Walk(self, FirstJoint(self._all, self._own, self._large))

    def find(self, path: str | bytes) -> int | None:
        """The index of the first pattern that matches the path; None if none does.

        Raises :class:`TooComplex` where Boost gives up on a pattern that it tries before it finds a match.
        """
        return self.meet(path).first

    def meet(self, path: str | bytes) -> Met:
        """The first pattern that matches the path, and all marks that match it; raises as :meth:`find` does."""
        walk = self._walk
        state = walk.root
        try:
            if path.__class__ is not str or not path.isascii():
                for part in as_bytes(path).split(b"/"):
                    following = state.get(part)
                    state = walk.read(state, part) if following is None else following
            else:
                for word in path.split("/"):
                    following = state.get(word)
                    if following is not None:
                        state = following
                        continue
                    for letters, fits, leads in state.ways:
                        if fits(word) if letters is None else word and not word.encode().translate(None, letters):
                            state = leads
                            break
                    else:
                        state = walk.read(state, word)
        except Overflow as overflow:
            self._large |= {overflow.index}
            self._forget(walk)
            return self.meet(path)
        return self._watched(state, as_bytes(path)) if state.watch else state.met

    @property
    def size(self) -> int:
        """How many states are kept at the moment."""
        return len(self._walk.states)

    def _forget(self, walk: _Walk) -> None:
        """Begin anew, unless another thread did; who still walks in the old states ends there."""
        if walk is self._walk:
            self._counts = {}
            self._walk = self._new_walk()
        walk.forget()

    def _meeting(self, accepted: tuple[int, ...]) -> Met:
        own = self._own
        first = accepted[0] if accepted and accepted[0] < own else None
        key = first, tuple(index - own for index in accepted if index >= own)
        return self._meetings.get(key) or self._meetings.setdefault(key, Met(*key))

    def _doubtful(self, indices: Sequence[int]) -> tuple[int, ...]:
        """Of these patterns the ones that must be looked at beside the walk."""
        return tuple(
            sorted(
                index
                for index in indices
                if index in self._large
                or not self._all[index].analysable
                or (index < self._own and not self._all[index].tame)
            )
        )

    def _watched(self, state: _State, data: bytes) -> Met:
        first = state.met.first
        marks = [index + self._own for index in state.met.marks]
        counts = self._counts.get(state.watch)
        if counts is None:
            counts = self._counts[state.watch] = self._counted(state.watch)
        patient: dict[Alike, bool] = {}
        for index in state.watch:
            pattern = self._all[index]
            if index >= self._own:
                if pattern.matches(data):
                    marks.append(index)
            elif first is not None and index > first:
                continue
            elif index in counts:
                group = counts[index]
                known = patient.get(group)
                if known is None:
                    known = patient[group] = group.cannot_give_up(data)
                if not known and pattern.gives_up(data):
                    raise TooComplex(index)
            elif pattern.analysable and index not in self._large:
                if pattern.gives_up(data):
                    raise TooComplex(index)
            elif self._takes(index, data):
                first = index
        return self._meeting((*(() if first is None else (first,)), *sorted(marks)))

    def _counted(self, watch: tuple[int, ...]) -> dict[int, Alike]:
        # Imported here: few lists have a pattern on which Boost may give up.
        from policy.patterns.alike import alike

        own = {index: self._all[index] for index in watch if index < self._own and index not in self._large}
        return alike({index: pattern for index, pattern in own.items() if pattern.analysable})

    def _takes(self, index: int, data: bytes) -> bool:
        try:
            return self._all[index].machine.run(data, BUDGET).matched
        except (GaveUp, OutOfBudget):
            raise TooComplex(index) from None
