"""Rule ``dicomweb-uncovered``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import comparison
from policy.lint.views.clients_used import breaking_by_paths, used_clients
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.dicomweb_refused import dicomweb_refused
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.dicomweb_refused import Refused


class DicomwebUncovered(Rule):
    r"""DICOMweb transactions that nobody may use.

    ## What it checks

    Each transaction of DICOMweb that Orthanc implements and that the built-in rules allow is looked up in an own `Permissions`
    list, for each role.

    ## Why it matters

    Viewers search and load by DICOMweb: with QIDO-RS and WADO-RS refused they show a study list at best, and no image.

    ## Example

    ```jsonc orthanc.jsonc line=5 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/(.*)$", "all|view"],
          ["get", "^/(patients|studies|series|instances|changes|system|statistics|jobs|ui|plugins|auth|tools|queries|modalities|peers)(|/.*)$", "all|view"],
          ["put", "^/(auth|tools|modalities|studies)/.*$", "all"],
          ["get", "^/dicom-web/(studies|servers)$", "all|view"]
        ]
      },
      "DicomWeb": {"Enable": true}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "SINGLE_RESOURCE_PATTERNS", "all|view"],
          ["get", "^/DICOM_WEB_ROOT/(studies|series|instances)(|/)$", "all|view"],
          ["post", "^/DICOM_WEB_ROOT/studies(|/.*)$", "all|upload"],
          ["post", "^/(tools|auth)/(.*)$", "all|view"],
          ["get", "^/.*$", "all|view"]
        ]
      },
      "DicomWeb": {"Enable": true}
    }
    ```

    ## Exceptions

    Without the DICOMweb plugin nothing is missed.
    Where reading is covered and storing alone is not, only the pedantic persona is told.

    ```jsonc orthanc.jsonc
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
      "DicomWeb": {"Enable": false}
    }
    ```
    """

    code: ClassVar[str] = "RTE014"
    name: ClassVar[str] = "dicomweb-uncovered"
    title: ClassVar[str] = "DICOMweb that nobody may use"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "dicom:PS3.18:10")
    fixable: ClassVar[str] = "who is to have them is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = own_list(server)
        found = comparison(server, context)
        if entry is None or found is None or found.few:
            return  # a list that covers next to nothing is told once, by permissions-replaced-by-few
        refused = dicomweb_refused(server, context)
        location = key_place(server, entry)
        covered = coverage(server, context)
        if not refused or location is None or covered is None:
            return
        reading = [one for one in refused if not one.stores]
        if not reading and any(used.client == "ohif" for used in used_clients(server, context)):
            return  # stow-from-viewer tells what that means for OHIF
        first = _telling(reading or list(refused))
        method = first.transaction.method
        who = covered.who_is_refused(method, first.path)
        clients = breaking_by_paths({(one.transaction.method, one.path) for one in refused}, server, context)
        rule = covered.rule(method, first.path)
        why = "no rule covers it" if rule is None else f"no role holds {' or '.join(sorted(rule.permissions))}"
        others = [str(one) for one in (reading or refused) if one is not first]
        link = covered.policy.settings.shares and reading
        only = "; only a link to a study still opens that study" if link else ""
        hurt = f" {_capital(listed(clients))} {'fails' if len(clients) == 1 else 'fail'}{only}." if clients else ""
        also = f", as {'is' if len(others) == 1 else 'are'} {listed(others, most=3)}" if others else ""
        yield self.finding(
            location,
            f"{first}, {method} {first.path}, is refused to everybody who logs in: {why}{also}.{hurt}",
            'Add rules for DICOMweb: ["get", "SINGLE_RESOURCE_PATTERNS", "all|view"] and '
            '["get", "^/DICOM_WEB_ROOT/(studies|series|instances)(|/)$", "all|view"]; or remove Permissions.',
            severity=Severity.ERROR if reading else Severity.INFO,
            persona=Persona.REGULAR if reading else Persona.PEDANTIC,
            witness=Witness(method, first.path, who, "deny"),
            facts={
                "subject": "Permissions",
                "refused": tuple(f"{one.transaction.method} {one.path}" for one in refused),
                "transactions": tuple(map(str, refused)),
                "clients": clients,
            },
        )


def _telling(refused: Sequence[Refused]) -> Refused:
    """The one that people know: the series of a study."""
    return next((one for one in refused if one.path.endswith("/series")), refused[0])


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
