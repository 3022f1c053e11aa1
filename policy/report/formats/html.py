"""One page for a browser: the findings, and what the policy of the server answers; see :mod:`policy.report.html`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options


def render(result: Result, _: Options) -> str:
    """The page."""
    from policy.report.html.assembly import page

    return page(result)
