"""Files and folders of this machine: what is read, what is passed over, what is refused in clear words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policy.configuration import reading
from policy.configuration.loading import load
from policy.configuration.source import Kind
from policy.errors import PolicyError, ShapeError, Unreadable, UsageError

from .conftest import Deploy

NAME = '{"Name": "A"}'


def paths(*, folder: Path) -> list[str]:
    return [source.path for source in load(["."], here=folder).sources]


def test_a_folder_is_searched(deploy: Deploy) -> None:
    made = deploy(
        {
            "orthanc.json": NAME,
            "sub/deep/permissions.jsonc": '{"roles": {}}',
            ".env": "A=b\n",
            ".hidden/x.json": NAME,
            "node_modules/x.json": NAME,
            "__pycache__/x.json": NAME,
            "README.md": NAME,
            "other.json": '{"x": 1}',
            "broken.json": "{",
        }
    )
    assert [".env", "orthanc.json", "sub/deep/permissions.jsonc"] == [source.path for source in made.sources]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "o.json").write_text(NAME)
    (folder / "a.json").write_text(NAME)
    (folder / "link.json").symlink_to(outside / "o.json")
    (folder / "links").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.json").symlink_to(folder / "none")
    assert ["a.json"] == paths(folder=folder)


def test_mounts_that_lead_out_of_the_folder_are_not_read(deploy: Deploy, tmp_path: Path) -> None:
    made = deploy(
        {
            "outside.json": NAME,
            "d/compose.yml": "services:\n  o:\n    image: orthancteam/orthanc:26.6.1\n"
            "    volumes: ['../outside.json:/etc/orthanc/o.json', '/etc/passwd:/etc/orthanc/p.json']\n"
            "    env_file: ../outside.json\n",
        },
        "d",
    )
    assert ["d/compose.yml"] == [source.path for source in made.sources]
    assert ["d/compose.yml:5:15", "d/compose.yml:4:15", "d/compose.yml:4:54"] == [
        str(place) for place in made.servers[0].unseen
    ]


def test_a_link_in_the_folder_that_leads_out_is_not_read_by_a_mount(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(NAME)
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "o.json").symlink_to(tmp_path / "secret.json")
    (folder / "compose.yml").write_text(
        "services: {o: {image: 'orthancteam/orthanc:26.6.1', volumes: ['./o.json:/etc/orthanc/o.json']}}\n"
    )
    [server] = load(["compose.yml"], here=folder).servers
    assert (None, 1) == (server.configuration.get("Name"), len(server.unseen))


def test_a_named_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "o.json").write_text(NAME)
    (tmp_path / "link.json").symlink_to(tmp_path / "o.json")
    assert ["link.json"] == [source.path for source in load(["link.json"], here=tmp_path).sources]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"{}", "nothing that can be linted"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "nothing that can be linted"),
    ],
)
def test_a_named_file_that_is_nothing_of_ours(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(ShapeError, match=message) as caught:
        load(["x.json"], here=tmp_path)
    assert ("x.json", 2) == (caught.value.file, caught.value.exit_code)
    assert "Expected a configuration of Orthanc" in str(caught.value.help)


def test_a_named_file_that_only_a_mount_explains(deploy: Deploy) -> None:
    made = deploy(
        {
            "x.json": '{"X": 1}',
            "compose.yml": "services: {o: {image: 'orthancteam/orthanc:26.6.1', volumes: ['./x.json:/etc/orthanc/x.json']}}\n",
        },
        "x.json",
        "compose.yml",
    )
    assert 1 == made.servers[0].configuration.python()["X"]


def test_a_folder_without_anything(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="nothing in this folder"):
        load(["."], here=tmp_path)


@pytest.mark.parametrize("path", ["none.json", "a\0b", "x" * 5000])
def test_a_path_that_leads_nowhere(tmp_path: Path, path: str) -> None:
    with pytest.raises(Unreadable):
        load([path], here=tmp_path)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text(NAME)
    monkeypatch.setattr(reading, "LARGEST_FILE", 5)
    with pytest.raises(Unreadable, match="the limit is"):
        load(["x.json"], here=tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text(NAME)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(Unreadable, match="may not be read") as caught:
        load(["x.json"], here=tmp_path)
    assert "x.json" == caught.value.file


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    with pytest.raises(Unreadable, match="no regular file"):
        load(["x.json"], here=tmp_path)


def test_a_folder_with_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(4):
        (tmp_path / f"{index}.json").write_text(NAME)
    monkeypatch.setattr(reading, "MOST_FILES", 3)
    with pytest.raises(Unreadable, match="more than 3 files"):
        load(["."], here=tmp_path)


def test_a_folder_that_is_too_deep_is_read_as_far_as_the_limit(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(reading.DEEPEST_FOLDER + 2):
        (folder / "a.json").write_text(NAME)
        folder = folder / "d"
        folder.mkdir()
    assert reading.DEEPEST_FOLDER + 1 == len(paths(folder=tmp_path))


def test_standard_input(tmp_path: Path) -> None:
    made = load(["-"], stdin=b'{"x": 1}', stdin_kind=Kind.ORTHANC, here=tmp_path)
    assert [("<stdin>", Kind.ORTHANC)] == [(source.path, source.kind) for source in made.sources]
    assert [Kind.PERMISSIONS] == [s.kind for s in load(["-"], stdin=b'{"roles": {}}', here=tmp_path).sources]
    assert [Kind.COMPOSE] == [
        s.kind for s in load(["-"], stdin=b"a: b", stdin_kind=Kind.COMPOSE, here=tmp_path).sources
    ]


def test_standard_input_that_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="empty"):
        load(["-"], stdin=b"", here=tmp_path)
    with pytest.raises(ShapeError, match="nothing that can be linted"):
        load(["-"], stdin=b"x", here=tmp_path)
    with pytest.raises(UsageError):
        load(["-"], here=tmp_path)


def test_the_same_file_twice_is_one_source(deploy: Deploy, tmp_path: Path) -> None:
    made = deploy({"o.json": NAME}, "o.json", "./o.json", ".")
    assert (1, 1) == (len(made.sources), len(made.servers))


BOMB = "services:\n  a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {new}: &{new} [{', '.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "too many values"),
        ("services: &s\n  a: *s\n", "alias"),
        ("services:\n  a: " + "[" * 5000, "nested"),
    ],
)
def test_yaml_that_grows_without_end(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "compose.yml").write_text(content)
    for path in ("compose.yml", "."):
        with pytest.raises(PolicyError, match=words) as caught:
            load([path], here=tmp_path)
        assert ("compose.yml", True) == (caught.value.file, caught.value.line is not None)


@pytest.mark.parametrize(
    "content",
    [
        "services:\n  o: {image: 'orthancteam/orthanc:26.6.1'\n",
        "services:\n\t- x\n",
        "services: *none\n",
        "services:\n  o:\n    image: a\n   b: c\n",
        "services: !!python/object:os.system {}\n",
        "services:\n  o: |\n",
        "services:\n  <<: 1\n",
        "services:\n  o: {environment: {ORTHANC_JSON: }}\n",
    ],
)
def test_yaml_that_is_broken_gives_no_traceback(tmp_path: Path, content: str) -> None:
    (tmp_path / "compose.yml").write_text(content)
    assert 1 == len(load(["compose.yml"], here=tmp_path).sources)


def test_deep_json(tmp_path: Path) -> None:
    (tmp_path / "o.json").write_text('{"Name": ' + "[" * 3000 + "]" * 3000 + "}")
    [server] = load(["o.json"], here=tmp_path).servers
    assert 1 == len(server.stops)


def test_files_outside_of_the_folder_are_called_as_they_were_named(deploy: Deploy, tmp_path: Path) -> None:
    deploy(
        {
            "d/compose.yml": "services: {o: {image: 'orthancteam/orthanc:26.6.1', volumes: ['./o.json:/etc/orthanc/o.json']}}\n",
            "d/o.json": NAME,
        },
        "d",
    )
    here = tmp_path / "elsewhere"
    here.mkdir()
    named = {
        str(path): {source.path for source in load([path], here=here).sources} for path in ("../d", tmp_path / "d")
    }
    folder = (tmp_path / "d").as_posix()
    assert {
        "../d": {"../d/compose.yml", "../d/o.json"},
        folder: {f"{folder}/compose.yml", f"{folder}/o.json"},
    } == named


def test_a_file_of_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orthanc.json").write_text('{"Name": "A", "Authorization": {}}')
    (tmp_path / "permissions.json").write_text("{}")
    read = Path.read_bytes

    def refusing(path: Path) -> bytes:
        if path.name == "permissions.json":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    with pytest.raises(Unreadable) as raised:
        load(["."], here=tmp_path)
    assert ("permissions.json", "the file may not be read by this user") == (raised.value.file, raised.value.message)
