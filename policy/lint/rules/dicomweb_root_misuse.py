"""Rule ``dicomweb-root-misuse``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.meaning import ROOT, Fault, diagnosis
from policy.lint.views.options import option, texts_of
from policy.lint.views.own_rules import own_rules
from policy.lint.views.unchecked import dicom_web_root, unchecked

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context
    from policy.lint.views.meaning import Diagnosis
    from policy.lint.views.own_rules import Own


class DicomwebRootMisuse(Rule):
    r"""DICOM_WEB_ROOT where it is not replaced.

    ## What it checks

    The plugin replaces the first `DICOM_WEB_ROOT` of each pattern by the root without its slashes, letter by letter and
    nowhere else.
    Reported are other spellings, a second one in the same pattern, one without a slash before it, one with two slashes behind
    it, and any in the lists of unchecked paths.

    ## Why it matters

    What is not replaced stays as it is, and no path has it: the rule never applies, or only in part.

    ## Example

    ```jsonc orthanc.jsonc line=6,7,8,10
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["delete", "^/dicom_web_root/servers/(.*)$", "all"],
          ["get", "^/DICOM_WEB_ROOT/info$|^/DICOM_WEB_ROOT/servers/(.*)$", "all|view"],
          ["put", "^DICOM_WEB_ROOT/servers/(.*)$", "all"]
        ],
        "UncheckedFolders": ["/DICOM_WEB_ROOT/app/"]
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [
          ["delete", "^/DICOM_WEB_ROOT/servers/(.*)$", "all"],
          ["get", "^/DICOM_WEB_ROOT/(info|servers/(.*))$", "all|view"]
        ],
        "UncheckedFolders": ["/dicom-web/app/"]
      }
    }
    ```
    """

    code: ClassVar[str] = "RTE009"
    name: ClassVar[str] = "dicomweb-root-misuse"
    title: ClassVar[str] = "DICOM_WEB_ROOT that is not replaced"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:561", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for own in own_rules(server, context):
            found = diagnosis(own, server, context)
            if found is not None and found.fault is Fault.ROOT:
                yield self._rule(own, found)
        if not any(option(server, name) for name in ("UncheckedFolders", "UncheckedResources")):
            return
        places = {id(entry.setting): entry for entry in unchecked(server)}
        for name in ("UncheckedFolders", "UncheckedResources"):
            for setting in texts_of(server, name):
                entry = places.get(id(setting))
                if entry is not None and ROOT in entry.text:
                    right = entry.text.replace(f"/{ROOT}/", dicom_web_root(server)).replace(ROOT, "dicom-web")
                    yield self.finding(
                        entry.location,
                        f"{ROOT} is replaced in rules only: in {name} it stays as it is, and no path begins so. "
                        "The entry has no effect.",
                        f"Write {right}, if that path may be open to everybody.",
                        fix=replace_value(setting, right, f"Write {right}", safe=False),
                        facts={"subject": entry.text, "option": name},
                    )

    def _rule(self, own: Own, found: Diagnosis) -> Finding:
        written = own.row.pattern
        if found.word == ROOT and not found.instead:
            text = f"{ROOT} stands in {own} more than once: only the first is replaced, and what the others name is not covered"
            advice, right = "Write it once, before a group of the ways on.", ""
        elif found.word == ROOT:
            text = f"{ROOT} has no slash before it in {own}: the root is put in without its slashes, so no path matches"
            advice, right = f"Write /{ROOT}.", written.replace(ROOT, f"/{ROOT}", 1)
        elif found.word.startswith(ROOT):
            text = f"Two slashes follow {ROOT} in {own}: no path has them, since the root is put in without its slashes"
            advice, right = "Write one slash.", written.replace(found.word, found.instead, 1)
        else:
            text = f"The word {found.word} is not replaced in {own}: the plugin knows {ROOT} alone, so no path matches"
            advice, right = f"Write {ROOT}.", written.replace(found.word, ROOT)
        return self.finding(
            own.row.place(1),
            f"{text}.",
            advice,
            fix=replace_value(own.row.setting.items[1], right, f"Write {right}", safe=False) if right else None,
            facts={"subject": str(own.row), "word": found.word},
        )
