"""From files to a policy: what a deployment's server decides, every rule with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from policy.auth_service.deployed import anonymous_of, roles_of
from policy.configuration.deployment import OrthancServer
from policy.configuration.setting import Setting
from policy.configuration.source import Location
from policy.engine.front import Front
from policy.engine.policy import Policy
from policy.errors import ServerRefuses, UsageError

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment
    from policy.configuration.proxy import ReverseProxy


def load(
    *paths: str | PathLike[str],
    plugin: str | None = None,
    auth_service: str | None = None,
    env: Mapping[str, str] | None = None,
    server: str | None = None,
) -> Policy:
    """The policy that the given files or folders describe.

    Files are recognised by content.  Versions are taken from a compose file's image tags unless they are given, else
    the newest known ones stand in.  ``env`` is the environment of the host, for what Compose substitutes; ``server``
    chooses by name where the files describe several Orthanc servers.

    :raises PolicyError: for a file that cannot be used.
    :raises ServerRefuses: where the real server would not start.
    :raises UsageError: where the files describe no Orthanc server, or several and none is chosen.
    """
    from policy.configuration.loading import Given
    from policy.configuration.loading import load as read

    given = Given.of(plugin=plugin, auth_service=auth_service)
    deployment = read([Path(path) for path in paths], given=given, env=env)
    return policy_of(choose_server(deployment, server), deployment.proxies)


def choose_server(deployment: Deployment, name: str | None = None) -> OrthancServer:
    """The server called ``name``, or the only one that has an Authorization section or that there is.

    :raises UsageError: where that is not one.
    """
    servers: Sequence[OrthancServer] = deployment.servers
    names = ", ".join(server.name for server in servers)
    if name is not None:
        chosen = [server for server in servers if server.name == name]
        if not chosen:
            raise UsageError(f"no Orthanc server is called {name!r}", help=f"There are: {names or 'none'}.")
        return chosen[0]
    guarded = [server for server in servers if server.authorization is not None]
    candidates = guarded or list(servers)
    if not candidates:
        raise UsageError(
            "the files describe no Orthanc server",
            help="Give an Orthanc configuration, or the compose file that has it.",
        )
    if len(candidates) > 1:
        raise UsageError(f"the files describe several Orthanc servers: {names}", help="Choose one by its name.")
    return candidates[0]


def policy_of(server: OrthancServer, proxies: Sequence[ReverseProxy] = ()) -> Policy:
    """The policy of one server of a deployment; ``proxies`` are those in front of it, for public addresses.

    :raises ServerRefuses: where the server, or the container around it, would not start.
    """
    if server.stops:
        stop = server.stops[0]
        raise _refusal(stop.reason, stop.location)
    service = server.auth_service
    return Policy.from_configuration(
        server.configuration.python(),
        plugin=str(server.plugin.version),
        permissions=roles_of(service) if service is not None else None,
        anonymous=anonymous_of(service) if service is not None else None,
        auth_service=str(service.version) if service is not None else None,
        proxy=Front(proxies, server) if proxies else None,
        locate=Locator(server.configuration),
    )


def _refusal(reason: str, location: Location | None) -> ServerRefuses:
    if location is None:
        return ServerRefuses(reason)
    start = location.start
    return ServerRefuses(reason, file=location.source.path, line=start.line, column=start.column)


class Locator:
    """The place of the value at a path of a configuration; of the nearest enclosing value that has one."""

    __slots__ = ("_root",)

    def __init__(self, root: Setting) -> None:
        self._root = root

    def __call__(self, path: tuple[str | int, ...]) -> Location | None:
        """The place, or None where nothing on the way is written in a file."""
        setting: Setting = self._root
        place: Location | None = None
        for part in path:
            if isinstance(part, int):
                if part >= len(setting.items):
                    return place
                setting = setting.items[part]
            else:
                entry = setting.members.get(part)
                if entry is None:
                    return place
                setting = entry.setting
            place = setting.origin.location or place
        return place
