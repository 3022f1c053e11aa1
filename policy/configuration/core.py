"""What Orthanc itself makes of the files that it is started with: one file, or a folder.

Source: orthanc-mirrors/orthanc ``OrthancServer/Sources/OrthancConfiguration.cpp`` branches/Orthanc-1.12.3 and 1.13.0.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from policy.configuration import merging
from policy.configuration.carried import file_setting
from policy.configuration.deployment import IgnoredFile, Stop
from policy.configuration.image import FileInContainer
from policy.configuration.setting import Setting
from policy.configuration.source import Location, Source
from policy.configuration.substitution import Environment
from policy.knowledge.versions import Version
from policy.records import dataclass, field


@dataclass(slots=True)
class Start:
    """The outcome: the configuration, and why Orthanc does not start with it."""

    configuration: Setting
    sources: list[Source] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    ignored: list[IgnoredFile] = field(default_factory=list)
    unseen: list[Location] = field(default_factory=list)


def start(files: Sequence[FileInContainer], path: str, environment: Environment | None, *, version: Version) -> Start:
    """What Orthanc of that version reads when it is started on ``path``, a file or a folder of ``files``.

    In a folder it takes each ``*.json``, whatever its case, not in folders below; other endings are skipped in silence.
    """
    path = posixpath.normpath(path)
    chosen: list[FileInContainer] = []
    started = Start(merging.empty())
    for file in files:
        target = posixpath.normpath(file.target)
        if target == path:
            chosen.append(file)
        elif posixpath.dirname(target) == path:
            if target.lower().endswith(".json"):
                chosen.append(file)
            elif file.source is not None:
                started.ignored.append(
                    IgnoredFile(file.source, file.location, "Orthanc reads only names that end in .json in a folder")
                )
    settings = [setting for file in chosen if (setting := _read(started, file, environment, version)) is not None]
    root, conflicts = merging.merge_by_core(settings)
    started.configuration = root if root is not None else started.configuration
    for conflict in conflicts:
        first = conflict.first.key_origin.location
        started.stops.append(
            Stop(
                f"{conflict.second.key} is also defined in {first.source.path if first else 'another file'}; "
                "Orthanc does not start",
                conflict.second.key_origin.location,
                "native-two-files-same-section",
            )
        )
    return started


def _read(started: Start, file: FileInContainer, environment: Environment | None, version: Version) -> Setting | None:
    source = file.source
    if source is None:
        started.unseen.append(file.location)
        return None
    started.sources.append(source)
    read = file_setting(source, "core", version, environment)
    if read.internal_error is not None:
        started.stops.append(Stop("Orthanc fails on an empty ${}", read.internal_error, "empty-braces"))
    if read.refused is not None:
        started.stops.append(Stop(f"Orthanc cannot parse {source.path}: {read.refused}", read.place or file.location))
    if read.setting is None or read.setting.kind != "object":
        if read.refused is None:
            started.stops.append(Stop(f"{source.path} holds no object; Orthanc does not start", file.location))
        return None
    return read.setting
