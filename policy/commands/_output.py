"""Where reports go: standard output or a file, in the encoding that the reader has, all or nothing."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import click


def color_wanted(flag: bool | None, *, to_file: bool = False) -> bool:  # noqa: FBT001 - an option as it was given
    """Whether output is coloured: as ``--color`` or ``--no-color`` says, else on a terminal unless NO_COLOR is set."""
    if flag is not None:
        return flag
    return on_terminal(to_file=to_file) and not os.environ.get("NO_COLOR")


def on_terminal(*, to_file: bool = False) -> bool:
    """Whether the report is read on a terminal that knows escape sequences."""
    return not to_file and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str, *, file: str | None = None, color: bool = False, exact: bool = False) -> None:
    """Write ``text`` to ``file``, or to standard output for None and ``-``.

    ``exact`` is for machines: UTF-8 whatever the terminal has.  Else what the output cannot encode is written as an
    escape.  A reader that stops reading ends the output and nothing more.
    """
    if file not in (None, "-"):
        from policy.text.write import write as replace

        replace(str(file), text.encode(), create=True)
        return
    try:
        if exact:
            click.echo(text.encode(), nl=False)
        else:
            encoding = sys.stdout.encoding or "utf-8"
            click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False, color=color or None)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain again when it closes the stream at exit.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
