"""Rule ``labels-and-lists``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.clients_used import TITLES, target_of, used_clients
from policy.lint.views.coverage import coverage
from policy.lint.views.labels_past import limited_subjects
from policy.lint.views.listing import listed
from policy.lint.views.role_places import labels_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.coverage import Coverage

_LISTS = ("/studies", "/patients", "/series", "/instances")


class LabelsAndLists(Rule):
    r"""A role limited by labels, and routes that list everything.

    ## What it checks

    Whether a role without the label `*` has the permission for `GET /studies` and its kin, which the plugin refuses to it
    all the same.
    Told to all where a client that asks for such a list is named with `--client`, else to auditors.

    ## Why it matters

    The list is 403 while each single study is 200: the client says that the server does not answer, or shows nothing.

    ## Example

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```json permissions.json line=5 persona=auditor severity=info
    {
      "roles": {
        "external": {
          "permissions": ["view"],
          "authorized-labels": ["external"]
        }
      },
      "available-labels": []
    }
    ```

    ## Use instead

    Let the client search by `/tools/find` or by DICOMweb, which are narrowed to the labels.

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```
    ```json permissions.json
    {"roles": {"doctor": {"permissions": ["view"], "authorized-labels": ["*"]}}, "available-labels": []}
    ```
    """

    code: ClassVar[str] = "RTE025"
    name: ClassVar[str] = "labels-and-lists"
    title: ClassVar[str] = "Lists are refused to roles limited by labels"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:AC-3")
    fixable: ClassVar[str] = "the client must search another way"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None:
            return
        refused = [
            (subject, path)
            for subject in limited_subjects(server, context)
            for path in _LISTS
            if str(covered.policy.decide(f"GET {path}", subject.profile if subject.roles else None).reason)
            == "list-of-resources"
        ]
        subjects = tuple({subject.name: subject for subject, _ in refused}.values())
        location = labels_place(server, subjects)
        if not refused or location is None:
            return
        clients = _asking(server, context, covered)
        subject, path = refused[0]
        named = [TITLES.get(client, client) for client in clients]
        whom = f" {listed(named)} asks for it." if named else ""
        names = [subject.name for subject in subjects]
        yield self.finding(
            location,
            f"GET {path} is refused to {listed(names, most=3)}, whatever the permissions: a list of everything is for users "
            f"with the label *.{whom}",
            "Search by POST /tools/find, or by GET /dicom-web/studies: these are narrowed to the labels.",
            persona=Persona.REGULAR if named and context.clients else Persona.AUDITOR,
            witness=Witness("GET", path, subject.name, "deny"),
            facts={"subject": path, "who": tuple(names), "clients": clients},
        )


def _asking(server: OrthancServer, context: Context, covered: Coverage) -> tuple[str, ...]:
    """The clients of the deployment for which such a list is essential."""
    from policy.knowledge.clients import features_of

    return tuple(
        used.client
        for used in used_clients(server, context)
        if any(
            request.method == "GET" and covered.policy.is_list_of_resources(target_of(request, server))
            for feature in features_of(used.client)
            for request in feature.essential
        )
    )
