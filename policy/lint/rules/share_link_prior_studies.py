"""Rule ``share-link-prior-studies``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.routes import DICOM_WEB_ROOT
from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.clients_used import used_clients
from policy.lint.views.coverage import coverage
from policy.lint.views.options import given, section_place, value_place
from policy.lint.views.unchecked import dicom_web_root

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context

_EMPTY_FROM, _NARROWED_FROM, _DECODED_FROM = map(Version.parse, ("0.9.2", "0.9.3", "25.6.0"))


class ShareLinkPriorStudies(Rule):
    r"""A share link in OHIF, and the search for prior studies.

    ## What it checks

    Where OHIF is used and share links are checked: the versions of the plugin and of the auth service, and whether DICOMweb
    answers below `/dicom-web/`.

    ## Why it matters

    OHIF asks `GET /dicom-web/studies` for prior studies of the patient.
    A link to one study grants no list: up to 0.9.1 that is a 403 in the console, in 0.9.2 an empty list, and from 0.9.3 on a
    narrowed one, if the auth service tells which studies the link holds (25.6.0).
    The exception is written for `/dicom-web/studies` alone, so that with another root it never applies.

    ## Example

    ```jsonc orthanc.jsonc line=5 plugin=0.11.4 severity=info
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"],
        "ExtraPermissions": [["get", "^/pacs/.*$", "all|view"]]},
      "DicomWeb": {"Root": "/pacs/"}
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=3 plugin=0.9.1 severity=info persona=pedantic
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"]},
      "DicomWeb": {"Enable": true},
      "AuthenticationEnabled": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.11.4
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"]},
      "DicomWeb": {"Enable": true}
    }
    ```
    """

    code: ClassVar[str] = "RTE024"
    name: ClassVar[str] = "share-link-prior-studies"
    title: ClassVar[str] = "Share link and prior studies"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.SURE
    tags: ClassVar[tuple[str, ...]] = ("dicom:PS3.18:10", "owasp:API8:2023")
    fixable: ClassVar[str] = "versions and addresses change with it"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        used = next((one for one in used_clients(server, context) if one.client == "ohif"), None)
        covered = coverage(server, context)
        if used is None or covered is None or not covered.policy.settings.shares:
            return
        root = dicom_web_root(server)
        entry = given(server, "DicomWeb", "Root")
        if root != DICOM_WEB_ROOT:
            place = value_place(server, entry) if entry is not None else None
            # Where no rule covers the root at all, dicomweb-root-ignored says more.
            if place is not None and not covered.nobody("GET", f"{root}studies/1.2.840.113619.2.1/series"):
                yield self._found(
                    place,
                    f"OHIF opened by a share link gets 403 when it looks for prior studies: the exception of the plugin is "
                    f"written for /dicom-web/studies, not for {root}studies.",
                    f"Keep Root at {DICOM_WEB_ROOT}.",
                    "root",
                )
            return
        place = used.place or section_place(server)
        if place is None:
            return
        version = server.plugin.version
        service = server.auth_service
        if version < _NARROWED_FROM:
            what = "gets 403" if version < _EMPTY_FROM else "always gets an empty list"
            yield self._found(
                place,
                f"With plugin {version} OHIF opened by a share link {what} when it looks for prior studies.",
                f"Use plugin {_NARROWED_FROM} or later, with the auth service {_DECODED_FROM} or later.",
                "plugin",
                Persona.PEDANTIC,
            )
        elif service is not None and not service.version.assumed and service.version.version < _DECODED_FROM:
            yield self._found(
                place,
                f"With the auth service {service.version} OHIF opened by a share link gets 403 when it looks for prior studies: "
                "the service does not tell the plugin which studies the link holds.",
                f"Use the auth service {_DECODED_FROM} or later.",
                "service",
                Persona.PEDANTIC,
            )

    def _found(self, place: Location, text: str, advice: str, kind: str, persona: Persona = Persona.REGULAR) -> Finding:
        return self.finding(place, text, advice, persona=persona, facts={"subject": "ohif", "kind": kind})
