"""Logs against a policy: what it answers to the requests that were really sent, and where that differs.

Each distinct request is decided once, for each sender that may have sent it.
Logs seldom tell the roles of a sender.
Then a loss or a gain is told only where every possible sender agrees, or where the policy of that time tells who was meant.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from policy.engine import Effect
from policy.engine.proxy import Answered
from policy.engine.request import Seen
from policy.engine.route import seen_of
from policy.errors import PolicyError, UsageError
from policy.questions.classes import Partition
from policy.questions.replay_logs import NGINX, ORTHANC
from policy.questions.replay_tables import PERMITTED, REFUSED, Request
from policy.questions.senders import ANONYMOUS, Judge, Sender, sender, senders
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.engine.proxy import Proxy

DEFAULT_PREFIX = "/orthanc/"
"""Below which the images' reverse proxy shows Orthanc."""
_CREDENTIALS = frozenset({"token", "api-key", "apikey", "access_token", "authorization", "auth-token"})
_ARCHIVES = ("/tools/create-archive", "/tools/create-media")
_IDENTIFIER = "{…}"


class Verdict(enum.StrEnum):
    """What this policy makes of what happened."""

    SAME = "same"
    LOSES = "loses"
    """It was permitted, and whoever may have sent it is refused now."""
    MAY_LOSE = "may-lose"
    """It was permitted, and some of those to whom the policy before permits it are refused now."""
    GAINS = "gains"
    """It was refused, and whoever may have sent it is permitted now."""
    MAY_GAIN = "may-gain"
    """It was refused, and some of those to whom the policy before refuses it are permitted now."""
    LABELS = "labels"
    """Labels decide, which no log tells."""
    UNKNOWN = "unknown"
    """The log does not tell what happened, or which path it was."""
    ELSEWHERE = "elsewhere"
    """The reverse proxy answers; Orthanc never sees it."""


@dataclass(frozen=True, slots=True)
class Row:
    """Requests of one kind with one outcome.

    ``who`` are the senders that it concerns; ``route`` has no identifiers in it unless they were asked for.
    """

    verdict: Verdict
    route: str
    happened: str
    who: tuple[str, ...]
    requests: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome: rows by weight, and how many requests there were of each verdict."""

    rows: tuple[Row, ...]
    counts: Mapping[Verdict, int]
    happened: Mapping[str, int]
    distinct: int
    prefix: str = ""
    """What was cut off the targets of nginx; empty where the reverse proxy's rules are known, or nothing was."""

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(self.counts.values())

    def of(self, *verdicts: Verdict) -> tuple[Row, ...]:
        """The rows with these verdicts, most requests first."""
        return tuple(row for row in self.rows if row.verdict in verdicts)


def replay(
    policy: Policy,
    requests: Iterable[Request],
    *,
    before: Policy | None = None,
    users: Mapping[str, Sequence[str]] | None = None,
    who: str | None = None,
    prefix: str | None = None,
    identifiers: bool = False,
) -> Replay:
    """Decide the requests of logs.

    ``before`` is the policy under which the logs were written: where the sender is not told, those are meant to whom it
    gave the logged answer.
    ``users`` maps names in the logs to roles; a name that is a role's is that role.  ``who`` is the one sender of all
    requests (a role, A+B or ``anonymous``).  ``prefix`` is what nginx has before Orthanc's paths; None: as the
    deployment's proxy says, else ``/orthanc/`` where the log has it.
    ``identifiers`` shows targets as they were logged, without the values of tokens.

    :raises UsageError: for a role that the policy does not know.
    """
    side = _Side(policy, who)
    if policy.roles is None and who is None:
        raise UsageError(
            "the deployment gives no roles, so that nobody can be told apart",
            help="Add permissions.json, or name one sender of all requests with --as.",
        )
    earlier = _Side(before, who) if before is not None else None
    found = list(requests)
    gate = Gate.of(policy, found, prefix)
    return _Replay(side, earlier, found, users or {}, fixed=who is not None, gate=gate, identifiers=identifiers).run()


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands between nginx's targets and Orthanc's: a prefix, or the deployment's reverse proxy."""

    prefix: str
    proxy: Proxy | None

    @classmethod
    def of(cls, policy: Policy, requests: Iterable[Request], prefix: str | None) -> Gate:
        """As given; else the proxy, else the usual prefix where some request has it."""
        if prefix is not None:
            return cls(f"/{prefix.strip('/')}/" if prefix.strip("/") else "", None)
        if policy.proxy is not None:
            return cls("", policy.proxy)
        behind = any(one.kind == NGINX and one.target.startswith(DEFAULT_PREFIX) for one in requests)
        return cls(DEFAULT_PREFIX if behind else "", None)

    def __call__(self, target: str) -> str | None:
        """The target that Orthanc gets; None where the request never reaches it."""
        if self.prefix:
            return f"/{target[len(self.prefix) :]}" if target.startswith(self.prefix) else None
        if self.proxy is None:
            return target
        if not target.startswith("/"):
            return None  # what scanners send: nginx refuses it
        for scheme in ("https", "http"):
            outcome = self.proxy.to_orthanc(f"{scheme}://localhost{target}")
            if not isinstance(outcome, Answered):
                return outcome.target
        return None


@dataclass(slots=True)
class _Sum:
    requests: int = 0
    distinct: int = 0


class _Side:
    """One policy with what is computed of it once."""

    def __init__(self, policy: Policy, who: str | None) -> None:
        self.policy = policy
        self._partition = Partition((policy,))
        self._judge = Judge((policy,))
        people = (sender((policy,), who),) if who is not None else senders((policy,), shares=False)
        self.people: dict[str, Sender] = {one.name: one for one in people}
        self.people.setdefault(ANONYMOUS, sender((policy,), ANONYMOUS))
        self.everybody = tuple(one.name for one in people)
        root = policy.settings.dicom_web_root.rstrip("/")
        self._searches = frozenset(f"{root}/{level}" for level in ("studies", "series", "instances"))

    def knows(self, roles: Sequence[str]) -> str:
        """The name of the sender with these roles; made where it is not there yet."""
        name = "+".join(roles)
        if name not in self.people:
            self.people[name] = sender((self.policy,), name)
        return name

    def asks_more(self, target: str) -> bool:
        """Whether the query string decides about a target, which has none."""
        return "?" not in target and (target.rstrip("/") in self._searches or target.startswith(_ARCHIVES))

    def effects(self, method: str, target: str, names: Iterable[str]) -> dict[str, Effect]:
        """The answers for senders by their names."""
        route = f"{method} {target}"
        try:
            seen, _ = seen_of(route, None)
            search = isinstance(seen, Seen) and seen.path.rstrip("/") in self._searches
            one = self._partition.find(seen.method, seen.path, seen.arguments) if isinstance(seen, Seen) else None
            if one is None or search:
                # A search that passes the filter may be refused behind it, by what it asks for.
                body = b"" if search else None
                return {name: self.policy.decide(route, self.people[name].token, body=body).effect for name in names}
            return {name: self._judge.answer(one, self.people[name]).grant.effect for name in names}
        except PolicyError:
            return {}


class _Replay:
    def __init__(
        self,
        side: _Side,
        before: _Side | None,
        requests: list[Request],
        users: Mapping[str, Sequence[str]],
        *,
        fixed: bool,
        gate: Gate,
        identifiers: bool,
    ) -> None:
        self.side = side
        self.before = before
        self.requests = requests
        self.users = users
        self.fixed = fixed
        self.identifiers = identifiers
        self.gate = gate
        credentials = {one.name.lower() for one in side.policy.credentials if one.kind == "argument"}
        self.arguments = _CREDENTIALS | credentials

    def run(self) -> Replay:
        sums: dict[tuple[Verdict, str, str, tuple[str, ...]], _Sum] = {}
        counts = dict.fromkeys(Verdict, 0)
        happened: dict[str, int] = {}
        for one in self.requests:
            verdict, route, who = self._judged(one)
            total = sums.setdefault((verdict, route, one.happened, who), _Sum())
            total.requests += one.count
            total.distinct += one.distinct
            counts[verdict] += one.count
            happened[one.happened] = happened.get(one.happened, 0) + one.count
        rows = [Row(*key, total.requests, total.distinct) for key, total in sums.items()]
        rows.sort(key=lambda row: (-row.requests, row.verdict, row.route, row.who))
        distinct = sum(one.distinct for one in self.requests)
        return Replay(tuple(rows), counts, happened, distinct, self.gate.prefix)

    def _judged(self, one: Request) -> tuple[Verdict, str, tuple[str, ...]]:
        if not one.target:
            return Verdict.UNKNOWN, f"{one.method} (a {one.level or 'resource'})", ()
        target = self._behind(one)
        if target is None:
            return Verdict.ELSEWHERE, self._shown(one.method, one.target), ()
        target = self._without_tokens(target)
        shown = self._shown(one.method, target)
        if one.happened not in (PERMITTED, REFUSED):
            return Verdict.UNKNOWN, shown, ()
        if one.kind == ORTHANC and self.side.asks_more(target):
            return Verdict.UNKNOWN, shown, ()  # this log leaves the query string out
        names, sure = self._senders(one, target)
        effects = self.side.effects(one.method, target, names)
        against = Effect.DENY if one.happened == PERMITTED else Effect.PERMIT
        differ = tuple(name for name, effect in effects.items() if effect is against)
        if not effects:
            return Verdict.UNKNOWN, shown, ()
        if len(differ) == len(effects):
            return (Verdict.LOSES if one.happened == PERMITTED else Verdict.GAINS), shown, differ
        if differ and sure:
            return (Verdict.MAY_LOSE if one.happened == PERMITTED else Verdict.MAY_GAIN), shown, differ
        if all(effect is Effect.CONDITIONAL for effect in effects.values()):
            return Verdict.LABELS, shown, tuple(effects)
        return Verdict.SAME, shown, ()

    def _senders(self, one: Request, target: str) -> tuple[tuple[str, ...], bool]:
        """Who may have sent it, and whether that is more than a guess: named, or fitting to the policy before."""
        if self.fixed:
            return self.side.everybody, True
        if one.anonymous:
            return (ANONYMOUS,), True
        if one.user is not None:
            roles = self.users.get(one.user)
            known = self.side.policy.roles
            if roles is not None:
                return (self.side.knows(roles) if roles else ANONYMOUS,), True
            if known is not None and one.user in known:
                return (one.user,), True
        if self.before is None:
            return self.side.everybody, False
        against = Effect.DENY if one.happened == PERMITTED else Effect.PERMIT
        both = [name for name in self.side.everybody if name in self.before.people]
        fitting = [
            name for name, effect in self.before.effects(one.method, target, both).items() if effect is not against
        ]
        return (tuple(fitting), True) if fitting else (self.side.everybody, False)

    # -- targets --

    def _behind(self, one: Request) -> str | None:
        """The target as Orthanc gets it; None where the reverse proxy answers."""
        if one.kind != NGINX:
            return one.target
        return self.gate(one.target)

    def _without_tokens(self, target: str) -> str:
        """The target without arguments that hold credentials."""
        path, mark, query = target.partition("?")
        if not mark:
            return target
        kept = [part for part in query.split("&") if part.partition("=")[0].lower() not in self.arguments]
        return f"{path}?{'&'.join(kept)}" if kept else path

    def _shown(self, method: str, target: str) -> str:
        plain = self._without_tokens(target)
        # What a client has put together wrongly ("?a=1?token=...", "%74oken=...") may still hold one.
        held = unquote(plain).lower()
        if not self.identifiers or any(f"{name}=" in held for name in self.arguments):
            return f"{method} {route_name(target)}"
        return f"{method} {plain}"


def route_name(target: str) -> str:
    """The path of a target with the segments alone that routes are made of: everything else may identify somebody.

    >>> route_name("/studies/b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c/archive?x=1")
    '/studies/{…}/archive'
    """
    path = urlsplit(f"http://host{target}").path if target.startswith("/") else target
    known = _words()
    pieces = [piece if piece in known else _IDENTIFIER for piece in path.split("/")]
    return "/".join(pieces) or "/"


@cache
def _words() -> frozenset[str]:
    """The fixed segments of all known routes."""
    from policy.knowledge import clients
    from policy.knowledge.routes import handlers, routes

    paths = [route.path for route in routes()] + [handler.path for handler in handlers()]
    paths += [one.path for one in clients.requests()]
    words = {piece for path in paths for piece in path.split("/") if not re.search(r"[{}*]", piece)}
    return frozenset(words | {"", "orthanc", "ohif", "ui", "app", "index.html", "explorer.html"})
