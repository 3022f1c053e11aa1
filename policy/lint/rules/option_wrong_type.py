"""Rule ``option-wrong-type``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.setting import Entry, Setting
from policy.knowledge import plugin_options
from policy.lint.finding import Finding, Fix, Severity
from policy.lint.rule import Rule
from policy.lint.views.fixes import replace_value
from policy.lint.views.options import SECTION, filter_of, given, is_known, option, place, runs_plugin
from policy.lint.views.variables import carrier

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.lint.context import Context

_CORE = (("AuthenticationEnabled", "boolean"), ("RemoteAccessAllowed", "boolean"), ("RegisteredUsers", "object"))
"""Options of the core that decide who gets in."""
_RULES = ("Permissions", "ExtraPermissions")
_IN_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "object": "an object",
    "array of strings": "a list of texts",
    "array of rules": "a list of rules",
}


class OptionWrongType(Rule):
    r"""An option whose value has the wrong type.

    ## What it checks

    The types of all options that this version of the plugin reads, and of the two options of the core that decide
    whether anybody has to log in.
    A value that is not read (a single address beside `WebServiceRootUrl`, rules without a profile address, a password
    without a user name) is not reported, since nothing happens.

    ## Why it matters

    The plugin gives up while it starts, and Orthanc stops with it: nobody can work.
    Null counts as a value of the wrong type, not as an absent option.

    ## Example

    ```jsonc orthanc.jsonc line=4,5,6
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "StandardConfigurations": "orthanc-explorer-2",
        "CheckedLevel": ["studies"],
        "TokenHttpHeaders": ["token", 5]
      }
    }
    ```
    ---
    ```jsonc orthanc.jsonc line=2,5 plugin=0.11.4
    {
      "AuthenticationEnabled": "false",
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "EnableAuditLogs": "true",
        "CheckedLevel": "studies"
      }
    }
    ```

    ## Use instead

    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "CheckedLevel": "studies",
        "TokenHttpHeaders": "token",
        "TokenGetArguments": []
      }
    }
    ```

    ## Exceptions

    Options that this version does not know, and values that are not read:

    ```jsonc orthanc.jsonc plugin=0.9.4
    {
      "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "WebServiceUserProfileUrl": 5,
        "WebServicePassword": 123,
        "CheckedLevel": "studies",
        "EnableAuditLogs": "true"
      }
    }
    ```
    """

    code: ClassVar[str] = "CFG003"
    name: ClassVar[str] = "option-wrong-type"
    title: ClassVar[str] = "Option of the wrong type"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "cis:4.1")
    fixable: ClassVar[str] = "unsafe"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        if runs_plugin(server):
            for known in plugin_options.options_of(server.plugin.version):
                entry = option(server, known.name)
                if entry is not None and _is_read(server, known.name):
                    yield from self._option(server, (SECTION, known.name), known.types, entry)
            if any(_is_object(server, name) for name in ("DicomWeb", "OrthancExplorer2")):
                yield from self._top(server, "Root", "string")
        for name, kind in _CORE:
            yield from self._top(server, name, kind)

    def _top(self, server: OrthancServer, name: str, kind: str) -> Iterator[Finding]:
        entry = given(server, name)
        if entry is not None:
            yield from self._option(server, (name,), (kind,), entry)

    def _option(
        self, server: OrthancServer, path: tuple[str, ...], types: tuple[str, ...], entry: Entry
    ) -> Iterator[Finding]:
        name = ".".join(path)
        wrong = _wrong(server, entry.setting, types)
        if wrong is None or (carrier(server, entry, path) is not None and _told_by_others(entry.setting, types)):
            return
        location = place((wrong.origin, entry.setting.origin, entry.key_origin), server)
        if location is None:
            return
        expected = " or ".join(_IN_WORDS[kind] for kind in types)
        held = _held(wrong)
        if wrong.kind == "string" and wrong.origin.name and str(wrong.value).lstrip()[:1] in ("[", "{"):
            held = f"the text of {wrong.origin.name}, which is no strict JSON"
        if wrong is not entry.setting:
            held = f"{held} among its texts"
        yield self.finding(
            location,
            f"Orthanc stops at start: {name} must be {expected}, not {held}.",
            f"Write {expected}{_example(types, wrong)}.",
            fix=_fix(types, entry.setting),
            facts={"subject": name, "outcome": "no-start", "held": wrong.kind},
        )


def _is_object(server: OrthancServer, name: str) -> bool:
    """Whether the section ``name`` is an object: then the plugin looks for a key Root at the top level, by mistake."""
    setting = server.configuration.get(name)
    return setting is not None and setting.kind == "object"


def _is_read(server: OrthancServer, name: str) -> bool:
    """Whether the plugin looks at the option at all, with the others as they are.

    Source: the reading of addresses and credentials in the plugin's initialization, 0.5.0 to 0.11.4.
    """
    if name in _RULES:
        return filter_of(server).profiles
    if name == "WebServicePassword":
        return option(server, "WebServiceUsername") is not None
    if not name.startswith("WebService") or name in (
        "WebServiceRootUrl",
        "WebServiceUsername",
        "WebServiceIdentifier",
    ):
        return True
    if option(server, "WebServiceRootUrl") is not None:
        return False
    validation = option(server, "WebServiceTokenValidationUrl")
    return name != "WebService" or validation is None or validation.setting.value == ""


def _told_by_others(setting: Setting, types: tuple[str, ...]) -> bool:
    """Whether the rules about the text of a variable say it: env-list-as-text, boolean-spelling, numeric-password-env."""
    if types == ("boolean",):
        return setting.kind not in ("object", "array")
    if types == ("string",):
        return setting.kind in ("number", "boolean", "null")
    return isinstance(setting.value, str) and not setting.value.lstrip().startswith(("[", "{"))


def _wrong(server: OrthancServer, setting: Setting, types: tuple[str, ...]) -> Setting | None:
    """The part of ``setting`` that is of none of ``types``; None where all is right, or nobody knows what is there."""
    if setting.kind == "missing" or not is_known(server, setting):
        return None
    for kind in types:
        if kind in ("string", "boolean", "object") and setting.kind == kind:
            return None
        if kind == "array of rules" and setting.kind == "array":
            return None
        if kind == "array of strings" and setting.kind == "array":
            return next((item for item in setting.items if item.kind not in ("string", "missing") and item.known), None)
    return setting


def _held(setting: Setting) -> str:
    """The wrong value in words; texts are not repeated, they may be secrets."""
    return {
        "null": "null",
        "object": "an object",
        "array": "a list",
        "string": "a text",
        "number": "a number",
        "boolean": "true or false",
    }.get(setting.kind, setting.kind)


def _example(types: tuple[str, ...], wrong: Setting) -> str:
    if wrong.kind == "null":
        return ", or leave the option out"
    if "boolean" in types and wrong.kind == "string":
        return ", without quotes"
    if types == ("string",) and wrong.kind in ("number", "boolean"):
        return ", between quotes"
    return ""


def _fix(types: tuple[str, ...], setting: Setting) -> Fix | None:
    """Write the same value in the type that is asked for, where that is plain."""
    value = setting.value
    if "boolean" in types and isinstance(value, str) and value.lower() in ("true", "false"):
        return replace_value(setting, value.lower() == "true", f"Write {value.lower()}", safe=False)
    if "array of strings" in types and isinstance(value, str):
        return replace_value(setting, [value], "Put it into a list", safe=False)
    if types == ("string",) and len(setting.items) == 1 and isinstance(setting.items[0].value, str):
        return replace_value(setting, setting.items[0].value, "Take it out of the list", safe=False)
    if types == ("string",) and type(value) is int:
        return replace_value(setting, str(value), "Write it as a text", safe=False)
    return None
