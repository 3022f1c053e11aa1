"""Rule ``dangerous-route-granted``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.permissions import ADMIN, ALL
from policy.knowledge.plugin import versions
from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import asked_by_default, stands_in_some_list
from policy.lint.views.coverage import ANYBODY, Coverage, coverage
from policy.lint.views.listing import listed
from policy.lint.views.own_rules import known_of, own_rules
from policy.lint.views.route_table import is_here
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context, Subject
    from policy.lint.views.own_rules import Own
    from policy.lint.views.route_table import Known

_DANGERS = (
    ("code-execution", "runs code on the server"),
    ("server-control", "stops or restarts the server or its jobs"),
    ("exfiltration-path", "adds a destination to which data may be sent"),
    ("filesystem-write", "writes files on the server"),
    ("audit-loss", "removes traces"),
    ("phi-delete", "deletes or replaces patients' data"),
    ("access-control", "changes who may do what"),
    ("server-config", "changes settings of the server"),
)
_SWITCHES = {
    "/tools/execute-script": "ExecuteLuaEnabled",
    "/instances/{id}/export": "RestApiWriteToFileSystemEnabled",
}
"""Routes that answer nothing unless an option, off by default, is on."""
_SETTINGS = frozenset({ADMIN, "settings"})


@dataclass(frozen=True, slots=True)
class _Danger:
    known: Known
    what: str
    rank: int
    wider: frozenset[str]
    """The names that open it here and not by the built-in rules; empty where everybody may."""


class DangerousRouteGranted(Rule):
    r"""A dangerous route, opened by a wider rule than it needs.

    ## What it checks

    Rules of one's own that decide routes which run code, stop the server, delete, add destinations or change settings.
    Reported are those that open them by permissions by which the built-in list of the newest plugin does not.

    ## Why it matters

    A broad pattern takes dangerous routes along with the one that was meant.

    ## Example

    ```jsonc orthanc.jsonc line=7 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["post", "^/tools/(.*)$", "all|view"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}, "available-labels": []}
    ```
    ---
    ```jsonc orthanc.jsonc line=7 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["put", "^/(peers|modalities)/(.*)$", ""]
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["post", "^/tools/(create-archive|create-media)$", "all|view"],
          ["post", "^/tools/shutdown$", "admin-permissions"],
          ["put", "^/peers/(.*)$", "admin-permissions"]
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}, "available-labels": []}
    ```

    ## Exceptions

    What the built-in list gives to a permission is taken for meant, and so is what only holders of `all` or of
    `admin-permissions` get: of that only auditors are told.

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "Permissions": [
          ["get", "^/.*$", "all|view"],
          ["post", "^/(tools/(find|lookup|count-resources)|auth/.*|peers/.*/store|modalities/.*/(store|echo|query|move))$", "all|view"],
          ["delete", "^/(patients|studies|series|instances)/([a-f0-9-]+)$", "all|delete"],
          ["post", "^/tools/(bulk-delete)$", "all|delete"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE019"
    name: ClassVar[str] = "dangerous-route-granted"
    title: ClassVar[str] = "Dangerous route opened too widely"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:285", "nist:AC-6", "hipaa:164.308(a)(4)")
    fixable: ClassVar[str] = "who is to have the route is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None:
            return
        for own in own_rules(server, context):
            if stands_in_some_list(own.row.method, own.row.pattern):
                continue
            dangers = _dangers(own, server, covered, context)
            if dangers:
                yield from self._one(own, dangers, covered)

    def _one(self, own: Own, dangers: Sequence[_Danger], covered: Coverage) -> Iterator[Finding]:
        first = dangers[0]
        routes = tuple(dict.fromkeys(str(danger.known) for danger in dangers))
        more = f", and so is {listed(routes[1:], most=3)}" if routes[1:] else ""
        facts = {"subject": str(own.row), "routes": routes, "permissions": tuple(sorted(first.wider))}
        if own.rule.open:
            yield self.finding(
                own.row.location,
                f"{own} asks for no permission: {first.known.method} {first.known.path}, which {first.what}, is open to "
                f"everybody{more}.",
                "Ask for admin-permissions, and name the routes that are meant.",
                witness=_witness(first.known, covered, None),
                facts=facts | {"who": (ANYBODY,)},
            )
            return
        usual = first.wider <= {ALL}
        able = [subject for subject in covered.subjects if first.wider & frozenset(subject.profile.permissions)]
        if covered.roles_known and not able:
            return
        names = [subject.name for subject in able] if covered.roles_known else []
        whom = listed(names, most=3) if names else f"holders of {listed(sorted(first.wider - {ALL}) or [ALL], 'or')}"
        visitors = any(not subject.roles for subject in able)
        yield self.finding(
            own.row.location,
            f"{own} lets {whom} send {first.known.method} {first.known.path}, which {first.what}{more}.",
            "Name the routes that are meant, and ask for admin-permissions where a route is for administrators.",
            severity=Severity.INFO if usual else Severity.ERROR if visitors else Severity.WARNING,
            persona=Persona.AUDITOR if usual else Persona.REGULAR,
            witness=_witness(first.known, covered, able[0]) if able else None,
            facts=facts | {"who": tuple(names)},
        )


def _witness(known: Known, covered: Coverage, subject: Subject | None) -> Witness | None:
    """The request, where labels do not stand against it."""
    profile = subject.profile if subject is not None and subject.roles else None
    if not covered.policy.decide(f"{known.method} {known.path}", profile):
        return None
    return Witness(known.method, known.path, subject.name if subject is not None else ANYBODY, "permit")


def _dangers(own: Own, server: OrthancServer, covered: Coverage, context: Context) -> list[_Danger]:
    """The dangerous routes that the row decides more widely than the built-in rules, worst first."""
    rules = {rule.index for rule in own.rules}
    found: list[_Danger] = []
    for known in known_of(own, server, context):
        danger = _danger_of(known, server) if known.method == own.rule.method else None
        if danger is None:
            continue
        decider = covered.rule(known.method, known.path)
        if decider is None or decider.index not in rules:
            continue
        usual = asked_by_default(versions()[-1], known.method, known.path)
        if usual is None:
            usual = _SETTINGS if danger[1] == _DANGERS[-1][1] else frozenset({ADMIN})
        wider = decider.permissions - usual
        if decider.open or wider:
            found.append(_Danger(known, danger[1], danger[0], wider))
    # Beside a name that only administrators hold, one that others hold is what matters.
    return sorted(found, key=lambda one: (one.wider <= {ALL} and not own.rule.open, one.rank))


def _danger_of(known: Known, server: OrthancServer) -> tuple[int, str] | None:
    route = known.route
    if route is None or route.method == "GET" or route.path.startswith("/jobs") or not is_here(route, server):
        return None
    switch = _SWITCHES.get(route.path)
    if switch is not None:
        setting = server.configuration.get(switch)
        if setting is None or setting.value is not True:
            return None
    for rank, (sensitivity, what) in enumerate(_DANGERS):
        if sensitivity in route.sensitivity:
            if sensitivity == "access-control" and route.path != "/auth/settings/roles":
                return None
            return rank, what
    return None
