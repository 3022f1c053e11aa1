"""Rule ``dicomweb-root-raw``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import given, value_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


class DicomwebRootRaw(Rule):
    r"""DicomWeb.Root without a slash at both ends.

    ## What it checks

    Whether the text begins and ends with a slash.

    ## Why it matters

    The DICOMweb plugin adds them; other programs that read the same option, and people, may not.

    ## Example

    ```jsonc orthanc.json line=2
    {
      "DicomWeb": {"Root": "dicom-web"},
      "RemoteAccessAllowed": false
    }
    ```

    ## Use instead

    ```jsonc orthanc.json
    {
      "DicomWeb": {"Root": "/dicom-web/"},
      "RemoteAccessAllowed": false
    }
    ```
    """

    code: ClassVar[str] = "DEP042"
    name: ClassVar[str] = "dicomweb-root-raw"
    title: ClassVar[str] = "Root of DICOMweb without slashes"
    severity: ClassVar[Severity] = Severity.INFO
    persona: ClassVar[Persona] = Persona.PEDANTIC
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "safe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        entry = given(server, "DicomWeb", "Root")
        if entry is None or not isinstance(entry.setting.value, str) or not entry.setting.known:
            return
        value = entry.setting.value
        location = value_place(server, entry)
        if location is None or not value.strip("/") or (value.startswith("/") and value.endswith("/")):
            return
        right = f"/{value.strip('/')}/"
        yield self.finding(
            location,
            f"The DICOMweb plugin takes this for {right}; other readers of the option may not.",
            f"Write {right}.",
            fix=replace_value(entry.setting, right, f"Write {right}", safe=True),
            facts={"subject": "DicomWeb.Root"},
        )
