"""Rule ``ohif-image-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, OHIF, beside, value_of

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


_KEEPS = Version.parse("26.4.0")


class OhifImageMismatch(Rule):
    r"""The images of nginx and of OHIF on different sides of 26.4.0.

    ## What it checks

    Whether both images are from 26.4.0 on, or both older, where the proxy passes `/ohif/` on.

    ## Why it matters

    From 26.4.0 on the proxy keeps the prefix `/ohif/` and the viewer expects it; before, the prefix was taken away.
    Mixed, the viewer does not find its files.

    ## Example

    ```yaml docker-compose.yml line=7
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_OHIF: "true"
      ohif:
        image: orthancteam/ohif-v3:25.9.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:26.4.0
        environment:
          ENABLE_OHIF: "true"
      ohif:
        image: orthancteam/ohif-v3:26.4.1
    ```
    """

    code: ClassVar[str] = "DEP064"
    name: ClassVar[str] = "ohif-image-mismatch"
    title: ClassVar[str] = "Proxy and OHIF of versions that do not fit"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "which of the two shall change is not known"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != OHIF or container.version is None or container.built:
            return
        for nginx in beside(container, context.deployment, NGINX):
            if nginx.version is None or nginx.built or value_of(nginx, "ENABLE_OHIF") != "true":
                continue
            if (nginx.version.version >= _KEEPS) == (container.version.version >= _KEEPS):
                continue
            assumed = nginx.version.assumed or container.version.assumed
            keeps = "keeps" if nginx.version.version >= _KEEPS else "takes away"
            yield self.finding(
                container.image_location or container.location,
                f"The proxy {nginx.version} {keeps} the prefix /ohif/, and the viewer {container.version} expects the other: it will "
                "not find its files.",
                "Use both from 26.4.0 on, or both older.",
                confidence=Confidence.LIKELY if assumed else Confidence.SURE,
                related=[Related(nginx.image_location or nginx.location, "the proxy")],
                facts={"subject": container.name, "proxy": str(nginx.version), "viewer": str(container.version)},
            )
