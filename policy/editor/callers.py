"""Who passes a rule, and a request that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import PolicyError
from policy.lint.views.own_rules import first_rule, known_of
from policy.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policy.configuration.deployment import OrthancServer
    from policy.editor.analysis import Analysis
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.knowledge.dicomweb import Transaction
    from policy.lint.views.own_rules import Own
    from policy.questions.access import Callers

_NEAR = 12
"""Earlier rules beside which a path of its own is computed; beside more of them only examples are tried."""
_BUDGET = 2_000
"""States looked at for it: an answer in an editor cannot wait for more."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Who passes ``own``: by the request ``example``, which it decides; None where no such request was found."""

    example: str | None
    callers: Callers | None
    roles: int
    """How many roles there are."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The roles that pass, some under conditions."""
        if self.callers is None:
            return ()
        return tuple(one.who.name for one in self.callers.allowed if one.who.kind == "role")

    @property
    def anybody(self) -> bool:
        """Whether somebody without a token passes."""
        return self.callers is not None and any(one.who.kind == "anonymous" for one in self.callers.allowed)


def passing(server: OrthancServer, own: Own, analysis: Analysis) -> Passing:
    """Who passes a rule, computed once for it."""
    return analysis.context.once(("editor", "passing", id(own)), lambda: _passing(server, own, analysis))


def _passing(server: OrthancServer, own: Own, analysis: Analysis) -> Passing:
    from policy.questions.access import who_can

    policy = analysis.policy(server)
    if policy is None:
        return Passing(None, None, 0)
    roles = len(policy.roles) if policy.roles is not None else 0
    example = _example(server, policy, own, analysis)
    callers = None
    if example is not None:
        try:
            callers = who_can(policy, example)
        except PolicyError:
            callers = None
    return Passing(example, callers, roles)


def _example(server: OrthancServer, policy: Policy, own: Own, analysis: Analysis) -> str | None:
    """A request that the rule decides: a known one if there is one."""
    from policy.questions.requests import request_text

    indexes = {rule.index for rule in own.rules}
    for known in known_of(own, server, analysis.context):
        decider = first_rule(policy, own.rule.method, known.path) if known.method == own.rule.method else None
        if decider is not None and decider.index in indexes:
            return f"{known.method} {known.path}"
    for rule in own.rules:
        path = _own_path(policy, rule)
        if path is not None:
            return request_text(rule.method, path)
    return None


def _own_path(policy: Policy, rule: Rule) -> str | None:
    from policy.patterns.language import difference, some
    from policy.patterns.likely import Preference

    if not rule.compiled.analysable:
        return None
    try:
        path = some(rule.compiled, preference=Preference(), budget=_BUDGET)
        if path is None or first_rule(policy, rule.method, path) is rule:
            return path
        near = [
            other.compiled
            for other in policy.rules[: rule.index]
            if other.method == rule.method and other.compiled.analysable and _may_meet(rule, other)
        ]
        if len(near) > _NEAR:
            return None
        path = difference(rule.compiled, near, preference=Preference(), budget=_BUDGET)
    except PolicyError:
        return None
    return path if path is not None and first_rule(policy, rule.method, path) is rule else None


def _may_meet(rule: Rule, other: Rule) -> bool:
    one, two = rule.compiled.prefix, other.compiled.prefix
    return one.startswith(two) or two.startswith(one)


def prepare(analysis: Analysis, check: Callable[[], None]) -> None:
    """Work out who passes each rule, before anybody asks; ``check`` may raise to end this."""
    for server in analysis.deployment.servers:
        for own in analysis.rules(server):
            check()
            passing(server, own, analysis)


def transactions_of(rules: Iterable[Rule], root: str) -> tuple[Transaction, ...]:
    """The transactions of DICOMweb whose example request the rules match."""
    from policy.knowledge.dicomweb import transactions
    from policy.knowledge.routes import with_root

    found = []
    own = tuple(rules)
    for one in transactions():
        path = with_root(one.witness.partition("?")[0], root)
        if any(rule.method == one.method and rule.compiled.matches(path) for rule in own):
            found.append(one)
    return tuple(found)
