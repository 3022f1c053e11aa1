"""What holds on a server while an option of the plugin is absent: the end of a sentence for messages."""

from __future__ import annotations

from policy.configuration.deployment import OrthancServer
from policy.knowledge.versions import Version
from policy.lint.views.options import ADDRESSES, authentication, filter_of

_LABELS = Version.parse("0.6.0")


def without_option(server: OrthancServer, name: str) -> str:
    """The consequence, as a clause without a full stop, of ``name`` not being set on ``server``."""
    if name in ADDRESSES:
        return _without_address(server, name)
    if name in ("CheckedLevel", "UncheckedLevels"):
        if server.option("UncheckedLevels" if name == "CheckedLevel" else "CheckedLevel"):
            return "the levels that are checked stay as they are"
        if server.plugin.version < _LABELS:
            return "every level is checked"
        return "every level is checked, the whole server included, and users with limited labels are refused everywhere"
    return _PLAIN.get(name, f"{name} keeps its default")


def _without_address(server: OrthancServer, name: str) -> str:
    if not filter_of(server).on and name not in ADDRESSES[3:6]:
        if authentication(server).enabled:
            return "the plugin filters nothing, and every registered user may do everything"
        return "the plugin filters nothing, and everybody who reaches the server may do everything"
    return _PLAIN.get(name, f"{name} is not set")


_PLAIN = {
    "WebServiceRootUrl": "the addresses of the web service are not set by it",
    "WebServiceUserProfileUrl": "no profile of a user is ever asked for",
    "WebServiceTokenValidationUrl": "share links are never asked about",
    "WebServiceTokenCreationBaseUrl": "no share link can be made",
    "WebServiceTokenDecoderUrl": "share links cannot be decoded",
    "WebServiceSettingsRolesUrl": "roles can be neither shown nor changed",
    "WebService": "share links are never asked about",
    "WebServiceUsername": "the plugin calls the web service without credentials",
    "WebServicePassword": "the plugin calls the web service without credentials",
    "WebServiceIdentifier": "the web service is not told which server asks",
    "TokenHttpHeaders": "the headers in it are not looked at, and who sends only these is nobody",
    "TokenGetArguments": "the arguments in it are not looked at, and who sends only these is nobody",
    "StandardConfigurations": "the files of the viewers are refused and their tokens are not looked at",
    "UncheckedResources": "the paths in it stay checked",
    "UncheckedFolders": "the paths below its folders stay checked",
    "Permissions": "the built-in list of rules applies instead",
    "ExtraPermissions": "the rules in it do not exist",
    "EnableAuditLogs": "nothing is recorded",
}
