"""Growth with the number of rules: time of lint, proofs, diff, check and matrix, of a new path, and memory.

    python benchmarks/growth.py [--rules 10 100 1000 10000] [--kinds usual hard] [--seconds 120]
    python benchmarks/growth.py --decisions 10000000

``usual`` lists are the built-in rules and own ones of many folders, in six shapes; ``hard`` ones all start with
``^/(.*)/``, so that nothing tells them apart by their beginning.
Each figure is CPU time of a process of its own, in milliseconds unless the column says otherwise; what needs more than
``--seconds`` is left out from there on.  The exponent is that of the least squares on the logarithms: 1 is linear.
Memory is the peak of a process: of one that compiles the policy and asks it about 20,000 new paths, and of one that
proves the rules.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path[:0] = [str(TOP), str(TOP / "benchmarks")]

from policy.engine import Policy  # noqa: E402 - the checkout comes first
from policy.knowledge import plugin  # noqa: E402

METHODS = ("get", "get", "get", "post", "put", "delete")
NAMES = ("all|view", "all|upload", "all|send", "all|modify", "admin-permissions", "all|share")
USUAL = (
    "^/site-{0}/(studies|series)/([a-f0-9-]+)(|/.*)$",
    "^/site-{0}/worklists(|/)$",
    "^/site-{0}/worklists/([^/]+)$",
    "^/apps/viewer-{0}/api/v1/(.*)$",
    "^/apps/viewer-{0}/(settings|status)$",
    "^/site-{0}/reports/[0-9]+/(pdf|html)$",
)
HARD = ("^/(.*)/word-{0}(|/.*)$", "^/(.*)/([a-f0-9-]+)/word-{0}$")
ROLES = {
    f"role-{number}": {"permissions": ["view", "send", "upload"][: 1 + number % 3], "authorized_labels": labels}
    for number, labels in enumerate([["*"], ["external"], ["external", "teaching"]] * 5)
}


def rows(kind: str, count: int) -> list[list[str]]:
    """So many rules of a kind: the built-in ones, then own ones."""
    made = [[rule.method, rule.pattern, rule.permissions] for rule in plugin.newest().default_rules][: count // 2 + 1]
    shapes = USUAL if kind == "usual" else HARD
    number = 0
    while len(made) < count:
        folder, shape = divmod(number, len(shapes))
        names = NAMES[number % len(NAMES)]
        made.append([METHODS[number % len(METHODS)], shapes[shape].format(folder), names])
        number += 1
    return made


def configuration(rules: list[list[str]]) -> dict[str, Any]:
    """A configuration with these rules as its own list."""
    section = {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "TokenHttpHeaders": ["token"]}
    return {"AuthenticationEnabled": False, "Authorization": section | {"Permissions": rules}}


def policy(rules: list[list[str]]) -> Policy:
    """The policy of these rules, with fifteen roles."""
    return Policy.from_configuration(
        configuration(rules), plugin=str(plugin.newest().version), permissions={"roles": ROLES}
    )


def compiled(rules: list[list[str]]) -> Callable[[], object]:
    """The policy from its configuration."""
    return lambda: policy(rules)


def new_paths(rules: list[list[str]], count: int = 20_000) -> Callable[[], object]:
    """Paths that were never asked for, in a policy that has met their shapes."""
    one = policy(rules)

    def paths(first: int) -> list[str]:
        return [
            f"/site-{number % 97}/studies/{number:08x}-0b5e-4c1d" if number % 2 else f"/studies/{number:08x}-0b5e-4c1d"
            for number in range(first, first + count)
        ]

    one.decide_many(paths(0), "role-1")
    fresh = paths(count)
    return lambda: one.decide_many(fresh, "role-1")


def linted(rules: list[list[str]], names: tuple[str, ...] = ()) -> Callable[[], object]:
    """All lint rules, or some, on a deployment with these rules."""
    from policy.configuration.loading import Given, load
    from policy.lint.context import Context
    from policy.lint.rule import registry
    from policy.lint.run import findings_of, run

    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "orthanc.json"
    path.write_text(json.dumps(configuration(rules), indent=1), "utf-8")
    deployment = load([path], given=Given(), env={})
    if not names:
        return lambda: (run(deployment), folder)
    context = Context(deployment)
    return lambda: ([list(findings_of(registry()[name], context)) for name in names], folder)


def proved(rules: list[list[str]]) -> Callable[[], object]:
    """The lint rules that prove something about the list, each finding with its witness."""
    from proofs import PROOFS

    return linted(rules, PROOFS)


def compared(rules: list[list[str]]) -> Callable[[], object]:
    """A diff with a list that differs in one rule of ten."""
    from policy.questions.diff import diff

    changed = [[*row[:2], f"{row[2]}|other"] if number % 10 == 0 else row for number, row in enumerate(rules)]
    old, new = policy(rules), policy(changed)
    return lambda: diff(old, new)


def checked(rules: list[list[str]]) -> Callable[[], object]:
    """A check that nobody may delete anything, for all roles and all paths."""
    from policy.questions.check import not_granted

    one = policy(rules)
    return lambda: not_granted(one, "anybody", "DELETE", "*")


def table(rules: list[list[str]]) -> Callable[[], object]:
    """The matrix of all roles and all features of all clients."""
    from policy.questions.matrix import ALL_CLIENTS, feature_rows, matrix
    from policy.questions.senders import senders

    one = policy(rules)
    return lambda: matrix(one, feature_rows([ALL_CLIENTS]), senders([one], shares=False))


QUESTIONS: dict[str, Callable[[list[list[str]]], Callable[[], object]]] = {
    "compile": compiled,
    "new path, µs": new_paths,
    "lint": linted,
    "proofs": proved,
    "diff": compared,
    "check": checked,
    "matrix": table,
}
MEMORY = {"memory, MB": new_paths, "proofs, MB": proved}


def measure(kind: str, count: int, question: str) -> float:
    """The figure of one question, in this process."""
    QUESTIONS[question](rows(kind, 10))()  # tables of facts are read once a process
    ready = QUESTIONS[question](rows(kind, count))
    start = time.process_time()
    ready()
    spent = time.process_time() - start
    return spent * 1e6 / 20_000 if "µs" in question else spent * 1000


def memory(kind: str, count: int, question: str) -> float:
    """The peak of this process, in megabytes."""
    MEMORY[question](rows(kind, count))()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(kind: str, count: int, question: str, seconds: float) -> float | None:
    """The figure from a process of its own; None if it took too long or failed."""
    command = [sys.executable, __file__, "--one", kind, str(count), question]
    limit = (math.ceil(seconds) + 30,) * 2
    done = subprocess.run(
        command,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, limit),
    )
    return float(done.stdout) if done.returncode == 0 else None


def exponent(points: list[tuple[int, float]]) -> str:
    """How the figure grows, by least squares on the logarithms."""
    if len(points) < 2:
        return "-"
    xs, ys = [math.log(count) for count, _ in points], [math.log(max(figure, 1e-3)) for _, figure in points]
    middle, height = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - middle) * (y - height) for x, y in zip(xs, ys, strict=True))
    return f"{slope / sum((x - middle) ** 2 for x in xs):.2f}"


def grow(kind: str, counts: list[int], seconds: float) -> None:
    """Print the table of one kind of list."""
    names = [*QUESTIONS, *MEMORY]
    print(f"{kind} rules".ljust(14), *(f"{name:>12}" for name in names))
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in names}
    stopped: set[str] = set()
    for count in counts:
        shown = []
        for name in names:
            figure = None if name in stopped else apart(kind, count, name, seconds)
            if figure is None:
                stopped.add(name)
                shown.append(f"{'-':>12}")
                continue
            found[name].append((count, figure))
            shown.append(f"{figure:>12.1f}" if figure < 100 else f"{figure:>12.0f}")
        print(f"{count:<14}", *shown, flush=True)
    print("exponent".ljust(14), *(f"{exponent(found[name]):>12}" for name in names))
    above = {name: [point for point in found[name] if point[0] >= 100] for name in names}
    print("from 100 on".ljust(14), *(f"{exponent(above[name]):>12}" for name in names))


def many(decisions: int) -> None:
    """Print the memory over so many decisions, most of them about new paths."""
    one, step = policy(rows("usual", 100)), max(1, decisions // 10)
    senders = ["role-0", "role-1", "role-2", None]
    print("decisions".rjust(12), "resident, MB".rjust(14), "states kept".rjust(12))
    for start in range(0, decisions, step):
        for number in range(start, start + step):
            one.decide(f"/studies/{number:08x}-{number % 7919:08x}/series", senders[number % 4])
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        kept = sum(first.size for first in one._filter._table.values())
        print(f"{start + step:>12} {pages * resource.getpagesize() / 2**20:>14.1f} {kept:>12}", flush=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, nargs="*", default=[10, 100, 1000, 10_000])
    parser.add_argument("--kinds", nargs="*", default=["usual", "hard"], choices=["usual", "hard"])
    parser.add_argument("--seconds", type=float, default=30, help="CPU seconds that one figure may take")
    parser.add_argument("--decisions", type=int, default=0, help="show the memory over so many decisions instead")
    parser.add_argument("--one", nargs=3, metavar=("KIND", "RULES", "QUESTION"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        kind, count, question = chosen.one
        print((memory if question in MEMORY else measure)(kind, int(count), question))
    elif chosen.decisions:
        many(chosen.decisions)
    else:
        for kind in chosen.kinds:
            grow(kind, chosen.rules, chosen.seconds)
            print()


if __name__ == "__main__":
    main()
