"""The effective rules: the list of the configuration or the built-in one, the alias expanded, the root put in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from policy import patterns
from policy.engine.behaviour import Behaviour
from policy.engine.settings import SECTION, Locate, Origin, Path, Settings, refuse
from policy.knowledge import plugin
from policy.records import dataclass, field

METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Rule:
    """One effective rule.

    ``index`` counts all effective rules from 0, in order; ``method`` is in capitals; ``pattern`` is the text as the
    plugin uses it; ``permissions`` are the names of which one is enough, empty for everybody.
    """

    index: int
    method: str
    pattern: str
    permissions: frozenset[str]
    origin: Origin
    compiled: patterns.Pattern = field(compare=False, repr=False)

    @property
    def location(self) -> Any:
        """The place of the rule in a file, None for a built-in rule or where no file is known."""
        return self.origin.location

    @property
    def open(self) -> bool:
        """Whether the rule asks for no permission at all."""
        return not self.permissions

    def __str__(self) -> str:
        names = " or ".join(sorted(map(repr, self.permissions))) or "nothing"
        return f"{self.method} {self.pattern} asks for {names} ({self.origin})"


def read(
    configuration: Mapping[str, Any],
    settings: Settings,
    release: plugin.Release,
    flags: Behaviour,
    locate: Locate | None,
) -> tuple[Rule, ...]:
    """The effective rules in order, empty where profiles are off: then the lists are not even read.

    Raises :class:`policy.errors.ServerRefuses` where a list is wrong.
    """
    if not settings.profiles:
        return ()
    section = configuration[SECTION]
    rows: list[tuple[str, str, str, Origin]] = []
    if "Permissions" in section:
        rows.extend(_rows(section["Permissions"], "Permissions", locate))
    else:
        origin = Origin("default", name=str(release.version))
        rows.extend((rule.method, rule.pattern, rule.permissions, origin) for rule in release.default_rules)
    if flags.extra_permissions and "ExtraPermissions" in section:
        rows.extend(_rows(section["ExtraPermissions"], "ExtraPermissions", locate))
    root = settings.dicom_web_root
    rules: list[Rule] = []
    for method, pattern, permissions, origin in rows:
        for text, alias in _expanded(pattern, root, release):
            where = Origin(origin.by, origin.path, origin.name, alias, origin.location) if alias else origin
            names = frozenset(permissions.split("|")) if permissions else frozenset()
            rules.append(Rule(len(rules), method.upper(), text, names, where, _compiled(text, origin, locate)))
    return tuple(rules)


def _rows(value: Any, key: str, locate: Locate | None) -> Iterator[tuple[str, str, str, Origin]]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        refuse("Permissions should be an array.", SECTION, key, locate=locate)
    for index, row in enumerate(value):
        path: Path = (SECTION, key, index)
        if not isinstance(row, Sequence) or isinstance(row, str | bytes) or len(row) < 3:
            refuse("Permissions elements should be an array of min size 3.", *path, locate=locate)
        method, pattern, permissions = (_as_text(cell, path, locate) for cell in row[:3])
        if not method.isascii() or method.upper() not in METHODS:
            refuse(
                f"Invalid HTTP method {method}",
                *path,
                locate=locate,
                advice="Use get, post, put or delete, in any case.",
            )
        yield method, pattern, permissions, Origin("configuration", path, location=locate(path) if locate else None)


def _as_text(value: Any, path: Path, locate: Locate | None) -> str:
    """The text that JsonCpp makes of a scalar; lists and objects it refuses."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = f"{value:.17g}"
        return text if any(mark in text for mark in ".en") else f"{text}.0"
    if not isinstance(value, str | int):
        refuse("Type is not convertible to string", *path, locate=locate)
    return str(value)


def _expanded(pattern: str, root: str, release: plugin.Release) -> Iterator[tuple[str, str]]:
    """(pattern as the plugin uses it, alias it comes from or the empty text)."""
    alias = plugin.alias().name
    if pattern == alias and release.single_resource_patterns:
        for known in release.single_resource_patterns:
            yield known.text(root), alias
    else:
        yield pattern.replace("DICOM_WEB_ROOT", _inner_root(root), 1), ""


def _inner_root(root: str) -> str:
    """The root without one slash at each end; a lone slash stays."""
    if len(root) > 1 and root.startswith("/"):
        root = root[1:]
    if len(root) > 1 and root.endswith("/"):
        root = root[:-1]
    return root


def _compiled(text: str, origin: Origin, locate: Locate | None) -> patterns.Pattern:
    try:
        return patterns.compile(text)
    except patterns.PatternRefused as error:
        refuse(
            f"{error.reason}: the pattern {text!r} is refused at character {error.position + 1}",
            *origin.path,
            locate=locate,
            advice=error.help,
        )


@lru_cache(maxsize=64)
def _first_match(own: tuple[patterns.Pattern, ...], marks: tuple[patterns.Pattern, ...]) -> patterns.FirstMatch:
    """The walk through these patterns; servers of one deployment often have the same ones, and then share it."""
    return patterns.FirstMatch(own, marks)


class Table(dict[str, patterns.FirstMatch]):
    """First matches by method (one of :data:`METHODS`), each made when it is first asked for.

    ``marks`` makes further patterns, which :meth:`policy.patterns.FirstMatch.meet` looks for as well.
    """

    __slots__ = ("_marks", "_rules")

    def __init__(self, rules: Sequence[Rule], marks: Callable[[], Sequence[patterns.Pattern] | None]) -> None:
        super().__init__()
        self._rules = {method: tuple(rule for rule in rules if rule.method == method) for method in METHODS}
        self._marks = marks

    def __missing__(self, method: str) -> patterns.FirstMatch:
        own = tuple(rule.compiled for rule in self._rules[method])
        return self.setdefault(method, _first_match(own, tuple(self._marks() or ())))

    def rule(self, method: str, met: patterns.Met) -> Rule | None:
        """The rule that a path meets."""
        return None if met.first is None else self._rules[method][met.first]

    def find(self, method: str, path: str) -> Rule | None:
        """The first rule of the method that matches the whole path.

        Raises :class:`policy.patterns.TooComplex` where Boost gives up on the way.
        """
        return self.rule(method, self[method].meet(path)) if self._rules.get(method) else None
