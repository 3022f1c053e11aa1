"""Rule ``peers-refused``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Setting
from policy.lint.finding import Confidence, Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.options import authentication, filter_of, given, key_place, place
from policy.lint.views.service import host_of

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_PUSH = "/transfers/push"


class PeersRefused(Rule):
    r"""Peers and transfers that the other side refuses.

    ## What it checks

    Whether the Transfers plugin is loaded while no rule covers its routes; and whether a peer with a user name and a
    password is another server of the given files whose plugin filters.

    ## Why it matters

    No default rule covers the routes below `/transfers/`: everybody is refused there.
    The user name and password of a peer are no token: the other server refuses what is sent to it.

    ## Example

    ```jsonc orthanc.jsonc line=6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "Transfers": {"Threads": 4}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["post", "^/transfers/.*$", "upload"],
          ["get", "^/transfers/.*$", "upload"],
          ["put", "^/transfers/.*$", "upload"],
          ["delete", "^/transfers/.*$", "upload"]
        ]
      },
      "Transfers": {"Threads": 4}
    }
    ```

    ## Exceptions

    Peers that are known by no file may be servers without the plugin:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "OrthancPeers": {"archive": ["http://archive:8042/", "user", "secret"]}
    }
    ```
    """

    code: ClassVar[str] = "CFG027"
    name: ClassVar[str] = "peers-refused"
    title: ClassVar[str] = "Peers and transfers that are refused"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "nist:AC-3")
    fixable: ClassVar[str] = "who may transfer is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if filter_of(server).profiles:
            yield from self._transfers(server, context)
        peers = server.configuration.get("OrthancPeers")
        if peers is not None:
            for name, entry in peers.members.items():
                yield from self._peer(server, context, name, entry.setting)

    def _transfers(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "Transfers")
        if entry is None or (server.enabled_plugins is not None and "Transfers" not in server.enabled_plugins):
            return
        policy = context.policy(server)
        location = key_place(server, entry)
        if policy is None or location is None:
            return
        if any(rule.method == "POST" and rule.compiled.matches(_PUSH) for rule in policy.rules):
            return
        yield self.finding(
            location,
            "No rule covers the routes of the Transfers plugin: every peer that sends or asks for studies there will get "
            "403, whatever its permissions.",
            'Add rules for them, such as ["post", "^/transfers/.*$", "upload"], to ExtraPermissions (plugin 0.10.0 and '
            "later) or Permissions.",
            witness=Witness("POST", _PUSH, "a peer with every permission", "deny"),
            facts={"subject": "Transfers", "kind": "transfers"},
        )

    def _peer(self, server: OrthancServer, context: Context, name: str, peer: Setting) -> Iterator[Finding]:
        url = peer.get("Url") if peer.kind == "object" else (peer.items[0] if peer.items else None)
        user = peer.get("Username") if peer.kind == "object" else (peer.items[1] if len(peer.items) > 1 else None)
        if peer.get("HttpHeaders") is not None or url is None or not isinstance(url.value, str):
            return
        if user is None or not isinstance(user.value, str) or not user.value:
            return
        target = _server_at(context, host_of(url.value))
        location = place((peer.origin,), server)
        if target is None or target is server or location is None:
            return
        if not filter_of(target).on or authentication(target).enabled:
            return
        yield self.finding(
            location,
            f"The peer {name} is {target.name}, whose Authorization plugin takes no user name and password: what is sent "
            "to it will be refused with 403.",
            'Give the peer "HttpHeaders": {"api-key": "..."} of a user who holds the permission upload.',
            confidence=Confidence.LIKELY,
            facts={"subject": name, "kind": "peer", "target": target.name},
        )


def _server_at(context: Context, host: str) -> OrthancServer | None:
    """The server of the deployment that answers under this host name."""
    for server in context.deployment.servers:
        container = server.container
        if container is not None and host and host in (container.name, *container.names):
            return server
    return None
