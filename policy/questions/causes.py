"""Which lines make a difference between two policies: rules, roles, unchecked paths, levels, versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.engine import Level
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.engine import Policy, Rule, Unchecked
    from policy.questions.classes import RouteClass
    from policy.questions.senders import Sender


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One side of a comparison: a policy, the server that it was compiled from (None: no files), and its name."""

    policy: Policy
    server: OrthancServer | None = None
    name: str = ""


class Line(NamedTuple):
    """Something that is written: what it says, and where, as far as that is known."""

    text: str
    origin: str = ""
    location: Any = None


class Cause(NamedTuple):
    """What differs: ``kind`` is rule, role, anonymous, labels, unchecked, levels, filter, shares, version, resources
    or core; ``old`` and ``new`` are None where the side says nothing.
    """

    kind: str
    old: Line | None
    new: Line | None


_MISSING = Line("no rule")


def causes(old: Given, new: Given, one: RouteClass, who: Sender) -> tuple[Cause, ...]:
    """What makes a class of requests get different answers for a sender; the sides are those of ``one``, in order."""
    return tuple(_Causes(old, new, one, who).found())


class _Causes:
    def __init__(self, old: Given, new: Given, one: RouteClass, who: Sender) -> None:
        self.given = (old, new)
        self.policies = (old.policy, new.policy)
        self.one = one
        self.who = who

    def found(self) -> Iterator[Cause]:
        old, new = self.policies
        if (old.off is None) != (new.off is None):
            yield Cause("filter", *(self._filter(each) for each in self.given))
            return
        if (old.settings.core.users is None) != (new.settings.core.users is None) and not self.who.subjects[0].known:
            yield Cause("core", *(self._option(each, "AuthenticationEnabled", section=False) for each in self.given))
            return
        first, second = self.one.sides
        if first.unchecked != second.unchecked:
            yield Cause("unchecked", *(self._unchecked(policy) for policy in self.policies))
            return
        met = [self._met(rule, number) for number, rule in enumerate((first.rule, second.rule))]
        if met[0] != met[1]:
            yield from self._permissions(first.rule, second.rule)
            return
        yield from self._conditions(met=met[0])

    def _permissions(self, before: Rule | None, after: Rule | None) -> Iterator[Cause]:
        rules_differ = _as_written(before) != _as_written(after)
        by_rule = rules_differ and self._met(before, 0) != self._met(after, 0)
        by_profile = self._met(before, 0) != self._met(before, 1)
        if by_rule or not by_profile:
            yield Cause("rule", _rule(before), _rule(after))
        if by_profile or (not by_rule and not rules_differ):
            yield self._profile("permissions")

    def _conditions(self, *, met: bool) -> Iterator[Cause]:
        old, new = self.policies
        count = 0
        own = [subject.own if subject.tokens(self.one.method) else subject.visitor for subject in self.who.subjects]
        if met and own[0].labels != own[1].labels:
            count += 1
            yield self._profile("labels")
        if old.levels != new.levels:
            count += 1
            yield Cause("levels", *(self._levels(each) for each in self.given))
        if old.settings.shares != new.settings.shares:
            count += 1
            yield Cause(
                "shares",
                *(
                    Line("share tokens open resources" if p.settings.shares else "no share tokens")
                    for p in self.policies
                ),
            )
        first, second = self.one.sides
        if (first.level, first.listed) != (second.level, second.listed) and old.version == new.version:
            count += 1
            yield Cause("resources", *(Line(f"DICOMweb below {p.settings.dicom_web_root}") for p in self.policies))
        if old.version != new.version and not count:
            yield Cause("version", *(Line(f"the plugin {p.version}") for p in self.policies))
        elif not count:
            yield Cause("rule", _rule(first.rule), _rule(second.rule))

    def _met(self, rule: Rule | None, number: int) -> bool:
        if rule is None:
            return False
        subject = self.who.subjects[number]
        profile = subject.own if subject.tokens(self.one.method) else subject.visitor
        return rule.open or not rule.permissions.isdisjoint(profile.permissions)

    def _profile(self, what: str) -> Cause:
        if self.who.kind in ("anonymous", "share"):
            return Cause("anonymous", *(self._anonymous(each, what) for each in self.given))
        kind = "labels" if what == "labels" else "role"
        return Cause(kind, *(self._roles(each, what) for each in self.given))

    def _anonymous(self, given: Given, what: str) -> Line:
        profile = given.policy.anonymous
        names = ", ".join(profile.permissions if what == "permissions" else profile.labels) or "none"
        service = given.server.auth_service if given.server is not None else None
        source = service.anonymous if service is not None else None
        location = None
        if source is not None and source.document.root is not None:
            location = source.place(source.document.root.span)
        return Line(f"the anonymous profile has the {what} {names}", str(location or ""), location)

    def _roles(self, given: Given, what: str) -> Line:
        roles = given.policy.roles
        held = [self.who.name] if self.who.kind == "role" else self.who.name.split("+")
        parts, location = [], None
        service = given.server.auth_service if given.server is not None else None
        source = service.permissions if service is not None else None
        for name in held:
            role = roles.roles.get(name) if roles is not None else None
            if role is None:
                parts.append(f"there is no role {name!r}")
                continue
            names = ", ".join(role.permissions if what == "permissions" else role.labels) or "none"
            parts.append(f"the role {name!r} has the {what} {names}")
            if source is not None and role.key_span is not None and location is None:
                location = source.place(role.key_span)
        return Line("; ".join(parts), str(location or ""), location)

    def _filter(self, given: Given) -> Line:
        if given.policy.off is None:
            return Line("the filter is on")
        return Line(given.policy.off)

    def _unchecked(self, policy: Policy) -> Line | None:
        path = self.one.seen.path
        found = next((each for each in policy.unchecked if _covers(each, path)), None)
        if found is None:
            return None
        return Line(f"unchecked {found.kind} {found.path!r}", str(found.origin), found.origin.location)

    def _levels(self, given: Given) -> Line:
        names = ", ".join(level.plural for level in Level if level in given.policy.levels) or "none"
        for option in ("CheckedLevel", "UncheckedLevels"):
            line = self._option(given, option)
            if line.location is not None:
                return Line(f"checked levels: {names}", line.origin, line.location)
        return Line(f"checked levels: {names}")

    def _option(self, given: Given, name: str, *, section: bool = True) -> Line:
        location: Location | None = None
        if given.server is not None:
            settings = given.server.authorization if section else given.server.configuration
            entry = settings.members.get(name) if settings is not None else None
            location = entry.setting.origin.location if entry is not None else None
        return Line(name, str(location or ""), location)


def _covers(free: Unchecked, path: str) -> bool:
    return path == free.path if free.kind == "resource" else path.startswith(free.path)


def _as_written(rule: Rule | None) -> object:
    return None if rule is None else (rule.method, rule.pattern, rule.permissions)


def _rule(rule: Rule | None) -> Line:
    if rule is None:
        return _MISSING
    names = "|".join(sorted(rule.permissions))
    asks = f"asks for {names!r}" if names else "asks for nothing"
    return Line(f"{rule.method} {rule.pattern} {asks}", str(rule.origin), rule.location)
