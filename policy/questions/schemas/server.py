"""The configuration of Orthanc: the section Authorization, and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy.knowledge import plugin, plugin_options
from policy.questions.schemas.words import COMMENT_KEYS, DIALECT, Schema

_RULES = [["get", "^/my-plugin/report$", "all|view"], ["post", "^/my-plugin/start$", "admin-permissions"]]
_EXAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "WebServiceUserProfileUrl": "http://orthanc-auth-service:8000/user/get-profile",
        "WebServiceTokenValidationUrl": "http://orthanc-auth-service:8000/tokens/validate",
        "WebService": "http://orthanc-auth-service:8000/tokens/validate",
        "WebServiceTokenCreationBaseUrl": "http://orthanc-auth-service:8000/tokens/",
        "WebServiceTokenDecoderUrl": "http://orthanc-auth-service:8000/tokens/decode",
        "WebServiceSettingsRolesUrl": "http://orthanc-auth-service:8000/settings/roles",
        "WebServiceUsername": "orthanc",
        "WebServicePassword": "${AUTH_SERVICE_PASSWORD}",
        "WebServiceIdentifier": "my-orthanc",
        "TokenHttpHeaders": ["api-key"],
        "TokenGetArguments": ["token"],
        "StandardConfigurations": ["orthanc-explorer-2", "stone-webviewer"],
        "UncheckedResources": ["/my-plugin/status"],
        "UncheckedFolders": ["/my-app/"],
        "CheckedLevel": "studies",
        "UncheckedLevels": ["patients", "series", "instances", "system"],
        "Permissions": _RULES,
        "ExtraPermissions": _RULES,
        "EnableAuditLogs": True,
    }
)
_USUAL = ("WebServiceRootUrl", "WebServiceUsername", "WebServicePassword", "StandardConfigurations", "CheckedLevel")


def authorization(release: plugin.Release) -> Schema:
    """The section alone, as the plugin of one release reads it."""
    options = plugin_options.options_of(release.version)
    properties = {option.name: _option(option, release) for option in options}
    made: Schema = {
        "$schema": DIALECT,
        "title": f"The section Authorization of Orthanc, as the plugin {release.version} reads it",
        "description": "How the Authorization plugin asks who somebody is, and which requests they may make.",
        "type": "object",
        "properties": properties,
        "patternProperties": COMMENT_KEYS,
        "additionalProperties": False,
        "examples": [{name: properties[name]["examples"][0] for name in _USUAL if name in properties}],
        "allowComments": True,
        "allowTrailingCommas": True,
    }
    if {"CheckedLevel", "UncheckedLevels"} <= properties.keys():
        # The plugin stops the server where both are there, whatever they hold.
        made["not"] = {"required": ["CheckedLevel", "UncheckedLevels"]}
    return made


def _option(option: plugin_options.Option, release: plugin.Release) -> Schema:
    described: Schema = {
        "description": f"{option.meaning} {option.interactions}".strip(),
        "examples": [_EXAMPLES[option.name]],
    }
    if option.default not in (None, ""):
        described["default"] = option.default
    if option.name in ("CheckedLevel", "UncheckedLevels"):
        level = {"enum": _spellings("access-level")}
        return described | (level if option.name == "CheckedLevel" else {"type": "array", "items": level})
    if option.name == "StandardConfigurations":
        names = sorted({one.name for one in release.standard_configurations})
        described["examples"] = [[name for name in _EXAMPLES[option.name] if name in names] or names[:1]]
        return described | {"type": "array", "items": {"enum": names}, "uniqueItems": True}
    kinds = [_kind(kind) for kind in option.types]
    return described | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


def _kind(kind: str) -> Schema:
    if kind == "array of rules":
        return {"type": "array", "items": _rule()}
    if kind == "array of strings":
        return {"type": "array", "items": {"type": "string"}}
    return {"type": kind}


def _rule() -> Schema:
    return {
        "description": "A rule: method, pattern of the whole path, permissions of which one is enough. "
        "The first rule of a method whose pattern matches decides.",
        "type": "array",
        "prefixItems": [
            {"enum": ["get", "post", "put", "delete"], "description": "The method of the request."},
            {
                "type": "string",
                "minLength": 1,
                "description": "A regular expression (Boost, Perl syntax) for the whole path, without what follows "
                "the question mark.",
            },
            {
                "type": "string",
                "pattern": "^[^\\s,;]*$",
                "description": "Names with | between them and no blanks; one of them is enough. "
                "The empty text lets everybody pass.",
            },
        ],
        "minItems": 3,
        "maxItems": 3,
        "examples": _RULES[:1],
    }


def _spellings(name: str) -> list[str]:
    return [spelling for _, spellings in plugin_options.enumeration(name).values for spelling in spellings]


def orthanc(release: plugin.Release) -> Schema:
    """A whole configuration, of which all that decides nothing about access is let through."""
    section = authorization(release)
    for key in ("$schema", "allowComments", "allowTrailingCommas"):
        del section[key]
    return {
        "$schema": DIALECT,
        "title": f"A configuration of Orthanc, as far as it decides who may do what (plugin {release.version})",
        "description": "What Orthanc and its plugins read; several files are merged.",
        "type": "object",
        "properties": {
            "Authorization": section,
            "AuthenticationEnabled": {
                "type": "boolean",
                "description": "Whether the core asks for HTTP Basic credentials before the plugin sees a request.",
                "examples": [False],
            },
            "RemoteAccessAllowed": {
                "type": "boolean",
                "description": "Whether other machines may reach the server; without it only this one may.",
                "examples": [True],
            },
            "RegisteredUsers": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "User names with their passwords, for HTTP Basic.",
                "examples": [{"orthanc": "${ORTHANC_PASSWORD}"}],
            },
            "DicomWeb": {
                "type": "object",
                "description": "The DICOMweb plugin.",
                "properties": {
                    "Enable": {"type": "boolean", "description": "Whether the plugin serves.", "examples": [True]},
                    "Root": {
                        "type": "string",
                        "description": "Where DICOMweb is served. The Authorization plugin goes on looking at "
                        f"{plugin.DICOM_WEB_ROOT} whatever this says.",
                        "examples": [plugin.DICOM_WEB_ROOT],
                    },
                },
            },
        },
        "examples": [{"AuthenticationEnabled": False, "Authorization": section["examples"][0]}],
        "allowComments": True,
        "allowTrailingCommas": True,
    }
