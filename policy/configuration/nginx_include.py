"""``include`` of nginx: the directives of other files put in where they are named, each with the file it stands in.

What cannot be put in (a file that was not given, or that includes itself) stays as an ``include`` of its own, so that
whoever follows a request can say that something is not known there.
Source: documentation of ngx_core_module; paths are relative to the folder of the main configuration.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from policy.configuration.deployment import Container
from policy.configuration.nginx_syntax import Directive, directives
from policy.configuration.registry import Registry
from policy.configuration.source import Kind, Source
from policy.records import replace

PREFIX = "/etc/nginx"
"""Where nginx of the usual images and packages has its configuration."""
MAIN = f"{PREFIX}/nginx.conf"
_DEEPEST = 10
_MOST = 200
"""Files put in for one file: what includes twice what includes twice would grow without end."""
_HARMLESS = re.compile(
    r"(?:^|/)(?:mime\.types|(?:fastcgi|scgi|uwsgi|proxy)_params|fastcgi\.conf|koi-utf|koi-win|win-utf"
    r"|options-ssl-nginx\.conf|modules-enabled/\*\.conf)$"
)
"""Files that come with nginx, or with certbot, and say nothing about where a request goes."""

Find = Callable[[str], Sequence[Source]]
"""Gives the files that a path, or a pattern with ``*``, stands for."""
Reading = tuple[Source, tuple[Directive, ...]]
"""A file with its directives, those of the files that it includes put in."""


def included(source: Source, find: Find) -> tuple[tuple[Directive, ...], tuple[Source, ...]]:
    """The directives of ``source`` with those of the files that it includes, and these files."""
    expansion = _Expansion(find)
    return expansion.expanded(directives(source.document.text, source), (source,)), tuple(expansion.met)


class _Expansion:
    def __init__(self, find: Find) -> None:
        self._find = find
        self.met: list[Source] = []

    def expanded(self, written: tuple[Directive, ...], within: tuple[Source, ...]) -> tuple[Directive, ...]:
        made: list[Directive] = []
        for directive in written:
            if directive.name == "include" and directive.words:
                made.extend(self._put_in(directive, within))
            elif directive.block is None:
                made.append(directive)
            else:
                made.append(replace(directive, block=self.expanded(directive.block, within)))
        return tuple(made)

    def _put_in(self, directive: Directive, within: tuple[Source, ...]) -> tuple[Directive, ...]:
        path = directive.words[0]
        if _HARMLESS.search(path):
            return ()
        found = self._find(path)
        circular = any(source is outer for source in found for outer in within)
        if not found or circular or len(within) > _DEEPEST or len(self.met) + len(found) > _MOST:
            return (directive,)
        made: list[Directive] = []
        for source in found:
            self.met.append(source)
            made.extend(self.expanded(directives(source.document.text, source), (*within, source)))
        return tuple(made)


def readings(sources: Sequence[Source], find: Callable[[Source], Find]) -> tuple[list[Reading], list[Source]]:
    """Each file that no other of ``sources`` includes, with its directives, and the files that are included.

    ``find`` finds what a file includes.
    """
    read = [(source, *included(source, find(source))) for source in sources]
    parts = [part for _, _, met in read for part in met]
    names = set(map(id, parts))
    whole = [(source, top) for source, top, _ in read if id(source) not in names]
    return whole or [(source, top) for source, top, _ in read], parts


def of_container(container: Container, registry: Registry) -> tuple[list[Reading], list[Source]]:
    """What the nginx in a container reads of the files that are mounted into it (see :func:`readings`)."""
    mounted = {
        posixpath.normpath(target): source for mount in container.mounts for target, source in mount.files.items()
    }
    sources = [source for source in mounted.values() if source.kind is Kind.NGINX]
    main = mounted.get(MAIN)

    def find(path: str) -> Sequence[Source]:
        wanted = posixpath.normpath(posixpath.join(PREFIX, path))
        found = {target: source for target, source in mounted.items() if _fits(target, wanted)}
        for mount in container.mounts:
            inner = posixpath.relpath(wanted, posixpath.normpath(mount.target))
            if mount.kind == "bind" and mount.source_path is not None and not inner.startswith(".."):
                folder = Path(container.source.folder)
                for name, source in _on_disk(Path(mount.source_path), inner, folder, registry):
                    found.setdefault(posixpath.normpath(posixpath.join(mount.target, name)), source)
        return [found[target] for target in sorted(found)]

    return readings([main] if main is not None and main.kind is Kind.NGINX else sources, lambda _: find)


def of_files(sources: Sequence[Source], registry: Registry) -> list[Reading]:
    """What an nginx reads whose folder of configuration is the one in which a file lies."""

    def finder(source: Source) -> Find:
        folder = Path(source.folder)

        def find(path: str) -> Sequence[Source]:
            inner = path.removeprefix(f"{PREFIX}/")
            return [] if inner.startswith("/") else [one for _, one in _on_disk(folder, inner, folder, registry)]

        return find

    return readings(sources, finder)[0]


def _on_disk(folder: Path, inner: str, root: Path, registry: Registry) -> Iterator[tuple[str, Source]]:
    """The files at ``inner`` below ``folder`` with their paths below it; none that lies outside of ``root``."""
    head, last = posixpath.split(inner)
    if "*" in head:
        return
    inside = registry.files.exists_within(folder / head, root)
    names = fnmatch.filter(registry.files.names(folder / head), last) if "*" in last and inside else [last]
    for name in names:
        if "*" not in name and (source := registry.beside(folder / head / name, Kind.NGINX, root)) is not None:
            yield posixpath.join(head, name), source


def _fits(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern whose ``*`` stands for no slash, as in a shell."""
    return path.count("/") == pattern.count("/") and all(map(fnmatch.fnmatchcase, path.split("/"), pattern.split("/")))
