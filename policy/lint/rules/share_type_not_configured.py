"""Rule ``share-type-not-configured``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Related, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule
from policy.lint.views.containers import may_be_elsewhere
from policy.lint.views.options import given, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class ShareTypeNotConfigured(Rule):
    r"""A type of share links whose address the auth service does not have.

    ## What it checks

    `OrthancExplorer2.Tokens.ShareType` against the addresses that the auth service needs for it: `PUBLIC_OHIF_ROOT` for OHIF,
    `PUBLIC_MEDDREAM_ROOT` and the service of tokens for MedDream, `PUBLIC_ORTHANC_ROOT` for the others; and whether the version of the
    service knows the type.

    ## Why it matters

    The button that shares a study ends in an error.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
    ```
    ```jsonc orthanc.json line=4
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"UiOptions": {"EnableShares": true}, "Tokens": {"ShareType": "ohif-viewer-publication"}}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PUBLIC_ORTHANC_ROOT: "https://pacs.example.org/orthanc/"
          PUBLIC_OHIF_ROOT: "https://pacs.example.org/ohif/"
    ```
    ```jsonc orthanc.json
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"UiOptions": {"EnableShares": true}, "Tokens": {"ShareType": "ohif-viewer-publication"}}
    }
    ```

    ## Exceptions

    While sharing is off, which is the default, nobody makes links.
    """

    code: ClassVar[str] = "DEP084"
    name: ClassVar[str] = "share-type-not-configured"
    title: ClassVar[str] = "Share links that cannot be made"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the public address is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        service = server.auth_service
        if service is None or service.container is None or not service.official or may_be_elsewhere(service.container):
            return
        shares = server.configuration.get("OrthancExplorer2", "UiOptions", "EnableShares")
        if shares is None or shares.value is not True:
            return
        entry = given(server, "OrthancExplorer2", "Tokens", "ShareType")
        if entry is None or not isinstance(entry.setting.value, str) or not entry.setting.known:
            return
        location = value_place(server, entry)
        if location is None:
            return
        from policy.knowledge import service as services

        kind = entry.setting.value
        row = next((one for one in services.share_types() if one.name == kind and one.creatable), None)
        if row is None:
            names = [one.name for one in services.share_types() if one.creatable]
            yield self.finding(
                location,
                "The auth service knows no such type of share links: sharing a study ends in an error.",
                did_you_mean(kind, names) or f"Known are {', '.join(names)}.",
                facts={"subject": kind},
            )
            return
        missing = [
            name for name in row.needs if name not in service.environment or service.environment[name].value == ""
        ]
        if service.version.version < row.since:
            why = f"the auth service {service.version} does not know the type, which came with {row.since}"
            help_ = "Upgrade the auth service, or choose another type."
        elif missing:
            why = f"the auth service has no {' and no '.join(missing)}"
            help_ = f"Set {' and '.join(missing)} on the auth service."
        else:
            return
        yield self.finding(
            location,
            f"Sharing a study ends in an error: {why}.",
            help_,
            related=[Related(service.container.location, "the auth service")],
            facts={"subject": kind, "missing": tuple(missing)},
        )
