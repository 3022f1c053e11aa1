"""What a file is, told by what it holds and never by its name; also when it is broken, misspelt or half empty.

Each kind has words that it holds at its top (:mod:`policy.configuration.vocabulary`).
The kind with the most of them wins; words that are nearly right count half, and are only asked for when nothing else
tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from policy import text
from policy.configuration.source import Kind
from policy.configuration.vocabulary import AUTHORIZATION_OPTIONS, GENERIC, TELLING, TOP_KEYS
from policy.records import dataclass
from policy.regex import regex
from policy.slips import slips
from policy.text import Document, Node

_JSON_START = regex(r"(?:\s|\ufeff|//[^\n]*(?:\n|$)|/\*.*?\*/|#[^\n]*\n)*[\[{\"]", re.DOTALL)
_JSON_KEY = regex(r"""["']([\w-]{1,64})["']\s*:""")
_YAML_KEY = regex(r"^([A-Za-z_][\w.-]*)\s*:(?:\s|$)", re.MULTILINE)
_VARIABLE = regex(r"(?:export\s+)?[A-Za-z_][A-Za-z0-9_.-]*\s*=")
_NGINX = regex(r"(?:^|[;{}])\s*(?:server|http|location\b[^\n{]*|upstream\s+\S+)\s*\{", re.MULTILINE)
_NGINX_WORD = regex(r"(?:^|[;{}])\s*(?:proxy_pass|listen|server_name|rewrite|return|include)\s+[^;\n]+;", re.MULTILINE)
_HELM = regex(r"orthancteam/|\bORTHANC__[A-Z]|\bORTHANC_JSON\b|\b(?:repository|image)\s*:\s*\S*orthanc")
_LOOKED_AT = 200_000
"""Characters of a text that are looked at where its tree does not tell."""
_SMALL = 100_000
"""Bytes up to which a file of a folder is parsed whatever it holds."""

EXPECTED = (
    "a configuration of Orthanc, permissions.json or anonymous-profile.json of the auth service, a Docker Compose file, "
    "a Kubernetes manifest, Helm values, a file of variables (NAME=value), an nginx configuration "
    "or the export of a Keycloak realm"
)
"""What the tool can read, for the message about a file that is none of it."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text is: its kind, its document, and whether it is an Authorization section without its name."""

    kind: Kind
    document: Document
    bare_section: bool = False


def recognise(data: bytes, *, suffix: str = "", found: bool = False) -> Recognised | None:
    """What ``data`` is, or None if it is nothing that the tool reads.

    ``suffix`` of the file's name only says which grammar is tried first on an empty or ambiguous text.
    ``found`` is true for a file that nobody named but a search came upon: a single word that is nearly right is then
    not enough.
    """
    sample = data[: 4 * _LOOKED_AT].decode("utf-8", "replace")
    if "\x00" in sample[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    if _JSON_START.match(sample) or suffix in (".json", ".jsonc", ".json5"):
        if (
            found
            and len(data) > _SMALL
            and not any(f'"{word}"' in sample for words in TELLING.values() for word in words)
        ):
            return None  # somebody's data: not worth a tree
        recognised = _json(text.parse(data), needed=2 if found else 1)
        if recognised is not None:
            return recognised
        if _JSON_START.match(sample):
            return None
    if _is_nginx(sample):
        return Recognised(Kind.NGINX, text.parse(data))
    if _is_environment(sample):
        return Recognised(Kind.ENVIRONMENT, text.parse(data))
    return _yaml(data, sample)


def read_as(kind: Kind, data: bytes) -> Recognised:
    """``data`` taken for ``kind`` whatever it holds, as the option ``--as`` or a mount says."""
    if kind in (Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM):
        return Recognised(kind, text.parse_yaml(data))
    document = text.parse(data)
    return Recognised(kind, document, kind is Kind.ORTHANC and is_bare_section(document.root))


def is_bare_section(root: Node | None) -> bool:
    """Whether ``root`` holds the options of the Authorization section at its top, without the section itself."""
    keys = _keys(root)
    return bool(keys & AUTHORIZATION_OPTIONS) and not keys & TOP_KEYS[Kind.ORTHANC]


def _keys(root: Node | None) -> frozenset[str]:
    return (
        frozenset(member.key for member in root.members) if root is not None and root.kind == "object" else frozenset()
    )


def _json(document: Document, needed: int) -> Recognised | None:
    root = document.root
    keys = _keys(root)
    if not keys:
        keys = frozenset(_JSON_KEY.findall(document.text[:_LOOKED_AT]))
    kind = _best(keys, root)
    if kind is None and keys & AUTHORIZATION_OPTIONS:
        return Recognised(Kind.ORTHANC, document, bare_section=True)
    if kind is None:
        kind = _nearest(keys, document, needed)
    if kind in (Kind.COMPOSE, Kind.KUBERNETES):
        return Recognised(kind, text.parse_yaml(document.data))
    return Recognised(kind, document, is_bare_section(root)) if kind is not None else None


def _yaml(data: bytes, sample: str) -> Recognised | None:
    keys = frozenset(_YAML_KEY.findall(sample))
    if not keys:
        return None
    kind: Kind | None = None
    if {"apiVersion", "kind"} <= keys:
        kind = Kind.KUBERNETES
    elif "services" in keys or ("include" in keys and keys <= TOP_KEYS[Kind.COMPOSE] | {"name"}):
        kind = Kind.COMPOSE
    elif _HELM.search(sample):
        near = {_near_word(key, ("services",)) for key in keys} - {None}
        kind = Kind.COMPOSE if near or _looks_like_services(sample) else Kind.HELM
    return Recognised(kind, text.parse_yaml(data)) if kind is not None else None


def _looks_like_services(sample: str) -> bool:
    """Services without the word ``services``, as Compose files had them in their first version."""
    return re.search(r"^\s{1,8}image\s*:\s*\S", sample, re.MULTILINE) is not None and "repository:" not in sample


def _best(keys: Iterable[str], root: Node | None) -> Kind | None:
    """The kind whose telling words are there; of several the one with the most words."""
    found = frozenset(keys)
    scores = Counter({kind: len(found & words) for kind, words in TOP_KEYS.items() if found & TELLING[kind]})
    if root is not None and root.kind == "object":
        _weigh(scores, root)
    if not scores:
        return None
    kind, score = scores.most_common(1)[0]
    return kind if score > 0 else None


def _weigh(scores: Counter[Kind], root: Node) -> None:
    """Settle by the shape of values what words alone leave open: realms and permissions both hold ``roles``."""
    services = root.get("services")
    if services is not None and services.kind != "object":
        scores.pop(Kind.COMPOSE, None)
    roles = root.get("roles")
    if roles is not None and Kind.REALM in scores and Kind.PERMISSIONS in scores:
        del scores[Kind.PERMISSIONS if root.get("realm") is not None else Kind.REALM]
    permissions = root.get("permissions")
    if permissions is None and Kind.ANONYMOUS in scores and root.get("authorized-labels") is None:
        scores[Kind.ANONYMOUS] -= 1


def _nearest(keys: Iterable[str], document: Document, needed: int) -> Kind | None:
    """The kind that the words are nearest to: other case, a letter too many; or that values within give away."""
    scores: Counter[Kind] = Counter()
    for key in sorted(keys)[:200]:
        for kind, words in TELLING.items():
            if _near_word(key, words - GENERIC) is not None:
                scores[kind] += 1
    if scores and scores.most_common(1)[0][1] >= needed:
        return scores.most_common(1)[0][0]
    if needed > 1:
        return None
    inner = frozenset(_JSON_KEY.findall(document.text[:_LOOKED_AT]))
    if inner & AUTHORIZATION_OPTIONS or inner & TELLING[Kind.ORTHANC]:
        return Kind.ORTHANC
    if inner & {"permissions"} and inner & {"authorized-labels", "authorized_labels"}:
        return Kind.PERMISSIONS
    return None


def _near_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` most probably stands for, or None."""
    if len(word) < 4:
        return None
    wanted, most = _fold(word), 1 if len(word) < 8 else 2
    near = {candidate: slips(wanted, _fold(candidate), most) for candidate in known}
    best = min(near, key=near.__getitem__, default=None)
    return best if best is not None and near[best] <= most else None


def _fold(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "")


def _is_nginx(sample: str) -> bool:
    return _NGINX.search(sample) is not None and _NGINX_WORD.search(sample) is not None


def _is_environment(sample: str) -> bool:
    lines = [line for line in sample.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return (
        bool(lines)
        and _VARIABLE.match(lines[0]) is not None
        and sum(1 for x in lines if _VARIABLE.match(x)) * 2 >= len(lines)
    )
