"""From the command line to what the library asks for: settings of the linter, the deployment that files describe."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policy.commands._options import separated

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment
    from policy.lint.fixing import Load
    from policy.lint.settings import Settings

STANDARD_INPUT = "-"


def settings_of(files: tuple[str, ...], given: dict[str, Any]) -> Settings:
    """What the command line says over what the configuration file says."""
    from policy.lint.finding import Persona, Severity
    from policy.lint.settings import Settings, check_names, find_configuration, read_configuration

    config: str | None = given.pop("config")
    if given.pop("no_config"):
        if config is not None:
            raise click.UsageError("--config and --no-config exclude each other.")
        found = None
    else:
        found = Path(config) if config is not None else find_configuration(_start(files))
    settings = read_configuration(found) if found is not None else Settings()
    for option in ("select", "ignore"):
        check_names(getattr(settings, option), option=f"{found}: {option}")
    names = {option: separated(given.pop(option)) for option in ("select", "ignore")}
    for option, chosen in names.items():
        check_names(chosen, option=f"--{option}")
    severities = {option: given.pop(option) for option in ("severity", "fail_on")}
    persona: str | None = given.pop("persona")
    clients = clients_named(separated(given.pop("clients")) or settings.clients)
    _as_of(given)
    return settings.override(
        **names,
        **{option: Severity[text.upper()] for option, text in severities.items() if text},
        persona=Persona(persona) if persona else None,
        preview=given.pop("preview") or None,
        clients=clients,
        **given,
    )


def clients_named(names: tuple[str, ...]) -> tuple[str, ...]:
    """The clients that ``names`` mean: by their whole name, or by what stands before the brackets in it."""
    if not names:
        return ()
    from policy.errors import UsageError
    from policy.knowledge.clients import clients
    from policy.lint.nearby import did_you_mean

    found: list[str] = []
    for name in names:
        meant = [known for known in clients() if name.lower() in (known.lower(), short_name(known).lower())]
        if not meant:
            shorts = list(dict.fromkeys(map(short_name, clients())))
            near = did_you_mean(name, shorts)
            raise UsageError(f"no client is called {name!r}. {near}".strip(), help=f"Known: {', '.join(shorts)}.")
        found += meant
    return tuple(dict.fromkeys(found))


def short_name(client: str) -> str:
    """What stands before the brackets in the name of a client."""
    return client.partition(" (")[0]


def _start(files: tuple[str, ...]) -> Path:
    """The folder from which the configuration file is looked for."""
    first = next((file for file in files if file != STANDARD_INPUT), ".")
    path = Path(first).absolute()
    return path if os.path.isdir(path) else path.parent  # noqa: PTH112 - Path.is_dir raises for a name that is too long


def deployment_of(files: tuple[str, ...], kind: str | None, settings: Settings) -> Deployment:
    """What ``files`` deploy, with the versions of ``settings``; ``kind`` is what standard input holds."""
    return loader_of(files, kind, settings)({})


def loader_of(files: tuple[str, ...], kind: str | None, settings: Settings) -> Load:
    """As :func:`deployment_of`, for a deployment that is loaded again with other texts in place of its files."""
    from policy.configuration.loading import Given, load
    from policy.configuration.registry import STDIN
    from policy.configuration.source import Kind

    reads = STANDARD_INPUT in files
    if kind is not None and not reads:
        raise click.UsageError("--as tells what standard input holds: give - as a file.")
    given = Given.of(
        plugin=settings.plugin_version,
        orthanc=settings.orthanc_version,
        auth_service=settings.auth_service_version,
        image=settings.image_tag,
    )
    text = sys.stdin.buffer.read() if reads else None
    stdin_kind = Kind(kind) if kind is not None else None

    def loaded(texts: Mapping[str, bytes]) -> Deployment:
        stdin = texts.get(STDIN, text)
        # The environment of this process is not the one in which the deployment is started.
        return load(files, stdin_kind=stdin_kind, stdin=stdin, given=given, env=None, texts=texts)

    return loaded


def deployment_only(files: tuple[str, ...], versions: Mapping[str, str | None]) -> Deployment:
    """What ``files`` deploy for a command that is no linter; ``versions`` as ``version_options`` gives them."""
    from policy.lint.settings import Settings

    given = dict(versions)
    _as_of(given)
    return deployment_of(files, None, Settings().override(**given))


def _as_of(given: dict[str, Any]) -> None:
    """Put the tag of ``--as-of`` in the place of the versions of images that are not given one by one."""
    tag = given.pop("as_of")
    for option in ("image_tag", "auth_service_version"):
        given[option] = given[option] or tag
