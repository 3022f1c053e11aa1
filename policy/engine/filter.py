"""The filter: what the plugin checks, in its order. Source: the plugin 0.5.0 to 0.11.4; recorded on real servers."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policy.engine.archive import UNKNOWN, Archive, Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import SILENT, Condition, Effect, Outcome, Reason, Step, Trace
from policy.engine.request import NO_ARGUMENTS, Seen, ascii_lower
from policy.engine.resources import SEARCH, Access, Parser
from policy.engine.rules import Rule, Table
from policy.engine.sender import EMPTY, Failure, Sender, Token, UserProfile
from policy.engine.settings import Settings
from policy.patterns import TooComplex
from policy.tuples import NamedTuple

if TYPE_CHECKING:
    from policy.engine.subject import Subject
    from policy.patterns import Pattern

_UNCHECKED = {reason: Outcome(Effect.PERMIT, reason) for reason in (Reason.UNCHECKED_RESOURCE, Reason.UNCHECKED_FOLDER)}


_TOO_COMPLEX = Outcome(Effect.DENY, Reason.TOO_COMPLEX)


class _Labels(enum.Enum):
    ACCEPTED = enum.auto()
    NOT_CHECKED = enum.auto()
    LIST = enum.auto()
    REFUSED = enum.auto()


class Question(NamedTuple):
    """Everything that one decision depends on."""

    seen: Seen
    tokens: Sequence[Token]
    sender: Sender
    archive: Archive


class Filter:
    """The filter of one configuration."""

    __slots__ = ("_flags", "_folders", "_marked", "_open", "_parser", "_resources", "_settings", "_table", "_unchecked")

    def __init__(self, settings: Settings, rules: Sequence[Rule], parser: Parser, flags: Behaviour) -> None:
        self._settings = settings
        self._table = Table(rules, self._marks)
        self._parser = parser
        self._open = bool(settings.unchecked)
        self._marked = False
        self._flags = flags
        self._resources = frozenset(one.path for one in settings.unchecked if one.kind == "resource")
        self._folders = tuple(one.path for one in settings.unchecked if one.kind == "folder")

    def unchecked(self, path: str) -> Reason | None:
        """Why everybody may GET the path without any check; None if not so."""
        if path in self._resources:
            return Reason.UNCHECKED_RESOURCE
        return Reason.UNCHECKED_FOLDER if path.startswith(self._folders) else None

    def present(self, seen: Seen) -> tuple[Token, ...]:
        """The credentials in the request, in the order in which the plugin looks at them."""
        found = []
        for credential in self._settings.credentials:
            if credential.kind == "header":
                value = seen.headers.get(ascii_lower(credential.name)) if credential.name else None
            else:
                value = seen.arguments.get(credential.name) if credential.name else None
            if value is not None:
                found.append(Token(credential.kind, credential.name, value))
        return tuple(found)

    def rule(self, method: str, path: str) -> Rule | None:
        """The first rule of the method that matches the whole path; may raise :class:`TooComplex`."""
        return self._table.find(method, path)

    def _marks(self) -> Sequence[Pattern] | None:
        marks = self._parser.marks()
        self._marked = marks is not None
        return marks

    def decide(self, question: Question, trace: Trace = SILENT) -> Outcome:
        """What the filter answers."""
        seen = question.seen
        if seen.method == "GET":
            reason = self.unchecked(seen.path)
            if reason is not None:
                if trace.wanted:
                    text = f"{seen.path} is an {_words(reason)}: GET passes for everybody"
                    trace.add(Step.UNCHECKED, text, passed=True)
                return _UNCHECKED[reason]
            trace.add(Step.UNCHECKED, "the path is neither an unchecked resource nor in an unchecked folder")
        rule = None
        try:
            rule = self._rule(seen, trace)
            return self._judge(question, rule, trace)
        except TooComplex as error:
            trace.add(Step.RULE, f"{error.message}: an error on the way is a no", passed=False)
            return _TOO_COMPLEX
        except Failure as failure:
            trace.add(Step.NOTE, failure.text, passed=False)
            return Outcome(Effect.DENY, failure.reason, rule)

    def decide_under(self, rule: Rule | None, question: Question) -> Outcome:
        """As :meth:`decide`, if ``rule``, or none, were the first that matches."""
        if question.seen.method == "GET":
            reason = self.unchecked(question.seen.path)
            if reason is not None:
                return _UNCHECKED[reason]
        try:
            return self._judge(question, rule, SILENT)
        except Failure as failure:
            return Outcome(Effect.DENY, failure.reason, rule)

    def quick(self, method: str, path: str, subject: Subject) -> Outcome:
        """The outcome for a path without query string, of an archive of which nothing is known.

        The fast way to what :meth:`decide` answers; a property test compares the two.
        The outcome is made once for all paths that meet the same.
        """
        if self._open and method == "GET":
            reason = self.unchecked(path)
            if reason is not None:
                return _UNCHECKED[reason]
        try:
            met = self._table[method].meet(path)
        except TooComplex:
            return _TOO_COMPLEX
        try:
            outcome = subject.usual[met]
        except KeyError:
            outcome = subject.usual[met] = self._usual(method, path, subject, self._table.rule(method, met))
        return outcome or self._in_full(method, path, subject, self._table.rule(method, met))

    def _usual(self, method: str, path: str, subject: Subject, rule: Rule | None) -> Outcome | None:
        """The outcome for all paths that meet the same as this one; None if it takes more to tell.

        What a share lists is looked for by the identifiers in each path.
        """
        if subject.share is None and self._marked:
            outcome = self._in_full(method, path, subject, rule)
            return outcome._replace(conditions=(), shared=True) if outcome.conditions else outcome
        if method == "GET" and (path == SEARCH or (self._flags.search_exception and not self._marked)):
            return None
        return self._by_rule(method, rule, subject)

    def _in_full(self, method: str, path: str, subject: Subject, rule: Rule | None) -> Outcome:
        seen = Seen(method, path, method, NO_ARGUMENTS, NO_ARGUMENTS)
        try:
            return self._judge(Question(seen, subject.tokens(method), subject, UNKNOWN), rule, SILENT)
        except Failure as failure:
            return Outcome(Effect.DENY, failure.reason, rule)

    def _by_rule(self, method: str, rule: Rule | None, subject: Subject) -> Outcome | None:
        """What a rule and a profile decide, if labels, shares and the archive have no say."""
        flags = self._flags
        if rule is not None:
            present = bool(subject.tokens(method))
            asked = present or flags.anonymous_profile or flags.anonymous_question
            profile = (subject.own if present else subject.visitor) if asked else EMPTY
            if rule.open or not rule.permissions.isdisjoint(profile.permissions):
                free = not asked or not flags.labels or (profile.sees_all and not self._settings.audit_logs)
                return _permit(Reason.OPEN_RULE if rule.open else Reason.PERMISSION, rule, ()) if free else None
        denied = Reason.NO_PERMISSION if rule else Reason.NO_RULE if self._settings.profiles else Reason.NO_SHARE
        if not self._settings.shares or (subject.share is None and flags.nothing_checked_is_denied):
            return Outcome(Effect.DENY, denied, rule)
        return None

    def _rule(self, seen: Seen, trace: Trace) -> Rule | None:
        if not self._settings.profiles:
            trace.add(Step.RULE, "no address for profiles is given: rules do not count")
            return None
        rule = self.rule(seen.method, seen.path)
        if not trace.wanted:
            return rule
        if rule is None:
            trace.add(Step.RULE, f"no rule for {seen.method} matches {seen.path}", passed=False)
        else:
            trace.add(Step.RULE, f"the first rule that matches is {rule}", rule=rule)
        return rule

    def _judge(self, question: Question, rule: Rule | None, trace: Trace) -> Outcome:
        conditions: tuple[Condition, ...] = ()
        if rule is not None:
            met = False
            for token, profile in self._profiles(question, trace):
                met = rule.open or not rule.permissions.isdisjoint(profile.permissions)
                if trace.wanted:
                    _note_permission(trace, rule, profile, token, met=met)
                if not met:
                    continue
                if token is None and not self._flags.anonymous_profile:
                    trace.add(Step.LABELS, "without a credential this version checks no labels")
                    break
                verdict, more = self._labels(question, profile, trace)
                if verdict is _Labels.REFUSED:
                    return Outcome(Effect.DENY, Reason.LABELS, rule)
                if verdict is _Labels.LIST:
                    return Outcome(Effect.DENY, Reason.LIST_OF_RESOURCES, rule)
                if verdict is _Labels.ACCEPTED and self._settings.audit_logs:
                    more += self._record(question, trace)
                conditions = _extended(conditions, more)
                if not self._flags.last_token_decides:
                    break
            if met:
                return _permit(Reason.OPEN_RULE if rule.open else Reason.PERMISSION, rule, conditions)
        return self._share(question, rule, conditions, trace)

    def _profiles(self, question: Question, trace: Trace) -> Iterator[tuple[Token | None, UserProfile]]:
        """Each credential with its profile; a later one is asked for only if the turn comes to it."""
        for token in question.tokens:
            yield token, question.sender.profile(token)
        if not question.tokens:
            trace.add(Step.CREDENTIALS, "the request has no credential that the plugin looks at")
            asks = self._flags.anonymous_profile or self._flags.anonymous_question
            yield None, question.sender.profile(None) if asks else EMPTY

    def _record(self, question: Question, trace: Trace) -> tuple[Condition, ...]:
        """With audit logs on, the resources of every access that labels accept are looked up once more."""
        seen = question.seen
        try:
            access = self._parser.access(seen.path, seen.arguments, question.archive)
        except Failure as failure:
            raise Failure(Reason.AUDIT_LOG, f"the access cannot be recorded: {failure.text}") from None
        trace.add(Step.AUDIT, "the access can be recorded")
        return access.conditions

    def _labels(self, question: Question, profile: UserProfile, trace: Trace) -> tuple[_Labels, tuple[Condition, ...]]:
        if not self._flags.labels:
            return _Labels.NOT_CHECKED, ()
        if profile.sees_all:
            trace.add(Step.LABELS, "the profile has the label '*': every resource is accepted", passed=True)
            return _Labels.ACCEPTED, ()
        if not self._flags.always_parses_resources and not self._settings.shares:
            trace.add(Step.LABELS, "without a validation address this version checks no labels in the filter")
            return _Labels.NOT_CHECKED, ()
        seen = question.seen
        access = self._parser.access(seen.path, seen.arguments, question.archive)
        if (seen.method == "GET" or not self._flags.lists_refused_for_get_only) and self._parser.is_list(seen.path):
            trace.add(Step.LABELS, "a list of all resources is for profiles with the label '*' only", passed=False)
            return _Labels.LIST, ()
        levels = self._settings.levels
        for one in access.resources:
            if one.level in levels:
                return _compare(one, profile, access, trace)
        trace.add(Step.LABELS, "the path touches nothing at a checked level: the permission is enough")
        return _Labels.NOT_CHECKED, access.conditions

    def _share(self, question: Question, rule: Rule | None, conditions: tuple[Condition, ...], trace: Trace) -> Outcome:
        denied = Reason.NO_PERMISSION if rule else Reason.NO_RULE if self._settings.profiles else Reason.NO_SHARE
        if not self._settings.shares:
            trace.add(Step.SHARE, "no address for share tokens is given", passed=False)
            return Outcome(Effect.DENY, denied, rule)
        seen = question.seen
        access = self._parser.access(seen.path, seen.arguments, question.archive)
        opened, refused, needed = self._granted(question, access, trace)
        # What a share lists has been shared, so it is there; the rest must exist, as looking it up would fail.
        doubtful = access._replace(doubtful=tuple(one for one in access.doubtful if one not in opened))
        conditions = _extended(conditions, doubtful.conditions)
        if not refused and not needed:
            return _permit(Reason.SHARE, rule, conditions)
        if self._flags.search_exception and seen.method == "GET" and seen.path == SEARCH:
            trace.add(Step.SEARCH_EXCEPTION, "GET /dicom-web/studies passes the filter for everybody", passed=True)
            return _permit(Reason.SEARCH_EXCEPTION, rule, conditions)
        if refused:
            return Outcome(Effect.DENY, denied, rule)
        return _permit(Reason.SHARE, rule, conditions + needed)

    def _granted(
        self, question: Question, access: Access, trace: Trace
    ) -> tuple[tuple[Resource, ...], bool, tuple[Condition, ...]]:
        """What share tokens open, whether that is not enough for certain, and under which conditions it would be."""
        asked: Sequence[Token | None] = question.tokens or (None,)
        opened, refused, needed = list[Resource](), 0, list[Condition]()
        checked = [one for one in access.resources if one.level in self._settings.levels]
        for resource in checked:
            answers = [question.sender.grants(token, question.seen.method, resource) for token in asked]
            conditions = [one for one in answers if isinstance(one, Condition)]
            if any(one is True for one in answers):
                opened.append(resource)
                trace.add(Step.SHARE, f"a share token opens {resource.text}", passed=True)
            elif conditions:
                needed += conditions
            else:
                refused += 1
                trace.add(Step.SHARE, f"no share token opens {resource.text}", passed=False)
        if not checked:
            denied = self._flags.nothing_checked_is_denied
            trace.add(Step.SHARE, "the path touches nothing at a checked level", passed=not denied)
            return (), denied, ()
        if not self._flags.all_resources_must_be_granted and self._flags.labels:
            # 0.6.0 and 0.6.1: one granted resource is enough.
            return (tuple(opened), False, ()) if opened else ((), not needed, tuple(needed[:1]))
        return tuple(opened), refused > 0, tuple(needed)


def _words(reason: Reason) -> str:
    return "unchecked resource" if reason is Reason.UNCHECKED_RESOURCE else "address in an unchecked folder"


def _extended(conditions: tuple[Condition, ...], more: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """``conditions`` and those of ``more`` that are not among them."""
    if not conditions or not more:
        return conditions or more
    return conditions + tuple(one for one in more if one not in conditions)


def _permit(reason: Reason, rule: Rule | None, conditions: tuple[Condition, ...]) -> Outcome:
    if not conditions:
        return Outcome(Effect.PERMIT, reason, rule)
    labels = "labels" in [one.kind for one in conditions]
    return Outcome(Effect.CONDITIONAL, Reason.LABELS if labels else reason, rule, conditions)


def _note_permission(trace: Trace, rule: Rule, profile: UserProfile, token: Token | None, *, met: bool) -> None:
    named = f"the profile {profile.name!r}" if profile.name else "the profile"
    who = named if profile.valid else "the empty profile"
    whose = f"{who}, for {token}," if token else f"{who}, for nobody,"
    if rule.open:
        text = "the rule asks for no permission"
    elif met:
        text = f"{whose} has {_list(rule.permissions & profile.permissions)}"
    else:
        text = f"{whose} has none of {_list(rule.permissions)}"
    trace.add(Step.PERMISSION, text, passed=met, rule=rule, credential=token.name if token else None)


def _compare(
    checked: Resource, profile: UserProfile, access: Access, trace: Trace
) -> tuple[_Labels, tuple[Condition, ...]]:
    """The labels of the first accessed resource at a checked level decide."""
    labels, text = checked.labels, checked.text
    if not profile.labels:
        if trace.wanted:
            trace.add(Step.LABELS, f"the profile has no label, and {text} is checked", passed=False)
        return _Labels.REFUSED, ()
    if labels is None:
        condition = Condition("labels", checked.level, text, profile.labels)
        if trace.wanted:
            trace.add(Step.LABELS, f"whether {condition} is not known")
        return _Labels.ACCEPTED, (condition,)
    common = labels & profile.labels
    if common:
        if trace.wanted:
            trace.add(Step.LABELS, f"{text} has {_list(common)} in common with the profile", passed=True)
        return _Labels.ACCEPTED, access.conditions
    if trace.wanted:
        ends = "this ends the request, no share token is asked"
        trace.add(Step.LABELS, f"{text} has none of the labels {_list(profile.labels)}: {ends}", passed=False)
    return _Labels.REFUSED, ()


def _list(names: frozenset[str]) -> str:
    return " or ".join(repr(name) for name in sorted(names)) or "nothing"
