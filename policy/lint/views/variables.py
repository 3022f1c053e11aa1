"""The variables of an Orthanc container, and what the image makes of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.configuration.setting import Means

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer, Stop, Variable
    from policy.configuration.setting import Entry
    from policy.configuration.source import Location
    from policy.configuration.variables import Reading
    from policy.knowledge.environment import PluginSwitch


def of_image(server: OrthancServer) -> bool:
    """Whether the start script of the orthancteam/orthanc image makes the configuration of ``server``."""
    return server.image is not None and server.container is not None and "image" in server.readers


def readings(server: OrthancServer) -> Iterator[tuple[Variable, Reading]]:
    """Each variable of ``server`` with what the script makes of its name; none where no script reads them."""
    if server.image is None or server.container is None or not of_image(server):
        return
    from policy.configuration.variables import reading

    for variable in server.container.environment.values():
        yield variable, reading(variable.name, server.image.version)


def carrier(server: OrthancServer, entry: Entry, path: tuple[str, ...]) -> str | None:
    """The variable or secret whose whole text is the value at ``path``; None where the value came another way."""
    origin = entry.setting.origin
    if origin.means not in (Means.VARIABLE, Means.SECRET) or origin.name is None or server.image is None:
        return None
    from policy.configuration.variables import option_reading

    name = origin.name.removesuffix("_SECRET") if origin.means is Means.SECRET else origin.name
    found = option_reading(name, server.image.version)
    if found is None and origin.means is Means.SECRET:
        return origin.name  # a file under a name of its own, registered by a variable
    return origin.name if found is not None and found.path == path else None


def switch(section: str) -> PluginSwitch | None:
    """What makes the image load the plugin that reads ``section``."""
    from policy.knowledge import environment

    return next((row for row in environment.plugin_switches() if row.section == section), None)


def loads(server: OrthancServer, section: str) -> bool | None:
    """Whether the plugin that reads ``section`` is loaded; None where that cannot be told."""
    if server.enabled_plugins is None or not of_image(server) or server.unseen:
        return None
    return section in server.enabled_plugins


def stops(server: OrthancServer, rule: str) -> Iterator[tuple[Stop, Location]]:
    """The stops of ``server`` that ``rule`` reports, each with its place."""
    for stop in server.stops:
        location = stop.location or (server.container.location if server.container is not None else None)
        if stop.rule == rule and location is not None:
            yield stop, location
