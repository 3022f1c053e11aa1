"""Silencing a finding: a comment on its line where every program that reads the file takes comments, else a setting."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from policy.configuration.source import Kind
from policy.lint.suppression import ignores_of
from policy.records import replace
from policy.text import parse, parse_yaml
from policy.text.embedding import EmbeddedDocument

if TYPE_CHECKING:
    from policy.lint.context import Context
    from policy.lint.finding import Finding

_HASH = frozenset({Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM, Kind.ENVIRONMENT, Kind.NGINX})
SETTINGS = ".policy-lint.toml"
_TABLE = re.compile(r"^\[per-file-ignores\][ \t]*(?:#.*)?$", re.MULTILINE)


def commented(finding: Finding, context: Context) -> str | None:
    """The text with a comment that silences the finding; None where a comment cannot stand there."""
    source = finding.location.source
    document = source.document
    if isinstance(document, EmbeddedDocument) or source.variable is not None:
        return None
    number = finding.location.start.line
    line = document.line(number)
    start = document.offset(number)
    hash_marks = source.kind in _HASH
    mark = "#" if hash_marks else "//"
    words = f"policy-lint: ignore[{finding.rule}]"
    if hash_marks and source.kind is Kind.ENVIRONMENT:
        # There a value would go on with the comment.
        made = document.text[:start] + f"{mark} {words}\n" + document.text[start:]
    else:
        existing = next(
            (one for one in ignores_of(source) if one.lines == range(number, number + 1) and one.rules), None
        )
        if existing is not None:
            at = document.text.index("]", existing.location.span.start)
            made = f"{document.text[:at]}, {finding.rule}{document.text[at:]}"
        else:
            end = start + len(line.rstrip())
            made = f"{document.text[:end]} {mark} {words}{document.text[end:]}"
    return made if _silent(finding, made, context) else None


def _silent(finding: Finding, made: str, context: Context) -> bool:
    """Whether the comment is one, silences the finding, and every program reads the file as before."""
    source = finding.location.source
    data = source.document.source.encode(made)
    document = parse_yaml(data) if source.document.language == "yaml" else parse(data)
    changed = replace(source, document=document)
    span = finding.location.span
    moved = max(0, len(made) - len(source.document.text)) if source.kind is Kind.ENVIRONMENT else 0
    there = replace(finding, location=changed.place(type(span)(span.start + moved, span.end + moved)))
    if not any(ignore.silences(there) for ignore in ignores_of(changed)):
        return False
    return all(
        document.accepted_by(reading.reader, str(reading.version))
        or not source.document.accepted_by(reading.reader, str(reading.version))
        for reading in context.readings(source)
    )


def settings_with(finding: Finding, root: Path) -> tuple[Path, str, str] | None:
    """The file of settings with the finding's rule ignored for its file: path, text before (empty: new), text after.

    None where the settings are those of ``pyproject.toml`` or hold the file already: they are then for a person.
    """
    from policy.errors import PolicyError
    from policy.lint.settings import find_configuration, read_configuration

    try:
        found = find_configuration(root)
        settings = read_configuration(found) if found is not None else None
    except PolicyError:
        return None
    path = finding.location.source.path
    quoted = path.replace("\\", "\\\\").replace('"', '\\"')
    row = f'"{quoted}" = ["{finding.rule}"]\n'
    if found is None or settings is None:
        return root / SETTINGS, "", f"[per-file-ignores]\n{row}"
    if found.name != SETTINGS or path in settings.per_file_ignores:
        return None
    before = found.read_text("utf-8")
    table = _TABLE.search(before)
    if table is not None:
        end = table.end()
        after = f"{before[:end]}\n{row.rstrip()}{before[end:]}"
    elif settings.per_file_ignores:
        return None
    else:
        gap = "" if not before or before.endswith("\n") else "\n"
        after = f"{before}{gap}\n[per-file-ignores]\n{row}"
    return found, before, after
