"""``policy export``: what is written, byte for byte the same, and what is refused with its place."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from click.testing import CliRunner

CONFIGURATION = {
    "Authorization": {
        "WebServiceRootUrl": "http://auth:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
        "Permissions": [["get", "^/studies/([a-f0-9-]+)$", "view|download"], ["get", "^/system$", ""]],
    }
}
ROLES = {"roles": {"doctor": {"permissions": ["view"], "authorized-labels": ["external"]}}}


@pytest.fixture
def run(tmp_path, monkeypatch):
    from policy.commands.main import toolkit as program

    monkeypatch.chdir(tmp_path)
    (tmp_path / "orthanc.json").write_text(json.dumps(CONFIGURATION, indent=2))
    (tmp_path / "permissions.json").write_text(json.dumps(ROLES))

    def call(*arguments: str):
        return CliRunner().invoke(
            program, ["export", "orthanc.json", "permissions.json", *arguments], prog_name="policy"
        )

    return call


def test_a_bundle_is_a_folder(run, tmp_path):
    result = run("--to", "rego")
    assert (0, "") == (result.exit_code, result.stdout)
    names = {str(file.relative_to(tmp_path / "rego")) for file in (tmp_path / "rego").rglob("*") if file.is_file()}
    assert {".manifest", "README.md", "orthanc/access.rego", "orthanc/table/data.json"} == names
    manifest = json.loads((tmp_path / "rego/.manifest").read_text())
    assert (["orthanc"], 1) == (manifest["roots"], manifest["rego_version"])
    assert any("Share tokens" in line for line in manifest["metadata"]["limits"])
    readme = (tmp_path / "rego/README.md").read_text()
    assert all(line in readme for line in manifest["metadata"]["limits"])


def test_a_bundle_is_an_archive_that_is_always_the_same(run, tmp_path):
    assert 0 == run("--to", "rego", "-o", "one.tar.gz").exit_code
    assert 0 == run("--to", "rego", "-o", "two.tar.gz").exit_code
    packed = (tmp_path / "one.tar.gz").read_bytes()
    assert packed == (tmp_path / "two.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert {(0, 0, "", 0o644)} == {(one.mtime, one.uid, one.uname, one.mode) for one in tar.getmembers()}
        assert ["/.manifest", "/README.md", "/orthanc/access.rego", "/orthanc/table/data.json"] == tar.getnames()


def test_the_files_can_be_printed(run, tmp_path):
    result = run("--to", "rego", "-o", "-")
    printed = json.loads(result.stdout)
    run("--to", "rego")
    assert printed == {name: (tmp_path / "rego" / name).read_text() for name in printed}
    assert ".manifest" in printed


def test_another_package_stands_elsewhere(run, tmp_path):
    regorus = pytest.importorskip("regorus")
    assert 0 == run("--to", "rego", "--package", "clinic.pacs", "-o", "out").exit_code
    assert ["clinic/pacs"] == json.loads((tmp_path / "out/.manifest").read_text())["roots"]
    engine = regorus.Engine()
    engine.add_policy("access.rego", (tmp_path / "out/clinic/pacs/access.rego").read_text())
    table = json.loads((tmp_path / "out/clinic/pacs/table/data.json").read_text())
    engine.add_data_json(json.dumps({"clinic": {"pacs": {"table": table}}}))
    engine.set_input_json(
        json.dumps(
            {
                "method": "GET",
                "target": "/studies/0a1b",
                "credentials": [{"roles": ["doctor"]}],
                "labels": {"study": ["external"]},
            }
        )
    )
    assert "true" == engine.eval_rule_as_json("data.clinic.pacs.access.allow")
    assert {"kind": "orthanc", "level": "study", "ids": ["0a1b"]} == json.loads(
        engine.eval_rule_as_json("data.clinic.pacs.access.resource")
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"method": "GET"},
        {"target": "/system"},
        {"method": "GET", "target": "/system", "credentials": [{"roles": "doctor"}]},
        {"method": "GET", "target": "/system", "credentials": [{}]},
        {"method": "GET", "target": "/system", "credentials": {"roles": ["doctor"]}},
        {"method": "GET", "target": "/system/../studies"},
        {"method": "GET", "target": "/%2e%2e/system"},
        {"method": "GET", "target": "/system?a=%zz"},
        {"method": "GET", "target": "system"},
        {"method": "GET", "path": "//system"},
        {"method": "GET", "path": "/system\0"},
        {"method": "GET", "path": "/system\\"},
        {"method": "GET", "target": "/system?a=1%"},
        {"method": ["GET"], "target": "/system"},
    ],
)
def test_what_cannot_be_read_is_denied(run, tmp_path, given):
    regorus = pytest.importorskip("regorus")
    run("--to", "rego")
    engine = regorus.Engine()
    engine.add_policy("access.rego", (tmp_path / "rego/orthanc/access.rego").read_text())
    engine.add_data_json(
        json.dumps({"orthanc": {"table": json.loads((tmp_path / "rego/orthanc/table/data.json").read_text())}})
    )
    engine.set_input_json(json.dumps(given))
    decision = json.loads(engine.eval_rule_as_json("data.orthanc.access.decision"))
    assert ("deny", None) == (decision["effect"], decision["rule"])
    assert decision["reason"] in ("unsupported", "invalid-input", "malformed-request")
    assert "false" == engine.eval_rule_as_json("data.orthanc.access.allow")
    engine.set_input_json(json.dumps({"requests": [given, {"method": "GET", "target": "/system"}]}))
    several = json.loads(engine.eval_rule_as_json("data.orthanc.access.decisions"))
    assert ["deny", "permit"] == [one["effect"] for one in several]


def test_cedar_files_are_valid(run, tmp_path):
    cedarpy = pytest.importorskip("cedarpy")
    assert 0 == run("--to", "cedar").exit_code
    policies = (tmp_path / "cedar/policies.cedar").read_text()
    schema = (tmp_path / "cedar/schema.cedarschema").read_text()
    validated = cedarpy.validate_policies(policies, schema)
    assert (True, []) == (validated.validation_passed, validated.errors)
    cedarpy.Entities.from_json_str((tmp_path / "cedar/entities.json").read_text(), schema)
    assert {"README.md", "entities.json", "gateway.py", "policies.cedar", "routes.json", "schema.cedarschema"} == {
        file.name for file in (tmp_path / "cedar").iterdir()
    }


def test_the_mapper_needs_nothing_of_ours(run, tmp_path):
    run("--to", "cedar")
    text = (tmp_path / "cedar/gateway.py").read_text()
    assert "import policy" not in text
    assert "from policy" not in text
    names: dict = {"__name__": "gateway"}
    exec(compile(text, "gateway.py", "exec"), names)
    routes = names["Routes"](json.loads((tmp_path / "cedar/routes.json").read_text()))
    route = routes.resolve(*routes.seen("GET", "/studies/0a1b"))
    assert ("rule-0", "study", ("0a1b",)) == (route.action, route.level, route.ids)
    request, _ = routes.question(route, {"roles": ["doctor"]}, labels={"study": ["external"]})
    assert 'Orthanc::Action::"rule-0"' == request["action"]
    for target in ("/studies/../system", "/a%zz", "/a%00", "system", "/ä", "//a"):
        with pytest.raises(names["Refused"]):
            routes.seen("GET", target)


@pytest.mark.parametrize("engine", ["rego", "cedar"])
def test_what_cannot_be_said_is_refused_with_its_place(run, tmp_path, engine):
    section = CONFIGURATION["Authorization"]
    rules = [*section["Permissions"], ["get", "^/a(?!b).*$", "view"]]
    text = json.dumps({"Authorization": {**section, "Permissions": rules}}, indent=2)
    (tmp_path / "orthanc.json").write_text(text)
    result = run("--to", engine)
    assert 2 == result.exit_code
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "?!b" in one)
    assert f"orthanc.json:{line - 2}:" in result.stderr
    assert "rule 2: the pattern '^/a(?!b).*$' cannot be written in RE2: a look-ahead at character 4" in result.stderr
    assert not (tmp_path / engine).exists()


def test_no_filter_is_no_policy(run, tmp_path):
    (tmp_path / "orthanc.json").write_text('{"Authorization": {}, "Name": "x"}')
    result = run("--to", "rego")
    assert 2 == result.exit_code
    assert "there is no policy to export" in result.stderr


def test_half_a_character_is_no_name(run, tmp_path):
    roles = {"roles": {"a\ud800": {"permissions": [], "authorized-labels": []}}}
    (tmp_path / "permissions.json").write_text(json.dumps(roles))
    result = run("--to", "cedar")
    assert 2 == result.exit_code
    assert "is no text" in result.stderr


def test_a_name_can_be_anything_else(run, tmp_path):
    cedarpy = pytest.importorskip("cedarpy")
    odd = 'x"\\\n\u202e<é>'
    roles = {"roles": {odd: {"permissions": ["view"], "authorized-labels": [odd]}}}
    (tmp_path / "permissions.json").write_text(json.dumps(roles))
    section = CONFIGURATION["Authorization"] | {"Permissions": [["get", "^/system$", odd]]}
    (tmp_path / "orthanc.json").write_text(json.dumps({"Authorization": section}))
    files = json.loads(run("--to", "cedar", "-o", "-").stdout)
    validated = cedarpy.validate_policies(files["policies.cedar"], files["schema.cedarschema"])
    assert (True, []) == (validated.validation_passed, validated.errors)
    cedarpy.Entities.from_json_str(files["entities.json"], files["schema.cedarschema"])


def test_rules_on_which_boost_gives_up_are_named(run, tmp_path):
    section = CONFIGURATION["Authorization"] | {"Permissions": [["get", "^/a$", "x"], ["get", "^/(a|a)*b$", "x"]]}
    (tmp_path / "orthanc.json").write_text(json.dumps({"Authorization": section}))
    files = json.loads(run("--to", "rego", "-o", "-").stdout)
    assert "made for it (rules 1):" in json.loads(files[".manifest"])["metadata"]["limits"][0]


def test_cedar_needs_labels(run, tmp_path):
    (tmp_path / "orthanc.json").write_text(json.dumps({"AuthenticationEnabled": False, **CONFIGURATION}))
    result = run("--to", "cedar", "--plugin-version", "0.5.3")
    assert 2 == result.exit_code
    assert "knows no labels" in result.stderr


def test_wrong_words_are_told(run):
    for name in ("a b", "a..b", "clinic.default", "1a", ""):
        assert "is no name of a package" in run("--to", "rego", "--package", name).stderr
    assert "--package is for rego" in run("--to", "cedar", "--package", "a").stderr


@pytest.mark.parametrize(
    ("given", "method"),
    [
        ({"method": "GET", "target": "/studies/0a", "headers": {"X-HTTP-Method-Override": "delete"}}, "DELETE"),
        ({"method": "GET", "target": "/studies/0a?_method=PUT"}, "PUT"),
        ({"method": "POST", "target": "/studies/0a?_method=PUT"}, "POST"),
        ({"method": "HEAD", "target": "/studies/0a"}, "GET"),
        ({"method": "GET", "target": "/studies/0a", "headers": {"x-http-method-override": "POST"}}, None),
        ({"method": "TRACE", "target": "/studies/0a"}, None),
    ],
)
def test_a_request_may_be_another_than_it_says(run, tmp_path, given, method):
    """The core takes it for the other method, so the engines must as well; the rule that decides tells which it was."""
    regorus = pytest.importorskip("regorus")
    from policy.export.gateway import Refused, Routes

    methods = ["GET", "POST", "PUT", "DELETE"]
    section = CONFIGURATION["Authorization"] | {"Permissions": [[one, "^/studies/0a$", ""] for one in methods]}
    (tmp_path / "orthanc.json").write_text(json.dumps({"Authorization": section}))
    files = json.loads(run("--to", "rego", "-o", "-").stdout)
    table = json.loads(files["orthanc/table/data.json"])
    engine = regorus.Engine()
    engine.add_policy("access.rego", files["orthanc/access.rego"])
    engine.add_data_json(json.dumps({"orthanc": {"table": table}}))
    engine.set_input_json(json.dumps(given))
    decision = json.loads(engine.eval_rule_as_json("data.orthanc.access.decision"))
    assert (None if method is None else methods.index(method)) == decision["rule"]
    routes = Routes(table)
    if method is None:
        assert ("deny", "method") == (decision["effect"], decision["reason"])
        with pytest.raises(Refused, match="method"):
            routes.seen(given["method"], given["target"], given.get("headers"))
    else:
        assert method == routes.seen(given["method"], given["target"], given.get("headers"))[0]
