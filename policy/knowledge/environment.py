"""How the orthancteam/orthanc image makes the configuration: variables, files, secrets, defaults, plugins.

These are facts only; the merge itself is in :mod:`policy.configuration`.
Versions are tags of the image.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from policy.knowledge._files import read, span
from policy.knowledge.versions import Range, Version
from policy.records import dataclass

LEGACY_NAMES_STOP = Version.parse("26.7.0")
"""From this tag on a legacy variable stops the container (exit -2); before it is read, with a warning."""
NO_USER_STOPS = Version.parse("26.7.0")
"""From this tag on remote access and authentication without a registered user stop the container (exit -3)."""
FILES_SUBSTITUTED = Version.parse("23.6.1")
"""From this tag on variables are substituted in mounted files before they are parsed."""

PREFIX = "ORTHANC__"
WHOLE_CONFIGURATION = "ORTHANC_JSON"
PASSWORD = "ORTHANC_PASSWORD"  # noqa: S105 - the name of a variable
SECRET_SUFFIX = "_SECRET"  # noqa: S105 - the end of a name

FOLDERS = ("/etc/orthanc", "/run/secrets")
"""Where ``*.json`` is read, in this order; not recursive, not sorted within a folder."""

PRECEDENCE = (
    "image and plugin defaults, only where the key is absent",
    "/etc/orthanc/*.json",
    "/run/secrets/*.json",
    "variables, in the order of the environment",
    "secrets named like variables or registered by *_SECRET",
    "ORTHANC_PASSWORD (the user orthanc alone)",
)
"""From the weakest to the strongest."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of the start script."""

    id: str
    stage: int
    """1 files, 2 variables, 3 secrets, 4 defaults, 5 checks, 6 start."""
    versions: Range
    rule: str
    measured: bool
    """Whether it was seen by running the script; else read in its source."""
    source: str


@dataclass(frozen=True, slots=True)
class ImageDefault:
    """A value that the image adds where the key is absent."""

    path: str
    value: Any
    versions: Range
    source: str


@dataclass(frozen=True, slots=True)
class DefaultChange:
    """A default of the image that changed."""

    what: str
    before: Any
    after: Any
    since: Version
    source: str


@dataclass(frozen=True, slots=True)
class PluginSwitch:
    """What makes the image load a plugin."""

    plugin: str
    section: str
    """The section whose presence enables it, as the script spells it."""
    variable: str
    """Any value but exactly ``false`` enables; ``false`` wins over everything."""
    legacy_variable: str | None
    default_since: Version | None
    """From this tag on the plugin is on by default; None: off by default."""
    section_enables: bool
    root_setting: str | None
    """A top-level key whose presence enables it too."""
    defaults: dict[str, Any]
    """What is added to the section once the plugin is enabled, where the key is absent."""
    libraries: tuple[str, ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A variable whose option does not follow from its name."""

    variable: str
    path: str
    versions: Range
    source: str


@dataclass(frozen=True, slots=True)
class SectionPrefix:
    """Variables that begin so belong to a section whose spelling does not follow from the name."""

    prefix: str
    section: str
    versions: Range
    source: str


@dataclass(frozen=True, slots=True)
class LegacyVariable:
    """An old name of an option's variable."""

    variable: str
    path: str
    source: str


@dataclass(frozen=True, slots=True)
class RuntimeVariable:
    """A variable of the start scripts that is no option."""

    name: str
    effect: str
    source: str


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What the text of a variable becomes."""

    example: str
    becomes: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class OptionVariable:
    """An option of the core or of a plugin, with the variable that sets it."""

    path: str
    variable: str
    types: tuple[str, ...]
    default: Any
    """Where the key is absent, in core or plugin; None with ``default_in_words`` where it is no constant."""
    default_in_words: str
    has_image_default: bool
    image_default: Any
    legacy_variables: tuple[str, ...]
    note: str
    source: str

    @property
    def section(self) -> str:
        """The section; the empty text for the top level."""
        return self.path.partition(".")[0] if "." in self.path else ""


@dataclass(frozen=True, slots=True)
class Confidential:
    """An option or a variable whose value must never be shown."""

    name: str
    kind: str
    """``option`` (a path) or ``variable``."""
    source: str


@cache
def steps() -> tuple[Step, ...]:
    """The rules of the start script, in the order of its stages."""
    data = read("environment")
    return tuple(
        Step(key, stage, span(pair), rule, bool(measured), data["sources"][source])
        for key, stage, pair, rule, measured, source in data["rules"]
    )


@cache
def image_defaults() -> tuple[ImageDefault, ...]:
    """Values that the image adds at the top level."""
    data = read("environment")
    return tuple(
        ImageDefault(path, value, span(pair), data["sources"][source])
        for path, value, pair, source in data["image_defaults"]
    )


@cache
def default_changes() -> tuple[DefaultChange, ...]:
    """Defaults of the image that changed, and when."""
    data = read("environment")
    return tuple(
        DefaultChange(what, before, after, Version.parse(since), data["sources"][source])
        for what, before, after, since, source in data["history"]
    )


@cache
def plugin_switches() -> tuple[PluginSwitch, ...]:
    """What enables each plugin of the image."""
    data = read("environment")
    return tuple(
        PluginSwitch(
            plugin, section, variable, legacy, Version.parse(since) if since else None, bool(by_section), root,
            defaults, tuple(libraries), note, data["sources"][source],
        )
        for plugin, section, variable, legacy, since, by_section, root, defaults, libraries, note, source
        in data["plugins"]
    )  # fmt: skip


@cache
def aliases() -> tuple[Alias, ...]:
    """Variables with a path of their own."""
    data = read("environment")
    return tuple(
        Alias(variable, path, span(pair), data["sources"][source])
        for variable, path, pair, source in data["aliases"]
    )  # fmt: skip


@cache
def section_prefixes() -> tuple[SectionPrefix, ...]:
    """Sections whose spelling does not follow from the variable's name."""
    data = read("environment")
    return tuple(
        SectionPrefix(prefix, section, span(pair), data["sources"][source])
        for prefix, section, pair, source in data["prefixes"]
    )


@cache
def runtime_variables() -> tuple[RuntimeVariable, ...]:
    """Variables of the start scripts."""
    data = read("environment")
    return tuple(RuntimeVariable(name, effect, data["sources"][source]) for name, effect, source in data["runtime"])


@cache
def value_rules() -> tuple[ValueRule, ...]:
    """What the text of a variable or secret becomes."""
    data = read("environment")
    return tuple(
        ValueRule(example, becomes, rule, data["sources"][source])
        for example, becomes, rule, source in data["values"]
    )  # fmt: skip


@cache
def confidential() -> tuple[Confidential, ...]:
    """Options and variables whose values are masked wherever they are shown."""
    data = read("environment")
    return tuple(Confidential(name, kind, data["sources"][source]) for name, kind, source in data["confidential"])


@cache
def options() -> tuple[OptionVariable, ...]:
    """Options of the core and of the plugins that matter for access, with their variables."""
    data = read("environment-options")
    return tuple(
        OptionVariable(
            path, variable, tuple(types), default, words, bool(image), image[0] if image else None, tuple(legacy),
            note, data["sources"][source],
        )
        for path, variable, types, default, words, image, legacy, note, source in data["options"]
    )  # fmt: skip


@cache
def legacy_variables() -> tuple[LegacyVariable, ...]:
    """Old names of variables; from :data:`LEGACY_NAMES_STOP` on each of them stops the container."""
    data = read("environment-options")
    return tuple(
        LegacyVariable(variable, path, data["sources"][source]) for variable, path, source in data["legacy"]
    )  # fmt: skip


@cache
def option(path: str) -> OptionVariable | None:
    """The option with this path, such as ``DicomWeb.Root``; paths have case."""
    return next((entry for entry in options() if entry.path == path), None)


@cache
def option_paths() -> tuple[str, ...]:
    """Every path known, the targets of legacy names and aliases included: for "did you mean"."""
    paths = dict.fromkeys(entry.path for entry in options())
    paths.update(dict.fromkeys(entry.path for entry in aliases()))
    paths.update(dict.fromkeys(entry.path for entry in legacy_variables()))
    return tuple(paths)


@cache
def option_names(section: str) -> tuple[str, ...]:
    """The names known below a section (``UiOptions.EnableShares`` below ``OrthancExplorer2``); the empty text: top."""
    if not section:
        return tuple(dict.fromkeys(path.partition(".")[0] for path in option_paths()))
    return tuple(path[len(section) + 1 :] for path in option_paths() if path.startswith(f"{section}."))


@cache
def variable_names(version: str | Version | None = None) -> tuple[str, ...]:
    """Every variable that the image reads, legacy names left out: for "did you mean".

    ``version`` leaves out what the image of that tag does not know.
    """
    wanted = Version.parse(version) if version is not None else None
    names = dict.fromkeys((WHOLE_CONFIGURATION, PASSWORD))
    names.update(dict.fromkeys(entry.variable for entry in options()))
    names.update(
        dict.fromkeys(entry.variable for entry in aliases() if wanted is None or wanted in entry.versions)
    )  # fmt: skip
    names.update(dict.fromkeys(entry.variable for entry in plugin_switches()))
    names.update(dict.fromkeys(entry.name for entry in runtime_variables()))
    return tuple(names)
