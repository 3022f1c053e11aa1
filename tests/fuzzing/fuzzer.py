"""One process of libFuzzer, through atheris, on one target: started by :mod:`tests.fuzzing.run`.

``python -m tests.fuzzing.fuzzer TARGET FINDINGS [libFuzzer's arguments]``

A broken claim does not end the run: it is written to FINDINGS once for each place at which it shows, with its traceback,
and the run goes on.
"""

from __future__ import annotations

import hashlib
import random
import sys
import traceback
from pathlib import Path

import atheris

from .limits import TooSlow, bounded

_STRUCTURED = 0.5
"""How many of the changes know the structure of the input."""


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    name, findings, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=["policy"], enable_loader_override=False):
        from .targets import load

        target = load(name)
        for seed in target.seeds():
            # What is imported late is instrumented as well. What these inputs break the run tells.
            try:
                target.check(seed)
            except Exception as error:
                _note(Path(findings), seed, error)
    folder = Path(findings)

    def once(data: bytes) -> None:
        try:
            with bounded():
                target.check(data)
        except (Exception, TooSlow) as error:
            _note(folder, data, error)

    def changed(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < _STRUCTURED:
            try:
                made = target.change(chance, data)
            except Exception as error:
                _note(folder, data, error)
            else:
                if made != data and 0 < len(made) <= longest:
                    return made
        return atheris.Mutate(data, longest)

    atheris.Setup([sys.argv[0], *arguments], once, custom_mutator=changed)
    atheris.Fuzz()


def _note(folder: Path, data: bytes, error: BaseException) -> None:
    """Keeps the shortest input for each place at which a claim broke."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    # A slow input is stopped anywhere: it is known by the step of the check that took so long.
    place = where[min(3, len(where) - 1)] if isinstance(error, TooSlow) else where[-1]
    key = hashlib.sha256(f"{type(error).__name__} {place}".encode()).hexdigest()[:12]
    kept = folder / f"{key}.input"
    if kept.exists() and kept.stat().st_size <= len(data):
        return
    kept.write_bytes(data)
    told = "".join(traceback.format_exception(error, limit=-25))
    (folder / f"{key}.txt").write_text(f"{data[:3000]!r}\n\n{told}", "utf-8", "backslashreplace")


if __name__ == "__main__":
    main()
