"""Whether a rule ever decides: proved by an example where there is one, else computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from policy.errors import PolicyError
from policy.lint.views.built_in import ordered_as_built_in, stands_in_some_list
from policy.lint.views.neighbours import neighbours
from policy.lint.views.own_rules import first_rule, known_of, own_rules
from policy.lint.views.policies import usable_policy
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.lint.context import Context
    from policy.lint.views.own_rules import Own
    from policy.lint.views.permissions import Row
    from policy.patterns.order import Survey


@dataclass(frozen=True, slots=True)
class Hidden:
    """That a rule never decides: ``cover`` are earlier rules that take all its paths, ``deciders`` those that decide
    them, each with a path that shows it: all of them, or as many as were found if one asks for something else.
    """

    own: Own
    rule: Rule
    cover: tuple[Rule, ...]
    deciders: tuple[tuple[Rule, str], ...]
    sampled: bool

    @property
    def alike(self) -> bool:
        """Whether all that decide in its place ask for the same."""
        return all(decider.permissions == self.rule.permissions for decider, _ in self.deciders)

    @property
    def telling(self) -> tuple[Rule, str]:
        """The decider that the message is about: one that asks for something else before one that asks for the same."""
        others = (pair for pair in self.deciders if pair[0].permissions != self.rule.permissions)
        return next(others, self.deciders[0])

    @property
    def single(self) -> bool:
        """Whether one earlier rule is enough to hide it."""
        return len(self.cover) == 1


def hidden_rules(server: OrthancServer, context: Context) -> tuple[Hidden, ...]:
    """The written rules that never decide, those left out that stand there letter by letter before (duplicate-rule)."""
    return context.once(("hidden rules", id(server)), lambda: _hidden_rules(server, context))


def _hidden_rules(server: OrthancServer, context: Context) -> tuple[Hidden, ...]:
    policy = usable_policy(server, context)
    written = own_rules(server, context)
    if policy is None or not written:
        return ()
    before: dict[tuple[str, str], int] = {}
    for rule in policy.rules:
        before.setdefault((rule.method, rule.pattern), rule.index)
    rows = {id(rule): one.row for one in written for rule in one.rules}
    doubtful = [
        own
        for own in written
        if not all(before[rule.method, rule.pattern] < rule.index for rule in own.rules)
        and not any(_decides_an_example(policy, own, rule, server, context) for rule in own.rules)
        and not any(_decides_its_shortest(policy, rule) for rule in own.rules)
        and not _inherited(policy, own, rows)
    ]
    judge = _whole if len(doubtful) > _FEW else _one_by_one
    hidden = judge(policy, doubtful, server, context)
    found: list[Hidden] = []
    for own in doubtful:
        judged = [hidden.get(rule.index) for rule in own.rules]
        # The alias is hidden where all that it stands for is.
        if all(one is not None for one in judged):
            found.append(_telling([one for one in judged if one is not None]))
    return tuple(found)


_FEW = 6
"""Up to so many doubtful rules are judged one by one, each beside the earlier rules that it may meet."""


def _one_by_one(
    policy: Policy, doubtful: Sequence[Own], server: OrthancServer, context: Context
) -> dict[int, Hidden | None]:
    return {rule.index: _hidden(policy, own, rule, server, context) for own in doubtful for rule in own.rules}


def _whole(
    policy: Policy, doubtful: Sequence[Own], server: OrthancServer, context: Context
) -> dict[int, Hidden | None]:
    """All rules of a method in one survey."""
    from policy.patterns.order import findings

    owners = {rule.index: own for own in doubtful for rule in own.rules}
    found: dict[int, Hidden | None] = {}
    for method in dict.fromkeys(own.rule.method for own in doubtful):
        rules = _of_method(policy, method)
        survey = _survey(policy, method, context)
        if survey is None:
            mine = [(own, rule) for own in doubtful for rule in own.rules if rule.method == method]
            found.update((rule.index, _by_single(policy, own, rule, context)) for own, rule in mine)
            continue
        results = context.once(("survey findings", survey), partial(findings, survey))
        for rule, result in zip(rules, results, strict=True):
            own = owners.get(rule.index)
            if own is None or not result.shadowed:
                continue
            if result.sampled:
                earlier = [other for other in rules if other.index < rule.index]
                found[rule.index] = _tried(earlier, own, rule, server, context)
                continue
            examples = _examples(own, rule, server, context)
            deciders = [(rules[one.by], one.witness) for one in result.deciders]
            found[rule.index] = Hidden(
                own,
                rule,
                tuple(rules[index] for index in result.cover),
                tuple((decider, _nicer(policy, decider, path, examples)) for decider, path in deciders),
                sampled=False,
            )
    return found


def _of_method(policy: Policy, method: str) -> list[Rule]:
    return [rule for rule in policy.rules if rule.method == method]


def _survey(policy: Policy, method: str, context: Context) -> Survey | None:
    """The survey of all rules of a method; None where it would be too large.

    Servers that have the same patterns in the same order share it.
    """
    patterns = tuple(rule.compiled for rule in _of_method(policy, method))

    def make() -> Survey | None:
        from policy.patterns.order import Survey

        try:
            return Survey(patterns)
        except PolicyError:
            return None

    return context.once(("survey", patterns), make)


def _by_first(survey: Survey, context: Context) -> Mapping[int, Sequence[tuple[int, ...]]]:
    """The sets of rules that match some path together, by the first of them, which decides."""

    def make() -> Mapping[int, Sequence[tuple[int, ...]]]:
        found: dict[int, list[tuple[int, ...]]] = {}
        for members in survey.reached:
            if members:
                found.setdefault(members[0], []).append(members)
        return found

    return context.once(("survey by first", survey), make)


def _nicer(policy: Policy, decider: Rule, path: str, examples: Sequence[str]) -> str:
    """A path of a known route that the rule decides, if there is one; else ``path``."""
    return next((one for one in examples if first_rule(policy, decider.method, one) is decider), path)


def _inherited(policy: Policy, own: Own, rows: Mapping[int, Row]) -> bool:
    """Whether the row and all that could hide it stand so in a built-in list: then it is no fault of whoever copied it."""
    if not stands_in_some_list(own.row.method, own.row.pattern):
        return False
    before: dict[Row, None] = {}
    for other in policy.rules[: own.rule.index]:
        if other.method == own.rule.method and any(_may_meet(rule, other) for rule in own.rules):
            row = rows.get(id(other))
            if row is None:
                return False
            before[row] = None
    written = (*before, own.row)
    return ordered_as_built_in([(row.method, row.pattern, frozenset(row.names)) for row in written])


def _telling(hidden: Sequence[Hidden]) -> Hidden:
    return next((one for one in hidden if not one.alike), hidden[0])


def _hidden(policy: Policy, own: Own, rule: Rule, server: OrthancServer, context: Context) -> Hidden | None:
    earlier = [other for other in policy.rules if other.method == rule.method and other.index < rule.index]
    if not earlier:
        return None
    if not rule.compiled.analysable:
        return _tried(earlier, own, rule, server, context)
    from policy.patterns.language import difference, some

    near = neighbours(policy, rule.method, context).before(rule)
    try:
        if not near or some(rule.compiled) is None:
            return None
        provable = [other for other in near if other.compiled.analysable]
        if difference(rule.compiled, [other.compiled for other in provable]) is not None:
            return None
        return _proved(provable, own, rule, server, context)
    except PolicyError:
        return None


def _by_single(policy: Policy, own: Own, rule: Rule, context: Context) -> Hidden | None:
    """Where the survey would be too large: whether one earlier rule hides this one, and the first deciders found.

    None where that is not so, or where it is not certain whether all deciders ask for the same.
    """
    from policy.patterns.language import includes, intersection, some

    try:
        path = some(rule.compiled)
        single = None if path is None else policy.first_rule(rule.method, path)
        if path is None or single is None or single is rule or not includes([single.compiled], rule.compiled):
            return None
        deciders = {single.index: (single, path)}
        certain = True
        for other in neighbours(policy, rule.method, context).before(rule):
            if any(decider.permissions != rule.permissions for decider, _ in deciders.values()):
                break
            if other.index >= single.index or other.permissions == rule.permissions:
                continue
            shared = intersection(rule.compiled, other.compiled)
            decider = None if shared is None else policy.first_rule(rule.method, shared)
            if shared is not None and decider is not None:
                deciders.setdefault(decider.index, (decider, shared))
                certain = certain and decider.permissions != rule.permissions
    except PolicyError:
        return None
    hidden = Hidden(own, rule, (single,), tuple(deciders.values()), sampled=False)
    return hidden if certain or not hidden.alike else None


def _may_meet(rule: Rule, other: Rule) -> bool:
    one, two = rule.compiled.prefix, other.compiled.prefix
    return one.startswith(two) or two.startswith(one)


def _decides_an_example(policy: Policy, own: Own, rule: Rule, server: OrthancServer, context: Context) -> bool:
    from policy.patterns import TooComplex

    for known in known_of(own, server, context):
        if known.method == rule.method and rule.compiled.matches(known.data):
            try:
                if policy.first_rule(rule.method, known.path) is rule:
                    return True
            except TooComplex:
                return True
    return False


def _decides_its_shortest(policy: Policy, rule: Rule) -> bool:
    """Whether the rule decides the shortest path that it matches: it mostly does, and no survey is needed."""
    from policy.patterns.language import some

    try:
        path = some(rule.compiled)
        return path is not None and policy.first_rule(rule.method, path) is rule
    except PolicyError:  # too complex, or no language
        return False


def _examples(own: Own, rule: Rule, server: OrthancServer, context: Context) -> list[str]:
    return [known.path for known in known_of(own, server, context) if known.method == rule.method]


def _proved(earlier: Sequence[Rule], own: Own, rule: Rule, server: OrthancServer, context: Context) -> Hidden | None:
    from policy.patterns.likely import Preference
    from policy.patterns.order import analyse

    preference = Preference(examples=tuple(_examples(own, rule, server, context)))
    result = analyse([*(other.compiled for other in earlier), rule.compiled], preference=preference)[-1]
    if not result.shadowed:
        return None
    return Hidden(
        own,
        rule,
        tuple(earlier[index] for index in result.cover),
        tuple((earlier[one.by], one.witness) for one in result.deciders),
        sampled=False,
    )


def _tried(earlier: Sequence[Rule], own: Own, rule: Rule, server: OrthancServer, context: Context) -> Hidden | None:
    """Not provable: paths that the pattern was seen to match, each of which an earlier rule decides."""
    from policy.lint.views.meaning import SEED
    from policy.patterns.sampling import sample

    seen = sample(rule.compiled, seed=SEED, paths=_examples(own, rule, server, context))
    deciders: dict[int, tuple[Rule, str]] = {}
    for path in seen.paths:
        decider = next((other for other in earlier if other.compiled.matches(path)), None)
        if decider is None:
            return None
        deciders.setdefault(decider.index, (decider, path))
    if not deciders:
        return None
    return Hidden(own, rule, tuple(one for one, _ in deciders.values()), tuple(deciders.values()), sampled=True)


def needless_rules(server: OrthancServer, context: Context) -> tuple[tuple[Own, tuple[Rule, ...]], ...]:
    """Written rules whose paths later rules would decide in the same way, each with those rules."""
    policy = usable_policy(server, context)
    if policy is None:
        return ()
    found: list[tuple[Own, tuple[Rule, ...]]] = []
    for own in own_rules(server, context):
        if len(own.rules) == 1:
            takers = _takers(policy, own, own.rule, server, context)
            if takers:
                found.append((own, takers))
    return tuple(found)


def _takers(policy: Policy, own: Own, rule: Rule, server: OrthancServer, context: Context) -> tuple[Rule, ...]:
    """The later rules that would decide all paths of ``rule`` and ask for the same; none where some path has none."""
    beside = neighbours(policy, rule.method, context)
    later = [other for other in beside.after(rule) if other.pattern != rule.pattern]
    if not any(other.permissions == rule.permissions for other in later) or not rule.compiled.analysable:
        return ()
    for path in _examples(own, rule, server, context):
        taker = next((other for other in later if other.compiled.matches(path)), None)
        if taker is None or taker.permissions != rule.permissions:
            return ()
    survey = _survey(policy, rule.method, context)
    rules = beside.rules
    if survey is None or any(rules[index].index > rule.index for index in survey.outside):
        return ()
    place = beside.places[rule.index]
    first = _by_first(survey, context)
    takers: dict[int, Rule] = {}
    for members in first.get(place, ()):
        taker = rules[members[1]] if len(members) > 1 else None
        if taker is None or taker.permissions != rule.permissions:
            return ()
        takers[taker.index] = taker
    return tuple(takers.values())
