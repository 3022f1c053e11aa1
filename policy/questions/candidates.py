"""Changes of the files that might do what was asked; whether they do, and what else, is for the engine to say.

Where a rule of one's own would come too late, because an earlier one matches, it must stand in front of that one; for a
built-in rule that means that the whole list must be written out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from policy.errors import PolicyError
from policy.knowledge import plugin
from policy.questions import rule_edits
from policy.questions.explain import Change, Explanation, pattern_like
from policy.records import dataclass
from policy.text import Document
from policy.text.edits import edited, insert, remove, replace_text

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Source
    from policy.engine import Policy, Rule, UserProfile
    from policy.lint.context import Context
    from policy.lint.finding import Finding

_MOST_PERMISSIONS = 3
_EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change: what it is in words, and the documents as they are afterwards."""

    text: str
    edited: tuple[tuple[Source, Document], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the explanation of the answer as it is, and the roles of the sender (none: nobody)."""

    policy: Policy
    server: OrthancServer
    told: Explanation
    who: tuple[str, ...]

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.told.decision.request.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path of the request, without query string."""
        return self.told.decision.request.partition(" ")[2].partition("?")[0]

    @property
    def profile(self) -> UserProfile:
        """What the sender has."""
        return _profile(self.policy, self.who)


# -- granting and revoking ---------------------------------------------------------------------------------------------


def granting(question: Question) -> Iterator[Candidate]:
    """Permissions and labels for the sender; rules that ask for what the sender has."""
    held = _rarest(question.profile.permissions, _others(question.policy, question.who))[:_MOST_PERMISSIONS]
    rule = question.told.decision.rule
    for change in question.told.changes:
        if change.kind == "permission" and change.about:
            yield from _profile_edits(question, change, "permissions", _add)
        elif change.kind == "label" and change.about:
            yield from _profile_edits(question, change, "labels", _add)
        elif change.kind == "rule" and change.about:
            where, *row = change.about
            yield from _at_the_end(question.server, where, row, change.text)
    for name in held:
        if rule is None:
            row = [question.method.lower(), f"^{pattern_like(question.path)}$", name]
            where = "ExtraPermissions" if _has_extra(question.policy) else "Permissions"
            yield from _at_the_end(question.server, where, row, f"add to {where} the rule {_shown(row)}")
            continue
        yield from _asks(question, rule, sorted({*rule.permissions, name}))
        yield from _in_front(question, rule, sorted({*rule.permissions, name}))


def revoking(question: Question) -> Iterator[Candidate]:
    """Permissions that the sender loses; rules that the sender no longer meets."""
    rule = question.told.decision.rule
    held = question.profile.permissions
    for change in question.told.changes:
        if change.kind == "permission" and change.about:
            yield from _profile_edits(question, change, "permissions", _take)
        elif change.kind == "option" and change.about:
            yield from _no_longer_unchecked(question.server, *change.about, text=change.text)
    if rule is None:
        return
    passing = [
        profile
        for profile in _others(question.policy, question.who)
        if rule.open or not rule.permissions.isdisjoint(profile.permissions)
    ]
    rest = rule.permissions - held
    if rest:
        yield from _asks(question, rule, sorted(rest))
    # For each of those who pass, something that the sender has not.
    others = [_rarest(profile.permissions - held, passing)[:1] for profile in passing]
    names = sorted({name for found in others for name in found} | rest) or [_EVERYBODY]
    for chosen in dict.fromkeys((tuple(sorted(rest)), tuple(names))):
        if chosen and held.isdisjoint(chosen):
            yield from _in_front(question, rule, list(chosen))


def _profile_edits(question: Question, change: Change, what: str, edit: Callable[..., Document]) -> Iterator[Candidate]:
    """The change of a profile in its file: that of nobody, or that of each role that the sender has."""
    service = question.server.auth_service
    if service is None:
        return
    if not question.who:
        if service.anonymous is not None:
            key = "permissions" if what == "permissions" else "authorized-labels"
            yield from _tried(change.text, service.anonymous, lambda document: edit(document, (key,), change.about))
        return
    source = service.permissions
    if source is None or source.document.root is None:
        return
    documents: list[Document] = []
    for role in question.who:
        path = _list_of(source.document, role, what)
        if path is None:
            continue
        if edit is _take:
            # Each role that gives it must lose it.
            document = documents[-1] if documents else source.document
            documents = [edit(document, path, change.about)]
        else:
            yield from _tried(change.text, source, partial(edit, path=path, names=change.about))
    if documents:
        yield Candidate(change.text, ((source, documents[-1]),))


def _list_of(document: Document, role: str, what: str) -> tuple[Any, ...] | None:
    """The path of a list of a role, in the shape and spelling of the file."""
    root = document.root
    roles = root.get("roles") if root is not None else None
    node = roles.get(role) if roles is not None else None
    if node is None:
        return None
    if node.kind == "array":
        return ("roles", role) if what == "permissions" else None
    keys = ("permissions",) if what == "permissions" else ("authorized-labels", "authorized_labels")
    return next((("roles", role, key) for key in keys if node.get(key) is not None), None)


def _add(document: Document, path: tuple[Any, ...], names: Sequence[str]) -> Document:
    for name in names:
        document = edited(document, insert(document, path, name))
    return document


def _take(document: Document, path: tuple[Any, ...], names: Sequence[str]) -> Document:
    node: Any = document.root
    for step in path:
        node = node.get(step)
    targets = [(*path, index) for index, item in enumerate(node.items) if item.value in names]
    return edited(document, remove(document, *targets)) if targets else document


def _no_longer_unchecked(server: OrthancServer, kind: str, path: str, *, text: str) -> Iterator[Candidate]:
    option = "UncheckedResources" if kind == "resource" else "UncheckedFolders"
    entry = server.option(option)
    if entry is None:
        return
    place = _place(server, option)
    indexes = [index for index, item in enumerate(entry.setting.items) if item.value == path]
    if place is not None and indexes:
        source = place.source
        yield from _tried(
            text, source, lambda document: rule_edits.remove_rows(document, place, option, indexes)
        )  # fmt: skip


# -- rules -------------------------------------------------------------------------------------------------------------


def _at_the_end(server: OrthancServer, option: str, row: Sequence[str], text: str) -> Iterator[Candidate]:
    place = _place(server, option) if server.option(option) is not None else _section(server)
    if place is None or (option == "Permissions" and server.option(option) is None):
        return
    yield from _tried(text, place.source, lambda document: rule_edits.add_row(document, place, option, row))


def _asks(question: Question, rule: Rule, names: Sequence[str]) -> Iterator[Candidate]:
    """Another third cell for a rule of one's own."""
    option, index = _own_row(rule)
    place = _place(question.server, option) if option else None
    if place is None:
        return
    text = f"let the rule {rule.method} {rule.pattern} ask for {'|'.join(names)} ({rule.origin})"
    asked = "|".join(names)
    yield from _tried(
        text,
        place.source,
        lambda document: rule_edits.replace_permissions(document, place, option, index, asked),
    )


def _in_front(question: Question, rule: Rule, names: Sequence[str], pattern: str | None = None) -> Iterator[Candidate]:
    row = [question.method.lower(), pattern or f"^{pattern_like(question.path)}$", "|".join(names)]
    yield from in_front(question.policy, question.server, rule, [row])


def in_front(policy: Policy, server: OrthancServer, rule: Rule, rows: Sequence[Sequence[str]]) -> Iterator[Candidate]:
    """New rules before the one that matches now; for a built-in one the whole list is written out."""
    option, index = _own_row(rule)
    shown = " and ".join(map(_shown, rows))
    many = "rules" if len(rows) > 1 else "rule"
    if option:
        place = _place(server, option)
        if place is not None:
            text = f"put the {many} {shown} before {rule.method} {rule.pattern} in {option} ({rule.origin})"
            change = partial(_before, place=place, option=option, rows=rows, index=index)
            yield from _tried(text, place.source, change)
        return
    place = _section(server)
    if place is None:
        return
    built_in = [[one.method, one.pattern, one.permissions] for one in plugin.release(policy.version).default_rules]
    wanted = rule.origin.alias or None
    at = next(
        position
        for position, (method, pattern, _) in enumerate(built_in)
        if method.upper() == rule.method and (pattern == wanted if wanted else _used(pattern, policy) == rule.pattern)
    )
    whole = [*built_in[:at], *map(list, rows), *built_in[at:]]
    text = (
        f"write out the built-in list of {policy.version} as Permissions with the {many} {shown} before "
        f"{rule.method} {built_in[at][1]}: ExtraPermissions come too late"
    )
    yield from _tried(
        text,
        place.source,
        lambda document: edited(document, insert(document, place.path(), whole, key="Permissions")),
    )


def _before(
    document: Document, place: rule_edits.Place, option: str, rows: Sequence[Sequence[str]], index: int
) -> Document:
    for number, row in enumerate(rows):
        document = rule_edits.add_row(document, place, option, row, before=index + number)
    return document


def _used(pattern: str, policy: Policy) -> str:
    return pattern.replace("DICOM_WEB_ROOT", policy.settings.dicom_web_root.strip("/"), 1)


def _own_row(rule: Rule) -> tuple[str, int]:
    """The list and the index of a rule that somebody wrote; an empty name for a built-in one."""
    path = rule.origin.path
    return (str(path[1]), int(path[2])) if rule.origin.by == "configuration" and len(path) > 2 else ("", 0)


def _has_extra(policy: Policy) -> bool:
    return policy.behaviour.extra_permissions


# -- findings ----------------------------------------------------------------------------------------------------------


def closing(
    policy: Policy, server: OrthancServer, context: Context, findings: Sequence[Finding]
) -> Iterator[Candidate]:
    """The fix that a finding brings, and what else is known to close it."""
    for finding in findings:
        if finding.fix is not None:
            yield from _fixed(finding)
    if findings and findings[0].rule == "patient-level-bypass":
        yield from _check_more_levels(policy, server)
        yield from _trusted_only(policy, server, context)


def _fixed(finding: Finding) -> Iterator[Candidate]:
    if finding.fix is None:
        return
    try:
        documents = tuple((source, edited(source.document, edits)) for source, edits in finding.fix.operations)
    except PolicyError:
        return
    yield Candidate(finding.fix.title, documents)


def _check_more_levels(policy: Policy, server: OrthancServer) -> Iterator[Candidate]:
    """Check the levels above, too: resources there then need labels."""
    from policy.engine.level import HIERARCHY
    from policy.lint.views.labels_past import open_levels

    above = open_levels(policy)
    unchecked = [level.plural for level in HIERARCHY if level not in policy.levels and level not in above]
    names = " and ".join(level.plural for level in above)
    text = f"check {names} too: UncheckedLevels is {unchecked}; {names} must then have labels"
    both = server.option("CheckedLevel"), server.option("UncheckedLevels")
    places = [_place(server, name) for name, entry in zip(_LEVELS, both, strict=True) if entry is not None]
    if not places or None in places or len({id(place.source) for place in places if place is not None}) != 1:
        return
    place = places[0]
    if place is None:
        return

    def change(document: Document) -> Document:
        checked, levels = both
        if levels is not None:
            node = _member(document, place.path("UncheckedLevels"))
            document = edited(document, replace_text(document, node.span, _json(unchecked)))
            if checked is not None:
                document = edited(document, remove(document, place.path("CheckedLevel")))
            return document
        section = insert(document, place.path(), unchecked, key="UncheckedLevels", after="CheckedLevel")
        document = edited(document, section)
        return edited(document, remove(document, place.path("CheckedLevel")))

    yield from _tried(text, place.source, change)


_LEVELS = ("CheckedLevel", "UncheckedLevels")


def _trusted_only(policy: Policy, server: OrthancServer, context: Context) -> Iterator[Candidate]:
    """Rules for the unchecked levels that only those meet whose labels leave nothing out."""
    from policy.lint.views.labels_past import open_levels, past_by_level

    found = past_by_level(server, context)
    rules = [past.rule for past in found if past.rule is not None]
    if not rules:
        return
    first = min(rules, key=lambda rule: rule.index)
    subjects = context.subjects(server)
    asked = {name for rule in rules for name in rule.permissions}
    passing = [one for one in subjects if not asked.isdisjoint(one.profile.permissions)]
    limited = {name for one in subjects if one.limited for name in one.profile.permissions}
    trusted = [frozenset(one.profile.permissions) for one in passing if not one.limited]
    profiles = [frozenset(one.profile.permissions) for one in passing]
    names = {
        name
        for held in trusted
        for name in sorted(held - limited, key=lambda name: (sum(name in one for one in profiles), name))[:1]
    }
    chosen = sorted(names | ((asked & {_EVERYBODY}) - limited)) or [_EVERYBODY]
    rows = [["get", f"^/{level.plural}/([a-f0-9-]+)(|/.*)$", "|".join(chosen)] for level in open_levels(policy)]
    yield from in_front(policy, server, first, rows)
    whole = [["get", f"^/{level.plural}/([a-f0-9-]+)/.*$", "|".join(chosen)] for level in open_levels(policy)]
    yield from in_front(policy, server, first, whole)
    tails = sorted({past.target.rstrip("/").rpartition("/")[2].partition("?")[0] for past in found})
    named = [
        ["get", f"^/{level.plural}/([a-f0-9-]+)/({'|'.join(tails)})(|/)$", "|".join(chosen)]
        for level in open_levels(policy)
    ]
    yield from in_front(policy, server, first, named)


# -- small things ------------------------------------------------------------------------------------------------------


def _tried(text: str, source: Source, change: Callable[[Document], Document]) -> Iterator[Candidate]:
    try:
        yield Candidate(text, ((source, change(source.document)),))
    except PolicyError:
        return


def _place(server: OrthancServer, option: str) -> rule_edits.Place | None:
    try:
        return rule_edits.place_of(server, option)
    except PolicyError:
        return None


def _section(server: OrthancServer) -> rule_edits.Place | None:
    try:
        return rule_edits.section_of(server)
    except PolicyError:
        return None


def _member(document: Document, path: Iterable[Any]) -> Any:
    node: Any = document.root
    for step in path:
        node = node.get(step)
    return node


def _profile(policy: Policy, who: tuple[str, ...]) -> UserProfile:
    return policy.profile_of(None if not who else who[0] if len(who) == 1 else who)


def _others(policy: Policy, who: tuple[str, ...]) -> list[UserProfile]:
    """The profiles of the roles that the sender does not have, and of nobody."""
    names = policy.roles.roles if policy.roles is not None else ()
    found = [_profile(policy, (name,)) for name in names if name not in who]
    return [*found, _profile(policy, ())] if who else found


def _rarest(names: Iterable[str], others: Sequence[UserProfile]) -> list[str]:
    """The permissions, those that fewest others have first: a rule that asks for them lets fewest in."""
    return sorted(names, key=lambda name: (sum(name in one.permissions for one in others), name))


def _shown(row: Sequence[str]) -> str:
    return _json(list(row))


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
