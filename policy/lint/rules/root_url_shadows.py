"""Rule ``root-url-shadows``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import remove_member
from policy.lint.views.options import ADDRESSES, key_place, option, runs_plugin

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_SINCE = Version.parse("0.5.0")
_ROLES = Version.parse("0.8.0")
_PATHS = {
    "WebServiceUserProfileUrl": "user/get-profile",
    "WebServiceTokenValidationUrl": "tokens/validate",
    "WebServiceTokenCreationBaseUrl": "tokens",
    "WebServiceTokenDecoderUrl": "tokens/decode",
    "WebServiceSettingsRolesUrl": "settings/roles",
}
"""What the plugin joins to the root address."""


class RootUrlShadows(Rule):
    r"""A single address beside WebServiceRootUrl.

    ## What it checks

    Whether a single address of the web service stands beside `WebServiceRootUrl`.

    ## Why it matters

    The root wins: the single address is not read, and requests go elsewhere than it says.

    ## Example

    ```jsonc orthanc.jsonc line=4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUserProfileUrl": "http://profiles:9000/me",
        "CheckedLevel": "studies"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=4 persona=pedantic severity=info
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUserProfileUrl": "http://auth:8000/user/get-profile",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceUserProfileUrl": "http://profiles:9000/me",
        "WebServiceTokenValidationUrl": "http://auth:8000/tokens/validate",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    A single address that says the same as the root is only untidy.
    The old `WebService` beside the root is the subject of `root-url-incomplete-service`.
    """

    code: ClassVar[str] = "CFG008"
    name: ClassVar[str] = "root-url-shadows"
    title: ClassVar[str] = "Single address beside WebServiceRootUrl"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "cis:4.1")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        root = option(server, "WebServiceRootUrl")
        if root is None or not runs_plugin(server) or server.plugin.version < _SINCE:
            return
        root_place = key_place(server, root)
        for name in ADDRESSES[1:6]:
            entry = option(server, name)
            location = key_place(server, entry) if entry is not None else None
            if entry is None or location is None or (name.endswith("RolesUrl") and server.plugin.version < _ROLES):
                continue
            same = _same(root.setting.value, _PATHS[name], entry.setting.value)
            used = f"the plugin asks {_PATHS[name]} below the root instead"
            yield self.finding(
                location,
                f"{name} is not read beside WebServiceRootUrl: {used}{', which is the same address' if same else ''}.",
                f"Remove {name}, or write every address singly and remove WebServiceRootUrl.",
                severity=Severity.INFO if same else Severity.WARNING,
                persona=Persona.PEDANTIC if same else Persona.REGULAR,
                related=[Related(root_place, "the root address")] if root_place is not None else (),
                fix=remove_member(entry, f"Remove {name}", safe=True),
                facts={"subject": name, "same": same},
            )


def _same(root: object, path: str, single: object) -> bool:
    if not isinstance(root, str) or not isinstance(single, str):
        return False
    return f"{root.rstrip('/')}/{path}" == single.rstrip("/")
