"""What somebody whose labels leave things out reaches all the same: routes at which no labels are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policy.lint.views.coverage import coverage
from policy.lint.views.route_table import is_here, table
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy
    from policy.engine.level import Level
    from policy.engine.rules import Rule
    from policy.lint.context import Context, Subject
    from policy.lint.views.route_table import Known

_WHOLE = ("archive", "media", "instances", "studies", "series", "instances-tags", "shared-tags")
"""What below a resource gives all that it holds, worst first."""
_FILTERED = frozenset({"/tools/find", "/tools/count-resources", "/tools/labels", "/tools/lookup"})
_BULK = frozenset({"/tools/bulk-delete", "/tools/bulk-modify", "/tools/bulk-anonymize"})
_TAKEN = frozenset({"phi-read", "phi-delete", "exfiltration", "code-execution"})


@dataclass(frozen=True, slots=True)
class Past:
    """A route that ``subject`` reaches for certain, whatever the labels; ``rule`` lets it pass."""

    subject: Subject
    known: Known
    target: str
    rule: Rule | None

    def __str__(self) -> str:
        return f"{self.known.method} {self.target}"


def limited_subjects(server: OrthancServer, context: Context) -> tuple[Subject, ...]:
    """Roles, and visitors, with permissions and without the label ``*``."""
    covered = coverage(server, context)
    if covered is None or not covered.policy.behaviour.labels:
        return ()
    visitors = covered.policy.behaviour.anonymous_profile
    return tuple(
        subject
        for subject in covered.subjects
        if subject.limited and subject.profile.permissions and (subject.roles or visitors)
    )


def open_levels(policy: Policy) -> tuple[Level, ...]:
    """The levels of resources that are not checked although one below them is, top first."""
    from policy.engine.level import HIERARCHY

    checked = [level for level in HIERARCHY if level in policy.levels]
    if not checked:
        return ()
    return HIERARCHY[: HIERARCHY.index(checked[0])]


def past_by_level(server: OrthancServer, context: Context) -> tuple[Past, ...]:
    """GET routes at an unchecked level that give all that lies below it, for each limited subject; worst first."""
    return context.once(("past by level", id(server)), lambda: tuple(_past_by_level(server, context)))


def _past_by_level(server: OrthancServer, context: Context) -> Iterator[Past]:
    covered = coverage(server, context)
    subjects = limited_subjects(server, context)
    if covered is None or not subjects:
        return
    levels = open_levels(covered.policy)
    if not levels:
        return
    wanted = [
        known
        for level in levels
        for tail in _WHOLE
        for known in table(server, context).all
        if known.method == "GET"
        and known.template == f"/{level.plural}/{{id}}/{tail}"
        and known.route is not None
        and not known.route.overrides_core
    ]
    for subject in subjects:
        yield from _reached(covered.policy, subject, wanted)


def _reached(policy: Policy, subject: Subject, wanted: Iterable[Known]) -> Iterator[Past]:
    for known in wanted:
        target = known.path
        if known.route is not None and "?" in known.route.witness:
            target = f"{known.path}?{known.route.witness.partition('?')[2]}"
        decision = policy.decide(f"{known.method} {target}", subject.profile if subject.roles else None)
        if decision and str(decision.reason) in ("permission", "labels"):
            yield Past(subject, known, target, decision.rule)


def past_by_route(rules: Iterable[Rule], server: OrthancServer, context: Context) -> tuple[Past, ...]:
    """Known routes of level system with patients' data, decided by one of ``rules``, for each limited subject.

    Left out are those whose answer the plugin narrows by labels, and those that only add data.
    """
    covered = coverage(server, context)
    subjects = limited_subjects(server, context)
    if covered is None or not subjects:
        return ()
    indices = {rule.index for rule in rules}
    held = [(subject, frozenset(subject.profile.permissions)) for subject in subjects]
    found: list[Past] = []
    for rule in rules:
        able = [subject for subject, names in held if rule.open or rule.permissions & names]
        if not able:
            continue
        wanted = [
            known
            for known in table(server, context).matched(rule.compiled)
            if known.method == rule.method and _gives(known, covered.policy) and is_here(known.route, server)
        ]
        for subject in able:
            found += [
                past
                for past in _reached(covered.policy, subject, wanted)
                if past.rule is not None and past.rule.index in indices
            ]
    return tuple(found)


def _gives(known: Known, policy: Policy) -> bool:
    route = known.route
    if route is None or route.level != "system" or route.deprecated or "remote-query" in route.sensitivity:
        return False
    if _TAKEN.isdisjoint(route.sensitivity) or known.template in _FILTERED or "/dicom-web/" in route.path:
        return False
    if known.template in _BULK and policy.behaviour.bulk_checked:
        return False
    return not known.template.startswith(("/auth/", "/ui/")) and "audit" not in known.template
