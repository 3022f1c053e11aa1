"""Everything that the decision explorer of a page decides with: the policy as compact tables.

What :mod:`policy.engine.filter` reads from its objects, the page's scripts read from these tables, name by name.
Permissions and labels are numbers, in the order of their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from policy.engine.behaviour import Behaviour
from policy.engine.behind import NOTES
from policy.engine.decision import Reason
from policy.engine.front import Front
from policy.engine.rules import METHODS
from policy.questions.senders import share_holder
from policy.report.html.automaton import Sets, first_matches
from policy.report.html.exact import Exact, Hidden
from policy.report.html.front import proxies

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.engine.sender import Token, UserProfile
    from policy.engine.subject import Subject
    from policy.questions.senders import Sender
    from policy.report.excerpt import Masks

_USUAL_ROOT = re.compile(r"/[\w/-]*", re.ASCII)
"""Roots that mean the same in every regular expression syntax."""
_LABELS_OF_HOLDERS = MappingProxyType({"*": "all labels", "": "no label"})


def explorer(policy: Policy, people: Sequence[Sender], masks: Masks, where: Mapping[int, str]) -> dict[str, Any] | str:
    """The tables, or a sentence that says why there are none.

    ``where``: the place of each rule by its index, as the page shows it.
    """
    try:
        return _Writer(policy, people, Exact(masks)).tables(where)
    except Hidden:
        return (
            "A text that requests are compared with holds a secret, so the tables are not in this page; "
            "ask policy explain."
        )


class _Writer:
    def __init__(self, policy: Policy, people: Sequence[Sender], exact: Exact) -> None:
        self.policy = policy
        self.people = people
        self.exact = exact
        self.subjects = [one.subjects[0] for one in people]
        profiles = [profile for one in self.subjects for profile in (one.own, one.visitor)]
        self.permissions = _numbered(
            [name for one in profiles for name in one.permissions],
            [name for rule in policy.rules for name in rule.permissions],
        )
        self.labels = _numbered([name for one in profiles for name in one.labels])

    def tables(self, where: Mapping[int, str]) -> dict[str, Any]:
        policy, exact = self.policy, self.exact
        settings = policy.settings
        sets = Sets()
        automata = {
            method: first_matches([rule for rule in policy.rules if rule.method == method], sets) for method in METHODS
        }
        return {
            "off": settings.off,
            "core": settings.core.users is not None,
            "profiles": settings.profiles,
            "shares": settings.shares,
            "audit": settings.audit_logs,
            "levels": sorted(settings.levels),
            "flags": _flags(policy.behaviour),
            "unchecked": [[one.kind, exact(one.path)] for one in settings.unchecked],
            "credentials": len(settings.credentials),
            "resources": self._resources(),
            "behind": self._behind(),
            "permissions": [exact.shown(repr(name)) for name in self.permissions],
            "labels": [[exact(name), repr(name)] for name in self.labels],
            "rules": [self._rule(rule, where) for rule in policy.rules],
            "automata": automata,
            "people": [self._person(*pair) for pair in zip(self.people, self.subjects, strict=True)],
            "share": self._share(),
            "front": self._front(sets),
            "sets": sets.plain(),
            "reasons": {str(reason): reason.text.replace("``", "") for reason in Reason},
        }

    def _rule(self, rule: Rule, where: Mapping[int, str]) -> dict[str, Any]:
        self.exact(rule.pattern)  # what an automaton is made of can be read from it
        asks = [self.permissions[name] for name in sorted(rule.permissions)]
        return {
            "text": self.exact.shown(str(rule)),
            "pattern": self.exact.shown(rule.pattern),
            "method": rule.method,
            "permissions": asks,
            "where": where.get(rule.index, ""),
        }

    def _person(self, one: Sender, subject: Subject) -> dict[str, Any]:
        labels = _LABELS_OF_HOLDERS.get(one.labels, "some labels") if one.kind == "permission" else ""
        return {
            "kind": one.kind,
            "name": self.exact.shown(str(one)),
            "labels": labels,
            "text": self.exact.shown(subject.text),
            "own": self._profile(subject.own),
            "visitor": self._profile(subject.visitor),
            "present": self._token(subject.present),
            "headerOnly": bool(subject.header_only),
            "known": subject.known,
        }

    def _profile(self, profile: UserProfile) -> dict[str, Any]:
        return {
            "valid": profile.valid,
            "name": self.exact.shown(repr(profile.name)) if profile.name else "",
            "permissions": sorted(self.permissions[name] for name in profile.permissions),
            "labels": sorted(self.labels[name] for name in profile.labels),
            "all": profile.sees_all,
        }

    def _token(self, present: tuple[Token, ...]) -> str | None:
        """The credential in words; every subject here has one or none."""
        return self.exact.shown(str(present[0])) if present else None

    def _share(self) -> dict[str, Any] | None:
        settings = self.policy.settings
        if not settings.shares or settings.off is not None:
            return None
        holder = share_holder([self.policy])
        return self._person(holder, holder.subjects[0])

    def _resources(self) -> dict[str, Any] | None:
        """How the page finds what a path touches; None where the DICOMweb root makes that too unusual."""
        root = self.policy.settings.dicom_web_root
        if _USUAL_ROOT.fullmatch(root) is None:
            return None
        parser = self.policy.parser
        return {
            "patterns": [
                [one.how, one.kind.name, str(one.level), one.group, self.exact(one.text)] for one in parser.patterns
            ],
            "list": parser.listing,
        }

    def _behind(self) -> dict[str, Any] | None:
        """The routes behind the filter: whether there are any, and what they say of themselves."""
        behind, flags = self.policy.behind, self.policy.behaviour
        if not behind.on:
            return None
        return {
            "root": None if behind.dicom_web is None else self.exact(behind.dicom_web),
            "count": flags.count_resources,
            "resource": flags.answers_lose_labels,
            "notes": {name.strip("_"): text for name, text in NOTES.items()},
        }

    def _front(self, sets: Sets) -> list[dict[str, Any]] | None:
        """The proxies; an empty list where there are none, None where the page cannot follow them."""
        front = self.policy.proxy
        if front is None:
            return []
        return proxies(front, self.exact, sets) if isinstance(front, Front) else None


def _flags(flags: Behaviour) -> dict[str, bool]:
    """The flags of the version, without those of the routes behind the filter and of reading the configuration."""
    return {name: getattr(flags, name) for name in _FLAGS}


_FLAGS = (
    "labels",
    "last_token_decides",
    "always_parses_resources",
    "all_resources_must_be_granted",
    "nothing_checked_is_denied",
    "lists_refused_for_get_only",
    "search_exception",
    "anonymous_profile",
    "anonymous_question",
    "unknown_archive_resource_skipped",
    "search_wildcards",
    "search_names",
    "patient_id_number",
    "search_arguments_lower_case_only",
    "search_arguments_ignore_case",
    "route_profile_retries_empty",
)


def _numbered(*names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted({name for group in names for name in group}))}
