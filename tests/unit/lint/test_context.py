"""What was found out about a server is forgotten some servers later, and no finding depends on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy.configuration.loading import Given, load
from policy.lint import context as module
from policy.lint.context import Context
from policy.lint.finding import Finding
from policy.lint.run import run

SERVERS = 9


def service(number: int) -> str:
    rules = [
        ["get", f"^/own-{number}/(a|b)/[a-f0-9-]+$", "view"],
        ["get", f"^/own-{number}/a/[a-f0-9]+$", "upload"],
        ["get", "^/patiens/[^/]+$", "view"],
        ["get", "^/system$", "all"],
    ]
    section = {"WebServiceRootUrl": "http://auth:8000/", "CheckedLevel": "studies", "ExtraPermissions": rules}
    if number % 2:
        section["UncheckedLevels"] = ["patients"]
    written = json.dumps({"Authorization": section, "AuthenticationEnabled": False})
    return f"  orthanc-{number}:\n    image: orthancteam/orthanc:25.9.0\n    environment:\n      ORTHANC_JSON: |\n        {written}\n"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    file = tmp_path / "docker-compose.yml"
    file.write_text("services:\n" + "".join(map(service, range(SERVERS))), "utf-8")
    return Context(load([file], given=Given(), env={}))


def told(findings: tuple[Finding, ...]) -> list[object]:
    """All of each finding but its objects."""
    return [
        (
            one.order,
            one.help,
            one.witness,
            one.confidence,
            dict(one.facts),
            [edits for _, edits in one.fix.operations] if one.fix else None,
        )
        for one in findings
    ]


def test_no_finding_depends_on_what_is_kept(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", SERVERS)
    all_kept = run(context.deployment, context=Context(context.deployment)).findings
    monkeypatch.setattr(module, "KEPT", 1)
    assert told(run(context.deployment, context=context).findings) == told(all_kept)
    assert {"rule-order", "duplicate-rule", "unknown-route", "both-level-options"} <= {
        finding.rule for finding in all_kept
    }


def test_what_is_kept_does_not_grow_with_the_servers(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    kept: list[int] = []
    done = Context.done

    def counted(self, server):
        done(self, server)
        kept.append(len(self._once))

    monkeypatch.setattr(Context, "done", counted)
    run(context.deployment, context=context)
    assert len(kept) == SERVERS
    assert max(kept[4:]) <= max(kept[:4]) + 5
    assert len(context._policies) <= 3


def test_what_servers_share_is_kept_as_long_as_they_do(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 1)
    made: list[int] = []
    for server in context.deployment.servers:
        context.once(("shared", "x"), lambda: made.append(1))
        context.done(server)
    assert made == [1]
    for server in context.deployment.servers[:3]:
        context.done(server)
    context.once(("shared", "x"), lambda: made.append(2))
    assert made == [1, 2]
