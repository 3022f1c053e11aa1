"""Rule ``oe2-is-default-ui``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import rename_key
from policy.lint.views.options import given, key_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class Oe2IsDefaultUi(Rule):
    r"""OrthancExplorer2.IsDefaultUI, which nothing reads.

    ## What it checks

    Whether the section of Orthanc Explorer 2 has the key `IsDefaultUI`, which stands in published samples.

    ## Why it matters

    The plugin reads `IsDefaultOrthancUI`.
    From the image 25.6.3 on that is true by default, so that nothing is missing; before, the old interface opens first.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.5.1
        volumes:
          - ./orthanc.json:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.json line=3
    {
      "RegisteredUsers": {"reader": "a-long-password"},
      "OrthancExplorer2": {"IsDefaultUI": true}
    }
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.5.1
        environment:
          ORTHANC__ORTHANC_EXPLORER_2: '{"IsDefaultOrthancUI": true}'
    ```
    """

    code: ClassVar[str] = "DEP086"
    name: ClassVar[str] = "oe2-is-default-ui"
    title: ClassVar[str] = "IsDefaultUI is no option"
    severity: ClassVar[Severity] = Severity.INFO
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "OrthancExplorer2", "IsDefaultUI")
        location = key_place(server, entry) if entry is not None else None
        if entry is None or location is None:
            return
        real = server.configuration.get("OrthancExplorer2", "IsDefaultOrthancUI")
        same = entry.setting.value == (real.value if real is not None else True)  # true in the plugin
        yield self.finding(
            location,
            "Nothing reads IsDefaultUI; the option is called IsDefaultOrthancUI"
            + (", and it has this value anyway." if same else ", and it keeps its default."),
            "Rename it to IsDefaultOrthancUI, or remove it.",
            persona=Persona.PEDANTIC if same else Persona.REGULAR,
            fix=rename_key(entry, "IsDefaultOrthancUI"),
            facts={"subject": "OrthancExplorer2.IsDefaultUI"},
        )
