"""Where an address of OHIF leads, and why no OHIF answers there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.lint.views.addresses import elsewhere, led_by, proxies_beside
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, Deployment
    from policy.configuration.proxy import ReverseProxy, Routed
    from policy.lint.views.addresses import Address


def no_ohif_at(address: Address, container: Container, deployment: Deployment) -> str | None:
    """Why no OHIF answers at ``address``, by the proxies beside ``container``; None where one does, or nobody knows."""
    reason = None
    if elsewhere(address, container, deployment):
        return None
    for proxy in proxies_beside(container, deployment):
        if not any(proxy.find(route.upstream, route.port)[0] for route in proxy.routes if route.upstream):
            continue
        reason = _reason(led_by(proxy, address), address, proxy)
        if reason is None:
            return None
    return reason


def _reason(routed: Routed, address: Address, proxy: ReverseProxy) -> str | None:
    if routed.server is None:
        if routed.upstream is not None:
            return None
        enable = (
            " (ENABLE_OHIF is not true)" if address.path.startswith("/ohif") and proxy.container is not None else ""
        )
        return f"the proxy passes it on to nobody{enable}"
    server = routed.server
    loaded = loads(server, "OHIF")
    if loaded is False:
        return f"it leads to {server.name}, which does not load the OHIF plugin"
    if loaded is None:
        return None
    base = server.configuration.get("OHIF", "RouterBasename") or server.configuration.get("OHIF", "RouterBaseName")
    told = f"/{str(base.value).strip('/')}/" if base is not None else None
    if told is not None and told != f"/{address.path.strip('/')}/" and "${" not in told:
        return f"OHIF.RouterBasename of {server.name} is {told}"
    return None
