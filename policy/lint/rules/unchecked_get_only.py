"""Rule ``unchecked-get-only``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_item
from policy.lint.views.unchecked import Unchecked, opened, pages, unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_WRITING = ("POST", "PUT", "DELETE")


class UncheckedGetOnly(Rule):
    r"""An unchecked path that was meant for more, or for less, than GET of everything.

    ## What it checks

    Unchecked paths excuse the method GET alone.
    Reported are the entries `"/"` and `""` of `UncheckedFolders`, which excuse every GET there is, and entries below
    which no known route has the method GET.

    ## Why it matters

    With `"/"` every study of every patient can be read by everybody, while POST, PUT and DELETE are refused as before.
    An entry for a route that is only called with POST has no effect at all.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5,6 severity=warning
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/auth/tokens/"],
        "UncheckedResources": ["/", "/tools/find"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["post", "^/my-plugin/hello$", ""]]
      }
    }
    ```

    ## Exceptions

    Paths that no table knows may belong to a plugin of one's own; the single page `/` is no folder:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/my-plugin/"],
        "UncheckedResources": ["/"]
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG014"
    name: ClassVar[str] = "unchecked-get-only"
    title: ClassVar[str] = "Unchecked paths excuse GET alone"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for entry in unchecked(server):
            if entry.everything:
                yield self._everything(entry)
            elif entry.text.startswith("/"):
                yield from self._nothing(server, entry)

    def _everything(self, entry: Unchecked) -> Finding:
        return self.finding(
            entry.location,
            f'"{entry.text}" is a prefix of every path: everybody may read all studies of all patients without a login, '
            "while POST, PUT and DELETE are still refused.",
            "Remove it; give the clients tokens and rules, or the anonymous profile the permissions that are meant.",
            witness=Witness("GET", "/studies", "anybody without a token", "permit"),
            fix=remove_item(entry.setting, "Remove it from UncheckedFolders", safe=False),
            facts={"subject": entry.text, "kind": "everything"},
        )

    def _nothing(self, server: OrthancServer, entry: Unchecked) -> Iterator[Finding]:
        if opened(server, entry) or pages(entry):
            return
        others = [found for method in _WRITING for found in opened(server, entry, method)]
        if not others:
            return
        methods = " and ".join(dict.fromkeys(found.route.method for found in others))
        yield self.finding(
            entry.location,
            f"{entry.text} has no effect: only GET is excused, and the known routes there are called with {methods}, "
            "which stays checked.",
            "Remove it; to let everybody call the route, give it a rule without a permission "
            "in Permissions or ExtraPermissions.",
            severity=Severity.WARNING,
            fix=remove_item(entry.setting, f"Remove {entry.text} from {entry.option}", safe=False),
            facts={"subject": entry.text, "kind": "nothing", "methods": methods},
        )
