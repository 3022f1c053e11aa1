"""Rule ``stow-with-get``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Fix, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import coverage
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import Fault, diagnosis
from policy.lint.views.own_rules import own_rules
from policy.lint.views.route_table import methods_of

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.meaning import Diagnosis
    from policy.lint.views.own_rules import Own


class StowWithGet(Rule):
    r"""A rule whose method no route has.

    ## What it checks

    Rules that match known routes of this server, none of which is called with the method of the rule.
    The best known one is GET for sending to a DICOMweb server (`/stow`), which is a POST: the built-in list had it so until
    0.9.3, and copies of that list still have it.

    ## Why it matters

    The rule never applies, and the real request has no rule: it is refused to everybody.

    ## Example

    ```jsonc orthanc.jsonc line=7 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/find$", "all|view"],
          ["get", "^/DICOM_WEB_ROOT/(servers)/(.*)/stow$", "all|send"]
        ]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6,7 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "^/tools/find$", "all|view"],
          ["post", "^/studies$", "all|view"]
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/find$", "all|view"],
          ["post", "^/DICOM_WEB_ROOT/(servers)/(.*)/stow$", "all|send"]
        ]
      }
    }
    ```

    ## Exceptions

    A pattern that matches at least one route of its method, or a route of a plugin of one's own:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/DICOM_WEB_ROOT/servers(|/.*)$", "all|send"],
          ["put", "^/my-plugin/settings$", "settings"],
          ["put", "^/webdav/.*$", "all"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE006"
    name: ClassVar[str] = "stow-with-get"
    title: ClassVar[str] = "Rule whose method no route has"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.SURE
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:561", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.METHOD and found.known:
                yield self._one(own, found, server, context)

    def _one(self, own: Own, found: Diagnosis, server: OrthancServer, context: Context) -> Finding:
        methods = methods_of(found.known)
        named = " or ".join(methods)
        covered = coverage(server, context)
        refused = next(
            (known for known in found.known if covered is not None and covered.rule(known.method, known.path) is None),
            None,
        )
        shown = refused or found.known[0]
        several = len({known.template for known in found.known}) > 1
        what = f"{shown.template} and the other known routes that it matches are" if several else f"{shown.template} is"
        text = f"{own} never applies: {what} called with {named}"
        witness = None
        if refused is not None and covered is not None:
            text += f". No rule covers {refused.method} {refused.path}: it is refused to everybody who logs in"
            witness = Witness(
                refused.method, refused.path, covered.who_is_refused(refused.method, refused.path), "deny"
            )
        return self.finding(
            own.row.place(0),
            f"{text}.",
            f"Write {' or '.join(method.lower() for method in methods)}." if refused else "Remove the rule.",
            severity=Severity.ERROR if refused else Severity.WARNING,
            witness=witness,
            fix=_fix(own, methods) if refused else None,
            facts={
                "subject": str(own.row),
                "methods": methods,
                "routes": tuple(map(str, found.known)),
                "refused": refused is not None,
            },
        )


def _fix(own: Own, methods: tuple[str, ...]) -> Fix | None:
    if len(methods) != 1:
        return None
    method = methods[0] if own.row.text(0).isupper() else methods[0].lower()
    return replace_value(own.row.setting.items[0], method, f"Write {method}", safe=False)
