"""Rule ``root-url-incomplete-service``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import key_place, option, runs_plugin, standards, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_ROOT_SINCE = Version.parse("0.5.0")


class RootUrlIncompleteService(Rule):
    r"""A root address for a service that knows one route.

    ## What it checks

    Whether the old `WebService` stands beside `WebServiceRootUrl`, and whether a service that is not the official one is
    called by its root.

    ## Why it matters

    The root address switches profiles of users on: the plugin asks `/user/get-profile` of each user.
    A service that was written for `WebService` answers one question, whether a resource is granted.
    Every profile is then empty, and every user is refused.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "Authorization": {
        "WebService": "http://own:8000/validate",
        "WebServiceRootUrl": "http://own:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://own:8000/validate",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    The official service answers all of the routes:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG024"
    name: ClassVar[str] = "root-url-incomplete-service"
    title: ClassVar[str] = "Root address for a service that knows one route"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "it depends on the service"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        root, old = option(server, "WebServiceRootUrl"), option(server, "WebService")
        if root is None or not runs_plugin(server) or server.plugin.version < _ROOT_SINCE:
            return
        service = server.auth_service
        if old is not None:
            location, other = key_place(server, old), key_place(server, root)
            if location is not None:
                yield self.finding(
                    location,
                    "WebService is not read beside WebServiceRootUrl, which switches profiles of users on: if the service "
                    "has no route user/get-profile, every user will be refused.",
                    "Give WebServiceTokenValidationUrl alone, or let the service answer user/get-profile.",
                    confidence=Confidence.LIKELY,
                    related=[Related(other, "the root address")] if other is not None else (),
                    facts={"subject": "WebService"},
                )
        elif (
            service is not None
            and not service.official
            and any(standard.name == "orthanc-explorer-2" for standard in standards(server))
        ):
            location = value_place(server, root)
            if location is not None:
                yield self.finding(
                    location,
                    "Orthanc Explorer 2 needs a service that answers user/get-profile with name, permissions, "
                    "authorized-labels and validity: if this one does not, every user will be refused.",
                    "Let the service answer user/get-profile, or give WebServiceTokenValidationUrl alone.",
                    severity=Severity.INFO,
                    confidence=Confidence.LIKELY,
                    facts={"subject": "WebServiceRootUrl"},
                )
