"""The matrix, who-can and can: the forum case read by hand, and every cell explained."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from policy.configuration.loading import load
from policy.engine import Effect, Policy
from policy.engine.loading import choose_server, policy_of
from policy.errors import UsageError
from policy.questions.access import can, who_can
from policy.questions.matrix import (
    Ask,
    Mark,
    Matrix,
    Row,
    feature_rows,
    mark_of,
    matrix,
    permission_rows,
    route_rows,
)
from policy.questions.senders import sender, senders

SAMPLE = Path(__file__).parents[3] / "samples" / "forum-thread"
STUDY = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
PEOPLE = ("anonymous", "admin-role", "doctor-role", "upload", "external-role")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The sample with the one change that lets the server start."""
    folder = tmp_path_factory.mktemp("forum") / "case"
    shutil.copytree(SAMPLE, folder)
    file = folder / "orthanc.jsonc"
    file.write_text(re.sub(r'"UncheckedLevels": \[.*?\],', "", file.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    deployment = load([folder], env={})
    return policy_of(choose_server(deployment), deployment.proxies)


@pytest.fixture(scope="module")
def told(policy: Policy) -> Matrix:
    return matrix(policy, feature_rows(), senders([policy], shares=False))


@pytest.mark.parametrize(
    ("row", "marks"),
    [
        # Visitors have view, upload, send and download on all labels; the browser's own pages are unchecked.
        ("orthanc-explorer-2: start", "permit permit permit permit permit"),
        ("orthanc-explorer-2: browse", "permit permit permit deny only"),
        ("orthanc-explorer-2: view", "permit permit permit deny only"),
        # The old list has no rule for archives, so that even administrators only get the link.
        ("orthanc-explorer-2: download", "partly partly partly deny partly"),
        ("orthanc-explorer-2: upload", "permit permit deny permit deny"),
        ("orthanc-explorer-2: send", "permit permit permit deny deny"),
        ("orthanc-explorer-2: delete", "deny permit deny deny deny"),
        # Rules for labels and jobs are newer than the list.
        ("orthanc-explorer-2: labels", "deny deny deny deny deny"),
        ("orthanc-explorer-2: jobs", "deny deny deny deny deny"),
        # The search passes for everybody, and nothing else of DICOMweb does: the list shows, the viewer stays empty.
        ("ohif: study list (DICOMweb source)", "permit permit permit permit permit"),
        ("ohif: viewer (DICOMweb source)", "partly partly partly partly partly"),
        ("3d-slicer: DICOMweb browser", "partly partly partly partly partly"),
    ],
)
def test_the_forum_case(row: str, marks: str, told: Matrix) -> None:
    assert marks.split() == [str(told.cell(who, row).mark).split()[0] for who in PEOPLE]


def test_a_cell_explains_itself(told: Matrix) -> None:
    lines = list(told.cell("external-role", "download").explain())
    assert ["external-role, orthanc-explorer-2: download: partly", "  refused: 1 of 3 essential requests"] == lines[:2]
    assert (
        f"  GET /studies/{STUDY}/archive: deny (no-rule); seen by the user: browser shows 403 instead of a zip" in lines
    )
    assert any("has the label 'external', rule 2: GET" in line and "orthanc.jsonc:67:13" in line for line in lines)


def test_each_cell_agrees_with_the_engine(told: Matrix, policy: Policy) -> None:
    for row in told.cells:
        for cell in row:
            counted = [ask.request for ask in cell.row.asks if ask.essential] or [ask.request for ask in cell.row.asks]
            effects = {policy.decide(request, cell.who.token).effect for request in counted}
            assert (cell.mark is Mark.PERMIT) is (effects == {Effect.PERMIT}), cell.row.title
            assert (cell.mark is Mark.DENY) is (effects == {Effect.DENY}), cell.row.title


@pytest.mark.parametrize(
    ("effects", "mark"),
    [
        ("permit", Mark.PERMIT),
        ("permit conditional", Mark.CONDITIONAL),
        ("permit deny", Mark.PARTLY),
        ("conditional deny", Mark.PARTLY),
        ("deny deny", Mark.DENY),
    ],
)
def test_marks(effects: str, mark: Mark) -> None:
    assert mark is mark_of([Effect(effect) for effect in effects.split()])


@pytest.mark.parametrize(
    ("who", "row"),
    [("nobody", "browse"), ("upload", "brows-e"), ("doctor-role", "view")],
    ids=["who", "row", "several"],
)
def test_cells_that_are_not_there(who: str, row: str, told: Matrix) -> None:
    with pytest.raises(UsageError):
        told.cell(who, row)


def test_rows_of_routes(policy: Policy) -> None:
    rows = route_rows(["get /studies", "DELETE /studies/x"])
    table = matrix(policy, rows, [sender([policy], "doctor-role")])
    assert [("GET /studies", "deny"), ("DELETE /studies/x", "deny")] == [
        (row.name, str(cells[0].mark)) for row, cells in zip(table.rows, table.cells, strict=True)
    ]
    assert len(route_rows(root="/pacs/")) > 400
    assert any(row.name == "GET /pacs/studies" for row in route_rows(root="/pacs/"))


def test_rows_of_permissions(policy: Policy) -> None:
    table = matrix(policy, permission_rows(policy), senders([policy], shares=False))
    assert "permit" == str(table.cell("external-role", "download").mark)
    assert "deny" == str(table.cell("external-role", "share").mark)
    assert "rules that ask for it: 8" == table.cell("doctor-role", "share").note


def test_roles_together(policy: Policy) -> None:
    row = Row("", "upload", (Ask("POST /instances"), Ask(f"GET /studies/{STUDY}")))
    people = senders([policy], combine=[("upload", "external-role")], shares=False)
    table = matrix(policy, [row], people)
    assert "permit" == str(table.cell("upload+external-role", "upload").mark)
    with pytest.raises(UsageError, match=r"no role is called 'uplod'\. Did you mean upload"):
        senders([policy], combine=[("uplod", "external-role")])


def test_where_dicomweb_answers_elsewhere_clients_ask_there() -> None:
    (row,) = [row for row in feature_rows(root="/pacs/") if row.title == "ohif: study list (DICOMweb source)"]
    assert any(ask.request.startswith("GET /pacs/studies") for ask in row.asks)


def test_who_can(policy: Policy) -> None:
    found = who_can(policy, f"GET /studies/{STUDY}")
    assert {"anonymous", "admin-role", "doctor-role", "external-role"} == {str(one.who) for one in found.allowed}
    assert ["upload"] == [str(one.who) for one in found.refused]
    assert "permit" == str(found.share)  # of the visitor that its holder is
    assert "only if the share covers the study" == str(who_can(policy, f"GET /studies/{STUDY}/archive").share)
    labelled = who_can(policy, f"GET /studies/{STUDY}", resource={"study": ["internal"]})
    assert "external-role" in {str(one.who) for one in labelled.refused}


def test_can(policy: Policy) -> None:
    found = can(policy, sender([policy], "external-role"), feature_rows())
    assert {"view", "download"} == found.profile.permissions
    ways = {(way.rule.index if way.rule else str(way.reason)): way for way in found.ways}
    assert {"unchecked-resource", "search-exception", 0, 1, 2, 3, 4, 5, 6, 7} >= set(ways)
    assert all(policy.decide(way.request, "external-role").effect is not Effect.DENY for way in found.ways)


def test_what_can_leaves_out_is_refused(policy: Policy) -> None:
    """Known requests that are under no way of a role are refused to it."""
    found = can(policy, sender([policy], "upload"), ())
    named = {route for way in found.ways for route in way.routes}
    for row in route_rows():
        if row.name not in named and policy.decide(row.asks[0].request, "upload").effect is not Effect.DENY:
            assert "?" in row.asks[0].request, row.name


def test_a_share_link(policy: Policy) -> None:
    found = can(policy, sender([policy], "share link"), ())
    assert any(str(way.grant).startswith("only if the share covers the study") for way in found.ways)
