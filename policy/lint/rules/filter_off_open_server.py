"""Rule ``filter-off-open-server``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views import names
from policy.lint.views.containers import known_text
from policy.lint.views.options import (
    ADDRESSES,
    authentication,
    filter_of,
    key_place,
    option,
    runs_plugin,
    section_place,
)
from policy.lint.views.siblings import open_siblings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class FilterOffOpenServer(Rule):
    r"""The plugin is loaded but filters nothing.

    ## What it checks

    The plugin installs its filter only if it has an address for user profiles or for the validation of tokens:
    `WebServiceRootUrl`, `WebServiceUserProfileUrl`, `WebServiceTokenValidationUrl` or the old `WebService`.
    A section without any of them is reported, and so is a server without the section that nothing else protects.

    ## Why it matters

    Orthanc starts and works, and one warning in the log is all that tells.
    With `AuthenticationEnabled` false every request passes, whoever sends it: reading, changing and deleting all studies.
    With it true every registered user may do everything.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "CheckedLevel": "studies",
        "WebServiceTokenCreationBaseUrl": "http://auth:8000/tokens/"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4 severity=warning
    {
      "AuthenticationEnabled": true,
      "RegisteredUsers": {"reader": "secret"},
      "Authorization": {
        "TokenHttpHeaders": ["token"],
        "WebServiceUserProfileUrl": ""
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "CheckedLevel": "studies",
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebService": "http://auth:8000/validate"
      }
    }
    ```

    ## Exceptions

    A server with the core's own authentication that only makes share links needs no filter:

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": true,
      "RegisteredUsers": {"reader": "secret"},
      "Authorization": {
        "WebServiceTokenCreationBaseUrl": "http://auth:8000/tokens/"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG001"
    name: ClassVar[str] = "filter-off-open-server"
    title: ClassVar[str] = "No filter: every request passes"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:306", "cwe:862", "nist:AC-3", "nist:AC-14")
    fixable: ClassVar[str] = "the address of the web service is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if runs_plugin(server):
            if not filter_of(server).on:
                yield from self._no_address(server)
        elif server.authorization is None and not _told_by_others(server, context):
            yield from self._no_section(server)

    def _no_address(self, server: OrthancServer) -> Iterator[Finding]:
        core = authentication(server)
        only_makes_tokens = any(option(server, name) for name in ADDRESSES[3:5])
        place = section_place(server)
        if place is None or (core.enabled and only_makes_tokens):
            return
        related = [
            Related(where, f"{stray.name} is no option: {stray.near[0]} was probably meant")
            for stray in names.stray_options(server)
            if stray.near and stray.near[0] in ADDRESSES and (where := key_place(server, stray.entry)) is not None
        ]
        if core.enabled:
            message = (
                "The Authorization plugin has no address of a web service and filters nothing: "
                "every user who can log in may read, change and delete everything."
            )
        elif core.remote or core.entry is not None:
            message = (
                "The Authorization plugin has no address of a web service and filters nothing, and "
                "AuthenticationEnabled is false: everybody who reaches the server may read, change and delete everything."
            )
        else:
            message = (
                "The Authorization plugin has no address of a web service and filters nothing: everybody on the "
                "server's own machine may read, change and delete everything."
            )
        help_ = (
            "Set WebServiceRootUrl to the address of the auth service; until then set AuthenticationEnabled to true."
        )
        if server.unseen:
            help_ += " Part of the configuration was not given: if the address is there, give that part too."
        yield self.finding(
            place,
            message,
            help_,
            severity=Severity.ERROR if not core.enabled and (core.remote or core.entry) else Severity.WARNING,
            confidence=Confidence.LIKELY if server.unseen else Confidence.SURE,
            persona=Persona.AUDITOR if server.unseen else Persona.REGULAR,
            related=related,
            witness=None if core.enabled else Witness("GET", "/studies", "anybody without a token", "permit"),
            facts={"subject": server.name, "outcome": "open", "authentication": core.enabled},
        )

    def _no_section(self, server: OrthancServer) -> Iterator[Finding]:
        """No section at all: an error where an auth service stands ready for it, else something to know."""
        core = authentication(server)
        if core.enabled:
            return
        entry = core.entry
        place = key_place(server, entry) if entry is not None else section_place(server)
        if place is None or not (entry is not None or server.auth_service is not None):
            return
        if any("Authorization" in (*stray.near, stray.section) for stray in names.stray_sections(server)):
            return  # the rule invented-option-names says it
        meant = server.auth_service is not None
        sure = meant and not server.unseen
        who = "everybody who reaches it" if core.remote or entry is not None else "everybody on its own machine"
        of = f" for {server.name}" if server.container is not None else ""
        yield self.finding(
            place,
            f"No given file has an Authorization section{of}, and AuthenticationEnabled is false: {who} "
            "may read, change and delete everything.",
            "Add the Authorization section with WebServiceRootUrl, or set AuthenticationEnabled to true; "
            "if the section is in another file, give that file too.",
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=Confidence.SURE if sure else Confidence.LIKELY,
            persona=Persona.AUDITOR if server.unseen else Persona.REGULAR,
            witness=Witness("GET", "/studies", "anybody without a token", "permit"),
            facts={"subject": server.name, "outcome": "open", "authentication": False},
        )


def _told_by_others(server: OrthancServer, context: Context) -> bool:
    """Whether auth-enabled-without-section or unprotected-sibling says that the server is open."""
    for name in ("AUTHORIZATION_PLUGIN_ENABLED", "AUTHZ_ENABLED"):
        if server.container is not None and name in server.container.environment and not server.unseen:
            return known_text(server.container.environment[name]) not in (None, "false")
    return any(found.server is server for found in open_siblings(context.deployment))
