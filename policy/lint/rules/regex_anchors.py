"""Rule ``regex-anchors``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.coverage import EVERYTHING, coverage
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import SEED, Fault, diagnosis
from policy.lint.views.own_rules import own_rules

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.coverage import Coverage
    from policy.lint.views.meaning import Diagnosis
    from policy.lint.views.own_rules import Own
    from policy.lint.views.route_table import Known

_FAULTS = (Fault.NO_SLASH, Fault.QUERY, Fault.PREFIX)


class RegexAnchors(Rule):
    r"""A pattern that is read as a beginning, without its slash, or with a query string.

    ## What it checks

    The plugin compares the whole path with the whole pattern, and the path begins with a slash and has no query string.
    Reported are patterns that match known routes only if something is added: a slash before them, `.*` behind them, or the
    query string to the path.

    ## Why it matters

    `^/tools/metrics` without more is not the beginning of a path but one whole path, which does not exist.
    The rule never applies, and the requests that it was written for are 403.

    ## Example

    ```jsonc orthanc.jsonc line=6,7,8
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["get", "plugins/explorer.js", "all|view"],
          ["get", "^/modalities\\?expand$", "all|send"],
          ["get", "^/stone-webview", ""]
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
        "ExtraPermissions": [
          ["get", "^/stone-webviewer/.*$", ""],
          ["post", "^/transfers/send$|^/transfers/pull$", "send"]
        ]
      }
    }
    ```

    ## Exceptions

    Anchors may be left out, since they change nothing:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["post", "/transfers/send", "send"], ["get", "/queries(|/)", "q-r-remote-modalities"]]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE005"
    name: ClassVar[str] = "regex-anchors"
    title: ClassVar[str] = "Pattern that is not the whole path"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API5:2023", "cwe:185", "nist:AC-3")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault in _FAULTS:
                yield self._one(own, found, coverage(server, context))

    def _one(self, own: Own, found: Diagnosis, covered: Coverage | None) -> Finding:
        alike = [known for known in found.known if known.method == own.rule.method]
        target = next(iter(alike or found.known), None)
        meant = f", such as {target.method} {target.path}" if target is not None else ""
        if found.fault is Fault.NO_SLASH:
            what = f"{own} matches no request{meant}: every path begins with a slash, and this pattern does not let it"
            advice, instead = "Begin the pattern with ^/", f"^/{own.row.pattern.removeprefix('^')}"
        elif found.fault is Fault.QUERY:
            what = f"{own} matches no request{meant}: the query string is not part of what is compared"
            advice, instead = "Leave out the question mark and what follows it", ""
        else:
            what = f"{own} is one whole path and no beginning: it does not match {target!s}"
            advice, instead = f"Write the whole path, for example {found.instead}", found.instead
        sampled = f" (sampled with the seed {SEED})" if found.sampled else ""
        fix = replace_value(own.row.setting.items[1], instead, f"Write {instead}", safe=False) if instead else None
        return self.finding(
            own.row.place(1),
            f"{what}. The rule never applies{sampled}.",
            f"{advice}.",
            confidence=Confidence.SAMPLED if found.sampled else Confidence.PROVED,
            witness=_witness(target, covered),
            fix=fix,
            facts={"subject": str(own.row), "kind": str(found.fault), "routes": tuple(map(str, found.known))},
        )


def _witness(target: Known | None, covered: Coverage | None) -> Witness | None:
    """The request that was probably meant, where no other rule covers it."""
    if target is None or covered is None or covered.is_open(target.method, target.path):
        return None
    if covered.rule(target.method, target.path) is not None:
        return None
    return Witness(target.method, target.path, EVERYTHING, "deny")
