"""The first of many patterns that matches, in one walk over the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from policy.patterns import classes
from policy.patterns.errors import TooComplex
from policy.patterns.joint import DEAD, Joint, Overflow
from policy.patterns.joint import State as JointState
from policy.patterns.machine import GaveUp, OutOfBudget
from policy.patterns.pattern import BUDGET, Pattern, as_bytes

#: How many states, and how many words between slashes, are kept before all are forgotten.
MOST = 20_000
#: The longest word that is worth remembering.
_LONGEST_WORD = 30
_Match = Callable[[bytes, int], "re.Match[bytes] | None"]
_HAS_DIGIT = re.compile("[0-9]")


class _State(dict[int, "_State"]):
    """A state of the walk: what each byte leads to, found when it is first asked for.

    ``words`` says where a slash and a whole word lead; ``run`` finds the bytes that lead nowhere else.
    """

    __slots__ = ("accept", "content", "owner", "run", "watch", "words")

    def __init__(self, owner: FirstMatch, content: JointState, watch: tuple[int, ...]) -> None:
        super().__init__()
        self.owner = owner
        self.content = content
        self.watch = watch
        self.words: dict[str | bytes, _State] = {}
        self.run: _Match | None = None
        accepted = owner._joint.accepted(content)
        self.accept = accepted[0] if accepted else None

    def __missing__(self, byte: int) -> _State:
        return self.owner._move(self, byte)

    def loop(self) -> _Match:
        """The match of the bytes that lead from this state to itself."""
        mask = classes.ALL
        if self.content != DEAD:
            mask = 0
            for part, following in self.owner._joint.arcs(self.content):
                if following == self.content:
                    mask |= part
        inside = "".join(f"\\x{byte:02x}" for byte in classes.members(mask))
        self.run = re.compile(f"[{inside}]*".encode() if mask else b"", re.DOTALL).match
        return self.run


class FirstMatch:
    """Ordered patterns; :meth:`find` gives the first that matches, as Boost finds it when it tries them in order.

    Nothing is made before the first path needs it, and no more than :data:`MOST` states are kept.
    A path is read word by word: words between slashes that were met before are one step, long ones are read in runs.
    Patterns that are not analysable, and those on which Boost may give up, are tried in order beside the walk.

    >>> from policy import patterns
    >>> rules = FirstMatch([patterns.compile("^/studies$"), patterns.compile("^/(.*)$")])
    >>> rules.find("/studies"), rules.find("/series"), rules.find("series")
    (0, 1, None)
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        #: Patterns whose automaton would be too large: they are tried beside the walk.
        self._large: set[int] = set()
        self._joint = Joint(self.patterns)
        self._states: dict[tuple[JointState, tuple[int, ...]], _State] = {}
        self._first: _State | None = None
        self._openings: dict[str | bytes, _State] = {}
        self._words = 0

    def find(self, path: str | bytes) -> int | None:
        """The index of the first pattern that matches the path; None if none does.

        Raises :class:`TooComplex` where Boost gives up on a pattern that it tries before it finds a match.
        """
        words: Iterator[str | bytes] = iter(path.split("/") if isinstance(path, str) else path.split(b"/"))
        opening = next(words)
        try:
            state = self._openings.get(opening)
            if state is None:
                state = self._open(opening)
            for word in words:
                following = state.words.get(word)
                state = self._read(state, word) if following is None else following
        except Overflow as overflow:
            self._large.add(overflow.index)
            self._joint = Joint(self.patterns, self._large)
            self._forget()
            return self.find(path)
        if not state.watch:
            return state.accept
        return self._watched(state, as_bytes(path))

    @property
    def size(self) -> int:
        """How many states are kept at the moment."""
        return len(self._states)

    def _open(self, word: str | bytes) -> _State:
        if len(self._states) > MOST or self._words > MOST:
            self._forget()
        joint = self._joint
        state = self._first
        if state is None:
            state = self._first = self._state(joint.start(), self._doubtful(joint.first()))
        state = _run(state, as_bytes(word))
        self._words += 1
        self._openings[word] = state
        return state

    def _read(self, state: _State, word: str | bytes) -> _State:
        following = _run(state, b"/" + (word.encode("utf-8", "surrogateescape") if isinstance(word, str) else word))
        # Long words and words with digits are mostly identifiers, which do not come again.
        if len(word) <= _LONGEST_WORD and not _has_digit(word):
            self._words += 1
            state.words[word] = following
            if self._words > MOST:
                self._forget()
        return following

    def _forget(self) -> None:
        for kept in self._states.values():
            kept.clear()
            kept.words.clear()
        self._states.clear()
        self._openings.clear()
        self._first = None
        self._words = 0

    def _doubtful(self, indices: Sequence[int]) -> tuple[int, ...]:
        """Of these patterns the ones that must be looked at beside the walk."""
        return tuple(
            sorted(
                index
                for index in indices
                if index in self._large or not self.patterns[index].analysable or not self.patterns[index].tame
            )
        )

    def _state(self, content: JointState, watch: tuple[int, ...]) -> _State:
        key = content, watch
        state = self._states.get(key)
        if state is None:
            state = _State(self, content, watch)
            self._states[key] = state
        return state

    def _move(self, state: _State, byte: int) -> _State:
        if len(self._states) > MOST:
            self._forget()
        joint = self._joint
        woken = self._doubtful(joint.woken(state.content, byte))
        watch = tuple(sorted((*state.watch, *woken))) if woken else state.watch
        following = self._state(joint.move(state.content, byte), watch)
        state[byte] = following
        return following

    def _watched(self, state: _State, data: bytes) -> int | None:
        accept = state.accept
        for index in state.watch:
            if accept is not None and index > accept:
                break
            pattern = self.patterns[index]
            if pattern.analysable and index not in self._large:
                if pattern.gives_up(data):
                    raise TooComplex(index)
                continue
            try:
                if pattern.machine.run(data, BUDGET).matched:
                    return index
            except (GaveUp, OutOfBudget):
                raise TooComplex(index) from None
        return accept


def _has_digit(word: str | bytes) -> bool:
    text = word if isinstance(word, str) else word.decode("latin-1")
    return _HAS_DIGIT.search(text) is not None


def _run(state: _State, data: bytes) -> _State:
    """Where the bytes lead; runs of bytes that lead nowhere are skipped."""
    place, length = 0, len(data)
    while place < length:
        following = state[data[place]]
        place += 1
        if following is state and place < length:
            found = (state.run or state.loop())(data, place)
            if found is not None:
                place = found.end()
        state = following
    return state
