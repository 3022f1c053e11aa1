"""Where reports go: standard output or a file, in the encoding that the reader has, all or nothing."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import click

from policy.errors import Unreadable


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
        _write_file(Path(str(file)), text)
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


def _write_file(path: Path, text: str) -> None:
    """Put ``text`` in the place of ``path`` in one step, so that a reader sees the old file or the whole new one."""
    temporary: str | None = None
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():  # a pipe or a device has nothing to be replaced
            target.write_text(text, "utf-8", newline="")
            return
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)  # noqa: PTH101 - the name is text
        os.replace(temporary, target)  # noqa: PTH105
        temporary = None
    except OSError as error:
        raise Unreadable(
            f"the report cannot be written: {error.strerror}", file=str(path), help="Check the folder and its rights."
        ) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
