"""Files of our own: the configuration of the linter, and tests of a policy."""

from __future__ import annotations

from typing import Any

from policy.questions.schemas.words import DIALECT, Schema, texts


def settings() -> Schema:
    """The table of the linter's configuration file."""
    from policy.lint.finding import Persona, Severity

    severities = {"enum": [str(one) for one in Severity]}

    def version(of: str, example: str) -> Schema:
        description = f"{of}. Default: told by the files, else the newest known."
        return {"type": "string", "description": description, "examples": [example]}

    what = "Rules by name, code, beginning of a code, or tag"
    return {
        "$schema": DIALECT,
        "title": "The table of policy-lint in .policy-lint.toml, or [tool.policy-lint] in pyproject.toml",
        "description": "How the linter is set up; the command line goes before it.",
        "type": "object",
        "properties": {
            "select": texts(f"{what}: only these run. Default: all.", ["ROL", "owasp:API1:2023"]),
            "ignore": texts(f"{what}: these do not run.", ["version-mix"]),
            "severity": severities | {"description": "The mildest severity that is shown.", "default": "info"},
            "fail-on": severities
            | {"description": "The mildest severity that makes the exit code 1.", "default": "warning"},
            "persona": {
                "enum": [str(one) for one in Persona],
                "enumDescriptions": ["what should be mended", "tidiness too", "every way in"],
                "description": "For whom the findings are.",
                "default": "regular",
            },
            "preview": {"type": "boolean", "description": "Whether rules on trial run too.", "default": False},
            "per-file-ignores": {
                "type": "object",
                "description": "Patterns of paths, against the folder of this file, with the rules to ignore there.",
                "additionalProperties": texts(f"{what}."),
                "examples": [{"demo/*": ["demo-secrets"]}],
            },
            "clients": texts("Clients that must work, by name. Default: those that the deployment names.", ["ohif"]),
            "plugin-version": version("Version of the Authorization plugin", "0.11.4"),
            "orthanc-version": version("Version of Orthanc", "1.12.11"),
            "auth-service-version": version("Tag of the auth service", "26.4.1"),
            "image-tag": version("Tag of the image orthancteam/orthanc", "26.4.1"),
        },
        "additionalProperties": False,
        "examples": [{"ignore": ["version-mix"], "fail-on": "error"}],
    }


def tests() -> Schema:
    """Test files of a policy, made from their model."""
    from policy.questions.cases import json_schema

    made: Schema = {"$schema": DIALECT} | _without_noise(json_schema())
    return made | {
        "title": "Tests of an access policy, for policy test",
        "examples": [
            {
                "version": 1,
                "tests": [{"route": "GET /modalities", "as": "doctor-role", "expect": "permit"}],
                "assertions": ["not-granted external-role DELETE /studies/.*"],
            }
        ],
    }


def _without_noise(value: Any) -> Any:
    """Without the titles that are made of names and the defaults that are null: editors would show them."""
    if isinstance(value, dict):
        return {
            key: _without_noise(held)
            for key, held in value.items()
            if not (key == "title" and isinstance(held, str)) and not (key == "default" and held is None)
        }
    return [_without_noise(one) for one in value] if isinstance(value, list) else value
