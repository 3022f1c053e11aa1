"""Who refuses a text, for what, and what then happens: one list of mistakes a file, each owned by one rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policy.configuration.deployment import AuthService, OrthancServer
from policy.configuration.source import Kind, Source
from policy.configuration.substitution import Environment
from policy.knowledge.versions import Version
from policy.lint.context import Context
from policy.lint.finding import Severity
from policy.lint.views.as_read import as_read
from policy.records import dataclass, replace
from policy.regex import regex
from policy.text import Leniency, Span

MARKERS = "merge-markers"
BYTE_ORDER_MARK = "byte-order-mark"
DUPLICATE = "duplicate-key"
AFTER_END = "text-after-end"
VALUE = "value-lost"
ENCODING = "encoding"
TRAILING_COMMA = "permissions-trailing-comma"
ORTHANC_SYNTAX = "orthanc-json-syntax"
PERMISSIONS_SYNTAX = "permissions-syntax"

_OWNERS: Mapping[str, str] = MappingProxyType(
    {
        "merge-conflict": MARKERS,
        "byte-order-mark": BYTE_ORDER_MARK,
        "duplicate-key": DUPLICATE,
        "text-after-end": AFTER_END,
        "encoding": ENCODING,
        "invalid-utf-8": ENCODING,
        **dict.fromkeys(
            (
                "leading-zeros",
                "lone-minus",
                "lone-surrogate",
                "number-overflow",
                "odd-surrogates",
                "plus-sign",
                "sign-then-point",
                "special-number",
                "trailing-point",
            ),
            VALUE,
        ),
    }
)
"""Kinds of leniency that have a rule of their own."""

_THROUGH_THE_SCRIPT = frozenset({"special-number", "number-overflow", "lone-surrogate"})
"""What the script of the image reads and writes again as it was, so that the core refuses what the script made."""

_ALIKE = frozenset(
    {
        "bare-key",
        "block-comment",
        "control-character",
        "hash-comment",
        "line-comment",
        "odd-space",
        "single-quotes",
        "typographic-quotes",
    }
)
"""Habits: who has one of them has it all over the file, so they are told once."""

_NEVER_A_CONSEQUENCE = frozenset({"bad-escape", "hexadecimal", "leading-point", "other-word", "trailing-comma"})
"""What is a mistake of its own, wherever it stands."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What a program does with a text that it refuses: a clause for messages, and how bad it is."""

    who: str
    then: str
    severity: Severity
    assumed: bool = False
    """Whether the files do not tell that this program reads the text."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a text: what it is, how often it is there, who refuses the text for it, and who reads it."""

    leniency: Leniency
    refused: tuple[Fate, ...]
    taken: tuple[str, ...]
    count: int = 1

    @property
    def severity(self) -> Severity | None:
        """The worst of the fates; None where everybody reads the text."""
        return max((fate.severity for fate in self.refused), default=None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A program that reads a text with one of the readers of :mod:`policy.text`."""

    reader: str
    version: Version
    fate: Fate
    environment: Environment | None = None
    """The variables of the process, where they are known."""
    only: frozenset[str] | None = None
    """The kinds of leniency that reach this reader; None: the text as it is."""


def mistakes(source: Source, context: Context, owner: str) -> Iterator[Mistake]:
    """The mistakes in ``source`` that belong to the rule ``owner``.

    Several alike are one where they come from one habit; of those that begin on one line and make the same programs
    refuse the text only the first is told, because the rest comes from it.
    """
    if source.document.language != "json" or source.at:
        return  # the text of a variable for one option may be anything: it is then a plain text
    found = context.once(("syntax", id(source)), lambda: tuple(_once(source, _all(source, context))))
    for mistake in found:
        if owner_of(mistake.leniency, source) == owner:
            yield mistake


def owner_of(leniency: Leniency, source: Source) -> str:
    """The slug of the rule that reports ``leniency`` in ``source``."""
    owner = _OWNERS.get(leniency.kind)
    if owner is not None:
        return owner
    if leniency.kind == "unfinished-comment" and leniency.place == "end":
        return AFTER_END
    if source.kind is Kind.ORTHANC:
        return ORTHANC_SYNTAX
    return TRAILING_COMMA if leniency.kind == "trailing-comma" else PERMISSIONS_SYNTAX


def _all(source: Source, context: Context) -> list[Mistake]:
    """Each leniency of the text with what the programs make of it, and each reason to refuse the text as a whole."""
    readings = list(_readings(source, context))
    found: dict[Leniency, Mistake] = {}
    if not readings:
        found = {entry: Mistake(entry, (), ()) for entry in source.document.leniencies}
    for reading in readings:
        seen = as_read(source, reading.reader, reading.version, reading.environment)
        verdict = seen.document.verdict(reading.reader, str(reading.version))
        refusals = {_plain(seen.placed(refusal)) for refusal in verdict.refusals}
        if reading.only is not None:
            refusals = {refusal for refusal in refusals if refusal.kind in reading.only}
        met = {seen.placed(entry) for entry in seen.document.leniencies} | refusals
        for entry in met:
            mistake = found.get(entry, Mistake(entry, (), ()))
            if entry in refusals:
                found[entry] = replace(mistake, refused=(*mistake.refused, reading.fate))
            elif reading.only is None:
                found[entry] = replace(mistake, taken=(*mistake.taken, reading.fate.who))
    if source.kind is Kind.ORTHANC and source.document.root is not None and source.document.root.kind != "object":
        _not_an_object(source, readings, found)
    return sorted(found.values(), key=lambda mistake: (mistake.leniency.span, mistake.leniency.kind))


def _plain(refusal: Leniency) -> Leniency:
    """The refusal without what one reader alone counts."""
    return replace(refusal, detail="") if refusal.kind == "deep-nesting" else refusal


def _not_an_object(source: Source, readings: list[_Reading], found: dict[Leniency, Mistake]) -> None:
    """The script of the image parses any value, and then fails on what is no object."""
    root = source.document.root
    if root is None or source.variable is not None or any(entry.kind == "root-not-object" for entry in found):
        return
    entry = Leniency("root-not-object", root.span, root.kind)
    fates = tuple(reading.fate for reading in readings if reading.only is None)
    found[entry] = Mistake(entry, fates, ())


def _once(source: Source, found: list[Mistake]) -> Iterator[Mistake]:
    habits: dict[tuple[str, tuple[Fate, ...]], list[Mistake]] = {}
    lines: set[tuple[int, tuple[Fate, ...]]] = set()
    ends = begins = -1
    for mistake in found:
        entry = mistake.leniency
        structural = entry.kind not in _OWNERS and entry.kind not in _ALIKE and bool(mistake.refused)
        if entry.kind in _ALIKE:
            habits.setdefault((entry.kind, mistake.refused), []).append(mistake)
            continue
        if structural:
            line = source.document.position(entry.span.start).line
            own = entry.kind in _NEVER_A_CONSEQUENCE and entry.span.start != begins
            if ((line, mistake.refused) in lines and not own) or entry.span.start < ends:
                continue
            lines.add((line, mistake.refused))
            begins = entry.span.start
        if entry.kind in ("merge-conflict", "text-after-end"):
            ends = max(ends, entry.span.end)
        yield mistake
    for group in habits.values():
        first = group[0]
        line = source.document.position(first.leniency.span.start).line
        if not (first.refused and (line, first.refused) in lines):
            yield replace(first, count=len(group))


def _readings(source: Source, context: Context) -> Iterator[_Reading]:
    deployment = context.deployment
    seen: set[tuple[str, str, str]] = set()
    for server in deployment.servers:
        if source in server.sources:
            for reading in _server_readings(source, server):
                key = (reading.reader, str(reading.version), reading.fate.then)
                if key not in seen:
                    seen.add(key)
                    yield reading
    for service in deployment.auth_services:
        if source is service.permissions or (source is service.anonymous and _reads_anonymous(service)):
            yield _Reading("auth-service", service.version.version, _service_fate(source, service))


def _reads_anonymous(service: AuthService) -> bool:
    """Whether this version reads a profile of visitors at all."""
    from policy.auth_service.behaviour import Behaviour

    return Behaviour.of(service.version.version).reads_anonymous_profile


def _server_readings(source: Source, server: OrthancServer) -> Iterator[_Reading]:
    core = Fate(f"Orthanc {server.orthanc}", "Orthanc does not start", Severity.ERROR)
    if server.image is not None and "image" in server.readers:
        yield _Reading("image", server.image.version, _image_fate(source, server), server.variables)
        yield _Reading("core", server.orthanc.version, core, server.variables, _THROUGH_THE_SCRIPT)
        return
    yield _Reading("core", server.orthanc.version, core, server.variables)
    if server.container is None and server.family == "":
        maybe = Fate(
            "the image orthancteam/orthanc", "the container would stop at start", Severity.WARNING, assumed=True
        )
        from policy.knowledge import images

        yield _Reading("image", images.newest().version, maybe, server.variables)


def _image_fate(source: Source, server: OrthancServer) -> Fate:
    who = f"the image orthancteam/orthanc:{server.image}"
    if source.variable is not None:
        return Fate(who, "the container stops at start", Severity.ERROR)
    files = [other for other in server.sources if other.variable is None]
    if len(files) > 1:
        then = (
            "the container stops, or Orthanc starts without this file, whichever file the image happens to read first"
        )
        return Fate(who, then, Severity.ERROR)
    return Fate(who, "the container stops at start", Severity.ERROR)


def _service_fate(source: Source, service: AuthService) -> Fate:
    who = f"the auth service {service.version}"
    if source is service.permissions:
        return Fate(who, "the service stops at start, and Orthanc refuses every user", Severity.ERROR)
    return Fate(who, "the service drops the whole file, and who sends no token has no rights", Severity.WARNING)


def sentence(mistake: Mistake, what: str) -> str:
    """``what`` is wrong, who refuses it and what then happens, and who would read it all the same."""
    if not mistake.refused:
        return f"{what[0].upper()}{what[1:]}."
    worst = max(mistake.refused, key=lambda fate: (fate.severity, not fate.assumed))
    then = f"{worst.then[0].upper()}{worst.then[1:]}"
    more = f" ({mistake.count} in this file)" if mistake.count > 1 else ""
    takers = tuple(dict.fromkeys(mistake.taken))
    taken = f"; {' and '.join(takers)} take{'s' * (len(takers) == 1)} it" if takers else ""
    if worst.assumed:
        return f"A container of {worst.who} would stop at start, because it refuses {what}{more}{taken}."
    return f"{then}, because {worst.who} refuses {what}{more}{taken}."


_MARKER = regex(r"^(?:<{7}|={7}|>{7})(?=[ \r\n]|$)", re.MULTILINE)


def merge_markers(source: Source) -> tuple[Span, ...]:
    """The lines of an unresolved merge in a YAML file that cannot be read; none where only a text looks so."""
    document = source.document
    if document.language != "yaml" or not any(leniency.kind == "yaml-syntax" for leniency in document.leniencies):
        return ()
    found = tuple(Span(*match.span()) for match in _MARKER.finditer(document.text))
    return found if len({document.text[span.start] for span in found}) == len("<=>") else ()


def excerpt(source: Source, span: Span, most: int = 30) -> str:
    """The text at ``span`` for a message, cut to what fits."""
    text = " ".join(source.document.text[span.start : span.end].split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
