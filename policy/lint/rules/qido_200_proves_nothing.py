"""Rule ``qido-200-proves-nothing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import ANYBODY, SEARCH, coverage, own_list
from policy.lint.views.dicomweb_refused import serves_dicomweb
from policy.lint.views.options import key_place, section_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SERIES = "/dicom-web/studies/1.2.840.113619.2.1/series"


class Qido200ProvesNothing(Rule):
    r"""A search that passes for everybody.

    ## What it checks

    Whether `GET /dicom-web/studies` passes the filter for somebody without a token although no rule lets him.
    It does from 0.9.2 on wherever share tokens are checked.
    Where the other routes of DICOMweb are refused to everybody this is told to all, else to auditors.

    ## Why it matters

    A 200 from this one path is taken as proof that a key or a role works; it proves nothing, since the answer is filtered
    afterwards and may be an empty list.

    ## Example

    ```jsonc orthanc.jsonc line=5 severity=info persona=regular
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/(.*)$", "all|view"],
          ["get", "^/(patients|studies|series|instances|changes|system|statistics|jobs|ui|plugins|auth|tools|queries|modalities|peers)(|/.*)$", "all|view"],
          ["put", "^/(auth|tools|modalities|studies)/.*$", "all"]
        ]
      },
      "DicomWeb": {"Enable": true}
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2 severity=info persona=auditor
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "DicomWeb": {"Enable": true}
    }
    ```

    ## Use instead

    Test with a route that has no such exception, for example the series of one study.
    Older plugins have no exception:

    ```jsonc orthanc.jsonc plugin=0.9.1
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "DicomWeb": {"Enable": true}
    }
    ```

    ## Exceptions

    Without DICOMweb, or without an address for share tokens, there is no such answer.
    """

    code: ClassVar[str] = "RTE022"
    name: ClassVar[str] = "qido-200-proves-nothing"
    title: ClassVar[str] = "Search that passes for everybody"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "dicom:PS3.18:10")
    fixable: ClassVar[str] = "the plugin has it built in"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None or not serves_dicomweb(server):
            return
        decision = covered.policy.decide(f"GET {SEARCH}", None)
        if str(decision.reason) != "search-exception":
            return
        own = own_list(server)
        location = key_place(server, own) if own is not None else section_place(server)
        if location is None:
            return
        misleading = covered.nobody("GET", _SERIES)
        then = f", while GET {_SERIES} is refused to everybody who logs in" if misleading else ""
        yield self.finding(
            location,
            f"GET {SEARCH} passes for anybody, with a wrong token too{then}: plugin {server.plugin.version} lets this one path "
            "through and filters the answer. A 200 from it does not show that a token or a role works.",
            "Test with a path that has no such exception, for example the series of one study, or GET /auth/user/profile.",
            persona=Persona.REGULAR if misleading else Persona.AUDITOR,
            witness=Witness("GET", SEARCH, ANYBODY, "permit"),
            facts={"subject": SEARCH, "misleading": misleading},
        )
