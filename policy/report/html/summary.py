"""What a page is about: what was read, which versions it was judged by, what was assumed, how much was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policy import __version__
from policy.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policy.configuration.deployment import Deployment
    from policy.report.html.subject import Subject
    from policy.report.view import View

_KINDS = {
    "orthanc": "configuration of Orthanc",
    "permissions": "roles of the auth service",
    "anonymous": "profile of requests without a token",
    "compose": "Compose file",
    "kubernetes": "Kubernetes manifests",
    "helm": "values of a Helm chart",
    "environment": "environment variables",
    "nginx": "configuration of nginx",
    "realm": "Keycloak realm",
}


class File(NamedTuple):
    """A file that was read, and what it is; ``aside`` says why it counts for nothing, if it does."""

    name: str
    kind: str
    aside: str = ""


class Summary(NamedTuple):
    """The head of a page. ``counts`` are numbers of findings by severity."""

    title: str
    tool: str
    files: tuple[File, ...]
    versions: tuple[str, ...]
    assumptions: tuple[str, ...]
    counts: dict[str, int]
    silenced: int
    checked: int


def summary(view: View, about: Subject | str) -> Summary:
    """The head of the page of a run."""
    result = view.result
    name = about.server.name if not isinstance(about, str) else ""
    return Summary(
        view.masks.text(name) or "Orthanc",
        f"policy-lint {__version__}",
        tuple(_files(view)),
        tuple(view.versions()),
        tuple(map(view.masks.text, _assumptions(result.deployment, about))),
        result.counts(),
        len(result.silenced),
        len(result.rules),
    )


def _files(view: View) -> Iterator[File]:
    deployment = view.result.deployment
    ignored = {one.source.path: one.reason for one in deployment.ignored if one.source is not None}
    seen: set[str] = set()
    for source in deployment.sources:
        if source.path not in seen:
            seen.add(source.path)
            aside = view.masks.text(ignored.get(source.path, ""))
            yield File(visible(source.path), _KINDS.get(str(source.kind), str(source.kind)), aside)


def _assumptions(deployment: Deployment, about: Subject | str) -> Iterator[str]:
    known = [(f"the Authorization plugin of {server.name}", server.plugin) for server in deployment.servers]
    known += [(f"the auth service {service.name}", service.version) for service in deployment.auth_services]
    for what, version in known:
        if version.assumed:
            yield f"The version of {what} is not told by the files: {version.version} is taken."
    if isinstance(about, str):
        return
    policy = about.policy
    if policy.off is not None:
        yield f"No filter is installed: {policy.off}."
    if policy.roles is None:
        yield "The files give no roles, so that the columns are whoever has a permission, with all labels."
    if policy.proxy is None:
        yield "No reverse proxy is among the files: paths are those that Orthanc itself sees."
    yield "What the archive holds is not known: where labels of a study decide, the answer says so."
