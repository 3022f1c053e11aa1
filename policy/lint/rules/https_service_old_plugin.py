"""Rule ``https-service-old-plugin``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from policy.configuration.setting import Entry
from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Fix, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import ADDRESSES, filter_of, option, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_TLS = Version.parse("0.9.1")
_PORT = 8000
"""Where the container of the official service listens, without TLS."""


class HttpsServiceOldPlugin(Rule):
    r"""An https address of the auth service that cannot be called.

    ## What it checks

    Addresses of the web service that begin with `https://`, with a plugin before 0.9.1, or with the port 8000 of the
    official container.

    ## Why it matters

    Plugins before 0.9.1 call the service without TLS, and the container itself speaks plain http: every call fails, and
    every user is refused everywhere.

    ## Example

    ```jsonc orthanc.jsonc line=3 plugin=0.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "https://auth.example.org/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=3 plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "https://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    From plugin 0.9.1 on a service behind a proxy with TLS can be called, on whatever port:

    ```jsonc orthanc.jsonc plugin=0.9.1
    {
      "Authorization": {
        "WebServiceRootUrl": "https://auth.example.org:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG022"
    name: ClassVar[str] = "https-service-old-plugin"
    title: ClassVar[str] = "https address of the auth service that cannot be called"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:SC-8")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        hosts = _containers(server)
        root = option(server, ADDRESSES[0])
        for name in ADDRESSES[:1] if root is not None else ADDRESSES[1:]:
            entry = option(server, name)
            if entry is not None and isinstance(entry.setting.value, str):
                yield from self._address(server, name, entry, entry.setting.value, hosts)

    def _address(
        self, server: OrthancServer, name: str, entry: Entry, address: str, hosts: frozenset[str]
    ) -> Iterator[Finding]:
        location = value_place(server, entry)
        if not address.lower().startswith("https://") or location is None:
            return
        try:
            host, port = urlsplit(address).hostname or "", urlsplit(address).port
        except ValueError:
            return
        if server.plugin.version < _TLS:
            reason = f"the plugin {server.plugin} calls the service without TLS (plugin 0.9.1 and later can)"
        elif port == _PORT and host in hosts:
            reason = f"the container of the auth service speaks plain http on port {_PORT}"
        else:
            return
        local = host in hosts
        fix: Fix | None = None
        if local:
            fix = replace_value(entry.setting, f"http{address[5:]}", "Write http", safe=False)
        yield self.finding(
            location,
            f"Every call to {name} will fail, because {reason}: all users will be refused everywhere.",
            "Use http inside of the docker network."
            if local
            else "Upgrade the plugin, or use http inside of the network.",
            fix=fix,
            facts={"subject": name, "host": host, "port": port},
        )


def _containers(server: OrthancServer) -> frozenset[str]:
    """Host names of the official service's container, as far as they are known."""
    names = {"orthanc-auth-service"}
    service = server.auth_service
    if service is not None and service.official and service.container is not None:
        names |= {service.container.name, *service.container.names}
    return frozenset(names)
