"""Times of the questions about policies, by number of rules: classes, diff, check and matrix.

    python benchmarks/questions.py [--rules 64 100 200 400] [--roles 15]

A policy has the built-in list and made-up rules for further plugins, in three shapes; the other policy of a diff differs
in one rule of ten.
Times are medians of CPU time in this process; each run compiles its policies anew, so that no automaton is there yet.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from policy.engine import Policy
from policy.knowledge import plugin

VERSION = "0.11.4"
METHODS = ("get", "get", "post", "put", "delete")
PERMISSIONS = ("all|view", "all|upload", "all|delete", "all|send", "all|modify", "admin-permissions", "all|share|view")


def rows(count: int, *, changed: bool) -> list[list[str]]:
    """The built-in list, then rules of further plugins, up to ``count``."""
    found = [[rule.method, rule.pattern, rule.permissions] for rule in plugin.release(VERSION).default_rules][:count]
    source = random.Random(7)
    for number in range(count - len(found)):
        shape = (
            f"^/plugin-{number}/(studies|series)/([a-f0-9-]+)(|/.*)$",
            f"^/app-{number // 3}/api/v{number % 3}/(.*)/status$",
            f"^/(tools|extra)/task-{number}$",
        )[number % 3]
        found.append([source.choice(METHODS), shape, source.choice(PERMISSIONS)])
    if changed:
        for number in range(0, len(found), 10):
            method, pattern, names = found[number]
            found[number] = [method, pattern, f"{names}|q-r-remote-modalities" if names else "all"]
    return found


def policy(count: int, roles: int, *, changed: bool = False) -> Policy:
    """A policy with so many rules and roles."""
    source = random.Random(3)
    names = sorted({name for row in rows(count, changed=False) for name in row[2].split("|") if name})
    people = {
        f"role-{number}": {
            "permissions": source.sample(names, min(len(names), source.randint(1, 4))),
            "authorized_labels": source.choice([["*"], ["external"], ["external", "teaching"]]),
        }
        for number in range(roles)
    }
    section = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "CheckedLevel": "studies"}
    section |= {"Permissions": rows(count, changed=changed)}
    configuration = {"AuthenticationEnabled": False, "Authorization": section}
    return Policy.from_configuration(configuration, plugin=VERSION, permissions={"roles": people})


def classes(count: int, roles: int) -> Callable[[], object]:
    """The route classes of one policy."""
    from policy.questions.classes import Partition

    one = policy(count, roles)
    return lambda: Partition([one])


def compared(count: int, roles: int) -> Callable[[], object]:
    """A diff of two policies that differ in a tenth of the rules."""
    from policy.questions.diff import diff

    old, new = policy(count, roles), policy(count, roles, changed=True)
    return lambda: diff(old, new)


def itself(count: int, roles: int) -> Callable[[], object]:
    """A diff of two equal policies: the proof that nothing differs."""
    from policy.questions.diff import diff

    old, new = policy(count, roles), policy(count, roles)
    return lambda: diff(old, new)


def checked(count: int, roles: int) -> Callable[[], object]:
    """A check for all roles and all paths."""
    from policy.questions.check import not_granted

    one = policy(count, roles)
    return lambda: not_granted(one, "anybody", "DELETE", "*")


def table(count: int, roles: int) -> Callable[[], object]:
    """The matrix of all roles and all features of all clients."""
    from policy.questions.matrix import ALL_CLIENTS, feature_rows, matrix
    from policy.questions.senders import senders

    one = policy(count, roles)
    return lambda: matrix(one, feature_rows([ALL_CLIENTS]), senders([one], shares=False))


QUESTIONS = {"classes": classes, "diff": compared, "diff, equal": itself, "check": checked, "matrix": table}


def main() -> None:
    """Print one row for each number of rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, nargs="*", default=[64, 100, 200, 400])
    parser.add_argument("--roles", type=int, default=15)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    print("rules".rjust(6), *(name.rjust(14) for name in QUESTIONS), "(ms, median)")
    for question in QUESTIONS.values():  # tables of facts are read once for all
        question(16, 2)()
    for count in chosen.rules:
        shown = []
        for question in QUESTIONS.values():
            times = []
            for _ in range(chosen.runs):
                asked = question(count, chosen.roles)
                start = time.process_time()
                asked()
                times.append(time.process_time() - start)
            shown.append(f"{statistics.median(times) * 1000:.0f}".rjust(14))
        print(str(count).rjust(6), *shown)


if __name__ == "__main__":
    main()
