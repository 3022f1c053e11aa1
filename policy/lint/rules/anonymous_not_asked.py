"""Rule ``anonymous-not-asked``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import ASKS_FOR_NOBODY, behaviour_of, visitors_by_bad_tokens
from policy.lint.views.options import filter_of
from policy.lint.views.written import profile_in

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class AnonymousNotAsked(Rule):
    r"""An anonymous profile and a plugin that never asks for it.

    ## What it checks

    A profile that grants something, and a plugin before 0.10.0: for a request without a token these releases ask the auth
    service nothing.

    ## Why it matters

    Visitors have none of what the file grants.
    The profile is not dead, though: the auth service answers it for each token that it cannot use, an expired login
    included, and then these releases honour it as well.

    ## Example

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```
    ```json anonymous-profile.json line=1
    {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.10.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```
    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
    ```

    ## Exceptions

    A profile that grants nothing is right with every plugin:

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ```
    """

    code: ClassVar[str] = "ANO008"
    name: ClassVar[str] = "anonymous-not-asked"
    title: ClassVar[str] = "Anonymous profile that an old plugin never asks for"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("nist:AC-14", "nist:CM-6")
    fixable: ClassVar[str] = "an upgrade of Orthanc mends it"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if service is None or server.plugin.version >= ASKS_FOR_NOBODY or not filter_of(server).profiles:
            return
        behaviour = behaviour_of(service)
        rights = profile_in(service.anonymous, service.version.version)
        if behaviour is None or not behaviour.reads_anonymous_profile or rights is None:
            return
        granted = context.anonymous(service).permissions
        if not granted:
            return
        member = rights.permissions
        still = ""
        if visitors_by_bad_tokens(server, service):
            still = " Whoever sends a token that is no good gets it all the same."
        container = server.container
        place = container.image_location if container is not None else None
        yield self.finding(
            rights.source.place(member.key_span) if member is not None else rights.location,
            f"Plugin {server.plugin} asks for no profile when a request has no token: visitors have none of "
            f"{', '.join(granted)}.{still}",
            f"Use an Orthanc with plugin {ASKS_FOR_NOBODY} or later, or take the permissions away.",
            related=[Related(place, f"plugin {server.plugin} is in this image")] if place is not None else [],
            facts={"subject": "anonymous", "permissions": granted, "bad-tokens": bool(still)},
        )
