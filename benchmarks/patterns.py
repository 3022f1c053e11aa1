"""Patterns: the first match of many rules, and proofs about their order, beside other libraries in one run.

``python benchmarks/patterns.py`` prints growth tables; libraries that are not installed are left out.
Times are the best of several runs, in CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable
from typing import Any

from policy import patterns
from policy.knowledge import plugin
from policy.patterns import FirstMatch, order
from policy.patterns.likely import Preference

WORDS = [
    "studies",
    "series",
    "instances",
    "patients",
    "archive",
    "media",
    "tags",
    "metadata",
    "labels",
    "modify",
    "anonymize",
    "attachments",
    "files",
    "frames",
    "rendered",
    "preview",
    "statistics",
    "shared-tags",
    "module",
    "hierarchy",
    "reconstruct",
    "transcode",
    "children",
    "parent",
    "simplified-tags",
    "export",
    "queue",
    "jobs",
    "peers",
    "modalities",
    "worklists",
    "plugins",
    "tools",
    "users",
    "reports",
    "share",
    "forward",
    "audit",
    "stream",
    "history",
    "cache",
]


def defaults() -> list[str]:
    """The patterns of the newest default rules, once each."""
    root = plugin.DICOM_WEB_ROOT
    texts = [rule.pattern.replace("DICOM_WEB_ROOT", root) for rule in plugin.newest().default_rules]
    return list(dict.fromkeys(text for text in texts if text != "SINGLE_RESOURCE_PATTERNS"))


def rules(count: int) -> list[str]:
    """So many patterns: the default rules, and more in their shape."""
    source = random.Random(1)
    out = defaults()[:count]
    while len(out) < count:
        text = "^"
        for _ in range(source.randint(1, 4)):
            text += "/" + source.choice(WORDS) + source.choice(["-v2", "", "", "-list", "", "s"])
            text += source.choice(["/([a-f0-9-]+)", "/([.0-9]+)", "/([^/]+)", "", "", "", ""])
        out.append(text + source.choice(["$", "$", "(|/)$", "/(.*)$", "(|/.*)$"]))
    return out


def paths(count: int) -> list[str]:
    """So many paths of about 80 characters, no two alike."""
    source = random.Random(2)
    out = []
    for _ in range(count):
        path = ""
        while len(path) < source.randint(50, 90):
            path += "/" + source.choice(WORDS)
            if source.random() < 0.5:
                path += "/" + "-".join(f"{source.getrandbits(32):08x}" for _ in range(5))
        out.append(path)
    return out


def best(action: Callable[[], Any], runs: int = 3) -> float:
    """The best CPU time of several runs, in seconds."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        action()
        found.append(time.process_time() - start)
    return min(found)


def library(name: str) -> Any:
    """A library, or None if it is not installed."""
    try:
        return __import__(name, fromlist=["*"])
    except ImportError:
        return None


def first_match(counts: list[int]) -> None:
    """Microseconds for one path that was never seen, and what it takes to get ready."""
    re2 = library("re2")
    met, new = paths(2000)[:1000], paths(2000)[1000:]
    length = sum(map(len, new)) / len(new)
    print(f"First match, microseconds a new path ({length:.0f} characters), milliseconds to get ready")
    print(f"{'rules':>6} {'ours':>8} {'ready':>8} {'re loop':>8} {'re2 Set':>8} {'ready':>8}")
    for count in counts:
        texts = rules(count)
        row = f"{count:>6} " + _first_match_ours(texts, met, new) + _first_match_re(texts, new)
        print(row + ("" if re2 is None else _first_match_re2(re2, texts, new)))
    print()


def _first_match_ours(texts: list[str], met: list[str], new: list[str]) -> str:
    ready = best(lambda: FirstMatch([patterns.compile(text) for text in texts]))
    walk = FirstMatch([patterns.compile(text) for text in texts])
    for path in met + new:
        walk.find(path)
    # The states are there now; the identifiers in the paths are not remembered.
    taken = best(lambda: [walk.find(path) for path in new])
    return f"{taken / len(new) * 1e6:>8.1f} {ready * 1e3:>8.0f}"


def _first_match_re(texts: list[str], new: list[str]) -> str:
    compiled = [re.compile(text, re.DOTALL) for text in texts]

    def loop() -> None:
        for path in new:
            next((index for index, one in enumerate(compiled) if one.fullmatch(path)), None)

    return f" {best(loop, 1) / len(new) * 1e6:>8.1f}"


def _first_match_re2(re2: Any, texts: list[str], new: list[str]) -> str:
    def build() -> Any:
        one = re2.Set.FullMatchSet()
        for text in texts:
            one.Add("(?s)" + text)
        one.Compile()
        return one

    ready, made = best(build), build()
    taken = best(lambda: [min(made.Match(path) or (), default=None) for path in new])
    return f" {taken / len(new) * 1e6:>8.1f} {ready * 1e3:>8.0f}"


def proofs(counts: list[int], theirs_up_to: int) -> None:
    """Milliseconds for all proofs about an ordered list, each with a witness."""
    automata = library("automata.fa.dfa")
    greenery = library("greenery")
    print("All shadowed, empty and overlapping rules with witnesses, milliseconds")
    print(f"{'rules':>6} {'ours':>8} {'likely':>8} {'found':>6} {'states':>8} {'automata-lib':>13} {'greenery':>9}")
    for count in counts:
        texts = rules(count)
        row = f"{count:>6} " + _proofs_ours(texts)
        if automata is not None:
            row += f" {_milliseconds(_with_automata_lib, texts, theirs_up_to):>13}"
        if greenery is not None:
            row += f" {_milliseconds(_with_greenery, texts, min(8, theirs_up_to)):>9}"
        print(row)
    print("automata-lib gets automata that we made; both only tell which rules are covered by earlier ones.")
    print()


def _proofs_ours(texts: list[str]) -> str:
    plain = best(lambda: order.analyse([patterns.compile(text) for text in texts]), 2)
    likely = best(lambda: order.analyse([patterns.compile(text) for text in texts], preference=Preference()), 1)
    compiled = [patterns.compile(text) for text in texts]
    shadowed = sum(finding.shadowed for finding in order.analyse(compiled))
    return f"{plain * 1e3:>8.0f} {likely * 1e3:>8.0f} {shadowed:>6} {order.Survey(compiled).size:>8}"


def _milliseconds(action: Callable[[list[str]], int], texts: list[str], most: int) -> str:
    return f"{best(lambda: action(texts), 1) * 1e3:.0f}" if len(texts) <= most else "-"


def _dfa(text: str, symbols: list[int]) -> Any:
    from automata.fa.dfa import DFA

    automaton = patterns.compile(text).automaton
    assert automaton is not None
    transitions: dict[int, dict[str, int]] = {}
    pending = {0, automaton.start}
    while pending:
        state = pending.pop()
        transitions[state] = {chr(symbol): automaton.step(state, symbol) for symbol in symbols}
        pending |= set(transitions[state].values()) - transitions.keys()
    return DFA(
        states=set(transitions),
        input_symbols={chr(symbol) for symbol in symbols},
        transitions=transitions,
        initial_state=automaton.start,
        final_states={state for state in transitions if automaton.final[state]},
    )


def _with_automata_lib(texts: list[str]) -> int:
    symbols = sorted({ord(sign) for text in texts for sign in text if sign.isalnum() or sign in "/.-_"} | {ord("~")})
    made = [_dfa(text, symbols) for text in texts]
    union, count = made[0], 0
    for one in made[1:]:
        count += one.issubset(union)
        union = union | one
    return count


def _with_greenery(texts: list[str]) -> int:
    from greenery import parse

    made = [parse(text.replace("^", "").replace("$", "").replace(".0-9", "0-9.")).to_fsm() for text in texts]
    union, count = made[0], 0
    for one in made[1:]:
        count += (one - union).empty()
        union = union | one
    return count


def main() -> None:
    """The command."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most", type=int, default=1000, help="the largest number of rules")
    arguments.add_argument("--others", type=int, default=50, help="up to how many rules other libraries prove")
    given = arguments.parse_args()
    first_match([count for count in (8, 50, 200, 1000) if count <= given.most])
    proofs([count for count in (8, 50, 64, 200, 500, 1000) if count <= given.most], given.others)


if __name__ == "__main__":
    main()
