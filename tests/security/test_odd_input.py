"""Names, settings, tokens and addresses that are none: errors, not faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.commands.main import lint, toolkit

from .everything import call


def test_an_address_that_is_none(tmp_path) -> None:
    """Found by fuzzing: urllib refuses such hosts in its own way."""
    from policy.engine import Policy
    from policy.errors import UsageError

    policy = Policy.from_configuration({"Authorization": {"WebServiceRootUrl": "http://a/"}}, plugin="0.11.4")
    for address in ("http://[/x", "https://[x](y)/", "http://[::1:/"):
        with pytest.raises(UsageError, match="is no address"):
            policy.decide(address)


LONG = ("a" * 300, "a/" * 3000, "orthanc.json/x", "~", "", "\udcff")
"""Names that no disk takes, in other ways than others."""


@pytest.mark.parametrize("name", LONG, ids=lambda name: f"{name[:5]!r} {len(name)}")
def test_names_that_no_disk_takes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good = "orthanc.json"
    Path(good).write_text('{"Authorization": {"WebServiceRootUrl": "http://a/"}}')
    calls = [
        (lint, name), (lint, good, "-o", name), (lint, good, "--config", name), (lint, good, "--baseline", name),
        (toolkit, "effective", name), (toolkit, "explain", "/x", name), (toolkit, "schema", "orthanc", name),
        (toolkit, "explain", "/x", good, "--token-file", name), (toolkit, "test", name), (toolkit, "diff", name, good),
        (toolkit, "test", f"{name}.json5", good), (toolkit, "diff", f"{name}:", good),
    ]  # fmt: skip
    outputs = [call(program, *words) for program, *words in calls]
    assert [] == [output for output in outputs if output.exit_code not in (0, 1, 2)]


DEEP, DIGITS = "[" * 100_000, "9" * 5000
SETTINGS = ("tool = 'x'", "[tool]\npolicy-lint = 5", f"a = {DEEP}", f"a = {DIGITS}", "select = [1]", "clients = 'x'",
            "per-file-ignores = 5", "per-file-ignores = {a = 5}", "severity = []", "persona = 1", "a = '\x00'")  # fmt: skip


@pytest.mark.parametrize("file", ["pyproject.toml", ".policy-lint.toml"])
@pytest.mark.parametrize("content", SETTINGS, ids=lambda content: content[:20])
def test_settings_that_are_none(file: str, content: str, tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"Authorization": {}}')
    (tmp_path / file).write_text(content)
    output = call(lint, str(tmp_path / "orthanc.json"))
    assert output.exit_code in (0, 1, 2), output.text
    assert output.exit_code != 2 or file in output.text


@pytest.mark.parametrize("content", [f'{{"a": {DEEP}', f'{{"a": {DIGITS}}}', "{" * 100, "a.b.c", "x" * 2_000_000, ""])
def test_tokens_and_baselines_that_are_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"Authorization": {"WebServiceRootUrl": "http://a/"}}')
    (tmp_path / "token").write_text(content)
    file, token = str(tmp_path / "orthanc.json"), str(tmp_path / "token")
    for output in (call(toolkit, "explain", "/x", file, "--token-file", token), call(lint, file, "--baseline", token)):
        assert output.exit_code in (0, 1, 2), output.text
