"""Texts that a page compares requests with: they must stand in it as they are, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.report.excerpt import Masks


class Hidden(Exception):
    """A text that requests are compared with holds a secret, so that it cannot be in a page."""


class Exact:
    """Hands on texts of a configuration: called for what is compared, :meth:`shown` for what is only read."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks

    def __call__(self, text: str) -> str:
        """``text`` as it is; raises :class:`Hidden` where a secret is in it."""
        if self._masks.masked(text) != text:
            raise Hidden
        return text

    def shown(self, text: str) -> str:
        """``text`` with secrets masked and everything in it printable."""
        return self._masks.text(text)
