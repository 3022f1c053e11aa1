"""Rule ``dicomweb-publicroot-vs-root``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.addresses import Address, led_by, proxies_to
from policy.lint.views.fixes import rename_key, replace_value
from policy.lint.views.options import given, key_place, place, value_place
from policy.lint.views.variables import loads

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Context


class DicomwebPublicrootVsRoot(Rule):
    r"""The public path of DICOMweb where the path inside of Orthanc belongs, or the other way round.

    ## What it checks

    Whether `DicomWeb.Root` begins with the prefix that the reverse proxy takes away, or `DicomWeb.PublicRoot` lacks it.

    ## Why it matters

    `Root` is the path at which Orthanc itself answers: with the prefix in it requests arrive at a path that does not exist, and no
    default rule of the plugin fits.
    `PublicRoot` shapes the addresses in answers: without the prefix viewers follow them past Orthanc and get the proxy's redirect.

    ## Example

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": {"Root": "/orthanc/dicom-web/"}
    }
    ```
    ---
    ```yaml docker-compose.yml line=8
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        environment: {DICOM_WEB_PLUGIN_ENABLED: "true", ORTHANC__REGISTERED_USERS: '{"reader": "a-long-password"}'}
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_ORTHANC: "true"
      orthanc:
        image: orthancteam/orthanc:26.4.0
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "DicomWeb": {"PublicRoot": "/orthanc/dicom-web/"}
    }
    ```

    ## Exceptions

    Without a proxy the two are the same, and nothing is reported.
    """

    code: ClassVar[str] = "DEP041"
    name: ClassVar[str] = "dicomweb-publicroot-vs-root"
    title: ClassVar[str] = "Root and public root of DICOMweb do not fit the proxy"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        section = server.configuration.get("DicomWeb")
        if (
            server.container is None
            or section is None
            or section.kind != "object"
            or loads(server, "DicomWeb") is False
        ):
            return
        proxies = proxies_to(server, context.deployment)
        prefixes = [public for proxy in proxies for public in proxy.to_public(server, "/") if public != "/"]
        if not prefixes:
            return
        root = given(server, "DicomWeb", "Root")
        inside = f"/{str(root.setting.value).strip('/')}/" if root is not None else "/dicom-web/"
        wrong = next((prefix for prefix in prefixes if inside.startswith(prefix)), None)
        if root is not None and wrong is not None:
            location = value_place(server, root)
            if location is not None:
                yield self.finding(
                    location,
                    f"The proxy takes {wrong} away, so no request ever arrives at {inside}: DICOMweb answers nobody, and the "
                    "default rules of the plugin do not fit this path either.",
                    f"Set Root to /{inside.removeprefix(wrong)} and PublicRoot to {inside}.",
                    fix=rename_key(root, "PublicRoot") if given(server, "DicomWeb", "PublicRoot") is None else None,
                    facts={"subject": "DicomWeb.Root", "prefix": wrong},
                )
            return
        public = given(server, "DicomWeb", "PublicRoot")
        path = f"/{str(public.setting.value).strip('/')}/" if public is not None else inside
        if (public is not None and not isinstance(public.setting.value, str)) or "${" in path:
            return
        if any(led_by(proxy, Address("", path, server.container.location)).server is server for proxy in proxies):
            return
        location = value_place(server, public) if public is not None else _place(server)
        if location is not None:
            right = f"{prefixes[0]}{inside.lstrip('/')}"
            said = f"PublicRoot is {path}" if public is not None else "PublicRoot is not set"
            yield self.finding(
                location,
                f"{said}, but the proxy reaches DICOMweb below {right}: viewers that follow the addresses in its answers get the "
                "proxy's own answer instead of images.",
                f"Set DicomWeb.PublicRoot to {right}.",
                confidence=Confidence.LIKELY if server.unseen else Confidence.SURE,
                fix=replace_value(public.setting, right, f"Write {right}", safe=False) if public is not None else None,
                facts={"subject": "DicomWeb.PublicRoot", "right": right},
            )


def _place(server: OrthancServer) -> Location | None:
    """Where DICOMweb is switched on."""
    entry = given(server, "DicomWeb")
    if entry is not None:
        return key_place(server, entry)
    variable = server.container.environment.get("DICOM_WEB_PLUGIN_ENABLED") if server.container is not None else None
    return variable.name_location if variable is not None else place((), server)
