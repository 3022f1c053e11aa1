"""Rule ``old-permissions-copy``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Fix, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import by_area, comparison
from policy.lint.views.clients_used import clients_breaking
from policy.lint.views.coverage import EVERYTHING, own_list
from policy.lint.views.fixes import remove_member
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry
    from policy.lint.context import Context
    from policy.lint.views.built_in import Comparison

_GRAVE = frozenset({"DICOMweb", "patients, studies, series and instances", "searches"})
_EXTRA_FROM = Version.parse("0.10.0")


class OldPermissionsCopy(Rule):
    r"""An old copy of the built-in list of rules.

    ## What it checks

    `Permissions` is compared with the built-in lists of all releases of the plugin.
    If most of it stands in one of them, and the running version has since got rules for routes that this list does not cover,
    it is reported: with the version it was copied from, what is missing, and whom that hurts.

    ## Why it matters

    `Permissions` replaces the built-in list as a whole.
    A copy never gets the rules that later versions add: after each upgrade buttons and viewers stop working one by one.

    ## Example

    ```jsonc orthanc.jsonc line=5 plugin=0.10.1 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/auth/tokens/decode$", ""],
          ["post", "^/tools/find$", "all|view"],
          ["get", "^/(patients|studies|series|instances)/([a-f0-9-]+)$", "all|view"],
          ["get", "^/(patients|studies|series|instances)/([a-f0-9-]+)/(studies|study|series|instances)$", "all|view"],
          ["get", "^/instances/([a-f0-9-]+)/(tags|header)$", "all|view"],
          ["get", "^/statistics$", "all|view"],
          ["post", "^/instances$", "all|upload"],
          ["get", "^/jobs/([a-f0-9-]+)$", "all|send|modify|anonymize|q-r-remote-modalities"],
          ["post", "^/(peers|modalities)/(.*)/store$", "all|send"],
          ["post", "^/my-plugin/run$", "all|upload"]
        ]
      }
    }
    ```

    ---

    ```jsonc orthanc.jsonc line=5 plugin=0.10.1 severity=error
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["post", "^/auth/tokens/decode$", ""],
          ["post", "^/tools/find$", "all|view"],
          ["get", "^/(patients|studies|series|instances)/([a-f0-9-]+)$", "all|view"],
          ["get", "^/(patients|studies|series|instances)/([a-f0-9-]+)/(studies|study|series|instances)$", "all|view"],
          ["get", "^/instances/([a-f0-9-]+)/(tags|header)$", "all|view"],
          ["get", "^/statistics$", "all|view"],
          ["post", "^/instances$", "all|upload"],
          ["get", "^/jobs/([a-f0-9-]+)$", "all|send|modify|anonymize|q-r-remote-modalities"],
          ["post", "^/(peers|modalities)/(.*)/store$", "all|send"]
        ]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.10.1
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["post", "^/my-plugin/run$", "all|upload"]
        ]
      }
    }
    ```

    ## Exceptions

    A list that somebody wrote, and that only looks a little like a built-in one, is nobody's copy:

    ```jsonc orthanc.jsonc plugin=0.10.1
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [
          ["get", "^/.*$", "all|view"],
          ["post", "^/.*$", "all|upload"],
          ["put", "^/.*$", "all"],
          ["delete", "^/.*$", "all|delete"]
        ]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE012"
    name: ClassVar[str] = "old-permissions-copy"
    title: ClassVar[str] = "Old copy of the built-in rules"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = own_list(server)
        found = comparison(server, context)
        if entry is None or found is None or not found.copied or not found.added:
            return
        location = key_place(server, entry)
        if location is None:
            return
        areas = by_area(found.added)
        shown = [f"{area} (since {min(lack.since for lack in lacks)})" for area, lacks in list(areas.items())[:5]]
        more = len(areas) - len(shown)
        hurt = clients_breaking([lack.known for lack in found.added], server, context)
        whom = f" That hurts users of {listed(hurt)}." if hurt else ""
        witness = next(iter(areas.values()))[0].known
        rest = f" and {more} more kinds of routes" if more > 0 else ""
        yield self.finding(
            location,
            f"This list is a copy of the built-in one of plugin {found.named}, where {found.shared} of its {found.rows} rules stand. "
            f"Nobody gets what was built in later, up to {server.plugin.version}: {', '.join(shown)}{rest}.{whom}",
            _advice(server.plugin.version),
            severity=Severity.ERROR if _GRAVE & areas.keys() else Severity.WARNING,
            witness=Witness(witness.method, witness.path, EVERYTHING, "deny"),
            fix=_fix(entry, found, server.plugin.version),
            facts={
                "subject": "Permissions",
                "copied_from": tuple(map(str, found.versions)),
                "shared": found.shared,
                "rows": found.rows,
                "missing": tuple(f"{lack.rule.method} {lack.rule.written}" for lack in found.added),
                "refused": tuple(f"{lack.known.method} {lack.known.path}" for lack in found.added),
                "clients": hurt,
            },
        )


def _advice(version: Version) -> str:
    if version >= _EXTRA_FROM:
        return "Remove Permissions, so that the built-in list counts again, and keep rules of your own in ExtraPermissions."
    return f"Take the built-in list of {version} and add your own rules to it, or use plugin {_EXTRA_FROM} with ExtraPermissions."


def _fix(entry: Entry, found: Comparison, version: Version) -> Fix | None:
    """Only where nothing of one's own is lost."""
    if found.shared < found.rows:
        return None
    return remove_member(entry, f"Remove Permissions: the built-in list of {version} takes its place", safe=False)
