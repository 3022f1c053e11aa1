"""Rule ``labels-find-levels``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.clients_used import TITLES, used_clients
from policy.lint.views.coverage import coverage
from policy.lint.views.labels_past import limited_subjects
from policy.lint.views.listing import listed
from policy.lint.views.role_places import labels_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_LEVELS = ("Patient", "Series", "Instance")
_KNOWN = "Study level only"
"""How the table of clients says that a client searches at other levels as well."""


class LabelsFindLevels(Rule):
    r"""A role limited by labels, and searches at other levels than the study.

    ## What it checks

    Whether a role without the label `*` may search with `POST /tools/find`, and is refused at the levels Patient, Series and
    Instance.
    Told to all where a client that does so is named with `--client`, else to auditors.

    ## Why it matters

    The plugin can narrow a search by the labels of studies only.
    Searches at other levels are 403 unless they name the study.

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

    Search for studies, or give the StudyInstanceUID; give `Labels` and `LabelsConstraint` together.

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
    {"roles": {"uploader": {"permissions": ["upload"], "authorized-labels": ["external"]}}, "available-labels": []}
    ```
    """

    code: ClassVar[str] = "RTE026"
    name: ClassVar[str] = "labels-find-levels"
    title: ClassVar[str] = "Searches at other levels are refused to roles limited by labels"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:AC-3")
    fixable: ClassVar[str] = "the client must search another way"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None:
            return
        refused: dict[str, list[str]] = {}
        able = []
        for subject in limited_subjects(server, context):
            profile = subject.profile if subject.roles else None
            if covered.policy.decide("POST /tools/find", profile).effect == "deny":
                continue
            for level in _LEVELS:
                body = f'{{"Level": "{level}", "Query": {{}}}}'.encode()
                if covered.policy.decide("POST /tools/find", profile, body=body).effect == "deny":
                    refused.setdefault(level, []).append(subject.name)
                    able.append(subject)
        location = labels_place(server, able)
        if not refused or location is None:
            return
        clients = [used.client for used in used_clients(server, context) if _searches_elsewhere(used.client)]
        named = [TITLES.get(client, client) for client in clients]
        whom = f" {listed(named)} does so." if named else ""
        level, names = next(iter(refused.items()))
        levels = listed([f"Level {level}" for level in refused], "or")
        yield self.finding(
            location,
            f"POST /tools/find with {levels} is refused to {listed(names, most=3)}: the plugin narrows searches by the labels "
            f"of studies alone.{whom}",
            "Search for studies, or name the StudyInstanceUID (from plugin 0.11.0 also ParentStudy or ParentSeries).",
            persona=Persona.REGULAR if named and context.clients else Persona.AUDITOR,
            facts={
                "subject": "/tools/find",
                "who": tuple(names),
                "levels": tuple(refused),
                "clients": tuple(clients),
            },
        )


def _searches_elsewhere(client: str) -> bool:
    from policy.knowledge.clients import features_of

    return any(_KNOWN in feature.note for feature in features_of(client))
