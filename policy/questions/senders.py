"""Who sends requests: visitors, roles and combinations of them, share links; or, where no roles are known, everybody.

"Everybody" is a basis: what a rule grants is decided by single permissions, and labels count as all, some or none.
Two policies that agree on the basis agree on every profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from policy.auth_service import Profile, Share
from policy.engine import Condition, Level
from policy.engine.subject import Subject
from policy.errors import UsageError
from policy.lint.views.listing import listed
from policy.questions.classes import SEARCH
from policy.questions.relation import Answer, grant_of
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.engine.archive import Resource
    from policy.engine.sender import Token
    from policy.questions.classes import RouteClass

ANONYMOUS = "anonymous"
"""What people write for requests without a token."""
SOME_LABEL = "some-label"
"""Stands for the labels of a profile that is limited by labels."""
_ALL_LABELS = ("*", SOME_LABEL, "")


@dataclass(frozen=True, slots=True, eq=False)
class Sender:
    """Somebody who sends requests.

    ``kind`` is ``anonymous``, ``role``, ``roles`` (a combination), ``permission`` (whoever has it; ``labels`` are then
    ``*``, some or none), or ``share`` (the holder of a share link, whatever it covers).
    ``token`` is what the engine takes for it; ``subjects`` are what the policies make of it, in their order.
    """

    kind: str
    name: str
    token: Any
    subjects: tuple[Subject, ...]
    labels: str = ""

    def __str__(self) -> str:
        if self.kind == "permission":
            holder = f"a holder of {self.name!r}" if self.name else "a user without permissions"
            return f"{holder} ({_LABELS[self.labels]})"
        return self.name


_LABELS = {"*": "all labels", SOME_LABEL: "some labels", "": "no label"}


class _Holder(Subject):
    """The holder of a share link that may cover anything: whether it does is a condition."""

    __slots__ = ()

    def grants(self, token: Token | None, method: str, resource: Resource) -> bool | Condition:  # noqa: ARG002
        """A condition; never for what is no resource."""
        if token is None or resource.level is Level.SYSTEM:
            return False
        return Condition("shared", resource.level, resource.text)


def senders(
    policies: Sequence[Policy],
    *,
    combine: Iterable[Sequence[str]] = (),
    by: str = "roles",
    shares: bool = True,
    labels: Sequence[str] = _ALL_LABELS,
) -> tuple[Sender, ...]:
    """Visitors, then the roles that any of the policies knows, in order, then combinations, then share links.

    ``by="permissions"``, and where a policy knows no roles: the basis for all profiles, in place of roles; ``labels``
    are then those that the profiles have, ``*``, some, or none.
    Raises :class:`UsageError` for a combination of roles that nobody knows.
    """
    found = [_sender(policies, "anonymous", ANONYMOUS, None)]
    if by == "roles" and knows_roles(policies):
        names = dict.fromkeys(name for one in policies if one.roles is not None for name in one.roles.roles)
        found += [_sender(policies, "role", name, name) for name in names]
        found += [_combined(policies, tuple(parts), names) for parts in combine]
    else:
        asked = sorted({name for one in policies for rule in one.rules for name in rule.permissions})
        for name in ["", *asked]:
            for label in labels:
                profile = Profile("user", (name,) if name else (), (label,) if label else ())
                found.append(_sender(policies, "permission", name, profile, label))
    if shares and any(one.settings.shares and one.off is None for one in policies):
        found.append(share_holder(policies))
    return tuple(found)


def knows_roles(policies: Sequence[Policy]) -> bool:
    """Whether every policy knows the roles of the auth service."""
    return all(one.roles is not None for one in policies)


def sender(policies: Sequence[Policy], name: str) -> Sender:
    """The sender that a person names: ``anonymous``, ``share``, a role, or roles with ``+`` between them.

    Raises :class:`UsageError` for a role that no policy knows.
    """
    names = dict.fromkeys(role for one in policies if one.roles is not None for role in one.roles.roles)
    if name in names:
        return _sender(policies, "role", name, name)
    if name == ANONYMOUS:
        return _sender(policies, "anonymous", ANONYMOUS, None)
    if name == SHARE:
        return share_holder(policies)
    parts = tuple(part.strip() for part in name.split("+"))
    if len(parts) > 1:
        return _combined(policies, parts, names)
    raise unknown_role(name, names)


def unknown_role(name: str, names: Iterable[str]) -> UsageError:
    """The error for a role that is not in permissions.json."""
    from policy.lint.nearby import did_you_mean

    known = list(names)
    if not known:
        return UsageError(f"no role is called {name!r}: the files give no roles", help="Add permissions.json.")
    near = did_you_mean(name, [*known, ANONYMOUS])
    return UsageError(f"no role is called {name!r}. {near}".strip(), help=f"Roles: {', '.join(known)}; {ANONYMOUS}.")


SHARE = "share link"


def share_holder(policies: Sequence[Policy]) -> Sender:
    """The holder of a share link."""
    token = Share()
    subjects = []
    for policy in policies:
        known = policy.subject_of(token)
        subjects.append(
            _Holder("a share token", known.own, known.visitor, known.present, known.header_only, share=token)
        )
    return Sender("share", SHARE, token, tuple(subjects))


def _combined(policies: Sequence[Policy], parts: tuple[str, ...], names: Iterable[str]) -> Sender:
    known = list(names)
    for part in parts:
        if part not in known:
            raise unknown_role(part, known)
    return _sender(policies, "roles", "+".join(parts), parts)


def _sender(policies: Sequence[Policy], kind: str, name: str, token: Any, labels: str = "") -> Sender:
    return Sender(kind, name, token, tuple(_subject(policy, token) for policy in policies), labels)


def _subject(policy: Policy, token: Any) -> Subject:
    if isinstance(token, str | tuple) and policy.roles is None:
        return policy.subject_of(Profile("nobody knows"))
    return policy.subject_of(token)


class Judge:
    """What senders may do with the requests of classes, each distinct question put to the engine once."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = tuple(policies)
        self._known: dict[tuple[object, ...], Answer] = {}
        self._fixed: dict[tuple[int, int], tuple[object, ...]] = {}
        self._kept: list[Sender] = []

    def answer(self, one: RouteClass, who: Sender, number: int = 0) -> Answer:
        """The answer of the policy with this number to the requests of a class."""
        side = one.sides[number]
        fixed = self._fixed.get((id(who), number))
        if fixed is None:
            fixed = self._fix(who, number)
        rule = side.rule
        if rule is None:
            asked: object = None
        else:
            subject, wanted = who.subjects[number], rule.permissions
            asked = (
                not wanted,
                wanted.isdisjoint(subject.own.permissions),
                wanted.isdisjoint(subject.visitor.permissions),
            )
        path = one.seen.path if one.method == "GET" else ""
        key = fixed, one.method, side.unchecked, side.level, side.listed, path == SEARCH, asked
        found = self._known.get(key)
        if found is None:
            outcome = self._policies[number].decide_under(rule, one.seen, who.subjects[number])
            found = self._known[key] = Answer(grant_of(outcome), outcome.reason)
        return found

    def _fix(self, who: Sender, number: int) -> tuple[object, ...]:
        """All that answers depend on besides the class and the permissions."""
        subject = who.subjects[number]
        fixed = (
            number, subject.own.labels, subject.visitor.labels, subject.known, bool(subject.present),
            bool(subject.header_only), subject.own.valid, who.kind == "share",
        )  # fmt: skip
        self._kept.append(who)  # so that no other sender gets its identity
        self._fixed[id(who), number] = fixed
        return fixed


def merged(who: Iterable[Sender]) -> tuple[str, ...]:
    """Names for people: holders of permissions are named together where they are limited by labels alike."""
    found: list[str] = []
    holders: dict[str, list[str]] = {}
    for one in who:
        if one.kind == "permission":
            holders.setdefault(one.name, []).append(one.labels)
        else:
            found.append(str(one))
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, labels in holders.items():
        alike.setdefault(tuple(labels), []).append(name)
    found += [_holders(names, labels) for labels, names in alike.items()]
    return tuple(found)


def _holders(names: list[str], labels: tuple[str, ...]) -> str:
    named = [repr(name) for name in names if name]
    whoever = f"whoever has {listed(named, 'or', most=len(named))}" if named else ""
    nobody = "users without permissions" if "" in names else ""
    text = " and ".join(part for part in (nobody, whoever) if part)
    return text if len(labels) == len(_LABELS) else f"{text} ({' or '.join(_LABELS[one] for one in labels)})"


__all__ = [
    "ANONYMOUS",
    "SHARE",
    "Judge",
    "Sender",
    "knows_roles",
    "merged",
    "sender",
    "senders",
    "share_holder",
]
