"""Rule ``version-mix``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import AUTH_SERVICE, ORTHANC, beside

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.configuration.source import Location
    from policy.lint.context import Context


_FAR = 12
"""Months."""
_FLOATING = ("latest", "stable", "mainline", "unstable", "master", "main", "edge", "nightly", "dev", "current")


class VersionMix(Rule):
    r"""An image without a fixed tag, or images of releases far apart.

    ## What it checks

    Images of Orthanc, the auth service, the proxy, Keycloak and OHIF without a tag, or with one that moves, such as `latest`;
    images of the former publisher; and releases more than a year apart.

    ## Why it matters

    Defaults change with the tag: what a start does today another start may not do next month.
    The plugin, the answers of the service and the format of roles belong together.

    ## Example

    ```yaml docker-compose.yml line=3
    services:
      orthanc:
        image: orthancteam/orthanc:latest
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:24.5.1
    ```

    ## Use instead

    A digest says which image it is:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:26.4.0
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    ```
    """

    code: ClassVar[str] = "DEP080"
    name: ClassVar[str] = "version-mix"
    title: ClassVar[str] = "Images that are not pinned, or far apart"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "the version is yours to choose"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if not container.role or not container.image or container.built or "${" in container.image:
            return
        from policy.knowledge import images

        facts = images.resolve(container.image)
        if facts is None or facts.publisher not in ("orthancteam", "osimis", "jodogne"):
            return
        location = container.image_location or container.location
        floating = facts.tag is None or facts.tag.removesuffix("-full").partition("-")[0] in _FLOATING
        if floating and facts.digest is None:
            what = f"the tag {facts.tag} moves" if facts.tag else "no tag means latest"
            yield self.finding(
                location,
                f"Which version runs depends on the day of the start: {what}. What is said here holds for "
                f"{container.version or 'the newest version known'}.",
                "Write the tag of a release.",
                facts={"subject": container.image},
            )
        elif facts.publisher == "osimis":
            yield self.finding(
                location,
                "Images of osimis are given up since 24.1.2: nothing in them is mended any more.",
                f"Use orthancteam/{facts.repository.rpartition('/')[2]}.",
                facts={"subject": container.image},
            )
        elif container.role == AUTH_SERVICE and container.version is not None:
            yield from self._apart(container, location, context)

    def _apart(self, container: Container, location: Location, context: Context) -> Iterator[Finding]:
        for orthanc in beside(container, context.deployment, ORTHANC):
            if orthanc.version is None or container.version is None or orthanc.built:
                continue
            if orthanc.version.assumed or container.version.assumed:
                continue
            months = abs(_months(orthanc.version.version) - _months(container.version.version))
            if months > _FAR:
                yield self.finding(
                    location,
                    f"The auth service {container.version} and the image {orthanc.version} of {orthanc.name} are {months} months apart: "
                    "what one asks and the other answers may not fit.",
                    "Use releases of the same time.",
                    facts={"subject": container.name, "months": months},
                )
                return


def _months(version: Version) -> int:
    """The month of a release whose version begins with year and month."""
    year, month = (*map(int, str(version).split(".")[:2]), 1)[:2]
    return year * 12 + month
