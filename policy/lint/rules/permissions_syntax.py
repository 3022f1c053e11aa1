"""Rule ``permissions-syntax``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views import syntax
from policy.lint.views.json5 import meant
from policy.lint.views.wording import instead, what

if TYPE_CHECKING:
    from policy.lint.context import Context


class PermissionsSyntax(Rule):
    r"""A file of the auth service that it cannot read.

    ## What it checks

    The text of `permissions.json` and `anonymous-profile.json` against the reader of the service's version: strict JSON up
    to 23.6.1, JSON with comments and trailing commas from 23.9.0 on.

    ## Why it matters

    With a broken `permissions.json` the service stops at start, and Orthanc refuses every user.
    A broken `anonymous-profile.json` is dropped as a whole with one line in the log: who sends no token has no rights.

    ## Example

    ```json permissions.json line=4 auth-service=25.9.0
    {
      "roles": {
        "doctor": {
          "permissions": ["view" "download"],
          "authorized_labels": ["*"]
        }
      }
    }
    ```
    ---
    ```json permissions.json line=1 auth-service=23.6.1
    // roles of the clinic
    {"roles": {"doctor": ["view", "download"]}}
    ```
    ---
    ```json anonymous-profile.json line=2 severity=warning auth-service=25.9.0
    {
      # nobody
      "name": "Anonymous",
      "authorized-labels": [],
      "permissions": [],
      "validity": 60
    }
    ```

    ## Use instead

    ```json permissions.json auth-service=25.9.0
    // roles of the clinic
    {
      "roles": {
        "doctor": {
          "permissions": ["view", "download"], // no upload
          "authorized_labels": ["*"]
        }
      }
    }
    ```

    ## Exceptions

    Trailing commas are the subject of `permissions-trailing-comma`.
    """

    code: ClassVar[str] = "SYN005"
    name: ClassVar[str] = "permissions-syntax"
    title: ClassVar[str] = "File that the auth service cannot read"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "what was meant is not always known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        if source.kind not in (Kind.PERMISSIONS, Kind.ANONYMOUS):
            return
        for mistake in syntax.mistakes(source, context, self.name):
            if mistake.severity is None:
                continue
            entry = mistake.leniency
            yield self.finding(
                source.place(entry.span),
                syntax.sentence(mistake, what(entry, source.document)),
                instead(entry) + meant(source, entry),
                severity=mistake.severity,
                facts={"subject": entry.kind, "refused-by": tuple(fate.who for fate in mistake.refused)},
            )
