"""Rule ``oe2-root-changed``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import filter_of, given, standards, texts_of, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class Oe2RootChanged(Rule):
    r"""OrthancExplorer2.Root beside the standard configuration orthanc-explorer-2.

    ## What it checks

    Whether the root of Orthanc Explorer 2 is another than `/ui/` while the standard configuration excuses its files from the checks.

    ## Why it matters

    The standard configuration names the folders below `/ui/`.
    Below another root the login page is checked like data, and nobody without a token gets it.

    ## Example

    ```jsonc orthanc.json line=8
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      },
      "OrthancExplorer2": {"Root": "/browser/"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      },
      "OrthancExplorer2": {"Root": "/ui/"}
    }
    ```

    ## Exceptions

    Folders of one's own may excuse it:

    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "UncheckedFolders": ["/browser/app/"]
      },
      "OrthancExplorer2": {"Root": "/browser/"}
    }
    ```
    """

    code: ClassVar[str] = "DEP040"
    name: ClassVar[str] = "oe2-root-changed"
    title: ClassVar[str] = "Orthanc Explorer 2 moved away from its unchecked folders"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "OrthancExplorer2", "Root")
        if entry is None or not isinstance(entry.setting.value, str) or not filter_of(server).on:
            return
        root = f"/{entry.setting.value.strip('/')}/"
        location = value_place(server, entry)
        if (
            location is None
            or root in ("/ui/", "//")
            or not any(s.name == "orthanc-explorer-2" for s in standards(server))
        ):
            return
        page = f"{root}app/"
        if any(page.startswith(str(item.value)) for item in texts_of(server, "UncheckedFolders")):
            return
        yield self.finding(
            location,
            f"The pages of Orthanc Explorer 2 are below {root}, but the standard configuration leaves only /ui/ unchecked: whoever "
            f"has no token yet gets 403 for {page} and cannot log in.",
            f"Keep the root /ui/, or add {page} to UncheckedFolders.",
            witness=Witness("GET", f"{page}index.html", "anybody without a token", "deny"),
            fix=replace_value(entry.setting, "/ui/", "Write /ui/", safe=False),
            facts={"subject": "OrthancExplorer2.Root", "root": root},
        )
