"""Rule ``stow-from-viewer``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin import versions
from policy.knowledge.routes import with_root
from policy.lint.finding import Confidence, Finding, Persona, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import asked_by_default, comparison
from policy.lint.views.clients_used import used_clients
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.options import key_place, section_place
from policy.lint.views.unchecked import dicom_web_root

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_STORE = "/dicom-web/studies"
_INTO_STUDY = "/dicom-web/studies/1.2.840.113619.2.1"
_READ = "/dicom-web/studies/1.2.840.113619.2.1/series"


class StowFromViewer(Rule):
    r"""A report that OHIF cannot save.

    ## What it checks

    Where OHIF is used and may read: whether anybody may send what it makes, by `POST /dicom-web/studies` or into one study.
    The built-in list has a rule for the second from 0.9.1 on.

    ## Why it matters

    Measurements and reports are lost: OHIF lists them until the page is loaded again, and shows no message.

    ## Example

    ```jsonc orthanc.jsonc line=10 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/.*$", "all|view"],
          ["post", "^/(tools|auth|instances|modalities|peers|queries)(|/.*)$", "all|view"],
          ["put", "^/.*$", "admin-permissions"]
        ],
        "StandardConfigurations": ["ohif"]
      },
      "DicomWeb": {"Enable": true}
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 severity=info persona=pedantic plugin=0.9.0
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["ohif"]
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
        "StandardConfigurations": ["ohif"]
      },
      "DicomWeb": {"Enable": true}
    }
    ```
    """

    code: ClassVar[str] = "RTE029"
    name: ClassVar[str] = "stow-from-viewer"
    title: ClassVar[str] = "Report that OHIF cannot save"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "dicom:PS3.18:10")
    fixable: ClassVar[str] = "who is to send reports is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        used = next((one for one in used_clients(server, context) if one.client == "ohif"), None)
        covered = coverage(server, context)
        compared = comparison(server, context)
        if used is None or covered is None or (compared is not None and compared.few):
            return
        root = dicom_web_root(server)
        if covered.nobody("GET", with_root(_READ, root)):
            return  # dicomweb-uncovered tells of more
        refused = [path for path in (_STORE, _INTO_STUDY) if covered.nobody("POST", with_root(path, root))]
        own = own_list(server)
        location = used.place or section_place(server)
        if not refused or location is None:
            return
        usual = asked_by_default(versions()[-1], "POST", refused[0]) or frozenset()
        holders = [one for one in covered.subjects if one.roles and usual & frozenset(one.profile.permissions)]
        meant = not covered.roles_known or bool(holders)
        path = with_root(refused[0], root)
        rule = covered.rule("POST", path)
        why = "no rule covers it" if rule is None else f"no role holds {' or '.join(sorted(rule.permissions))}"
        rules = key_place(server, own) if own is not None else None
        told = own is not None and meant and refused[0] == _STORE
        yield self.finding(
            location,
            f"Nobody can save what OHIF makes: POST {path} is refused to everybody who logs in ({why}). OHIF shows no message "
            "and lists the report until the page is loaded again."
            if refused[0] == _STORE
            else f"POST {path}, by which some versions of OHIF save a report into its study, is refused to everybody who logs "
            f"in: {why}.",
            'Add a rule such as ["post", "^/DICOM_WEB_ROOT/studies(|/.*)$", "all|upload"], and give upload to whoever reports.',
            severity=Severity.WARNING if told else Severity.INFO,
            persona=Persona.REGULAR if told else Persona.PEDANTIC,
            related=[Related(rules, "the rules")] if rules is not None else [],
            witness=Witness("POST", path, covered.who_is_refused("POST", path), "deny"),
            facts={"subject": "ohif", "refused": tuple(refused)},
        )
