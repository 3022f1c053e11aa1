"""What the server knows while it runs: open texts, folders, analyses, and where each text belongs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policy.configuration.secrets import masked
from policy.editor.buffers import Buffer, Buffers
from policy.editor.content import Name, Part, RuleRow, names, parts, rule_rows
from policy.editor.grouping import root_of
from policy.editor.units import Units
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.configuration.source import Kind
    from policy.editor.analysis import Analysis
    from policy.text import Document


@dataclass(slots=True, eq=False)
class Read:
    """What is written in one text, computed once a version."""

    document: Document
    kind: Kind | None
    parts: tuple[Part, ...]
    rows: tuple[RuleRow, ...]
    names: tuple[Name, ...]


@dataclass(slots=True, eq=False)
class State:
    """Everything that features ask for. ``workspace`` are the real paths of the folders open in the editor."""

    buffers: Buffers = field(default_factory=Buffers)
    units: Units = field(default_factory=Units)
    workspace: tuple[str, ...] = ()
    analyses: dict[Path, Analysis] = field(default_factory=dict)
    roots: dict[str, Path] = field(default_factory=dict)
    _read: dict[str, Read] = field(default_factory=dict)

    def root(self, path: str) -> Path:
        """The folder that is analysed for a file, by its real path; asked of the disk once."""
        if path not in self.roots:
            self.roots[path] = root_of(path, self.workspace)
        return self.roots[path]

    def analysis(self, buffer: Buffer) -> Analysis | None:
        """The last analysis of the folder of a text."""
        return self.analyses.get(self.root(buffer.path))

    def read(self, buffer: Buffer) -> Read:
        """What is written in an open text."""
        return self._kept(buffer.path, buffer.document, buffer.kind, bare_section=buffer.bare_section)

    def _kept(self, path: str, document: Document, kind: Kind | None, *, bare_section: bool) -> Read:
        known = self._read.get(path)
        if known is None or known.document is not document:
            found = parts(document, kind, bare_section=bare_section)
            rows = tuple(rule_rows(found))
            known = Read(document, kind, found, rows, tuple(names(document, kind, found)))
            self._read[path] = known
        return known

    def texts_of(self, buffer: Buffer) -> Iterator[tuple[str, Read]]:
        """All texts that belong with one, by real path: what the editor holds stands before what is on the disk."""
        yield buffer.path, self.read(buffer)
        root = self.root(buffer.path)
        for other in self.buffers:
            if other.path != buffer.path and self.root(other.path) == root:
                yield other.path, self.read(other)
        analysis = self.analyses.get(root)
        for path, sources in analysis.sources.items() if analysis is not None else ():
            if self.buffers.at(path) is None and Path(path).is_absolute():
                source = sources[0]
                yield path, self._kept(path, source.document, source.kind, bare_section=source.bare_section)

    def shown(self, text: str, analysis: Analysis | None) -> str:
        """``text`` without secrets."""
        return analysis.masks.masked(text) if analysis is not None else masked(text)
