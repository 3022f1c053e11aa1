"""What a shell completes: each function has the signature that click's ``shell_complete`` asks for.

Nothing is said, and nothing raised, where the files of the command line cannot be used.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from policy.configuration.deployment import Deployment

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]

_TELLING_FILES = ("orthanc*.json*", "permissions*.json*", "compose*.y*ml", "docker-compose*.y*ml")
_ORDINARY_METHODS = ("GET", "POST", "PUT", "DELETE")


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def request_and_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``[METHOD] ROUTE DEPLOYMENT...``: methods first, files behind the route."""
    from policy.commands._route import METHODS

    given = ctx.params.get(param.name or "") or ()
    if not given:
        return _items(_ORDINARY_METHODS, incomplete.upper())
    route = given[1:] if given[0].upper() in METHODS else given
    return files(ctx, param, incomplete) if route else []


def rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of rules with their titles, behind those that are there already."""
    from policy.lint.rule import registry

    return _items(registry(), incomplete, separator=",", about=lambda name: registry()[name].title)


def clients(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Short names of clients."""
    from policy.commands._given import short_name
    from policy.knowledge import clients as known

    return _items(sorted({short_name(client) for client in known.clients()}), incomplete, separator=",")


def roles(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Roles of the deployment on the command line, or of the one in the current folder; ``anonymous``."""
    from policy.auth_service.deployed import roles_of
    from policy.errors import PolicyError

    found: list[str] = []
    deployment = _deployment(ctx)
    for server in deployment.servers if deployment is not None else ():
        with suppress(PolicyError):
            held = roles_of(server.auth_service) if server.auth_service is not None else None
            found += list(held.roles) if held is not None else []
    return _items([*dict.fromkeys(found), "anonymous"], incomplete, separator="+" if "+" in incomplete else ",")


def servers(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of the Orthanc servers of the deployment."""
    deployment = _deployment(ctx)
    return _items([server.name for server in deployment.servers] if deployment is not None else (), incomplete)


def plugin_versions(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Releases of the Authorization plugin."""
    from policy.knowledge import plugin

    return _versions(plugin.versions(), incomplete)


def orthanc_versions(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Releases of Orthanc that are in an image."""
    from policy.knowledge import images

    return _versions((image.orthanc for image in images.orthanc_images()), incomplete)


def image_tags(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tags of orthancteam/orthanc."""
    from policy.knowledge import images

    return _versions((image.version for image in images.orthanc_images()), incomplete)


def service_tags(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tags of the auth service."""
    from policy.knowledge import service

    return _versions((tag.version for tag in service.tags()), incomplete)


def reader_versions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Versions for which there is a schema of the name on the command line."""
    from policy.questions.schemas import NAMES, versions

    name = next((word for word in _words(ctx) if word in NAMES), None)
    return _versions(versions(name), incomplete) if name is not None else []


def _versions(known: Iterable[object], incomplete: str) -> list[CompletionItem]:
    """The newest first, as they are most often meant; behind ``..`` where a range is begun."""
    newest_first = dict.fromkeys(str(version) for version in reversed(tuple(known)))
    return _items(newest_first, incomplete, separator="..")


def _items(
    names: Iterable[str],
    incomplete: str,
    *,
    separator: str = "",
    about: Callable[[str], str] | None = None,
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    before, found, last = incomplete.rpartition(separator) if separator else ("", "", incomplete)
    return [
        CompletionItem(before + found + name, help=about(name) if about is not None else None)
        for name in names
        if name.startswith(last)
    ]


def _deployment(ctx: click.Context) -> Deployment | None:
    from policy.commands._given import deployment_only
    from policy.errors import PolicyError

    # A route such as / is a folder too.
    named = [word for word in _words(ctx) if os.path.isfile(word) or _looks_like_one(word)]  # noqa: PTH113
    if not named and not _looks_like_one("."):
        return None
    asked = ("as_of", "image_tag", "auth_service_version", "plugin_version", "orthanc_version")
    try:
        return deployment_only(tuple(named or (".",)), dict.fromkeys(asked))
    except PolicyError:
        return None


def _words(ctx: click.Context) -> Iterator[str]:
    """The arguments on the command line so far, those of the commands above too."""
    above: click.Context | None = ctx
    while above is not None:
        for value in above.params.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, tuple):
                yield from (part for part in value if isinstance(part, str))
        # Click leaves them here where an option still lacks its value.
        yield from above.args
        above = above.parent


def _looks_like_one(folder: str) -> bool:
    """Whether it is worth reading: a home folder is not, and it is large."""
    try:
        inside = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return False
    return any(fnmatch.filter(inside, pattern) for pattern in _TELLING_FILES)
