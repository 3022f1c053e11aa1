"""A test file made from a diff: it holds for the new policy, and fails for the old one."""

from __future__ import annotations

import json
from typing import Any

from policy.questions.diff import Diff, Difference
from policy.questions.senders import SOME_LABEL, Sender

_MOST_COMMENT = 150


def written(told: Diff) -> str:
    """The differences as a test file in JSON5, one case for each sender and each request.

    Share links are left out, as a test names no share.  What the old policy answers stands in a comment.
    """
    profiles: dict[str, dict[str, list[str]]] = {}
    cases: list[str] = []
    for one in told.differences:
        if not one.certain:
            continue
        found = [_case(one, who, profiles) for who in one.senders if who.kind != "share"]
        if found:
            cases.append(f"    // before: {_comment(str(one.old.grant))}; now: {_comment(str(one.new.grant))}")
            cases += found
    lines = ["// Made by policy diff: what changed, as it is now.", "{", "  version: 1,"]
    if profiles:
        lines.append("  profiles: {")
        lines += [f"    {json.dumps(name)}: {json.dumps(profile)}," for name, profile in profiles.items()]
        lines.append("  },")
    lines += ["  tests: [", *cases, "  ],", "}"]
    return "\n".join(lines) + "\n"


def _case(one: Difference, who: Sender, profiles: dict[str, dict[str, list[str]]]) -> str:
    case: dict[str, Any] = {"route": one.request, "as": _name(who, profiles), "expect": str(one.new.grant.effect)}
    return f"    {json.dumps(case)},"


def _name(who: Sender, profiles: dict[str, dict[str, list[str]]]) -> str | list[str]:
    """The sender as a test names it; holders of permissions are profiles of the file."""
    if who.kind == "roles":
        return list(who.token)
    if who.kind != "permission":
        return who.name
    limited = {"*": "all labels", SOME_LABEL: "some labels"}.get(who.labels, "no label")
    name = f"{who.name or 'nothing'}, {limited}"
    profiles[name] = {"permissions": [who.name] if who.name else [], "labels": [who.labels] if who.labels else []}
    return name


def _comment(text: str) -> str:
    """Text that cannot end a comment of one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_MOST_COMMENT]
