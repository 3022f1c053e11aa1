"""Which of many templates a pattern meets: the same as one intersection each says."""

from __future__ import annotations

import pytest

from policy.knowledge.routes import Route, routes
from policy.lint.views.route_table import RouteTable
from policy.patterns import NotAnalysable, Undecided
from policy.patterns import compile as compiled
from policy.patterns.language import intersection
from policy.patterns.templates import NAME, REST, Templates

ROOT = "/dicom-web/"


@pytest.mark.parametrize(
    "text",
    [
        "^/(.*)/word-1(|/.*)$",
        "^/(.*)/([a-f0-9-]+)/word-1$",
        "^/[^/]+/[0-9]+$",
        "^/studies/(?!a).*/series$",
        "^/(app|ui)/.*x$",
        "/[a-z]+/[A-Z]+(/.*)?",
        "a^b",
    ],
)
def test_templates_are_met_as_their_intersection_says(text: str) -> None:
    pattern = compiled(text)

    def meets(route: Route) -> bool:
        return intersection(pattern, compiled(f"^{route.expression(ROOT)}$")) is not None

    named = {route.path: route for route in routes() if "{" in route.path and route.path[1] != "{"}
    expected = {route for route in named if meets(named[route])}
    found = {known.route.path for known in RouteTable(ROOT).met(pattern) if known.route is not None}
    assert expected == found


def test_no_name_is_empty_and_a_rest_may_be() -> None:
    templates = Templates([[b"/a/", NAME], [b"/a/", REST], [b"/a/", NAME, b"/b"]])
    assert [{1}, {0, 1}, {1, 2}, set()] == [
        templates.met_by(compiled(text)) for text in ("/a/", "/a/b", "/a/c/b", "/b")
    ]


def test_what_cannot_be_decided_is_not_guessed() -> None:
    templates = Templates([[b"/", REST]])
    with pytest.raises(NotAnalysable):
        templates.met_by(compiled(r"^/(a*)\1$"))
    with pytest.raises(Undecided):
        templates.met_by(compiled("^/(.*a.{20})$"))
