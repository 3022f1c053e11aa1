"""Which known routes somebody reaches, decided one by one by the compiled policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from policy.knowledge.routes import CORE, DICOM_WEB_ROOT, Route, routes, with_root
from policy.lint.views.unchecked import dicom_web_root
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.auth_service import Profile
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Policy

_ALWAYS = (CORE, "dicom-web")
_BY_RULE = ("permission", "labels")
_SEARCHES = ("/tools/find", "/tools/count-resources", "/tools/labels")
_SEARCH = b'{"Level": "Study", "Query": {}}'


@dataclass(frozen=True, slots=True)
class Reached:
    """A route that passes: ``certain``, or only where the labels of the resource fit.

    ``asked`` are the permissions of which one is enough.
    """

    route: Route
    target: str
    certain: bool
    asked: frozenset[str] = frozenset()
    by_permission: bool = False
    """Whether a permission of the sender opens it, and not something that holds for everybody."""

    def __str__(self) -> str:
        return f"{self.route.method} {self.target.partition('?')[0]}"


def served(server: OrthancServer | None) -> Iterator[Route]:
    """The routes of the core and of DICOMweb, and of the plugins that are known to be loaded on ``server``."""
    enabled = {_plain(name) for name in server.enabled_plugins or ()} if server is not None else set()
    for route in routes():
        if route.plugin in _ALWAYS or _plain(route.plugin) in enabled:
            yield route


def reached(
    policy: Policy,
    wanted: Iterable[Route],
    profile: Profile | None,
    server: OrthancServer | None = None,
    *,
    sees_all: bool,
) -> list[Reached]:
    """Those of ``wanted`` that the sender reaches; ``profile`` None is whoever sends no token.

    ``sees_all`` tells whether the sender has the label ``*``: searches are narrowed for everybody else, behind the filter.
    """
    root = dicom_web_root(server) if server is not None else DICOM_WEB_ROOT
    found: list[Reached] = []
    for route in wanted:
        target = with_root(route.witness, root)
        request = f"{route.method} {target}"
        decision = policy.decide(request, profile)
        certain = decision.effect == "permit"
        if certain and _is_search(target, root):
            decision = policy.decide(request, profile, body=_SEARCH if route.method == "POST" else b"")
            certain = sees_all and decision.effect == "permit"
        if decision.effect != "deny":
            rule = decision.rule
            found.append(
                Reached(route, target, certain, rule.permissions if rule else frozenset(), decision.reason in _BY_RULE)
            )
    return found


def by_profile(
    policy: Policy,
    wanted: Iterable[Route],
    profile: Profile | None,
    server: OrthancServer | None = None,
    *,
    sees_all: bool,
) -> list[Reached]:
    """As :func:`reached`, of that only what the permissions of the sender open: not what is open to everybody anyway."""
    return [one for one in reached(policy, wanted, profile, server, sees_all=sees_all) if one.by_permission]


def _is_search(target: str, root: str) -> bool:
    path = target.partition("?")[0]
    return path in _SEARCHES or path.removeprefix(root) in ("studies", "series", "instances")


def patients_data(server: OrthancServer | None) -> tuple[Route, ...]:
    """The served routes that read, change or delete patients' data."""
    return tuple(route for route in served(server) if route.reaches_patient_data and not route.deprecated)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


@cache
def default_policy() -> Policy:
    """The built-in rules of the newest plugin with the usual level, for files that come without a configuration."""
    from policy.engine import Policy
    from policy.knowledge import plugin

    section = {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": ["token"],
    }
    configuration = {"AuthenticationEnabled": False, "Authorization": section}
    return Policy.from_configuration(configuration, plugin=str(plugin.newest().version))


def with_server_root(path: str, server: OrthancServer) -> str:
    """``path`` below the DICOMweb root of ``server``."""
    return with_root(path, dicom_web_root(server))
