"""Rule ``ohif-config-path``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import OHIF

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class OhifConfigPath(Rule):
    r"""app-config.js mounted where this version of the OHIF image does not look.

    ## What it checks

    Whether `app-config.js` is mounted at the place that the image ohif-v3 of this tag reads: below `ohif/` from 26.4.0 on, one folder
    higher before.

    ## Why it matters

    The viewer uses the configuration in the image, with its own servers and without yours.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      ohif:
        image: orthancteam/ohif-v3:26.4.1
        volumes:
          - ./app-config.js:/usr/share/nginx/html/app-config.js
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      ohif:
        image: orthancteam/ohif-v3:26.4.1
        volumes:
          - ./app-config.js:/usr/share/nginx/html/ohif/app-config.js
    ```

    ## Exceptions

    The image 25.9.0 looks at the other place:

    ```yaml docker-compose.yml
    services:
      ohif:
        image: orthancteam/ohif-v3:25.9.0
        volumes:
          - ./app-config.js:/usr/share/nginx/html/app-config.js
    ```
    """

    code: ClassVar[str] = "DEP063"
    name: ClassVar[str] = "ohif-config-path"
    title: ClassVar[str] = "Configuration of OHIF where this image does not look"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API9:2023", "nist:CM-2")
    fixable: ClassVar[str] = "the target is written in the Compose file"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != OHIF or container.version is None or container.built:
            return
        from policy.knowledge import images

        rows = [row for row in images.ohif_images() if row.version <= container.version.version]
        if not rows:
            return
        right = rows[-1].config_path
        places = {row.config_path for row in images.ohif_images()} - {right}
        if any(mount.target == right for mount in container.mounts):
            return
        for mount in container.mounts:
            if mount.target in places:
                yield self.finding(
                    mount.location,
                    f"The image ohif-v3 {container.version} looks at {right}: this configuration has no effect.",
                    f"Mount it onto {right}.",
                    confidence=Confidence.LIKELY if container.version.assumed else Confidence.SURE,
                    facts={"subject": mount.target, "right": right},
                )
