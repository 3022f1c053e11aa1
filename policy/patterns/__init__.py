"""Boost regular expressions as languages."""

from __future__ import annotations

from policy.patterns.errors import NotAnalysable, PatternRefused, TooComplex, Undecided
from policy.patterns.first_match import FirstMatch, Met
from policy.patterns.pattern import Pattern, compile  # noqa: A004 - the word of the contract

__all__ = ["FirstMatch", "Met", "NotAnalysable", "Pattern", "PatternRefused", "TooComplex", "Undecided", "compile"]
