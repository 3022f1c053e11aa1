"""Options that several commands have: versions, colour, lists of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from policy.commands import _complete

F = TypeVar("F", bound=Callable[..., Any])

SEVERITIES = ("info", "warning", "error")
PERSONAS = ("regular", "pedantic", "auditor")
KINDS = ("orthanc", "permissions", "anonymous", "compose", "kubernetes", "helm", "environment", "nginx", "realm")


def version_options(command: F) -> F:
    """Add the options that name versions; without them the files tell, else the newest known are taken."""
    told = "Default: told by the files, else the newest known."
    image = "Tag of the orthancteam/orthanc image, such as 25.9.0; tells the plugin and Orthanc."
    for name, what, known in (
        ("--image-tag", image, _complete.image_tags),
        ("--orthanc-version", "Version of Orthanc.", _complete.orthanc_versions),
        ("--auth-service-version", "Version of the auth service.", _complete.service_tags),
        ("--plugin-version", "Version of the Authorization plugin.", _complete.plugin_versions),
    ):
        command = click.option(name, metavar="VERSION", shell_complete=known, help=f"{what} {told}")(command)
    return click.option(
        "--as-of",
        metavar="TAG",
        shell_complete=_complete.image_tags,
        help="Judge as if every image of the Orthanc team had this tag, such as 26.4.0. Default: the tags in the files.",
    )(command)


def color_option(command: F) -> F:
    """Add ``--color/--no-color``."""
    return click.option(
        "--color/--no-color",
        default=None,
        help="Colours. Default: on a terminal, unless the variable NO_COLOR is set.",
    )(command)


def separated(values: Iterable[str]) -> tuple[str, ...]:
    """Names given one by one or with commas between, each once, in their order.

    >>> separated(["ROL,RUL", "anonymous-star"])
    ('ROL', 'RUL', 'anonymous-star')
    """
    return tuple(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))
