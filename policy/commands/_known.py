"""``--baseline``: what is known taken out of a run, and told of on standard error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policy.commands import _program

if TYPE_CHECKING:
    from policy.lint.baseline import Baseline
    from policy.lint.run import Result
    from policy.lint.settings import Settings

_MOST_NAMED = 20


def read(file: str | None) -> Baseline | None:
    """The baseline in ``file``, if one was named."""
    if file is None:
        return None
    from policy.lint import baseline

    return baseline.read(Path(file))


def less(result: Result, known: Baseline, settings: Settings) -> Result:
    """``result`` without what is known; how much that is, and what of it is gone, is told."""
    from policy.report.visible import visible

    compared = known.compare(result, settings)
    lines = [f"Not shown, since the baseline knows them: {len(compared.known)}."]
    if compared.gone:
        lines.append("No longer found; make the baseline anew, so that they are not taken for known again:")
        lines += [
            f"  {visible(entry.file)} [{visible(entry.rule)}]" + (f" {entry.times} times" if entry.times > 1 else "")
            for entry in compared.gone[:_MOST_NAMED]
        ]
        if len(compared.gone) > _MOST_NAMED:
            lines.append(f"  and {len(compared.gone) - _MOST_NAMED} more")
    _program.complain("\n".join(lines))
    return compared.new
