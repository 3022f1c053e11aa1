"""Findings as the protocol tells them, each in the file in which its place is."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from policy.knowledge.references import reference
from policy.lint.finding import Severity
from policy.lint.fixing import text_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policy.editor.analysis import Analysis
    from policy.editor.units import Units
    from policy.errors import PolicyError
    from policy.lint.finding import Finding

NAME = "policy-lint"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_NEEDLESS = frozenset(
    {
        "duplicate-rule",
        "duplicate-key",
        "permission-unasked",
        "redundant-rule",
        "shadowed-rule",
        "text-after-end",
        "unused-ignore",
        "vacuous-pattern",
    }
)
"""Rules about what has no effect: editors fade it out."""
_OUTDATED = frozenset(
    {"legacy-authz-env", "keycloak-old-variables", "old-permissions-copy", "roles-old-format", "oe2-legacy-link-alias"}
)
"""Rules about what newer versions have another word for: editors strike it through."""


def diagnostics(
    analysis: Analysis, units: Units, uri: Callable[[str], str]
) -> Mapping[str, list[tuple[Finding, types.Diagnostic]]]:
    """The findings by the real path of their file; ``uri`` names a file by its real path."""
    found: dict[str, list[tuple[Finding, types.Diagnostic]]] = defaultdict(list)
    for finding in analysis.result.findings if analysis.result is not None else ():
        path = text_name(finding.location.source)
        found[path].append((finding, _diagnostic(finding, analysis, units, uri)))
    return found


def _diagnostic(finding: Finding, analysis: Analysis, units: Units, uri: Callable[[str], str]) -> types.Diagnostic:
    text = analysis.masks.text
    tags = [types.DiagnosticTag.Unnecessary] if finding.rule in _NEEDLESS else []
    tags += [types.DiagnosticTag.Deprecated] if finding.rule in _OUTDATED else []
    message = text(finding.message)
    if finding.help:
        message += f"\n{text(finding.help)}"
    if finding.witness is not None:
        one = finding.witness
        message += "\n" + text(
            f"{'Sampled' if one.sampled else 'Example'}: {one.method} {one.path} by {one.who}: {one.answer}"
        )
    return types.Diagnostic(
        range=units.range_of(finding.location),
        message=message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_described(finding),
        source=NAME,
        tags=tags or None,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri(text_name(related.location.source)), units.range_of(related.location)),
                text(related.note),
            )
            for related in finding.related
        ]
        or None,
        data={"rule": finding.rule, "fingerprint": finding.fingerprint, "fix": finding.fix is not None},
    )


def _described(finding: Finding) -> types.CodeDescription | None:
    """The clause of a standard that the rule belongs to: the first that has an address."""
    known = (reference(identifier) for identifier in finding.references)
    address = next((one.url for one in known if one is not None and one.url and one.checked), None)
    return types.CodeDescription(address) if address is not None else None


def refused(error: Exception, root: Path) -> tuple[Path, types.Diagnostic]:
    """Why the files of a folder could not be looked at, with the file at which it is told.

    What is no error of ours is told by its kind alone: its text could hold anything.
    """
    from policy.configuration.secrets import masked
    from policy.errors import PolicyError

    if not isinstance(error, PolicyError):
        place = types.Range(types.Position(0, 0), types.Position(0, 1))
        message = f"internal error: {fault(error)}; this is a fault of policy-lint, please report it"
        return root, types.Diagnostic(place, message, severity=types.DiagnosticSeverity.Error, source=NAME)
    return _path(error, root), types.Diagnostic(
        range=_range(error),
        message=masked(f"{error.message}\n{error.help}" if error.help else error.message),
        severity=types.DiagnosticSeverity.Error,
        source=NAME,
    )


def fault(error: Exception) -> str:
    """The kind and the place of a fault of ours: what a report about it needs, and nothing of what files hold."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
    return f"{type(error).__name__} at {where}"


def _path(error: PolicyError, root: Path) -> Path:
    return root / error.file if error.file is not None else root


def _range(error: PolicyError) -> types.Range:
    line, column = (error.line or 1) - 1, (error.column or 1) - 1
    return types.Range(types.Position(line, column), types.Position(line, column + 1))
