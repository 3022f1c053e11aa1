"""Any folder becomes a deployment, or an error of ours; every value points to where it is written."""

from __future__ import annotations

from policy import text
from policy.configuration.deployment import Deployment
from policy.configuration.effective import effective
from policy.configuration.loading import load
from policy.configuration.setting import Means, Setting
from policy.configuration.source import Location
from policy.errors import PolicyError
from policy.text import EmbeddedDocument

from .. import folders


def check(data: bytes) -> None:
    """What must hold for one folder."""
    parts = folders.unpacked(data)
    if not parts:
        return
    with folders.written(parts) as folder:
        host = folders.host(parts)
        try:
            deployment = load([folder], here=folder, env=host)
        except PolicyError as error:
            assert str(error)
            return
        _points(deployment)
        again = load([folder], here=folder, env=host)
        assert _told(deployment) == _told(again)


def _told(deployment: Deployment) -> list[object]:
    """What a deployment says, as plain values."""
    return [
        [
            (
                server.name,
                str(server.plugin),
                repr(server.configuration.python()),
                [stop.reason for stop in server.stops],
            )
            for server in deployment.servers
        ],
        [(service.name, str(service.version)) for service in deployment.auth_services],
        [(container.name, container.image, container.role) for container in deployment.containers],
        [str(ignored.location) for ignored in deployment.ignored],
    ]


def _points(deployment: Deployment) -> None:
    known = {id(source.document) for source in deployment.sources}
    for server in deployment.servers:
        for setting in server.configuration.walk():
            location = setting.origin.location
            if location is None:
                continue
            _inside(location)
            assert id(location.source.document) in known, location
            _written(setting, location)
        for row in effective(server, defaults=True):
            assert str(row.origin)
        for stop in server.stops:
            if stop.location is not None:
                _inside(stop.location)
    for ignored in deployment.ignored:
        _inside(ignored.location)
    for container in deployment.containers:
        _inside(container.location)
        for variable in container.environment.values():
            _inside(variable.name_location)
            if variable.value_location is not None:
                _inside(variable.value_location)


def _inside(location: Location) -> None:
    start, end = location.span
    assert 0 <= start <= end <= len(location.source.document.text)
    assert str(location)
    assert location.start <= location.end


def _written(setting: Setting, location: Location) -> None:
    """A value that a JSON file gives stands there as it is."""
    document = location.source.document
    plain = setting.kind in ("string", "number", "boolean", "null") and setting.origin.means is Means.FILE
    if not plain or document.language != "json" or isinstance(document, EmbeddedDocument) or setting.node is None:
        return
    written = document.text[location.span.start : location.span.end]
    if location.source.variable is None and "$" not in written and document.accepted_by("core"):
        read = text.parse(written).root
        assert read is not None
        assert repr(read.value) == repr(setting.value), location


TARGET = folders.target(check)
