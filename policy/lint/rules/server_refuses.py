"""Rule ``server-refuses``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Location
from policy.errors import PolicyError, ServerRefuses
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule, registry
from policy.lint.views.options import runs_plugin, section_place
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ServerRefusesRule(Rule):
    r"""A configuration with which Orthanc stops at start.

    ## What it checks

    The options are read as the plugin of this version reads them at start.
    Where it gives up for a reason that no other rule reports, this one does.

    ## Why it matters

    Orthanc stops with the plugin: nobody can work.

    ## Example

    ```jsonc orthanc.jsonc line=4 plugin=0.5.3
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "TokenHttpHeaders": [""]
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.5.3
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "TokenHttpHeaders": ["token"]
      },
      "AuthenticationEnabled": false
    }
    ```

    ## Exceptions

    None: what is reported here was seen on real servers, or read in the source of the plugin.
    """

    code: ClassVar[str] = "CFG030"
    name: ClassVar[str] = "server-refuses"
    title: ClassVar[str] = "Orthanc stops at start"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "it depends on the reason"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not runs_plugin(server):
            return
        refused = context.refusal(server)
        if not isinstance(refused, ServerRefuses):
            return
        location = _place(server, refused) or section_place(server)
        if location is None or self._told(server, context, location):
            return
        yield self.finding(
            location,
            f"Orthanc stops at start: {refused.message.rstrip('.')}.",
            refused.help or "Correct the option.",
            facts={"subject": refused.message, "outcome": "no-start"},
        )

    def _told(self, server: OrthancServer, context: Context, location: Location) -> bool:
        """Whether another rule reports an error at this place, or says in so many words that the server stops."""
        for rule in registry().values():
            if rule is self:
                continue
            for finding in rule.check_server(server, context):
                if finding.severity < Severity.ERROR:
                    continue
                if finding.facts.get("outcome") == "no-start" or _touch(finding.location, location):
                    return True
        return False


def _place(server: OrthancServer, refused: PolicyError) -> Location | None:
    """The place that the refusal names, as a span in one of the server's files."""
    if refused.line is None:
        return None
    for source in server.sources:
        if source.path == refused.file:
            start = source.document.offset(refused.line, refused.column or 1)
            return source.place(Span(start, start + 1))
    return None


def _touch(one: Location, other: Location) -> bool:
    return one.source is other.source and one.span.start <= other.span.end and other.span.start <= one.span.end
