"""Which kinds of targets a policy treats alike, whatever the identifiers in them: proved, so that one stands for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from policy import patterns
from policy.engine.request import Seen
from policy.engine.route import seen_of
from policy.errors import PolicyError
from policy.questions.classes import Partition, literal
from policy.questions.replay_logs import NGINX
from policy.questions.replay_tables import DICOM_UID, DICOM_UID_PATTERN, ORTHANC_ID, ORTHANC_ID_PATTERN, Request

if TYPE_CHECKING:
    from policy.engine import Policy
    from policy.patterns import Pattern
    from policy.questions.replay import Gate

_AT_ONCE = 24
"""How many kinds are looked at in one partition."""
_FEW = 8
"""Kinds with no more targets than this are not worth a proof."""
_MARKS = re.compile(f"({re.escape(ORTHANC_ID)}|{re.escape(DICOM_UID)})")
_LANGUAGES = {ORTHANC_ID: ORTHANC_ID_PATTERN, DICOM_UID: DICOM_UID_PATTERN}


def uneven(policies: Sequence[Policy], requests: Iterable[Request], gate: Gate) -> dict[str, set[str]]:
    """For each kind of log the masked targets whose requests may get different answers, or were not looked at."""
    found: dict[str, set[str]] = {}
    kinds: dict[tuple[str, str, str], int] = {}
    samples: dict[tuple[str, str, str], str] = {}
    for one in requests:
        if one.masked != one.target:
            key = one.kind, one.method, one.masked
            kinds[key] = kinds.get(key, 0) + one.distinct
            samples[key] = one.target
    wanted: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for (kind, method, masked), distinct in kinds.items():
        seen = _seen(kind, method, masked, samples[kind, method, masked], gate) if distinct > _FEW else None
        if seen is None:
            found.setdefault(kind, set()).add(masked)
        elif _MARKS.search(seen.path):
            wanted.setdefault(seen.method, {}).setdefault(seen.path, []).append((kind, masked))
    for method, paths in wanted.items():
        proved = _alike(policies, method, list(paths))
        for path, targets in paths.items():
            if path not in proved:
                for kind, masked in targets:
                    found.setdefault(kind, set()).add(masked)
    return found


def _seen(kind: str, method: str, masked: str, sample: str, gate: Gate) -> Seen | None:
    """The masked request as the filter sees it; None where masking is not the same before and after the proxy."""
    if kind == NGINX:
        behind, real = gate(masked), gate(sample)
        if behind is None or real is None:
            return None
        masked, sample = behind, real
    try:
        seen, _ = seen_of(f"{method} {masked}", None)
        shown, _ = seen_of(f"{method} {sample}", None)
    except PolicyError:
        return None
    if not isinstance(seen, Seen) or not isinstance(shown, Seen) or not language(seen.path).matches(shown.path):
        return None
    return seen


def _alike(policies: Sequence[Policy], method: str, paths: Sequence[str]) -> set[str]:
    """The masked paths all of whose requests are of one class."""
    found: set[str] = set()
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        try:
            partition = Partition(policies, methods=[method], marks=[language(path) for path in some])
        except PolicyError:
            continue
        sides: list[set[object]] = [set() for _ in some]
        for one in partition.classes:
            for mark in one.marks:
                sides[mark].add((one.sides, one.certain))
        found.update(path for path, seen in zip(some, sides, strict=True) if len(seen) == 1)
    return found


def language(path: str) -> Pattern:
    """All paths that a masked path stands for.

    >>> language("/studies/~o~/archive").matches("/studies/b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c/archive")
    True
    """
    pieces = (_LANGUAGES.get(piece) or literal("resource", piece)[1:-1] for piece in _MARKS.split(path))
    return patterns.compile(f"^{''.join(pieces)}$")
