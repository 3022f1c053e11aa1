"""Regular expressions of an nginx configuration, on the paths for which looking for a match is sure to end soon.

nginx itself gives up on the others (PCRE's match limit); Python's ``re`` would go on for as long as it takes.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy.patterns.pattern import QuickCount

ENOUGH = 200_000
"""Ways of reading a path that are tried in less than a second."""


class Endless(Exception):
    """Looking for a match may take too long."""


class Expression:
    """A regular expression of nginx: case is ignored with ``~*``."""

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        """Raises :class:`re.error`, RecursionError or OverflowError where it is none."""
        self.text = text
        self.ignore_case = ignore_case
        self._compiled = re.compile(text, re.IGNORECASE if ignore_case else 0)

    def search(self, path: str) -> re.Match[str] | None:
        """The first match in a path; raises :class:`Endless` where it may take too long to look for one."""
        # What repeats nothing, or but one thing, is searched in no more steps than the path has pairs of places.
        if self.repeats > 1 and not self._ends_soon(path):
            raise Endless(self.text)
        return self._compiled.search(path)

    @cached_property
    def repeats(self) -> int:
        """At most how many repetitions there are."""
        return sum(map(self.text.count, "*+{")) + self.text.count("?")

    @cached_property
    def count(self) -> QuickCount | None:
        """What the ways of reading a path are counted with; None where they cannot be counted."""
        from policy import patterns  # few configurations have such expressions

        try:
            # As a search: from each place, in each way; case does not change how many ways there are.
            return patterns.compile(f".*?(?i:{self.text.replace('(?P<', '(?<')})").quick_count
        except patterns.PatternRefused:
            return None

    def _ends_soon(self, path: str) -> bool:
        from policy.patterns.ambiguity import readings

        count = self.count
        data = path.encode("utf-8", "surrogatepass")
        return count is not None and readings(count.source, data, ENOUGH) <= ENOUGH
