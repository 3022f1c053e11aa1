"""``--fix`` and ``--diff``: the changes made or shown, what was done told on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from policy.commands import _program
from policy.commands._given import loader_of
from policy.commands._output import write

if TYPE_CHECKING:
    from policy.lint.baseline import Baseline
    from policy.lint.fixing import Fixed
    from policy.lint.run import Result
    from policy.lint.settings import Settings


def fix(
    files: tuple[str, ...], kind: str | None, settings: Settings, known: Baseline | None, *, unsafe: bool
) -> Result:
    """Change the files, put the fixed text of standard input on standard output; the run that is then left."""
    from policy.lint.fixing import write_all

    fixed = _fixed(files, kind, settings, known, unsafe=unsafe)
    write_all(fixed.changes)
    if "-" in files:
        sys.stdout.buffer.write(_standard_input(fixed))
        sys.stdout.buffer.flush()
    _tell(fixed, settings, known, unsafe=unsafe)
    return fixed.after


def show(
    files: tuple[str, ...],
    kind: str | None,
    settings: Settings,
    known: Baseline | None,
    *,
    unsafe: bool,
    output: str | None,
    color: bool,
) -> bool:
    """Write what :func:`fix` would change as a unified diff; whether there is anything."""
    from policy.report.fixes import unified

    fixed = _fixed(files, kind, settings, known, unsafe=unsafe)
    write(unified(fixed, color=color), file=output, color=color)
    _tell(fixed, settings, known, unsafe=unsafe, dry=True)
    return bool(fixed.changes)


def _fixed(
    files: tuple[str, ...], kind: str | None, settings: Settings, known: Baseline | None, *, unsafe: bool
) -> Fixed:
    from policy.lint import fixing

    load = loader_of(files, kind, settings)
    wanted = None if known is None else lambda finding: not known.knows(finding)
    return fixing.fix(load, settings, given=fixing.among(files), unsafe=unsafe, wanted=wanted)


def _standard_input(fixed: Fixed) -> bytes:
    from policy.configuration.registry import STDIN

    changed = (change.after for change in fixed.changes if change.path is None)
    whole = (one.document.data for one in fixed.before.deployment.sources if one.path == STDIN)
    return next(changed, None) or next(whole)


def _tell(fixed: Fixed, settings: Settings, known: Baseline | None, *, unsafe: bool, dry: bool = False) -> None:
    from policy.report.fixes import summary

    left = (fixed.after if known is None else known.compare(fixed.after, settings).new).findings
    _program.complain(summary(fixed, left, unsafe=unsafe, dry=dry).removesuffix("\n"))
