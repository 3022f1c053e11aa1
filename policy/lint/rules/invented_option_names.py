"""Rule ``invented-option-names``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.lint.finding import Confidence, Finding, Fix, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views import names
from policy.lint.views.consequences import without_option
from policy.lint.views.fixes import rename_key
from policy.lint.views.options import SECTION, key_place

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_ACCESS = ("AuthenticationEnabled", "RegisteredUsers", "RemoteAccessAllowed")
"""Options of the core that decide who gets in."""


class InventedOptionNames(Rule):
    r"""A key that no program reads.

    ## What it checks

    Orthanc and its plugins read the keys that they know, with case, and ignore all others without a word.
    Reported are: keys of the Authorization section that no release of the plugin reads; options of the plugin that stand
    outside of the section; a section whose name is nearly `Authorization`; keys of the core, of DICOMweb, of Orthanc
    Explorer 2 and of OHIF that are nearly a known one.

    ## Why it matters

    The option that was meant stays at its default.
    If it was the address of the web service, the plugin filters nothing and the server is open to everybody; if it was
    the checked level, users whose labels are limited are refused everywhere.

    ## Example

    ```jsonc orthanc.jsonc line=3,5,6,8
    {
      "Authorization": {
        "WebServiceRootURL": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenGetParameters": ["token"],
        "AuthenticationEnabled": false
      },
      "AuthentificationEnabled": true
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=3
    {
      "AuthenticationEnabled": false,
      "Authorisation": {
        "WebServiceRootUrl": "http://auth:8000/"
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=6,9
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies"
      },
      "UncheckedFolders": ["/app/"],
      "OrthancExplorer2": {
        "Keycloak": {
          "Enabled": true
        }
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenGetArguments": ["token"]
      }
    }
    ```

    ## Exceptions

    Sections that are near nothing may belong to a plugin of one's own, and keys that begin with an underscore or two
    slashes are comments:

    ```jsonc orthanc.jsonc
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "_comment": "the address inside of the docker network"
      },
      "Hospital": {"Wards": ["A", "B"]},
      "DicomModalities": {"Authorization": ["AET", "host", 104]}
    }
    ```
    """

    code: ClassVar[str] = "CFG002"
    name: ClassVar[str] = "invented-option-names"
    title: ClassVar[str] = "Key that nothing reads"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:1188", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        for stray in names.stray_options(server):
            yield from self._option(server, stray)
        outside: list[names.Stray] = []
        for stray in names.stray_sections(server):
            if stray.section == SECTION:
                outside.append(stray)
            else:
                yield from self._top(server, stray)
        yield from self._outside(server, outside)
        for stray in names.stray_elsewhere(server):
            yield from self._elsewhere(server, stray)

    def _option(self, server: OrthancServer, stray: names.Stray) -> Iterator[Finding]:
        ignored = f"The Authorization plugin has no option {stray.name} and ignores it"
        if stray.near:
            effect = without_option(server, stray.near[0])
            yield from self._at(server, stray, f"{ignored}: {effect}.", _meant(stray.near), Severity.ERROR)
        elif stray.section is not None:
            where = f"into the section {stray.section}" if stray.section else "to the top level of the configuration"
            yield from self._at(
                server,
                stray,
                f"{ignored}: {stray.name} is read {_level(stray.section)} only.",
                f"Move it {where}.",
                Severity.ERROR,
            )
        elif stray.reader:
            yield from self._at(
                server, stray, f"{ignored}: it is read by {stray.reader}.", "Move it there.", Severity.ERROR
            )
        else:
            yield from self._at(
                server,
                stray,
                f"{ignored}; no release up to the newest known reads it.",
                "Remove it, or look up the name of the option that was meant.",
                Severity.WARNING,
            )

    def _top(self, server: OrthancServer, stray: names.Stray) -> Iterator[Finding]:
        if SECTION in stray.near:
            if server.authorization is None:
                effect = "the plugin finds no Authorization section, switches itself off and filters nothing"
            else:
                effect = "what stands in it has no effect"
            yield from self._at(
                server,
                stray,
                f"Nothing reads the section {stray.name}: {effect}.",
                _meant((SECTION,)),
                Severity.ERROR,
            )
        elif stray.section:
            yield from self._at(
                server,
                stray,
                f"{stray.name} stands at the top level of the configuration, where nothing reads it.",
                f"Move it into the section {stray.section}.",
                Severity.WARNING,
            )
        else:
            access = stray.near[0] in _ACCESS
            yield from self._at(
                server,
                stray,
                f"Nothing reads {stray.name}: {_default_of(server, stray.near[0])}.",
                _meant(stray.near),
                Severity.ERROR if access else Severity.WARNING,
                None if access else Confidence.LIKELY,
            )

    def _outside(self, server: OrthancServer, strays: list[names.Stray]) -> Iterator[Finding]:
        """Options of the plugin at the top level: one mistake where the whole section lacks its name."""
        if server.authorization is not None or len(strays) < 2:
            for stray in strays:
                yield from self._at(
                    server,
                    stray,
                    f"{stray.name} stands at the top level of the configuration, where nothing reads it: "
                    f"{without_option(server, stray.name)}.",
                    "Move it into the section Authorization.",
                    Severity.ERROR,
                )
            return
        others = [
            Related(place, "this option too")
            for stray in strays[1:]
            if (place := key_place(server, stray.entry)) is not None
        ]
        yield from self._at(
            server,
            strays[0],
            f"{strays[0].name} and {len(strays) - 1} more options of the plugin stand at the top level of the configuration, "
            "where nothing reads them: without the section Authorization the plugin switches itself off and filters nothing.",
            'Put them into the section: "Authorization": {...}.',
            Severity.ERROR,
            related=others,
        )

    def _elsewhere(self, server: OrthancServer, stray: names.Stray) -> Iterator[Finding]:
        place = ".".join(stray.path[:-1])
        if stray.section == "":
            help_ = "Move it to the top level of the configuration."
            effect = "the plugin looks for it at the top level alone"
        elif stray.section == SECTION:
            help_ = "Move it into the section Authorization."
            effect = without_option(server, stray.name)
        else:
            help_ = _meant(stray.near)
            effect = f"{place}.{stray.near[0]} keeps its default"
        yield from self._at(
            server,
            stray,
            f"{place} has no option {stray.name}: {effect}.",
            help_,
            Severity.ERROR if stray.section == "" else Severity.WARNING,
            None if stray.section == "" else Confidence.LIKELY,
        )

    def _at(
        self,
        server: OrthancServer,
        stray: names.Stray,
        message: str,
        help_: str,
        severity: Severity,
        confidence: Confidence | None = None,
        related: Iterable[Related] = (),
    ) -> Iterator[Finding]:
        place = key_place(server, stray.entry)
        if place is None:
            return
        meant = stray.near[0] if stray.near else None
        fix: Fix | None = None
        if len(stray.near) == 1:
            fix = rename_key(stray.entry, stray.near[0])
        yield self.finding(
            place,
            message,
            help_,
            severity=severity,
            confidence=confidence,
            related=related,
            fix=fix,
            facts={"subject": ".".join(stray.path), "meant": meant, "belongs": stray.section},
        )


def _meant(near: tuple[str, ...]) -> str:
    if len(near) == 1:
        return f"Did you mean {near[0]}?"
    return f"Did you mean {', '.join(near[:-1])} or {near[-1]}?"


def _level(section: str) -> str:
    return f"in the section {section}" if section else "at the top level of the configuration"


def _default_of(server: OrthancServer, name: str) -> str:
    """What holds while the option of the core is not set."""
    if name == "AuthenticationEnabled":
        default = "true in this image" if server.image is not None else "as RemoteAccessAllowed says"
        return f"AuthenticationEnabled keeps its default, {default}"
    if name == "RegisteredUsers":
        return "no user is registered by it"
    return f"{name} keeps its default"
