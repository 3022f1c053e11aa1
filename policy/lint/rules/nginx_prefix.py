"""Rule ``nginx-prefix``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, led_by, proxies_beside, public_hosts

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class NginxPrefix(Rule):
    r"""A public address that the proxy does not pass on to Orthanc.

    ## What it checks

    Addresses of peers, of DICOMweb servers and of buttons of one's own whose host is the public one of this deployment, or that are
    paths alone, and that the proxy answers itself.

    ## Why it matters

    The proxy of the image passes `/orthanc/` on, and answers everything else with a redirect to the start page: the caller gets a
    page instead of data.

    ## Example

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          DOMAIN_NAME: "pacs.example.org"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=4
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": {
        "Servers": {"self": ["https://pacs.example.org/dicom-web/", "reader", "a-long-password"]},
        "PublicRoot": "/orthanc/dicom-web/"
      }
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
          DOMAIN_NAME: "pacs.example.org"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": {
        "Servers": {
          "self": ["https://pacs.example.org/orthanc/dicom-web/", "reader", "a-long-password"],
          "other": ["https://other.example.org/dicom-web/", "reader", "a-long-password"]
        },
        "PublicRoot": "/orthanc/dicom-web/"
      }
    }
    ```
    """

    code: ClassVar[str] = "DEP085"
    name: ClassVar[str] = "nginx-prefix"
    title: ClassVar[str] = "Address without the prefix of the proxy"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "where the address leads to is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or not context.deployment.proxies:
            return
        proxies = [
            proxy
            for proxy in proxies_beside(container, context.deployment)
            if any(proxy.find(route.upstream, route.port)[0] for route in proxy.routes if route.upstream)
        ]
        hosts = public_hosts(container, context.deployment)
        for name, address in _addresses(server):
            if not proxies or (address.host and address.host not in hosts) or not address.path.startswith("/"):
                continue
            led = [led_by(proxy, address) for proxy in proxies]
            if any(routed.upstream is not None for routed in led):
                continue
            prefix = next((public for proxy in proxies for public in proxy.to_public(server, "/")), "/orthanc/")
            answer = led[0].answer
            gives = f"a redirect to {answer.target}" if answer is not None and answer.target else "an error"
            yield self.finding(
                address.location,
                f"The proxy does not pass {address.path} on to Orthanc: {name} gets {gives}.",
                f"Put the prefix of the proxy before the path: {prefix.rstrip('/')}{address.path}.",
                confidence=Confidence.SURE if address.host else Confidence.LIKELY,
                facts={"subject": name, "path": address.path},
            )


def _addresses(server: OrthancServer) -> Iterator[tuple[str, Address]]:
    """Addresses that the configuration hands to other programs, each with who uses it."""
    for path, what in ((("OrthancPeers",), "the peer"), (("DicomWeb", "Servers"), "the DICOMweb server")):
        holder = server.configuration.get(*path)
        for key, entry in holder.members.items() if holder is not None else ():
            url = entry.setting.get("Url") or next(iter(entry.setting.items), None)
            if url is not None and isinstance(url.value, str) and url.origin.location is not None and "//" in url.value:
                yield f"{what} {key}", Address(key, url.value, url.origin.location)
    buttons = server.configuration.get("OrthancExplorer2", "UiOptions", "CustomButtons")
    for entry in buttons.members.values() if buttons is not None else ():
        for item in entry.setting.items:
            url = item.get("Url")
            if (
                url is not None
                and isinstance(url.value, str)
                and url.origin.location is not None
                and url.value.startswith("/")
            ):
                yield "a button", Address("Url", url.value, url.origin.location)
