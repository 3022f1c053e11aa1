"""Rule ``unprotected-sibling``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.options import given, key_place, place
from policy.lint.views.siblings import open_siblings

if TYPE_CHECKING:
    from policy.lint.context import Context


class UnprotectedSibling(Rule):
    r"""A server that shares the data of a protected one and lets everybody in.

    ## What it checks

    Servers with the same database or storage of which one filters, while another has neither a filter nor authentication and can be
    reached: through the proxy or a published port.

    ## Why it matters

    What the plugin protects on one server everybody reads, changes and deletes on the other.

    ## Example

    ```yaml docker-compose.yml line=17
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_ORTHANC_FOR_API: "true"
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__POSTGRESQL__HOST: "index"
      orthanc-for-api:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__POSTGRESQL__HOST: "index"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: "http://auth:8000/"
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__POSTGRESQL__HOST: "index"
      orthanc-for-api:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHENTICATION_ENABLED: "false"
          ORTHANC__POSTGRESQL__HOST: "index"
    ```

    ## Exceptions

    A server that only other containers reach is not reported.
    """

    code: ClassVar[str] = "DEP053"
    name: ClassVar[str] = "unprotected-sibling"
    title: ClassVar[str] = "Second server on the same data without protection"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "owasp:API9:2023", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "who shall use the second server is not known"

    def check(self, context: Context) -> Iterator[Finding]:
        for found in open_siblings(context.deployment):
            server = found.server
            entry = given(server, "AuthenticationEnabled")
            location = key_place(server, entry) if entry is not None else place((), server)
            if location is None:
                continue
            related = []
            if found.place is not None:
                related.append(Related(found.place, "reached here"))
            if found.protected.container is not None:
                related.append(Related(found.protected.container.location, "protects the same data"))
            yield self.finding(
                location,
                f"The server {server.name} shares the {found.shared} of {found.protected.name}, has neither a filter nor authentication, and "
                f"{found.way}: everybody reads, changes and deletes there what {found.protected.name} protects.",
                "Give it the Authorization section or AuthenticationEnabled true, or take the way to it away.",
                related=related,
                witness=Witness("GET", "/studies", "anybody", "permit"),
                facts={"subject": server.name, "protected": found.protected.name, "outcome": "open"},
            )
