"""The README beside an export: what was exported, how to ask, and what the engine cannot know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from policy._version import __version__
from policy.export.table import limits
from policy.text.visible import visible

if TYPE_CHECKING:
    from policy.engine import Policy

_ASK = {
    "rego": """\
## Ask

    opa run --server --bundle .
    curl -s localhost:8181/v1/data/{path}/access/decision -d '{{"input": {{
      "method": "GET", "target": "/studies/b9c08539-26f93bde-c81ab0d7-bffaf2cb-a4d0bdd0",
      "credentials": [{{"roles": ["doctor"]}}], "labels": {{"study": ["external"]}}}}}}'

- `data.{package}.access.allow`: whether the request may pass, false in all doubt.
- `data.{package}.access.decision`: `effect` (permit, deny, conditional), `reason`, `rule` (its index), `conditions`.
- `data.{package}.access.resource`: what the request touches, for whoever looks up labels.
- `data.{package}.access.decisions`: the same for every request in `input.requests`.
""",
    "cedar": """\
## Ask

1. `gateway.py`, or a program that does the same with `routes.json`, says which action a request is and what it touches.
2. The gateway makes the principal (a `User` with its `Role`s as parents, or the `Visitor`) and the resource with its
   labels, and asks Cedar with `policies.cedar` and `entities.json`, loaded with `schema.cedarschema`.
3. Of several credentials the last decides, unless a policy `labels: …` forbids one before it.
""",
}


def readme(form: str, policy: Policy, package: str = "") -> bytes:
    """The page for an export to ``form`` (``rego`` or ``cedar``)."""
    ask = _ASK[form].format(package=package, path=package.replace(".", "/"))
    return "\n".join([*_head(policy), ask, *_limits(policy, form), ""]).encode("utf-8", "replace")


def _head(policy: Policy) -> Iterator[str]:
    counted = Counter(rule.method for rule in policy.rules)
    yield "# Access rules of an Orthanc server"
    yield ""
    yield f"Made by policy-lint {__version__}: what the Authorization plugin {policy.version} answers."
    yield "Do not edit these files: make them anew when the configuration, the roles or the plugin change."
    yield ""
    yield f"- Rules: {', '.join(f'{counted[method]} {method}' for method in sorted(counted)) or 'none'}."
    levels = ", ".join(sorted(level.value for level in policy.levels)) or "none"
    yield f"- Checked levels: {levels}."
    roles = ", ".join(visible(name) for name in policy.roles.roles) if policy.roles is not None else "not known"
    yield f"- Roles: {roles}."
    yield ""


def _limits(policy: Policy, form: str) -> Iterator[str]:
    yield "## Not in here"
    yield ""
    yield from (f"- {line}" for line in limits(policy))
    if form == "cedar":
        yield "- Cedar has no conditional answer: labels that are not told are a no."
