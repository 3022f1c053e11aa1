"""Documents by the name of their schema: good ones, and bad ones with the line of the mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).parents[2]
SCHEMAS = TOP / "schemas"
FILES: Mapping[str, str] = {
    "orthanc": "orthanc.jsonc",
    "permissions": "permissions.json",
    "anonymous-profile": "anonymous-profile.json",
}
"""The kinds of a deployment with the names of their files in the samples."""


class Bad(NamedTuple):
    """A document with a mistake."""

    schema: str
    text: str
    line: int


def held(name: str) -> dict[str, object]:
    """The schema in a file of ``schemas/``."""
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))


def names() -> list[str]:
    """The files of ``schemas/``, without their ending."""
    return sorted(file.name.removesuffix(".schema.json") for file in SCHEMAS.glob("*.schema.json"))


def good() -> Iterator[tuple[str, str]]:
    """Schemas with texts that must fit."""
    for sample in ("clinic", "forum-thread-tests"):
        for name, file in FILES.items():
            yield name, (TOP / "samples" / sample / file).read_text("utf-8")
    yield "permissions", '{"_note": "a role of nobody", "roles": {"a": {"permissions": [], "authorized_labels": []}}}'
    yield "permissions-24.5.1", '{"roles": {"a": {"permissions": ["view"], "authorized_labels": ["*"]}}}'
    yield "permissions-23.6.1", '{"roles": {"a": ["view", "edit-labels"]}}'
    yield "authorization-0.2.5", '{"WebService": "http://a:8000/", "UncheckedLevels": ["study"]}'
    yield "policy-lint", '{"ignore": ["RUL"], "per-file-ignores": {"demo/*": ["demo-secrets"]}, "fail-on": "error"}'
    yield "policy-test", '{"version": 1, "tests": [{"route": "/system", "expect": "deny"}], "assertions": "a b c"}'


BAD = (
    Bad("orthanc", '{\n  "Authorization": {\n    "CheckedLevel": "exam"\n  }\n}', 3),
    Bad("orthanc", '{\n  "Authorization": {\n    "Permisions": []\n  }\n}', 3),
    Bad("authorization", '{\n  "Permissions": [\n    ["get", "^/a$", "all | view"]\n  ]\n}', 3),
    Bad("authorization", '{\n  "Permissions": [\n    ["head", "^/a$", "all"]\n  ]\n}', 3),
    Bad("authorization-0.9.4", '{\n  "ExtraPermissions": []\n}', 2),
    Bad("authorization-0.3.0", '{\n  "Permissions": []\n}', 2),
    Bad("permissions", '{"roles": {\n  "a": {"permissions": ["read"], "authorized-labels": []}}}', 2),
    Bad("permissions", '{"roles": {\n  "a": {"permissions": ["view"]}}}', 2),
    Bad("permissions", '{"roles": {},\n  "available_labels": []}', 2),
    Bad("permissions-24.5.1", '{"roles": {\n  "a": {"permissions": ["view"], "authorized-labels": ["*"]}}}', 2),
    Bad("permissions-23.6.0", '{"roles": {\n  "a": ["edit-labels"]}}', 2),
    Bad("permissions-25.9.0", '{"roles": {\n  "a": {"permissions": ["worklists"], "authorized-labels": []}}}', 2),
    Bad("anonymous-profile", '{"name": "a", "permissions": [], "authorized-labels": [],\n  "validity": "1m"}', 2),
    Bad("policy-lint", '{\n  "fail-on": "fatal"}', 2),
    Bad("policy-lint", '{\n  "failon": "error"}', 2),
    Bad("policy-test", '{"version": 1, "tests": [\n  {"route": "/system", "expect": "allow"}]}', 2),
    Bad("policy-test", '{\n  "version": 2}', 2),
)
