"""The three readers of a deployment's files: which leniencies each takes, by version, and what it reads.

Each table names what a reader takes beyond strict JSON; whatever is not named makes it refuse.
Where a table says no, the reader's own way of reading has the last word (:mod:`policy.text.jsoncpp`,
:mod:`policy.text.python_json`), since a leniency may be harmless where it stands.

Sources: jsoncpp 1.9.4 to 1.9.6 (``json_reader.cpp``, built and run) and Orthanc 1.12.11; the scripts of the orthancteam
image at 26.8.1 with Python's ``json``; json-with-comments 1.2.1 and 1.2.10 of the auth service 23.9.0 to 26.4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from policy.errors import SyntaxRefused, UnknownVersion, UsageError
from policy.records import dataclass
from policy.regex import regex
from policy.text import jsoncpp, python_json
from policy.text.document import Document, Leniency, Span, Verdict

_COMMENTS = frozenset({"line-comment", "block-comment"})
_PYTHON = frozenset({"duplicate-key", "special-number", "number-overflow", "lone-surrogate", "odd-surrogates"})
_JSONCPP = frozenset(
    {
        "control-character",
        "duplicate-key",
        "invalid-utf-8",
        "leading-zeros",
        "lone-minus",
        "odd-surrogates",
        "plus-sign",
        "sign-then-point",
        "trailing-point",
    }
)


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader in one range of versions.

    ``takes`` are the kinds of leniency that it reads through, ``except_at`` the places where a comment stops it all the
    same, ``deepest`` the deepest nesting that it reads.
    """

    name: str
    since: tuple[int, ...]
    takes: frozenset[str]
    read: Callable[[Document], Any]
    except_at: frozenset[str] = frozenset()
    deepest: int = python_json.DEEPEST
    root_is_object: bool = False
    stops_after_root: bool = False
    counts_scalars: bool = False
    surprises: bool = False


def _core(name: str, since: tuple[int, ...], flavour: jsoncpp.Flavour) -> Reader:
    more = {"trailing-comma", "byte-order-mark"} if flavour.trailing_commas else set()
    if flavour.overflow:
        more.add("number-overflow")
    return Reader(
        name=name,
        since=since,
        takes=_COMMENTS | _JSONCPP | more,
        read=lambda document: jsoncpp.read(document.text, flavour),
        except_at=frozenset({"colon", "empty-array", "array-end"}),
        deepest=jsoncpp.DEEPEST,
        root_is_object=True,
        stops_after_root=True,
        counts_scalars=True,
        surprises=True,
    )


#: Newest first. The versions of ``core`` are those of Orthanc: its static builds have jsoncpp 1.9.5 throughout the range
#: that is known (1.12.3 to 1.13.0). Who knows the library itself asks for ``jsoncpp`` by its own version: packages of a
#: distribution bring another (1.9.4 to 1.9.6 in the orthancteam image).
READERS: tuple[Reader, ...] = (
    _core("core", (0,), jsoncpp.Flavour()),
    _core("jsoncpp", (1, 9, 6), jsoncpp.Flavour(overflow=True)),
    _core("jsoncpp", (1, 9, 3), jsoncpp.Flavour()),
    _core("jsoncpp", (0,), jsoncpp.Flavour(trailing_commas=False)),
    Reader("image", (0,), _COMMENTS | _PYTHON, python_json.read_image),
    Reader(
        "auth-service",
        (23, 9),
        _COMMENTS | _PYTHON | {"trailing-comma", "lone-comma"},
        python_json.read_with_comments,
        surprises=True,
    ),
    Reader("auth-service", (0,), _PYTHON, python_json.read_strict),
)

_VERSION = regex(r"\d+(?:\.\d+)*")
_NAMES = frozenset(reader.name for reader in READERS)


def reader(name: str, version: str | None = None) -> Reader:
    """The reader of that name and version; None, and a tag without digits ("latest"), stand for the newest.

    Raises UsageError for a name that is none, UnknownVersion for an empty version.
    """
    if name not in _NAMES:
        raise UsageError(f"there is no reader {name!r}", help=f"One of {', '.join(sorted(_NAMES))}.")
    if version is not None and not version.strip():
        raise UnknownVersion("the version is empty", help='Something like "1.12.11", "25.9.0" or "latest".')
    found = None if version is None else _VERSION.search(version)
    number = tuple(int(part[:9]) for part in found[0].split(".")) if found else None
    for candidate in READERS:
        if candidate.name == name and (number is None or number >= candidate.since):
            return candidate
    raise UnknownVersion(f"version {version!r} of {name} is not known")  # pragma: no cover - the last row takes all


#: Refusals that no reader gets around, wherever they stand.
_FINAL = frozenset({"byte-order-mark", "encoding", "empty", "deep-nesting", "root-not-object", "number-too-long"})


def verdict(document: Document, name: str, version: str | None = None) -> Verdict:
    """Whether a reader reads the document, and what makes it refuse."""
    chosen = reader(name, version)
    found = tuple(refusals(document, chosen))
    if not found:
        return Verdict(accepted=True)
    if chosen.surprises and all(refusal.kind not in _FINAL for refusal in found):
        try:
            value = chosen.read(document)
        except (jsoncpp.Refused, ValueError, RecursionError):
            return Verdict(accepted=False, refusals=found)
        if isinstance(value, dict) or not chosen.root_is_object:
            return Verdict(accepted=True)
    return Verdict(accepted=False, refusals=found)


def value_for(document: Document, name: str, version: str | None = None) -> Any:
    """What the reader reads; raises SyntaxRefused at the first thing that makes it refuse."""
    chosen = reader(name, version)
    answer = verdict(document, name, version)
    if not answer.accepted or document.root is None:
        first = min(answer.refusals, key=lambda refusal: refusal.span)
        line, column = document.position(first.span.start)
        raise SyntaxRefused(f"the reader {name} refuses the text: {first.kind}", line=line, column=column)
    try:
        return chosen.read(document)
    except RecursionError:
        # The reader manages; we are only called from deeper in the stack than it is.
        return document.root.python()


@lru_cache(maxsize=1)
def _as_json(data: bytes) -> Document:
    """The document that the text of a file of YAML is for a reader of JSON; several checks ask about the same file."""
    from policy.text.parsing import parse

    return parse(data)


def refusals(document: Document, chosen: Reader) -> list[Leniency]:
    """What makes a reader refuse by its table, in the order of the text."""
    if document.language == "yaml":  # a file that holds YAML stands where a reader of JSON looks
        document = _as_json(document.data)
    root = document.root
    if root is None:
        unread = [leniency for leniency in document.leniencies if leniency.kind not in chosen.takes]
        return unread or [Leniency("empty", Span(0, len(document.text)))]
    end = root.span.end if chosen.stops_after_root else len(document.text) + 1
    found = [
        leniency
        for leniency in document.leniencies
        if leniency.span.start < end and (leniency.kind not in chosen.takes or leniency.place in chosen.except_at)
    ]
    depth = document.depth if chosen.counts_scalars else document.containers
    if depth > chosen.deepest:
        found.append(Leniency("deep-nesting", root.span, f"{depth} levels"))
    if chosen.root_is_object and root.kind != "object":
        found.append(Leniency("root-not-object", root.span, root.kind))
    return found
