"""Containers as rules need them: variables that are known, published ports, who stands beside whom."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from policy.configuration.substitution import UNKNOWN_OPEN, shown
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import Container, Deployment, EffectiveVariable, Variable
    from policy.configuration.source import Location

ORTHANC, AUTH_SERVICE, NGINX, KEYCLOAK, OHIF = "orthanc", "auth-service", "nginx", "keycloak", "ohif"
"""What a container is: the values of ``Container.role``."""

_LOOPBACK = ("127.", "localhost", "::1", "[::1]")


def value_of(container: Container, name: str) -> str | None:
    """The text of a variable; None where it is not set, or only the host knows it."""
    variable = container.environment.get(name)
    return known_text(variable) if variable is not None else None


def known_text(variable: Variable) -> str | None:
    """The text of ``variable``; None where some of it is only known to the host."""
    if variable.text is None or (variable.marked is not None and UNKNOWN_OPEN in variable.marked):
        return None
    return variable.text


def known_value(variable: EffectiveVariable | None) -> str | None:
    """What a program gets for a variable; None where it is not set, or not known."""
    if variable is None or variable.value is None or "${" in variable.value:
        return None
    return variable.value


def place_of(variable: Variable) -> Location:
    """Where the value of ``variable`` is written, else its name."""
    return variable.value_location or variable.name_location


def may_be_elsewhere(container: Container) -> bool:
    """Whether a variable that no given file sets may still be set.

    A file of variables is missing, a Dockerfile may set it, or a chart does: the values of Helm tell what differs from
    the chart's own.
    """
    return bool(container.unseen) or container.built or not whole(container)


def whole(container: Container) -> bool:
    """Whether the file tells all of the container: values of Helm do not."""
    return container.source.kind != "helm"


def in_compose(container: Container) -> bool:
    """Whether Docker Compose starts it: names, ports and localhost then mean what they say."""
    return container.source.kind == "compose"


def project_of(container: Container, deployment: Deployment) -> tuple[Container, ...]:
    """The containers that run together with ``container``, itself included.

    These are its neighbours of the same folder; a name that comes a second time begins another project.
    """
    return _projects(deployment).get(id(container), (container,))


@lru_cache(maxsize=2)
def _projects(deployment: Deployment) -> dict[int, tuple[Container, ...]]:
    """The project of each container, by its identity."""
    groups: list[list[Container]] = []
    names: set[str] = set()
    for container in deployment.containers:
        same = groups and groups[-1][0].source.folder == container.source.folder
        if not same or container.name in names:
            groups.append([])
            names = set()
        groups[-1].append(container)
        names.add(container.name)
    return {id(container): tuple(group) for group in groups for container in group}


def beside(container: Container, deployment: Deployment, role: str) -> tuple[Container, ...]:
    """The containers of the same project that play ``role``."""
    return tuple(other for other in project_of(container, deployment) if other.role == role)


def named(containers: tuple[Container, ...], host: str) -> Container | None:
    """The container that others reach under the name ``host``."""
    return next((one for one in containers if host.lower() in {name.lower() for name in one.names}), None)


@dataclass(frozen=True, slots=True)
class Port:
    """A port that the host passes on: ``address`` it listens at (empty: all), both numbers as they are written."""

    address: str
    host: str
    target: str
    location: Location

    @property
    def local(self) -> bool:
        """Whether only programs on the host itself reach it."""
        return self.address.startswith(_LOOPBACK)


def published(container: Container) -> Iterator[Port]:
    """The published ports of ``container``."""
    for written, location in container.ports.items():
        text, _, protocol = shown(written).partition("/")
        if protocol == "udp":
            continue
        parts = text.rsplit(":", 2)
        address = parts[0] if len(parts) == 3 else ""
        yield Port(address, parts[-2] if len(parts) > 1 else "", parts[-1], location)


def includes(ports: str, number: int) -> bool:
    """Whether ``8000`` or a range ``8000-8010`` includes ``number``."""
    first, dash, last = ports.partition("-")
    if not first.isdigit() or (dash and not last.isdigit()):
        return False
    return int(first) <= number <= int(last if dash else first)
