"""The engines that exported policies are for, each with one way to ask many requests at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from policy import Policy
from policy.export import cedar, rego
from policy.export.gateway import Answer, Refused, Routes, _text, combined

from .asking import Asked

MODULE = "orthanc/access.rego"
DECISION = "data.orthanc.access.decision"


class Got(NamedTuple):
    """What an engine decides; ``unsupported`` names what it refuses to judge."""

    effect: str
    reason: str
    rule: int | None
    conditions: frozenset[tuple[str, str]] = frozenset()
    unsupported: str = ""


def wanted(one: Asked) -> Got:
    return Got(one.effect, one.reason, one.rule, one.conditions)


_CEDAR_REASONS = {
    "list-of-resources": "labels",
    "no-share": "no-rule",
    "unchecked-resource": "unchecked",
    "unchecked-folder": "unchecked",
}
_CEDAR_DOES_NOT_SAY = ("unknown-resource", "audit-log")


def wanted_of_cedar(one: Asked, got: Got) -> Got:
    """Cedar knows no conditions: what depends on labels that are not told is a no; and some reasons are one to it."""
    effect, reason = one.effect, _CEDAR_REASONS.get(one.reason, one.reason)
    if effect == "conditional":
        effect = "deny" if reason == "labels" else "permit"
    if reason in _CEDAR_DOES_NOT_SAY and effect == "deny":
        reason = got.reason
    return Got(effect, reason, one.rule)


def _got(decision: Mapping[str, Any]) -> Got:
    rule = decision["rule"]
    return Got(
        decision["effect"],
        decision["reason"],
        None if rule is None else int(rule),
        frozenset((one["kind"], one["level"]) for one in decision["conditions"]),
        decision.get("unsupported", ""),
    )


# -- Rego --


def regorus(policy: Policy, asked: Sequence[Asked]) -> list[Got]:
    """By Microsoft's engine, whose regular expressions are of RE2's family."""
    from regorus import Engine

    made = rego.bundle(policy)
    engine = Engine()
    engine.add_policy(MODULE, made[MODULE].decode())
    engine.add_data_json(json.dumps({"orthanc": {"table": json.loads(made["orthanc/table/data.json"])}}))
    engine.set_input_json(json.dumps({"requests": [one.input for one in asked]}))
    found = json.loads(engine.eval_rule_as_json("data.orthanc.access.decisions"))
    return [_got(one) for one in found]


def regopy(policy: Policy, asked: Sequence[Asked]) -> list[Got]:
    """By rego-cpp, one by one; its regular expressions know bytes only, so that requests must be ASCII."""
    from regopy import Interpreter

    made = rego.bundle(policy)
    engine = Interpreter()
    engine.add_module(MODULE, made[MODULE].decode())
    engine.add_data({"orthanc": {"table": json.loads(made["orthanc/table/data.json"])}})
    built = engine.build(DECISION)
    found = []
    for one in asked:
        engine.set_input(one.input)
        found.append(_got(json.loads(str(engine.query_bundle(built)))["expressions"][0]))
    return found


# -- Cedar --


class Cedar:
    """A Cedar policy with its mapper; ``anonymous`` takes the place of the visitor's profile."""

    def __init__(self, policy: Policy, anonymous: Mapping[str, Any] | None = None) -> None:
        import cedarpy

        self.files = cedar.export(policy)
        self.table = json.loads(self.files["routes.json"])
        if anonymous is not None:
            self.table["anonymous"] = anonymous
        self.routes = Routes(self.table)
        text = self.files["policies.cedar"].decode()
        self.policies = cedarpy.PolicySet.from_str(text)
        self.schema = self.files["schema.cedarschema"].decode()
        # The policies are numbered in their order.
        self.reasons = re.findall(r'^@reason\("([^"]*)"\)$', text, re.MULTILINE)

    def decide(self, asked: Sequence[Asked]) -> list[Got]:
        """All requests in one batch."""
        import cedarpy

        found: list[Got | tuple[int, int, str]] = []
        requests: list[dict[str, Any]] = []
        entities = list(cedar.entities(self.table))
        for one in asked:
            try:
                questions = list(self._questions(one.input))
            except Refused as reason:
                found.append(_refused(str(reason)))
                continue
            found.append((len(requests), len(questions), questions[0][2]))
            for request, made, _ in questions:
                _renamed(request, made, len(requests))
                requests.append(request)
                entities += made
        results = cedarpy.is_authorized_batch(
            requests, self.policies, cedarpy.Entities.from_json_str(json.dumps(entities), self.schema)
        )
        assert [] == [result.diagnostics.errors for result in results if result.diagnostics.errors]
        answers = [Answer(one.allowed, tuple(one.diagnostics.reasons)) for one in results]
        return [one if isinstance(one, Got) else self._decided(answers, *one) for one in found]

    def _questions(self, given: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], str]]:
        if "target" in given:
            seen = self.routes.seen(given["method"], given["target"], given.get("headers"))
        elif "path" in given:
            seen = given["method"], given["path"], given["query"]
        else:
            raise Refused("input")
        route = self.routes.resolve(*seen)
        credentials = given.get("credentials") or [None]
        if self.table["core_authentication"] and not given.get("core_authenticated"):
            raise Refused("core-authentication")
        if any(one is not None and one.get("failed") for one in credentials):
            raise Refused("service")
        everything = [level for one in credentials if one for level in one.get("grants", ())]
        for at, one in enumerate(credentials):
            known = {
                "labels": given.get("labels"),
                "exists": given.get("exists", True),
                "deepest": given.get("level", "study"),
                "granted": everything if at == len(credentials) - 1 else (),
            }
            yield (*self.routes.question(route, one, **known), route.action)

    def _decided(self, answers: Sequence[Answer], first: int, count: int, action: str) -> Got:
        answer = combined(answers[first : first + count])
        rule = int(action.removeprefix("rule-")) if action.startswith("rule-") else None
        reasons = {self.reasons[int(name.removeprefix("policy"))] for name in answer.policies}
        if answer.allowed:
            own = reasons & {"permission", "open-rule"}
            return Got("permit", min(own or reasons, key=("unchecked", "share", "search-exception", *own).index), rule)
        return Got("deny", "labels" if reasons else "no-rule" if rule is None else "no-permission", rule)


def _renamed(request: dict[str, Any], made: Sequence[dict[str, Any]], number: int) -> None:
    """Every question has entities of its own, so that they can be in one batch."""
    for one in made:
        one["uid"]["id"] += f" {number}"
        field = "resource" if one["uid"]["type"].endswith("Resource") else "principal"
        request[field] = _text(one["uid"])


def _refused(reason: str) -> Got:
    if reason in ("malformed-request", "method", "core-authentication"):
        return Got("deny", reason, None)
    return Got("deny", "unsupported", None, unsupported=reason)
