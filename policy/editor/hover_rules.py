"""A row of rules: who passes, which transactions of DICOMweb it decides, an example, what hides it and what it hides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.editor.callers import passing, transactions_of
from policy.editor.markdown import code, link
from policy.lint.fixing import text_name
from policy.lint.views.listing import listed
from policy.lint.views.own_rules import known_of
from policy.lint.views.unchecked import dicom_web_root

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.editor.analysis import Analysis
    from policy.editor.buffers import Buffer
    from policy.editor.callers import Passing
    from policy.editor.content import RuleRow
    from policy.editor.state import State
    from policy.engine.rules import Rule
    from policy.lint.views.own_rules import Own

_SHOWN = 6


def rule_text(row: RuleRow, buffer: Buffer, state: State) -> str:
    """What a row means, in Markdown."""
    head = f"**Rule** {code(f'{row.method.upper()} {row.pattern}')}"
    asked = (
        f"Asks for {listed([code(name) for name in row.names], 'or', most=12)}." if row.names else "Asks for nothing."
    )
    analysis = state.analysis(buffer)
    found = analysis.own(buffer.path, row) if analysis is not None else None
    if found is None or analysis is None:
        return "\n\n".join((head, asked, _unusable(row)))
    return "\n\n".join((head, asked, *_paragraphs(*found, analysis, state)))


def _unusable(row: RuleRow) -> str:
    """Why nothing is known of a row."""
    from policy import patterns

    try:
        patterns.compile(row.pattern)
    except patterns.PatternRefused as error:
        return f"The pattern is refused at character {error.position + 1}: {code(error.reason)}."
    return "Who passes is not known: the text was not looked at yet, or nothing reads this row."


def _paragraphs(server: OrthancServer, own: Own, analysis: Analysis, state: State) -> Iterator[str]:
    found = passing(server, own, analysis)
    hidden_by = analysis.hidden_by(own)
    if hidden_by:
        yield f"**Never decides**: {_named(hidden_by, state)} {'takes' if len(hidden_by) == 1 else 'take'} its paths first."
    elif found.example is None:
        yield "No request was found that it decides."
    yield from _who(found)
    if found.example is not None:
        yield f"Example: {code(found.example)}"
    many = transactions_of(own.rules, dicom_web_root(server))
    if many:
        told = [
            f"{one.group} {one.name}" + (f" (PS3.18 {one.clause})" if one.clause and one.clause_checked else "")
            for one in many
        ]
        yield f"DICOMweb: {listed(told, most=_SHOWN)}."
    else:
        known = [one for one in known_of(own, server, analysis.context) if one.method == own.rule.method]
        if known:
            yield f"Known routes: {listed([code(str(one)) for one in known], most=_SHOWN)}."
    hides = analysis.hides(own)
    if hides:
        yield f"Hides {_named([one.own.rule for one in hides], state)}."


def _who(found: Passing) -> Iterator[str]:
    if found.callers is None:
        return
    if not found.roles:
        yield "The files give no roles." + (" Anybody without a token passes." if found.anybody else "")
        return
    lines = []
    for one in found.callers.allowed:
        if one.who.kind not in ("role", "anonymous"):
            continue
        who = code(one.who.name) if one.who.kind == "role" else "anybody without a token"
        when = (
            f", if {listed([code(str(each)) for each in one.decision.conditions])}" if one.decision.conditions else ""
        )
        lines.append(f"- {who}{when}")
    yield "Who passes:\n\n" + "\n".join(lines) if lines else "Nobody passes: no role has such a permission."


def _named(rules: tuple[Rule, ...] | list[Rule], state: State) -> str:
    """Rules by their lines, those of the built-in list by their patterns."""
    told = []
    for rule in rules:
        place = rule.location
        if place is None:
            told.append(f"the built-in rule {code(f'{rule.method} {rule.pattern}')}")
        else:
            uri = state.buffers.uri(text_name(place.source))
            told.append(f"{link(f'line {place.start.line}', uri, place.start.line)} {code(rule.pattern)}")
    return listed(list(dict.fromkeys(told)), most=_SHOWN)
