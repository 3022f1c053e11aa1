"""The sources of one run: those that were given, and those that a deployment names and that lie beside it."""

from __future__ import annotations

import os
from pathlib import Path

from policy.configuration.reading import Files
from policy.configuration.recognise import EXPECTED, Recognised, read_as, recognise
from policy.configuration.source import Kind, Source
from policy.errors import PolicyError, ShapeError
from policy.records import dataclass, field

STDIN = "<stdin>"
_SMALLER = "Write the values out, or split the file."
_ATTACKS = {
    "too-large": ("the file holds too many values", _SMALLER),
    "too-many-mistakes": ("the file breaks the syntax of JSON at too many places, this is the first", "Begin with it."),
    "alias-loop": ("an alias stands inside of what it is an alias for", _SMALLER),
    "deep-nesting": ("the file is nested too deeply", _SMALLER),
}
"""Kinds of problems of a text on which the tool stops: in words, and what to do."""


class NotRecognised(ShapeError):
    """A file that was named and holds nothing that the tool knows."""


@dataclass(slots=True)
class Registry:
    """Every source of a run, once."""

    files: Files
    sources: list[Source] = field(default_factory=list)
    _by_path: dict[str, Source] = field(default_factory=dict)

    def give(self, path: Path) -> Source:
        """The file that somebody named.

        Raises :class:`policy.errors.PolicyError` where it cannot be read or is nothing that the tool knows.
        """
        return self._known(path) or self._require(path)

    def _require(self, path: Path) -> Source:
        source = self._recognised(path, found=False)
        if source is None:
            raise NotRecognised(
                "this is nothing that can be linted" if self.files.read(path).strip() else "the file is empty",
                file=self.files.name(path),
                help=f"Expected {EXPECTED}.",
            )
        return source

    def give_folder(self, folder: Path) -> list[Source]:
        """What a folder holds of the kinds that are known; other files are passed over in silence.

        Raises :class:`policy.errors.PolicyError` where nothing is found in it, and where a file that may be one of them
        cannot be read: to say that nothing is wrong with the rest would be a false comfort.
        """
        found = []
        for path in self.files.search(folder):
            source = self._known(path) or self._recognised(path, found=True)
            if source is not None:
                found.append(source)
        if not found:
            raise ShapeError(
                "nothing in this folder can be linted", file=self.files.name(folder), help=f"Expected {EXPECTED}."
            )
        return found

    def give_text(self, data: bytes, kind: Kind | None) -> Source:
        """The text of standard input, taken for ``kind`` or recognised.

        Raises :class:`policy.errors.ShapeError` where it is nothing that the tool knows.
        """
        recognised = read_as(kind, data) if kind is not None else recognise(data)
        if recognised is None:
            raise ShapeError(
                "this is nothing that can be linted" if data.strip() else "standard input is empty",
                file=STDIN,
                help=f"Say what it is with --as, or give {EXPECTED}.",
            )
        return self._add(STDIN, str(self.files.here), recognised, None)

    def beside(self, path: Path, kind: Kind, root: Path) -> Source | None:
        """A file that another one names: a given one, else read if it lies in ``root`` (links resolved).

        None where it does not exist, lies elsewhere, cannot be read or is a folder.
        ``kind`` is what it is taken for where its content does not tell.
        """
        known = self._known(path)
        if known is not None:
            return known
        if not self.files.exists_within(path, root):
            return None
        try:
            data = self.files.read(path)
        except PolicyError:
            return None
        recognised = None if kind is Kind.ENVIRONMENT else recognise(data, suffix=_suffix(path))
        if recognised is None or (recognised.kind is not kind and kind is Kind.COMPOSE):
            recognised = read_as(kind, data)
        return self._add(self.files.name(path), _folder(self.files, path), recognised, self._key(path))

    def has(self, path: Path) -> bool:
        """Whether the file at ``path`` is among the sources."""
        return self._known(path) is not None

    def raw(self, path: Path, root: Path) -> str | None:
        """The text of a small file in ``root`` that is no configuration, such as a secret; None where there is none."""
        if not self.files.exists_within(path, root):
            return None
        try:
            return self.files.read(path).decode("utf-8", "replace")
        except PolicyError:
            return None

    def _recognised(self, path: Path, *, found: bool) -> Source | None:
        recognised = recognise(self.files.read(path), suffix=_suffix(path), found=found)
        if recognised is None:
            return None
        return self._add(self.files.name(path), _folder(self.files, path), recognised, self._key(path))

    def _key(self, path: Path) -> str:
        try:
            return os.path.realpath(self.files.here / path)
        except (OSError, ValueError):  # such a path cannot exist; reading it will say so
            return str(path)

    def _known(self, path: Path) -> Source | None:
        return self._by_path.get(self._key(path))

    def _add(self, name: str, folder: str, recognised: Recognised, key: str | None) -> Source:
        _require_bounded(name, recognised)
        source = Source(name, recognised.kind, recognised.document, folder, bare_section=recognised.bare_section)
        self.sources.append(source)
        if key is not None:
            self._by_path[key] = source
        return source


def _require_bounded(name: str, recognised: Recognised) -> None:
    """Refuse a text that was built to grow without end, or is no text of its kind at all, instead of working on a part."""
    problem = recognised.document.problem
    if problem is None or problem.kind not in _ATTACKS:
        return
    position = recognised.document.position(problem.span.start)
    words, cure = _ATTACKS[problem.kind]
    raise ShapeError(
        f"{words} ({problem.detail})" if problem.detail else words,
        file=name,
        line=position.line,
        column=position.column,
        help=cure,
    )


def _suffix(path: Path) -> str:
    return path.suffix.lower()


def _folder(files: Files, path: Path) -> str:
    return str(files.absolute(path).parent)
