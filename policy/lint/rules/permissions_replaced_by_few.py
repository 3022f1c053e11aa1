"""Rule ``permissions-replaced-by-few``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.built_in import comparison
from policy.lint.views.clients_used import used_clients
from policy.lint.views.coverage import EVERYTHING, own_list
from policy.lint.views.fixes import rename_key
from policy.lint.views.listing import listed
from policy.lint.views.options import key_place, option

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_EXTRA_FROM = Version.parse("0.10.0")
_TELLING = (
    ("POST", "/tools/find"),
    ("GET", "/system"),
    ("GET", "/studies/6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"),
)


class PermissionsReplacedByFew(Rule):
    r"""A handful of own rules in place of the built-in list.

    ## What it checks

    Whether `Permissions` covers less than a quarter of what the built-in list of the running version covers.

    ## Why it matters

    `Permissions` does not add to the built-in list but replaces it.
    Everything that its few rules do not name is 403 for everybody, and Orthanc Explorer 2 shows an empty page.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [["post", "^/my-plugin/run$", "upload"]]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["post", "^/my-plugin/run$", "upload"]]
      }
    }
    ```

    ## Exceptions

    Few rules may cover much; and without profiles the list is not read at all:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "Permissions": [["get", "^/.*$", "all|view"], ["post", "^/tools/.*$", "all|view"]]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceTokenValidationUrl": "http://auth:8000/tokens/validate",
        "CheckedLevel": "studies",
        "Permissions": []
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE013"
    name: ClassVar[str] = "permissions-replaced-by-few"
    title: ClassVar[str] = "Few own rules replace the built-in list"
    severity: ClassVar[Severity] = Severity.ERROR
    confidence: ClassVar[Confidence] = Confidence.PROVED
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = own_list(server)
        found = comparison(server, context)
        if entry is None or found is None or not found.few:
            return
        location = key_place(server, entry)
        if location is None:
            return
        refused = {(lack.known.method, lack.known.template): lack.known for lack in found.lacks}
        method, path = next(
            (
                (method, path)
                for method, path in _TELLING
                if any(key[0] == method and path == one.path for key, one in refused.items())
            ),
            (found.lacks[0].known.method, found.lacks[0].known.path),
        )
        clients = [used.name for used in used_clients(server, context)]
        whom = f", so that {listed(clients)} will not work" if clients else ""
        extra = server.plugin.version >= _EXTRA_FROM
        yield self.finding(
            location,
            f"Permissions replaces the built-in list as a whole: its {found.rows} rules leave {len(found.lacks)} of the "
            f"{found.all} built-in ones without a successor. {method} {path} and all that goes with them is refused to "
            f"everybody who logs in{whom}.",
            "Rename it to ExtraPermissions, which adds to the built-in list."
            if extra
            else f"Add the built-in list of plugin {server.plugin.version} to it; from {_EXTRA_FROM} on there is ExtraPermissions.",
            witness=Witness(method, path, EVERYTHING, "deny"),
            fix=rename_key(entry, "ExtraPermissions") if extra and option(server, "ExtraPermissions") is None else None,
            facts={
                "subject": "Permissions",
                "rows": found.rows,
                "lacking": len(found.lacks),
                "built_in": found.all,
                "clients": tuple(clients),
            },
        )
