"""Asks Boost itself: compiles the helper beside this file where g++ and the headers of Boost are present."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("boost_oracle.cpp")


class MissingError(Exception):
    """Boost cannot be asked here; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Boost says of a pattern.

    ``refused`` is its message, or None; ``paths`` has for each path whether it matches and how many states were
    visited, or None where Boost gives up.
    """

    refused: str | None
    paths: tuple[tuple[bool, int] | None, ...]


@cache
def helper() -> Path:
    """The compiled helper."""
    compiler = shutil.which("g++")
    if compiler is None:
        raise MissingError("g++ is not installed")
    target = Path(tempfile.mkdtemp(prefix="boost-oracle-")) / "oracle"
    built = subprocess.run(
        [compiler, "-O1", "-o", str(target), str(SOURCE), "-lboost_regex"], capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise MissingError("Boost.Regex cannot be compiled: its headers or its library are missing")
    version = subprocess.run([str(target), "version"], capture_output=True, text=True, check=True).stdout.strip()
    if version != "1_74":
        raise MissingError(f"Boost is {version}, the facts are of 1_74")
    return target


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex() or "-"


def ask(rows: Iterable[tuple[str, Sequence[str]]], *, seconds: float = 100) -> list[Answer]:
    """Boost's answers for patterns with paths."""
    lines = [" ".join([_hex(pattern), *map(_hex, paths)]) for pattern, paths in rows]
    done = subprocess.run(
        [str(helper())], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True, timeout=seconds
    )
    return [_answer(line.split()) for line in done.stdout.splitlines()]


def _answer(fields: list[str]) -> Answer:
    if fields[0] == "refused":
        return Answer(bytes.fromhex(fields[1]).decode("latin-1") if fields[1] != "-" else "", ())
    paths: list[tuple[bool, int] | None] = []
    for field in fields[2:]:
        if field == "!":
            paths.append(None)
        else:
            matched, _, states = field.partition(":")
            paths.append((matched == "1", int(states)))
    return Answer(None, tuple(paths))
