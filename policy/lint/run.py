"""Run the rules over a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    ``before_rule`` is called before each rule; what it raises ends the run.
    Raises :class:`policy.errors.ShapeError` for what is too large (:mod:`policy.lint.bounds`).
    """
    settings = settings or Settings()
    require_bounded(deployment)
    context = context or Context(deployment, clients=settings.clients)
    rules = tuple(rule for rule in registry().values() if settings.wants(rule))
    found: dict[tuple[object, ...], Finding] = {}
    for rule in rules:
        before_rule(rule)
        found.update((finding.order, finding) for finding in findings_of(rule, context))
    ignores = [ignore for source in deployment.sources for ignore in ignores_of(source)]
    standing, silenced = split(found.values(), ignores)
    running = {rule.name for rule in rules}
    for rule in rules:
        standing.extend(rule.check_ignores(ignores, running))
    shown = sorted((finding for finding in standing if settings.shows(finding)), key=lambda finding: finding.order)
    return Result(deployment, tuple(shown), tuple(sorted(silenced, key=lambda finding: finding.order)), rules)


def findings_of(rule: Rule, context: Context) -> Iterator[Finding]:
    """The findings of one rule, in no particular order."""
    deployment = context.deployment
    yield from rule.check(context)
    for source in deployment.sources:
        yield from rule.check_source(source, context)
    for server in deployment.servers:
        yield from rule.check_server(server, context)
    for service in deployment.auth_services:
        yield from rule.check_auth_service(service, context)
    for container in deployment.containers:
        yield from rule.check_container(container, context)
