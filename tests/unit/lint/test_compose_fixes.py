"""Lines added to services of Compose files, in whatever way these are written."""

from __future__ import annotations

import pytest

from policy.configuration.loading import load
from policy.lint.fixing import texts_with
from policy.lint.views.compose_fixes import add_key, add_variable


def added(tmp_path, text: str, change, *arguments: str, service: str = "a") -> str | None:
    """The Compose file after the change, or None where there is no fix."""
    path = tmp_path / "docker-compose.yml"
    path.write_bytes(text.encode())
    deployment = load([path], env={})
    container = next(one for one in deployment.containers if one.name == service)
    fix = change(container, *arguments, "Add it")
    if fix is None:
        return None
    assert not fix.safe
    from policy.lint.finding import Confidence, Finding, Persona, Severity

    finding = Finding("r", "R", Severity.INFO, Confidence.SURE, Persona.REGULAR, "m", "h", container.location, fix=fix)
    ((_, data),) = texts_with([finding]).values()
    again = next(one for one in load([path], env={}, texts={str(path): data}).containers if one.name == service)
    if change is add_variable:
        assert arguments[1] == again.environment[arguments[0]].text
        assert {*container.environment, arguments[0]} == set(again.environment)
    return data.decode()


HEAD = "services:\n  a:\n    image: orthancteam/orthanc:25.9.0\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HEAD + "    environment:\n      X: y\n", HEAD + '    environment:\n      N: "true"\n      X: y\n'),
        (HEAD + "    environment:\n    - X=y\n", HEAD + "    environment:\n    - N=true\n    - X=y\n"),
        (
            HEAD + "    environment: # all\n\n      # x\n      X: y",
            HEAD + '    environment: # all\n      N: "true"\n\n      # x\n      X: y',
        ),
        (
            HEAD + "    restart: always\n",
            HEAD + '    environment:\n      N: "true"\n    restart: always\n',
        ),
        (HEAD, HEAD.replace("    image", '    environment:\n      N: "true"\n    image')),
        (
            HEAD.replace("\n", "\r\n") + "    environment:\r\n      X: y\r\n",
            HEAD.replace("\n", "\r\n") + '    environment:\r\n      N: "true"\r\n      X: y\r\n',
        ),
        (HEAD + "    environment: {X: y}\n", None),
        (HEAD + "    environment: [X=y]\n", None),
        (HEAD + "    environment:\n      N: y\n", None),
        ("services: {a: {image: 'orthancteam/orthanc:25.9.0'}}\n", None),
        ("x: &x\n  X: y\n" + HEAD + "    environment: *x\n", None),
        ("x: &x\n  environment:\n    X: y\n" + HEAD + "    <<: *x\n", None),
        ("x: &x\n  image: orthancteam/orthanc:25.9.0\nservices:\n  a: *x\n", None),
        (
            "x: &x\n  X: y\n" + HEAD + "    environment:\n      <<: *x\n      Z: z\n",
            "x: &x\n  X: y\n" + HEAD + '    environment:\n      N: "true"\n      <<: *x\n      Z: z\n',
        ),
    ],
)
def test_a_variable(tmp_path, old: str, new: str | None) -> None:
    assert new == added(tmp_path, old, add_variable, "N", "true")


def test_a_key(tmp_path) -> None:
    old = HEAD + "    environment:\n      X: y\n"
    new = old.replace("    environment", "    restart: always\n    environment")
    assert new == added(tmp_path, old, add_key, "restart", "always")
    assert added(tmp_path, new, add_key, "restart", "always") is None
