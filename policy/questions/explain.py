"""Why a request gets its answer, and the smallest changes that would give the other one.

Every change is tried on the engine before it is told: none is proposed that does not change the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policy.auth_service import Profile
from policy.auth_service.deployed import anonymous_of
from policy.configuration.deployment import OrthancServer
from policy.engine import Decision, Effect, Forwarded, Policy, Reason, Rule
from policy.errors import PolicyError
from policy.knowledge import clients, plugin
from policy.knowledge.versions import Version
from policy.records import dataclass, replace

_EXTRA_PERMISSIONS_SINCE = Version.parse("0.10.0")
_SECTION = "Authorization"


@dataclass(frozen=True, slots=True)
class Change:
    """One change that turns the answer: ``kind`` is permission, label, rule, header, role, path, option or proxy."""

    kind: str
    text: str
    result: Effect
    """The answer after the change: conditional where labels then decide."""
    about: tuple[str, ...] = ()
    """What is changed, for those who make the change: the permissions or the label; the list and the cells of a rule; the
    kind and the path that is unchecked."""


@dataclass(frozen=True, slots=True)
class Need:
    """A feature of a client that sends this request."""

    client: str
    feature: str
    essential: bool
    symptom: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, the changes that would turn it, and who needs the request."""

    decision: Decision
    changes: tuple[Change, ...]
    needs: tuple[Need, ...]


def explain(policy: Policy, server: OrthancServer, route: str, token: Any, *, resource: Any = None) -> Explanation:
    """Explain the answer to ``route`` for ``token``; both as for :meth:`policy.engine.Policy.decide`.

    ``server`` is what the policy was compiled from: rules are added to its configuration to try them.
    """
    decision = policy.decide(route, token, resource=resource)
    question = _Question(policy, server, route, token, resource, decision)
    changes = question.against() if decision.effect is not Effect.PERMIT else question.for_it()
    seen: dict[str, Change] = {change.text: change for change in (*changes, *question.on_the_way())}
    return Explanation(decision, tuple(seen.values()), tuple(needs(decision)))


@dataclass(frozen=True, slots=True)
class _Question:
    policy: Policy
    server: OrthancServer
    route: str
    token: Any
    resource: Any
    decision: Decision

    @property
    def method(self) -> str:
        return self.decision.request.partition(" ")[0]

    @property
    def profile(self) -> Profile:
        """What the sender has, as a profile that can be changed and tried."""
        known = self.policy.profile_of(self.token)
        return Profile("tried", permissions=tuple(sorted(known.permissions)), labels=tuple(sorted(known.labels)))

    @property
    def who(self) -> str:
        if self.token is None:
            return "the anonymous profile"
        if isinstance(self.token, str):
            return f"the role {self.token}"
        if isinstance(self.token, tuple | list):
            return f"one of the roles {', '.join(self.token)}"
        return "the profile"

    # -- what would permit a request that is refused, or free it of its conditions --

    def against(self) -> Iterator[Change]:
        reason, rule = self.decision.reason, self.decision.rule
        if reason is Reason.PROXY:
            yield from self._public_path()
        elif reason is Reason.CORE_AUTHENTICATION:
            yield Change("header", "send the credentials of a registered user (HTTP Basic)", Effect.CONDITIONAL)
        elif self.token is not None and not self.policy.credentials:
            yield Change("header", "name a token header in TokenHttpHeaders: none is configured", Effect.CONDITIONAL)
        elif reason is Reason.NO_PERMISSION and rule is not None:
            yield from self._permissions(rule)
            yield from self._roles()
        elif reason in (Reason.LABELS, Reason.LIST_OF_RESOURCES):
            yield from self._labels()
            yield from self._roles()
        elif reason is Reason.NO_RULE or (reason is Reason.NO_SHARE and rule is None):
            yield from self._rules()

    def _permissions(self, rule: Rule) -> Iterator[Change]:
        for name in sorted(rule.permissions):
            tried = replace(self.profile, permissions=(*self.profile.permissions, name))
            yield from self._tried("permission", f"give {self.who} the permission {name!r}", tried, (name,))

    def _labels(self) -> Iterator[Change]:
        wanted: set[str] = {"*"}
        for name, label in self._labels_of_resource():
            wanted.add(label)
            tried = replace(self.profile, labels=(*self.profile.labels, label))
            yield from self._tried("label", f"give {self.who} the label {label!r}, which {name} has", tried, (label,))
        everything = replace(self.profile, labels=(*self.profile.labels, "*"))
        yield from self._tried("label", f"give {self.who} the label '*' (every resource)", everything, ("*",))

    def _labels_of_resource(self) -> Iterator[tuple[str, str]]:
        if isinstance(self.resource, Mapping):
            for level, labels in self.resource.items():
                for label in labels:
                    yield f"the {level}", str(label)
        elif isinstance(self.resource, list | tuple | set | frozenset):
            for label in sorted(self.resource):
                yield "the study", str(label)

    def _roles(self) -> Iterator[Change]:
        if self.policy.roles is None:
            return
        held = {self.token} if isinstance(self.token, str) else set(self.token or ()) if _roles(self.token) else set()
        for name in self.policy.roles.roles:
            if name in held:
                continue
            effect = self._effect(name)
            if _better(effect, self.decision.effect):
                yield Change("role", f"send the request as {name}", effect)

    def _rules(self) -> Iterator[Change]:
        path = self._path
        version = Version.parse(self.policy.version)
        own_list = self.server.option("Permissions") is not None
        if own_list:
            for default in plugin.release(version).default_rules:
                if default.method.upper() == self.method and self._default_matches(default):
                    where = "ExtraPermissions" if version >= _EXTRA_PERMISSIONS_SINCE else "Permissions"
                    row = [default.method, default.pattern, default.permissions]
                    text = f"add to {where} the rule that the plugin has built in and this list lacks: {_row(row)}"
                    yield from self._with_rule(row, where, text)
                    return
        where = "ExtraPermissions" if version >= _EXTRA_PERMISSIONS_SINCE else "Permissions"
        for permission in self.profile.permissions:
            row = [self.method.lower(), f"^{pattern_like(path)}$", permission]
            text = f"add to {where} a rule that asks for a permission which {self.who} has, such as {_row(row)}"
            changes = list(self._with_rule(row, where, text))
            yield from changes
            if changes:
                return

    def _default_matches(self, default: plugin.DefaultRule) -> bool:
        alone = {_SECTION: {"WebServiceRootUrl": "http://service/", "Permissions": [list(_cells(default))]}}
        alone["AuthenticationEnabled"] = False  # type: ignore[assignment]
        tried = Policy.from_configuration(alone, plugin=self.policy.version)
        return tried.first_rule(self.method, self._path) is not None

    @property
    def _path(self) -> str:
        return self.decision.request.partition(" ")[2].partition("?")[0]

    def _with_rule(self, row: list[str], where: str, text: str) -> Iterator[Change]:
        configuration = self.server.configuration.python()
        section = configuration.get(_SECTION)
        if not isinstance(section, dict):
            return
        if where == "Permissions" and "Permissions" not in section:
            section["Permissions"] = [list(_cells(rule)) for rule in plugin.release(self.policy.version).default_rules]
        section[where] = [*section.get(where, []), row]
        try:
            tried = self._compiled(configuration)
            effect = tried.decide(self.decision.request, self.token, resource=self.resource).effect
        except PolicyError:
            return
        if _better(effect, self.decision.effect):
            yield Change("rule", text, effect, (where, *row))

    def _compiled(self, configuration: dict[str, Any]) -> Policy:
        service = self.server.auth_service
        return Policy.from_configuration(
            configuration,
            plugin=self.policy.version,
            permissions=self.policy.roles,
            anonymous=anonymous_of(service) if service is not None else self.policy.anonymous,
            auth_service=str(service.version) if service is not None else None,
        )

    def on_the_way(self) -> Iterator[Change]:
        """On what it depends that the proxy hands the request on: what it says itself under a condition is a no here."""
        proxy = self.policy.proxy
        address = self.route.partition(" ")[2] or self.route
        if proxy is None or "://" not in address or self.decision.effect is Effect.DENY:
            return
        outcome = proxy.to_orthanc(address)
        for condition in outcome.conditions if isinstance(outcome, Forwarded) else ():
            yield Change("proxy", f"the reverse proxy: {condition}", Effect.DENY)

    def _public_path(self) -> Iterator[Change]:
        proxy = self.policy.proxy
        to_public = getattr(proxy, "to_public", None)
        if to_public is None:
            return
        match = re.match(r"[a-z]+://[^/]+(?P<path>/.*)?$", self.route.partition(" ")[2] or self.route)
        path = (match["path"] or "/") if match else "/"
        for public in to_public(path):
            yield Change("path", f"call {public}: that is {path} at Orthanc", Effect.CONDITIONAL)

    # -- what would refuse a request that is permitted --

    def for_it(self) -> Iterator[Change]:
        reason, rule = self.decision.reason, self.decision.rule
        if reason is Reason.PERMISSION and rule is not None:
            held = [name for name in self.profile.permissions if name in rule.permissions]
            rest = tuple(name for name in self.profile.permissions if name not in rule.permissions)
            names = " and ".join(map(repr, held))
            text = f"take the permission{'s' if len(held) > 1 else ''} {names} from {self.who}"
            yield from self._tried(
                "permission", text, replace(self.profile, permissions=rest), tuple(held), refuse=True
            )
        elif reason is Reason.OPEN_RULE and rule is not None:
            yield Change("rule", f"let the rule ask for a permission ({rule.origin})", Effect.DENY)
        elif reason in (Reason.UNCHECKED_FOLDER, Reason.UNCHECKED_RESOURCE):
            path = self._path
            for one in self.policy.unchecked:
                if path == one.path if one.kind == "resource" else path.startswith(one.path):
                    text = f"remove {one.path} from the unchecked {one.kind}s ({one.origin})"
                    yield Change("option", text, Effect.DENY, (one.kind, one.path))
        elif reason is Reason.FILTER_OFF:
            yield Change("option", "give the address of the auth service (WebServiceRootUrl)", Effect.CONDITIONAL)

    def _tried(
        self, kind: str, text: str, profile: Profile, about: tuple[str, ...], *, refuse: bool = False
    ) -> Iterator[Change]:
        effect = self._effect(profile)
        if (effect is Effect.DENY) if refuse else _better(effect, self.decision.effect):
            yield Change(kind, text, effect, about)

    def _effect(self, token: Any) -> Effect:
        return self.policy.decide(self.route, token, resource=self.resource).effect


_ORDER = (Effect.DENY, Effect.CONDITIONAL, Effect.PERMIT)


def _better(effect: Effect, than: Effect) -> bool:
    return _ORDER.index(effect) > _ORDER.index(than)


def _roles(token: Any) -> bool:
    return isinstance(token, tuple | list)


def _cells(rule: plugin.DefaultRule) -> tuple[str, str, str]:
    return rule.method, rule.pattern, rule.permissions


def pattern_like(path: str) -> str:
    """A pattern for paths like ``path``: identifiers become classes, the rest is taken as it is."""
    pieces = []
    for piece in path.split("/"):
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}", piece):
            pieces.append("([a-f0-9-]+)")
        elif re.fullmatch(r"[0-9]+(\.[0-9]+)+", piece):
            pieces.append("([.0-9]+)")
        else:
            pieces.append(re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", piece))
    return "/".join(pieces)


def _row(row: list[str]) -> str:
    import json

    return json.dumps(row)


def needs(decision: Decision) -> Iterator[Need]:
    """The features of known clients that send a request of this kind."""
    method, _, target = decision.request.partition(" ")
    shape = _shape(target.partition("?")[0])
    for feature in clients.features():
        for request in feature.requests:
            if request.method == method and _shape(request.witness) == shape:
                yield Need(feature.client, feature.name, request.essential, request.symptom)
                break


def _shape(path: str) -> str:
    """The path with every identifier replaced, so that two requests of a kind look alike."""
    pieces = path.rstrip("/").split("/") if path != "/" else [path]
    return "/".join("{}" if re.fullmatch(r"[0-9a-f-]{36,}|[0-9.]+|\{[^}]*\}", piece) else piece for piece in pieces)
