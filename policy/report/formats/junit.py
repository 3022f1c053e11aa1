"""A JUnit report: a suite for each file, a failed case for each finding, a passed one where nothing was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from policy.lint.finding import Severity
from policy.report.view import Shown, View
from policy.report.visible import visible

if TYPE_CHECKING:
    from policy.lint.run import Result
    from policy.report import Options

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(result: Result, _: Options) -> str:
    """The report; notes at severity info pass, with their sentence as output."""
    view = View(result)
    by_file: dict[str, list[Shown]] = {source.path: [] for source in result.deployment.sources}
    for shown in view.findings:
        by_file.setdefault(shown.place.location.source.path, []).append(shown)
    root = Element("testsuites", name="policy-lint")
    for path, findings in by_file.items():
        _suite(root, visible(path), findings)
    for name in ("tests", "failures"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, file: str, findings: Sequence[Shown]) -> None:
    failures = sum(shown.finding.severity > Severity.INFO for shown in findings)
    tests = str(len(findings) or 1)
    suite = SubElement(root, "testsuite", name=file, tests=tests, failures=str(failures), errors="0", time="0")
    if not findings:
        SubElement(suite, "testcase", name="policy-lint", classname=file, file=file, time="0")
    for shown in findings:
        finding = shown.finding
        case = SubElement(
            suite,
            "testcase",
            name=f"{finding.rule} at {shown.place.start.line}:{shown.place.start.column}",
            classname=file,
            file=file,
            line=str(shown.place.start.line),
            time="0",
        )
        body = _NOT_IN_XML.sub("\ufffd", f"{shown.place}: {finding.severity} {finding.rule}\n{shown.sentences}")
        if finding.severity > Severity.INFO:
            message = _NOT_IN_XML.sub("\ufffd", shown.message)
            SubElement(case, "failure", type=str(finding.severity), message=message).text = body
        else:
            SubElement(case, "system-out").text = body
