"""What every lint rule is: one class in one module of ``policy.lint.rules``, named by what is wrong.

The class docstring is the rule's page: ``policy-lint explain RULE`` prints it, the web page is made from it, and its
examples are run as tests (see :mod:`policy.lint.page`).  Metadata are class attributes.  The check is a generator that
yields findings and touches nothing.

To add a rule, add one module; nothing is registered by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Fix, Persona, Related, Severity, Witness

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container, OrthancServer
    from policy.configuration.source import Location, Source
    from policy.lint.context import Context
    from policy.lint.suppression import Ignore


class Rule:
    """The base of all rules.  Override one or several of the ``check_`` generators.

    Each is called once for each subject of its kind; :meth:`check` once for the whole deployment.
    """

    code: ClassVar[str]
    """Family and number, never reused: SYN text and readers, CFG options, RUL permission lists, ROL roles, ANO the
    anonymous profile, DEP containers and variables, RTE routes, SUP the tool itself."""
    name: ClassVar[str]
    """The slug."""
    title: ClassVar[str]
    """What is wrong, in a few words."""
    severity: ClassVar[Severity]
    """The highest severity that the rule gives; a finding may be milder."""
    confidence: ClassVar[Confidence] = Confidence.SURE
    persona: ClassVar[Persona] = Persona.REGULAR
    """The first persona for whom the rule finds anything; others do not even run it."""
    since: ClassVar[str] = "0.1.0"
    """The version of policy-lint that brought the rule."""
    preview: ClassVar[bool] = False
    tags: ClassVar[tuple[str, ...]] = ()
    """Ids of standards, such as ``owasp:API1:2023`` or ``cwe:862``; see :mod:`policy.knowledge.references`."""
    fixable: ClassVar[str] = "no safe fix"
    """``safe``, ``unsafe``, ``safe or unsafe`` where it depends on the finding, or why there is no fix."""

    def check(self, context: Context) -> Iterator[Finding]:
        """Findings about the deployment as a whole."""
        yield from ()

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        """Findings about one file."""
        yield from ()

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        """Findings about one Orthanc and its effective configuration."""
        yield from ()

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        """Findings about one auth service, its roles and its anonymous profile."""
        yield from ()

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        """Findings about one container."""
        yield from ()

    def check_ignores(self, ignores: Sequence[Ignore], running: AbstractSet[str]) -> Iterator[Finding]:
        """Findings about the ignore comments, asked when all other findings are known.

        ``running`` are the slugs of the rules that have run.
        """
        yield from ()

    def finding(
        self,
        location: Location,
        message: str,
        help: str,  # noqa: A002 - the word of the contract
        *,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        persona: Persona | None = None,
        related: Iterable[Related] = (),
        witness: Witness | None = None,
        fix: Fix | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Finding:
        """A finding of this rule; what is not given is the rule's own."""
        return Finding(
            rule=self.name,
            code=self.code,
            severity=severity if severity is not None else self.severity,
            confidence=confidence if confidence is not None else self.confidence,
            persona=persona if persona is not None else self.persona,
            message=message,
            help=help,
            location=location,
            related=tuple(related),
            witness=witness,
            fix=fix,
            references=self.tags,
            facts=MappingProxyType(dict(facts or {})),
        )


@cache
def registry() -> Mapping[str, Rule]:
    """All rules by slug, in the order of their codes."""
    from policy.lint import rules

    found: dict[str, Rule] = {}
    for module_info in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        module = importlib.import_module(module_info.name)
        for item in vars(module).values():
            if isinstance(item, type) and item.__module__ == module.__name__ and issubclass(item, Rule):
                rule = item()
                found[rule.name] = rule
    return MappingProxyType(dict(sorted(found.items(), key=lambda pair: pair[1].code)))


def find_rule(text: str) -> Rule | None:
    """The rule with this slug or code, whatever the case."""
    wanted = text.strip().lower()
    for rule in registry().values():
        if wanted in (rule.name, rule.code.lower()):
            return rule
    return None
