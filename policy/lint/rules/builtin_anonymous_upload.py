"""Rule ``builtin-anonymous-upload``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.auth import ASKS_FOR_NOBODY, behaviour_of, servers_of, visitors_by_bad_tokens
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.opened import with_server_root
from policy.lint.views.options import filter_of, section_place
from policy.lint.views.policies import usable_policy

if TYPE_CHECKING:
    from policy.auth_service import Profile
    from policy.configuration.deployment import AuthService, OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context

_UPLOADS = (("POST", "/instances"), ("POST", "/dicom-web/studies"), ("POST", "/tools/create-dicom"))
_HELP = (
    "Mount a profile without permissions onto /orthanc_auth_service/anonymous-profile.json, or set "
    "ANONYMOUS_PROFILE_FILE_PATH to the empty text."
)


class BuiltinAnonymousUpload(Rule):
    r"""Strangers may upload, by the profile in the image.

    ## What it checks

    Since 25.8.0 the image of the auth service holds an anonymous profile that grants `upload`, without labels; it counts
    unless a file is mounted over it or the variable is empty.
    Whether it lets strangers upload depends on Orthanc, and is tried with the policy of this version and these files:

    - plugin 0.10.0 or later asks for the profile of requests without a token, older ones never do; but these, too, take it
      for requests with any token that is no good;
    - labels are compared for visitors as for others, and the profile has none: with `CheckedLevel` (or `system` among the
      `UncheckedLevels`) an upload touches no checked level and passes, without either option it is refused.

    ## Why it matters

    Anybody who reaches the server can fill the archive, or put wrong images into a patient's record.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```
    ```json orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```
    ---
    ```yaml docker-compose.yml line=6 severity=info persona=auditor
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```
    ```json orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/"}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ANONYMOUS_PROFILE_FILE_PATH: ""
    ```
    ```json orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Exceptions

    Older services give visitors no rights at all:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json"]
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
    ```
    ```json orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```
    """

    code: ClassVar[str] = "ANO007"
    name: ClassVar[str] = "builtin-anonymous-upload"
    title: ClassVar[str] = "Strangers may upload, by the profile in the image"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:1188", "cwe:306", "nist:AC-14")
    fixable: ClassVar[str] = "whether strangers are to upload is not known"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        container = service.container
        if behaviour is None or container is None or not behaviour.reads_anonymous_profile:
            return
        profile = context.anonymous(service)
        if profile.source != "image" or not profile.permissions:
            return
        location = container.image_location or container.location
        for server in servers_of(service, context):
            asks = server.plugin.version >= ASKS_FOR_NOBODY
            if asks or visitors_by_bad_tokens(server, service):
                yield from self._server(server, profile, location, context, asks=asks)

    def _server(
        self, server: OrthancServer, profile: Profile, location: Location, context: Context, *, asks: bool
    ) -> Iterator[Finding]:
        policy = usable_policy(server, context)
        if policy is None or not filter_of(server).profiles:
            return
        service = server.auth_service
        who = "anybody without a token" if asks else "anybody with a token that is no good"
        decisions = [
            (method, path, policy.decide(f"{method} {path}", None if asks else profile))
            for method, path in ((method, with_server_root(path, server)) for method, path in _UPLOADS)
        ]
        passing = [(method, path) for method, path, decision in decisions if decision]
        place = section_place(server)
        # A file of variables that was not given may name another profile.
        sure = (
            Confidence.LIKELY
            if service is not None and service.container is not None and may_be_elsewhere(service.container)
            else None
        )
        related = [Related(place, "the rules and levels that decide it")] if place is not None else []
        if passing:
            named = " and ".join(f"{method} {path}" for method, path in passing[:2])
            yield self.finding(
                location,
                f"{who[0].upper()}{who[1:]} may upload to {server.name} ({named}): no profile is mounted, and the one in the "
                f"image grants {' and '.join(profile.permissions)}.",
                _HELP,
                confidence=sure,
                related=related,
                witness=Witness(passing[0][0], passing[0][1], who, "permit"),
                facts={
                    "subject": server.name,
                    "kind": "open",
                    "routes": tuple(path for _, path in passing),
                    "who": who,
                },
            )
        elif any(decision.reason == "labels" for _, _, decision in decisions):
            yield self.finding(
                location,
                f"The profile in the image grants {' and '.join(profile.permissions)} to everybody; {server.name} refuses the "
                "upload only because the level system is checked and the profile has no label. With CheckedLevel set, "
                f"{who} may upload.",
                _HELP,
                severity=Severity.INFO,
                persona=Persona.AUDITOR,
                confidence=sure,
                related=related,
                facts={"subject": server.name, "kind": "withheld", "who": who},
            )
