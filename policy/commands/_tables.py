"""Tables as text, Markdown, CSV and HTML; whatever stands in the cells, nothing in them acts on the reader's program."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policy.records import dataclass
from policy.regex import regex
from policy.report.visible import visible, width

_MARKDOWN = regex(r"([\\`*_{}\[\]<>()#+!|~&])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins a formula."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, its cells, and the group under whose heading it stands (empty: none)."""

    name: str
    cells: tuple[str, ...]
    group: str = ""
    notes: tuple[str, ...] = ()
    """For each cell what it says more, for formats that can show it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``corner`` is the heading of the names, ``columns`` those of the cells."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    footer: tuple[str, ...] = ()


def text(table: Table) -> str:
    """Aligned columns, groups under their headings."""
    indented = any(row.group for row in table.rows)
    names = [("  " if indented else "") + visible(row.name) for row in table.rows]
    heads = [visible(column) for column in table.columns]
    first = max(map(width, [table.corner, *names]), default=0)
    widths = [
        max(width(head), *(width(visible(row.cells[index])) for row in table.rows), 0) if table.rows else width(head)
        for index, head in enumerate(heads)
    ]
    lines = [_line(table.corner, heads, first, widths)]
    group = ""
    for row, name in zip(table.rows, names, strict=True):
        if row.group != group:
            group = row.group
            lines.append(visible(group))
        lines.append(_line(name, [visible(cell) for cell in row.cells], first, widths))
    if table.footer:
        lines += ["", *map(visible, table.footer)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _line(name: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    parts = [name + " " * (first - width(name))]
    parts += [cell + " " * (space - width(cell)) for cell, space in zip(cells, widths, strict=True)]
    return "  ".join(parts)


def markdown(table: Table) -> str:
    """A table with a column for the group, where there are groups."""
    grouped = any(row.group for row in table.rows)
    heads = [*([""] if grouped else []), table.corner, *table.columns]
    lines = [f"| {' | '.join(map(markdown_text, heads))} |", f"|{'-|' * len(heads)}"]
    for row in table.rows:
        cells = [*([row.group] if grouped else []), row.name, *row.cells]
        lines.append(f"| {' | '.join(map(markdown_text, cells))} |")
    if table.footer:
        lines += ["", *(f"- {markdown_text(line)}" for line in table.footer)]
    return "\n".join(lines) + "\n"


def markdown_text(value: str) -> str:
    r"""Text in which Markdown and HTML see no marks.

    >>> markdown_text("a|b <i>")
    'a\\|b \\<i\\>'
    """
    return _MARKDOWN.sub(r"\\\1", visible(value))


def markdown_code(value: str) -> str:
    """Text as code within a cell of a table."""
    shown = visible(value).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def csv(table: Table) -> str:
    """Comma-separated values (RFC 4180), with a mark before what a spreadsheet would take for a formula."""
    import csv as writer
    import io

    out = io.StringIO()
    rows = writer.writer(out, lineterminator="\r\n")
    grouped = any(row.group for row in table.rows)
    rows.writerow(map(_harmless, [*(["group"] if grouped else []), table.corner, *table.columns]))
    for row in table.rows:
        rows.writerow(map(_harmless, [*([row.group] if grouped else []), row.name, *row.cells]))
    return out.getvalue()


def _harmless(value: str) -> str:
    shown = visible(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def html(table: Table) -> str:
    """One page that loads nothing and runs nothing; what a cell says more is shown when it is pointed at."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    groups: list[tuple[str, list[tuple[str, list[tuple[str, str]]]]]] = []
    for row in table.rows:
        if not groups or groups[-1][0] != visible(row.group):
            groups.append((visible(row.group), []))
        notes = row.notes or ("",) * len(row.cells)
        cells = [(visible(cell), _visible_lines(note)) for cell, note in zip(row.cells, notes, strict=True)]
        groups[-1][1].append((visible(row.name), cells))
    return environment.from_string(_PAGE).render(
        title=visible(table.title),
        corner=table.corner,
        columns=[visible(column) for column in table.columns],
        groups=groups,
        footer=[visible(line) for line in table.footer],
    )


def _visible_lines(note: str) -> str:
    return "\n".join(map(visible, note.split("\n")))


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #1a1a1a; background: #fff }
table { border-collapse: collapse }
th, td { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top }
thead th { position: sticky; top: 0; background: #eee }
tbody th { font-weight: normal }
th.group { font-weight: bold; background: #f6f6f6 }
td.permit { background: #dff2df } td.deny { background: #f9e0de } td.partly { background: #fdf0d5 }
td.conditional { background: #e0ebf9 }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<table>
<thead><tr><th scope="col">{{ corner }}</th>
{% for column in columns %}<th scope="col">{{ column }}</th>
{% endfor %}</tr></thead>
{% for group, rows in groups %}
<tbody>
{% if group %}<tr><th class="group" scope="rowgroup" colspan="{{ columns|length + 1 }}">{{ group }}</th></tr>
{% endif %}
{% for name, cells in rows %}
<tr><th scope="row">{{ name }}</th>
{% for cell, note in cells %}
<td class="{{ {'permit': 'permit', 'deny': 'deny', 'partly': 'partly'}.get(cell.split(' ')[0], 'conditional') }}" title="{{ note }}">{{ cell }}</td>
{% endfor %}</tr>
{% endfor %}
</tbody>
{% endfor %}
</table>
{% for line in footer %}<p>{{ line }}</p>
{% endfor %}
</body>
</html>
"""
