"""Rule ``web-service-url-empty``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.options import is_known, option, runs_plugin, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SINCE = Version.parse("0.5.0")


class WebServiceUrlEmpty(Rule):
    r"""An empty root address of the web service.

    ## What it checks

    Whether `WebServiceRootUrl` is there and empty.

    ## Why it matters

    An empty root counts as given: the filter is on, single addresses beside it are not read, and the plugin calls paths
    without a server.
    Every call fails, so nobody has a profile: all users are refused, and only unchecked paths are served.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "Authorization": {
        "WebServiceRootUrl": "",
        "WebServiceUserProfileUrl": "http://auth:8000/user/get-profile",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceUserProfileUrl": "http://auth:8000/user/get-profile",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    Empty single addresses are off, as if they were absent; see `filter-off-open-server`.
    """

    code: ClassVar[str] = "CFG032"
    name: ClassVar[str] = "web-service-url-empty"
    title: ClassVar[str] = "Empty root address of the web service"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the address is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = option(server, "WebServiceRootUrl")
        if entry is None or not runs_plugin(server) or server.plugin.version < _SINCE:
            return
        location = value_place(server, entry)
        if location is None or entry.setting.value != "" or not is_known(server, entry.setting):
            return
        yield self.finding(
            location,
            "WebServiceRootUrl is empty, which counts as an address: every call to the web service fails, and every user is "
            "refused everywhere.",
            "Write the address of the auth service, or remove the key.",
            witness=Witness("GET", "/system", "a user with every permission", "deny"),
            facts={"subject": "WebServiceRootUrl"},
        )
