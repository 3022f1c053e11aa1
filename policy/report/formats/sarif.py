"""SARIF 2.1.0, which code scanning services read.

Findings that a comment silences are in the file as suppressed ones, as the standard wants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from policy import __version__
from policy.lint.finding import Confidence, Severity
from policy.lint.page import markdown, page_of
from policy.report import sarif_model as sarif
from policy.report.changes import replacements
from policy.report.plain import to_json
from policy.report.view import Place, Shown, View

if TYPE_CHECKING:
    from policy.lint.finding import Fix
    from policy.lint.rule import Rule
    from policy.lint.run import Result
    from policy.report import Options

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCORES = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.INFO: "2.0"}
"""What GitHub sorts security findings by: high, medium, low."""
_PRECISIONS = {
    Confidence.PROVED: "very-high",
    Confidence.SURE: "very-high",
    Confidence.LIKELY: "medium",
    Confidence.SAMPLED: "medium",
}
_FINGERPRINT = "policyLint/v1"


def render(result: Result, _: Options) -> str:
    """The report."""
    view = View(result)
    # GitHub shows only rules that the file describes, so that a rule with a finding is always among them.
    found = {finding.rule for finding in (*result.findings, *result.silenced)}
    rules = [rule for rule in result.rules if rule.name in found]
    writer = _Writer(view, {rule.name: index for index, rule in enumerate(rules)})
    driver = sarif.ToolComponent(
        name="policy-lint",
        full_name=f"policy-lint {__version__}",
        semantic_version=__version__,
        version=__version__,
        rules=tuple(_descriptor(rule) for rule in rules),
    )
    results = [writer.result(shown) for shown in view.findings]
    results += [writer.result(shown, suppressed=True) for shown in view.shown(result.silenced)]
    run = sarif.Run(
        tool=sarif.Tool(driver),
        results=tuple(results),
        column_kind="unicodeCodePoints",
        newline_sequences=("\r\n", "\n", "\r"),
    )
    return to_json(sarif.plain(sarif.Log(sarif.SCHEMA, "2.1.0", (run,))))


def _descriptor(rule: Rule) -> sarif.ReportingDescriptor:
    page = page_of(rule)
    text = markdown(rule)
    return sarif.ReportingDescriptor(
        id=rule.name,
        name=type(rule).__name__,
        short_description=sarif.Message(rule.title),
        full_description=sarif.Message(page.title or rule.title),
        help=sarif.Message(text, text),
        default_configuration=sarif.ReportingConfiguration(_LEVELS[rule.severity]),
        properties={
            "tags": ["security", *(_tag(tag) for tag in rule.tags)],
            "precision": _PRECISIONS[rule.confidence],
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                _LEVELS[rule.severity]
            ],
            "security-severity": _SCORES[rule.severity],
            "code": rule.code,
            "persona": str(rule.persona),
            "since": rule.since,
        },
    )


def _tag(tag: str) -> str:
    """``cwe:862`` as code scanning wants it, ``external/cwe/cwe-862``; other standards in the same manner."""
    standard, _, number = tag.lower().partition(":")
    return f"external/{standard}/{standard}-{number.replace(':', '-')}" if number else f"external/{standard}"


def uri(path: str) -> str:
    """``path`` as a URI: relative paths stay relative, absolute ones become ``file:`` URIs.

    Every byte that a URI cannot hold is escaped, those of undecodable names too.
    """
    path = path.replace("\\", "/").removeprefix("./") if path[1:3] == ":\\" else path.removeprefix("./")
    escaped = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return f"file://{escaped}"
    if path[1:3] == ":/":
        return f"file:///{path[0]}:{escaped[4:]}"
    return escaped


class _Writer:
    def __init__(self, view: View, indexes: dict[str, int]) -> None:
        self.view = view
        self.indexes = indexes

    def result(self, shown: Shown, *, suppressed: bool = False) -> sarif.Result:
        finding = shown.finding
        properties: dict[str, object] = {
            "code": finding.code,
            "confidence": str(finding.confidence),
            "persona": str(finding.persona),
        }
        if shown.witness:
            properties["witness"] = shown.witness
        return sarif.Result(
            rule_id=finding.rule,
            rule_index=self.indexes.get(finding.rule),
            level=_LEVELS[finding.severity],
            message=sarif.Message(self._sentences(shown)),
            locations=(sarif.Location(self._place(shown.place)),),
            related_locations=tuple(
                sarif.Location(self._place(note.place), id=number, message=sarif.Message(note.text))
                for number, note in enumerate(shown.notes, 1)
            ),
            fixes=self._fixes(finding.fix) if finding.fix is not None else (),
            partial_fingerprints={_FINGERPRINT: finding.fingerprint},
            suppressions=(sarif.Suppression("inSource"),) if suppressed else (),
            properties=properties,
        )

    def _fixes(self, fix: Fix) -> tuple[sarif.Fix, ...]:
        by_file: dict[str, list[sarif.Replacement]] = {}
        for one in replacements(fix, self.view.masks):
            region = sarif.Region(one.start.line, one.start.column, one.end.line, one.end.column)
            by_file.setdefault(one.file, []).append(sarif.Replacement(region, sarif.Message(one.text)))
        changes = tuple(sarif.ArtifactChange(artifact_location(path), tuple(made)) for path, made in by_file.items())
        return (sarif.Fix(sarif.Message(self.view.masks.text(fix.title)), changes),) if changes else ()

    @staticmethod
    def _sentences(shown: Shown) -> str:
        """Message, request and help; what would be a link in a message of SARIF is none here."""
        lines = [shown.message]
        lines += [f"Replay: {shown.witness}"] if shown.witness else []
        lines += [f"Help: {shown.help}"] if shown.help else []
        return "\n".join(lines).replace("](", "] (")

    def _place(self, place: Place) -> sarif.PhysicalLocation:
        span = place.location.span
        snippet = self.view.masks.between(place.location.source, span.start, span.end)[:_LONGEST_SNIPPET]
        return sarif.PhysicalLocation(
            artifact_location(place.location.source.path),
            sarif.Region(
                place.start.line,
                place.start.column,
                place.end.line,
                place.end.column,
                sarif.Message(snippet) if snippet else None,
            ),
        )


_LONGEST_SNIPPET = 1000


def artifact_location(path: str) -> sarif.ArtifactLocation:
    """Where a file is: relative to the root of the sources unless the path leads elsewhere."""
    target = uri(path)
    outside = target.startswith(("file:", "../"))
    return sarif.ArtifactLocation(target, None if outside else "%SRCROOT%")
