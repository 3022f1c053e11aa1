"""What a policy remembers: for each sender the decisions that were made, so that the same question is one look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policy.engine.archive import UNKNOWN, Archive
from policy.engine.decision import SILENT, Check, Decision, Outcome, Trace
from policy.engine.request import Request, Seen, Stopped, is_plain
from policy.engine.route import seen_of
from policy.engine.rules import METHODS

if TYPE_CHECKING:
    from policy.engine.policy import Policy
    from policy.engine.subject import Subject

MOST = 1 << 16
"""So many decisions are remembered, of all senders together, before all are forgotten."""


class Asked:
    """Somebody's questions: makes what decisions leave until it is asked for; see :class:`policy.engine.decision.Later`.

    ``seen`` is the request, None for one that :func:`policy.engine.request.is_plain` says all about.
    """

    __slots__ = ("archive", "body", "policy", "seen", "subject")

    def __init__(
        self,
        policy: Policy,
        subject: Subject,
        seen: Seen | Stopped | None = None,
        archive: Archive = UNKNOWN,
        body: bytes | None = None,
    ) -> None:
        self.policy = policy
        self.subject = subject
        self.seen = seen
        self.archive = archive
        self.body = body

    def outcome(self, route: str | Request, trace: Trace = SILENT) -> Outcome:
        """The outcome with the conditions of this route."""
        seen = self.seen or seen_of(route, None)[0]
        return self.policy._judge(seen, self.subject, self.archive, self.body, trace)

    def trace(self, route: str | Request) -> tuple[Check, ...]:
        """Every check on the way of this route."""
        trace = Trace()
        self.outcome(route, trace)
        return tuple(trace.checks)


class Answers(dict[str | Request, Decision]):
    """The decisions for one sender by route; what is not there is decided, and remembered."""

    __slots__ = ("_always", "_asked", "_memory", "_quick", "subject", "token")

    def __init__(self, policy: Policy, memory: Memory, token: Any, subject: Subject) -> None:
        super().__init__()
        self.token = token
        self.subject = subject
        self._asked = Asked(policy, subject)
        self._memory = memory
        self._always = policy._before_the_filter(subject)
        self._quick = policy._filter.quick

    def __missing__(self, route: str | Request) -> Decision:
        if route.__class__ is str:
            method, _, path = ("GET", "", route) if route[:1] == "/" else route.partition(" ")
            # A plain path goes without the detours of the full way.
            if method in METHODS and is_plain(path):
                decision = Decision(self._always or self._quick(method, path, self.subject), route, self._asked)
            else:
                decision = self._in_full(route)
        else:
            decision = self._in_full(route)
        memory = self._memory
        memory.kept += 1
        if memory.kept > MOST:
            memory.forget()
            self.clear()
        self[route] = decision
        return decision

    def _in_full(self, route: str | Request) -> Decision:
        return self._asked.policy._decide(route, self.subject, UNKNOWN, None)


class Memory(dict[Any, Answers]):
    """The answers by token."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        super().__init__()
        self.kept = 0

    def forget(self) -> None:
        """Begin anew."""
        self.kept = 0
        self.clear()
