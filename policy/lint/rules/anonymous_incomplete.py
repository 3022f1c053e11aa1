"""Rule ``anonymous-incomplete``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Fix, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.node_fixes import insert_members
from policy.text import Span

if TYPE_CHECKING:
    from policy.auth_service.errors import Problem
    from policy.configuration.deployment import AuthService
    from policy.configuration.source import Location, Source
    from policy.lint.context import Context

_DEFAULTS = {"name": "Anonymous", "validity": 60}


class AnonymousIncomplete(Rule):
    r"""An anonymous profile that the auth service drops.

    ## What it checks

    anonymous-profile.json must have a `name` (a text) and a `validity` (a whole number); the other keys may be left out, but
    must have the right type where they are given.

    ## Why it matters

    The auth service writes one error into its log, drops the whole file and goes on: who sends no token has no rights at
    all, whatever the file grants.

    ## Example

    ```json anonymous-profile.json line=1
    {"permissions": ["upload"]}
    ```
    ---
    ```json anonymous-profile.json line=3
    {
      "name": "Anonymous", "validity": 60,
      "permissions": "upload"
    }
    ```

    ## Use instead

    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "validity": 60}
    ```

    ## Exceptions

    `"60"` and `60.0` are taken for a whole number, and both spellings of `authorized-labels` are read:

    ```json anonymous-profile.json
    {"name": "Anonymous", "authorized_labels": [], "permissions": [], "validity": "60", "user-id": null}
    ```
    """

    code: ClassVar[str] = "ANO002"
    name: ClassVar[str] = "anonymous-incomplete"
    title: ClassVar[str] = "Anonymous profile that is dropped"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "nist:AC-14")
    fixable: ClassVar[str] = "unsafe"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        from policy.auth_service import read_anonymous_profile
        from policy.auth_service.shapes import NOT_KNOWN

        source = service.anonymous
        behaviour = behaviour_of(service)
        if source is None or behaviour is None or not behaviour.reads_anonymous_profile:
            return
        version = str(service.version)
        if not source.document.accepted_by("auth-service", version):
            return  # the text itself is refused, and the rules on syntax say so
        reading = read_anonymous_profile(source.document, auth_service=version)
        if reading.refused is None:
            return
        problems = [one for one in reading.refused.problems if not one.message.endswith(NOT_KNOWN)]
        if problems:
            yield self._found(source, problems, version)

    def _found(self, source: Source, problems: list[Problem], version: str) -> Finding:
        said = [problem.message.partition(": ")[2] or problem.message for problem in problems]
        missing = [
            str(problem.path[-1]) for problem in problems if problem.message.endswith("missing") and problem.path
        ]
        example = ", ".join(f'"{key}": {_json(value)}' for key, value in _DEFAULTS.items() if key in missing)
        return self.finding(
            _place(source, problems[0]),
            f"The auth service {version} drops the whole file, and who sends no token has no rights: {'; '.join(said)}.",
            f"Add {example}." if example else "Correct the value.",
            fix=_fix(source, missing) if len(missing) == len(problems) else None,
            facts={
                "subject": ".".join(map(str, problems[0].path)),
                "missing": tuple(missing),
                "problems": len(problems),
            },
        )


def _place(source: Source, problem: Problem) -> Location:
    """The value that is wrong; where a key is missing, the bracket of the object that lacks it."""
    span = problem.span if problem.span is not None else Span(0, 0)
    if problem.message.endswith("missing"):
        span = Span(span.start, min(span.start + 1, span.end))
    return source.place(span)


def _fix(source: Source, missing: list[str]) -> Fix | None:
    root = source.document.root
    if root is None or root.kind != "object" or not _DEFAULTS.keys() >= set(missing):
        return None
    values = {key: value for key, value in _DEFAULTS.items() if key in missing}
    return insert_members(source, root, values, f"Add {' and '.join(values)}")


def _json(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
