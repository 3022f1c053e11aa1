"""What the plugin and the core read from the configuration at start, or why they stop.

Source: initialization of the plugin 0.5.0 to 0.11.4 and of the core 1.12; confirmed by starting real servers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from policy.engine.behaviour import Behaviour
from policy.engine.level import ALL_LEVELS, Level, parse_level
from policy.errors import ServerRefuses
from policy.knowledge import plugin
from policy.records import dataclass

SECTION = "Authorization"

Path = tuple[str | int, ...]
Locate = Callable[[Path], Any]
"""Where the value at a path of the configuration is written; None if nobody knows."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an effective value comes from.

    ``by`` is ``configuration`` (then ``path`` leads to it and ``location`` is its place in a file, if known),
    ``default`` (the built-in list of the plugin) or ``standard`` (a standard configuration, named by ``name``).
    ``alias`` is the word that the value was expanded from.
    """

    by: str
    path: Path = ()
    name: str = ""
    alias: str = ""
    location: Any = None

    def __str__(self) -> str:
        text = {
            "default": f"the built-in list of the plugin {self.name}",
            "standard": f"the standard configuration {self.name!r}",
        }.get(self.by) or (str(self.location) if self.location is not None else _written(self.path))
        return f"{text}, from {self.alias}" if self.alias else text


def _written(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A path (``resource``) or a prefix of paths (``folder``) that everybody may GET."""

    kind: str
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Credential:
    """A ``header`` or ``argument`` that may hold a token."""

    kind: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Core:
    """The core's own authentication: basic credentials by user name, or None where it is off."""

    users: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective options of the plugin."""

    off: str | None
    """Why there is no filter, in words; None: there is one."""
    profiles: bool
    """Profiles are asked for: rules count."""
    shares: bool
    """Share tokens are asked for."""
    decoder: bool
    """Tokens can be decoded."""
    service_works: bool
    """False: the addresses have no server, and every call fails."""
    unchecked: tuple[Unchecked, ...]
    credentials: tuple[Credential, ...]
    """In the order in which the plugin looks at them."""
    levels: frozenset[Level]
    """The checked levels."""
    dicom_web_root: str
    audit_logs: bool
    core: Core


def refuse(text: str, *path: str | int, locate: Locate | None = None, advice: str | None = None) -> NoReturn:
    """Raise :class:`ServerRefuses`, with the place of ``path`` if it is known."""
    location = locate(path) if locate is not None else None
    source = getattr(location, "source", None)
    start = getattr(location, "start", None)
    raise ServerRefuses(
        text,
        file=getattr(source, "path", None),
        line=getattr(start, "line", None),
        column=getattr(start, "column", None),
        help=advice,
    )


class _Reader:
    """Options of the section, with the types that the plugin insists on."""

    def __init__(self, section: Mapping[str, Any], locate: Locate | None) -> None:
        self.section = section
        self.locate = locate

    def text(self, key: str) -> str | None:
        if key not in self.section:
            return None
        value = self.section[key]
        if not isinstance(value, str):
            self.refuse(key, f'The configuration option "{SECTION}.{key}" is not a string as expected')
        return str(value)

    def flag(self, key: str) -> bool:
        value = self.section.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, f'The configuration option "{SECTION}.{key}" is not a Boolean as expected')
        return bool(value)

    def texts(self, key: str, *, single: bool = False) -> tuple[str, ...] | None:
        if key not in self.section:
            return None
        value = self.section[key]
        if single and isinstance(value, str):
            return (value,)
        if not _is_list(value) or not all(isinstance(item, str) for item in value):
            self.refuse(key, f'The configuration option "{SECTION}.{key}" is not a list of strings as expected')
        return tuple(value)

    def refuse(self, key: str, text: str, advice: str | None = None) -> NoReturn:
        refuse(text, SECTION, key, locate=self.locate, advice=advice)

    def origin(self, *path: str | int) -> Origin:
        full = (SECTION, *path)
        return Origin("configuration", full, location=self.locate(full) if self.locate is not None else None)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def read(
    configuration: Mapping[str, Any], release: plugin.Release, flags: Behaviour, locate: Locate | None
) -> Settings:
    """The effective settings; raises :class:`ServerRefuses` where the server would not start."""
    if not isinstance(configuration, Mapping):
        refuse("The configuration file must be a JSON object")
    core = _core(configuration, locate)
    section = configuration.get(SECTION)
    if not isinstance(section, Mapping):
        return _without_filter(_why_no_section(configuration), core)
    reader = _Reader(section, locate)
    root = _dicom_web_root(configuration, locate)
    credentials, unchecked = _lists(reader, release)
    if not flags.empty_token_names_allowed and any(not credential.name for credential in credentials):
        reader.refuse("TokenHttpHeaders", "A token without a name stops this version of the plugin")
    profile, validation, decoder, works, off = _addresses(reader, flags)
    levels = _levels(reader, flags)
    if reader.text("WebServiceUsername") is not None:
        reader.text("WebServicePassword")
    reader.text("WebServiceIdentifier")
    audit_logs = flags.audit_logs and reader.flag("EnableAuditLogs")
    filtered = profile or validation
    if filtered and not flags.core_authentication_allowed and configuration.get("AuthenticationEnabled", True) is True:
        refuse(
            'Authorization plugin: this is not compatible with "AuthenticationEnabled" = true',
            "AuthenticationEnabled",
            locate=locate,
            advice='Set "AuthenticationEnabled" to false: up to 0.8.2 the plugin insists on it.',
        )
    return Settings(
        off=None if filtered else off,
        profiles=profile,
        shares=validation,
        decoder=decoder,
        service_works=works,
        unchecked=unchecked,
        credentials=credentials,
        levels=levels,
        dicom_web_root=root,
        audit_logs=audit_logs,
        core=core,
    )


def _without_filter(why: str, core: Core) -> Settings:
    return Settings(
        off=why,
        profiles=False,
        shares=False,
        decoder=False,
        service_works=False,
        unchecked=(),
        credentials=(),
        levels=ALL_LEVELS,
        dicom_web_root=plugin.DICOM_WEB_ROOT,
        audit_logs=False,
        core=core,
    )


def _why_no_section(configuration: Mapping[str, Any]) -> str:
    if SECTION in configuration:
        return f"the section {SECTION!r} is no object, so the plugin disables itself: nothing is checked"
    return f"there is no section {SECTION!r}, so the plugin disables itself: nothing is checked"


def _core(configuration: Mapping[str, Any], locate: Locate | None) -> Core:
    """The core's own authentication: absent means on where remote access is allowed (Orthanc 1.5.8 and later)."""
    remote = configuration.get("RemoteAccessAllowed", False)
    enabled = configuration.get("AuthenticationEnabled", remote)
    for key, value in (("RemoteAccessAllowed", remote), ("AuthenticationEnabled", enabled)):
        if not isinstance(value, bool):
            refuse(f'The configuration option "{key}" must be a Boolean', key, locate=locate)
    users = configuration.get("RegisteredUsers", {})
    if not isinstance(users, Mapping) or not all(isinstance(password, str) for password in users.values()):
        text = 'Badly formatted list of users: "RegisteredUsers" must be an object with a password for each name'
        refuse(text, "RegisteredUsers", locate=locate)
    if not enabled:
        return Core(None)
    if remote and "RegisteredUsers" not in configuration:
        # An empty list is another matter: then nobody can log in.
        return Core({"orthanc": "orthanc"})
    return Core(dict(users))


def _dicom_web_root(configuration: Mapping[str, Any], locate: Locate | None) -> str:
    """The root that the plugin uses: a key ``Root`` at the top level, never ``DicomWeb.Root`` (a fault of the plugin)."""
    dicom_web = isinstance(configuration.get("DicomWeb"), Mapping)
    if not dicom_web and not isinstance(configuration.get("OrthancExplorer2"), Mapping):
        return plugin.DICOM_WEB_ROOT
    root = configuration.get("Root", plugin.DICOM_WEB_ROOT)
    if not isinstance(root, str):
        refuse('The configuration option "Root" is not a string as expected', "Root", locate=locate)
    return root if dicom_web else plugin.DICOM_WEB_ROOT


def _lists(reader: _Reader, release: plugin.Release) -> tuple[tuple[Credential, ...], tuple[Unchecked, ...]]:
    credentials: dict[tuple[str, str], Credential] = {}
    unchecked: dict[tuple[str, str], Unchecked] = {}
    for kind, key in (("header", "TokenHttpHeaders"), ("argument", "TokenGetArguments")):
        for index, name in enumerate(reader.texts(key, single=True) or ()):
            credentials.setdefault((kind, name), Credential(kind, name, reader.origin(key, index)))
    for kind, key in (("resource", "UncheckedResources"), ("folder", "UncheckedFolders")):
        for index, path in enumerate(reader.texts(key) or ()):
            unchecked.setdefault((kind, path), Unchecked(kind, path, reader.origin(key, index)))
    for index, name in enumerate(reader.texts("StandardConfigurations") or ()):
        standard = release.standard_configuration(name)
        if standard is None:
            continue
        written = reader.origin("StandardConfigurations", index)
        origin = Origin("standard", written.path, name, location=written.location)
        for path in standard.unchecked_resources:
            unchecked.setdefault(("resource", path), Unchecked("resource", path, origin))
        for path in standard.unchecked_folders:
            unchecked.setdefault(("folder", path), Unchecked("folder", path, origin))
        for header in standard.token_headers:
            credentials.setdefault(("header", header), Credential("header", header, origin))
        for argument in standard.token_get_arguments:
            credentials.setdefault(("argument", argument), Credential("argument", argument, origin))
    ordered = sorted(credentials.values(), key=lambda c: (c.kind != "header", c.name.encode("utf-8", "surrogatepass")))
    return tuple(ordered), tuple(unchecked.values())


def _addresses(reader: _Reader, flags: Behaviour) -> tuple[bool, bool, bool, bool, str]:
    """(profile, validation, decoder, does the service work, why there would be no filter)."""
    root = reader.text("WebServiceRootUrl")
    if root is not None:
        return True, True, True, root != "", ""
    validation = reader.text("WebServiceTokenValidationUrl") or reader.text("WebService") or ""
    creation = reader.text("WebServiceTokenCreationBaseUrl") or ""
    profile = reader.text("WebServiceUserProfileUrl") or ""
    decoder = reader.text("WebServiceTokenDecoderUrl") or ""
    if flags.settings_routes:
        reader.text("WebServiceSettingsRolesUrl")
    if creation or decoder:
        off = "only addresses for making or decoding tokens are given, and no filter is installed for those"
    else:
        off = "no address of a web service is given, so no filter is installed"
    return bool(profile), bool(validation), bool(decoder), True, f"{off}: nothing is checked"


def _levels(reader: _Reader, flags: Behaviour) -> frozenset[Level]:
    unchecked: set[Level] = set()
    checked_text = reader.text("CheckedLevel")
    if checked_text is not None:
        checked = _level(reader, "CheckedLevel", checked_text)
        if checked is not Level.SYSTEM:
            unchecked = set(ALL_LEVELS - {checked})
            if not flags.checked_level_frees_system:
                unchecked.discard(Level.SYSTEM)
    names = reader.texts("UncheckedLevels")
    if names is not None:
        if unchecked:
            reader.refuse(
                "UncheckedLevels",
                "Authorization plugin: you may only provide one of 'CheckedLevel' or 'UncheckedLevels' configurations",
                "Remove one of the two keys; an empty list counts as well.",
            )
        unchecked = {_level(reader, "UncheckedLevels", name) for name in names}
    return ALL_LEVELS - unchecked


def _level(reader: _Reader, key: str, text: str) -> Level:
    level = parse_level(text)
    if level is None:
        reader.refuse(key, f"Invalid access level: {text}", "Use patients, studies, series, instances or system.")
    return level
