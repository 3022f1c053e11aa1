"""The errors of the pattern room."""

from __future__ import annotations

from policy.errors import PolicyError, SyntaxRefused


class PatternRefused(SyntaxRefused):
    """A pattern that Boost refuses: the server does not start with it.

    ``position`` is the offset in the pattern, in characters from 0, where Boost sees the fault.
    """

    def __init__(self, reason: str, position: int, pattern: str = "") -> None:
        super().__init__(reason, help="Correct the pattern: the server does not start with it.")
        self.reason = reason
        self.position = position
        self.pattern = pattern


class Undecided(PolicyError):
    """A question about patterns that cannot be decided within its budget.

    ``budget`` is the number of states that the walk was allowed.
    """

    def __init__(self, budget: int) -> None:
        super().__init__(
            f"cannot be decided within {budget} states",
            help="Simplify the patterns: repetitions with counts and alternatives that start alike cost most.",
        )
        self.budget = budget


class NotAnalysable(PolicyError):
    """A question about languages, put to a pattern that is not one that automata can hold."""

    def __init__(self, pattern: str, construct: str) -> None:
        super().__init__(f"the pattern {pattern!r} cannot be analysed: it has {construct}")
        self.pattern = pattern
        self.construct = construct


class TooComplex(PolicyError):
    """A path on which Boost gives up while it tries the rule at ``index``: the request is then refused."""

    def __init__(self, index: int) -> None:
        super().__init__(f"the pattern at index {index} is too complex for this path")
        self.index = index
