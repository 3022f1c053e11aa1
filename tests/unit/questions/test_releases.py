"""The built-in lists compared: each with itself, and neighbours against the table of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from policy.engine import Policy
from policy.knowledge import plugin
from policy.knowledge.plugin_changes import changes
from policy.questions.diff import Diff, Difference, diff
from policy.questions.relation import Relation

VERSIONS = [str(release.version) for release in plugin.releases() if release.has_permissions]
EXPLAINED = {
    # The rule names modalities and peers; the table the former.
    "0.10.2": r"POST /peers/\{id\}/store-straight",
    # The rule was for GET, so that it never worked, and is for POST now.
    "0.9.3": "GET /dicom-web/servers/[^/]+/stow",
    # Whoever may see the list of jobs may see one, which admin-permissions could not before.
    "0.11.3": r"GET /jobs/\{id\}",
}
"""What the table of changes says in its text only."""


@cache
def bare(version: str) -> Policy:
    section = {"WebServiceRootUrl": "http://auth/", "TokenHttpHeaders": ["token"], "CheckedLevel": "studies"}
    return Policy.from_configuration({"AuthenticationEnabled": False, "Authorization": section}, plugin=version)


def listed(version: str, kinds: tuple[str, ...]) -> list[str]:
    """The routes of the table for one release, as regular expressions for "METHOD /path"."""
    return [
        text
        for change in changes()
        if str(change.version) == version and change.kind in kinds
        for route in change.routes
        for text in expressions(route)
    ]


def expressions(route: str) -> Iterator[str]:
    if route == "viewers' own routes":
        yield "GET /(osimis-viewer|web-viewer|wsi)/.*"
        return
    match = re.match(r"([A-Z,]+) (/.*|\.\.\..*)", route)
    if match is None:
        return
    methods = match[1].replace(",", "|")
    for part in match[2].split(", "):
        *_, path = part.partition("?")[0].split(" ")
        words = re.split(r"(\{level\}|\{[^}]*\}|/?\.\.\.|[a-z]+(?:\|[a-z]+)+)", path)
        yield f"({methods}) " + "".join(
            "(patients|studies|series|instances)" if word == "{level}"
            else "[^/]+" if word.startswith("{")
            else "(|/.*)" if word == "/..."
            else ".*" if word == "..."
            else f"({word})" if "|" in word
            else re.escape(word)
            for word in words
        )  # fmt: skip


@cache
def compared(old: str, new: str) -> Diff:
    return diff(bare(old), bare(new))


def rule_changes(old: str, new: str) -> list[Difference]:
    """The differences that rules make."""
    return [one for one in compared(old, new).differences if any(cause.kind == "rule" for cause in one.causes)]


def requests(one: Difference) -> list[str]:
    return [f"{one.method} {route}" for route in one.routes] or [one.request]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_list_is_equivalent_to_itself(version: str) -> None:
    told = diff(bare(version), bare(version))
    assert (Relation.EQUIVALENT, True, (), ()) == (told.relation, told.proved, told.differences, told.caveats)


@pytest.mark.parametrize(("old", "new"), list(pairwise(VERSIONS)))
def test_neighbours_differ_by_what_the_table_of_changes_lists(old: str, new: str) -> None:
    found = {request for one in rule_changes(old, new) for request in requests(one)}
    known = [*listed(new, ("default-list", "behaviour")), EXPLAINED.get(new, "(?!)")]
    assert [] == sorted(request for request in found if not any(re.fullmatch(text, request) for text in known))
    wanted = listed(new, ("default-list",))
    assert [] == [text for text in wanted if not any(re.fullmatch(text, request) for request in found)]


def test_the_table_is_read() -> None:
    assert len([text for version in VERSIONS for text in listed(version, ("default-list",))]) > 40


@pytest.mark.parametrize(
    ("old", "new", "request_", "relation"),
    [
        ("0.9.1", "0.9.2", "GET /dicom-web/studies", Relation.MORE_PERMISSIVE),
        ("0.7.2", "0.8.0", "POST /instances", Relation.MORE_PERMISSIVE),
        ("0.9.2", "0.9.3", "GET /dicom-web/servers/", Relation.LESS_PERMISSIVE),
        ("0.11.0", "0.11.1", "GET /dicom-web/", Relation.LESS_PERMISSIVE),
    ],
)
def test_changes_of_behaviour_are_found(old: str, new: str, request_: str, relation: Relation) -> None:
    told = compared(old, new)
    assert any(one.request.startswith(request_) and one.relation is relation for one in told.differences)
