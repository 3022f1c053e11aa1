"""Rule ``get-argument-case``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin import standard_configurations
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import filter_of, place, texts_of, token_names

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class GetArgumentCase(Rule):
    r"""An argument of the query string in other letters.

    ## What it checks

    Entries of `TokenGetArguments` that differ only in case from an argument that viewers send.

    ## Why it matters

    Names of arguments are compared with case, unlike names of headers: `?token=...` is not seen if `Token` is registered.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenGetArguments": ["Token"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenGetArguments": ["token"],
        "TokenHttpHeaders": ["Token"]
      }
    }
    ```

    ## Exceptions

    Both spellings together are no mistake:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenGetArguments": ["Token", "token"]
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG019"
    name: ClassVar[str] = "get-argument-case"
    title: ClassVar[str] = "Argument of the query string in other letters"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:598")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        sent = {argument for standard in standard_configurations() for argument in standard.token_get_arguments}
        looked_at = {token.name for token in token_names(server) if not token.header}
        for setting in texts_of(server, "TokenGetArguments"):
            name = str(setting.value)
            meant = next((argument for argument in sent if argument == name.lower() != name), None)
            location = place((setting.origin,), server)
            if meant is None or meant in looked_at or location is None:
                continue
            yield self.finding(
                location,
                f"Names of arguments are compared with case: a viewer that sends ?{meant}=... will not be recognised.",
                f'Write "{meant}".',
                fix=replace_value(setting, meant, f"Write {meant}", safe=False),
                facts={"subject": name, "meant": meant},
            )
