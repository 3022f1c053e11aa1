"""Rule ``tag-24-2-3``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import ORTHANC

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class Tag2423(Rule):
    r"""The image orthancteam/orthanc:24.2.3.

    ## What it checks

    Whether a server uses this tag.

    ## Why it matters

    By its release notes it was made from code under development, not from releases: what the plugin in it does is not known.

    ## Example

    ```yaml docker-compose.yml line=3
    services:
      orthanc:
        image: orthancteam/orthanc:24.2.3
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:24.3.0
    ```
    """

    code: ClassVar[str] = "DEP081"
    name: ClassVar[str] = "tag-24-2-3"
    title: ClassVar[str] = "Image with unfinished code"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "the version is yours to choose"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != ORTHANC or container.version is None or str(container.version) != "24.2.3":
            return
        yield self.finding(
            container.image_location or container.location,
            "This image was made from code under development: what the plugin in it does is not known.",
            "Use another tag.",
            facts={"subject": container.image or ""},
        )
