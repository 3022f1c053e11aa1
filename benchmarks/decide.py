"""Decisions beside other policy engines, on the same rules and requests, in one run.

    python benchmarks/decide.py [--seconds 0.3]

Every engine gets the built-in rules of the newest plugin (each once for every permission where the engine needs that)
and one role, and is asked about the same paths.  Peers that are not installed are left out and named.
Ours is asked twice: about paths that it meets for the first time, and again about the same ones; the second is a
look-up of a remembered decision, which the peers do not have, so the fair ratio is that of the new paths.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import re
import statistics
import time
from collections.abc import Callable, Iterator

from policy import Policy
from policy.auth_service import Profile
from policy.knowledge import plugin

ROLE = Profile("doctor", permissions=("view", "download", "share", "send"), labels=("*",))
LIMITED = Profile("external", permissions=("all", "view"), labels=("external",))
SHAPES = (
    "/studies/{id}",
    "/studies/{id}/series",
    "/patients/{id}/studies",
    "/instances/{id}/tags",
    "/dicom-web/studies/{uid}/series",
    "/dicom-web/studies/{uid}/series/{uid}/instances/{uid}/frames/1",
    "/modalities/archive{n}",
    "/nothing/{n}/of/this",
)


def paths() -> Iterator[str]:
    """New paths without end, of the shapes that clients ask for."""
    for n in itertools.count():
        identifier = "-".join(f"{(n * 2654435761 + k * 40503) & 0xFFFFFFFF:08x}" for k in range(5))
        uid = f"1.3.6.1.4.1.5962.99.1.{n}.{n * 7919}.1"
        yield SHAPES[n % len(SHAPES)].format(id=identifier, uid=uid, n=n)


def microseconds(ask: Callable[[str], object], asked: list[str], seconds: float) -> float:
    """The median over five rounds of the processor time per question."""
    rounds = []
    gc.disable()
    for _ in range(5):
        done, start = 0, time.process_time()
        while time.process_time() - start < seconds / 5:
            for path in asked:
                ask(path)
            done += len(asked)
        rounds.append((time.process_time() - start) / done * 1e6)
    gc.enable()
    return statistics.median(rounds)


def ours(seconds: float) -> dict[str, float]:
    """Our figures: new paths, and remembered ones."""
    configuration = {
        "AuthenticationEnabled": False,
        "Authorization": {
            "WebServiceRootUrl": "http://a:8000/",
            "CheckedLevel": "studies",
            "TokenHttpHeaders": ["token"],
        },
    }
    policy = Policy.from_configuration(configuration, plugin=str(plugin.newest().version))
    source = paths()
    for path in itertools.islice(source, 2000):  # the automaton has met every shape
        policy.decide(path, ROLE)
    fresh = list(itertools.islice(source, max(2000, int(seconds * 50_000))))
    gc.disable()
    start = time.process_time()
    for path in fresh:
        policy.decide(path, ROLE)
    new = (time.process_time() - start) / len(fresh) * 1e6
    for path in itertools.islice(source, 2000):
        policy.decide(path, LIMITED)
    others = list(itertools.islice(source, len(fresh)))
    start = time.process_time()
    for path in others:
        policy.decide(path, LIMITED)
    labels = (time.process_time() - start) / len(others) * 1e6
    gc.enable()
    many = fresh[:64] * 100
    return {
        "policy-lint, new path": new,
        "policy-lint, new, by labels": labels,
        "policy-lint, remembered": microseconds(lambda path: policy.decide(path, ROLE), fresh[:64], seconds),
        "policy-lint, decide_many": microseconds(lambda _: policy.decide_many(many, ROLE), [""], seconds) / len(many),
    }


def rows() -> list[tuple[str, str, str]]:
    """(method, pattern, permission): the effective rules, one row for each permission."""
    configuration = {"Authorization": {"WebServiceRootUrl": "http://a:8000/"}, "AuthenticationEnabled": False}
    rules = Policy.from_configuration(configuration, plugin=str(plugin.newest().version)).rules
    return [(rule.method, rule.pattern, name) for rule in rules for name in sorted(rule.permissions) or ["view"]]


def loop() -> Callable[[str], object]:
    """A loop over compiled patterns of Python, as one writes it first."""
    compiled = [(re.compile(pattern), name) for method, pattern, name in rows() if method == "GET"]
    held = set(ROLE.permissions)
    return lambda path: any(pattern.fullmatch(path) and name in held for pattern, name in compiled)


def casbin() -> Callable[[str], object]:
    """pycasbin: a matcher with regexMatch."""
    import casbin as library

    model = library.Model()
    model.load_model_from_text(
        "[request_definition]\nr = sub, obj, act\n[policy_definition]\np = sub, obj, act\n[role_definition]\ng = _, _\n"
        "[policy_effect]\ne = some(where (p.eft == allow))\n"
        "[matchers]\nm = g(r.sub, p.sub) && r.act == p.act && regexMatch(r.obj, p.obj)\n"
    )
    enforcer = library.Enforcer(model)
    for method, pattern, name in rows():
        enforcer.add_policy(name, pattern, method)
    for name in ROLE.permissions:
        enforcer.add_grouping_policy("doctor", name)
    return lambda path: enforcer.enforce("doctor", path, "GET")


def cedar() -> Callable[[str], object]:
    """cedarpy: its ``like`` has no classes and groups, so identifiers become stars."""
    import cedarpy

    texts = []
    for method, pattern, name in rows():
        like = re.sub(r"\\?\(.*?\)|\[[^]]*\][+*]?|\.\*|\.\+", "*", pattern.strip("^$"))
        like = re.sub(r"\*[*()|]*", "*", like).replace("\\", "").replace('"', "")
        texts.append(
            f'permit(principal in Permission::"{name}", action == Action::"{method}", resource) '
            f'when {{ context.path like "{like}" }};'
        )
    parents = [{"__entity": {"type": "Permission", "id": name}} for name in ROLE.permissions]
    entities = [{"uid": {"__entity": {"type": "User", "id": "doctor"}}, "attrs": {}, "parents": parents}]
    policies = "\n".join(texts)
    return lambda path: cedarpy.is_authorized(
        {
            "principal": 'User::"doctor"',
            "action": 'Action::"GET"',
            "resource": 'Server::"orthanc"',
            "context": {"path": path},
        },
        policies,
        entities,
    )


def rego() -> Callable[[str], object]:
    """regopy (rego-cpp): one rule of the module for each row."""
    import regopy

    held = ", ".join(f'"{name}"' for name in ROLE.permissions)
    lines = ["package orthanc", "", f"held := {{{held}}}", ""]
    for method, pattern, name in rows():
        quoted = pattern.replace("`", "")
        lines.append(
            f'allow if {{\n input.method == "{method}"\n "{name}" in held\n regex.match(`{quoted}`, input.path)\n}}\n'
        )
    module = "\n".join(lines)
    interpreter = regopy.Interpreter()
    interpreter.add_module("orthanc", module)

    def ask(path: str) -> object:
        interpreter.set_input({"method": "GET", "path": path})
        return interpreter.query("data.orthanc.allow")

    return ask


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.5, help="how long to ask each engine")
    seconds = parser.parse_args().seconds
    figures = ours(seconds)
    base = figures["policy-lint, new path"]
    asked = list(itertools.islice(paths(), 64))
    missing = []
    peers = {"loop over re": loop, "pycasbin": casbin, "cedarpy": cedar, "regopy (rego-cpp)": rego}
    for name, make in peers.items():
        try:
            ask = make()
        except ImportError:
            missing.append(name)
            continue
        ask(asked[0])
        figures[name] = microseconds(ask, asked[:8] if name.startswith("rego") else asked, seconds)
    print(f"{len(rows())} rows (rule and permission), {len(SHAPES)} shapes of path")
    print(f"{'':28}{'µs of CPU':>16}{'ratio':>12}")
    for name, figure in figures.items():
        print(f"{name:28}{figure:16.2f}{figure / base:12.1f}")
    for name in missing:
        print(f"{name:28}{'not installed':>16}")


if __name__ == "__main__":
    main()
