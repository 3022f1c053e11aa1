"""Rule ``ohif-standard-missing``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.knowledge.plugin import closest
from policy.lint.finding import Confidence, Finding, Fix, Severity, Witness
from policy.lint.rule import Rule
from policy.lint.views.fixes import add_item, add_member
from policy.lint.views.options import filter_of, given, option, section, section_place, value_place
from policy.lint.views.unchecked import excused_folders
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry
    from policy.lint.context import Context


@dataclass(frozen=True, slots=True)
class _Viewer:
    """A viewer's plugin: how it is called, its sections, and the standard configuration that goes with it."""

    title: str
    sections: tuple[str, ...]
    standard: str
    loaded_by_section: bool
    """Whether a section of its own shows that it is loaded, where nothing else tells."""


_VIEWERS = (
    _Viewer("OHIF", ("OHIF", "Ohif"), "ohif", loaded_by_section=True),
    _Viewer("the Stone viewer", ("StoneWebViewer",), "stone-webviewer", loaded_by_section=True),
    _Viewer("VolView", ("VolView",), "volview", loaded_by_section=True),
    _Viewer("the STL plugin", ("STL",), "stl", loaded_by_section=True),
    _Viewer("Orthanc Explorer 2", ("OrthancExplorer2",), "orthanc-explorer-2", loaded_by_section=True),
)


class OhifStandardMissing(Rule):
    r"""A viewer without its standard configuration.

    ## What it checks

    For each viewer whose plugin is loaded (OHIF, Stone, VolView, STL, Orthanc Explorer 2), whether its static files are
    unchecked: by its name in `StandardConfigurations`, by an entry of `UncheckedFolders`, or by a rule that lets everybody
    read them.

    ## Why it matters

    The pages and scripts of the viewer are checked like data of patients.
    A browser loads them without a token, gets 403, and the user sees an empty page.

    ## Example

    ```jsonc orthanc.jsonc line=5
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2"]
      },
      "OHIF": {"DataSource": "dicom-web"}
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "StandardConfigurations": ["orthanc-explorer-2", "ohif"]
      },
      "OHIF": {"DataSource": "dicom-web"}
    }
    ```

    ## Exceptions

    The folder may be unchecked by hand, or a rule may let everybody in; a viewer in a container of its own is not served
    by Orthanc:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "UncheckedFolders": ["/ohif/"],
        "ExtraPermissions": [["get", "^/volview/.*$", ""]]
      },
      "OHIF": {},
      "VolView": {"Enable": true}
    }
    ```
    """

    code: ClassVar[str] = "CFG016"
    name: ClassVar[str] = "ohif-standard-missing"
    title: ClassVar[str] = "Viewer without its standard configuration"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if not filter_of(server).on:
            return
        excused = excused_folders(server)
        release = closest(server.plugin.version)
        for viewer in _VIEWERS:
            sure = _loaded(server, viewer)
            if sure is None:
                continue
            standard = release.standard_configuration(viewer.standard)
            if standard is None:
                continue  # the rule standard-unknown tells of names that are too new
            folders = [folder for folder in standard.unchecked_folders if not folder.startswith(tuple(excused))]
            if folders and not _everybody_reads(server, context, folders[0]):
                yield from self._viewer(server, viewer, folders[0], sure=sure)

    def _viewer(self, server: OrthancServer, viewer: _Viewer, folder: str, *, sure: bool) -> Iterator[Finding]:
        entry = option(server, "StandardConfigurations")
        location = value_place(server, entry) if entry is not None else section_place(server)
        if location is None:
            return
        yield self.finding(
            location,
            f"The pages of {viewer.title} below {folder} are checked like data of patients: browsers load them without a "
            "token, and every user will see 403 or an empty page.",
            f'Add "{viewer.standard}" to StandardConfigurations.',
            confidence=Confidence.SURE if sure else Confidence.LIKELY,
            fix=_fix(server, entry, viewer),
            witness=Witness("GET", _page(folder), "a browser that loads the page", "deny"),
            facts={"subject": viewer.standard, "folder": folder},
        )


def _fix(server: OrthancServer, entry: Entry | None, viewer: _Viewer) -> Fix | None:
    """Name the standard configuration."""
    title = f"Add {viewer.standard} to StandardConfigurations"
    if entry is not None:
        return add_item(entry.setting, viewer.standard, title, safe=False)
    holder = section(server)
    return add_member(holder, "StandardConfigurations", [viewer.standard], title, safe=False) if holder else None


def _loaded(server: OrthancServer, viewer: _Viewer) -> bool | None:
    """Whether the viewer's plugin is loaded: True for sure, False in all probability, None if not."""
    if server.enabled_plugins is not None:
        on = any(section in server.enabled_plugins for section in viewer.sections)
        if viewer.standard == "orthanc-explorer-2":
            # The image loads it by default; only who configures it is known to use it.
            on = on and given(server, "OrthancExplorer2") is not None
        return True if on and not _switched_off(server, viewer) else None
    present = any(given(server, section) is not None for section in viewer.sections)
    return False if present and viewer.loaded_by_section and not _switched_off(server, viewer) else None


def _switched_off(server: OrthancServer, viewer: _Viewer) -> bool:
    switches = (server.configuration.get(section, "Enable") for section in viewer.sections)
    return any(switch is not None and switch.value is False for switch in switches)


def _page(folder: str) -> str:
    """A page below ``folder`` that the viewer has."""
    from policy.knowledge.routes import routes

    found = (route.witness for route in routes() if route.method == "GET" and route.witness.startswith(folder))
    return next(found, f"{folder}index.html")


def _everybody_reads(server: OrthancServer, context: Context, folder: str) -> bool:
    """Whether a rule without a permission lets everybody GET the files of ``folder``."""
    policy = context.policy(server)
    if policy is None:
        return False
    path = _page(folder)
    for rule in policy.rules:
        if rule.method == "GET" and rule.compiled.matches(path):
            return rule.open
    return False
