"""A plain nginx configuration as reverse proxies: one for each ``server`` block that passes something on.

Understood are ``location`` in its five forms, ``proxy_pass``, ``rewrite``, ``return``, ``upstream``, ``set``, ``listen``
and ``server_name``, and ``include`` of files that are there; where an ``if`` or a file that was not given leaves open
where a request goes, the route says so; other directives do not change where a request goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from policy.configuration.deployment import Container
from policy.configuration.nginx_doubts import conditions_in, unknown_in
from policy.configuration.nginx_regex import Expression
from policy.configuration.nginx_syntax import Directive, directives
from policy.configuration.proxy import Answer, Find, ReverseProxy, Rewrite, Route
from policy.configuration.source import Source
from policy.regex import regex

_NOT_FOUND = Answer(404, None, "no location fits")
_VARIABLE = regex(r"\$\{?([a-z_][a-z0-9_]*)\}?", re.IGNORECASE)


def proxies(
    source: Source, find: Find, container: Container | None = None, top: tuple[Directive, ...] | None = None
) -> Iterator[ReverseProxy]:
    """The reverse proxies of one file; ``top`` are its directives with those of the files that it includes."""
    if top is None:
        top = directives(source.document.text, source)
    blocks = [*top, *(inner for block in top if block.name == "http" for inner in block.block or ())]
    upstreams = {
        block.words[0]: server.words[0]
        for block in blocks
        if block.name == "upstream" and block.words and (server := block.first("server")) is not None and server.words
    }
    servers = [block for block in blocks if block.name == "server" and block.block is not None]
    if not servers and any(block.name == "location" for block in blocks):
        servers = [Directive("server", (), tuple(blocks), blocks[0].span)]
    for block in servers:
        yield _proxy(block.source or source, block, upstreams, find, container)


def _proxy(
    source: Source, block: Directive, upstreams: Mapping[str, str], find: Find, container: Container | None
) -> ReverseProxy:
    listened = [word for listen in block.all("listen") for word in listen.words]
    ports = frozenset(int(match[1]) for word in listened if (match := re.search(r"(?:^|:)(\d{1,5})$", word)))
    https = "ssl" in listened or 443 in ports
    returned = block.first("return")
    answer = _returned(returned) if returned is not None else None
    variables = _variables(block, {})
    routes = () if answer is not None else tuple(_routes(source, block, upstreams, variables))
    names = {word for directive in block.all("server_name") for word in directive.words}
    return ReverseProxy(
        name=container.name if container is not None else source.path,
        routes=routes,
        default=answer or _NOT_FOUND,
        hosts=frozenset(name for name in names if name not in ("_", "") and not name.startswith(("~", "*", "."))),
        ports=ports,
        https=https,
        container=container,
        find=find,
        unknown="" if answer is not None else unknown_in(block, _words_of(block)),
        conditions=tuple(conditions_in(block)),
    )


def _words_of(block: Directive) -> str:
    """What is written below ``block`` about where requests go."""
    found = [word for inner in block.block or () if inner.name in ("proxy_pass", "rewrite") for word in inner.words]
    return " ".join([*found, *(_words_of(inner) for inner in block.all("location"))])


def _variables(block: Directive, outer: Mapping[str, str]) -> dict[str, str]:
    values = dict(outer)
    for directive in block.all("set"):
        if len(directive.words) == 2:
            values[directive.words[0].lstrip("$")] = directive.words[1]
    return values


def _routes(
    source: Source, block: Directive, upstreams: Mapping[str, str], variables: Mapping[str, str], depth: int = 0
) -> Iterator[Route]:
    for directive in block.all("location"):
        if not directive.words or directive.words[0].startswith("@"):
            continue
        route = _route(source, directive, upstreams, _variables(directive, variables))
        if route is not None:
            yield route
        if depth < 5:
            yield from _routes(source, directive, upstreams, variables, depth + 1)


def _route(
    source: Source, directive: Directive, upstreams: Mapping[str, str], variables: Mapping[str, str]
) -> Route | None:
    modifier, text = directive.words[0], directive.words[-1]
    kind = {"=": "exact", "^~": "first", "~": "regex", "~*": "regex"}.get(modifier, "prefix")
    pattern = None
    if kind == "regex":
        pattern = _compiled(text, ignore_case=modifier == "~*")
        if pattern is None:
            return None
    returned, passed = directive.first("return"), directive.first("proxy_pass")
    upstream, port, target = (
        _passed(passed.words[0], kind, upstreams, variables)
        if passed is not None and passed.words
        else (None, None, None)
    )
    return Route(
        text,
        kind,
        pattern,
        upstream,
        port,
        target,
        tuple(_rewrites(directive)),
        _returned(returned) if returned is not None else None,
        location=directive.place or source.place(directive.span),
        unknown=unknown_in(directive, _words_of(directive)),
        conditions=tuple(conditions_in(directive)),
    )


def _compiled(text: str, *, ignore_case: bool = False) -> Expression | None:
    try:
        return Expression(text, ignore_case=ignore_case)
    except (re.error, RecursionError, OverflowError):
        return None


def _rewrites(directive: Directive) -> Iterator[Rewrite]:
    for rewrite in directive.all("rewrite"):
        if len(rewrite.words) < 2:
            continue
        pattern = _compiled(rewrite.words[0])
        if pattern is not None:
            yield Rewrite(pattern, rewrite.words[1], rewrite.words[2] if len(rewrite.words) > 2 else "")
    returned = directive.first("return")
    if returned is not None and (answer := _returned(returned)) is not None and answer.target is not None:
        flag = "permanent" if answer.status in (301, 308) else "redirect"
        yield Rewrite(Expression(""), answer.target, flag)


def _returned(directive: Directive) -> Answer | None:
    words = directive.words
    if not words:
        return None
    if not words[0].isdigit():
        return Answer(302, words[0], "the configuration returns it")
    status = int(words[0])
    target = words[1] if len(words) > 1 and status in (301, 302, 303, 307, 308) else None
    return Answer(status, target, "the configuration returns it")


def _passed(
    url: str, kind: str, upstreams: Mapping[str, str], variables: Mapping[str, str]
) -> tuple[str | None, int | None, str | None]:
    """Host, port and what takes the place of the location, of the address of a ``proxy_pass``."""
    filled = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), url)
    try:
        parts = urlsplit(filled)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None, None, None
    if parts.scheme not in ("http", "https") or host is None:
        return None, None, None
    if parts.netloc in upstreams or host in upstreams:
        member = upstreams.get(parts.netloc) or upstreams[host]
        host, _, member_port = member.partition(":")
        port = int(member_port) if member_port.isdigit() else None
    has_path = filled.partition("://")[2].find("/") >= 0
    target = parts.path if has_path and kind in ("prefix", "first", "exact") and "$" not in url else None
    return host, port or (443 if parts.scheme == "https" else 80), target
