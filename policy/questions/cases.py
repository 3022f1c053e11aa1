"""Test files of a policy: JSON5 that says who may do what, read into a model with the place of every case.

A matrix lists roles and routes; only what it writes is permitted, every other cell must be denied.
Resources with labels are fixtures: a route names them in braces, and an archive holds exactly them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from policy import text
from policy.errors import PolicyError, ShapeError, SyntaxRefused, Unreadable
from policy.records import dataclass
from policy.text import Document, Node, Position

ENDING = ".json5"
"""How the name of a test file ends; no file that a server reads does."""
ANONYMOUS = "anonymous"
"""The name of the sender who has no token."""
_LARGEST = 2_000_000
_AT = re.compile(r"^[^\n]*?:(?P<line>\d+) (?P<what>.*?)(?: at column (?P<column>\d+))?$", re.DOTALL)


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


Name = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_one_or_several)]
Who = Annotated[
    tuple[Name, ...],
    BeforeValidator(_one_or_several),
    Field(min_length=1, description="A role, a profile of this file, anonymous, or several roles that one user has."),
]
Rule = int | str
Verdict = Literal["permit", "deny", "conditional"]


class Resource(_Model):
    """A resource of the archive; what lies above and below it is made up, without labels."""

    level: Literal["patient", "study", "series", "instance"] = Field("study", description="Its level.")
    labels: Names = Field((), description="Its labels; none is a study without labels.")
    parent: str | None = Field(None, description="A resource of the level above; without it one is made up.")
    id: str | None = Field(None, description="Its Orthanc identifier. Default: made up.")
    uid: str | None = Field(None, description="Its DICOM identifier. Default: made up.")


class Profile(_Model):
    """A sender by permissions and labels, for whom no role is needed."""

    permissions: Names = Field((), description="What the sender may do.")
    labels: Names = Field((), description="Labels of the studies that the sender may see; * is every study.")


class Expected(_Model):
    """What is expected beside the answer itself."""

    reason: str | None = Field(None, description="The code of the reason, such as no-permission.")
    rule: Rule | None = Field(
        None, description="The rule that decides: its pattern, or its index among the effective rules, from 0."
    )


class Cell(Expected):
    """A cell of a matrix with more than its answer."""

    who: Who = Field(alias="as")


Cells = tuple[Annotated[Cell, BeforeValidator(lambda value: value if isinstance(value, dict) else {"as": value})], ...]


class Row(Expected):
    """A route with those who may call it; reason and rule hold for all that are permitted."""

    route: Name = Field(description="METHOD and path (GET is the default); {name} is a resource, {name.uid} its UID.")
    permit: Cells = Field((), description="Those who may; everybody else must be refused.")
    conditional: Cells = Field((), description="Those for whom labels decide that this file does not give.")
    deny: Cells = Field((), description="Only for the reason or rule of a refusal: who is not listed must be denied.")
    labels: Names | None = Field(None, description="Labels of the study, where the route names no resource.")
    body: Any = Field(None, description="The body, as JSON; with it the request is judged behind the filter too.")


class Matrix(_Model):
    """Roles and routes; every cell that is not written must be denied."""

    name: str = Field("matrix", description="What reports call it.")
    roles: tuple[Who, ...] | None = Field(None, description="Default: every role of the deployment, and anonymous.")
    rows: tuple[Row, ...] = Field(min_length=1, description="Its routes.")


class Test(Expected):
    """One request and what it gets."""

    __test__ = False  # not one of pytest's

    name: str | None = Field(None, description="What reports call it. Default: the request.")
    route: Name = Field(description="METHOD and path (GET is the default); {name} is a resource, {name.uid} its UID.")
    who: Who = Field(
        (ANONYMOUS,),
        alias="as",
        description="A role, a profile of this file, anonymous, or several roles that one user has.",
    )
    expect: Verdict = Field(description="The answer; conditional: labels decide that are not given.")
    status: int | None = Field(None, description="The HTTP status of a refusal.")
    labels: Names | None = Field(None, description="Labels of the study, where the route names no resource.")
    body: Any = Field(None, description="The body, as JSON; with it the request is judged behind the filter too.")


class Snapshot(_Model):
    """The whole matrix of some routes, kept in a file beside this one."""

    file: Name = Field(description="The file of the snapshot, beside this one.")
    roles: tuple[Who, ...] | None = Field(None, description="Default: every role of the deployment, and anonymous.")
    routes: tuple[Name, ...] | None = Field(None, description="Default: every request of the known clients.")


class TestFile(_Model):
    """Tests of an access policy."""

    __test__ = False

    schema_: str | None = Field(None, alias="$schema", description="The address of this schema, for editors.")
    version: Literal[1] = Field(description="The version of this format.")
    resources: Mapping[str, Resource] = Field(
        default_factory=dict, description="Resources that routes name, with their labels."
    )
    profiles: Mapping[str, Profile] = Field(
        default_factory=dict, description="Senders by permissions and labels, beside the roles of the deployment."
    )
    matrices: tuple[Matrix, ...] = Field((), description="Who may do what, as tables.")
    tests: tuple[Test, ...] = Field((), description="Single requests with their answers.")
    snapshots: tuple[Snapshot, ...] = Field((), description="Whole matrices that are kept in files.")
    assertions: tuple[Name, ...] = Field(
        (), description="Words as for policy check, such as: not-granted external-role DELETE /studies/.*"
    )


@dataclass(frozen=True, slots=True)
class Read:
    """A test file with its places."""

    path: str
    content: TestFile
    document: Document

    def position(self, *steps: str | int) -> Position:
        """Line and column of what stands at a path of the file."""
        return _position(self.document, steps)


def read(path: Path) -> Read:
    """The test file at ``path``.

    :raises Unreadable: for a file that cannot be opened.
    :raises SyntaxRefused: for a text that is no JSON5, with its place.
    :raises ShapeError: for JSON5 that is no test file, with the place of the first mistake.
    """
    shown = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=shown) from None
    if len(data) > _LARGEST:
        raise Unreadable("is too large for a test file", file=shown, help="Split it.")
    document = text.parse(data)
    plain = _plain(document, shown)
    try:
        return Read(shown, TestFile.model_validate(plain), document)
    except ValidationError as error:
        raise _misshapen(error, document, shown) from None


def _plain(document: Document, shown: str) -> Any:
    import json5

    try:
        return json5.loads(document.data.decode("utf-8-sig"), allow_duplicate_keys=False)
    except UnicodeDecodeError as error:
        raise SyntaxRefused(f"is no UTF-8 (byte {error.start + 1})", file=shown) from None
    except RecursionError:
        raise SyntaxRefused("is nested too deeply", file=shown) from None
    except ValueError as error:
        match = _AT.match(str(error))
        if match is None:  # an empty file, or a key that is there twice
            twice = (one.span.start for one in document.leniencies if one.kind == "duplicate-key")
            line, column_ = document.position(next(twice, 0))
            raise SyntaxRefused(f"is no JSON5: {error}", file=shown, line=line, column=column_) from None
        column = int(match["column"]) if match["column"] else None
        raise SyntaxRefused(
            f"is no JSON5: {match['what']}", file=shown, line=int(match["line"]), column=column
        ) from None


def _misshapen(error: ValidationError, document: Document, shown: str) -> PolicyError:
    first = error.errors(include_url=False, include_input=False)[0]
    steps = [step for step in first["loc"] if isinstance(step, int | str)]
    line, column = _position(document, steps)
    where = ".".join(map(str, steps)) or "the file"
    more = len(error.errors()) - 1
    rest = f" (and {more} more)" if more else ""
    return ShapeError(
        f"{where}: {_words(first)}{rest}",
        file=shown,
        line=line,
        column=column,
        help="policy schema policy-test prints what a test file may hold.",
    )


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "no such key"
    if error["type"] == "missing":
        return "is missing"
    message = str(error["msg"])
    return message[:1].lower() + message[1:]


def _position(document: Document, steps: Sequence[str | int]) -> Position:
    """The place of the value at a path, or of the nearest around it; the tree is as forgiving as JSON5 is."""
    node: Node | None = document.root
    span = node.span if node is not None else text.Span(0, 0)
    for step in steps:
        if node is None:
            break
        if isinstance(step, int):
            node = node.items[step] if step < len(node.items) else None
        elif node.kind == "object":
            found = [member for member in node.members if member.key == step]
            if found:
                span = found[-1].key_span
            node = found[-1].value if found else None
        elif step not in _INSIDE:
            node = None
        if node is not None and not isinstance(step, str):
            span = node.span
    return document.position(span.start)


_INSIDE = frozenset({"as"})
"""Steps of the model that a short form leaves out."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of test files (2020-12), as editors use it: short forms included."""
    made = TestFile.model_json_schema(by_alias=True, mode="validation")
    for name in ("Names", "Who"):
        made.get("$defs", {}).pop(name, None)
    _loosen(made)
    return made


def _loosen(node: Any) -> None:
    """Let one name stand for a list of one, and a name for a cell, as the reader does."""
    if isinstance(node, list):
        for one in node:
            _loosen(one)
        return
    if not isinstance(node, dict):
        return
    for one in list(node.values()):
        _loosen(one)
    items = node.get("items")
    if node.get("type") != "array" or not isinstance(items, dict):
        return
    if items.get("type") == "string" and "description" not in items:
        kept = {key: node.pop(key) for key in ("type", "items", "minItems") if key in node}
        node["anyOf"] = [{"type": "string", "minLength": 1}, kept]
    elif items.get("$ref", "").endswith("/Cell"):
        name = {"type": "string", "minLength": 1}
        node["items"] = {"anyOf": [name, {"type": "array", "items": name, "minItems": 1}, items]}
