"""Rule ``refusal-not-seen``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.clients_used import PAGES, features_used, target_of, used_clients
from policy.lint.views.coverage import coverage
from policy.lint.views.listing import listed
from policy.lint.views.options import section_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.knowledge.clients import ClientRequest, Feature
    from policy.lint.context import Context, Subject
    from policy.lint.views.clients_used import Used
    from policy.lint.views.coverage import Coverage

_SILENT = ("no message", "exit code is 0", "no error")
_TRANSFERS = "/transfers/"


class RefusalNotSeen(Rule):
    r"""A refusal that nobody sees.

    ## What it checks

    Requests of the deployment's clients that were recorded to fail without a word, and the roles to which they are refused
    although they use the client.

    ## Why it matters

    OHIF lists a report as if it were saved; a job of Orthanc Explorer 2 does not start; the user believes that all is well.

    ## Example

    ```jsonc orthanc.jsonc line=6 persona=pedantic severity=info
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": [
          "ohif"
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}, "available-labels": []}
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": [
          "ohif"
        ]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"reporter": {"permissions": ["view", "upload"], "authorized-labels": ["*"]}}, "available-labels": []}
    ```

    ## Exceptions

    What Orthanc Explorer 2 hides from a user is not counted.
    """

    code: ClassVar[str] = "RTE023"
    name: ClassVar[str] = "refusal-not-seen"
    title: ClassVar[str] = "Refusal that nobody sees"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("nist:AU-2", "owasp:API8:2023")
    fixable: ClassVar[str] = "who is to have the route is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None or not covered.roles_known:
            return
        for used in used_clients(server, context):
            for feature in features_used(used.client, server):
                yield from self._feature(used, feature, server, covered)

    def _feature(self, used: Used, feature: Feature, server: OrthancServer, covered: Coverage) -> Iterator[Finding]:
        for request in feature.requests:
            if request.essential or not any(words in request.symptom for words in _SILENT):
                continue
            path = target_of(request, server)
            if not _offered(used, request, server):
                continue
            refused = [
                subject
                for subject in covered.subjects
                if subject.roles
                and _uses(subject, feature, server, covered)
                and not _may(subject, request.method, path, covered)
            ]
            location = used.place or section_place(server)
            if refused and location is not None:
                names = [subject.name for subject in refused]
                yield self.finding(
                    location,
                    f"{used.name[0].upper()}{used.name[1:]} does not show when {request.method} {path} is refused to "
                    f"{listed(names, most=3)}: {request.symptom}.",
                    "Grant the route to the role, or take the feature away from it.",
                    witness=Witness(request.method, path, names[0], "deny"),
                    facts={"subject": used.client, "who": tuple(names), "request": f"{request.method} {path}"},
                )


def _offered(used: Used, request: ClientRequest, server: OrthancServer) -> bool:
    """Whether the client offers it to users whom the rules refuse it: Orthanc Explorer 2 hides nearly all of that."""
    if used.client != "orthanc-explorer-2":
        return True
    return request.witness.startswith(_TRANSFERS) and "Transfers" in (server.enabled_plugins or ())


def _uses(subject: Subject, feature: Feature, server: OrthancServer, covered: Coverage) -> bool:
    """Whether the essential requests of the feature, its pages left out, pass for the subject's permissions."""
    needed = [request for request in feature.essential if not request.witness.startswith(PAGES)]
    return bool(needed) and all(
        covered.is_open(request.method, target_of(request, server))
        or _may(subject, request.method, target_of(request, server), covered)
        for request in needed
    )


def _may(subject: Subject, method: str, path: str, covered: Coverage) -> bool:
    return covered.is_open(method, path) or subject in covered.holders(method, path)
