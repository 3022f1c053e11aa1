"""Rule ``nginx-true-spelling``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import NGINX, known_text, place_of
from policy.lint.views.variable_fixes import set_text

if TYPE_CHECKING:
    from policy.configuration.deployment import Container
    from policy.lint.context import Context


class NginxTrueSpelling(Rule):
    r"""A variable of the nginx image that means yes without being exactly `true`.

    ## What it checks

    The switches of the image, such as `ENABLE_HTTPS`, with a value such as `True`, `yes` or `1`.

    ## Why it matters

    Only the exact text `true` switches them on: the route, or TLS, is not there.

    ## Example

    ```yaml docker-compose.yml line=6
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: "true"
          ENABLE_HTTPS: "yes"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      nginx:
        image: orthancteam/orthanc-nginx:25.9.0
        environment:
          ENABLE_ORTHANC: true
          ENABLE_HTTPS: "false"
    ```
    """

    code: ClassVar[str] = "DEP067"
    name: ClassVar[str] = "nginx-true-spelling"
    title: ClassVar[str] = "Switch of the proxy that is not exactly true"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_container(self, container: Container, context: Context) -> Iterator[Finding]:
        if container.role != NGINX or container.version is None:
            return
        from policy.knowledge import nginx

        switches = {row.name for row in nginx.flags() if row.name.startswith("ENABLE_")}
        for name, variable in container.environment.items():
            text = known_text(variable)
            if name not in switches or text is None or text == "true":
                continue
            if text.strip().lower() in ("true", "yes", "y", "on", "1", "enabled"):
                yield self.finding(
                    place_of(variable),
                    f'{name} is "{text}", which leaves it off: only the exact text true switches it on.',
                    "Write true, in small letters.",
                    fix=set_text(variable, "true", "Write true", safe=False),
                    facts={"subject": name},
                )
