"""What docs/exports.md shows is done here, on a sample."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from policy import load
from policy.export import cedar, rego
from policy.export.files import put

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "exports.md").read_text("utf-8")
SAMPLE = TOP / "samples" / "forum-thread-tests"


def test_the_question_for_opa(tmp_path):
    regorus = pytest.importorskip("regorus")
    question = re.search(r"-d '(\{.*?\})'\n", PAGE, re.DOTALL)
    assert question is not None
    policy = load(SAMPLE)
    given = json.loads(question[1])["input"]
    put(rego.bundle(policy), tmp_path)
    engine = regorus.Engine()
    engine.add_policy("access.rego", (tmp_path / "orthanc/access.rego").read_text())
    table = json.loads((tmp_path / "orthanc/table/data.json").read_text())
    engine.add_data_json(json.dumps({"orthanc": {"table": table}}))
    engine.set_input_json(json.dumps(given))
    decision = json.loads(engine.eval_rule_as_json("data.orthanc.access.decision"))
    own = policy.decide(
        f"{given['method']} {given['target']}", given["credentials"][0]["roles"], resource=given["labels"]
    )
    assert (own.effect, own.reason, own.rule.index) == (decision["effect"], decision["reason"], decision["rule"])
    assert own


def test_the_program_that_asks_cedar(tmp_path, monkeypatch, capsys):
    pytest.importorskip("cedarpy")
    program = re.search(r"```py\n(.*?)```", PAGE, re.DOTALL)
    assert program is not None
    policy = load(SAMPLE)
    put(cedar.export(policy), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    exec(compile(program[1], "page", "exec"), {})
    rule = policy.first_rule("GET", "/studies/b9c08539-26f93bde-c81ab0d7-bffaf2cb-a4d0bdd0")
    assert f"rule-{rule.index} True\n" == capsys.readouterr().out
