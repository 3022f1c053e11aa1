"""Run the rules over a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from policy.configuration.deployment import Deployment
from policy.lint.bounds import require_bounded
from policy.lint.context import Context
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule, registry
from policy.lint.settings import Settings
from policy.lint.suppression import ignores_of, split
from policy.records import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found: ``findings`` sorted by file and place, ``silenced`` by comments, and what was looked at."""

    deployment: Deployment
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    rules: tuple[Rule, ...]

    @property
    def worst(self) -> Severity | None:
        """The highest severity found."""
        return max((finding.severity for finding in self.findings), default=None)

    def counts(self) -> dict[str, int]:
        """Number of findings by severity, most severe first, zero included."""
        return {
            str(severity): sum(finding.severity is severity for finding in self.findings)
            for severity in sorted(Severity, reverse=True)
        }


def run(
    deployment: Deployment,
    settings: Settings | None = None,
    *,
    context: Context | None = None,
    before_rule: Callable[[Rule], None] = lambda _: None,
) -> Result:
    """All findings of the rules that ``settings`` want, less those that a comment silences.

    What rules say of the comments themselves comes last and cannot be silenced by them.
    ``context`` is one of this deployment of which more is asked than findings.
    ``before_rule`` is called before a rule looks at something; what it raises ends the run.
    Raises :class:`policy.errors.ShapeError` for what is too large (:mod:`policy.lint.bounds`).
    """
    settings = settings or Settings()
    require_bounded(deployment)
    context = context or Context(deployment, clients=settings.clients)
    rules = tuple(rule for rule in registry().values() if settings.wants(rule))
    found: dict[tuple[object, ...], Finding] = {}
    for rule, findings in _passes(rules, context):
        before_rule(rule)
        found.update((finding.order, finding) for finding in findings)
    ignores = [ignore for source in deployment.sources for ignore in ignores_of(source)]
    standing, silenced = split(found.values(), ignores)
    running = {rule.name for rule in rules}
    for rule in rules:
        standing.extend(rule.check_ignores(ignores, running))
    shown = sorted((finding for finding in standing if settings.shows(finding)), key=lambda finding: finding.order)
    return Result(deployment, tuple(shown), tuple(sorted(silenced, key=lambda finding: finding.order)), rules)


def _passes(rules: Sequence[Rule], context: Context) -> Iterator[tuple[Rule, Iterator[Finding]]]:
    """Each rule with its findings about the deployment and its files, then about one server after the other, and so on.

    All rules look at a server before any looks at the next one, so that what they share about it need not be kept.
    """
    deployment = context.deployment
    for rule in rules:
        yield rule, rule.check(context)
        for source in deployment.sources:
            yield rule, rule.check_source(source, context)
    for server in deployment.servers:
        for rule in rules:
            yield rule, rule.check_server(server, context)
        if len(rules) > 1:
            context.done(server)
    for rule in rules:
        for service in deployment.auth_services:
            yield rule, rule.check_auth_service(service, context)
        for container in deployment.containers:
            yield rule, rule.check_container(container, context)


def findings_of(rule: Rule, context: Context) -> Iterator[Finding]:
    """The findings of one rule, in no particular order."""
    for _, findings in _passes((rule,), context):
        yield from findings
