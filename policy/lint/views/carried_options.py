"""Options that a variable or a secret sets as a whole, with the types that they have to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy.lint.views.options import SECTION, runs_plugin
from policy.lint.views.variables import carrier, loads, of_image
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry, Setting


@dataclass(frozen=True, slots=True)
class CarriedOption:
    """``setting`` at ``path``, carried by the variable or secret ``name``; ``types`` as the tables name them."""

    path: tuple[str, ...]
    name: str
    setting: Setting
    types: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The path with dots between."""
        return ".".join(self.path)

    @property
    def strict(self) -> bool:
        """Whether it is known from the source that the program stops on a wrong type."""
        return len(self.path) == 1 or self.path[0] == SECTION

    @property
    def lists(self) -> bool:
        """Whether nothing but a list will do."""
        return self.types in (("array of strings",), ("array of rules",))


def carried_options(server: OrthancServer) -> Iterator[CarriedOption]:
    """The options of ``server`` that variables and secrets set one by one, as far as their values are known.

    Options of a plugin that is not loaded are left out: nobody reads them.
    """
    if not of_image(server):
        return
    from policy.knowledge import environment, plugin_options

    types = {tuple(row.path.split(".")): row.types for row in environment.options()}
    types.update({(SECTION, row.name): row.types for row in plugin_options.options_of(server.plugin.version)})
    for path, entry in _below((), server.configuration.members.items()):
        wanted = types.get(path)
        if wanted is None or not entry.setting.known:
            continue
        name = carrier(server, entry, path)
        if name is None or (len(path) > 1 and not _is_read(server, path[0])):
            continue
        yield CarriedOption(path, name, entry.setting, wanted)


def _is_read(server: OrthancServer, section: str) -> bool:
    return runs_plugin(server) if section == SECTION else loads(server, section) is not False


def _below(path: tuple[str, ...], members: object) -> Iterator[tuple[tuple[str, ...], Entry]]:
    for key, entry in members:  # type: ignore[attr-defined]
        yield (*path, key), entry
        if len(path) < 3:
            yield from _below((*path, key), entry.setting.members.items())
