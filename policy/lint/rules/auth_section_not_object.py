"""Rule ``auth-section-not-object``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.options import SECTION, authentication, key_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class AuthSectionNotObject(Rule):
    r"""An Authorization section that is no object.

    ## What it checks

    Whether the value of `Authorization` is an object.
    A variable `ORTHANC__AUTHORIZATION` whose text is no strict JSON becomes a text, which is the usual way to get there.

    ## Why it matters

    The plugin finds no section, switches itself off and filters nothing; Orthanc starts.

    ## Example

    ```jsonc orthanc.jsonc line=3
    {
      "AuthenticationEnabled": false,
      "Authorization": null
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2 severity=warning
    {
      "Authorization": [{"WebServiceRootUrl": "http://auth:8000/"}],
      "AuthenticationEnabled": true
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Exceptions

    None.
    """

    code: ClassVar[str] = "CFG029"
    name: ClassVar[str] = "auth-section-not-object"
    title: ClassVar[str] = "Authorization section that is no object"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:306", "cwe:862", "nist:AC-3")
    fixable: ClassVar[str] = "what was meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = server.configuration.entry(SECTION)
        if entry is None or entry.setting.kind in ("object", "missing"):
            return
        location = key_place(server, entry)
        if location is None:
            return
        core = authentication(server)
        name = entry.setting.origin.name
        held = {"null": "null", "array": "a list", "string": "a text"}.get(
            entry.setting.kind, f"a {entry.setting.kind}"
        )
        whence = f" (from {name})" if name else ""
        if core.enabled:
            then = "every user who can log in may read, change and delete everything"
        else:
            then = "everybody who reaches the server may read, change and delete everything"
        yield self.finding(
            location,
            f"Authorization is {held}{whence} and no object: the plugin switches itself off, and {then}.",
            "Write an object; in a variable, strict JSON without comments and trailing commas.",
            severity=Severity.WARNING if core.enabled else Severity.ERROR,
            witness=None if core.enabled else Witness("GET", "/studies", "anybody without a token", "permit"),
            facts={"subject": SECTION, "outcome": "open", "held": entry.setting.kind},
        )
