"""The options of one server as rules need them: what is given, of which type, and where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy.configuration.deployment import OrthancServer
from policy.configuration.setting import Entry, Means, Origin, Setting
from policy.configuration.source import Location
from policy.knowledge.plugin import StandardConfiguration, closest
from policy.knowledge.versions import Version
from policy.records import dataclass
from policy.regex import regex
from policy.text import Span

SECTION = "Authorization"
ADDRESSES = (
    "WebServiceRootUrl",
    "WebServiceUserProfileUrl",
    "WebServiceTokenValidationUrl",
    "WebServiceTokenCreationBaseUrl",
    "WebServiceTokenDecoderUrl",
    "WebServiceSettingsRolesUrl",
    "WebService",
)
"""The addresses of the web service, root first."""

_BY_CORE = regex(r"\$\{")
_BY_SCRIPT = regex(r"\$\{|\$\w")
"""How a variable begins in a file."""
_DEFAULTS = (Means.IMAGE_DEFAULT, Means.PLUGIN_DEFAULT, Means.CORE_DEFAULT)
_PROFILES = Version.parse("0.5.0")
_NO_BASIC_FROM, _NO_BASIC_BEFORE = Version.parse("0.5.0"), Version.parse("0.9.0")


def given(server: OrthancServer, *path: str) -> Entry | None:
    """The member at ``path`` of the configuration that a file, a variable or a secret gives; None for a default."""
    entry = server.configuration.entry(*path)
    return None if entry is None or entry.setting.origin.means in _DEFAULTS else entry


def section(server: OrthancServer) -> Setting | None:
    """The Authorization section where it is an object, else None: then the plugin switches itself off."""
    setting = server.authorization
    return setting if setting is not None and setting.kind == "object" else None


def option(server: OrthancServer, name: str) -> Entry | None:
    """The option ``name`` of the section, if it is given."""
    return given(server, SECTION, name) if section(server) is not None else None


def is_known(server: OrthancServer, setting: Setting) -> bool:
    """Whether the value is known: no secret that was not given, no variable that only the host knows."""
    if not setting.known:
        return False
    if server.variables is not None or not isinstance(setting.value, str) or setting.origin.means is not Means.FILE:
        return True
    return (_BY_SCRIPT if "image" in server.readers else _BY_CORE).search(setting.value) is None


def text_of(server: OrthancServer, name: str) -> str | None:
    """The text that the option ``name`` holds; None where it is absent or no text."""
    entry = option(server, name)
    return entry.setting.value if entry is not None and isinstance(entry.setting.value, str) else None


def texts_of(server: OrthancServer, name: str) -> tuple[Setting, ...]:
    """The known texts that the list option ``name`` holds; for the two token options one text stands for a list of it."""
    entry = option(server, name)
    if entry is None:
        return ()
    single = (entry.setting,) if name.startswith("Token") else ()
    items = single if entry.setting.kind == "string" else entry.setting.items
    return tuple(item for item in items if item.kind == "string" and is_known(server, item))


def place(origins: Iterable[Origin | None], server: OrthancServer) -> Location | None:
    """The first of ``origins`` that stands in a file; else where the server itself is described."""
    for origin in origins:
        if origin is not None and origin.location is not None:
            return origin.location
    if server.container is not None:
        return server.container.location
    return server.sources[0].place(Span(0, 0)) if server.sources else None


def key_place(server: OrthancServer, entry: Entry) -> Location | None:
    """Where the name of a member is written."""
    return place((entry.key_origin, entry.setting.origin), server)


def value_place(server: OrthancServer, entry: Entry) -> Location | None:
    """Where the value of a member is written."""
    return place((entry.setting.origin, entry.key_origin), server)


def section_place(server: OrthancServer) -> Location | None:
    """Where the name of the Authorization section is written, else where the server is described."""
    entry = server.configuration.entry(SECTION)
    if entry is None:
        return place((), server)
    origins = [entry.key_origin, entry.setting.origin]
    origins += [member.key_origin for member in entry.setting.members.values()]
    return place(origins, server)


def runs_plugin(server: OrthancServer) -> bool:
    """Whether the section is there and the plugin is not known to be switched off."""
    return section(server) is not None and (server.enabled_plugins is None or SECTION in server.enabled_plugins)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the plugin's filter checks: ``profiles`` of users by rules and labels, ``shares`` by resource tokens."""

    profiles: bool
    shares: bool

    @property
    def on(self) -> bool:
        """Whether there is a filter at all; without it every request passes."""
        return self.profiles or self.shares


def filter_of(server: OrthancServer) -> Filter:
    """The filter that the options of ``server`` switch on.

    Source: the plugin reads the single addresses only where ``WebServiceRootUrl`` is absent, and ``WebService`` only
    where ``WebServiceTokenValidationUrl`` is absent or empty; an empty root address still counts as one.
    """
    if not runs_plugin(server):
        return Filter(profiles=False, shares=False)
    if server.plugin.version < _PROFILES:
        return Filter(profiles=False, shares=True)
    if option(server, "WebServiceRootUrl") is not None:
        return Filter(profiles=True, shares=True)
    return Filter(
        profiles=bool(text_of(server, "WebServiceUserProfileUrl")),
        shares=bool(text_of(server, "WebServiceTokenValidationUrl") or text_of(server, "WebService")),
    )


@dataclass(frozen=True, slots=True)
class Authentication:
    """The core's own authentication: whether it is on, the option that says so, and whether other machines may call."""

    enabled: bool
    entry: Entry | None
    remote: bool


def authentication(server: OrthancServer) -> Authentication:
    """Whether the core asks for a user name and a password.

    Where ``AuthenticationEnabled`` is absent the core does as ``RemoteAccessAllowed`` says; both are true by default
    in the orthancteam image.
    """
    remote = server.configuration.get("RemoteAccessAllowed")
    allowed = remote.value is True if remote is not None else server.image is not None
    entry = server.configuration.entry("AuthenticationEnabled")
    if entry is not None and isinstance(entry.setting.value, bool):
        return Authentication(entry.setting.value, given(server, "AuthenticationEnabled"), allowed)
    return Authentication(allowed, None, allowed)


def refuses_basic(server: OrthancServer) -> bool:
    """Whether this version of the plugin stops the start where the filter and the core's authentication are both on."""
    return _NO_BASIC_FROM <= server.plugin.version < _NO_BASIC_BEFORE


@dataclass(frozen=True, slots=True)
class TokenName:
    """A header or an argument of the query string that may hold a token.

    ``standard`` is the standard configuration that adds it; else ``setting`` is where it is written.
    """

    name: str
    header: bool
    standard: str | None = None
    setting: Setting | None = None


def token_names(server: OrthancServer) -> tuple[TokenName, ...]:
    """The tokens that the plugin looks for, in its order: headers by name, byte by byte, then arguments by name."""
    found: dict[tuple[bool, str], TokenName] = {}
    for name, header in (("TokenHttpHeaders", True), ("TokenGetArguments", False)):
        for setting in texts_of(server, name):
            found.setdefault((header, str(setting.value)), TokenName(str(setting.value), header, setting=setting))
    for standard in standards(server):
        for token in standard.token_headers:
            found.setdefault((True, token), TokenName(token, header=True, standard=standard.name))
        for token in standard.token_get_arguments:
            found.setdefault((False, token), TokenName(token, header=False, standard=standard.name))
    return tuple(sorted(found.values(), key=lambda token: (not token.header, token.name.encode("utf-8", "replace"))))


def standards(server: OrthancServer) -> Iterator[StandardConfiguration]:
    """The standard configurations that are asked for and known to the plugin of this server."""
    release = closest(server.plugin.version)
    for setting in texts_of(server, "StandardConfigurations"):
        known = release.standard_configuration(str(setting.value))
        if known is not None:
            yield known
