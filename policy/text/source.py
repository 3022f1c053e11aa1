"""Bytes to characters: what the file's encoding gives away, before anyone reads its syntax."""

from __future__ import annotations

from policy.records import dataclass
from policy.regex import regex
from policy.text.document import Leniency, Span

_LONE = regex("[\ud800-\udfff]")
_ESCAPED_BYTES = regex("[\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A decoded text: ``text`` for reading and showing, ``raw`` to write it back byte for byte.

    Both have the same length; ``encoding`` is the Python name of what the bytes are in, and ``mark`` the byte order
    mark that stands before the text.
    """

    data: bytes
    text: str
    raw: str
    encoding: str
    mark: bytes
    leniencies: tuple[Leniency, ...]

    def encode(self, raw: str) -> bytes:
        """The bytes of a changed ``raw`` text, with the same byte order mark."""
        return self.mark + raw.encode(self.encoding, "surrogateescape" if self.encoding == "utf-8" else "surrogatepass")


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def decode(given: bytes | str) -> Source:
    """The text of a file's bytes (or of a string), whatever they are; never raises.

    A byte that is no UTF-8 becomes one U+FFFD in ``text`` and is kept in ``raw``.
    """
    if isinstance(given, str):
        return _from_string(given)
    data = bytes(given)
    mark, encoding = b"", "utf-8"
    for candidate, name in _MARKS:
        if data.startswith(candidate):
            mark, encoding = candidate, name
            break
    else:
        encoding = _guess(data)
    body = data[len(mark) :]
    if encoding == "utf-8":
        raw = body.decode("utf-8", "surrogateescape")
    else:
        try:
            raw = body.decode(encoding, "surrogatepass")
        except UnicodeDecodeError:
            mark, encoding = b"", "utf-8"
            raw = data.decode("utf-8", "surrogateescape")
    return _source(data, raw, encoding, mark)


def _from_string(given: str) -> Source:
    mark = b""
    try:
        data = given.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Surrogates that stand for no byte: only a Python string can hold them.
        given = _LONE.sub("\ufffd", given)
        data = given.encode()
    if given.startswith("\ufeff"):
        mark, given = _MARKS[0][0], given[1:]
    return _source(data, given, "utf-8", mark)


def _guess(data: bytes) -> str:
    """UTF-16 without a mark shows by its zero bytes: the first two characters of such a file are ASCII."""
    if len(data) >= 4 and len(data) % 2 == 0:
        if data[1] == 0 and data[0] and data[3] == 0 and data[2]:
            return "utf-16-le"
        if data[0] == 0 and data[1] and data[2] == 0 and data[3]:
            return "utf-16-be"
    return "utf-8"


def _source(data: bytes, raw: str, encoding: str, mark: bytes) -> Source:
    found: list[Leniency] = []
    if encoding != "utf-8":
        found.append(Leniency("encoding", Span(0, min(1, len(raw))), encoding.upper(), "start"))
    elif mark:
        found.append(Leniency("byte-order-mark", Span(0, 0), "", "start"))
    text = raw
    wrong = None if raw.isascii() else _ESCAPED_BYTES.search(raw)
    if wrong is not None:
        text = _LONE.sub("\ufffd", raw)
        first = ord(wrong.group()[0])
        named = f"0x{first - 0xDC00:02X}" if 0xDC80 <= first <= 0xDCFF else f"U+{first:04X}"
        found.append(Leniency("invalid-utf-8", Span(*wrong.span()), named))
    return Source(data, text, raw, encoding, mark, tuple(found))
