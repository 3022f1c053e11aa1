"""Lists in sentences."""

from __future__ import annotations

from collections.abc import Sequence


def listed(items: Sequence[str], word: str = "and", *, most: int = 4) -> str:
    """The items with commas and ``word`` before the last; beyond ``most`` their number.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=1)
    ('a, b and c', 'a and 2 more')
    """
    shown = list(items[:most])
    if len(items) > most:
        return f"{', '.join(shown)} and {len(items) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}" if shown else ""
