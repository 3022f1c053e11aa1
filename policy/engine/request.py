"""A request on its way to the filter: what the web server and the core make of it before the plugin sees it.

Source: CivetWeb 1.15 as Orthanc 1.12 embeds it, and the core's HTTP server; measured on a running server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy.engine.decision import Reason
from policy.records import dataclass
from policy.tuples import NamedTuple

Text = str | bytes
Headers = Iterable[tuple[Text, Text]]

NO_ARGUMENTS: Mapping[str, str] = MappingProxyType({})
_SERVED = frozenset({"GET", "POST", "PUT", "DELETE"})
_AS_GET = frozenset({"HEAD", "OPTIONS", "PROPFIND"})
_AS_PUT = frozenset({"PROPPATCH", "LOCK", "UNLOCK", "MKCOL"})
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"(?=/)(?:/[!$&-*,\-0-9:->@-\[\]-~][!$&-*,-.0-9:->@-\[\]-~]*+(?<!\.))*+/?")
_UNSAFE = re.compile(rb"[^\x21-\x7f]")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request: ``target`` is path and query string as sent, percent-encoded.

    >>> Request("GET", "/studies?limit=1").target
    '/studies?limit=1'
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Seen(NamedTuple):
    """What reaches the filter. Text that is no UTF-8 is kept by surrogates.

    ``verb`` is the method as sent: HEAD, OPTIONS and PROPFIND are judged as GET and then served by WebDAV only.
    """

    method: str
    path: str
    verb: str
    arguments: Mapping[str, str] = NO_ARGUMENTS
    headers: Mapping[str, str] = NO_ARGUMENTS


@dataclass(frozen=True, slots=True)
class Stopped:
    """The request never reaches the filter."""

    reason: Reason
    status: int
    text: str


def text_of(value: Text) -> str:
    """``value`` as text; bytes that are no UTF-8 become surrogates."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def headers_of(headers: Headers) -> Mapping[str, str]:
    """Names in lower case; of a header sent twice the first is kept; blanks before a value are dropped, not behind."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(ascii_lower(text_of(name)), text_of(value).lstrip(" \t"))
    return found


def ascii_lower(text: str) -> str:
    """``text`` with the ASCII capitals made small, as the C library does it."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def arguments_of(query: str | None) -> tuple[tuple[str, str], ...]:
    """The pairs of a query string in order; ``+`` is a blank, and a last byte is never taken into an escape."""
    if query is None:
        return ()
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        pairs.append((_decode_argument(name), _decode_argument(value)))
    return tuple(pairs)


def _decode_argument(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    data = bytes_of(text.replace("+", " "))
    # The plugin interface hands arguments over as C strings: a zero byte ends them.
    return _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()), data).split(b"\0")[0].decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes that ``text`` stands for, surrogates for bytes and any others; never fails."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte
        return text.encode("utf-8", "surrogatepass")


is_plain = _PLAIN.fullmatch
"""Whether a target is a path without query string that the web server hands on as it is (the usual case).

Segments of signs that are never decoded, none of them empty, and none that starts or ends with a dot.
"""


def path_of(raw: str) -> str | None:
    """The path that the core sees for the path of a target, or None where the web server refuses the request.

    Percent codes are decoded and ``+`` becomes a blank, a zero byte ends the path, backslashes become slashes, then
    ``.`` and ``..`` are resolved, then repeated slashes and dots before a slash or the end are dropped.
    """
    if is_plain(raw):
        return raw
    data = bytes_of(raw)
    if not data.startswith(b"/") or _UNSAFE.search(data):
        return None
    decoded = _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()), data.replace(b"+", b" ")).split(b"\0")[0]
    cleaned = _without_stray_dots(_without_dot_segments(decoded.replace(b"\\", b"/")))
    return cleaned.decode("utf-8", "surrogateescape") if cleaned.startswith(b"/") else None


def _without_dot_segments(path: bytes) -> bytes:
    """RFC 3986, 5.2.4."""
    out: list[bytes] = []
    segments = path.split(b"/")[1:]
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == b"..":
            if out:
                out.pop()
            if last:
                out.append(b"")
        elif segment == b".":
            if last:
                out.append(b"")
        else:
            out.append(segment)
    return b"/" + b"/".join(out) if out else b""


def _without_stray_dots(path: bytes) -> bytes:
    """What CivetWeb does for the sake of Windows, on every system."""
    segments = path.split(b"/")[1:]
    kept: list[bytes] = []
    for position, segment in enumerate(segments):
        stripped = segment.rstrip(b".")
        if stripped or position == len(segments) - 1:
            kept.append(stripped)
    return b"/" + b"/".join(kept)


def see(method: Text, target: Text, headers: Mapping[str, str]) -> Seen | Stopped:
    """What the filter sees of a request, or why it sees nothing. ``headers``: from :func:`headers_of`.

    Source: order of the servers (the web server refuses a path, then the core a method); between the two comes the
    core's authentication, which is in :mod:`policy.engine.core`.
    """
    verb = text_of(method)
    raw, mark, query = text_of(target).partition("?")
    path = path_of(raw)
    if path is None or (query and _UNSAFE.search(bytes_of(query))):
        return Stopped(Reason.MALFORMED_REQUEST, 400, "the web server refuses this request line")
    pairs = arguments_of(query if mark else None) if verb == "GET" else ()
    seen_method = _method(verb, pairs, headers)
    if seen_method is None:
        return Stopped(Reason.METHOD, 400, f"the core does not serve the method {verb[:40]!r} in this way")
    return Seen(seen_method, path, verb, dict(pairs) if pairs else NO_ARGUMENTS, headers)


def _method(verb: str, pairs: tuple[tuple[str, str], ...], headers: Mapping[str, str]) -> str | None:
    faked = headers.get("x-http-method-override")
    if faked is None and verb == "GET":
        faked = next((value for name, value in pairs if name == "_method"), None)
    if faked:
        faked = faked.upper()
        if faked in {"PUT", "DELETE"}:
            return faked
    elif verb in _SERVED:
        return verb
    if verb in _AS_GET:
        return "GET"
    return "PUT" if verb in _AS_PUT else None
