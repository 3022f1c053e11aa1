"""The clients that a deployment uses, and which of their features its rules refuse to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from policy.knowledge.routes import with_root
from policy.knowledge.versions import Version
from policy.lint.views.built_in import asked_by_default
from policy.lint.views.coverage import coverage
from policy.lint.views.options import given, key_place, texts_of
from policy.lint.views.unchecked import dicom_web_root
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.knowledge.clients import ClientRequest, Feature
    from policy.lint.context import Context
    from policy.lint.views.coverage import Coverage
    from policy.lint.views.route_table import Known

_INFERRED = (
    ("orthanc-explorer-2", "Orthanc Explorer 2", "OrthancExplorer2"),
    ("stone-webviewer", "the Stone Web viewer", "StoneWebViewer"),
    ("ohif", "OHIF", "OHIF"),
    ("volview", "VolView", "VolView"),
)
"""Client, its name in a sentence, and the section of the plugin that serves it; the standard configuration has the
client's name."""
_OPTIONAL = {"worklists": "Worklists"}
"""Features that need a plugin of their own."""
_NEVER = frozenset({"audit-logs", "inbox"})
"""Features that are off unless an option that is asked for elsewhere switches them on."""
_DAILY = frozenset({"start", "browse", "view", "download"})
"""What everybody does who uses the client, whatever the roles are called."""
PAGES = ("/ui/app", "/stone-webviewer/", "/ohif", "/volview/", "/stl/", "/wsi/", "/app/", "/dicom-web/app/")
"""Static pages: whether they are open is told by ohif-standard-missing."""


@dataclass(frozen=True, slots=True)
class Used:
    """A client with the reason why it is taken to be used; ``place``: where that stands, if anywhere."""

    client: str
    name: str
    because: str
    place: Location | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A feature that an essential request of it, refused to everybody, keeps from working."""

    feature: Feature
    request: ClientRequest
    target: str
    refused: tuple[str, ...]
    """All its refused essential requests, as METHOD /path."""
    by_link: bool
    """Whether a link that Orthanc Explorer 2 makes for one study opens all of them: then it works by such links."""


def used_clients(server: OrthancServer, context: Context) -> tuple[Used, ...]:
    """The clients named by the user; else those that the configuration shows."""
    return context.once(("used clients", id(server)), lambda: tuple(_used(server, context)))


def _used(server: OrthancServer, context: Context) -> Iterator[Used]:
    if context.clients:
        for name in context.clients:
            yield Used(name, _title(name), "named by --client", None)
        return
    standard = {str(setting.value): setting for setting in texts_of(server, "StandardConfigurations")}
    loaded = server.enabled_plugins
    for client, title, section in _INFERRED:
        on = loaded is None or section.lower() in {name.lower() for name in loaded}
        switch = server.configuration.get(section, "Enable")
        if not on or (switch is not None and switch.value is False):
            continue
        setting = standard.get(client)
        entry = given(server, section)
        if setting is not None:
            yield Used(client, title, f"{client} is among the standard configurations", setting.origin.location)
        elif entry is not None and (loaded is not None or client == "orthanc-explorer-2"):
            yield Used(client, title, f"there is a section {section}", key_place(server, entry))
        elif client == "ohif":
            source = server.container.source if server.container is not None else None
            container = next(
                (one for one in context.deployment.containers if one.role == "ohif" and one.source is source), None
            )
            if container is not None:
                yield Used(client, title, f"the container {container.name} runs it", container.location)


def _title(client: str) -> str:
    return TITLES.get(client, client)


def target_text(request: ClientRequest, server: OrthancServer) -> str:
    """Method and path of a request."""
    return f"{request.method} {target_of(request, server)}"


TITLES = {client: title for client, title, _ in _INFERRED} | {"3d-slicer": "3D Slicer", "weasis": "Weasis"}
"""How clients are called in a sentence, where not by their name in the table."""


def features_used(client: str, server: OrthancServer) -> Iterator[Feature]:
    """The features of ``client`` that this configuration can have switched on."""
    from policy.knowledge.clients import features_of

    source = server.configuration.get("OHIF", "DataSource")
    json = source is not None and source.value == "dicom-json"
    loaded = {name.lower() for name in server.enabled_plugins or ()}
    for feature in features_of(client):
        if feature.name in _NEVER:
            continue
        needed = _OPTIONAL.get(feature.name)
        if needed is not None and needed.lower() not in loaded:
            continue
        if client == "ohif" and ("DICOM-JSON" in feature.name) != json:
            continue
        yield feature


def target_of(request: ClientRequest, server: OrthancServer) -> str:
    """The path of a request below the DICOMweb root of ``server``, without its query string."""
    return with_root(request.witness.partition("?")[0], dicom_web_root(server))


def broken_features(used: Used, server: OrthancServer, context: Context) -> tuple[Broken, ...]:
    """The features of a client that nobody can use although somebody is meant to."""
    return context.once(("broken features", id(server), used.client), lambda: tuple(_broken(used, server, context)))


def _broken(used: Used, server: OrthancServer, context: Context) -> Iterator[Broken]:
    covered = coverage(server, context)
    if covered is None:
        return
    for feature in features_used(used.client, server):
        refused = [
            request
            for request in feature.essential
            if not request.witness.startswith(PAGES) and covered.nobody(request.method, target_of(request, server))
        ]
        if refused and _is_meant(feature, refused, server, covered):
            first = refused[0]
            names = tuple(target_text(request, server) for request in refused)
            linked = _carries_link(feature, server) and all(_by_link(one, server, covered) for one in refused)
            yield Broken(feature, first, target_of(first, server), names, linked)


def _carries_link(feature: Feature, server: OrthancServer) -> bool:
    """Whether the client sends the token of a link with the feature's requests."""
    if feature.client == "volview" and server.image is not None and server.image.version < VOLVIEW_TOKENS_FROM:
        return False
    return feature.client in _VIEWERS or "argument" in feature.token


def _by_link(request: ClientRequest, server: OrthancServer, covered: Coverage) -> bool:
    """Whether the token of a link to the study opens the request, and somebody may make such a link."""
    from policy.auth_service.shares import Share, SharedResource

    policy = covered.policy
    if request.method != "GET" or not policy.settings.shares:
        return False
    if all(covered.nobody("PUT", path) for path in _LINKS):
        return False
    link = Share((SharedResource(_STUDY, _STUDY_ID),), "viewer-instant-link")
    query = request.target.partition("?")[2]
    target = target_of(request, server) + (f"?{query}" if query else "")
    return policy.decide(target, link).effect != "deny"


_VIEWERS = frozenset({"stone-webviewer", "ohif", "volview"})
_LINKS = ("/auth/tokens/viewer-instant-link", "/auth/tokens/download-instant-link")
_STUDY, _STUDY_ID = "1.2.840.113619.2.1", "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"
"""The study of the requests in the table of clients."""
VOLVIEW_TOKENS_FROM = Version.parse("25.2.0")
"""The first image whose VolView passes the token of its page on."""


def _is_meant(feature: Feature, refused: list[ClientRequest], server: OrthancServer, covered: Coverage) -> bool:
    """Whether somebody holds a permission by which the built-in list opens the feature: then the client shows it.

    Where the roles are not known, what everybody does with the client is meant.
    """
    if feature.client != "orthanc-explorer-2":
        return True
    if not covered.roles_known:
        return feature.name in _DAILY
    for request in refused:
        names = asked_by_default(server.plugin.version, request.method, request.witness.partition("?")[0])
        if names is None:
            return False
        if not any(names & frozenset(subject.profile.permissions) for subject in covered.subjects if subject.roles):
            return False
    return True


def clients_breaking(refused: Iterable[Known], server: OrthancServer, context: Context) -> tuple[str, ...]:
    """The clients that send one of these requests for something essential; see :func:`breaking_by_paths`."""
    return breaking_by_paths({(known.method, known.path) for known in refused}, server, context)


def breaking_by_paths(
    refused: AbstractSet[tuple[str, str]], server: OrthancServer, context: Context
) -> tuple[str, ...]:
    """The clients of the deployment that send one of these requests, (method, path), for something essential; if it uses
    none that the files show, the best known ones that do.
    """
    from policy.knowledge.clients import features

    hurt = {
        feature.client
        for feature in features()
        for request in feature.essential
        if (request.method, target_of(request, server)) in refused
    }
    used = tuple(one.name for one in used_clients(server, context) if one.client in hurt)
    return used or tuple(TITLES[client] for client in _KNOWN if client in hurt)


_KNOWN = ("ohif", "3d-slicer", "weasis")
"""Clients that no file of the server shows."""
