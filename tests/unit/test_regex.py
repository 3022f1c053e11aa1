"""Expressions that are compiled late are the ones of the standard library."""

from __future__ import annotations

import re
import subprocess
import sys

from policy.regex import regex


def test_an_expression_does_what_that_of_the_standard_library_does():
    ours, standard = regex(r"(a)|(?P<b>B)", re.IGNORECASE), re.compile(r"(a)|(?P<b>B)", re.IGNORECASE)
    assert standard.findall("xaB") == ours.findall("xaB")
    assert standard.sub("-", "xaB") == ours.sub("-", "xaB")
    assert (standard.pattern, standard.flags, standard.groupindex) == (ours.pattern, ours.flags, ours.groupindex)
    assert standard.fullmatch("b").group("b") == ours.fullmatch("b").group("b")
    assert ours.match is ours.match


def test_bytes():
    assert b"ab" == regex(rb"[a-z]+").search(b"1ab2").group()


def test_nothing_is_compiled_before_it_is_used():
    script = (
        "import re; from policy.regex import regex\n"
        "late = regex('(')\n"
        "print('made')\n"
        "try: late.match('')\n"
        "except re.error: print('compiled')"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ["made", "compiled"] == told.stdout.split()
