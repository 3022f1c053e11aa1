"""What is wrong with a rule that matches no known route, or none with its method: one diagnosis for each rule.

Several lint rules share it, so that one mistake is told once.
"""

from __future__ import annotations

import enum
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from policy.errors import PolicyError
from policy.knowledge.routes import DICOM_WEB_ROOT, routes
from policy.lint.views.built_in import from_some_list, stands_in_newest_list
from policy.lint.views.own_rules import known_of
from policy.lint.views.route_table import fewest_slashes, is_here, methods_of, surroundings, table, table_for
from policy.lint.views.unchecked import dicom_web_root
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.own_rules import Own
    from policy.lint.views.route_table import Known
    from policy.patterns import Pattern


class Fault(enum.StrEnum):
    """Why a rule does not do what it looks like."""

    ALIAS = "alias"
    """SINGLE_RESOURCE_PATTERNS where it is not replaced."""
    ROOT = "root"
    """DICOM_WEB_ROOT where it is not, or not rightly, replaced."""
    EMPTY = "empty"
    """No path at all matches."""
    NO_SLASH = "no-slash"
    """Only texts that do not begin with a slash match."""
    QUERY = "query"
    """Only texts with a question mark match."""
    PREFIX = "prefix"
    """Written as a prefix; the whole path must match."""
    BELOW_DICOM_WEB = "below-dicom-web"
    """A route of the core, looked for below DICOMweb."""
    OTHER_ROOT = "other-root"
    """Below /dicom-web/, where DICOMweb does not answer on this server."""
    NOT_HERE = "not-here"
    """A known route, but not of this version with these plugins."""
    METHOD = "method"
    """Known routes, none of which has the method."""
    NEAR = "near"
    """No known route, but nearly one."""
    UNKNOWN = "unknown"
    """No known route: of a plugin of one's own, or a mistake."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A fault; ``known`` are the routes that it is about, ``instead`` a word or pattern that was probably meant."""

    fault: Fault
    known: tuple[Known, ...] = ()
    instead: str = ""
    word: str = ""
    sampled: bool = False


ALIAS = "SINGLE_RESOURCE_PATTERNS"
ROOT = "DICOM_WEB_ROOT"
SEED = 0
"""Of the paths that are tried where nothing can be proved."""
_ALIAS_LIKE = re.compile(r"single[\s_-]*res+ources?[\s_-]*patt?erns?", re.IGNORECASE)
_ROOT_LIKE = re.compile(r"[$%{]*(?:DICOM[\s_-]?WEB[\s_-]?ROOT)\b[}%]*", re.IGNORECASE)
_QUESTION = re.compile(r"\\\?|\[[^]]*\?|\\x|\\Q|#")
"""Without one of these no pattern insists on a question mark."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_NOT_WORDS = re.compile(r"\[[^]]*\]|\\.|\(\?[^:)]*[:)]|\{[0-9, ]*\}")


def diagnosis(own: Own, server: OrthancServer, context: Context) -> Diagnosis | None:
    """The fault of the row; None where it matches known routes with its method, as rules do."""
    rules = tuple((rule.method, rule.compiled) for rule in own.rules)
    key = ("diagnosis", own.row.method, own.row.pattern, own.rule.origin.alias, rules, surroundings(server))
    return context.once(key, lambda: _diagnosis(own, server, context))


def _diagnosis(own: Own, server: OrthancServer, context: Context) -> Diagnosis | None:
    written = own.row.pattern
    method = own.rule.method
    if stands_in_newest_list(own.row.method, written) and own.rule.origin.alias == (ALIAS if written == ALIAS else ""):
        return None  # no mistake of whoever copied it
    copied = from_some_list(own.row.method, written)
    if copied is not None and any(
        known.method == method and is_here(known.route, server) and copied.matches(known.path)
        for known in table(server, context).all
    ):
        return None
    found = known_of(own, server, context)
    if own.rule.origin.alias:
        return None if method in methods_of(found) else Diagnosis(Fault.METHOD, found)
    if _ALIAS_LIKE.search(written):
        return Diagnosis(Fault.ALIAS, instead=ALIAS)
    root = _root(written)
    if root is not None:
        return root
    if any(known.method == method and is_here(known.route, server) for known in found):
        return None
    pattern = own.rule.compiled
    if not found:
        absent = _absent(own, server, context)
        if absent is not None:
            return absent
        found = table(server, context).met(pattern)
    if not found:
        return None if _asked_by_a_client(own) else _near(own, server, context) or Diagnosis(Fault.UNKNOWN)
    here = tuple(known for known in found if is_here(known.route, server))
    if not here:
        return Diagnosis(Fault.NOT_HERE, found)
    if method not in methods_of(here):
        if method in methods_of(found):
            return Diagnosis(Fault.NOT_HERE, tuple(known for known in found if known.method == method))
        return Diagnosis(Fault.METHOD, here)
    return None


def _asked_by_a_client(own: Own) -> bool:
    """Whether a known client sends such a request: then some plugin or script has the route."""
    from policy.knowledge.clients import requests

    method, pattern = own.rule.method, own.rule.compiled
    start = pattern.prefix.decode("utf-8", "replace")
    return any(
        request.witness.startswith(start)
        and request.method == method
        and pattern.matches(request.witness.partition("?")[0])
        for request in requests()
    )


def _root(written: str) -> Diagnosis | None:
    """What is wrong with the placeholder for the DICOMweb root: the plugin replaces its first mention, letter by letter."""
    words = list(_ROOT_LIKE.finditer(written))
    for word in words:
        if word.group() != ROOT:
            return Diagnosis(Fault.ROOT, instead=ROOT, word=word.group())
    if len(words) > 1:
        return Diagnosis(Fault.ROOT, instead="", word=ROOT)
    if words and written[: words[0].start()].lstrip("^") == "":
        return Diagnosis(Fault.ROOT, instead=f"/{ROOT}", word=ROOT)
    if words and written[words[0].end() :].startswith("//"):
        return Diagnosis(Fault.ROOT, instead=f"{ROOT}/", word=f"{ROOT}//")
    return None


def _absent(own: Own, server: OrthancServer, context: Context) -> Diagnosis | None:
    """Whether no request at all can match, and why."""
    from policy.patterns import compile as compiled
    from policy.patterns.language import intersection, some

    pattern = own.rule.compiled
    if not pattern.analysable:
        return _absent_by_sample(pattern)
    plain = pattern.prefix.startswith(b"/") and _QUESTION.search(own.rule.pattern) is None
    try:
        if plain and fewest_slashes(pattern) is not None:
            return None
        path = some(pattern)
        if path is None:
            return Diagnosis(Fault.EMPTY)
        if not path.startswith("/") and intersection(pattern, compiled("^/.*$")) is None:
            slashed = _compiled(f"/(?:{_bare(own.rule.pattern)})")
            near = table(server, context).matched(slashed) if slashed is not None else ()
            return Diagnosis(Fault.NO_SLASH, near)
        if "?" in path and intersection(pattern, compiled("^[^?]*$")) is None:
            head = _compiled(re.split(r"\\\?|\[\?\]", _bare(own.rule.pattern))[0])
            return Diagnosis(Fault.QUERY, table(server, context).matched(head) if head is not None else ())
    except PolicyError:
        return None
    return None


def _absent_by_sample(pattern: Pattern) -> Diagnosis | None:
    from policy.patterns.sampling import sample

    seen = sample(pattern, seed=SEED)
    if not seen.paths:
        return Diagnosis(Fault.EMPTY, sampled=True)
    if not any(path.startswith("/") for path in seen.paths):
        return Diagnosis(Fault.NO_SLASH, sampled=True)
    return None


def _near(own: Own, server: OrthancServer, context: Context) -> Diagnosis | None:
    """What was probably meant by a rule that matches no known route."""
    known = table(server, context)
    text = own.rule.pattern
    bare = _bare(text)
    root = dicom_web_root(server)
    if root != DICOM_WEB_ROOT and bare.startswith(DICOM_WEB_ROOT):
        found = table_for(DICOM_WEB_ROOT, context).matched(own.rule.compiled)
        if found:
            return Diagnosis(Fault.OTHER_ROOT, found, instead=root)
    if text.lstrip("^").startswith(root):
        above = _compiled("/" + _bare(text).removeprefix(root))
        found = known.matched(above) if above is not None else ()
        if found:
            return Diagnosis(Fault.BELOW_DICOM_WEB, found, instead=f"^/{bare.removeprefix(root)}$")
    if not text.rstrip().endswith(("$", "*", "+", "*)", "+)", "*)?", "|/.*)")):
        for more in ("/.*", ".*"):
            longer = _compiled(f"(?:{bare.rstrip('/')}){more}")
            found = known.matched(longer) if longer is not None else ()
            if found:
                return Diagnosis(Fault.PREFIX, found, instead=f"^{bare.rstrip('/')}{more}$")
    for word, other in _replacements(text):
        replaced = _compiled(replace_word(text, word, other))
        found = known.matched(replaced) if replaced is not None else ()
        if found:
            return Diagnosis(Fault.NEAR, found, instead=other, word=word)
    return None


def replace_word(text: str, word: str, other: str) -> str:
    """``text`` with another word wherever ``word`` stands whole."""
    return re.sub(rf"(?<![A-Za-z0-9_-]){re.escape(word)}(?![A-Za-z0-9_-])", other, text)


@lru_cache(maxsize=1024)
def _replacements(text: str) -> tuple[tuple[str, str], ...]:
    """Words of the pattern that no known route has, each with a word of a route that may have been meant."""
    from policy.lint.nearby import nearest

    words = route_words()
    unknown = [word for word in dict.fromkeys(_WORD.findall(_NOT_WORDS.sub(" ", text))) if word not in words]
    return tuple((word, other) for word in unknown if len(word) > 2 for other in nearest(word, words))


@cache
def route_words() -> frozenset[str]:
    """Every word that stands literally in a known route."""
    return frozenset(
        word
        for route in routes()
        for word in re.split(r"[/.]", re.sub(r"\{[^}]*\}|\*", "", route.path))
        if len(word) > 2
    )


def _bare(text: str) -> str:
    return text.removeprefix("^").removesuffix("$")


def _compiled(text: str) -> Pattern | None:
    from policy.patterns import compile as compiled

    try:
        return compiled(text)
    except PolicyError:
        return None
