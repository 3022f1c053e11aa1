"""Small results made by hand: texts, findings at words in them, servers with versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from policy.configuration.deployment import AuthService, Deployment, Known, OrthancServer
from policy.configuration.setting import Means, Origin, Setting
from policy.configuration.source import Kind, Location, Source
from policy.knowledge.versions import Version
from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.run import Result
from policy.text import Span, parse


def source(text: str, path: str = "orthanc.jsonc", *, kind: Kind = Kind.ORTHANC, folder: str = "") -> Source:
    """A file with that text; a lone surrogate stands for a byte that is no UTF-8."""
    return Source(path, kind, parse(text.encode("utf-8", "surrogateescape")), folder)


def at(where: Source, words: str, *, nth: int = 0) -> Location:
    """The place of ``words`` in a file."""
    start = -1
    for _ in range(nth + 1):
        start = where.document.text.index(words, start + 1)
    return Location(where, Span(start, start + len(words)))


def finding(location: Location, **given: Any) -> Finding:
    """A finding, with plain words for what is not given."""
    facts: dict[str, Any] = {
        "rule": "both-level-options",
        "code": "CFG003",
        "severity": Severity.ERROR,
        "confidence": Confidence.SURE,
        "persona": Persona.REGULAR,
        "message": "The server stops at start.",
        "help": "Keep one of the two options.",
        "location": location,
    }
    return Finding(**(facts | given))


def result(findings: Sequence[Finding], *, silenced: Sequence[Finding] = (), rules: Any = (), more: Any = ()) -> Result:
    """The result of a run over the files of the findings, and over ``more``."""
    files = {id(one.location.source): one.location.source for one in (*findings, *silenced)}
    sources = (*files.values(), *more)
    deployment = Deployment(sources=sources, servers=(), auth_services=())
    return Result(deployment, tuple(findings), tuple(silenced), tuple(rules))


@pytest.fixture
def build() -> SimpleNamespace:
    """The functions of this module."""
    return SimpleNamespace(source=source, at=at, finding=finding, result=result, deployed=deployed)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are whatever stands between « and », so that these tests need no rules about names of options."""

    def spans(where: Source) -> list[Span]:
        return [Span(*match.span(1)) for match in re.finditer("«([^»]*)»", where.document.text)]

    monkeypatch.setattr("policy.configuration.secrets.secret_spans", spans)


def deployed(sources: Sequence[Source]) -> Deployment:
    """One server in an image and one service, with versions for two different reasons."""
    by_tag = "image tag in docker-compose.yml:12"
    service = AuthService("auth-service", Known(Version.parse("26.4.1"), "the newest known", assumed=True))
    server = OrthancServer(
        name="orthanc",
        configuration=Setting("object", Origin(Means.CORE_DEFAULT)),
        sources=tuple(sources),
        readers=("image", "core"),
        plugin=Known(Version.parse("0.10.1"), by_tag),
        orthanc=Known(Version.parse("1.12.9"), by_tag),
        image=Known(Version.parse("25.9.0"), by_tag),
        auth_service=service,
    )
    return Deployment(tuple(sources), (server,), (service,))
