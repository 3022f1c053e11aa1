"""Rule ``two-files-same-key``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.overrides import from_file, overrides
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class TwoFilesSameKey(Rule):
    r"""An option that two files of the image set.

    ## What it checks

    Whether two files in `/etc/orthanc` of the orthancteam image set one option to different values.

    ## Why it matters

    The image reads the files in the order in which the folder lists them, which is not sorted.
    Either value may win, and another one after the next start on another machine.
    Orthanc installed from a package does not start at all with a section in two files.

    ## Example

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./config:/etc/orthanc
    ```
    ```jsonc config/a.json
    {"AuthenticationEnabled": true, "Name": "A"}
    ```
    ```jsonc config/b.json line=1
    {"AuthenticationEnabled": false}
    ```

    ## Use instead

    Two files may share a section, as long as the options are different ones:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./config:/etc/orthanc
    ```
    ```jsonc config/a.json
    {"DicomWeb": {"Enable": true}}
    ```
    ```jsonc config/b.json
    {"DicomWeb": {"PublicRoot": "/orthanc/dicom-web/"}}
    ```
    """

    code: ClassVar[str] = "DEP004"
    name: ClassVar[str] = "two-files-same-key"
    title: ClassVar[str] = "Same option in two files"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "which of the two is meant is not known"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not of_image(server):
            return
        for found in overrides(server):
            now, before = found.entry.key_origin.location, found.earlier.key_origin.location
            if now is None or before is None or now.source is before.source:
                continue
            if not from_file(found.entry.setting.origin) or not from_file(found.earlier.setting.origin):
                continue
            same = found.same
            then = (
                "both say the same"
                if same
                else "which value counts depends on the order in which the folder lists them"
            )
            yield self.finding(
                now,
                f"{found.dotted} stands in {before.source.path} as well: {then}.",
                "Set the option in one file.",
                severity=Severity.INFO if same else Severity.WARNING,
                persona=Persona.PEDANTIC if same else Persona.REGULAR,
                related=[Related(before, "the other one")],
                facts={"subject": found.dotted, "other": before.source.path},
            )
