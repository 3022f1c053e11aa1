"""Rule ``labels-ohif-versions``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import LABELS_FROM, behaviour_of
from policy.lint.views.options import filter_of
from policy.lint.views.written import Rights, roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_MENDED = Version.parse("0.7.2")
_FIRST_WITH_LABELS = Version.parse("0.6.0")


class LabelsOhifVersions(Rule):
    r"""Labels with a plugin that handles them badly.

    ## What it checks

    Roles that are limited by labels, and a release of the plugin before 0.7.2.

    ## Why it matters

    These releases mix up what DICOMweb clients ask for: a search is refused now and then, and the list of series is empty
    or refused for users whose labels are limited.
    Releases before 0.6.0 know no labels at all: such users see every study.

    ## Example

    ```jsonc orthanc.jsonc plugin=0.7.1
    {
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
      "AuthenticationEnabled": false
    }
    ```
    ```json permissions.json line=3 auth-service=24.5.1
    {
      "roles": {
        "external-role": {"permissions": ["view"], "authorized_labels": ["external"]}
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc plugin=0.7.2
    {
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
      "AuthenticationEnabled": false
    }
    ```
    ```json permissions.json
    {
      "roles": {
        "external-role": {"permissions": ["view"], "authorized-labels": ["external"]}
      }
    }
    ```

    ## Exceptions

    Roles with the label `*` are not concerned.
    """

    code: ClassVar[str] = "ROL017"
    name: ClassVar[str] = "labels-ohif-versions"
    title: ClassVar[str] = "Labels with an old plugin"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API1:2023", "nist:AC-3")
    fixable: ClassVar[str] = "an upgrade of Orthanc mends it"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        plugin = server.plugin.version
        if service is None or plugin >= _MENDED or behaviour_of(service) is None or not filter_of(server).profiles:
            return
        version = service.version.version
        if version < LABELS_FROM:
            return
        limited = [role for role in roles_in(service.permissions, version) if role.label_texts and role.limited]
        if limited:
            yield self._found(server, limited)

    def _found(self, server: OrthancServer, limited: list[Rights]) -> Finding:
        first = limited[0]
        member = first.labels
        who = first.who if len(limited) == 1 else f"{len(limited)} roles, the first of them {first.name},"
        verb = "is" if len(limited) == 1 else "are"
        blind = server.plugin.version < _FIRST_WITH_LABELS
        if blind:
            then = f"plugin {server.plugin} knows no labels: the holders reach every study"
        else:
            then = (
                f"plugin {server.plugin} refuses such users DICOMweb searches and lists of series now and then, so that "
                "viewers stay empty"
            )
        container = server.container
        place = container.image_location or container.location if container is not None else None
        return self.finding(
            first.source.place(member.span if member is not None else first.node.span),
            f"{who[0].upper()}{who[1:]} {verb} limited by labels, and {then}.",
            f"Use an Orthanc with plugin {_MENDED} or later.",
            severity=Severity.ERROR if blind else Severity.WARNING,
            related=[Related(place, f"plugin {server.plugin} is in this image")] if place is not None else [],
            facts={"subject": first.name, "roles": len(limited), "blind": blind},
        )
