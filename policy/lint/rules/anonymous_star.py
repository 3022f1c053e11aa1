"""Rule ``anonymous-star``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge import plugin
from policy.lint.finding import Confidence, Finding, Persona, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.auth import ASKS_FOR_NOBODY, behaviour_of, servers_of, visitors_by_bad_tokens
from policy.lint.views.opened import Reached, by_profile, default_policy, patients_data
from policy.lint.views.options import filter_of
from policy.lint.views.policies import usable_policy
from policy.lint.views.written import STAR, profile_in, texts

if TYPE_CHECKING:
    from policy.auth_service import Profile
    from policy.configuration.deployment import AuthService, OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context
    from policy.lint.views.written import Rights

NOBODY = "anybody without a token"
_UPLOAD = frozenset({"upload"})
_HEADS = ("studies", "dicom-web", "patients", "series", "instances", "tools")
BAD_TOKEN = "anybody with a token that is no good"  # noqa: S105 - words, not a password


class AnonymousStar(Rule):
    r"""Patients' data for everybody, by the anonymous profile.

    ## What it checks

    Each known route with patients' data is asked for as somebody without a login, with the policy of this version and
    these files; reported is what the anonymous profile opens.

    ## Why it matters

    The profile is given to each request without a token, and to each with a token that the auth service cannot use.
    With the label `*` everybody in the network sees every study.
    Without it, the labels limit studies, but not routes at a level that is not checked.
    A profile that a file grants for uploads alone is taken for meant, and told to auditors.

    ## Example

    ```json anonymous-profile.json line=3
    {
      "name": "Anonymous",
      "authorized-labels": ["*"],
      "permissions": ["upload", "view", "send", "download"],
      "validity": 60
    }
    ```
    ---
    ```jsonc orthanc.jsonc
    {
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```
    ```json anonymous-profile.json line=4 severity=warning
    {
      "name": "Anonymous",
      "authorized-labels": ["public"],
      "permissions": ["view"],
      "validity": 60
    }
    ```

    ## Use instead

    ```json anonymous-profile.json
    {
      "name": "Anonymous",
      "authorized-labels": [],
      "permissions": [],
      "validity": 60
    }
    ```

    ## Exceptions

    A profile that opens nothing on this server, for example because the plugin never asks for it and looks for no token:

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```
    ```json anonymous-profile.json
    {"name": "Anonymous", "authorized-labels": ["*"], "permissions": ["view"], "validity": 60}
    ```
    """

    code: ClassVar[str] = "ANO001"
    name: ClassVar[str] = "anonymous-star"
    title: ClassVar[str] = "Patients' data for everybody"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = (
        "owasp:API1:2023",
        "cwe:306",
        "nist:AC-14",
        "hipaa:164.312(a)(1)",
        "gdpr:5(1)(f)",
    )
    fixable: ClassVar[str] = "what visitors are to see is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        rights = profile_in(service.anonymous, service.version.version)
        if behaviour is None or not behaviour.reads_anonymous_profile or rights is None:
            return
        profile = context.anonymous(service)
        if not profile.permissions:
            return
        servers = servers_of(service, context)
        if not servers:
            yield from self._alone(rights, profile)
        for server in servers:
            yield from self._server(server, rights, profile, context)

    def _alone(self, rights: Rights, profile: Profile) -> Iterator[Finding]:
        """No server is given: judged by the built-in rules of the newest plugin, and only where labels do not matter."""
        if rights.limited:
            return
        policy = default_policy()
        found = by_profile(policy, patients_data(None), profile, sees_all=True)
        if found:
            by = f"by the built-in rules of plugin {plugin.newest().version}"
            yield self._found(rights, found, profile, NOBODY, by, Confidence.LIKELY)

    def _server(self, server: OrthancServer, rights: Rights, profile: Profile, context: Context) -> Iterator[Finding]:
        policy = usable_policy(server, context)
        if policy is None or not filter_of(server).profiles:
            return
        asks = server.plugin.version >= ASKS_FOR_NOBODY
        if not asks and (server.auth_service is None or not visitors_by_bad_tokens(server, server.auth_service)):
            return
        found = by_profile(
            policy, patients_data(server), None if asks else profile, server, sees_all=not rights.limited
        )
        if found:
            yield self._found(rights, found, profile, NOBODY if asks else BAD_TOKEN, _place_of_rules(server))

    def _found(
        self,
        rights: Rights,
        found: list[Reached],
        profile: Profile,
        who: str,
        by: str,
        confidence: Confidence | None = None,
    ) -> Finding:
        held = frozenset(profile.permissions)
        uploads = [one for one in found if one.asked & held <= _UPLOAD]
        others = [one for one in found if one not in uploads]
        certain = [one for one in others or uploads if one.certain]
        shown = _telling(certain or others)
        rest = len(certain or others) - len(shown)
        more = f" and {rest} more known {'route' if rest == 1 else 'routes'}" if rest else ""
        what = f"{who[0].upper()}{who[1:]} reaches {', '.join(map(str, shown))}{more} with patients' data {by}"
        severity, persona = self.severity, Persona.REGULAR
        if not others:
            message = f"{who[0].upper()}{who[1:]} may upload {by}: {', '.join(map(str, shown))}{more}."
            advice = "Check that it is meant: whoever reaches the server can add images to a patient's record."
            severity, persona = Severity.INFO, Persona.AUDITOR
        elif not rights.limited:
            message = f"{what}: the anonymous profile has the label *."
            advice = "Remove the star, and all permissions that visitors need not have; share single studies by links."
        elif certain:
            message = f"{what}, whatever the labels: these routes touch no level that is checked."
            advice = "Take the permissions away; share single studies by links."
            severity = Severity.WARNING
        else:
            labels = " or ".join(label[:40] for label in rights.label_texts[:3])
            message = f"{what}, as far as the studies are labelled {labels}."
            advice = "Check that whoever can put this label on a study knows that it is then public."
            severity, persona = Severity.INFO, Persona.AUDITOR
        witness = shown[0]
        member = rights.permissions
        return self.finding(
            _where(rights),
            message,
            advice,
            severity=severity,
            persona=persona,
            confidence=confidence,
            related=[Related(rights.source.place(member.key_span), "what it may do")] if member is not None else [],
            witness=Witness(witness.route.method, witness.target, who, "permit") if witness.certain else None,
            facts={
                "subject": "anonymous",
                "who": who,
                "routes": len(certain),
                "conditional": len(found) - len(certain),
                "opened": tuple(map(str, certain[:200])),
            },
        )


def _place_of_rules(server: OrthancServer) -> str:
    return f"on {server.name}" if server.name else "on this server"


def _where(rights: Rights) -> Location:
    star = next((node for node in texts(rights.labels) if node.value == STAR), None)
    if star is not None:
        return rights.source.place(star.span)
    member = rights.permissions
    return rights.source.place(member.key_span) if member is not None else rights.location


def _telling(found: list[Reached]) -> list[Reached]:
    """Three routes that people recognise: studies before single instances, reading before writing, whole files first."""

    def head(one: Reached) -> str:
        return one.target.split("/")[1].partition("?")[0]

    def rank(one: Reached) -> tuple[bool, int, bool, int]:
        order = _HEADS.index(head(one)) if head(one) in _HEADS else len(_HEADS)
        return (one.route.method != "GET", order, "bulk" not in one.route.sensitivity, one.target.count("/"))

    chosen: list[Reached] = []
    for one in sorted(found, key=rank):
        if all((head(other), other.route.method) != (head(one), one.route.method) for other in chosen):
            chosen.append(one)
    return chosen[:3]
