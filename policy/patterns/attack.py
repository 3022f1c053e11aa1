"""Paths on which Boost gives up, made from what makes a pattern ambiguous and tried on Boost's machine."""

from __future__ import annotations

from policy.patterns.likely import PLAIN, Preference, letter, text
from policy.patterns.machine import GaveUp, OutOfBudget
from policy.patterns.pattern import Pattern

#: What may follow the repeated text so that the match fails.
_ENDINGS = (b"!", b"", b"\n", b"/", b"/!", b"~", b"\x00")


def attack(
    pattern: Pattern, *, preference: Preference = PLAIN, longest: int = 1500, budget: int = 3_000_000
) -> str | None:
    """The shortest path of its shape on which Boost gives up; None if none was found.

    The shape is a way to the ambiguous loop, the loop's text again and again, and an ending that does not match.
    ``longest`` bounds the path, ``budget`` the states of Boost's machine that are visited to try paths; what is
    returned was tried: :meth:`Pattern.gives_up` is true of it.

    >>> from policy.patterns import compile
    >>> attack(compile("^/([a-z]+)*$")), attack(compile("^/([a-z]+)$"))
    ('/aaaaaaaaaaaaaaa!', None)
    """
    pump = pattern.pump
    if pump is None or not pump.loop:
        return None
    head = bytes(letter(mask, preference) for mask in pump.prefix)
    loop = bytes(letter(mask, preference) for mask in pump.loop)
    tries = _Tries(pattern, budget)
    best: bytes | None = None
    for ending in _ENDINGS:
        most = (longest if best is None else len(best) - 1) - len(head) - len(ending)
        found = _shortest(tries, head, loop, ending, most)
        if found is not None:
            best = found
    return None if best is None else text(best)


class _Tries:
    """Boost's answers, as long as the budget lasts."""

    def __init__(self, pattern: Pattern, budget: int) -> None:
        self.pattern = pattern
        self.left = budget

    def gives_up(self, data: bytes) -> bool | None:
        """Whether Boost gives up; None if the budget is spent before that is known."""
        if self.pattern.cannot_give_up(data):
            return False
        if self.left <= 0:
            return None
        try:
            self.left -= self.pattern.machine.run(data, self.left).states
        except GaveUp as gave:
            self.left -= gave.states
            return True
        except OutOfBudget:
            self.left = 0
            return None
        return False


def _shortest(tries: _Tries, head: bytes, loop: bytes, ending: bytes, most: int) -> bytes | None:
    """The shortest path of this shape; the last round of the loop may be cut short."""
    if tries.pattern.matches(head + loop * 3 + ending):
        return None

    def path(length: int) -> bytes:
        return head + (loop * (length // len(loop) + 1))[:length] + ending

    low, high = 0, 4 * len(loop)
    while True:
        if high > most:
            return None
        answer = tries.gives_up(path(high))
        if answer is None:
            return None
        if answer:
            break
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        answer = tries.gives_up(path(middle))
        if answer is None:
            break
        if answer:
            high = middle
        else:
            low = middle
    return path(high)
