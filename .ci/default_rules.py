"""Rewrite docs/default-rules.md: what the analysis of routes finds in the built-in lists; ``--check`` only compares."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from policy.engine import Policy, UserProfile
from policy.engine.rules import METHODS, Rule
from policy.knowledge.dicomweb import transactions
from policy.knowledge.plugin import Release, releases
from policy.lint.views.route_table import Known, RouteTable, methods_of
from policy.patterns import compile as compiled
from policy.patterns.language import includes
from policy.patterns.likely import Preference
from policy.patterns.order import analyse

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "default-rules.md"
_GROUPS = ("QIDO-RS", "WADO-RS", "STOW-RS", "WADO-URI")
_LIMITED = UserProfile("a user limited to a label", frozenset({"all"}), frozenset({"external"}))
_HEAD = """# What the analysis finds in the built-in lists

Made by `python .ci/default_rules.py`; a test compares it.
The built-in list of rules of each release of the Authorization plugin from 0.5.0 on, with `CheckedLevel` studies, was
analysed as an own list would be.
None of this is reported to users of the built-in list: it is no mistake of theirs.

- *Never decides*: each path of the rule is taken by earlier rules of its method, or excused by a standard configuration;
  proved for all paths.
- *Loses paths*: an earlier rule decides some of its paths.
- *Method*: the known routes that the rule matches are called with other methods.
- *DICOMweb without a rule*: transactions that Orthanc implements and that no rule covers.
- *Past the labels*: requests that pass for a user with the permission `all` and one label, whatever the labels.

Releases with the same list stand together.
"""


def page() -> str:
    """The whole page."""
    known = RouteTable("/dicom-web/")
    lists = [release for release in releases() if release.has_permissions]
    groups = [list(group) for _, group in groupby(lists, key=_content)]
    parts = [_HEAD]
    parts += ["## At a glance\n", _table(groups)]
    for group in groups:
        first, last = group[0].version, group[-1].version
        name = str(first) if first == last else f"{first} to {last}"
        parts.append(f"## {name}\n\n" + "\n".join(_lines(group[-1], known)) + "\n")
    return "\n".join(parts)


def _content(release: Release) -> object:
    return (
        [(rule.method, rule.pattern, rule.permissions) for rule in release.default_rules],
        [pattern.text() for pattern in release.single_resource_patterns],
    )


def policy_of(release: Release) -> Policy:
    """The built-in list of ``release`` as a policy."""
    section = {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
    }
    return Policy.from_configuration(
        {"AuthenticationEnabled": False, "Authorization": section}, plugin=str(release.version)
    )


def _table(groups: list[list[Release]]) -> str:
    rows = ["| releases | rules | with the alias spelt out |", "| --- | --- | --- |"]
    for group in groups:
        first, last = group[0].version, group[-1].version
        name = str(first) if first == last else f"{first} to {last}"
        rows.append(f"| {name} | {len(group[-1].default_rules)} | {len(policy_of(group[-1]).rules)} |")
    return "\n".join(rows) + "\n"


def _lines(release: Release, known: RouteTable) -> Iterator[str]:
    policy = policy_of(release)
    hidden = list(_hidden(policy, known))
    yield from hidden or ["- Every rule decides some path: none is hidden by earlier ones, in whole or in part."]
    yield from _methods(policy, known)
    yield from _excused(release, policy)
    complex_rules = [rule for rule in policy.rules if rule.compiled.ambiguity == "exponential"]
    yield from (f"- Exponential for the matcher: `{rule.method} {rule.pattern}`." for rule in complex_rules)
    implemented = [one for one in transactions() if one.group in _GROUPS and one.implemented]
    lacking = [one for one in implemented if not _covered(policy, one.method, one.witness.partition("?")[0])]
    names = ", ".join(dict.fromkeys(f"{one.group} {one.name}" for one in lacking))
    if lacking:
        what = "all of it" if len(lacking) == len(implemented) else names
        yield f"- DICOMweb without a rule ({len(lacking)} of {len(implemented)}): {what}."
    past = [
        f"`GET /patients/{{id}}/{tail}`"
        for tail in ("archive", "media", "instances", "studies", "series")
        if policy.decide(f"GET /patients/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715/{tail}", _LIMITED)
    ]
    if past and policy.behaviour.labels:
        yield f"- Past the labels: {', '.join(past)}."


def _covered(policy: Policy, method: str, path: str) -> bool:
    return policy.first_rule(method, path) is not None


def _hidden(policy: Policy, known: RouteTable) -> Iterator[str]:
    for method in METHODS:
        rules = [rule for rule in policy.rules if rule.method == method]
        examples = tuple(dict.fromkeys(one.path for one in known.all if one.method == method))
        for finding in analyse([rule.compiled for rule in rules], preference=Preference(examples=examples)):
            if finding.empty:
                yield f"- No path: `{_text(rules[finding.index])}`."
                continue
            own = rules[finding.index]
            for taken in finding.deciders if not finding.shadowed else ():
                yield f"- Loses paths: `{_text(own)}` to `{_text(rules[taken.by])}`, such as `{method} {taken.witness}`."
            if finding.shadowed:
                hiders = ", ".join(f"`{_text(rules[index])}`" for index in finding.cover)
                taker = finding.deciders[0]
                other = rules[taker.by]
                same = "asks for the same" if other.permissions == own.permissions else "asks for something else"
                yield f"- Never decides: `{_text(own)}`, hidden by {hiders}; `{method} {taker.witness}` shows it, and what decides {same}."


def _excused(release: Release, policy: Policy) -> Iterator[str]:
    """Rules all of whose paths a standard configuration excuses: with it they never decide."""
    for standard in release.standard_configurations:
        paths = [re.escape(path) for path in standard.unchecked_resources]
        paths += [f"{re.escape(folder)}.*" for folder in standard.unchecked_folders]
        excused = [compiled(f"^{path}$") for path in paths]
        for rule in policy.rules:
            if rule.method == "GET" and excused and includes(excused, rule.compiled):
                yield f"- Never decides with the standard configuration `{standard.name}`, which excuses its paths: `{_text(rule)}`."


def _methods(policy: Policy, known: RouteTable) -> Iterator[str]:
    for rule in policy.rules:
        if rule.origin.alias:
            continue
        routes: tuple[Known, ...] = known.matched(rule.compiled) or known.met(rule.compiled)
        methods = methods_of(routes)
        if routes and rule.method not in methods:
            yield f"- Method: `{_text(rule)}`, but {routes[0].template} is called with {' or '.join(methods)}."
        elif not routes:
            yield f"- No known route: `{_text(rule)}`."


def _text(rule: Rule) -> str:
    return f"{rule.method} {rule.pattern}"


def main() -> int:
    """Rewrite the page, or with ``--check`` return 1 if it differs."""
    text = page()
    before = PAGE.read_text("utf-8") if PAGE.exists() else ""
    if text != before:
        if "--check" in sys.argv[1:]:
            print("docs/default-rules.md differs from what the analysis finds")
            return 1
        PAGE.write_text(text, "utf-8")
        print("docs/default-rules.md: rewritten")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
