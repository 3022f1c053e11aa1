"""Rule ``python-route-403``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import coverage
from policy.lint.views.options import is_known, place
from policy.regex import regex

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Setting
    from policy.lint.context import Context

_PLACEHOLDER = regex(r"\{[^}]*\}")
_UP = regex(r"^(?:\.\./){2,}")
_ID, _UID = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715", "1.2.840.113619.2.1"


class PythonRoute403(Rule):
    r"""A button for a route of one's own that no rule covers.

    ## What it checks

    Custom buttons of Orthanc Explorer 2 whose `Url` leads to this Orthanc, with the method that they use.

    ## Why it matters

    Routes that a plugin in Python, Lua or another language registers have no rule in the built-in list.
    Whoever clicks the button gets 403.

    ## Example

    ```jsonc orthanc.jsonc line=10
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      },
      "OrthancExplorer2": {
        "UiOptions": {"CustomButtons": {"study": [
          {"HttpMethod": "POST", "Id": "send-report",
           "Url": "../../my-plugin/report/{UUID}"}
        ]}}
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "ExtraPermissions": [["post", "^/my-plugin/report/[a-f0-9-]+$", "all|send"]]
      },
      "OrthancExplorer2": {
        "UiOptions": {"CustomButtons": {"study": [
          {"HttpMethod": "POST", "Id": "send-report",
           "Url": "../../my-plugin/report/{UUID}"}
        ]}}
      }
    }
    ```

    ## Exceptions

    Addresses of other servers are not judged:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {
        "UiOptions": {"CustomButtons": {"study": [
          {"HttpMethod": "GET", "Id": "ris", "Url": "https://ris.example.org/study/{StudyInstanceUID}"}
        ]}}
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE028"
    name: ClassVar[str] = "python-route-403"
    title: ClassVar[str] = "Button for a route that no rule covers"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "nist:AC-3")
    fixable: ClassVar[str] = "who is to have the route is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        buttons = server.configuration.get("OrthancExplorer2", "UiOptions", "CustomButtons")
        if buttons is None:
            return
        covered = coverage(server, context)
        if covered is None:
            return
        for setting in buttons.walk():
            url = setting.get("Url")
            path = _path(url, server, proxied=bool(context.deployment.proxies)) if url is not None else None
            method = _method(setting)
            if url is None or path is None or method is None or not covered.nobody(method, path):
                continue
            location = place((url.origin, setting.origin), server)
            if location is not None:
                yield self.finding(
                    location,
                    f"This button sends {method} {path}, which no rule opens to anybody: whoever clicks it gets 403.",
                    "Add a rule for the route to ExtraPermissions.",
                    witness=Witness(method, path, covered.who_is_refused(method, path), "deny"),
                    facts={"subject": str(url.value), "request": f"{method} {path}"},
                )


def _method(button: Setting) -> str | None:
    method = button.get("HttpMethod")
    text = str(method.value).upper() if method is not None else "GET"
    return text if text in ("GET", "POST", "PUT", "DELETE") else None


def _path(url: Setting, server: OrthancServer, *, proxied: bool) -> str | None:
    """The path at Orthanc; None for other servers, and where a proxy may give an absolute path another meaning.

    The pages are at /ui/app/, so that two steps up are Orthanc's own root.
    """
    if not isinstance(url.value, str) or not is_known(server, url) or "://" in url.value:
        return None
    text = _PLACEHOLDER.sub(
        lambda found: _UID if "uid" in found[0].lower() and found[0] != "{UUID}" else _ID, url.value
    )
    text = text.partition("?")[0].partition("#")[0]
    if _UP.match(text):
        return "/" + _UP.sub("", text)
    return text if text.startswith("/") and not text.startswith("//") and not proxied else None
