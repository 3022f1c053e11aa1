"""Proofs and witnesses of the lint rules about routes, by the number of rules, with other libraries beside in one run.

``python benchmarks/proofs.py`` prints a growth table; libraries that are not installed are left out.
The policies are made from the shapes of the built-in rules and of known routes.
Times are CPU milliseconds of this process; the goals are 100 for 64 rules, 1,000 for 200 and 5,000 for 1,000.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))

from policy.configuration.loading import Given, load  # noqa: E402 - the checkout comes first
from policy.knowledge import plugin  # noqa: E402
from policy.knowledge.routes import routes  # noqa: E402
from policy.lint.context import Context  # noqa: E402
from policy.lint.rule import registry  # noqa: E402
from policy.lint.run import findings_of  # noqa: E402
from policy.lint.views.policies import usable_policy  # noqa: E402

GOALS = {64: 100, 200: 1000, 1000: 5000}
PROOFS = (
    "vacuous-pattern", "shadowed-rule", "redundant-rule", "rule-order", "regex-anchors", "stow-with-get", "unknown-route",
)  # fmt: skip
_NAMES = ("all|view", "all|send", "all|modify", "all|upload", "all|settings", "admin-permissions")
_TAILS = ("$", "$", "(|/)$", "/(.*)$", "(|/.*)$", "/([a-f0-9-]+)$", "/(archive|media)$")


def rows(count: int) -> list[list[str]]:
    """So many rules: the built-in ones, then more in the shape of known routes, some for plugins of one's own."""
    source = random.Random(1)
    made = [[rule.method, rule.pattern, rule.permissions] for rule in plugin.newest().default_rules][:count]
    templates = [route for route in routes() if not route.path.startswith("/{")]
    number = 0
    while len(made) < count:
        number += 1
        route = source.choice(templates)
        segments = route.path.split("?")[0].strip("/").split("/")
        parts = [source.choice(["([a-f0-9-]+)", "([^/]+)", "(.*)"]) if part[:1] == "{" else part for part in segments]
        if source.random() < 0.5:
            parts.insert(0, f"site-{source.randint(1, count)}")
        text = "^/" + "/".join(parts[: source.randint(1, len(parts))]).replace("*", "(.*)")
        made.append([route.method.lower(), text + source.choice(_TAILS), source.choice(_NAMES)])
    return made


def context_of(rules: list[list[str]], folder: Path) -> Context:
    """A deployment with these rules as its own list."""
    section = {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "Permissions": rules,
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps({"AuthenticationEnabled": False, "Authorization": section}), "utf-8")
    return Context(load([path], given=Given(), env={}))


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """CPU milliseconds, and what came out."""
    start = time.process_time()
    result = action()
    return (time.process_time() - start) * 1000, result


def measure(count: int, folder: Path) -> tuple[float, float, dict[str, int]]:
    """Milliseconds to compile the policy, and for all proofs with their witnesses; the findings by rule."""
    context = context_of(rows(count), folder)
    (server,) = context.deployment.servers
    compiled, _ = timed(lambda: usable_policy(server, context))
    chosen = [registry()[name] for name in PROOFS]
    proved, found = timed(lambda: {rule.name: len(list(findings_of(rule, context))) for rule in chosen})
    return compiled, proved, found


def others(count: int) -> dict[str, Callable[[], int]]:
    """What other libraries need only to tell which rules are covered by earlier ones of their method."""
    import patterns as growth  # the script beside this one

    by_method: dict[str, list[str]] = {}
    for method, pattern, _ in rows(count):
        by_method.setdefault(method, []).append(pattern.replace("DICOM_WEB_ROOT", "dicom-web"))
    lists = [[text for text in texts if text != "SINGLE_RESOURCE_PATTERNS"] for texts in by_method.values()]
    found: dict[str, Callable[[], int]] = {}
    if growth.library("automata.fa.dfa") is not None:
        found["automata-lib"] = lambda: sum(growth._with_automata_lib(texts) for texts in lists)
    if growth.library("greenery") is not None:
        found["greenery"] = lambda: sum(growth._with_greenery(texts) for texts in lists)
    return found


def main() -> None:
    """The command."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--most", type=int, default=1000, help="the largest number of rules")
    arguments.add_argument("--others", type=int, default=16, help="up to how many rules other libraries prove")
    given = arguments.parse_args()
    counts = [count for count in (8, 16, 64, 200, 500, 1000) if count <= given.most]
    print("Proofs about an ordered list of rules, CPU milliseconds")
    print(f"{'rules':>6} {'compile':>8} {'proofs':>8} {'goal':>6} {'found':>6} {'automata-lib':>13} {'greenery':>9}")
    with tempfile.TemporaryDirectory() as folder:
        measure(64, Path(folder))  # tables are loaded once a process
        for count in counts:
            compiled, proved, found = measure(count, Path(folder))
            goal = GOALS.get(count, "")
            row = f"{count:>6} {compiled:>8.0f} {proved:>8.0f} {goal:>6} {sum(found.values()):>6}"
            peers = others(count) if count <= given.others else {}
            for name, width in (("automata-lib", 13), ("greenery", 9)):
                row += f" {timed(peers[name])[0]:>{width}.0f}" if name in peers else f" {'-':>{width}}"
            print(row, flush=True)
    print("compile: the policy from its configuration. proofs: seven lint rules, each finding with its witness.")
    print("The others only tell which rules are covered by earlier ones; automata-lib gets automata that we made.")


if __name__ == "__main__":
    main()
