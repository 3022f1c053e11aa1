"""Rule ``client-uncovered``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Related, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import comparison
from policy.lint.views.clients_used import broken_features, used_clients
from policy.lint.views.coverage import coverage, own_list
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place, section_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.clients_used import Broken, Used
    from policy.lint.views.coverage import Coverage

_SIDE = ("download", "labels", "settings", "share", "upload", "send", "jobs", "query", "modify", "anonymize", "delete")
"""How features begin without which the client is still of use."""


class ClientUncovered(Rule):
    r"""A client that will not work, whoever logs in.

    ## What it checks

    For each client that the deployment uses, the requests without which a feature of it does not work: does any rule let any
    role send them?
    Clients are those named with `--client`; else those that standard configurations, plugins and containers show.
    Of Orthanc Explorer 2 only features count for which some role holds a permission, since it hides the others.

    ## Why it matters

    The user sees an empty page, or a button that does nothing; the log has a 403 without an explanation.
    Of a viewer that works only when a link of Orthanc Explorer 2 opens it, only the pedantic persona is told.

    ## Example

    ```jsonc orthanc.jsonc line=9 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/(find|lookup|count-resources)$", "all|view"],
          ["get", "^/(system|statistics|changes|plugins|modalities|peers|jobs|queries|tools|auth|ui|patients|dicom-web)(|/.*)$", "all|view"]
        ],
        "StandardConfigurations": ["volview"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/tools/(find|lookup|count-resources)$", "all|view"],
          ["get", "^/(system|statistics|changes|plugins|modalities|peers|jobs|queries|tools|auth|ui|patients|dicom-web|studies|series)(|/.*)$", "all|view"]
        ],
        "StandardConfigurations": ["volview"]
      }
    }
    ```

    ## Exceptions

    Where the built-in list stands, only the pedantic persona is told what it lacks for a client.
    """

    code: ClassVar[str] = "RTE015"
    name: ClassVar[str] = "client-uncovered"
    title: ClassVar[str] = "Client that will not work"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "who is to have them is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        covered = coverage(server, context)
        if covered is None:
            return
        found = comparison(server, context)
        if found is not None and found.few:
            return  # told once, by permissions-replaced-by-few
        for used in used_clients(server, context):
            broken = broken_features(used, server, context)
            failing = tuple(one for one in broken if not one.by_link)
            if failing:
                yield from self._client(used, failing, server, covered)
            elif broken:
                yield from self._by_link(used, broken, server, covered)

    def _client(
        self, used: Used, broken: tuple[Broken, ...], server: OrthancServer, covered: Coverage
    ) -> Iterator[Finding]:
        own = own_list(server)
        rules = key_place(server, own) if own is not None else None
        location = used.place or rules or section_place(server)
        if location is None:
            return
        first = next((one for one in broken if not one.feature.name.startswith(_SIDE)), broken[0])
        request = first.request
        grave = not first.feature.name.startswith(_SIDE)
        rule = covered.rule(request.method, first.target)
        why = "no rule covers it" if rule is None else f"no role holds {' or '.join(sorted(rule.permissions))}"
        symptom = f" The user sees: {request.symptom}." if request.symptom else ""
        others = [one.feature.name for one in broken if one is not first]
        also = f" The same holds for {listed([repr(one) for one in others])}." if others else ""
        name = f"{used.name[0].upper()}{used.name[1:]}"
        by = "rules of this list" if own is not None else f"built-in rules of plugin {server.plugin.version}"
        yield self.finding(
            location,
            f"{name} ({used.because}): the feature '{first.feature.name}' works for nobody who logs in with the {by}. It needs "
            f"{request.method} {first.target}, and {why}.{symptom}{also}",
            "Add rules for these requests, or remove Permissions so that the built-in list counts."
            if own is not None
            else "Add rules for these requests to ExtraPermissions, or use a newer plugin.",
            severity=(Severity.ERROR if grave else Severity.WARNING) if own is not None else Severity.INFO,
            persona=Persona.REGULAR if own is not None else Persona.PEDANTIC,
            related=[Related(rules, "the rules")] if rules is not None and rules != location else [],
            witness=Witness(request.method, first.target, covered.who_is_refused(request.method, first.target), "deny"),
            facts={
                "subject": used.client,
                "because": used.because,
                "features": tuple(one.feature.name for one in broken),
                "refused": tuple(dict.fromkeys(target for one in broken for target in one.refused)),
                "symptom": request.symptom,
            },
        )

    def _by_link(
        self, used: Used, broken: tuple[Broken, ...], server: OrthancServer, covered: Coverage
    ) -> Iterator[Finding]:
        location = used.place or section_place(server)
        if location is None:
            return
        first = broken[0]
        method = first.request.method
        name = f"{used.name[0].upper()}{used.name[1:]}"
        yield self.finding(
            location,
            f"{name} ({used.because}): {listed([repr(one.feature.name) for one in broken])} works only where it is opened by a "
            f"link that Orthanc Explorer 2 makes for one study. {method} {first.target} is refused to users themselves.",
            "Add rules for these requests if users are to open it without a link.",
            severity=Severity.INFO,
            persona=Persona.PEDANTIC,
            witness=Witness(method, first.target, covered.who_is_refused(method, first.target), "deny"),
            facts={
                "subject": used.client,
                "because": used.because,
                "features": tuple(one.feature.name for one in broken),
                "refused": tuple(dict.fromkeys(target for one in broken for target in one.refused)),
                "by_link": True,
            },
        )
