"""What can be done about findings: their fixes, all safe ones, a comment or setting that silences, a suggestion."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from policy.editor.analysis import loader
from policy.editor.changes import fits, workspace_edit
from policy.editor.diagnostics import NAME
from policy.editor.ignoring import commented, settings_with
from policy.errors import PolicyError
from policy.lint.fixing import fix, text_name, texts_with
from policy.text import parse

if TYPE_CHECKING:
    from policy.editor.analysis import Analysis
    from policy.editor.buffers import Buffer
    from policy.editor.state import State
    from policy.lint.finding import Finding
    from policy.text import Document

FIX_ALL = "policy-lint.fixAll"
SUGGEST = "policy-lint.suggest"
FIX_ALL_KIND = f"{types.CodeActionKind.SourceFixAll.value}.{NAME}"

Diagnosed = tuple["Finding", types.Diagnostic]


def actions(
    buffer: Buffer,
    diagnosed: Sequence[Diagnosed],
    area: types.Range,
    only: Sequence[str] | None,
    state: State,
) -> list[types.CodeAction]:
    """The actions for the findings of an open text that touch ``area``; ``only`` are the kinds that are asked for."""
    analysis = state.analysis(buffer)
    if analysis is None:
        return []
    found: list[types.CodeAction] = []
    if _asked(types.CodeActionKind.QuickFix, only):
        for finding, diagnostic in diagnosed:
            if _touches(diagnostic.range, area):
                found.extend(_for_finding(finding, diagnostic, buffer, analysis, state))
    if _asked(FIX_ALL_KIND, only) and any(one.fix is not None and one.fix.safe for one, _ in diagnosed):
        command = types.Command(title="Fix all that can be fixed safely", command=FIX_ALL, arguments=[buffer.uri])
        found.append(types.CodeAction(title=command.title, kind=FIX_ALL_KIND, command=command))
    return found


def _asked(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in map(_text, only))


def _text(kind: object) -> str:
    return str(getattr(kind, "value", kind))


def _touches(one: types.Range, other: types.Range) -> bool:
    return (other.start.line, other.start.character) <= (one.end.line, one.end.character) and (
        one.start.line,
        one.start.character,
    ) <= (other.end.line, other.end.character)


def _for_finding(
    finding: Finding, diagnostic: types.Diagnostic, buffer: Buffer, analysis: Analysis, state: State
) -> Iterator[types.CodeAction]:
    shown = analysis.masks.text
    if finding.fix is not None:
        edit = _fix_edit(finding, state)
        if edit is not None:
            title = shown(finding.fix.title) + ("" if finding.fix.safe else " (unsafe: look at what it changes)")
            yield _quick(title, diagnostic, edit, preferred=finding.fix.safe)
    if finding.rule == "patient-level-bypass" or (finding.fix is not None and not finding.fix.safe):
        command = types.Command(
            title=f"Suggest the smallest change that closes {finding.code}",
            command=SUGGEST,
            arguments=[buffer.uri, finding.rule],
        )
        yield types.CodeAction(
            title=command.title, kind=types.CodeActionKind.QuickFix, diagnostics=[diagnostic], command=command
        )
    yield from _silencing(finding, diagnostic, analysis, state)


def _fix_edit(finding: Finding, state: State) -> types.WorkspaceEdit | None:
    """The fix as an edit; None where the text has moved on, or cannot hold the change."""
    try:
        made = texts_with([finding])
    except PolicyError:
        return None
    whole = {name: (_whole(source.document), after) for name, (source, after) in made.items()}
    if not fits(((name, document.data) for name, (document, _) in whole.items()), state.buffers):
        return None
    return workspace_edit(whole, state.buffers, state.units)


def _whole(document: Document) -> Document:
    """The text in which a text may be held."""
    outer = getattr(document, "outer", None)
    return _whole(outer) if outer is not None else document


def _silencing(
    finding: Finding, diagnostic: types.Diagnostic, analysis: Analysis, state: State
) -> Iterator[types.CodeAction]:
    source = finding.location.source
    name = text_name(source)
    made = analysis.context.once(("editor", "comment", id(finding)), lambda: commented(finding, analysis.context))
    if made is not None and fits([(name, source.document.data)], state.buffers):
        edit = workspace_edit({name: (source.document, made)}, state.buffers, state.units)
        yield _quick(f"Ignore {finding.rule} here, by a comment", diagnostic, edit)
    root = analysis.settings.root or analysis.root
    settings = analysis.context.once(("editor", "settings", id(finding)), lambda: settings_with(finding, root))
    if settings is not None:
        yield _quick(
            f"Ignore {finding.rule} in this file, in the settings", diagnostic, _settings_edit(*settings, state)
        )


def _settings_edit(path: Path, before: str, after: str, state: State) -> types.WorkspaceEdit:
    uri = state.buffers.uri(str(path))
    if not before:
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri)
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        return types.WorkspaceEdit(
            document_changes=[
                types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True)),
                types.TextDocumentEdit(identifier, [types.TextEdit(start, after)]),
            ]
        )
    return workspace_edit({str(path): (parse(before), after)}, state.buffers, state.units)


def _quick(
    title: str, diagnostic: types.Diagnostic, edit: types.WorkspaceEdit, *, preferred: bool = False
) -> types.CodeAction:
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=edit,
        is_preferred=preferred or None,
    )


# -- what takes longer: made by a command, on the worker's thread ----------------------------------------------------


def fix_all(analysis: Analysis, path: str, texts: Mapping[str, bytes]) -> dict[str, tuple[Document, bytes]]:
    """The text at a real path after all safe fixes that change nothing but it, with the text before."""
    again = loader(analysis.root, texts, analysis.settings)
    fixed = fix(again, analysis.settings, given=lambda name: name == path)
    return {str(change.path): (parse(change.before), change.after) for change in fixed.changes}


def suggested(
    analysis: Analysis, path: str, rule: str, texts: Mapping[str, bytes]
) -> tuple[str, dict[str, tuple[Document, bytes]]] | None:
    """The best suggestion that closes a finding, in words and as texts before and after; None where there is none.

    :raises PolicyError: where the server does not start.
    """
    from policy.questions.suggest import Suggester

    server = analysis.server(path)
    again = loader(analysis.root, texts, analysis.settings, absolute=True)
    suggester = Suggester(again, server.name if server is not None else None)
    found = suggester.close(rule)
    if not found:
        return None
    best = found[0]
    text = best.text if best.alone else f"{best.text}; it changes {len(best.others)} other answers too"
    return text, {os.path.realpath(one.path): (parse(one.before), one.after) for one in best.files}
