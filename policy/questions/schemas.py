"""JSON Schemas of the files, made from the tables: what editors complete and check.

A schema says what the programs of a version make use of; it is stricter than the programs, which ignore an unknown key
without a word.  Names that begin with an underscore are let through as comments.
The files in ``schemas/`` are those of the newest known versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from policy.knowledge import permissions, plugin, plugin_options, service
from policy.knowledge.versions import Version

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMMENT_KEYS = {"^_": True}
_NEW_SHAPE = Version.parse("24.6.0")
_ROLE_OBJECTS = Version.parse("23.9.0")

Schema = dict[str, Any]


def schema(name: str, version: str | Version | None = None) -> Schema:
    """The schema called ``name`` (a key of :data:`NAMES`) for one version of the program that reads the file.

    ``version`` is that of the Authorization plugin for ``authorization`` and ``orthanc``, that of the auth service for
    ``permissions`` and ``anonymous-profile``; None is the newest known.

    :raises KeyError: for an unknown name.
    :raises UnknownVersion: for a version that the tables do not know.
    """
    return NAMES[name](None if version is None else Version.parse(str(version)))


def _authorization(version: Version | None) -> Schema:
    release = plugin.release(version) if version is not None else plugin.newest()
    properties = {option.name: _option(option, release) for option in plugin_options.options_of(release.version)}
    return {
        "$schema": DIALECT,
        "title": f"The section Authorization of Orthanc, as the plugin {release.version} reads it",
        "type": "object",
        "properties": properties,
        "patternProperties": _COMMENT_KEYS,
        "additionalProperties": False,
        # The plugin stops the server where both are there, whatever they hold.
        "not": {"required": ["CheckedLevel", "UncheckedLevels"]},
    }


def _option(option: plugin_options.Option, release: plugin.Release) -> Schema:
    described: Schema = {"description": option.meaning}
    if option.default not in (None, ""):
        described["default"] = option.default
    if option.name in ("CheckedLevel", "UncheckedLevels"):
        level = {"enum": _spellings("access-level")}
        return described | (level if option.name == "CheckedLevel" else {"type": "array", "items": level})
    if option.name == "StandardConfigurations":
        names = sorted({one.name for one in release.standard_configurations})
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
        "description": "A rule: method, pattern of the whole path (Boost, Perl syntax), permissions of which one is "
        "enough, with | between them and no blanks; the empty text lets everybody pass.",
        "type": "array",
        "prefixItems": [
            {"enum": ["get", "post", "put", "delete"]},
            {"type": "string", "minLength": 1},
            {"type": "string", "pattern": "^[^\\s,;]*$"},
        ],
        "minItems": 3,
        "maxItems": 3,
        "examples": [["get", "^/my-plugin/report$", "all|view"]],
    }


def _spellings(name: str) -> list[str]:
    listed = plugin_options.enumeration(name)
    return [spelling for _, spellings in listed.values for spelling in spellings] if listed is not None else []


def _orthanc(version: Version | None) -> Schema:
    section = _authorization(version)
    section.pop("$schema")
    return {
        "$schema": DIALECT,
        "title": "A configuration of Orthanc, as far as it decides who may do what",
        "type": "object",
        "properties": {
            "Authorization": section,
            "AuthenticationEnabled": {
                "type": "boolean",
                "description": "Whether the core asks for HTTP Basic credentials before the plugin sees a request.",
            },
            "RemoteAccessAllowed": {"type": "boolean"},
            "RegisteredUsers": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "User names with their passwords.",
            },
            "DicomWeb": {
                "type": "object",
                "properties": {"Enable": {"type": "boolean"}, "Root": {"type": "string"}},
            },
        },
    }


def _permissions(version: Version | None) -> Schema:
    version = version or service.newest().version
    names = _permission_names(version)
    held: Schema = {"type": "array", "items": {"enum": names}, "uniqueItems": True}
    labels: Schema = {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "uniqueItems": True,
        "description": "Labels of the studies that the role may see; * is every study.",
    }
    result: Schema = {
        "$schema": DIALECT,
        "title": f"permissions.json of the auth service {version}",
        "type": "object",
        "required": ["roles"],
        "properties": {},
    }
    if version < _ROLE_OBJECTS:
        result["properties"]["roles"] = {"type": "object", "additionalProperties": held}
        return result
    role: Schema = {"type": "object", "patternProperties": _COMMENT_KEYS, "additionalProperties": False}
    if version < _NEW_SHAPE:
        role["properties"] = {"permissions": held | {"minItems": 1}, "authorized_labels": labels | {"minItems": 1}}
        role["required"] = ["permissions", "authorized_labels"]
    else:
        role["properties"] = {"permissions": held, "authorized-labels": labels, "authorized_labels": labels}
        role["required"] = ["permissions"]
        role["oneOf"] = [{"required": ["authorized-labels"]}, {"required": ["authorized_labels"]}]
        result["properties"]["available-labels"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "Labels that the user interface offers; empty: any.",
        }
        result["patternProperties"] = _COMMENT_KEYS
        result["additionalProperties"] = False
    result["properties"]["roles"] = {
        "type": "object",
        "description": "Names of realm roles of Keycloak, with case.",
        "additionalProperties": role,
    }
    return result


def _permission_names(version: Version) -> list[str]:
    known = permissions.known_to_service(version)
    return [one.name for one in permissions.permissions() if one.name in known]


def _anonymous(version: Version | None) -> Schema:
    version = version or service.newest().version
    names = _permission_names(version)
    return {
        "$schema": DIALECT,
        "title": f"anonymous-profile.json of the auth service {version}",
        "type": "object",
        "required": ["name", "validity", "permissions", "authorized-labels"],
        "properties": {
            "name": {"type": "string"},
            "user-id": {"type": ["string", "null"]},
            "groups": {"type": ["array", "null"], "items": {"type": "string"}},
            "permissions": {"type": "array", "items": {"enum": names}, "uniqueItems": True},
            "authorized-labels": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "validity": {"type": "integer", "minimum": 1, "description": "Seconds that the plugin keeps the profile."},
        },
        "patternProperties": _COMMENT_KEYS,
        "additionalProperties": False,
    }


def _settings(_: Version | None) -> Schema:
    from policy.lint.finding import Persona, Severity

    names: Schema = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    severity: Schema = {"enum": [str(one) for one in Severity]}
    text: Schema = {"type": "string"}
    return {
        "$schema": DIALECT,
        "title": "The table of policy-lint in .policy-lint.toml, or [tool.policy-lint] in pyproject.toml",
        "type": "object",
        "properties": {
            "select": names,
            "ignore": names,
            "severity": severity | {"description": "The mildest severity that is shown."},
            "fail-on": severity | {"description": "The mildest severity that makes the exit code 1."},
            "persona": {"enum": [str(one) for one in Persona]},
            "preview": {"type": "boolean"},
            "per-file-ignores": {"type": "object", "additionalProperties": names},
            "clients": names,
            "plugin-version": text,
            "orthanc-version": text,
            "auth-service-version": text,
            "image-tag": text,
        },
        "additionalProperties": False,
    }


def _tests(_: Version | None) -> Schema:
    from policy.questions.cases import json_schema

    return {"$schema": DIALECT} | json_schema() | {"title": "Tests of an access policy, for policy test"}


NAMES: Mapping[str, Callable[[Version | None], Schema]] = MappingProxyType(
    {
        "anonymous-profile": _anonymous,
        "authorization": _authorization,
        "orthanc": _orthanc,
        "permissions": _permissions,
        "policy-lint": _settings,
        "policy-test": _tests,
    }
)
"""The schemas there are, by name; ``schemas/NAME.schema.json`` holds each."""
