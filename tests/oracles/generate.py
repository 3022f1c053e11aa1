"""Patterns and paths made at random, for comparisons with Boost."""

from __future__ import annotations

import random

_ATOMS = [
    "a", "b", "/", "ab", "x", "\\.", ".", "[ab]", "[^a]", "[a-c]", "\\d", "\\w", "\\W", "\\s", "[[:alpha:]]", "(a)",
    "(?:ab|a)", "(a|b)", "(|a)", "(a*)", "(?:a?)", "\\x61", "\\n", "é", "[é]", "()", "(?:)", "[[=a=]]", "[[.a.]]",
    "\\Qa.\\E", "\\R", "\\h", "\\v", "\\C", "-", "{", "}", "]", "A", "\\u", "(?:a|b|/)",
]  # fmt: skip
_PLACES = ["^", "$", "\\b", "\\B", "\\<", "\\>", "\\A", "\\z", "\\Z", "\\`", "\\'", "\\G"]
_ODD = [
    "\\X", "\\K", "(?=a)", "(?!a)", "(?=a|b)", "(?<=a)", "(?<!a)", "(?>a+)", "(?>a|ab)", "(?>ab|a)", "(?>a*?)", "\\1",
    "\\2", "\\g{-1}", "\\k<n>", "(?<n>a)", "(?'n'b|)", "(?1)", "(?R)", "(?&n)", "(?-1)", "(?+1)", "(?(1)a|b)", "(?(1)a)",
    "(?(?=a)ab|b)", "(?(<n>)a|b)", "(?(R)a|b)", "(?(DEFINE)(?<m>a))", "(?|(a)|(b))", "(?|a|(b))", "(*FAIL)",
    "(*ACCEPT)", "(*COMMIT)", "(*THEN)", "(*SKIP)", "(*PRUNE)", "(?i)", "(?-i)", "(?s)", "(?-s)", "(?m)", "(?-m)",
    "(?x)", "(?i:aB)", "(?i-s:A.)", "(?#c)", "[[:<:]]", "[[.ae.]]", "[a[.ae.]]", "[^[.ab.]a]", "(a(?i)b|c)",
    "((?i)a|B)", "(?=(a))", "(?!(a)b)", "(?>(a)|b)", "(?=a*)", "(?<=ab|ba)", "(?<=a|ab)", "(?<=.)", "(?:a|(b))*",
    "(a\\1?){2}", "(?:\\<a|/)", "(?:\\Xa|b)", "(?:b\\z|a)", "(?:\\Z|a)", " ", "# a\n", "\\e", "\\cA", "\\0",
]  # fmt: skip
_BROKEN = [
    "(", ")", "[", "\\", "(?", "[[:bad:]]", "[b-a]", "(?P<n>a)", "\\N", "\\p", "\\pQ", "(?<n", "\\x", "\\x{", "[a", "\\c",
    "*", "+", "?", "(?(", "(*", "(*X)", "\\g", "\\k{", "[[.bad.]]", "[[=", "\\Q\\", "(?'", "(?-", "(?i", "[a--b]", "\\7",
]  # fmt: skip
_REPEATS = [
    "*",
    "+",
    "?",
    "*?",
    "+?",
    "??",
    "{2}",
    "{1,2}",
    "{2,}",
    "{0,1}?",
    "{,2}",
    "*+",
    "++",
    "?+",
    "{1,2}+",
    "{0}",
]
_LETTERS = ["a", "b", "/", "ab", "A", "x", ".", "\n", "-", "é", "\r", "\r\n", "e", "1", " ", "{", "B"]


class Generator:
    """A stream of patterns and paths; the same seed gives the same stream."""

    def __init__(self, seed: int, *, odd: float = 0.25, places: float = 0.2, broken: float = 0.02) -> None:
        self.random = random.Random(seed)
        self.odd = odd
        self.places = places
        self.broken = broken

    def _atom(self, depth: int) -> str:
        roll = self.random.random()
        if roll < self.broken:
            return self.random.choice(_BROKEN)
        if roll < self.broken + self.odd:
            return self.random.choice(_ODD)
        if roll < self.broken + self.odd + self.places:
            return self.random.choice(_PLACES)
        if depth and self.random.random() < 0.35:
            opening = self.random.choice(["(", "(?:", "(?:", "(?>", "(?=", "(?!", "(?i:"] if self.odd else ["(", "(?:"])
            return opening + self._choice(depth - 1) + ")"
        return self.random.choice(_ATOMS)

    def _choice(self, depth: int) -> str:
        return "|".join(self._sequence(depth) for _ in range(self.random.choice([1, 1, 2, 3])))

    def _sequence(self, depth: int) -> str:
        out = ""
        for _ in range(self.random.randint(0, 3)):
            out += self._atom(depth)
            if self.random.random() < 0.4:
                out += self.random.choice(_REPEATS)
        return out

    def pattern(self, depth: int = 2) -> str:
        """One more pattern."""
        text = self._choice(depth) + self._sequence(1)
        return ("^" if self.random.random() < 0.3 else "") + text + ("$" if self.random.random() < 0.3 else "")

    def path(self, longest: int = 7) -> str:
        """One more path."""
        few = self.random.random() < 0.5
        letters = _LETTERS[:4] if few else _LETTERS
        return "".join(self.random.choice(letters) for _ in range(self.random.randint(0, longest)))
