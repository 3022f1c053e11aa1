"""Rule ``keycloak-open-client``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import KEYCLOAK

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class KeycloakOpenClient(Rule):
    r"""The image orthanc-keycloak with the realm that is in it.

    ## What it checks

    Whether a container of the image orthanc-keycloak has no realm file of its own.

    ## Why it matters

    The realm in the image is a sample: it has the users orthanc and doctor with their names as passwords, and a client that any web
    page may use.
    Whether they were removed since is not in the files.

    ## Example

    ```yaml docker-compose.yml line=3
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.0
        volumes:
          - ./realm.json:/opt/keycloak/data/import/realm-export.json
    ```
    """

    code: ClassVar[str] = "DEP077"
    name: ClassVar[str] = "keycloak-open-client"
    title: ClassVar[str] = "Realm of the image with its sample users"
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.LIKELY
    persona: ClassVar[Persona] = Persona.AUDITOR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API2:2023", "cwe:1188", "cwe:798", "nist:IA-2")
    fixable: ClassVar[str] = "the users are yours to choose"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != KEYCLOAK or container.version is None or container.built:
            return
        if any("/import" in mount.target or mount.target.endswith(".json") for mount in container.mounts):
            return
        yield self.finding(
            container.image_location or container.location,
            "The realm of this image has the users orthanc and doctor with their names as passwords, and a client that any web page "
            "may use; the files do not tell whether they were removed.",
            "Remove the sample users and narrow the redirect addresses of the client orthanc, or mount a realm of your own.",
            facts={"subject": container.name},
        )
