"""The built-in list of a release of the plugin, and what an own list lacks of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from policy.knowledge.plugin import alias, closest, releases
from policy.knowledge.routes import DICOM_WEB_ROOT
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.permissions import rows
from policy.lint.views.route_table import is_here, table
from policy.records import dataclass
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.knowledge.plugin import Release
    from policy.knowledge.versions import Version
    from policy.lint.context import Context
    from policy.lint.views.coverage import Coverage
    from policy.lint.views.route_table import Known

_LEAST_ROWS, _LEAST_SHARE = 8, 0.6
"""How much of a list must stand letter by letter in a built-in one for it to be called a copy."""
_FEW = 0.25
_WHOLE = regex(r"\^?([A-Za-z0-9/_-]+)\$?")
_LITERAL = regex(r"\^?([A-Za-z0-9/_-]*)(?![*+?{|])")


class BuiltIn:
    """One effective rule of a built-in list: ``written`` as the list has it, ``text`` as it is used."""

    def __init__(self, method: str, written: str, text: str, names: frozenset[str]) -> None:
        self.method = method
        self.written = written
        self.text = text
        self.names = names

    @cached_property
    def _matches(self) -> Callable[[str], bool]:
        whole = _WHOLE.fullmatch(self.text)
        if whole is not None:
            return whole[1].__eq__
        # The built-in lists use nothing that Boost and Python read differently (a test says so), and Python is quicker.
        fullmatch = re.compile(self.text, re.DOTALL | re.ASCII).fullmatch
        return lambda path: fullmatch(path) is not None

    @cached_property
    def literal(self) -> str:
        """Text with which every path that it matches begins."""
        found = _LITERAL.match(self.text)
        # A sign that repeats or stands in a choice belongs to what follows it.
        return found[1] if found is not None and "|" not in self.text[: found.end() + 1] else ""

    def matches(self, path: str) -> bool:
        """Whether the whole path matches."""
        return path.startswith(self.literal) and self._matches(path)


@cache
def built_in(version: Version) -> tuple[BuiltIn, ...]:
    """The rules of the newest release that is not newer than ``version``, in order."""
    return tuple(_expanded(closest(version)))


def _expanded(release: Release) -> Iterator[BuiltIn]:
    for rule in release.default_rules:
        method, names = rule.method.upper(), frozenset(rule.names)
        if rule.pattern == alias().name and release.single_resource_patterns:
            for known in release.single_resource_patterns:
                yield _built(method, rule.pattern, known.text(DICOM_WEB_ROOT), names)
        else:
            yield _built(method, rule.pattern, _rooted(rule.pattern), names)


def _rooted(pattern: str) -> str:
    return pattern.replace("DICOM_WEB_ROOT", DICOM_WEB_ROOT.strip("/"), 1)


@cache
def _built(method: str, written: str, text: str, names: frozenset[str]) -> BuiltIn:
    """One object for a rule of many releases, so that its pattern is compiled once."""
    return BuiltIn(method, written, text, names)


def asked_by_default(version: Version, method: str, path: str) -> frozenset[str] | None:
    """The permissions that the built-in list of ``version`` asks for; None where it has no rule."""
    rule = next((rule for rule in _with_method(version, method) if rule.matches(path)), None)
    return rule.names if rule is not None else None


@dataclass(frozen=True, slots=True)
class Lack:
    """A built-in rule that an own list lacks, with a known route that is refused therefore, and since when it is
    built in.
    """

    rule: BuiltIn
    known: Known
    since: Version


@dataclass(frozen=True, slots=True)
class Comparison:
    """An own list beside the built-in ones.

    ``shared`` of its ``rows`` stand in the list of ``versions`` (the nearest ones, oldest first).
    ``lacks`` are those of the ``all`` rules of this server's version that cover known routes which the own list does not.
    """

    rows: int
    shared: int
    versions: tuple[Version, ...]
    lacks: tuple[Lack, ...]
    all: int

    @property
    def copied(self) -> bool:
        """Whether the list is a copy of a built-in one, perhaps with changes."""
        return self.shared >= _LEAST_ROWS and self.shared >= _LEAST_SHARE * self.rows

    @property
    def few(self) -> bool:
        """Whether it covers less than a quarter of what the built-in list covers, and is no copy of a list."""
        return not self.copied and self.all - len(self.lacks) < _FEW * self.all

    @property
    def added(self) -> tuple[Lack, ...]:
        """The rules it lacks that came after the version it was copied from."""
        return tuple(lack for lack in self.lacks if lack.since > self.versions[-1])

    @property
    def named(self) -> str:
        """The versions in words."""
        first, last = self.versions[0], self.versions[-1]
        return str(first) if first == last else f"{first} to {last}"


def comparison(server: OrthancServer, context: Context) -> Comparison | None:
    """The own list ``Permissions`` of ``server`` beside the built-in lists; None where it has none or nothing counts."""
    if own_list(server) is None:
        return None
    return context.once(("comparison", id(server)), lambda: _comparison(server, context))


def _comparison(server: OrthancServer, context: Context) -> Comparison | None:
    covered = coverage(server, context)
    default = built_in(server.plugin.version)
    if covered is None or not default:
        return None
    written = {(row.method, row.pattern) for row in rows(server) if row.option == "Permissions"}
    best: tuple[int, int] = (0, 0)
    versions: list[Version] = []
    for release in releases():
        known = {(rule.method, rule.pattern) for rule in release.default_rules}
        score = (len(written & known), -len(known - written))
        if known and (score > best or not versions):
            best, versions = score, [release.version]
        elif known and score == best:
            versions.append(release.version)
    lacks = tuple(_lacks(server, covered, default, written, context))
    return Comparison(len(written), best[0], tuple(versions), lacks, len(default))


def _lacks(
    server: OrthancServer,
    covered: Coverage,
    default: Iterable[BuiltIn],
    written: set[tuple[str, str]],
    context: Context,
) -> Iterator[Lack]:
    """The built-in rules that cover some known route of this server for which the own list has no rule."""
    by_method: dict[str, list[Known]] = {}
    for known in table(server, context).all:
        by_method.setdefault(known.method, []).append(known)
    for rule in default:
        if (rule.method.lower(), rule.written) in written:
            continue
        for known in by_method.get(rule.method, ()):
            if (
                known.path.startswith(rule.literal)
                and is_here(known.route, server)
                and rule.matches(known.path)
                and covered.rule(known.method, known.path) is None
                and not covered.is_open(known.method, known.path)
            ):
                yield Lack(rule, known, since(known.method, known.path))
                break


def since(method: str, path: str) -> Version:
    """The first release whose built-in list covers the route, by whatever rule."""
    before: tuple[BuiltIn, ...] = ()
    for release in releases():
        rules = _with_method(release.version, method)
        # Most releases leave the rules of a method as they were.
        if rules != before and any(rule.matches(path) for rule in rules):
            return release.version
        before = rules
    return releases()[-1].version


@cache
def _with_method(version: Version, method: str) -> tuple[BuiltIn, ...]:
    return tuple(rule for rule in built_in(version) if rule.method == method)


def by_area(lacks: Iterable[Lack]) -> dict[str, list[Lack]]:
    """The lacking rules by what they are about, in words, what hurts most first."""
    found: dict[str, list[Lack]] = {}
    for lack in lacks:
        found.setdefault(_area(lack), []).append(lack)
    order = [area for _, area in _AREAS]
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def _area(lack: Lack) -> str:
    path = lack.rule.text if lack.known.template.startswith(DICOM_WEB_ROOT) else lack.known.template
    return next((area for words, area in _AREAS if any(word in path for word in words)), lack.known.template)


_AREAS = (
    (("dicom-web/(studies", "dicom-web/studies", "dicom-web/series"), "DICOMweb"),
    (("dicom-web/servers", "dicom-web/(servers"), "remote DICOMweb servers"),
    (("/labels",), "labels"),
    (("/tools/find", "/tools/lookup", "/tools/count"), "searches"),
    (("/tools/bulk-",), "bulk changes"),
    (("/merge", "/modify", "/anonymize"), "changes of studies"),
    (("create-dicom", "/stl/"), "uploads"),
    (("/modalities", "/peers", "/queries"), "modalities and peers"),
    (("/worklists",), "worklists"),
    (("/jobs",), "jobs"),
    (("/auth/settings", "/auth/audit"), "settings of roles"),
    (("/auth/tokens", "/ui/api/emails"), "sharing"),
    (("/plugins", "/system", "/statistics", "/changes", "/tools/"), "server information"),
    (("/web-viewer", "/osimis-viewer", "/wsi"), "older viewers"),
    (("/patients", "/studies", "/series", "/instances"), "patients, studies, series and instances"),
)


@cache
def _rows_of(position: int) -> dict[tuple[str, str, frozenset[str]], int]:
    rules = releases()[position].default_rules
    return {(rule.method, rule.pattern, frozenset(rule.names)): index for index, rule in enumerate(rules)}


@cache
def _texts_of(position: int) -> frozenset[tuple[str, str]]:
    return frozenset((rule.method, rule.pattern) for rule in releases()[position].default_rules)


def _newest_first() -> range:
    return range(len(releases()) - 1, -1, -1)


def stands_in_some_list(method: str, pattern: str) -> bool:
    """Whether a rule, its method in small letters, is a built-in one of some release."""
    return any((method, pattern) in _texts_of(position) for position in _newest_first())


def stands_in_newest_list(method: str, pattern: str) -> bool:
    """Whether a rule, its method in small letters, is a built-in one of the newest release."""
    return (method, pattern) in _texts_of(len(releases()) - 1)


def from_some_list(method: str, pattern: str) -> BuiltIn | None:
    """The rule, its method in small letters, if it is a built-in one of some release and no alias."""
    if pattern == alias().name or not stands_in_some_list(method, pattern):
        return None
    return _built(method.upper(), pattern, _rooted(pattern), frozenset())


def ordered_as_built_in(written: Sequence[tuple[str, str, frozenset[str]]]) -> bool:
    """Whether rows (method in small letters, pattern, names) stand in this order in the built-in list of some release."""
    for position in _newest_first():
        known = _rows_of(position)
        places = [known.get(row) for row in written]
        if None not in places and places == sorted(place for place in places if place is not None):
            return True
    return False
