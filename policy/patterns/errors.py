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


class TooComplex(PolicyError):
    """A path on which Boost gives up while it tries the rule at ``index``: the request is then refused."""

    def __init__(self, index: int) -> None:
        super().__init__(f"the pattern at index {index} is too complex for this path")
        self.index = index
