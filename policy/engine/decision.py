"""What the engine answers: :class:`Decision`, its reason, its conditions and the checks that led to it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from policy.engine.level import Level
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.engine.request import Request
    from policy.engine.rules import Rule


class Effect(enum.StrEnum):
    """What becomes of a request."""

    PERMIT = "permit"
    DENY = "deny"
    CONDITIONAL = "conditional"
    """It depends on what the archive holds; :attr:`Decision.conditions` says on what."""


class Reason(enum.StrEnum):
    """Why: a stable code, and ``text``, what it means. New codes may come, these stay."""

    text: str

    def __new__(cls, code: str, text: str) -> Self:
        """A member: the code is its value."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member

    __hash__ = str.__hash__

    FILTER_OFF = "filter-off", "The plugin installs no filter with this configuration: every request passes."
    PROXY = "proxy", "The reverse proxy answers by itself: the request never reaches the server."
    MALFORMED_REQUEST = "malformed-request", "The web server refuses the request line (400)."
    METHOD = "method", "A method, or a faked method, that the core does not serve (400)."
    CORE_AUTHENTICATION = "core-authentication", "The core's own authentication turns the request away (401)."
    UNCHECKED_RESOURCE = "unchecked-resource", "The path is one of the unchecked resources: GET passes for everybody."
    UNCHECKED_FOLDER = "unchecked-folder", "The path begins with an unchecked folder: GET passes for everybody."
    PERMISSION = (
        "permission",
        "The profile has one of the permissions that the rule asks for, and no label stands against it.",
    )
    OPEN_RULE = "open-rule", "The rule asks for no permission, and no label stands against it."
    NO_RULE = "no-rule", "No rule of this method matches the path, and no share token opens it."
    NO_PERMISSION = (
        "no-permission",
        "A rule matches; the profile has none of its permissions, and no share token opens the path.",
    )
    LABELS = (
        "labels",
        "The labels of the profile and of the resource have nothing in common; or they decide and are not known.",
    )
    LIST_OF_RESOURCES = "list-of-resources", "A list of all resources is for profiles with the label ``*`` only."
    SHARE = "share", "A share token opens every accessed resource at a checked level; or it decides and is not known."
    NO_SHARE = "no-share", "Only share tokens could open the path, and none does."
    SEARCH_EXCEPTION = (
        "search-exception",
        "``GET /dicom-web/studies`` passes the filter for everybody (0.9.2 and later).",
    )
    UNKNOWN_RESOURCE = (
        "unknown-resource",
        "The resource does not exist, and the plugin had to look at it: an error on the way is a no.",
    )
    TOO_COMPLEX = "too-complex", "Boost gives up on a pattern with this path: an error on the way is a no."
    SERVICE_FAILURE = "service-failure", "The web service answered something unusable: an error on the way is a no."
    AUDIT_LOG = "audit-log", "The access could not be recorded: an error on the way is a no."
    PROFILE_REQUIRED = "profile-required", "Behind the filter: this route is for users with a profile only."
    BODY = "body", "Behind the filter: what the body asks for is refused."
    BAD_REQUEST = (
        "bad-request",
        "Behind the filter: the body cannot be used; the answer is an error and no refusal (400, 404, 405 or 500).",
    )


class Condition(NamedTuple):
    """Something that must be true in the archive, or of a share, for the request to be permitted.

    ``kind`` is ``labels`` (the resource has one of ``labels``), ``exists`` (the resource exists) or ``shared`` (the
    token's share covers the resource).
    """

    kind: str
    level: Level
    resource: str
    labels: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if self.kind == "labels":
            names = sorted(self.labels)
            if len(names) == 1:
                return f"{self.resource} has the label {names[0]!r}"
            return f"{self.resource} has one of the labels {', '.join(map(repr, names))}"
        if self.kind == "shared":
            return f"the share covers {self.resource}"
        return f"{self.resource} exists"


class Step(enum.StrEnum):
    """The kinds of checks, in the order in which a request meets them."""

    PROXY = "proxy"
    CORE = "core"
    FILTER = "filter"
    UNCHECKED = "unchecked"
    CREDENTIALS = "credentials"
    RULE = "rule"
    PERMISSION = "permission"
    LABELS = "labels"
    SHARE = "share"
    SEARCH_EXCEPTION = "search-exception"
    AUDIT = "audit"
    ROUTE = "route"
    """Behind the filter."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Check:
    """One check on the way. ``passed``: None where it decided nothing or could not be decided."""

    step: Step
    text: str
    passed: bool | None = None
    rule: Rule | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answer of a permitted request still holds, as far as the plugin decides it.

    ``items``: the Orthanc ids that remain, or None where the plugin does not narrow them or the archive is not known;
    ``labels``: the labels that may be shown, None where none are hidden; ``text`` says it in words.
    """

    text: str
    items: tuple[str, ...] | None = None
    labels: frozenset[str] | None = None


class Outcome(NamedTuple):
    """The bare result, before it becomes a :class:`Decision`."""

    effect: Effect
    reason: Reason
    rule: Rule | None = None
    conditions: tuple[Condition, ...] = ()
    status: int | None = None
    answer: Answer | None = None
    shared: bool = False
    """Whether it stands for all paths that meet the same, so that the conditions of each are still to be made."""


class Later(Protocol):
    """Makes what a decision leaves until somebody asks for it."""

    def outcome(self, route: str | Request) -> Outcome:
        """The outcome with the conditions of this route."""
        ...

    def trace(self, route: str | Request) -> tuple[Check, ...]:
        """Every check on the way of this route."""
        ...


class Decision:
    """Whether a request is permitted, and why.

    As a truth value it is true only for a permit: what is conditional is closed by default.
    Conditions and trace are made when they are first asked for, so that a decision costs little.
    """

    __slots__ = ("_later", "_outcome", "_route", "_trace")

    def __init__(
        self,
        outcome: Outcome,
        route: str | Request,
        later: Later | None = None,
        trace: tuple[Check, ...] | None = None,
    ) -> None:
        self._outcome = outcome
        self._route = route
        self._later = later
        self._trace = trace

    def __bool__(self) -> bool:
        return self._outcome.effect is Effect.PERMIT

    @property
    def effect(self) -> Effect:
        """``permit``, ``deny`` or ``conditional``."""
        return self._outcome.effect

    @property
    def reason(self) -> Reason:
        """A stable code."""
        return self._outcome.reason

    @property
    def rule(self) -> Rule | None:
        """The first rule that matches the request, whether it decided or not; None if there is none."""
        return self._outcome.rule

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must hold, all of it, for a conditional decision to be a permit."""
        return self._settled().conditions

    def _settled(self) -> Outcome:
        outcome = self._outcome
        if outcome.shared and self._later is not None:
            outcome = self._outcome = self._later.outcome(self._route)
        return outcome

    @property
    def status(self) -> int | None:
        """The HTTP status of a denial: 400, 401, 403, ...; None for a permit."""
        if self._outcome.effect is Effect.PERMIT:
            return None
        return self._outcome.status or 403

    @property
    def answer(self) -> Answer | None:
        """How the plugin narrows the answer of a permitted request; None where it does not."""
        return self._outcome.answer

    @property
    def request(self) -> str:
        """Method and target that were decided."""
        route = self._route
        if isinstance(route, str):
            return f"GET {route}" if route.startswith("/") else route
        return f"{route.method} {route.target}"

    @property
    def trace(self) -> tuple[Check, ...]:
        """Every check, in the order in which the server makes them."""
        if self._trace is None:
            self._trace = () if self._later is None else self._later.trace(self._route)
        return self._trace

    def explain(self) -> str:
        """The decision in words: request and effect, then each check, then the conditions.

        What stands in a request or a file makes no lines of its own: controls are shown as their pictures.
        """
        return "\n".join(line if line.isprintable() else line.translate(_PICTURES) for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.request}: {self.effect} ({self.reason})"
        if self.rule is not None:
            yield f"  rule: {self.rule}"
        for check in self.trace:
            sign = {True: "+", False: "-", None: " "}[check.passed]
            yield f"  {sign} {check.text}"
        for condition in self.conditions:
            yield f"  ? permitted if {condition}"
        if self.answer is not None:
            yield f"  > {self.answer.text}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Decision):
            return NotImplemented
        return self.request == other.request and self._settled() == other._settled()

    def __hash__(self) -> int:
        return hash((self._settled(), self.request))

    def __repr__(self) -> str:
        return f"<Decision {self.request}: {self.effect}, {self.reason}>"


_PICTURES = {code: 0x2400 + code for code in range(0x20)} | dict.fromkeys((*range(0x7F, 0xA0), 0x2028, 0x2029), 0xFFFD)


@dataclass(slots=True)
class Trace:
    """Collects checks; :data:`SILENT` collects nothing, for the fast path."""

    checks: list[Check] = field(default_factory=list)
    wanted: bool = True

    def add(
        self,
        step: Step,
        text: str,
        *,
        passed: bool | None = None,
        rule: Rule | None = None,
        credential: str | None = None,
    ) -> None:
        """Note one check."""
        if self.wanted:
            self.checks.append(Check(step, text, passed, rule, credential))


SILENT = Trace(wanted=False)
