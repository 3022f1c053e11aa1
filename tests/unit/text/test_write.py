"""A file is replaced at one stroke, or not at all."""

import os

import pytest

from policy.errors import Unreadable
from policy.text.write import write


def test_the_mode_stays_and_nothing_is_left_over(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    file.chmod(0o640)
    assert write(file, b"[]") is True
    assert file.read_bytes() == b"[]"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_the_same_bytes_are_not_written(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    before = file.stat().st_ino
    assert write(file, b"{}") is False
    assert file.stat().st_ino == before


def test_a_link_stays_a_link(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    link = tmp_path / "link.json"
    link.symlink_to(file.name)
    assert write(link, b"[]")
    assert link.is_symlink()
    assert file.read_bytes() == b"[]"


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(Unreadable):
        write(tmp_path / "none.json", b"")
    with pytest.raises(Unreadable, match="no ordinary file"):
        write(tmp_path, b"")
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(Unreadable):
        write(loop, b"")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Unreadable, match="no ordinary file"):
        write(pipe, b"")


def test_a_file_that_changed_is_left_alone(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(b"new")
    with pytest.raises(Unreadable, match="changed in the meantime"):
        write(file, b"mine", expected=b"old")
    assert file.read_bytes() == b"new"


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(Unreadable, match="No space left"):
        write(file, b"[]")
    assert file.read_bytes() == b"{}"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_new_file_is_made_only_where_so_asked(tmp_path) -> None:
    file = tmp_path / "new"
    with pytest.raises(Unreadable):
        write(file, b"a")
    assert write(file, b"a", create=True) is True
    assert file.read_bytes() == b"a"
    assert [other.name for other in tmp_path.iterdir()] == ["new"]


def test_a_file_that_must_not_be_written(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(Unreadable, match="the file is not writable") as caught:
        write(file, b"new")
    assert caught.value.file == str(file)
    assert file.read_bytes() == b"old"
