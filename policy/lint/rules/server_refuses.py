"""Rule ``server-refuses``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Location
from policy.errors import PolicyError, ServerRefuses
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule, registry
from policy.lint.views.options import is_known, option, runs_plugin, section_place
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_PROFILES = Version.parse("0.5.0")
"""Before it WebService is the only address, and compulsory."""


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

    ---
    ```jsonc orthanc.jsonc line=2 plugin=0.4.1
    {
      "Authorization": {
        "TokenHttpHeaders": ["token"]
      }
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
        for stop in server.stops:
            if server.container is not None and any(stop is problem for problem in server.container.problems):
                continue  # compose-refuses, or the rule that the problem names, tells it
            if "cannot parse" in stop.reason and server.variables is None:
                continue  # with the variables, whose values nobody knows, the text may well be right
            location = stop.location or section_place(server)
            if location is not None and not self._told(server, context, location):
                yield self._stops(location, stop.reason, "Correct what stands here.")
        if runs_plugin(server) and server.plugin.version < _PROFILES and option(server, "WebService") is None:
            location = section_place(server)
            if location is not None:
                reason = f"the Authorization plugin {server.plugin} needs the option WebService"
                yield self._stops(location, reason, "Set WebService to the address of the web service.")
            return
        refused = _refusal(server, context) if runs_plugin(server) and not server.stops else None
        if refused is not None:
            location = _place(server, refused) or section_place(server)
            if location is not None and not _of_unknown(server, location) and not self._told(server, context, location):
                yield self._stops(location, refused.message, refused.help or "Correct the option.")

    def _stops(self, location: Location, reason: str, help_: str) -> Finding:
        return self.finding(
            location,
            f"Orthanc stops at start: {reason.rstrip('.')}.",
            help_,
            facts={"subject": reason, "outcome": "no-start"},
        )

    def _told(self, server: OrthancServer, context: Context, location: Location) -> bool:
        """Whether another rule reports an error at this place, or says in so many words that the server stops."""
        for rule in registry().values():
            if rule is self:
                continue
            found = [*rule.check_server(server, context)]
            for source in {location.source, *server.sources}:
                found.extend(rule.check_source(source, context))
            for finding in found:
                if finding.severity < Severity.ERROR:
                    continue
                if finding.facts.get("outcome") == "no-start" or _touch(finding.location, location):
                    return True
        return False


def _refusal(server: OrthancServer, context: Context) -> ServerRefuses | None:
    """Why the plugin of ``server`` would give up; what is wrong with the files of the auth service does not count."""
    refused = context.refusal(server)
    if not isinstance(refused, ServerRefuses):
        return None
    from policy.auth_service.errors import FileRefused

    if not isinstance(refused, FileRefused):
        return refused
    from policy.engine import Policy
    from policy.engine.loading import Locator

    try:
        Policy.from_configuration(
            server.configuration.python(), plugin=str(server.plugin.version), locate=Locator(server.configuration)
        )
    except ServerRefuses as own:
        return own
    return None


def _of_unknown(server: OrthancServer, location: Location) -> bool:
    """Whether the value at this place is not known here, so that nobody can say what the plugin makes of it."""
    return any(
        setting.origin.source is not None
        and setting.origin.span is not None
        and setting.origin.source.path == location.source.path
        and setting.origin.span.start == location.span.start
        and any(not is_known(server, inner) for inner in setting.walk())
        for setting in server.configuration.walk()
    )


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
    return (
        one.source.path == other.source.path and one.span.start <= other.span.end and other.span.start <= one.span.end
    )
