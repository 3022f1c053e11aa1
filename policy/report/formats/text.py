"""For people: each finding with the lines of the file, a request to replay, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policy.lint.finding import Severity
from policy.report.excerpt import WIDEST, Row, excerpt
from policy.report.view import Place, Shown, View
from policy.report.visible import fold

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def render(result: Result, options: Options) -> str:
    """The report: versions, findings with a blank line between, statistics if wanted, the sum."""
    return _Writer(View(result), options).report()


class _Writer:
    def __init__(self, view: View, options: Options) -> None:
        self.view = view
        self.options = options

    def report(self) -> str:
        blocks: list[list[str]] = []
        if not self.options.quiet:
            blocks.append([line for version in self.view.versions() for line in self._folded(version, "  ")])
        blocks += [list(self._finding(shown)) for shown in self.view.findings]
        if self.options.statistics and self.view.findings:
            blocks.append([f"{count:5}  {rule}" for rule, count in self.view.by_rule()])
        if not self.options.quiet:
            blocks.append(self._sum())
        return "\n".join("".join(f"{line}\n" for line in block) for block in blocks if block)

    def _finding(self, shown: Shown) -> Iterator[str]:
        finding = shown.finding
        color = _COLORS[finding.severity]
        head = f"{self._link(shown.place)}: {self._style(str(finding.severity), color, bold=True)}"
        first, *more = self._folded(shown.message, "  ")
        yield f"{head} {self._style(f'[{finding.rule}]', color)}"
        yield f"  {self._style(first.strip(), bold=True)}"
        yield from (self._style(line, bold=True) for line in more)
        rows = self._excerpt(shown.place, "^")
        notes = [(note, self._excerpt(note.place, "-")) for note in shown.notes]
        numbers = [row.number for group in [rows, *(group for _, group in notes)] for row in group if row.number]
        gutter = len(str(max(numbers, default=0)))
        yield from self._rows(rows, gutter, color)
        for note, group in notes:
            where = "" if note.place.file == shown.place.file and group == rows else f"{self._link(note.place)}: "
            yield from self._labelled("note", f"{where}{note.text}", "blue")
            if group != rows:
                yield from self._rows(group, gutter, "blue")
        if shown.witness:
            yield from self._labelled("replay", shown.witness, "magenta")
        if shown.help:
            yield from self._labelled("help", shown.help, "green")
        if shown.fix:
            yield from self._labelled("fix", shown.fix, "green")

    def _excerpt(self, place: Place, mark: str) -> list[Row]:
        widest = min(WIDEST, self.options.width - 12) if self.options.width else WIDEST
        return excerpt(place.location, self.view.masks, mark=mark, widest=max(widest, 40))

    def _rows(self, rows: list[Row], gutter: int, color: str) -> Iterator[str]:
        bar = self._style("|", "bright_black")
        for row in rows:
            number = str(row.number) if row.number is not None else ""
            yield f"  {self._style(number.rjust(gutter), 'bright_black')} {bar} {row.text}".rstrip()
            if row.marks:
                yield f"  {' ' * gutter} {bar} {self._marks(row.marks, color)}"

    def _marks(self, marks: str, color: str) -> str:
        blanks = len(marks) - len(marks.lstrip())
        return marks[:blanks] + self._style(marks[blanks:], color, bold=True)

    def _labelled(self, label: str, sentence: str, color: str) -> Iterator[str]:
        first, *more = self._folded(sentence, " " * (len(label) + 4))
        yield f"  {self._style(f'{label}:', color)} {first}"
        yield from more

    def _folded(self, sentence: str, indent: str) -> list[str]:
        """``sentence`` folded to the width; lines after the first begin with ``indent``."""
        columns = None if self.options.width is None else max(self.options.width - len(indent), 20)
        first, *more = fold(sentence, columns)
        return [first, *(f"{indent}{line}" for line in more)]

    def _sum(self) -> list[str]:
        counts = self.view.result.counts()
        told = [_count(number, name) for name, number in counts.items() if number]
        files = _count(self.view.file_count, "file")
        line = f"{', '.join(told) or 'Nothing found'} in {files}."
        silenced = len(self.view.result.silenced)
        if silenced:
            line += f" {_count(silenced, 'finding')} silenced by comments."
        worst = self.view.result.worst
        color = _COLORS[worst] if worst is not None else "green"
        return [self._style(part, color, bold=True) for part in self._folded(line, "  ")]

    def _link(self, place: Place) -> str:
        """The place; on a terminal a hyperlink to the file."""
        text = self._style(str(place), bold=True)
        folder = place.location.source.folder
        if not (self.options.links and folder):
            return text
        target = (Path(folder) / Path(place.location.source.path).name).absolute().as_uri()
        return f"\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\"

    def _style(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        if not self.options.color:
            return text
        from click import style

        return style(text, fg=color, bold=bold or None)


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 or noun == "info" else f"{noun}s"
    return f"{number} {plural}"
