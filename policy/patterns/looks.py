"""Automata of expressions with looks: look-aheads as obligations on the way, look-behinds as monitors beside it."""

from __future__ import annotations

from collections.abc import Iterable

from policy.patterns import classes
from policy.patterns.automaton import MAKING, MOST_STATES, MOST_WORK, Automaton, TooManyStates, partition
from policy.patterns.expressions import EDGE, PLACES, Ahead, Behind, Byte, Expression, Loop, chain
from policy.patterns.positions import Positions, positions


class _Monitor:
    """A look-behind: always on the way, it knows whether its expression has just matched."""

    def __init__(self, look: Behind) -> None:
        self.negative = look.negative
        self.automaton = Automaton(positions(look.item, anywhere=True))

    def masks(self) -> list[int]:
        source = self.automaton.source
        return [*source.symbols, *(after & classes.ALL for row in source.ends for after, _ in row), *_starts(source)]

    def start(self) -> int:
        return self.automaton.start_before(None)

    def step(self, state: int, byte: int) -> int:
        automaton = self.automaton
        moved = automaton._sets[automaton.step(state, byte)]
        begun = automaton._sets[automaton.start_before(byte)]
        return automaton._number(moved | begun)

    def holds(self, state: int, following: int) -> bool:
        return bool(self.automaton.ends(state) & following) != self.negative


_Obligations = frozenset[tuple[int, int]]
_Thread = tuple[int, _Obligations]
_LookState = tuple[frozenset[_Thread], int | None, tuple[int, ...]]


class LookAutomaton(Automaton):
    """The deterministic automaton of an expression with looks.

    A state is a set of threads; a thread is a position with the look-aheads that are still under way.
    Look-behinds are monitors beside the threads.
    """

    def __init__(self, source: Positions, cuts: Iterable[int] = ()) -> None:
        self.aheads: dict[int, Automaton] = {}
        self.behinds: dict[int, _Monitor] = {}
        self.negative: dict[int, bool] = {}
        masks: list[int] = list(cuts)
        self._starts_matter: list[int] = []
        for number, look in enumerate(source.looks):
            if isinstance(look, Behind):
                monitor = _Monitor(look)
                self.behinds[number] = monitor
                masks.extend(monitor.masks())
                continue
            automaton = _ahead(look)
            self.aheads[number] = automaton
            self.negative[number] = look.negative
            masks.extend(automaton.parts)
            masks.extend(after & classes.ALL for row in automaton.source.ends for after, _ in row)
            starts = _starts(automaton.source)
            masks.extend(starts)
            self._starts_matter.extend(starts)
        self._contexts = partition(self._starts_matter)
        self._look_sets: list[_LookState] = []
        self._look_numbers: dict[_LookState, int] = {}
        super().__init__(source, masks)

    def _begin_states(self) -> None:
        nothing: _LookState = (frozenset(), None, ())
        self._look_sets = [nothing]
        self._look_numbers = {nothing: 0}
        self._rows = [[0] * len(self.parts)]
        self._arcs = [[]]
        self.final = [False]
        self.start = self.start_before(None)

    def start_before(self, byte: int | None) -> int:
        """The start where this byte stands before; None for the start of the path."""
        bit = EDGE if byte is None else 1 << byte
        threads = frozenset((number, frozenset[tuple[int, int]]()) for mask, number in self.source.starts if mask & bit)
        monitors = tuple(monitor.start() for monitor in self.behinds.values())
        return self._look_number((threads, self._context(byte), monitors))

    def _context(self, byte: int | None) -> int | None:
        """A byte that stands for what was read last, as far as looks tell it apart; None at the start."""
        if byte is None or not self._starts_matter:
            return None
        for part in self._contexts:
            if part >> byte & 1:
                return (part & -part).bit_length() - 1
        return byte

    def _look_number(self, state: _LookState) -> int:
        if not state[0]:
            return 0
        number = self._look_numbers.get(state)
        return self._new_look_number(state) if number is None else number

    def _new_look_number(self, state: _LookState) -> int:
        with MAKING:
            number = self._look_numbers.get(state)
            if number is None:
                number = len(self._look_sets)
                if number > MOST_STATES:
                    raise TooManyStates
                self._look_sets.append(state)
                self._rows.append(None)
                self._arcs.append(None)
                self.final.append(self._finished(state, EDGE))
                self._look_numbers[state] = number
            return number

    def ends(self, state: int) -> int:
        """What may follow where a match ends in this state."""
        content = self._look_sets[state]
        mask = EDGE if self._finished(content, EDGE) else 0
        for part in self.parts:
            if self._finished(content, part & -part):
                mask |= part
        return mask

    def _finished(self, state: _LookState, following: int) -> bool:
        threads, before, monitors = state
        for place, obligations in threads:
            for after, looks in self.source.ends[place]:
                if after & following and self._all_done(looks, obligations, before, monitors, following):
                    return True
        return False

    def _all_done(
        self,
        looks: frozenset[int],
        obligations: _Obligations,
        before: int | None,
        monitors: tuple[int, ...],
        following: int,
    ) -> bool:
        begun = self._begin(looks, before, monitors, following)
        if begun is None:
            return False
        for look, state in (*obligations, *begun):
            done = bool(self.aheads[look].ends(state) & following)
            if done == self.negative[look]:
                return False
        return True

    def _begin(
        self, looks: frozenset[int], before: int | None, monitors: tuple[int, ...], following: int
    ) -> list[tuple[int, int]] | None:
        """The look-aheads that begin here; None if a look-behind does not hold."""
        begun = []
        numbers = list(self.behinds)
        for look in looks:
            monitor = self.behinds.get(look)
            if monitor is None:
                begun.append((look, self.aheads[look].start_before(before)))
            elif not monitor.holds(monitors[numbers.index(look)], following):
                return None
        return begun

    def row(self, state: int) -> list[int]:
        """Where each class of bytes leads."""
        row = self._rows[state]
        if row is None:
            content = self._look_sets[state]
            self._work += 20 * len(content[0]) * len(self.parts)
            if self._work > MOST_WORK:
                raise TooManyStates
            row = [self._look_number(self._moved(content, part)) for part in self.parts]
            self._rows[state] = row
        return row

    def _moved(self, state: _LookState, part: int) -> _LookState:
        threads, before, monitors = state
        following = part & -part
        byte = following.bit_length() - 1
        moved: set[_Thread] = set()
        for place, obligations in threads:
            kept = self._carry(obligations, byte)
            if kept is None:
                continue
            for step in self.source.steps[place]:
                if not self.source.symbols[step.target] & part:
                    continue
                begun = self._begin(step.looks, before, monitors, following)
                if begun is None:
                    continue
                also = self._carry(begun, byte)
                if also is not None:
                    moved.add((step.target, kept | also))
        after = tuple(
            monitor.step(current, byte) for monitor, current in zip(self.behinds.values(), monitors, strict=True)
        )
        return frozenset(moved), self._context(byte), after

    def _carry(self, obligations: Iterable[tuple[int, int]], byte: int) -> _Obligations | None:
        """The look-aheads after a byte; None if one of them fails."""
        kept = set()
        for look, state in obligations:
            automaton = self.aheads[look]
            if automaton.ends(state) >> byte & 1:
                if self.negative[look]:
                    return None
                continue
            following = automaton.step(state, byte)
            if following:
                kept.add((look, following))
            elif not self.negative[look]:
                return None
        return frozenset(kept)

    @property
    def size(self) -> int:
        """How many states there are so far."""
        return len(self._look_sets)


def _starts(source: Positions) -> list[int]:
    return [mask & classes.ALL for mask, _ in source.starts if mask & classes.ALL != classes.ALL]


def _ahead(look: Ahead) -> Automaton:
    source = positions(look.item, anywhere=True)
    if not source.looks:
        return Automaton(source)
    # With looks inside, only the end of the path settles whether the look holds.
    whole = chain([look.item, Loop(Byte(classes.ALL), 0, None), PLACES["buffer-end"]])
    return LookAutomaton(positions(whole, anywhere=True))


def build(expression: Expression, *, anywhere: bool = False) -> Automaton:
    """The automaton of an expression.

    Raises :class:`policy.patterns.positions.TooLarge` if the expression has too many positions.
    """
    source = positions(expression, anywhere=anywhere)
    return LookAutomaton(source) if source.looks else Automaton(source)
