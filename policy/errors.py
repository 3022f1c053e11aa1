"""The errors that policy-lint raises: one tree, each with a place and a way out.

Every error that a caller may meet derives from :class:`PolicyError`.
An error carries ``file``, ``line`` and ``column`` (both from 1, columns in characters) where they are known,
and ``help``: one sentence that says what to do.
"""

from __future__ import annotations


class PolicyError(Exception):
    """Something that policy-lint was given cannot be used.

    >>> str(PolicyError("the file is empty", file="a.json", line=1, column=1))
    'a.json:1:1: the file is empty'
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        help: str | None = None,  # noqa: A002 - the word of the contract
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.help = help

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class Unreadable(PolicyError):
    """A file that cannot be opened, is no text, or is too large."""


class SyntaxRefused(PolicyError):
    """A text that the named reader refuses to read."""


class ShapeError(PolicyError):
    """A document that is read but has not the shape that was asked for."""


class UnknownVersion(PolicyError):
    """A version that the tables do not know."""


class UsageError(PolicyError):
    """A question that cannot be put in this way."""


class ServerRefuses(PolicyError):
    """The real program would not start with this configuration.

    The message says what the program says or does; it never repeats a secret.
    """
