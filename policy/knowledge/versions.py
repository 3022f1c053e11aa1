"""Version numbers of Orthanc, its plugins and its images: parsed, ordered, printed, and ranges of them.

All of these projects number in the same way: whole numbers between dots, sometimes with a suffix.
"""

from __future__ import annotations

import re
from functools import lru_cache

from policy.errors import UnknownVersion
from policy.records import dataclass, field
from policy.regex import regex

_NUMBERS = regex(r"[vV]?(\d{1,9}(?:\.\d{1,9}){0,7})(.*)", re.DOTALL | re.ASCII)
_SUFFIX = regex(r"(?:[-+._][0-9A-Za-z]|[A-Za-z])[0-9A-Za-z.+_-]{0,63}")
_BEFORE_RELEASE = ("a", "alpha", "b", "beta", "dev", "pre", "rc", "snapshot")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version, ordered as people read it: ``0.9.4 < 0.10.0``, ``25.9`` equals ``25.9.0``.

    ``initial`` (the Authorization plugin before it had numbers) comes before every number.
    A suffix such as ``+d4a8203b3390`` comes after the plain number, ``-rc1`` before it.

    >>> Version.parse("0.9.4") < Version.parse("0.10.0")
    True
    >>> str(Version.parse("25.9.0"))
    '25.9.0'
    """

    release: tuple[int, ...]
    """The numbers, without trailing zeros, so that equal versions are equal values."""
    phase: int = 0
    """-1 before the release (``-rc1``), 0 the release, 1 after it (``+changeset``)."""
    suffix: str = ""
    text: str = field(default="", compare=False, repr=False)

    @staticmethod
    def parse(text: str | Version) -> Version:
        """The version that ``text`` writes; a :class:`Version` is handed back as it is.

        Raises :class:`policy.errors.UnknownVersion` if ``text`` is no version.
        """
        return text if isinstance(text, Version) else _parse(text)

    @staticmethod
    def try_parse(text: str | Version) -> Version | None:
        """The version that ``text`` writes, or None if it is no version."""
        try:
            return Version.parse(text)
        except UnknownVersion:
            return None

    def __str__(self) -> str:
        return self.text or ".".join(map(str, self.release)) or "initial"


@lru_cache(maxsize=1024)
def _parse(text: str) -> Version:
    stripped = text.strip()
    if stripped == "initial":
        return Version((), text="initial")
    match = _NUMBERS.fullmatch(stripped)
    if match is None or (match[2] and not _SUFFIX.fullmatch(match[2])):
        raise UnknownVersion(f"{text[:80]!r} is not a version", help="Write numbers between dots, such as 0.11.4.")
    numbers = [int(part) for part in match[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    suffix = match[2].lower()
    word = re.sub(r"[^a-z].*", "", suffix.lstrip("-+._"), flags=re.DOTALL)
    phase = 0 if not suffix else -1 if word in _BEFORE_RELEASE and not suffix.startswith("+") else 1
    return Version(tuple(numbers), phase, suffix, stripped.lstrip("vV"))


@dataclass(frozen=True, slots=True)
class Range:
    """The versions from ``since`` to ``until``, both included; None is an open end.

    >>> Version.parse("0.9.1") in Range.parse("0.9.0..0.9.4")
    True
    >>> str(Range.parse("0.10.0.."))
    '0.10.0 and later'
    """

    since: Version | None = None
    until: Version | None = None

    @staticmethod
    def parse(text: str) -> Range:
        """The range that ``A..B``, ``A..``, ``..B``, ``A`` (this version alone) or the empty text (all) writes."""
        text = text.strip()
        if ".." not in text:
            only = Version.parse(text) if text else None
            return Range(only, only)
        first, _, last = text.partition("..")
        return Range(Version.parse(first) if first.strip() else None, Version.parse(last) if last.strip() else None)

    def __contains__(self, version: Version) -> bool:
        return (self.since is None or self.since <= version) and (self.until is None or version <= self.until)

    def overlaps(self, other: Range) -> bool:
        """Whether some version may be in both ranges."""
        return not (
            (self.until is not None and other.since is not None and self.until < other.since)
            or (other.until is not None and self.since is not None and other.until < self.since)
        )

    def __str__(self) -> str:
        if self.since is None:
            return "all versions" if self.until is None else f"up to {self.until}"
        if self.until is None:
            return f"{self.since} and later"
        return str(self.since) if self.since == self.until else f"{self.since} to {self.until}"


ALL = Range()
"""Every version."""
