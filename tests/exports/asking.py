"""Requests as a gateway puts them to an exported policy, each with what our own engine answers."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from policy import Policy, Request
from policy.engine.archive import Archive as AnyArchive
from policy.engine.decision import Decision, Reason
from policy.engine.level import Level
from policy.engine.request import Seen, headers_of, see
from policy.engine.sender import Failure, ServiceSender, UserProfile
from policy.questions.classes import Partition
from policy.testing import Archive, Service

RECORDINGS = Path(__file__).parent.parent / "conformance" / "recordings"
VERSIONS = ("0.7.2", "0.9.4", "0.10.3", "0.11.4")
_OVERRIDE = "x-http-method-override"
_FAILURES = (Reason.SERVICE_FAILURE,)


class Asked(NamedTuple):
    """The input for the exported policy, and what our engine decides."""

    input: dict[str, Any]
    effect: str
    reason: str
    rule: int | None
    conditions: frozenset[tuple[str, str]]
    shown: str


def asked(made: dict[str, Any], decision: Decision, shown: str) -> Asked:
    return Asked(
        made,
        decision.effect.value,
        decision.reason.value,
        None if decision.rule is None else decision.rule.index,
        frozenset((one.kind, one.level.value) for one in decision.conditions),
        shown,
    )


# -- recorded --


@cache
def scenarios(version: str) -> tuple[dict[str, Any], ...]:
    data = json.loads(lzma.decompress((RECORDINGS / f"filter-{version}.json.xz").read_bytes()))
    return tuple(one for one in data["scenarios"] if one["starts"])


@cache
def world() -> Archive:
    return Archive(json.loads((RECORDINGS / "filter-world.json").read_text()))


def policy_of(scenario: Mapping[str, Any], version: str) -> Policy:
    return Policy.from_configuration(scenario["configuration"], plugin=version)


def recorded(policy: Policy, scenario: Mapping[str, Any], requests: Sequence[Any]) -> Iterator[Asked]:
    """The requests of a scenario, labels and grants looked up as the gateway would."""
    service = Service(anonymous=scenario["anonymous"], tokens=scenario["tokens"], grants=scenario["grants"])
    for method, target, headers, *_ in requests:
        pairs = [(name, value) for name, value in headers]
        decision = policy.decide_request(method, target, pairs, service=service, archive=world())
        try:
            made = input_of(policy, method, target, headers_of(pairs), service, world())
        except Failure:  # the gateway itself gets no answer about a share token
            made = {"method": method}
        yield asked(made, decision, f"{scenario['name']}: {method} {target} {headers}")


def input_of(
    policy: Policy, method: str, target: str, headers: Mapping[str, str], service: Service, archive: AnyArchive
) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "target": target}
    if _OVERRIDE in headers:
        made["headers"] = {_OVERRIDE: headers[_OVERRIDE]}
    seen = see(method, target, headers)
    sender = ServiceSender(service, policy.behaviour, works=policy.settings.service_works)
    made["anonymous"] = _profile(_asked_for(sender, None))
    if policy.settings.core.users is not None:
        from policy.engine.core import authenticate

        made["core_authenticated"] = authenticate(policy.settings.core, headers) is None
    if not isinstance(seen, Seen):
        return made
    tokens = policy._filter.present(seen)
    made["credentials"] = [_profile(_asked_for(sender, token)) for token in tokens]
    try:
        access = policy._parser.access(seen.path, seen.arguments, archive)
    except Failure:
        return made | {"exists": False}
    resources = [one for one in access.resources if one.level is not Level.SYSTEM]
    if not access.resources:
        return made | {"exists": False}
    labels: dict[str, list[str]] = {}
    for one in resources:
        labels.setdefault(one.level.value, sorted(one.labels or ()))
    made |= {"labels": labels, "exists": True, "level": _deepest(resources)}
    for token, credential in zip(tokens, made["credentials"], strict=True):
        credential["grants"] = _grants(access.resources, sender, token, seen.method)
    return made


def _deepest(resources: Sequence[Any]) -> str:
    order = ("patient", "study", "series", "instance")
    return max((one.level.value for one in resources), key=order.index, default="study")


def _asked_for(sender: ServiceSender, token: Any) -> UserProfile | None:
    try:
        return sender.profile(token)
    except Failure:
        return None


def _profile(profile: UserProfile | None) -> dict[str, Any]:
    if profile is None:
        return {"failed": True}
    return {"permissions": sorted(profile.permissions), "labels": sorted(profile.labels)}


def _grants(resources: Sequence[Any], sender: ServiceSender, token: Any, method: str) -> list[str]:
    granted: dict[str, bool] = {}
    for one in resources:
        opened = sender.grants(token, method, one)
        granted[one.level.value] = granted.get(one.level.value, True) and bool(opened)
    return sorted(level for level, every in granted.items() if every)


# -- generated --


def generated(
    policy: Policy, tokens: Sequence[Any], labels: Sequence[Mapping[str, Sequence[str]] | None]
) -> Iterator[Asked]:
    """A request of every route class, from everybody, with everything that may be known of the resource."""
    for one in Partition([policy]).classes:
        method, _, target = one.request.partition(" ")
        for token in tokens:
            for known in labels:
                decision = policy.decide(Request(method, target), token, resource=known)
                made: dict[str, Any] = {"method": method, "target": target}
                if not one.seen.path.isascii():  # a gateway that decodes by itself
                    made = {"method": method, "path": one.seen.path, "query": dict(one.seen.arguments)}
                if token is not None:
                    made["credentials"] = [{"roles": [token] if isinstance(token, str) else list(token)}]
                if known is not None:
                    made["labels"] = {level: list(names) for level, names in known.items()}
                yield asked(made, decision, f"{one.request} {token} {known}")
