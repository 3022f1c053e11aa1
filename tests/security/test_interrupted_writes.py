"""A file that is written stays whole whatever happens: killed at any step, disk full, no right to write, two writers."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from policy.errors import Unreadable
from policy.text.write import write

OLD, NEW = b"old " * 5000, b"new " * 7000


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


CHILD = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from policy.text import write as module

target, old, new = Path(sys.argv[1]), b"old " * 5000, b"new " * 7000
names = "open fchown chmod fsync replace close fdopen stat access scandir unlink".split()
real = {name: getattr(os, name) for name in names}


def attempt(last, after):
    left = [last]

    def step(name, action, *arguments, **options):
        left[0] -= 1
        if left[0] < 0 and not after:
            os._exit(9)
        done = action(*arguments, **options)
        if left[0] < 0:
            os._exit(9)
        return done

    class Torn:
        def __init__(self, file):
            self.file = file
        def write(self, data):
            step("write", self.file.write, data[: len(data) // 2])
            self.file.flush()
            step("write", self.file.write, data[len(data) // 2 :])
        def __enter__(self):
            return self
        def __exit__(self, *error):
            step("close", self.file.close)
        def __getattr__(self, name):
            return getattr(self.file, name)

    for name, action in real.items():
        if name != "fdopen":
            setattr(os, name, lambda *a, _n=name, _f=action, **o: step(_n, _f, *a, **o))
    os.fdopen = lambda *a, **o: Torn(real["fdopen"](*a, **o))
    module.write(target, new)
    os._exit(0)


told = []
for after in (False, True):
    for last in range(100):
        target.write_bytes(old)
        child = os.fork()
        if not child:
            attempt(last, after)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        held = target.read_bytes()
        told.append([last, code, held == old, held == new])
        if code == 0:
            break
print(json.dumps(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")
def test_killed_at_any_step(tmp_path: Path) -> None:
    target = tmp_path / "orthanc.json"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(target), root], capture_output=True, timeout=60, check=False
    )
    told = json.loads(done.stdout or b"[]")
    assert done.returncode == 0, done.stderr.decode()
    assert len(told) > 20
    assert [] == [row for row in told if row[2] == row[3]], "neither the old nor the new bytes"
    assert {0, 9} == {row[1] for row in told}
    assert any(row[2] for row in told)
    assert any(row[3] for row in told if row[1] == 9)
    left = [name for name in names(tmp_path) if name != "orthanc.json"]
    assert left, "some were killed between the first byte and the last"
    assert [] == [name for name in left if not re.fullmatch(r"\.policy-[0-9a-f]{12}\.new", name)]
    for name in left:
        os.utime(tmp_path / name, (0, 0))
    assert write(target, b"next")
    assert names(tmp_path) == ["orthanc.json"], "the next write takes away what was left"


FULL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from policy.errors import Unreadable
from policy.text.write import write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (21_000, 21_000))
try:
    write(sys.argv[1], b"new " * 7000)
except Unreadable as error:
    print(error)
"""


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """The limit of the size of files is a real failure of a real system call, in the middle of the bytes."""
    target = tmp_path / "orthanc.json"
    target.write_bytes(OLD)
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", FULL, str(target), root], capture_output=True, timeout=60, check=True)
    assert f"{target}: the file cannot be written" in done.stdout.decode()
    assert (target.read_bytes(), names(tmp_path)) == (OLD, ["orthanc.json"])


@pytest.mark.parametrize("call", ["open", "fdopen", "chmod", "fsync", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EBUSY])
def test_any_call_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int) -> None:
    target = tmp_path / "orthanc.json"
    target.write_bytes(OLD)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(Unreadable, match=os.strerror(code)):
            write(target, NEW)
    assert (target.read_bytes(), names(tmp_path)) == (OLD, ["orthanc.json"])


def test_what_others_write_is_left_alone(tmp_path: Path) -> None:
    """A file of a writer at work, one of another name, and a folder of that name are none of ours to remove."""
    target = tmp_path / "orthanc.json"
    target.write_bytes(OLD)
    (tmp_path / ".policy-0123456789ab.new").write_bytes(b"at work")
    (tmp_path / ".policy-mine.new").write_bytes(b"of somebody")
    (tmp_path / ".policy-0123456789ac.new").mkdir()
    for name in (".policy-mine.new", ".policy-0123456789ac.new"):
        os.utime(tmp_path / name, (0, 0))
    assert write(target, NEW)
    assert len(names(tmp_path)) == 4


@pytest.mark.parametrize("step", ["open", "chmod", "fsync"])
def test_an_editor_that_saves_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """What somebody saves after the file was read and before it is replaced is not lost."""
    target = tmp_path / "orthanc.json"
    target.write_bytes(OLD)
    real = getattr(os, step)

    def save(*arguments: object, **options: object) -> object:
        done = real(*arguments, **options)
        monkeypatch.setattr(os, step, real)
        target.write_bytes(b"saved by an editor")
        return done

    monkeypatch.setattr(os, step, save)
    with pytest.raises(Unreadable, match="changed in the meantime"):
        write(target, NEW, expected=OLD)
    assert (target.read_bytes(), names(tmp_path)) == (b"saved by an editor", ["orthanc.json"])


def test_an_interruption_by_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "orthanc.json"
    target.write_bytes(OLD)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write(target, NEW)
    assert (target.read_bytes(), names(tmp_path)) == (OLD, ["orthanc.json"])


def test_many_writers_and_a_reader(tmp_path: Path) -> None:
    target = tmp_path / "orthanc.json"
    texts = [bytes([65 + number]) * 50_000 for number in range(8)]
    target.write_bytes(texts[0])
    seen: set[bytes] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(target.read_bytes())

    def change(text: bytes) -> None:
        for _ in range(10):
            write(target, text)

    reader = threading.Thread(target=look)
    writers = [threading.Thread(target=change, args=(text,)) for text in texts]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert seen <= set(texts)
    assert names(tmp_path) == ["orthanc.json"]


def test_the_mask_decides_on_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "new.json", NEW, create=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == 0o640


def test_the_longest_name(tmp_path: Path) -> None:
    target = tmp_path / ("a" * 250 + ".json")
    target.write_bytes(OLD)
    assert write(target, NEW)
    assert target.read_bytes() == NEW
