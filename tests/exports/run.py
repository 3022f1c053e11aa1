"""All recorded requests through both exports: ``python -m tests.exports.run [STRIDE]``; a quarter of an hour."""

from __future__ import annotations

import sys
from collections import Counter

from policy.errors import PolicyError
from tests.exports import asking, engines

SLOW = "catastrophic"
NOBODY = {"permissions": [], "labels": []}


def main(stride: int) -> int:
    """Print what was compared, refused and different; 1 if anything differs."""
    compared: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    differences = 0
    for version in asking.VERSIONS:
        for scenario in asking.scenarios(version):
            if scenario["name"] == SLOW:
                continue
            policy = asking.policy_of(scenario, version)
            asked = list(asking.recorded(policy, scenario, scenario["requests"][::stride]))
            anonymous = next((one.input["anonymous"] for one in asked if "anonymous" in one.input), {})
            try:
                by_rego = engines.regorus(policy, asked)
                by_cedar = engines.Cedar(policy, NOBODY | anonymous).decide(asked)
            except PolicyError as error:
                refused[f"scenario: {getattr(error, 'construct', type(error).__name__)}"] += 1
                continue
            for engine, found in (("rego", by_rego), ("cedar", by_cedar)):
                for one, got in zip(asked, found, strict=True):
                    if got.unsupported:
                        refused[f"{engine}: {got.unsupported}"] += 1
                        continue
                    compared[engine] += 1
                    wanted = engines.wanted(one) if engine == "rego" else engines.wanted_of_cedar(one, got)
                    if wanted != got:
                        differences += 1
                        print(engine, version, one.shown, got, wanted)
    print(f"compared: {dict(compared)}\nrefused: {dict(refused)}\ndifferences: {differences}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
