"""Rule ``plugins-key-defined``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import given, key_place, runs_plugin
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_FOLDERS = ("/run/orthanc/plugins", "/usr/share/orthanc/plugins")


class PluginsKeyDefined(Rule):
    r"""A list of plugins of one's own in the image.

    ## What it checks

    Whether `Plugins` is set for a server of the orthancteam image without the two folders that the image lists itself.

    ## Why it matters

    A list replaces the default: the image puts the plugins that it selects where Orthanc no longer looks.
    The Authorization plugin is then not loaded, and nothing is filtered.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=2
    {
      "Plugins": ["/opt/plugins"],
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "Plugins": ["/run/orthanc/plugins", "/usr/share/orthanc/plugins", "/opt/plugins"],
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"}
    }
    ```
    """

    code: ClassVar[str] = "DEP022"
    name: ClassVar[str] = "plugins-key-defined"
    title: ClassVar[str] = "List of plugins that hides those of the image"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:862", "nist:CM-6")
    fixable: ClassVar[str] = "what else belongs to the list is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "Plugins")
        if entry is None or not of_image(server) or not entry.setting.known:
            return
        listed = [str(item.value).rstrip("/") for item in entry.setting.items]
        missing = [folder for folder in _FOLDERS if folder not in listed]
        if not missing or any("libOrthancAuthorization" in path for path in listed):
            return
        location = key_place(server, entry)
        if location is None:
            return
        meant = runs_plugin(server)
        then = (
            "the Authorization plugin is not loaded, and nothing is filtered" if meant else "the plugins are not loaded"
        )
        yield self.finding(
            location,
            f"Plugins takes the place of the image's list and leaves out {' and '.join(missing)}, where the image puts the plugins "
            f"that it selects: {then}.",
            "Leave Plugins out, or add the two folders of the image to it.",
            severity=Severity.ERROR if meant else Severity.WARNING,
            confidence=Confidence.SURE if len(missing) == len(_FOLDERS) else Confidence.LIKELY,
            facts={"subject": "Plugins", "outcome": "open" if meant else "not-loaded", "missing": tuple(missing)},
        )
