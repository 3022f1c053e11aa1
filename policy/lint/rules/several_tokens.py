"""Rule ``several-tokens``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import TokenName, filter_of, option, place, section_place, token_names, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_LAST_DECIDES = Version.parse("0.6.0")


class SeveralTokens(Rule):
    r"""Several tokens that one request may carry.

    ## What it checks

    Two spellings of one header in `TokenHttpHeaders` are reported to everybody.
    To the auditor the rule lists the headers and arguments that are looked at, in the order in which the plugin does.

    ## Why it matters

    The plugin asks the service about every token of a request, one after the other, and the last answer counts (from 0.6.0
    on): headers by name, then arguments by name.
    A stale token beside a good one can therefore refuse a request, and a refusal by labels ends it at once.
    Two spellings of one header are two tokens with the same value, asked about twice.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token", "Token"]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=5 persona=auditor
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["Authorization", "api-key"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["api-key"]
      }
    }
    ```

    ## Exceptions

    None.
    """

    code: ClassVar[str] = "CFG026"
    name: ClassVar[str] = "several-tokens"
    title: ClassVar[str] = "Several tokens in one request"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "nist:IA-2")
    fixable: ClassVar[str] = "which token clients send is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).profiles or server.plugin.version < _LAST_DECIDES:
            return
        tokens = [token for token in token_names(server) if token.name]
        twice = list(self._two_spellings(server, tokens))
        yield from twice
        if not twice and len(tokens) > 1:
            yield from self._order(server, tokens)

    def _two_spellings(self, server: OrthancServer, tokens: list[TokenName]) -> Iterator[Finding]:
        seen: dict[str, TokenName] = {}
        for token in tokens:
            first = seen.setdefault(token.name.lower(), token) if token.header else token
            setting = token.setting or first.setting
            location = place((setting.origin,), server) if setting is not None else None
            if first is token or location is None:
                continue
            standard = first.standard or token.standard
            added = f", which {standard} adds" if standard else ""
            yield self.finding(
                location,
                f"{first.name} and {token.name}{added} are one header to clients but two tokens to the plugin: the service "
                "is asked about each value twice.",
                f"Keep one of them: {token.name if token.standard else first.name}.",
                persona=Persona.PEDANTIC if added else Persona.REGULAR,
                facts={"subject": token.name, "kind": "two-spellings"},
            )

    def _order(self, server: OrthancServer, tokens: list[TokenName]) -> Iterator[Finding]:
        entry = option(server, "TokenHttpHeaders") or option(server, "StandardConfigurations")
        location = value_place(server, entry) if entry is not None else section_place(server)
        if location is None:
            return
        order = ", ".join(f"{'header' if token.header else 'argument'} {token.name}" for token in tokens)
        related = [
            Related(where, f"the {'header' if token.header else 'argument'} {token.name}")
            for token in tokens
            if token.setting is not None and (where := place((token.setting.origin,), server)) is not None
        ]
        yield self.finding(
            location,
            f"The tokens of a request are examined in this order, and the last one decides: {order}.",
            "Send one token a request; a refusal by labels ends a request at once.",
            persona=Persona.AUDITOR,
            related=related,
            facts={"subject": "TokenHttpHeaders", "kind": "order", "order": tuple(token.name for token in tokens)},
        )
