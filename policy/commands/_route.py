"""What commands about one request share: METHOD and ROUTE before the deployment, labels of the study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from policy.commands._options import separated

F = TypeVar("F", bound=Callable[..., Any])

METHODS = frozenset(
    "GET POST PUT DELETE HEAD OPTIONS PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK TRACE CONNECT".split()  # noqa: SIM905
)


def route_and_files(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """``[METHOD] ROUTE DEPLOYMENT...`` as the route, its method told, and the files.

    >>> route_and_files(("delete", "/studies/1", "deployment"))
    ('DELETE /studies/1', ('deployment',))
    """
    if words[0].upper() in METHODS and len(words) > 1:
        method, route, files = words[0].upper(), words[1], words[2:]
    else:
        method, route, files = "GET", words[0], words[1:]
    if not files:
        raise click.UsageError("Give the deployment behind the route: a folder, or its files.")
    return f"{method} {route}", files


def label_options(command: F) -> F:
    """Add ``--label`` and ``--no-label``."""
    command = click.option(
        "--no-label", is_flag=True, help="The study has no label. Default: the labels are not known."
    )(command)
    return click.option(
        "--label",
        "labels",
        multiple=True,
        metavar="LABEL",
        help="A label of the study. Default: the labels are not known.",
    )(command)


def resource_of(labels: tuple[str, ...], *, no_label: bool) -> dict[str, list[str]] | None:
    """What those options say of the study; None where nothing is known."""
    return {"study": list(separated(labels))} if labels or no_label else None
