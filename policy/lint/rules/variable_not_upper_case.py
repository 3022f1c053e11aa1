"""Rule ``variable-not-upper-case``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.variables import Use
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.spelling import meant_by_variable
from policy.lint.views.variable_fixes import rename
from policy.lint.views.variables import readings

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context


_TOLD = ("ORTHANC__OHIF__ROUTER_BASE_NAME",)
"""Variables that have a rule of their own."""


class VariableNotUpperCase(Rule):
    r"""A variable whose case or underscores keep it from the option that is meant.

    ## What it checks

    Variables of the image that begin with `ORTHANC__`, in any case, and give a key that differs from a known option only in case.

    ## Why it matters

    The first letter of each word is kept and the rest becomes small, so the name has to be in capitals, with an underscore between
    the words of an option.
    Any other spelling makes a key that nothing reads, and the option stays as it was.

    ## Example

    ```yaml docker-compose.yml line=5,6,7
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__Authorization__CheckedLevel: "studies"
          ORTHANC__DICOMWEB__ROOT: "/dicom-web/"
          Orthanc__Name: "A"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__AUTHORIZATION__CHECKED_LEVEL: "studies"
          ORTHANC__DICOM_WEB__ROOT: "/dicom-web/"
    ```

    ## Exceptions

    Names of one's own below an option, such as a user, may be in small letters:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__REGISTERED_USERS__alice: "a-long-password"
    ```
    """

    code: ClassVar[str] = "DEP009"
    name: ClassVar[str] = "variable-not-upper-case"
    title: ClassVar[str] = "Variable that sets no option because of its spelling"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for variable, reading in readings(server):
            name = variable.name
            if not name.upper().startswith("ORTHANC__") or reading.use not in (Use.OPTION, Use.NONE) or name in _TOLD:
                continue
            meant = meant_by_variable(name, reading)
            if meant is None:
                continue
            option, right = meant
            yield self.finding(
                variable.name_location,
                f"{name} sets no option: nothing reads the key that the image makes of it, and {option} stays as it was.",
                f"Write {right}.",
                fix=rename(variable, right, safe=False),
                facts={"subject": name, "option": option},
            )
