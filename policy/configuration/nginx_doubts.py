"""What of an nginx configuration leaves open where a request goes: files that were not given, and ``if``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.configuration.nginx_syntax import Directive

_MOVES = frozenset({"rewrite", "proxy_pass", "include"})
"""Directives that send a request elsewhere."""
_ANSWERS = frozenset({"return", "deny"})


def unknown_in(block: Directive, used: str) -> str:
    """Why it is not known where a request goes in ``block``, in words; empty where it is known.

    ``used``: the words of directives in which a variable may stand that an ``if`` sets.
    """
    for directive in block.block or ():
        if directive.name == "include":
            what = directive.words[0] if directive.words else "a file"
            return f"{_place(directive)}includes {what}, which was not given or includes itself"
        if directive.name == "if" and _moves(directive, used):
            return f"{_place(directive)}sends it elsewhere if {_condition(directive)}"
    return ""


def conditions_in(block: Directive) -> Iterator[str]:
    """On what it depends that a request is passed on at all, in words: an ``if`` under which nginx answers itself."""
    for directive in block.all("if"):
        if any(inner.name in _ANSWERS for inner in directive.block or ()):
            yield f"{_place(directive)}answers itself if {_condition(directive)}"


def _moves(condition: Directive, used: str) -> bool:
    return any(
        inner.name in _MOVES or (inner.name == "set" and inner.words and _is_used(inner.words[0].lstrip("$"), used))
        for inner in condition.block or ()
    )


def _is_used(name: str, words: str) -> bool:
    return re.search(rf"\$\{{?{re.escape(name)}\b", words) is not None


def _condition(directive: Directive) -> str:
    return " ".join(directive.words).strip("() ")


def _place(directive: Directive) -> str:
    return f"{directive.place} " if directive.place is not None else ""
