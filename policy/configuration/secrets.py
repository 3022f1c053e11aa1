"""Which values must never be shown, and where they stand in a file.

One place decides for reports, the effective configuration and exports.
It errs on the side of hiding: a password under an unknown name is worse than a name hidden in vain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from policy import text
from policy.configuration import dotenv
from policy.configuration.source import Kind, Source
from policy.knowledge import environment
from policy.regex import regex
from policy.text import Document, Member, Node, Span

MASK = "********"

_WORDS = (
    r"passw(?:or)?d|passwd|passphrase|pwd|secret|credential|private_?key|api_?key|access_?key|account_?key"
    r"|secret_?key|encryption_?key|master_?key|license_?string|connection_?string|connection_?uri|bearer"
)
_TELLING = regex(
    rf"(?:{_WORDS})|(?:^|_|-)(?:pass|pin|token|key|auth)$|(?:access|refresh|id|api|bearer)_?token$", re.IGNORECASE
)
_HARMLESS = regex(
    r"^(?:enable.*|.*(?:path|file|folder|url|uri|headers?|arguments?|enabled|enable|required|policy|validity|name|type)"
    r"|dicomtlsprivatekey|sslcertificate|secrets|.*_secret_update.*)$",
    re.IGNORECASE,
)
_CREDENTIALS_IN_URL = regex(
    r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^\s/:@\"']{0,200}:(?P<password>[^\s/@\"']{1,2000})@", re.IGNORECASE
)
_HEADER = regex(r"\b(?:basic|bearer)\s{1,20}(?P<token>[A-Za-z0-9+/=._~-]{8,})", re.IGNORECASE)
_JWT = regex(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.(?P<token>[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)")
_PEM = regex(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?P<key>(?:(?!-----)[^\"'])+)")
_QUERY = regex(r"[?&](?P<name>[\w.-]{1,64})=(?P<value>[A-Za-z0-9._~+/%-]{4,}=*)")
# In all of these what repeats is bounded, or begins at one place of a run only: the time is linear in the text.
_FORMS = (
    (_CREDENTIALS_IN_URL, "password", ("://",)),
    (_HEADER, "token", ("basic", "bearer")),
    (_JWT, "token", ("eyj",)),
    (_PEM, "key", ("-----begin",)),
)
"""What shows by how it is written, wherever it stands, with the group that is the secret, and texts one of which it
holds in small letters: nearly every sentence holds none."""
_NGINX_VALUE = regex(
    r"""^[ \t]*(?:proxy_set_header|add_header|fastcgi_param|set)[ \t]+\$?(?P<name>[\w-]+)[ \t]+"""
    r"""(?P<quote>["']?)(?P<value>[^\s"';$][^"'\n;]*)(?P=quote)[ \t]*;""",
    re.MULTILINE,
)
_WORD = regex(_WORDS)
_WORD_ANY_CASE = regex(_WORDS, re.IGNORECASE)
_WRITTEN = regex(
    rf"""(?P<quote>["']?)(?<![\w.-])(?P<key>[\w.-]{{0,64}}(?:{_WORDS})[\w.-]{{0,64}})(?P=quote)[ \t]{{0,64}}[:=][ \t]{{0,64}}"""
    r"""(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>[^'\n]*)'|(?P<bare>[^\s"',{}\[\]|>&*][^\s,}\]]*))""",
    re.IGNORECASE,
)
_USERS = regex(r"""RegisteredUsers["']?[\s:,]*\{(?P<users>[^}]*)""", re.IGNORECASE)
_USERS_PASSWORD = regex(r""":[\s,]*["'](?P<password>(?:[^"'\\\n]|\\.)*)""")
_DEEPEST = 16
"""No option lies deeper; of a longer path the end is enough."""
_NO_VALUES = frozenset({"", "null", "true", "false", "none", "~"})
_ALL_BELOW = "registeredusers"
"""The option, folded, all of whose values are secrets, also where it is misspelt or at another place."""
_OFTEN_MISSPELT = ("password", "secret")
_SHORTEST_SLIP = min(map(len, _OFTEN_MISSPELT)) - 1
_POSITIONAL = frozenset({("OrthancPeers",), ("DicomWeb", "Servers")})
"""Options whose entries are lists of address, user and password."""


@cache
def _confidential_paths() -> frozenset[tuple[str, ...]]:
    options = {tuple(row.name.split(".")) for row in environment.confidential() if row.kind == "option"}
    return frozenset(options - {("RegisteredUsers",)} - _POSITIONAL - {("HttpProxy",)})


@cache
def _folded_paths() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(part.upper() for part in path) for path in _confidential_paths())


@cache
def _confidential_variables() -> frozenset[str]:
    from policy.knowledge import service

    names = {row.name for row in environment.confidential() if row.kind == "variable"}
    names.update(row.name for row in service.environment() if row.confidential)
    return frozenset(names - {environment.WHOLE_CONFIGURATION, "USERS"})


@lru_cache(maxsize=32768)
def is_secret_name(name: str) -> bool:
    """Whether a key or variable of this name holds a secret, whatever it belongs to.

    A name that was meant to be such a name counts too.

    >>> is_secret_name("WebServicePassword"), is_secret_name("TokenHttpHeaders"), is_secret_name("DB_PASSWROD")
    (True, False, True)
    """
    if _HARMLESS.match(name) is not None:
        return False
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    if _TELLING.search(spaced) is not None:
        return True
    words = [word for word in re.split(r"[^a-z]+", spaced.lower()) if len(word) >= _SHORTEST_SLIP]
    return any(_nearly(word, telling) for word in words for telling in _OFTEN_MISSPELT)


def _nearly(word: str, meant: str) -> bool:
    """Whether one slip makes ``word`` of ``meant``: a letter too few, too many, another, or two changed places.

    >>> _nearly("passwrod", "password"), _nearly("secrt", "secret"), _nearly("section", "secret")
    (True, True, False)
    """
    if abs(len(word) - len(meant)) > 1:
        return False
    start = 0
    while start < min(len(word), len(meant)) and word[start] == meant[start]:
        start += 1
    left, right = word[start:], meant[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return (len(left) <= 1 and len(right) <= 1) or (len(left) == 2 and left == right[::-1])


@lru_cache(maxsize=4096)
def holds_users(name: str) -> bool:
    """Whether the option of this name holds users and their passwords: also one that was meant to be it.

    >>> holds_users("RegisteredUsers"), holds_users("registredUsers"), holds_users("RegisteredUsersFile")
    (True, True, False)
    """
    return _nearly(name.lower().replace("_", ""), _ALL_BELOW)


@lru_cache(maxsize=16384)
def is_secret_option(path: tuple[str, ...]) -> bool:
    """Whether the option at ``path`` of Orthanc's configuration holds a secret; also for what lies below it.

    >>> is_secret_option(("RegisteredUsers", "alice")), is_secret_option(("Authorization", "WebServiceUsername"))
    (True, False)
    """
    if any(map(holds_users, path[-_DEEPEST:-1])):
        return True
    for prefix in _POSITIONAL:
        if path[: len(prefix)] == prefix and len(path) == len(prefix) + 2:
            return path[-1] == "2" or is_secret_name(path[-1])
    return path in _confidential_paths() or (bool(path) and is_secret_name(path[-1]))


@lru_cache(maxsize=4096)
def is_secret_variable(name: str) -> bool:
    """Whether an environment variable of this name holds a secret as a whole."""
    if name in _confidential_variables():
        return True
    if name.startswith(environment.PREFIX):
        words = [level.replace("_", "") for level in name[len(environment.PREFIX) :].split("__")]
        if tuple(word.upper() for word in words) in _folded_paths():
            return True
    return is_secret_name(name.lower())


def masked(value: str) -> str:
    """A text without the passwords and tokens that are told by their form: in addresses, headers, JWTs, PEM keys.

    >>> masked("postgres://orthanc:hunter2@db/orthanc")
    'postgres://orthanc:********@db/orthanc'
    """
    pieces: list[str] = []
    position = 0
    for span in _joined(_of_form(value)):
        pieces.extend((value[position : span.start], MASK))
        position = span.end
    return "".join((*pieces, value[position:])) if pieces else value


@lru_cache(maxsize=256)
def secret_spans(source: Source) -> tuple[Span, ...]:
    """The stretches of a source that must be masked wherever its text is shown; sorted, not overlapping."""
    document = source.document
    found: list[Span] = list(_by_form(document.text))
    if source.kind is Kind.ENVIRONMENT:
        found.extend(_of_lines(document.text))
    elif source.kind is Kind.NGINX:
        found.extend(
            Span(*match.span("value"))
            for match in _NGINX_VALUE.finditer(document.text)
            if is_secret_name(match["name"])
        )
    elif document.root is not None:
        found.extend(_of_tree(document, document.root, source.at, orthanc=source.kind is Kind.ORTHANC))
    return _joined(found)


def mask_line(source: Source, start: int, line: str) -> str:
    """``line`` of a source, which begins at offset ``start``, with its secrets masked, one star for each character.

    The length stays, so that marks under the line still fit.
    """
    shown = list(line)
    for span in secret_spans(source):
        for index in range(max(span.start - start, 0), min(span.end - start, len(shown))):
            shown[index] = "*"
    return "".join(shown)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in sorted(set(spans)):
        if span.end <= span.start:
            continue
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _of_form(content: str) -> Iterator[Span]:
    """Secrets that show by how they are written, in any text."""
    small = content.lower() if content.isascii() else None
    for pattern, group, signs in _FORMS:
        if small is None or any(sign in small for sign in signs):
            for match in pattern.finditer(content):
                yield Span(*match.span(group))
    for match in _QUERY.finditer(content) if "=" in content else ():
        if match["value"].casefold() not in _NO_VALUES and is_secret_name(match["name"]):
            yield Span(*match.span("value"))


@lru_cache(maxsize=16)
def _by_form(content: str) -> tuple[Span, ...]:
    """Secrets that show by how a file writes them, also in comments and in texts that are broken.

    Kept, since a file that holds the configurations of many servers is asked about for each of them.
    """
    return tuple(_all_by_form(content))


def _all_by_form(content: str) -> Iterator[Span]:
    yield from _of_form(content)
    for users in _USERS.finditer(content):
        for match in _USERS_PASSWORD.finditer(content, users.start("users"), users.end("users")):
            yield Span(*match.span("password"))
    for match in _written(content):
        group = next(name for name in ("double", "single", "bare") if match[name] is not None)
        if match[group].casefold() not in _NO_VALUES and is_secret_name(match["key"]):
            yield Span(*match.span(group))


def _written(content: str) -> Iterator[re.Match[str]]:
    """The assignments whose key holds a telling word; each stands in one line, and most lines have no such word."""
    if content.isascii():
        word_in, where = _WORD, content.lower()  # ten times as fast as to ignore case
    else:
        word_in, where = _WORD_ANY_CASE, content
    position = 0
    while (word := word_in.search(where, position)) is not None:
        start = max(content.rfind("\n", position, word.start()) + 1, position)
        end = content.find("\n", word.end())
        position = end if end >= 0 else len(content)
        yield from _WRITTEN.finditer(content, start, position)


def _of_lines(content: str) -> Iterator[Span]:
    for line in dotenv.read(content, {}):
        if line.value_span is None:
            continue
        if is_secret_variable(line.name):
            yield line.value_span
        elif line.name in ("USERS", environment.WHOLE_CONFIGURATION):
            yield from _of_held(text.parse(line.value or ""), line.name, line.value_span)


def _of_held(document: Document, name: str, whole: Span) -> Iterator[Span]:
    """Secrets of JSON in a line: by their places if these are simple, else all of it."""
    if document.root is None or name == "USERS":
        yield whole
        return
    offset = whole.start
    inner = _of_tree(document, document.root, (), orthanc=True)
    yield from (Span(span.start + offset, span.end + offset) for span in inner)


def _of_tree(document: Document, root: Node, at: tuple[str, ...], *, orthanc: bool) -> Iterator[Span]:
    seen: set[int] = set()
    pending: list[tuple[Node, tuple[str, ...], bool]] = [(root, at, False)]
    while pending:
        node, path, hidden = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind == "object":
            for member in node.members:
                below = (*path[-_DEEPEST:], member.key)
                secret = hidden or (is_secret_option(below) if orthanc else _is_secret_member(below, member, node))
                secret = secret or (member.value.kind != "object" and holds_users(member.key))
                pending.append((member.value, below, secret))
                if not orthanc and member.value.kind == "array" and is_secret_variable(member.key):
                    # Of a list only its own texts: the names in its objects tell for themselves.
                    pending.extend((item, below, True) for item in member.value.items if item.kind != "object")
                yield from _of_scalar(document, member.value, member.key, orthanc=orthanc)
        elif node.kind == "array":
            for index, item in enumerate(node.items):
                below = (*path[-_DEEPEST:], str(index))
                pending.append((item, below, hidden or (orthanc and is_secret_option(below))))
                if not orthanc and isinstance(item.value, str):
                    yield from _of_pair(item)
        elif hidden and node.kind in ("string", "number") and str(node.value).casefold() not in _NO_VALUES:
            yield _inner(document, node)


def _is_secret_member(path: tuple[str, ...], member: Member, parent: Node) -> bool:
    """Whether a member of a file that is no configuration of Orthanc is secret, with all that is below it."""
    if member.key in ("data", "stringData") and (kind := parent.get("kind")) is not None and kind.value == "Secret":
        return True
    if member.key == "USERS":
        return not _holds_json(member.value)
    if member.key in ("value", "secretData") and "credentials" in path:
        return True
    return member.value.kind not in ("object", "array") and is_secret_variable(member.key)


def _holds_json(node: Node) -> bool:
    return isinstance(node.value, str) and node.value.lstrip().startswith(("{", "["))


def _inner(document: Document, node: Node) -> Span:
    """The span of a scalar without its quotes."""
    start, end = node.span
    quoted = document.text[start : start + 1] in ('"', "'") and end - start >= 2
    return Span(start + 1, end - 1) if quoted else node.span


def _of_scalar(document: Document, node: Node, name: str, *, orthanc: bool) -> Iterator[Span]:
    """Secrets of JSON that a scalar of a YAML file holds."""
    if orthanc or document.language != "yaml" or not _holds_json(node):
        return
    inner = text.embedded(document, node)
    if inner.root is None:
        return
    if name == "USERS":
        yield from (Span(*found.span) for found in inner.root.walk() if found.kind in ("string", "number"))
        return
    at: tuple[str, ...] = ()
    if name.startswith(environment.PREFIX):
        at = tuple(
            "".join(word.capitalize() for word in level.split("_"))
            for level in name[len(environment.PREFIX) :].split("__")
        )
    yield from _of_tree(inner, inner.root, at, orthanc=True)


def _of_pair(node: Node) -> Iterator[Span]:
    """``NAME=value`` in a list: the value, where it is written as it is."""
    name, equals, value = str(node.value).partition("=")
    if equals and value and (is_secret_variable(name) or name == "USERS"):
        length = node.span.end - node.span.start
        offset = 1 if length == len(str(node.value)) + 2 else 0
        plain = length in (len(str(node.value)), len(str(node.value)) + 2)
        start = node.span.start + offset + len(name) + 1 if plain else node.span.start
        yield Span(start, node.span.end - offset if plain else node.span.end)
