"""The files of the auth service: permissions.json and anonymous-profile.json."""

from __future__ import annotations

from policy.errors import UnknownVersion
from policy.knowledge import permissions as names
from policy.knowledge import service
from policy.knowledge.versions import Version
from policy.questions.schemas.words import COMMENT_KEYS, DIALECT, SCHEMA_KEY, Schema, texts

FIRST_PERMISSIONS = service.FIRST_WITH_PROFILES
FIRST_ANONYMOUS = Version.parse("25.8.0")
_NEW_SHAPE = Version.parse("24.6.0")
_ROLE_OBJECTS = Version.parse("23.9.0")
_LABELS = "Labels of the studies that the role may see; * is every study."


def with_file(name: str, version: Version, first: Version) -> Version:
    """``version`` if it is one that reads the file.

    :raises UnknownVersion: where it came before the file.
    """
    if version < first:
        raise UnknownVersion(
            f"the auth service {version} reads no {name}.json", help=f"The first that does is {first}."
        )
    return version


def permissions(version: Version) -> Schema:
    """permissions.json: roles with permissions and labels."""
    made: Schema = {
        "$schema": DIALECT,
        "title": f"permissions.json of the auth service {version}",
        "description": "What each role of Keycloak may do, and with which studies.",
        "type": "object",
        "required": ["roles"],
        "properties": {"$schema": SCHEMA_KEY},
        "examples": [{"roles": {"doctor-role": _example(version)}}],
    } | _comments(version)
    roles: Schema = {
        "type": "object",
        "description": "Names of realm roles of Keycloak, compared with case and blanks.",
        "additionalProperties": _role(version),
        "examples": [{"doctor-role": _example(version)}],
    }
    made["properties"]["roles"] = roles
    if version >= _NEW_SHAPE:
        made["properties"]["available-labels"] = texts(
            "Labels that the user interface offers; empty: any.", ["external"]
        )
        made["patternProperties"] = COMMENT_KEYS
        made["additionalProperties"] = False
    return made


def _example(version: Version) -> object:
    if version < _ROLE_OBJECTS:
        return ["view", "download"]
    return {"permissions": ["view", "download"], _spelling(version): ["*"]}


def _spelling(version: Version) -> str:
    return "authorized_labels" if version < _NEW_SHAPE else "authorized-labels"


def _role(version: Version) -> Schema:
    held = _held(version, "What the role may do.")
    if version < _ROLE_OBJECTS:
        return held
    labels = texts(_LABELS, ["*"], ["external"])
    labels["items"] = {"type": "string", "minLength": 1}
    role: Schema = {
        "type": "object",
        "description": "A role.",
        "patternProperties": COMMENT_KEYS,
        "additionalProperties": False,
        "required": ["permissions"],
        "examples": [_example(version)],
    }
    if version < _NEW_SHAPE:
        role["properties"] = {"permissions": held | {"minItems": 1}, "authorized_labels": labels | {"minItems": 1}}
        role["required"] = ["permissions", "authorized_labels"]
        return role
    role["properties"] = {"permissions": held, "authorized-labels": labels, "authorized_labels": _older(labels)}
    role["oneOf"] = [{"required": ["authorized-labels"]}, {"required": ["authorized_labels"]}]
    return role


def _older(labels: Schema) -> Schema:
    return labels | {"description": "The older spelling of authorized-labels."}


def _held(version: Version, description: str) -> Schema:
    """A list of permissions, each with its meaning for editors."""
    known = names.known_to_service(version)
    listed = [one for one in names.permissions() if one.name in known]
    one: Schema = {
        "enum": [permission.name for permission in listed],
        "enumDescriptions": [permission.meaning for permission in listed],
    }
    return {
        "type": "array",
        "items": one,
        "uniqueItems": True,
        "description": description,
        "examples": [["view", "download"]],
    }


def _comments(version: Version) -> Schema:
    """Whether the file may hold comments: a strict reader stops at them."""
    lenient = service.tag(version).reader == "json-with-comments"
    return {"allowComments": lenient, "allowTrailingCommas": lenient}


def anonymous(version: Version) -> Schema:
    """anonymous-profile.json: what somebody without a token may do."""
    labels = texts("Labels of the studies that visitors may see; * is every study.", [], ["public"])
    properties: Schema = {
        "$schema": SCHEMA_KEY,
        "name": {"type": "string", "description": "The name that logs show.", "examples": ["Anonymous"]},
        "user-id": {"type": ["string", "null"], "description": "The identifier of the user.", "examples": [None]},
        "groups": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "The groups of the user.",
            "examples": [[]],
        },
        "permissions": _held(version, "What somebody without a token may do.") | {"examples": [[], ["view"]]},
        "authorized-labels": labels,
        "authorized_labels": _older(labels),
        "validity": {
            "type": "integer",
            "minimum": 1,
            "description": "Seconds that the plugin keeps the profile.",
            "examples": [60],
        },
    }
    return {
        "$schema": DIALECT,
        "title": f"anonymous-profile.json of the auth service {version}",
        "description": "The profile of everybody who comes without a token.",
        "type": "object",
        "required": ["name", "validity", "permissions"],
        "oneOf": [{"required": ["authorized-labels"]}, {"required": ["authorized_labels"]}],
        "properties": properties,
        "patternProperties": COMMENT_KEYS,
        "additionalProperties": False,
        "examples": [{"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}],
    } | _comments(version)
