"""Requests to put to policies: known routes, the query strings that matter, and how a request is written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from policy.engine import Policy

_SAFE = "/!$&'()*,;=:@-._~|"


def request_text(method: str, path: str, query: str = "") -> str:
    """A request as it is sent: what has a meaning of its own in a target is percent-encoded.

    >>> request_text("GET", "/a b%")
    'GET /a%20b%25'
    """
    target = quote(path, safe=_SAFE, errors="surrogateescape")
    return f"{method} {target}?{query}" if query else f"{method} {target}"


def known_requests(method: str, root: str) -> tuple[tuple[str, str], ...]:
    """(template, example path) of the known routes of a method, with a DICOMweb root."""
    return _known_requests(method, root)


@cache
def _known_requests(method: str, root: str) -> tuple[tuple[str, str], ...]:
    from policy.knowledge.routes import routes, with_root

    found = [
        (with_root(route.path, root), with_root(route.witness.partition("?")[0], root))
        for route in routes()
        if route.method == method and not route.path.startswith("/{")
    ]
    return tuple(dict.fromkeys(found))


_NUMBERS = ("0020000D", "0020000E", "00080018", "00100020")
_NAMES = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID")
_PATIENT_BY_MISTAKE = "00100010"


def reading(policy: Policy) -> tuple[bool, ...]:
    """How a release reads the arguments of a search."""
    flags = policy.behaviour
    return (
        flags.search_names,
        flags.patient_id_number,
        flags.search_wildcards,
        flags.search_arguments_lower_case_only,
        flags.search_arguments_ignore_case,
    )


@cache
def argument_forms(readings: tuple[tuple[bool, ...], ...]) -> tuple[tuple[Mapping[str, str], str], ...]:
    """Query strings, simple ones first, that between them give every combination that these readings tell apart."""
    found: list[tuple[dict[str, str], str]] = []
    spellings: list[list[dict[str, str]]] = []
    for number, name in zip(_NUMBERS, _NAMES, strict=True):
        value = "1.2.840.113619.2.1" if number != _NUMBERS[3] else "P1"
        numbers = [number, _PATIENT_BY_MISTAKE] if number == _NUMBERS[3] else [number]
        forms: list[dict[str, str]] = [{}, {name: value}, *({one: value} for one in numbers)]
        forms += [{**forms[1], **dict.fromkeys(numbers, value), name.lower(): value, number.lower(): value}]
        if len(readings) > 1:
            forms += [{number.lower(): value}, {number: value, number.lower(): value}, {number: f"{value}*"}]
        spellings.append(forms)
    for combination in product(*(range(len(forms)) for forms in spellings)):
        arguments: dict[str, str] = {}
        for forms, choice in zip(spellings, combination, strict=True):
            arguments.update(forms[choice])
        found.append((arguments, "&".join(f"{key}={value}" for key, value in arguments.items())))
    found.sort(key=lambda pair: (len(pair[0]), len(pair[1])))
    study = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
    found.append(({"resources": study}, f"resources={study}"))
    return tuple((MappingProxyType(arguments), query) for arguments, query in found)
