"""A file before and after a change, and the patch between them, which never shows a secret."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.source import Source


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after; ``secret_lines`` of it before, from 0, never appear in a patch."""

    path: str
    before: bytes
    after: bytes
    secret_lines: frozenset[int] = frozenset()

    @classmethod
    def of(cls, source: Source, after: bytes) -> FileChange:
        """The change of a file that was read."""
        from policy.configuration.secrets import secret_spans

        document = source.document
        lines: set[int] = set()
        for span in secret_spans(source):
            lines.update(range(document.position(span.start).line - 1, document.position(span.end).line))
        return cls(source.path, document.data, after, frozenset(lines))

    def patch(self) -> str:
        """The unified patch, as ``git apply`` and ``patch -p1`` take it.

        It has three lines around each change, or fewer where one of them holds a secret.
        """
        old, new = (
            data.decode("utf-8", "surrogateescape").splitlines(keepends=True) for data in (self.before, self.after)
        )
        matcher = difflib.SequenceMatcher(None, old, new)
        around = next((n for n in (3, 2, 1) if not any(self._shows(group) for group in _groups(matcher, n))), 0)
        name = Path(self.path).as_posix().lstrip("/")
        lines = difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=around)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def _shows(self, group: list[tuple[str, int, int, int, int]]) -> bool:
        return not self.secret_lines.isdisjoint(range(group[0][1], group[-1][2]))


def _groups(matcher: difflib.SequenceMatcher[str], around: int) -> list[list[tuple[str, int, int, int, int]]]:
    return list(matcher.get_grouped_opcodes(around))
