"""What a gateway computes before it asks Cedar: which action a request is, what it touches, who asks.

This file stands beside an exported policy as it is: it needs ``routes.json`` and nothing but Python's own library.
It is meant to be read as much as to be run: a gateway in another language does the same steps.

    routes = Routes(json.load(open("routes.json")))
    asked = routes.seen("GET", "/studies/b9c08539-26f93bde-c81ab0d7-bffaf2cb-a4d0bdd0")
    route = routes.resolve(*asked)        # the action, and the resource whose labels are to be looked up
    question = routes.question(route, {"roles": ["doctor"]}, labels={"study": ["external"]})

``question`` is the request for Cedar with the entities that go with it, to be added to those of ``entities.json``.
Where :class:`Refused` is raised the gateway turns the request away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

HIERARCHY = ("patient", "study", "series", "instance")
_PLURALS = {"patients": "patient", "studies": "study", "series": "series", "instances": "instance"}
_SEARCH = "/dicom-web/studies"


class Refused(Exception):
    """A request that is turned away before Cedar is asked; the text says why."""


class Answer(NamedTuple):
    """What Cedar answers for one credential: whether it allows, and the policies that decided."""

    allowed: bool
    policies: tuple[str, ...]


def combined(answers: Sequence[Answer]) -> Answer:
    """The answer for a request with several credentials, in the order in which the plugin looks at them.

    The last one decides, but labels that stand against one of them end the matter.
    What share tokens open counts for the last question alone: the others are asked without ``granted``.
    """
    return next((one for one in answers[:-1] if not one.allowed and one.policies), answers[-1])


class Route(NamedTuple):
    """``action`` is its name in Cedar; ``kind``, ``level`` and ``ids`` say what the path touches."""

    action: str
    kind: str
    level: str
    ids: tuple[str, ...]
    listed: bool
    search: bool


class Routes:
    """The table of one server."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.flags: Mapping[str, bool] = table["behaviour"]
        self._rules = {
            method: [(rule["index"], tuple(rule["starts"]), re.compile(rule["regex"])) for rule in rows]
            for method, rows in table["rules"].items()
        }
        self._resources = [(row, tuple(row["starts"]), re.compile(row["regex"])) for row in table["resources"]]
        self._lists = re.compile(table["lists"]) if table["lists"] else None

    # -- the request --

    def seen(
        self, method: str, target: str, headers: Mapping[str, str] | None = None
    ) -> tuple[str, str, dict[str, str]]:
        """Method, path and arguments as the server sees them; ``target`` as sent.

        Raises :class:`Refused` for what the server refuses, and for paths that it would make others of.
        """
        if not re.fullmatch(r"/[!-\x7f]*", target):
            raise Refused("malformed-request")
        raw, _, query = target.partition("?")
        path = _decoded(raw)
        if not path.startswith("/") or "//" in path or "./" in path or "\\" in path or path.endswith("."):
            raise Refused("path")
        pairs = _pairs(query) if method == "GET" else []
        arguments = dict(pairs)
        if self.flags["search_arguments_ignore_case"]:
            lowered = [name.lower() for name in arguments]
            known = {name for names in self.table["arguments"].values() for name in names}
            if any(lowered.count(name) > 1 for name in known):
                raise Refused("arguments")
        given = (value for name, value in (headers or {}).items() if name.lower() == "x-http-method-override")
        faked = next(given, None)
        if faked is None:
            faked = next((value for name, value in pairs if name == "_method"), "")
        return _method(method, faked.upper()), path, arguments

    def resolve(self, method: str, path: str, arguments: Mapping[str, str]) -> Route:
        """The action that a request is: unchecked, the first rule of its method that matches, or no rule."""
        kind, level, ids = self._touched(path, arguments)
        lists = method == "GET" or not self.flags["lists_refused_for_get_only"]
        listed = lists and self._lists is not None and self._lists.fullmatch(path) is not None
        search = self.flags["search_exception"] and method == "GET" and path == _SEARCH
        return Route(self._action(method, path), kind, level, ids, listed, search)

    def _action(self, method: str, path: str) -> str:
        unchecked = self.table["unchecked"]
        if method == "GET" and (path in unchecked["resources"] or path.startswith(tuple(unchecked["folders"]))):
            return "unchecked"
        for index, starts, pattern in self._rules[method]:
            if path.startswith(starts) and pattern.fullmatch(path):
                return f"rule-{index}"
        return "no-rule"

    def _touched(self, path: str, arguments: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
        for row, starts, pattern in self._resources:
            match = pattern.fullmatch(path) if path.startswith(starts) else None
            if match is None:
                continue
            kind = row["kind"]
            if kind == "path":
                return "orthanc", _PLURALS[match[1]], (match[2],)
            if kind == "orthanc":
                return "orthanc", row["level"], (match[row["group"]],)
            if kind == "dicom":
                return "dicom", row["level"], match.groups()[: HIERARCHY.index(row["level"])]
            if kind == "archive":
                return (
                    "archive",
                    "study",
                    tuple(sorted({one for one in arguments.get("resources", "").split(",") if one})),
                )
            found = self._searched(arguments)
            if found is not None:
                return found
        return "system", "system", ()

    def _searched(self, arguments: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]] | None:
        """What the arguments of a DICOMweb search name."""
        if self.flags["search_arguments_ignore_case"]:
            arguments = {name.lower(): value for name, value in arguments.items()}
        named = {}
        for level, names in self.table["arguments"].items():
            values = [arguments[name] for name in names if arguments.get(name)]
            values = [one for one in values if not (self.flags["search_wildcards"] and "*" in one)]
            if values:
                named[level] = values[0]
        if "study" in named:
            below = ["study"]
            if "series" in named:
                below += ["series", "instance"] if "instance" in named else ["series"]
            return "dicom", below[-1], tuple(named[level] for level in below)
        return ("dicom", "patient", (named["patient"],)) if "patient" in named else None

    # -- the question --

    def question(
        self,
        route: Route,
        credential: Mapping[str, Any] | None,
        *,
        labels: Mapping[str, Sequence[str]] | None,
        exists: bool = True,
        deepest: str = "study",
        granted: Iterable[str] = (),
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The request for Cedar, and the entities that go with it.

        ``credential``: roles, or permissions and labels, as the auth service tells them; None for a visitor.
        ``labels``: by level, of the first resource of this level that is touched; None: they are not known.
        ``deepest``: of an archive, the deepest level among its resources.
        ``granted``: the levels that share tokens open.
        """
        level = deepest if route.kind == "archive" else route.level
        checked = self.checked(route, level, exists=exists)
        resource = {
            "level": level,
            "exists": self._there(route, exists=exists),
            "checked": bool(checked),
            "listed": route.listed,
        }
        known = [] if checked[:1] == ["system"] else (labels or {}).get(checked[0]) if checked and labels else None
        if known is not None:
            resource["labels"] = [{"__entity": _uid("Label", one)} for one in known]
        uid = _uid("Resource", f"{level} {' '.join(route.ids)}".strip())
        who = self.principal(credential)
        request = {
            "principal": _text(who["uid"]),
            "action": _text(_uid("Action", route.action)),
            "resource": _text(uid),
            "context": {"shared": self.shared(checked, frozenset(granted)), "search": route.search},
        }
        return request, [{"uid": uid, "attrs": resource, "parents": []}, *([who] if credential is not None else [])]

    def principal(self, credential: Mapping[str, Any] | None) -> dict[str, Any]:
        """Who asks, as an entity."""
        if credential is None:
            return {"uid": _uid("Visitor", "anonymous"), "attrs": {}, "parents": []}
        if "roles" in credential:
            held = [name for name in credential["roles"] if name in self.table["roles"]]
            usable = all(self.table["roles"][name]["usable"] for name in held)
            if not usable or (self.table["one_role_only"] and len(set(held)) != 1):
                held = []
            parents = [_uid("Role", name) for name in held]
        else:
            parents = [_uid("Permission", one) for one in credential["permissions"]]
            parents += [_uid("Label", one) for one in credential["labels"]]
        return {"uid": _uid("User", "somebody"), "attrs": {}, "parents": parents}

    def checked(self, route: Route, level: str, *, exists: bool) -> list[str]:
        """The checked levels among what is touched, from the patient down; labels are compared at the first."""
        if level == "system":
            touched: Sequence[str] = ("system",)
        elif (route.kind == "archive" and not route.ids) or not exists:
            touched = ()
        else:
            touched = HIERARCHY[: HIERARCHY.index(level) + 1]
        return [one for one in touched if one in self.table["levels"]]

    def shared(self, checked: Sequence[str], granted: frozenset[str]) -> bool:
        """Whether share tokens open the resource."""
        if not checked:
            return not self.flags["nothing_checked_is_denied"]
        opened = [level in granted for level in checked]
        return all(opened) if self.flags["all_resources_must_be_granted"] else any(opened)

    def _there(self, route: Route, *, exists: bool) -> bool:
        """Whether looking at the resource works: of two kinds, those that are not there are just left out."""
        left_out = route.kind == "archive" and (self.flags["unknown_archive_resource_skipped"] or not route.ids)
        return exists or left_out or route.level == "system" or (route.kind, route.level) == ("orthanc", "patient")


def _method(method: str, faked: str) -> str:
    """The core lets a request say that it is a PUT or a DELETE, and serves a few methods as others."""
    if faked in ("PUT", "DELETE"):
        return faked
    if method in ("GET", "POST", "PUT", "DELETE") and not faked:
        return method
    if method in ("HEAD", "OPTIONS", "PROPFIND"):
        return "GET"
    if method in ("PROPPATCH", "LOCK", "UNLOCK", "MKCOL"):
        return "PUT"
    raise Refused("method")


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in query.split("&")]
    return [(_decoded(name), _decoded(value)) for name, _, value in parts]


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00", text):
        raise Refused("path")
    try:
        return unquote(text.replace("+", " "), errors="strict")
    except UnicodeDecodeError:
        raise Refused("path") from None


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": f"Orthanc::{kind}", "id": name}


def _text(uid: Mapping[str, str]) -> str:
    return f"{uid['type']}::{quoted(uid['id'])}"


def quoted(text: str) -> str:
    """A text as Cedar writes it."""
    signs = {"\\": "\\\\", '"': '\\"'}
    return '"' + "".join(signs.get(c, c if c.isprintable() else f"\\u{{{ord(c):x}}}") for c in text) + '"'
