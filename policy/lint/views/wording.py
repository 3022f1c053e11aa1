"""Words for messages: kinds of leniency, and what to write instead of them."""

from __future__ import annotations

import re

from policy.regex import regex
from policy.text import Document, Leniency

_WORDS: dict[str, tuple[str, str]] = {
    "bad-escape": ("the escape {detail}", "In JSON a backslash is written twice: \\\\."),
    "bare-key": ("the key {detail} without quotes", "Put keys between double quotes."),
    "bare-word": ("the bare word {detail}", "Put texts between double quotes."),
    "block-comment": ("a comment in this place", "Move the comment before the key, or into a place with a value."),
    "colon-in-array": ("a colon in a list", "Use braces for keys with values."),
    "control-character": ("a {detail} inside a text", "Write \\n for a line end and \\t for a tab."),
    "deep-nesting": ("so deep a nesting ({detail})", "Flatten the text."),
    "doubled-colon": ("a second colon", "Remove one of the two."),
    "doubled-comma": ("two commas in a row", "Remove one of them."),
    "empty": ("an empty text", "Write what the file is to hold, or remove it."),
    "empty-array": ("a comment in an empty list", "Move the comment before the list."),
    "empty-exponent": ("the unfinished number {detail}", "Write the exponent."),
    "equals-sign": ("an equals sign where a colon belongs", "Write a colon."),
    "hash-comment": ("a comment that begins with #", "Begin it with //."),
    "hexadecimal": ("the hexadecimal number {detail}", "Write it in decimal digits."),
    "leading-comma": ("a comma before the first entry", "Remove the comma."),
    "leading-point": ("the number {detail}", "Write a zero before the point."),
    "line-comment": ("a comment in this place", "Remove the comment, or move it elsewhere."),
    "lone-comma": ("a comma without entries", "Remove the comma."),
    "missing-braces": ("keys outside of braces", "Put the whole text between { and }."),
    "missing-colon": ("a missing colon after {detail}", "Write a colon between key and value."),
    "missing-comma": ("a missing comma {detail}", "Write a comma between the two."),
    "missing-key": ("a value without a key", "Write the key and a colon before it."),
    "missing-value": ("a missing value for {detail}", "Write the value, or remove the key."),
    "number-too-long": ("so long a number", "Write it shorter."),
    "numeric-key": ("the key {detail} without quotes", "Put keys between double quotes."),
    "odd-space": ("the character {detail} between the words", "Replace it by a plain space."),
    "other-word": ("the word {detail}", "JSON knows true, false and null, in small letters."),
    "root-not-object": ("a text that is no object ({detail})", "Put the whole text between { and }."),
    "semicolon": ("a semicolon", "Write a comma, or nothing after the last entry."),
    "single-quotes": ("single quotes", "Use double quotes."),
    "stray-bracket": ("a bracket too many", "Remove it, or add the one that belongs to it."),
    "stray-text": ("the text {detail} in this place", "Remove it, or put it between double quotes."),
    "too-many-mistakes": ("so many mistakes ({detail}, of which this is the first)", "Begin with the first."),
    "trailing-comma": ("a comma before the closing bracket", "Remove the comma."),
    "typographic-quotes": ("typographic quotes", "Use plain double quotes."),
    "unclosed-bracket": ("a bracket that is never closed", "Add {detail} where it belongs."),
    "unfinished-comment": ("a comment that is never closed", "Close it with */."),
    "unfinished-string": ("a text that is never closed", "Add the closing double quote."),
    "wrong-bracket": ("a closing bracket of the wrong kind", "Write {detail} here."),
}


_QUOTED = frozenset(
    {
        "bad-escape",
        "bare-key",
        "bare-word",
        "missing-colon",
        "missing-comma",
        "missing-value",
        "numeric-key",
        "other-word",
        "stray-text",
    }
)
"""Kinds whose detail is, or in a broken text may be, taken from a value of the file."""
_COMMENTS = frozenset({"block-comment", "line-comment"})
_BAD_PLACES = frozenset({"array-end", "colon", "empty-array"})
"""Where Orthanc refuses a comment that it takes elsewhere."""
_SECRET = regex(r"passw|secret|token|api-?key|credential|users", re.IGNORECASE)


def what(leniency: Leniency, document: Document) -> str:
    """The leniency as a noun with what is special about it; a detail that may be (part of) a secret is left out."""
    words, _ = _WORDS.get(leniency.kind, (leniency.kind.replace("-", " "), ""))
    if leniency.kind in _COMMENTS and leniency.place not in _BAD_PLACES:
        return "a comment"
    if leniency.kind in _QUOTED and _SECRET.search(document.line(document.position(leniency.span.start).line)):
        return words.replace(" for {detail}", "").replace(" after {detail}", "").replace(" {detail}", "")
    if "{detail}" in words and not leniency.detail:
        words = words.replace(" ({detail})", "").replace(" for {detail}", "").replace(" after {detail}", "")
        words = words.replace("the character {detail}", "an odd character").replace("{detail}", "").strip()
    return _fill(words, leniency.detail)


def instead(leniency: Leniency) -> str:
    """What to write instead, as a sentence."""
    _, words = _WORDS.get(leniency.kind, ("", "Write strict JSON."))
    if leniency.kind in _COMMENTS and leniency.place not in _BAD_PLACES:
        return "Remove the comment."
    return _fill(words, leniency.detail or "what is missing")


def _fill(words: str, detail: str) -> str:
    return words.replace("{{}}", "\0").replace("{detail}", detail).replace("\0", "{}")
