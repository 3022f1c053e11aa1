"""The policy for Cedar: policies, a schema and the entities of roles; routes are resolved to actions before.

Cedar has no regular expressions, and that the first matching rule decides cannot be said in it at all: its policies
have no order.  So a gateway finds the action (``rule-12``) by the table in ``routes.json``, and Cedar decides what is
Cedar's to decide: whether somebody with these roles may do this to a resource with these labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.errors import PolicyError
from policy.export.files import Files, json_file
from policy.export.gateway import quoted as _quoted
from policy.export.readme import readme
from policy.export.table import table

if TYPE_CHECKING:
    from policy.engine import Policy

_SCHEMA = """\
namespace Orthanc {
  entity Permission, Label;
  entity Role in [Permission, Label];
  entity User in [Role, Permission, Label];
  entity Visitor in [Permission, Label];
  // What a request touches; labels are those at the level that is checked, if they are known.
  entity Resource = { level: String, exists: Bool, checked: Bool, listed: Bool, labels?: Set<Label> };
  type Context = { shared: Bool, search: Bool };
  // Every request that is checked.
  action "request";
"""
_APPLIES = "appliesTo { principal: [User, Visitor], resource: [Resource], context: Context }"


class NoLabels(PolicyError):
    """A release of the plugin that knows no labels decides in ways that are not exported to Cedar."""


def export(policy: Policy) -> Files:
    """The files: ``policies.cedar``, ``schema.cedarschema``, ``entities.json``, ``routes.json`` and the mapper.

    Raises :class:`policy.export.table.NothingToExport`, :class:`policy.export.re2.NotExpressible`, and
    :class:`NoLabels` for the plugin 0.5.x.
    """
    if not policy.behaviour.labels:
        raise NoLabels(
            f"the plugin {policy.version} knows no labels: of several credentials the first with the permission decides",
            help="Export to rego, or export as a newer version with --plugin-version.",
        )
    made = table(policy)
    return {
        "README.md": readme("cedar", policy),
        "entities.json": json_file(list(entities(made))),
        "gateway.py": (resources("policy.export") / "gateway.py").read_bytes(),
        "policies.cedar": "\n".join(policies(made)).encode(),
        "routes.json": json_file(made),
        "schema.cedarschema": "\n".join(schema(made)).encode(),
    }


def schema(made: dict[str, Any]) -> Iterator[str]:
    """The schema: an action for each rule, in the group of rules that ask for the same."""
    yield _SCHEMA.rstrip()
    groups = _groups(made)
    yield from (f'  action {_quoted(name)} in ["request"];' for name in sorted(groups))
    for name, group in sorted(groups.items()):
        yield from (f'  action "rule-{index}" in [{_quoted(name)}] {_APPLIES};' for index in group.rules)
    yield f'  action "no-rule" in ["request"] {_APPLIES};'
    yield f'  action "unchecked" {_APPLIES};'
    yield "}"
    yield ""


def entities(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Roles with the permissions and labels that they give, and the visitor."""
    for name, role in made["roles"].items():
        yield _entity("Role", name, role)
    flags = made["behaviour"]
    asked = flags["anonymous_profile"] or flags["anonymous_question"]
    yield _entity("Visitor", "anonymous", made["anonymous"] if asked else {"permissions": [], "labels": []})


def policies(made: dict[str, Any]) -> Iterator[str]:
    """The policies: what passes, and where labels stand against it."""
    yield "// Made by policy-lint from the configuration of an Orthanc server; README.md tells how to ask."
    yield ""
    yield from _policy("unchecked", "unchecked", "permit", 'action == Orthanc::Action::"unchecked"')
    label_checks = " && ".join([*_who(made), f"!({_accepted(made)})"])
    for name, group in sorted(_groups(made).items()):
        scope = f"action in Orthanc::Action::{_quoted(name)}"
        needed = [f"Orthanc::Permission::{_quoted(one)}" for one in group.permissions]
        holds = [f"principal in [{', '.join(needed)}]"] if needed else []
        yield from _policy(name, "permission" if needed else "open-rule", "permit", scope, *holds)
        if _compared(made):
            yield from _policy(f"labels: {name}", "labels", "forbid", scope, *holds, label_checks)
    if made["shares"]:
        scope = 'action in Orthanc::Action::"request"'
        yield from _policy("share", "share", "permit", scope, "resource.exists", "context.shared")
        if made["behaviour"]["search_exception"]:
            yield from _policy("search", "search-exception", "permit", scope, "resource.exists", "context.search")


class _Group(NamedTuple):
    """Rules that ask for the same."""

    permissions: tuple[str, ...]
    rules: tuple[int, ...]


def _groups(made: dict[str, Any]) -> dict[str, _Group]:
    found: dict[tuple[str, ...], list[int]] = {}
    for rows in made["rules"].values():
        for rule in rows:
            found.setdefault(tuple(rule["permissions"]), []).append(rule["index"])
    return {
        f"needs {'|'.join(permissions)}" if permissions else "open": _Group(permissions, tuple(sorted(rules)))
        for permissions, rules in found.items()
    }


def _compared(made: dict[str, Any]) -> bool:
    """Whether labels are compared at all."""
    return bool(made["behaviour"]["always_parses_resources"] or made["shares"])


def _who(made: dict[str, Any]) -> tuple[str, ...]:
    """Before 0.10.0 nobody asks for the labels of visitors."""
    return () if made["behaviour"]["anonymous_profile"] else ("principal is Orthanc::User",)


def _accepted(made: dict[str, Any]) -> str:
    """When labels do not stand against a request."""
    all_labels = 'principal in Orthanc::Label::"*"'
    if made["audit"]:
        all_labels = f"{all_labels} && resource.exists"
    common = "resource has labels && principal in resource.labels"
    return f"{all_labels} || resource.exists && !resource.listed && (!resource.checked || {common})"


def _policy(name: str, reason: str, effect: str, scope: str, *conditions: str) -> Iterator[str]:
    yield f"@id({_quoted(name)})"
    yield f"@reason({_quoted(reason)})"
    yield f"{effect} (principal, {scope}, resource)" + ("" if conditions else ";")
    if conditions:
        yield "when {"
        yield "  " + " &&\n  ".join(conditions)
        yield "};"
    yield ""


def _entity(kind: str, name: str, profile: dict[str, Any]) -> dict[str, Any]:
    parents = [
        {"type": f"Orthanc::{parent}", "id": one}
        for parent, field in (("Permission", "permissions"), ("Label", "labels"))
        for one in profile[field]
    ]
    return {"uid": {"type": f"Orthanc::{kind}", "id": name}, "attrs": {}, "parents": parents}
