"""Findings as plain data, secrets masked: what the JSON report holds and what other machine formats take from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policy.report.changes import replacements
from policy.report.view import Note, Place, Shown, View
from policy.report.visible import escaped_json

if TYPE_CHECKING:
    from policy.lint.finding import Fix

VERSION = 1
"""Of the shape below; it grows only when a reader of the old one would break."""


def report(view: View) -> dict[str, Any]:
    """The whole report."""
    result = view.result
    counts: dict[str, object] = dict(result.counts())
    summary = counts | {
        "files": view.file_count,
        "silenced": len(result.silenced),
        "rules": dict(view.by_rule()),
        "versions": view.versions(),
    }
    return {"version": VERSION, "findings": [finding(view, shown) for shown in view.findings], "summary": summary}


def finding(view: View, shown: Shown) -> dict[str, Any]:
    """One finding."""
    found = shown.finding
    witness = found.witness
    return {
        "rule": found.rule,
        "code": found.code,
        "severity": str(found.severity),
        "confidence": str(found.confidence),
        "persona": str(found.persona),
        "message": shown.message,
        "help": shown.help,
        **where(shown.place),
        "witness": None
        if witness is None
        else {
            "method": witness.method,
            "path": view.masks.masked(witness.path),
            "who": view.masks.masked(witness.who),
            "answer": witness.answer,
            "sampled": witness.sampled,
            "text": shown.witness,
        },
        "related": [_note(note) for note in shown.notes],
        "fix": None if found.fix is None else _fix(found.fix, view),
        "references": list(found.references),
        "facts": view.masks.data(found.facts),
        "fingerprint": found.fingerprint,
    }


def where(place: Place) -> dict[str, Any]:
    """A place: lines and columns from 1, columns in characters, the end not included."""
    return {
        "file": place.location.source.path,
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
    }


def _fix(fix: Fix, view: View) -> dict[str, Any]:
    edits = [
        {
            "file": one.file,
            "line": one.start.line,
            "column": one.start.column,
            "end_line": one.end.line,
            "end_column": one.end.column,
            "text": one.text,
        }
        for one in replacements(fix, view.masks)
    ]
    return {"title": view.masks.text(fix.title), "safe": fix.safe, "edits": edits}


def _note(note: Note) -> dict[str, Any]:
    return {"note": note.text, **where(note.place)}


def to_json(data: object) -> str:
    """``data`` as JSON that is safe to print, with a line end."""
    return escaped_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"
