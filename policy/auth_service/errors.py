"""The errors of this room: a file that stops the service, a request that fails, a token that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import PolicyError, ServerRefuses
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.text import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a file that the service does not take.

    ``path`` leads to it from the top of the document (keys and positions); ``span`` is where it stands in the text,
    or None if the text was not at hand.
    """

    message: str
    path: tuple[str | int, ...] = ()
    span: Span | None = None
    help: str | None = None


class FileRefused(ServerRefuses):
    """The service does not take this file; ``problems`` holds all that it said, the first of them is the message.

    permissions.json: the service does not start.
    anonymous-profile.json: the file is dropped as a whole and the service goes on (see :mod:`.anonymous`).
    """

    def __init__(
        self,
        problems: tuple[Problem, ...],
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        first = problems[0]
        super().__init__(first.message, file=file, line=line, column=column, help=first.help)
        self.problems = problems


class RequestFails(PolicyError):
    """The service answers this request with an HTTP error instead of a profile.

    ``status`` is the HTTP status.
    The plugin takes every such answer for a token that gives nothing.
    """

    def __init__(self, status: int, message: str, *, help: str | None = None) -> None:  # noqa: A002
        super().__init__(f"the auth service answers HTTP {status}: {message}", help=help)
        self.status = status


class TokenRefused(PolicyError):
    """A token that cannot be read or verified; ``algorithm`` is true if its algorithm alone is the reason."""

    def __init__(self, message: str, *, algorithm: bool = False, help: str | None = None) -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.algorithm = algorithm
