"""Rule ``permission-unasked``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import plugin
from policy.knowledge.permissions import ALL
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import behaviour_of
from policy.lint.views.options import key_place, option
from policy.lint.views.permissions import effective
from policy.lint.views.written import profile_in, roles_in, texts

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.written import Rights
    from policy.text import Node

_FOR_THE_INTERFACE = "api-view"
"""Looked at by the user interface alone."""


class PermissionUnasked(Rule):
    r"""A permission that roles hold and no rule asks for.

    ## What it checks

    Permissions in permissions.json and in the anonymous profile that no effective rule of the server names.

    ## Why it matters

    The permission gives nothing.
    If the built-in list of this version has rules for it and a list of one's own has not, the list has lost them: whoever
    holds the permission gets 403.

    ## Example

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/studies/(.*)$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json line=4
    {
      "roles": {
        "doctor-role": {"permissions": ["view"], "authorized-labels": ["*"]},
        "modality-role": {"permissions": ["upload"], "authorized-labels": ["*"]}
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc plugin=0.9.4 persona=pedantic severity=info
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```
    ```json permissions.json line=3
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "worklists"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/my-plugin/(.*)$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "doctor-role": {"permissions": ["view", "api-view"], "authorized-labels": ["*"]},
        "modality-role": {"permissions": ["upload"], "authorized-labels": ["*"]}
      }
    }
    ```

    ## Exceptions

    `api-view` is for the user interface, which hides a menu without it; no rule needs to ask for it.
    """

    code: ClassVar[str] = "RUL006"
    name: ClassVar[str] = "permission-unasked"
    title: ClassVar[str] = "Permission that no rule asks for"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "nist:AC-3(7)", "cis:6.8")
    fixable: ClassVar[str] = "whether role or rules are wrong is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        behaviour = behaviour_of(service) if service is not None else None
        if service is None or behaviour is None:
            return
        rules = effective(server, context)
        if not rules:
            return
        asked = {name for rule in rules for name in rule.permissions}
        found: dict[str, list[tuple[Rights, Node]]] = {}
        holders = [*roles_in(service.permissions, service.version.version)]
        profile = profile_in(service.anonymous, service.version.version)
        for rights in [*holders, *([profile] if profile is not None else [])]:
            for node in texts(rights.permissions):
                name = str(node.value)
                if name in behaviour.permissions and name not in asked and name != _FOR_THE_INTERFACE:
                    found.setdefault(name, []).append((rights, node))
        for name, places in found.items():
            yield self._permission(server, name, places)

    def _permission(self, server: OrthancServer, name: str, places: list[tuple[Rights, Node]]) -> Finding:
        rights, node = places[0]
        entry = option(server, "Permissions")
        release = plugin.closest(server.plugin.version)
        lost = [rule for rule in release.default_rules if name in rule.names] if entry is not None else []
        who = rights.who + (f" and {len(places) - 1} others" if len(places) > 1 else "")
        holds = "hold" if len(places) > 1 else "holds"
        related = [Related(other.source.place(at.span), f"{other.who} holds it too") for other, at in places[1:6]]
        help_ = "Add rules for it, or take it away."
        what = "every rule of one's own with all in it" if name == ALL else f"{len(lost)} rules"
        if lost and entry is not None:
            location = key_place(server, entry)
            if location is not None:
                related.insert(0, Related(location, f"this list replaces the built-in one, which has {what} for it"))
            first = f"{lost[0].method.upper()} {lost[0].pattern}"
            consequence = (
                f"the built-in list of plugin {release.version} lets its holders pass by {len(lost)} rules ({first} ...), "
                "the list given here by none"
            )
            help_ = "Take the rules over from the built-in list, or remove Permissions and keep own rules in ExtraPermissions."
        else:
            consequence = f"it gives nothing with plugin {server.plugin.version}"
        return self.finding(
            rights.source.place(node.span),
            f"{who[0].upper()}{who[1:]} {holds} {name}, but no rule asks for it: {consequence}.",
            help_,
            severity=Severity.WARNING if lost else Severity.INFO,
            persona=Persona.REGULAR if lost else Persona.PEDANTIC,
            related=related,
            facts={"subject": name, "holders": len(places), "lost": len(lost)},
        )
