"""Rule ``dicomweb-root-ignored``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.routes import DICOM_WEB_ROOT, with_root
from policy.lint.finding import Confidence, Finding, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import coverage
from policy.lint.views.meaning import Fault, diagnosis
from policy.lint.views.options import given, value_place
from policy.lint.views.own_rules import own_rules
from policy.lint.views.unchecked import dicom_web_root
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SERIES = "/dicom-web/studies/1.2.840.113619.2.1/series"


class DicomwebRootIgnored(Rule):
    r"""A root of DICOMweb that the Authorization plugin never sees.

    ## What it checks

    `DicomWeb.Root` other than `/dicom-web/`, and whether any rule covers the routes below it.
    The plugin looks for the root at a wrong place of the configuration, so that `DICOM_WEB_ROOT` always stands for
    `dicom-web`: recorded for all versions.

    ## Why it matters

    All rules with `DICOM_WEB_ROOT`, the built-in ones included, are for paths that no longer exist.
    Every DICOMweb request is refused to everybody, and labels are not compared below the new root.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "DicomWeb": {"Root": "/pacs/"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "DicomWeb": {"Root": "/dicom-web/", "PublicRoot": "/pacs/dicom-web/"}
    }
    ```

    ## Exceptions

    Slashes at the ends do not matter, and without a filter nothing is refused:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "DicomWeb": {"Root": "dicom-web"}
    }
    ```
    """

    code: ClassVar[str] = "RTE010"
    name: ClassVar[str] = "dicomweb-root-ignored"
    title: ClassVar[str] = "Root of DICOMweb that the plugin does not see"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "dicom:PS3.18:10", "nist:CM-6")
    fixable: ClassVar[str] = "the addresses in clients and in the proxy change with it"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "DicomWeb", "Root")
        root = dicom_web_root(server)
        if entry is None or root == DICOM_WEB_ROOT or loads(server, "DicomWeb") is False:
            return
        covered = coverage(server, context)
        location = value_place(server, entry)
        if covered is None or location is None or covered.policy.settings.dicom_web_root.strip("/") == root.strip("/"):
            return
        path = with_root(_SERIES, root)
        lost = [
            own
            for own in own_rules(server, context)
            if (found := diagnosis(own, server, context)) is not None and found.fault is Fault.OTHER_ROOT
        ]
        refused = covered.nobody("GET", path)
        if not refused and not lost:
            return
        if refused:
            text = (
                f"The Authorization plugin does not see this root: for it DICOM_WEB_ROOT is dicom-web. No rule covers "
                f"GET {path}, which is refused to everybody who logs in, as all of DICOMweb is"
            )
        else:
            text = (
                f"The Authorization plugin does not see this root: {len(lost)} rules below {DICOM_WEB_ROOT} never apply"
            )
        yield self.finding(
            location,
            f"{text}.",
            f"Keep Root at {DICOM_WEB_ROOT} and give clients another address by PublicRoot and the proxy; or write rules "
            f"with {root} in full, and know that labels are not compared below it.",
            severity=Severity.ERROR if refused else Severity.WARNING,
            related=[Related(own.row.location, "never applies") for own in lost],
            witness=Witness("GET", path, covered.who_is_refused("GET", path), "deny") if refused else None,
            facts={"subject": "DicomWeb.Root", "root": root, "lost": tuple(str(own.row) for own in lost)},
        )
