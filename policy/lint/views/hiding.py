"""Words, places and witnesses for rules that never decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from policy.lint.finding import Related, Witness
from policy.lint.views.meaning import SEED
from policy.lint.views.own_rules import asked, shown

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine.rules import Rule
    from policy.lint.context import Context
    from policy.lint.views.standing import Hidden


def named(rule: Rule, hidden: Hidden) -> str:
    """An earlier rule for the middle of a message: by its line, or as one of the built-in list."""
    where = rule.location
    if where is None:
        return f"the built-in rule {shown(rule.method, rule.pattern)}"
    if where.source is hidden.own.row.location.source:
        return f"the rule in line {where.start.line}"
    return f"the rule at {where}"


def sentence(hidden: Hidden) -> str:
    """That the rule never applies, because of what, and what that changes; without the full stop."""
    names = list(dict.fromkeys(named(rule, hidden) for rule in hidden.cover))
    head = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    verb = "takes" if len(names) == 1 else "take"
    proof = f" (sampled with the seed {SEED})" if hidden.sampled else ""
    text = f"{hidden.own} never applies{proof}: {head} {verb} each of its paths first"
    decider, path = hidden.telling
    if decider.permissions != hidden.rule.permissions:
        text += (
            f". {hidden.rule.method} {path} is decided by {named(decider, hidden)}, which asks for {asked(decider)}, "
            f"not for {asked(hidden.rule)}"
        )
    return text


def hiders(hidden: Hidden) -> Iterable[Related]:
    """The places of the earlier rules that stand in a file."""
    seen: set[tuple[str, int]] = set()
    for rule in hidden.cover:
        where = rule.location
        if where is not None and (where.source.path, where.span.start) not in seen:
            seen.add((where.source.path, where.span.start))
            yield Related(where, f"decides first, and asks for {asked(rule)}")


def witness_of(hidden: Hidden, server: OrthancServer, context: Context) -> Witness | None:
    """A request that the earlier rule decides otherwise than the hidden one would: with who sends it and what comes.

    Only where a role of the deployment shows it for certain; None else.
    """
    from policy.lint.views.coverage import coverage

    decider, path = hidden.telling
    known = coverage(server, context)
    if known is None:
        return None
    for subject in known.subjects:
        held = frozenset(subject.profile.permissions)
        before, after = (not rule.permissions or bool(rule.permissions & held) for rule in (decider, hidden.rule))
        if before == after:
            continue
        decision = known.policy.decide(f"{hidden.rule.method} {path}", subject.profile if subject.roles else None)
        if str(decision.effect) != "conditional":
            return Witness(hidden.rule.method, path, subject.name, str(decision.effect), hidden.sampled)
    return None
