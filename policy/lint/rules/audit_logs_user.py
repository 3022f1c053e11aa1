"""Rule ``audit-logs-user``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import plugin_options
from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import filter_of, given, key_place, option, token_names
from policy.lint.views.service import API_KEY, api_keys

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_LAST_WITHOUT_USER = Version.parse("26.4.1")
"""Up to this tag the profile of an api-key has no user id."""


class AuditLogsUser(Rule):
    r"""Audit logs without a user or without a database for them.

    ## What it checks

    Where `EnableAuditLogs` is true: whether users come by api-keys from a service that tells no user id for them, and
    whether Orthanc stores its index in PostgreSQL, which the logs need.

    ## Why it matters

    With audit logs on, deletions, modifications and changes of labels need a user id: without one they are refused with
    403, whatever the permissions.
    Without PostgreSQL nothing can be recorded.

    ## Example

    ```jsonc orthanc.jsonc line=6 plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"],
        "EnableAuditLogs": true
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "EnableAuditLogs": true
      },
      "PostgreSQL": {"EnableIndex": true, "Host": "index"}
    }
    ```

    ## Exceptions

    A plugin before 0.10.0 ignores the option, see `option-too-new`.
    """

    code: ClassVar[str] = "CFG023"
    name: ClassVar[str] = "audit-logs-user"
    title: ClassVar[str] = "Audit logs without a user or a database"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AU-2", "hipaa:164.312(b)")
    fixable: ClassVar[str] = "it depends on how users log in"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = option(server, "EnableAuditLogs")
        known = plugin_options.option("EnableAuditLogs")
        if entry is None or entry.setting.value is not True or not filter_of(server).profiles:
            return
        if known is None or server.plugin.version not in known.versions:
            return
        location = key_place(server, entry)
        if location is None:
            return
        service = server.auth_service
        by_key = any(token.header and token.name == API_KEY for token in token_names(server))
        if service is not None:
            by_key = by_key and service.official and api_keys(service) is not None
            by_key = by_key and service.version.version <= _LAST_WITHOUT_USER
        if by_key:
            version = f"the auth service {service.version}" if service is not None else "the auth service up to 26.4.1"
            yield self.finding(
                location,
                f"With audit logs on, who sends an api-key will get 403 when deleting, modifying or changing labels: "
                f"{version} tells no user id for api-keys.",
                "Let these users send a JWT, or write UserData.AuditLogsUserId into the body of modifications and make "
                "them asynchronous.",
                confidence=Confidence.SURE if service is not None else Confidence.LIKELY,
                facts={"subject": "EnableAuditLogs", "lacks": "user-id"},
            )
        if given(server, "PostgreSQL") is None and not server.unseen:
            yield self.finding(
                location,
                "Nothing can be recorded: audit logs are kept in PostgreSQL alone, and this server has no section for it.",
                "Store the index in PostgreSQL, or set EnableAuditLogs to false.",
                confidence=Confidence.LIKELY,
                facts={"subject": "EnableAuditLogs", "lacks": "PostgreSQL"},
            )
