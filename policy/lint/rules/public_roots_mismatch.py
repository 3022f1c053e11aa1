"""Rule ``public-roots-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, of_service, ohif_root, proxies_beside
from policy.lint.views.containers import NGINX, beside, value_of
from policy.lint.views.ohif import no_ohif_at

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Container
    from policy.configuration.proxy import ReverseProxy
    from policy.lint.context import Context


_ROOTS = ("PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT")


class PublicRootsMismatch(Rule):
    r"""Public addresses that do not fit each other or the proxy.

    ## What it checks

    `PUBLIC_ORTHANC_ROOT` and `PUBLIC_LANDING_ROOT` against what the reverse proxy passes on to Orthanc; their host against
    `DOMAIN_NAME` and against each other; http where the proxy speaks https; `PUBLIC_OHIF_ROOT` against the place where Orthanc
    Explorer 2 opens OHIF.

    ## Why it matters

    Share links open nothing, or the start page; one way to the viewer works and the other does not.

    ## Example

    ```yaml docker-compose.yml line=11
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "http://pacs.example.org/"
          PUBLIC_LANDING_ROOT: "http://pacs.example.org/orthanc/ui/app/token-landing.html"
    ```
    ---
    ```yaml docker-compose.yml line=12
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "http://pacs.example.org/orthanc/"
    ```
    ---
    ```yaml docker-compose.yml line=10,11
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "http://pacs.example.org/orthanc/"
          PUBLIC_LANDING_ROOT: "http://localhost/orthanc/ui/app/token-landing.html"
          PUBLIC_OHIF_ROOT: "http://pacs.example.org/orthanc/ohif/"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"UiOptions": {"EnableOpenInOhifViewer3": true, "OhifViewer3PublicRoot": "http://pacs.example.org/ohif/"}}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:26.4.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
          PUBLIC_LANDING_ROOT: "https://pacs.example.org/orthanc/ui/app/token-landing.html"
    ```

    ## Exceptions

    A proxy that is not among the given files may do anything.
    """

    code: ClassVar[str] = "DEP061"
    name: ClassVar[str] = "public-roots-mismatch"
    title: ClassVar[str] = "Public addresses that disagree"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of them is right is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official:
            return
        addresses = list(of_service(service, *_ROOTS, "PUBLIC_OHIF_ROOT"))
        proxies = proxies_beside(container, context.deployment)
        domain = _domain(container, context)
        first = addresses[0] if addresses else None
        for address in addresses:
            sure = True
            if address.name not in _ROOTS:
                reason = _other_ohif(address, service, context)
            else:
                reason = self._by_proxy(address, proxies)
                if reason is None:
                    sure, reason = False, _other_host(address, domain, first)
            if reason is not None:
                yield self.finding(
                    address.location,
                    f"{address.name} does not fit: {reason}, so links that begin with it lead nowhere.",
                    "Write the address under which people reach the place, the same in all files.",
                    confidence=Confidence.SURE if sure else Confidence.LIKELY,
                    facts={"subject": address.name},
                )
            elif address.scheme == "http" and proxies and all(proxy.https for proxy in proxies):
                yield self.finding(
                    address.location,
                    f"{address.name} is http, and the proxy speaks https: each link sends its token unprotected once, before the "
                    "proxy redirects it.",
                    "Write https.",
                    facts={"subject": address.name, "scheme": "http"},
                )

    def _by_proxy(self, address: Address, proxies: tuple[ReverseProxy, ...]) -> str | None:
        """What the proxies make of an address that should lead to an Orthanc; None where it does, or nothing is known."""
        useful = [
            proxy for proxy in proxies if any(proxy.find(r.upstream, r.port)[0] for r in proxy.routes if r.upstream)
        ]
        if not useful or not address.host:
            return None
        # a missing slash at the end is the matter of public-root-slash
        path = address.path if address.name == "PUBLIC_LANDING_ROOT" else f"{address.path.rstrip('/')}/"
        led = [proxy.to_orthanc(path) for proxy in useful]
        if not any(routed.server is not None or routed.unknown for routed in led):
            return f"the proxy passes {address.path} on to no Orthanc"
        return None


def _other_host(address: Address, domain: str | None, first: Address | None) -> str | None:
    """Whether the host is another than that of the proxy, or of the first address."""
    if domain and address.host and address.host not in (domain, f"www.{domain}"):
        return f"its host is not the DOMAIN_NAME {domain} of the proxy"
    if not domain and first is not None and address.host != first.host:
        return f"its host differs from that of {first.name}"
    return None


def _domain(container: Container, context: Context) -> str | None:
    for nginx in beside(container, context.deployment, NGINX):
        domain = value_of(nginx, "DOMAIN_NAME")
        if domain and nginx.version is not None:
            return domain.lower()
    return None


def _other_ohif(address: Address, service: AuthService, context: Context) -> str | None:
    """Whether Orthanc Explorer 2 opens OHIF at another place than share links do."""
    for server in context.deployment.servers:
        if server.auth_service is not service or server.container is None:
            continue
        for other in ohif_root(server):
            if any(no_ohif_at(one, server.container, context.deployment) for one in (address, other)):
                continue  # ohif-two-ways tells which of them is wrong
            if other.path.rstrip("/") != address.path.rstrip("/") or (other.host and other.host != address.host):
                return f"Orthanc Explorer 2 opens OHIF at {other.shown}"
    return None
