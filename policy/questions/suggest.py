"""The smallest changes of the files that grant a request to somebody, take it away, or close a finding.

Every change is made in a copy of the files in memory, which are then read again as a whole: the engine says whether the
change does what it should, and the comparison of the two policies what else it does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policy.engine import Effect
from policy.engine.loading import choose_server
from policy.errors import PolicyError, UsageError
from policy.lint.context import Context
from policy.lint.views.policies import usable_policy
from policy.questions import candidates
from policy.questions.causes import Given
from policy.questions.changes import FileChange
from policy.questions.classes import SEARCH, Partition
from policy.questions.diff import Difference, diff
from policy.questions.explain import explain
from policy.questions.senders import ANONYMOUS
from policy.records import dataclass, replace

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment, OrthancServer
    from policy.engine import Decision, Policy
    from policy.lint.finding import Finding
    from policy.questions.candidates import Candidate
    from policy.questions.classes import RouteClass
    from policy.questions.diff import Diff

Reload = Callable[[Mapping[str, bytes]], "Deployment"]
"""Reads the deployment again, with other contents for some files by their real paths."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change that does what was asked; ``others`` is what else it changes, nothing where it is empty."""

    text: str
    files: tuple[FileChange, ...]
    effect: Effect | None
    """The answer afterwards, for a request; None for a finding, which is gone."""
    others: tuple[Difference, ...]
    proved: bool
    """Whether the comparison is a proof."""

    @property
    def alone(self) -> bool:
        """Whether nothing else changes."""
        return not self.others

    def patch(self) -> str:
        """The change as a unified patch."""
        return "".join(one.patch() for one in self.files)


class Suggester:
    """Suggestions for one server of a deployment; ``reload`` reads its files again."""

    def __init__(self, reload: Reload, server: str | None = None) -> None:
        self._reload = reload
        self.deployment = reload({})
        self.context = Context(self.deployment)
        self.server: OrthancServer = choose_server(self.deployment, server)
        policy = usable_policy(self.server, self.context)
        if policy is None:
            refusal = self.context.refusal(self.server)
            raise refusal if refusal is not None else UsageError("the server does not start with these files")
        self.policy: Policy = policy

    # -- requests --

    def grant(self, route: str, who: tuple[str, ...], *, resource: Any = None) -> tuple[Suggestion, ...]:
        """Changes that let ``who`` (role names; empty: nobody) send ``route``, those that do least beside first.

        An answer that depends on labels counts where none is given by ``resource``.
        """
        return self._request(route, who, resource, candidates.granting, wanted=(Effect.PERMIT, Effect.CONDITIONAL))

    def revoke(self, route: str, who: tuple[str, ...], *, resource: Any = None) -> tuple[Suggestion, ...]:
        """Changes that refuse ``route`` to ``who``, those that do least beside first."""
        return self._request(route, who, resource, candidates.revoking, wanted=(Effect.DENY,))

    def decide(self, route: str, who: tuple[str, ...], *, resource: Any = None) -> Decision:
        """The answer as it is now."""
        return self.policy.decide(route, _token(who), resource=resource)

    def _request(
        self,
        route: str,
        who: tuple[str, ...],
        resource: Any,
        find: Callable[[candidates.Question], Iterator[Candidate]],
        *,
        wanted: tuple[Effect, ...],
    ) -> tuple[Suggestion, ...]:
        told = explain(self.policy, self.server, route, _token(who), resource=resource)
        before = told.decision.effect
        if before in wanted and before is not Effect.CONDITIONAL:
            return ()
        question = candidates.Question(self.policy, self.server, told, who)
        found: list[Suggestion] = []
        for candidate in self._distinct(find(question)):
            made = self._made(candidate)
            if made is None:
                continue
            changed, server, policy = made
            effect = policy.decide(route, _token(who), resource=resource).effect
            if effect not in wanted or effect is before:
                continue
            compared = self._compare(server, policy)
            others = tuple(self._others(compared, policy, told.decision, who))
            found.append(Suggestion(candidate.text, changed, effect, others, compared.proved))
        return _sorted(found)

    # -- findings --

    def close(self, rule: str) -> tuple[Suggestion, ...]:
        """Changes after which the rule of the linter called ``rule`` finds nothing more on this server.

        :raises UsageError: where it finds nothing now.
        """
        findings = self._findings(rule, self.context)
        if not findings:
            raise UsageError(f"{rule} finds nothing here")
        found: list[Suggestion] = []
        for candidate in self._distinct(candidates.closing(self.policy, self.server, self.context, findings)):
            made = self._made(candidate)
            if made is None:
                continue
            changed, server, policy = made
            again = self._reload(_texts(changed))
            if self._findings(rule, Context(again)):
                continue
            compared = self._compare(server, policy)
            others = tuple(one for one in compared.differences if not self._is_meant(one, findings))
            found.append(Suggestion(candidate.text, changed, None, others, compared.proved))
        return _sorted(found)

    def _findings(self, rule: str, context: Context) -> list[Finding]:
        from policy.lint.rule import registry
        from policy.lint.run import findings_of

        return list(findings_of(registry()[rule], context))

    def _is_meant(self, one: Difference, findings: Iterable[Finding]) -> bool:
        """Whether a difference is what the finding is about: its routes, refused to whom it names."""
        for finding in findings:
            routes, who = finding.facts.get("routes", ()), finding.facts.get("who", ())
            if not isinstance(routes, tuple) or not isinstance(who, tuple):
                continue
            names = {str(name).removeprefix("the role ") for name in who}
            names |= {ANONYMOUS} if "anybody without a token" in who else set()
            inside = any(self._holds(one, str(route)) for route in routes)
            if inside and {sender.name for sender in one.senders} <= names and one.relation.value == "less-permissive":
                return True
        return False

    def _holds(self, one: Difference, request: str) -> bool:
        """Whether one of the classes holds a request, by what the first policy makes of it."""
        method, _, target = request.partition(" ")
        path = target.partition("?")[0]
        if method != one.method:
            return False
        rule = self.policy.first_rule(method, path)
        level = self.policy.resources_of(path, {}).level
        return any(each.sides[0].rule == rule and each.sides[0].level in (level, None) for each in one.classes)

    # -- trying --

    def _distinct(self, found: Iterable[Candidate]) -> Iterator[Candidate]:
        seen = set()
        for candidate in found:
            key = tuple((source.path, document.data) for source, document in candidate.edited)
            if key and key not in seen:
                seen.add(key)
                yield candidate

    def _made(self, candidate: Candidate) -> tuple[tuple[FileChange, ...], OrthancServer, Policy] | None:
        """The files after a change, with the server and its policy; None where the server then does not start."""
        changed = tuple(
            FileChange.of(source, document.data)
            for source, document in candidate.edited
            if source.document.data != document.data
        )
        if not changed:
            return None
        try:
            deployment = self._reload(_texts(changed))
            server = choose_server(deployment, self.server.name)
            policy = usable_policy(server, Context(deployment))
        except PolicyError:
            return None
        return None if policy is None else (changed, server, policy)

    def _compare(self, server: OrthancServer, policy: Policy) -> Diff:
        return diff(Given(self.policy, self.server, "before"), Given(policy, server, "after"))

    def _others(self, compared: Diff, policy: Policy, decision: Decision, who: tuple[str, ...]) -> Iterator[Difference]:
        """The differences that were not asked for: another sender's, or of requests that are told apart."""
        from policy.engine.request import Seen
        from policy.engine.route import seen_of

        seen, _ = seen_of(decision.request, self.policy.proxy)
        meant = None
        if isinstance(seen, Seen):
            partition = Partition((self.policy, policy), methods=(seen.method,))
            meant = partition.find(seen.method, seen.path, seen.arguments)
        name = "+".join(who) if who else ANONYMOUS
        for one in compared.differences:
            classes = tuple(each for each in one.classes if meant is None or not _same(each, meant))
            senders = tuple(sender for sender in one.senders if sender.name != name)
            if len(classes) == len(one.classes):
                yield one
            elif classes:
                yield replace(one, classes=classes, request=classes[0].request)
            elif senders:
                yield replace(one, senders=senders)


def _same(one: RouteClass, other: RouteClass) -> bool:
    """Whether two partitions of the same policies mean the same class."""
    search = (one.seen.path == SEARCH) == (other.seen.path == SEARCH)
    return one.method == other.method and one.sides == other.sides and search


def _texts(changed: Iterable[FileChange]) -> dict[str, bytes]:
    return {os.path.realpath(one.path): one.after for one in changed}


def _token(who: tuple[str, ...]) -> Any:
    return None if not who else who[0] if len(who) == 1 else who


def _sorted(found: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    def weight(one: Suggestion) -> tuple[int, int]:
        return (
            sum(len(each.senders) * len(each.classes) for each in one.others),
            sum(abs(len(change.after) - len(change.before)) for change in one.files),
        )

    return tuple(sorted(found, key=weight))
