"""What the start script of the orthancteam/orthanc image makes of files, variables and secrets.

Pure: everything that the script looks at comes in as an argument.
Source: orthanc-server/orthanc-builder ``docker/orthanc/generateConfiguration.py`` and ``configurator.py``; the rules are
listed in :mod:`policy.knowledge.environment`.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from policy.configuration import merging
from policy.configuration.carried import Carried, carried, file_setting
from policy.configuration.deployment import IgnoredFile, Stop, Variable
from policy.configuration.setting import Means, Origin, Setting
from policy.configuration.source import Location, Source
from policy.configuration.substitution import UNKNOWN_OPEN, Environment, by_core_in_value, shown
from policy.configuration.variables import Reading, Use, option_reading, reading
from policy.knowledge import environment
from policy.knowledge.versions import Version
from policy.records import dataclass, field, replace
from policy.text import Document


@dataclass(frozen=True, slots=True)
class FileInContainer:
    """A file as the container sees it; ``source`` is None where its content was not given."""

    target: str
    source: Source | None
    location: Location


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file of ``/run/secrets``; ``text`` is None where it was not given."""

    name: str
    text: str | None
    location: Location


@dataclass(slots=True)
class Start:
    """The outcome: the configuration that Orthanc gets, and what went wrong on the way."""

    configuration: Setting
    sources: list[Source] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    ignored: list[IgnoredFile] = field(default_factory=list)
    unseen: list[Location] = field(default_factory=list)
    plugins: frozenset[str] = frozenset()
    """Sections' names of the plugins that the script installs."""


def start(
    files: Sequence[FileInContainer],
    variables: Mapping[str, Variable],
    secrets: Sequence[SecretFile],
    *,
    tag: Version,
    process: Environment | None = None,
    plain: bool = False,
) -> Start:
    """What the image of that tag starts Orthanc with.

    ``process`` are further variables of the process.
    ``plain``: nothing is known of the container, so variables are only replaced where ``process`` says them, and no
    check is made of what may be set elsewhere.
    """
    run = _Run(tag, variables, process, plain=plain)
    run.read_files(files)
    run.read_variables(variables.values())
    run.read_secrets(secrets)
    run.select_plugins()
    if not plain:
        run.check()
    run.hand_over()
    return run.outcome


class _Run:
    """One run of the script."""

    def __init__(
        self, tag: Version, variables: Mapping[str, Variable], process: Environment | None, *, plain: bool
    ) -> None:
        self.tag = tag
        self.process: dict[str, str | None] = dict(process or {})
        self.process.update((name, marked(variable)) for name, variable in variables.items())
        self.substitutes = not plain or process is not None
        self.outcome = Start(merging.empty())
        self.switches: dict[str, str] = {}
        self.registered: dict[str, str] = {}
        self.legacy: list[Variable] = []

    # Stage 1: files

    def read_files(self, files: Sequence[FileInContainer]) -> None:
        for file in files:
            if (
                posixpath.dirname(posixpath.normpath(file.target)) not in environment.FOLDERS
                and file.source is not None
            ):
                reason = f"the image reads only files that lie in {' or '.join(environment.FOLDERS)} themselves"
                self.outcome.ignored.append(IgnoredFile(file.source, file.location, reason))
        for folder in environment.FOLDERS:
            inside = sorted(
                (file for file in files if posixpath.dirname(posixpath.normpath(file.target)) == folder),
                key=lambda file: file.target,
            )
            read = [file for file in inside if self._is_read(file, folder)]
            first = True
            for file in read:
                if file.source is None:
                    self.outcome.unseen.append(file.location)
                    continue
                self._read_file(file, file.source, first=first, alone=len(read) == 1)
                first = False

    def _is_read(self, file: FileInContainer, folder: str) -> bool:
        name = posixpath.basename(posixpath.normpath(file.target))
        if fnmatch.fnmatchcase(name, "*.json") and not name.startswith("."):
            return True
        if folder == "/etc/orthanc" and (
            name.lower().endswith((".json", ".jsonc", ".json5")) or file.source is not None
        ):
            self.outcome.ignored.append(
                IgnoredFile(
                    file.source,
                    file.location,
                    f"the image reads only names that end in .json there, and this one is called {name}",
                )
            )
        return False

    def _read_file(self, file: FileInContainer, source: Source, *, first: bool, alone: bool) -> None:
        self.outcome.sources.append(source)
        substitutes = self.substitutes and self.tag >= environment.FILES_SUBSTITUTED
        read = file_setting(source, "image", self.tag, self.process if substitutes else None)
        if read.refused is not None:
            reason = f"the image cannot parse {source.path}: {read.refused}"
            if not first:
                self.outcome.ignored.append(
                    IgnoredFile(source, file.location, f"{reason}; it starts without this file")
                )
                return
            self.outcome.stops.append(Stop(f"{reason}; the container stops", read.place or file.location))
            if not alone:
                self.outcome.ignored.append(
                    IgnoredFile(source, file.location, f"{reason}; if another file is read first, it starts without")
                )
        if read.setting is None or read.setting.kind != "object":
            if read.refused is None:
                self.outcome.stops.append(
                    Stop(f"{source.path} holds no object; the script of the image fails on it", file.location)
                )
            return
        self._check_surrogates(source.document, source.path, file.location)
        self._merge(read.setting, unordered=None if first else Means.FILE)

    def _check_surrogates(self, document: Document, name: str, place: Location | None) -> None:
        """Python reads half a surrogate pair and writes it out again; the core does not read that."""
        for leniency in document.leniencies:
            if leniency.kind == "lone-surrogate":
                reason = f"{name} holds half of a surrogate pair, which Orthanc cannot parse after the script"
                self.outcome.stops.append(Stop(reason, place, "nan-through-script"))
                return

    # Stage 2: variables

    def read_variables(self, variables: Iterable[Variable]) -> None:
        for variable in variables:
            self._read_variable(variable, reading(variable.name, self.tag))

    def _read_variable(self, variable: Variable, found: Reading) -> None:
        if found.legacy:
            self.legacy.append(variable)
        if found.use is Use.CRASH:
            self.outcome.stops.append(
                Stop(
                    f"a word of the name {variable.name} is empty; the script of the image fails on it",
                    variable.name_location,
                    "malformed-variable-name",
                )
            )
        elif found.use is Use.WHOLE:
            self._read_whole(variable)
        elif found.use is Use.SECRET:
            self.registered[shown(marked(variable) or "")] = variable.name.removesuffix(environment.SECRET_SUFFIX)
        elif found.use is Use.OPTION:
            value = self._value(variable, found.path)
            self._merge(merging.nested(found.path, value, _key_origin(variable)), unordered=Means.VARIABLE)
        elif found.use is Use.SWITCH and found.switch is not None:
            self.switches[found.switch.plugin] = variable.text if variable.text is not None else ""

    def _read_whole(self, variable: Variable) -> None:
        held = carried(variable)
        if held.source is not None:
            self.outcome.sources.append(held.source)
        refused, place = held.refused("image", self.tag)
        if refused is not None:
            self.outcome.stops.append(
                Stop(
                    f"the image cannot parse {variable.name}: {refused}; the container stops (exit -1)",
                    place or variable.name_location,
                    "orthanc-json-syntax",
                )
            )
        if held.document is not None:
            self._check_surrogates(held.document, variable.name, variable.value_location)
        whole = held.setting()
        if whole is not None and whole.kind == "object":
            self._merge(whole, unordered=Means.VARIABLE)
        elif refused is None and held.text is not None:
            self.outcome.stops.append(
                Stop(f"{variable.name} holds no object; the script of the image fails on it", variable.name_location)
            )

    def _value(self, variable: Variable, path: tuple[str, ...]) -> Setting:
        held = carried(variable)
        if held.source is not None:
            self.outcome.sources.append(replace(held.source, at=path))
        return held.value()

    # Stage 3: secrets

    def read_secrets(self, secrets: Sequence[SecretFile]) -> None:
        for secret in sorted(secrets, key=lambda item: item.name):
            name = self.registered.get(secret.name, secret.name)
            found = option_reading(name, self.tag)
            if found is None:
                continue
            if found.use is Use.CRASH:
                self.outcome.stops.append(
                    Stop(
                        f"a word of the name {name} is empty; the script of the image fails on it",
                        secret.location,
                        "malformed-variable-name",
                    )
                )
                continue
            origin = Origin(Means.SECRET, secret.location.source, secret.location.span, secret.name)
            self._merge(merging.nested(found.path, _secret_value(secret, origin), origin))

    # Stage 4: defaults and plugins

    def select_plugins(self) -> None:
        configuration = self.outcome.configuration
        enabled: list[environment.PluginSwitch] = []
        for switch in environment.plugin_switches():
            said = self.switches.get(switch.plugin)
            wanted = (
                said is not None
                or (switch.default_since is not None and self.tag >= switch.default_since)
                or (switch.section_enables and switch.section in configuration.members)
                or (switch.root_setting is not None and switch.root_setting in configuration.members)
            )
            if wanted and said != "false":
                enabled.append(switch)
        origin = Origin(Means.IMAGE_DEFAULT)
        defaults = {row.path: row.value for row in environment.image_defaults() if self.tag in row.versions}
        configuration = merging.with_defaults(configuration, defaults, origin)
        for switch in enabled:
            if values := self._plugin_defaults(switch):
                configuration = merging.with_defaults(configuration, {switch.section: values}, origin)
        self.outcome.configuration = configuration
        self.outcome.plugins = frozenset("OHIF" if switch.section == "Ohif" else switch.section for switch in enabled)

    def _plugin_defaults(self, switch: environment.PluginSwitch) -> dict[str, Any]:
        values = dict(switch.defaults)
        for change in environment.default_changes():
            section, _, option = change.what.partition(".")
            if section == switch.section and self.tag < change.since and change.before is not None:
                values[option] = change.before
        return values

    # Stage 5: checks

    def check(self) -> None:
        for variable in self.legacy:
            if self.tag >= environment.LEGACY_NAMES_STOP:
                self.outcome.stops.append(
                    Stop(
                        f"{variable.name} is a legacy name; the container stops on it (exit -2)",
                        variable.name_location,
                        "legacy-authz-env",
                    )
                )
        self._set_password()
        if self.tag >= environment.NO_USER_STOPS:
            self._check_users()

    def _set_password(self) -> None:
        password = self.process.get(environment.PASSWORD, "")
        if self.tag < environment.NO_USER_STOPS or password == "":
            return
        origin = Origin(Means.VARIABLE, name=environment.PASSWORD)
        user = Setting("string", origin, shown(password) if password is not None else None, known=password is not None)
        self._merge(merging.nested(("RegisteredUsers", "orthanc"), user, origin))

    def _check_users(self) -> None:
        def truthy(name: str) -> bool:
            setting = self.outcome.configuration.get(name)
            return setting is None or bool(setting.python())

        users = self.outcome.configuration.get("RegisteredUsers")
        if truthy("RemoteAccessAllowed") and truthy("AuthenticationEnabled") and not (users and users.python()):
            place = users.origin.location if users is not None else None
            self.outcome.stops.append(
                Stop(
                    "remote access and authentication are on and no user is registered; the container stops (exit -3)",
                    place,
                    "no-user-refused",
                )
            )

    # Stage 6: the core reads what the script wrote

    def hand_over(self) -> None:
        self.outcome.configuration = self._handed_over(self.outcome.configuration)

    def _handed_over(self, setting: Setting) -> Setting:
        if setting.kind == "object":
            members = {}
            same = True
            for key, entry in setting.members.items():
                new = self._handed_over(entry.setting)
                same = same and new is entry.setting and UNKNOWN_OPEN not in key
                members[shown(key)] = entry if new is entry.setting else replace(entry, setting=new)
            return setting if same else replace(setting, members=MappingProxyType(members))
        if setting.kind == "array":
            items = tuple(self._handed_over(item) for item in setting.items)
            same = all(new is old for new, old in zip(items, setting.items, strict=True))
            return setting if same else replace(setting, items=items)
        if not isinstance(setting.value, str):
            return self._number(setting)
        value: str | None = setting.value
        if "${" in setting.value and self.substitutes:
            if "${}" in setting.value:
                self.outcome.stops.append(
                    Stop("Orthanc fails on an empty ${}", setting.origin.location, "empty-braces")
                )
                return setting
            value = by_core_in_value(setting.value, self.process)
            if value is None:
                self.outcome.stops.append(
                    Stop("the value of a variable breaks the configuration that Orthanc reads", setting.origin.location)
                )
                return setting
        if value == setting.value and UNKNOWN_OPEN not in setting.value:
            return setting
        assert value is not None  # noqa: S101 - narrows for the type checker
        return replace(setting, value=shown(value), known=setting.known and UNKNOWN_OPEN not in value)

    def _number(self, setting: Setting) -> Setting:
        value = setting.value
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            self.outcome.stops.append(
                Stop(
                    "the script of the image writes NaN or Infinity into the configuration, which Orthanc cannot parse",
                    setting.origin.location,
                    "nan-through-script",
                )
            )
        return setting

    def _merge(self, later: Setting, *, unordered: Means | None = None) -> None:
        crashes: list[merging.Crash] = []
        self.outcome.configuration = merging.merge(self.outcome.configuration, later, crashes, unordered=unordered)
        for crash in crashes:
            self.outcome.stops.append(
                Stop(
                    f"{'.'.join(crash.path)} is an object here and was {_a(crash.earlier.setting.kind)} before; "
                    "the script of the image fails on it",
                    crash.later.key_origin.location or crash.earlier.key_origin.location,
                    "object-over-scalar",
                )
            )


def marked(variable: Variable) -> str | None:
    """The text of a variable with marks where only the host knows a value; None where it knows all of it."""
    return variable.marked if variable.marked is not None else variable.text


def _key_origin(variable: Variable) -> Origin:
    place = variable.name_location
    return Origin(Means.VARIABLE, place.source, place.span, variable.name)


def _secret_value(secret: SecretFile, origin: Origin) -> Setting:
    if secret.text is None:
        return Setting("string", origin, f"(secret {secret.name})", known=False)
    return Carried.of_text(secret.text.rstrip("\n"), origin).value()


def _a(kind: str) -> str:
    return "null" if kind == "null" else f"an {kind}" if kind == "array" else f"a {kind}"
