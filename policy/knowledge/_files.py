"""Reading the data files of this package: one file is one group of tables, read only when it is asked for.

A data file is JSON: ``date`` (of the newest fact in it), ``sources`` (numbered texts that rows refer to) and the
tables, each an array with one row a line.
A row is an array whose columns the loader next to it names.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from policy.errors import PolicyError
from policy.knowledge.versions import Range, Version

_FOLDER = Path(__file__).parent / "data"


@cache
def read(name: str) -> dict[str, Any]:
    """The data file ``name`` (without its suffix) as it was written; the loaders alone look inside."""
    try:
        content: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_bytes())
    except (OSError, ValueError) as error:
        raise PolicyError(
            f"the table {name!r} of policy-lint cannot be read: {error}", help="Install policy-lint again."
        ) from error
    _SEEN.add(name)
    return content


def loaded() -> tuple[str, ...]:
    """The names of the data files that were read so far (for tests of laziness)."""
    return tuple(sorted(_SEEN))


_SEEN: set[str] = set()


def version(text: str | None) -> Version | None:
    """A version, or None where the table has none."""
    return None if text is None else Version.parse(text)


def span(pair: list[str | None] | None) -> Range:
    """The range that a pair [since, until] writes; None is every version."""
    return Range() if pair is None else Range(version(pair[0]), version(pair[1]))
