"""``policy graph``: the same graph in four formats, each read back by what reads it."""

from __future__ import annotations

import io
import json
import re

import networkx
import pytest
from click.testing import CliRunner

from policy.engine.graph import graph
from policy.export import graphs

CONFIGURATION = {
    "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "Permissions": [
            ["get", "^/studies/([a-f0-9-]+)$", "view|download"],
            ["post", "^/tools/find$", "view"],
            ["get", "^/system$", ""],
        ],
        "UncheckedFolders": ["/ui/app/"],
    }
}
ROLES = {
    "roles": {
        "doctor": {"permissions": ["view"], "authorized-labels": ["*"]},
        "guest <b>": {"permissions": ["download"], "authorized-labels": ["teaching", 'an "odd\\name"']},
    },
    "available-labels": ["teaching", 'an "odd\\name"'],
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    from policy.commands.main import toolkit as program

    monkeypatch.chdir(tmp_path)
    (tmp_path / "orthanc.json").write_text(json.dumps(CONFIGURATION))
    (tmp_path / "permissions.json").write_text(json.dumps(ROLES))

    def call(*arguments: str):
        result = CliRunner().invoke(
            program, ["graph", "orthanc.json", "permissions.json", *arguments], prog_name="policy"
        )
        assert result.exit_code in (0, 2), result.output
        return result

    return call


def shown(run, *arguments: str) -> networkx.DiGraph:
    """The graph as the JSON has it, its nodes named by kind and text."""
    data = json.loads(run("--format", "json", *arguments).stdout)
    assert 1 == data["version"]
    names = {node["name"]: (node["kind"], node["text"]) for node in data["nodes"]}
    found = networkx.DiGraph()
    found.add_nodes_from(names.values())
    found.add_edges_from((names[edge["source"]], names[edge["target"]]) for edge in data["edges"])
    return found


def test_the_graph_leads_from_requests_to_people(run):
    found = shown(run, "--route", "GET /studies/b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c")
    route = ("route", "GET /studies/b6589fc6-ab0dc82c-f12099d1-c2d40ab9-94e8410c")
    reached = networkx.descendants(found, route)
    assert ("role", "doctor") in reached
    assert ("label", "all labels") in reached
    assert ("label", "teaching") in reached
    assert ("anybody", "everybody") in networkx.descendants(found, ("rule", "GET ^/system$"))
    assert ("anybody", "everybody") in networkx.descendants(found, ("unchecked", "GET /ui/app/…"))


def test_graphml_is_read_back_by_networkx(run):
    again = networkx.read_graphml(io.BytesIO(run("--format", "graphml").stdout_bytes))
    plain = shown(run)
    texts = {name: (about["kind"], about["label"]) for name, about in again.nodes(data=True)}
    assert set(plain.nodes) == set(texts.values())
    assert set(plain.edges) == {(texts[one], texts[other]) for one, other in again.edges}


def test_dot_has_every_node_and_edge_once(run):
    written = run("--format", "dot").stdout
    nodes = re.findall(
        r'^  (n\d+) \[label="((?:[^"\\]|\\.)*)", shape=\w+, class=(\w+)(?:, tooltip="(?:[^"\\]|\\.)*")?\];$',
        written,
        re.MULTILINE,
    )
    edges = re.findall(r"^  (n\d+) -> (n\d+);$", written, re.MULTILINE)
    texts = {name: (kind, re.sub(r"\\(.)", r"\1", label)) for name, label, kind in nodes}
    plain = shown(run)
    assert set(plain.nodes) == set(texts.values())
    assert set(plain.edges) == {(texts[one], texts[other]) for one, other in edges}
    assert 4 + len(nodes) + len(edges) == len(written.splitlines())


def test_mermaid_has_every_node_and_edge_once(run):
    written = run("--format", "mermaid").stdout
    nodes = re.findall(r'^  (n\d+)\W{1,2}"([^"<>\\]*)"\W{1,2}:::(\w+)$', written, re.MULTILINE)
    texts = {name: (kind, re.sub(r"#(\d+);", lambda m: chr(int(m[1])), label)) for name, label, kind in nodes}
    edges = re.findall(r"^  (n\d+) --> (n\d+)$", written, re.MULTILINE)
    plain = shown(run)
    assert set(plain.nodes) == set(texts.values())
    assert set(plain.edges) == {(texts[one], texts[other]) for one, other in edges}


def test_one_role_alone(run):
    found = shown(run, "--role", "doctor")
    assert ("role", "doctor") in found
    assert ("role", "guest <b>") not in found
    assert ("permission", "download") not in found
    assert ("unchecked", "GET /ui/app/…") in found, "everybody is one of those people"
    assert ("role", "visitors") in shown(run, "--role", "anonymous")


def test_an_unknown_role_is_told(run):
    result = run("--role", "docter")
    assert 2 == result.exit_code
    assert "Did you mean doctor?" in result.stderr


def test_classes_come_with_a_request(run):
    kinds = [node for node in shown(run, "--classes") if node[0] == "class"]
    assert any(text.startswith("POST /tools/find") for _, text in kinds)
    assert any(text.endswith("(no rule)") for _, text in kinds)


def test_the_same_policy_gives_the_same_bytes(run):
    assert all(run("--format", form).stdout == run("--format", form).stdout for form in graphs.FORMATS)


def test_formats_of_the_command_are_those_of_the_library():
    from policy.commands.graph import _FORMATS

    assert graphs.FORMATS == _FORMATS


def test_control_characters_do_not_come_through():
    from policy.engine import Policy

    section = {**CONFIGURATION["Authorization"], "UncheckedResources": ["/a\x1b[31m\u202eb\ufffe"]}
    drawn = graph(Policy.from_configuration({"Authorization": section}, plugin="0.11.4"))
    for form in graphs.FORMATS:
        assert re.search("[\x1b\u202e]", graphs.render(drawn, form)) is None
    assert "\ufffe" not in graphs.render(drawn, "graphml"), "XML has no such character"
