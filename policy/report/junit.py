"""JUnit's XML from suites of cases, whatever the cases are: findings, or tests of a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from policy.records import dataclass

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ``failure`` is its kind (empty: passed), ``message`` and ``body`` say why; ``line`` 0 is none."""

    name: str
    group: str
    file: str
    line: int = 0
    failure: str = ""
    message: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases under one name."""

    name: str
    cases: tuple[Case, ...]


def document(name: str, suites: Sequence[Suite]) -> str:
    """The XML of ``suites``; a body without a failure becomes the output of its case."""
    root = Element("testsuites", name=name)
    for suite in suites:
        _suite(root, suite)
    for attribute in ("tests", "failures"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, suite: Suite) -> None:
    failures = sum(bool(case.failure) for case in suite.cases)
    element = SubElement(
        root,
        "testsuite",
        name=_legal(suite.name),
        tests=str(len(suite.cases)),
        failures=str(failures),
        errors="0",
        time="0",
    )
    for case in suite.cases:
        attributes = {"name": _legal(case.name), "classname": _legal(case.group), "file": _legal(case.file)}
        if case.line:
            attributes["line"] = str(case.line)
        one = SubElement(element, "testcase", attributes, time="0")
        if case.failure:
            SubElement(one, "failure", type=case.failure, message=_legal(case.message)).text = _legal(case.body)
        elif case.body:
            SubElement(one, "system-out").text = _legal(case.body)


def _legal(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
