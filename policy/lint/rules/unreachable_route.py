"""Rule ``unreachable-route``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import comparison
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place, section_place
from policy.lint.views.route_table import is_here, table

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class UnreachableRoute(Rule):
    r"""Routes that no role reaches.

    ## What it checks

    Each known route of this server is looked up for each role and for visitors.

    ## Why it matters

    An auditor wants to know what is closed to everybody, and what therefore nobody tests.
    Share links are not counted: they open single studies.

    ## Example

    ```jsonc orthanc.jsonc line=2 persona=auditor severity=info
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"]
      }
    }
    ```

    ## Use instead

    Where a rule lets some role pass everywhere, nothing is out of reach:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "ExtraPermissions": [
          ["get", ".*", "admin-permissions"],
          ["post", ".*", "admin-permissions"],
          ["put", ".*", "admin-permissions"],
          ["delete", ".*", "admin-permissions"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE016"
    name: ClassVar[str] = "unreachable-route"
    title: ClassVar[str] = "Routes that no role reaches"
    severity: ClassVar[Severity] = Severity.INFO
    confidence: ClassVar[Confidence] = Confidence.PROVED
    persona: ClassVar[Persona] = Persona.AUDITOR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:AC-3")
    fixable: ClassVar[str] = "most of them are closed on purpose"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        compared = comparison(server, context)
        if covered is None or (compared is not None and compared.few):
            return
        here = [
            known
            for known in table(server, context).all
            if known.route is not None and not known.route.deprecated and is_here(known.route, server)
        ]
        closed = list({str(known): known for known in here if covered.nobody(known.method, known.path)}.values())
        own = own_list(server)
        location = key_place(server, own) if own is not None else section_place(server)
        if not closed or location is None:
            return
        heads = Counter(known.template.split("/")[1] for known in closed)
        areas = [f"/{head} ({number})" for head, number in heads.most_common(5)]
        # A route of the core is better known than one of a plugin.
        first = next((known for known in closed if known.route is not None and not known.route.plugin), closed[0])
        yield self.finding(
            location,
            f"{len(closed)} of {len({str(known) for known in here})} known routes of this server are refused to everybody "
            f"who logs in, for example {first.method} {first.path}; most lie below {listed(areas, most=5)}.",
            "Nothing has to be done if they are closed on purpose.",
            witness=Witness(first.method, first.path, covered.who_is_refused(first.method, first.path), "deny"),
            facts={"subject": "routes", "count": len(closed), "routes": tuple(map(str, closed))},
        )
