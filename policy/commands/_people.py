"""What commands about people share: the policy of a deployment, its clients, roles that somebody has together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policy.commands import _complete
from policy.commands._given import deployment_only
from policy.commands._options import separated

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy

F = TypeVar("F", bound=Callable[..., Any])
ALL = "all"


def combine_option(command: F) -> F:
    """Add ``--combine``."""
    return click.option(
        "--combine",
        multiple=True,
        metavar="A+B",
        shell_complete=_complete.roles,
        help="Roles that somebody has together in Keycloak. Default: none.",
    )(command)


def server_option(command: F) -> F:
    """Add ``--server``."""
    return click.option(
        "--server",
        metavar="NAME",
        shell_complete=_complete.servers,
        help="Which Orthanc, where the files describe several. Default: the only one that is guarded.",
    )(command)


def client_option(command: F) -> F:
    """Add ``--client``."""
    return click.option(
        "--client",
        "clients",
        multiple=True,
        metavar="NAME[,NAME]",
        shell_complete=_complete.clients,
        help="Clients whose features are asked for, or all. Default: programs that people use themselves.",
    )(command)


def combined(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Roles with ``+`` between them, apart."""
    return [tuple(part.strip() for part in text.split("+")) for text in texts]


def policy_and_server(
    files: tuple[str, ...], server: str | None, versions: Mapping[str, str | None]
) -> tuple[Policy, OrthancServer]:
    """The policy of the server that is meant."""
    from policy.engine.loading import choose_server, policy_of

    deployment = deployment_only(files, versions)
    chosen = choose_server(deployment, server)
    return policy_of(chosen, deployment.proxies), chosen


def clients_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Whole names of clients, from short or whole ones."""
    names = separated(texts)
    if ALL in names:
        return (ALL,)
    from policy.commands._given import clients_named

    return clients_named(names)
