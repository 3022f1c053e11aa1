"""Rule ``anonymous-not-mounted``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.auth import PROFILE_FROM, behaviour_of
from policy.text import Span

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, EffectiveVariable, IgnoredFile
    from policy.configuration.source import Location, Source
    from policy.lint.context import Context

_VARIABLE = "ANONYMOUS_PROFILE_FILE_PATH"
_DEFAULT = "/orthanc_auth_service/anonymous-profile.json"


class AnonymousNotMounted(Rule):
    r"""An anonymous profile that the auth service does not read.

    ## What it checks

    The auth service looks for the profile of visitors at one path: the one in `ANONYMOUS_PROFILE_FILE_PATH`, else
    `/orthanc_auth_service/anonymous-profile.json`, with underscores in the folder.
    Up to 25.7.0 it reads no such file at all.
    Reported are profiles that are mounted elsewhere or nowhere, a variable that is empty or leads to no file, and profiles
    for an old service.

    ## Why it matters

    The file has no effect, without a message: visitors have the rights of the profile in the image, which lets them upload
    since 25.8.0, or none.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./anonymous-profile.jsonc:/orthanc_auth_service/anonymous-profile.jsonc
    ```
    ```json anonymous-profile.jsonc
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ANONYMOUS_PROFILE_FILE_PATH: ""
        volumes:
          - ./anonymous-profile.json:/orthanc_auth_service/anonymous-profile.json
    ```
    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
        volumes:
          - ./anonymous-profile.json:/orthanc_auth_service/anonymous-profile.json
    ```
    ```json anonymous-profile.json
    {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
    ```
    ---
    ```yaml docker-compose.yml
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
    ```
    ```json anonymous-profile.json line=1
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./anonymous-profile.jsonc:/orthanc_auth_service/anonymous-profile.json
    ```
    ```json anonymous-profile.jsonc
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ```

    ## Exceptions

    An empty variable without a mounted file is the way to switch the profile off:

    ```yaml docker-compose.yml
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          ANONYMOUS_PROFILE_FILE_PATH: ""
    ```
    """

    code: ClassVar[str] = "ANO006"
    name: ClassVar[str] = "anonymous-not-mounted"
    title: ClassVar[str] = "Anonymous profile that is not read"
    severity: ClassVar[Severity] = Severity.WARNING
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6", "nist:AC-14")
    fixable: ClassVar[str] = "the path or the mount may be wrong"

    def check(self, context: Context) -> Iterator[Finding]:
        for ignored in context.deployment.ignored:
            source = ignored.source
            if source is None or source.kind is not Kind.ANONYMOUS or ignored.location.source is not source:
                continue
            if ignored.location.span.end == 0:
                yield self._unmounted(source, ignored)

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        behaviour = behaviour_of(service)
        if behaviour is None:
            return
        if not behaviour.reads_anonymous_profile:
            yield from self._old(service)
        elif service.container is not None:
            yield from self._elsewhere(service, context)

    def _unmounted(self, source: Source, ignored: IgnoredFile) -> Finding:
        root = source.document.root
        start = root.span.start if root is not None else 0
        return self.finding(
            source.place(Span(start, min(start + 1, len(source.document.text)))),
            f"Nobody reads this profile: {ignored.reason}.",
            f"Mount it onto {_DEFAULT}.",
            facts={"subject": source.path, "kind": "unmounted"},
        )

    def _old(self, service: AuthService) -> Iterator[Finding]:
        place = next((location for _, location, _ in _profiles(service)), None)
        variable = service.environment.get(_VARIABLE)
        if place is None and variable is not None and variable.location is not None:
            place = variable.location
        if place is None and service.anonymous is not None:
            root = service.anonymous.document.root
            place = service.anonymous.place(Span(root.span.start, root.span.start + 1)) if root is not None else None
        if place is not None:
            yield self.finding(
                place,
                f"The auth service {service.version} reads no anonymous profile: who sends no token has no rights, whatever "
                "the file grants.",
                f"Use the auth service {PROFILE_FROM} or later, or remove the file.",
                facts={"subject": "anonymous-profile.json", "kind": "old"},
            )

    def _elsewhere(self, service: AuthService, context: Context) -> Iterator[Finding]:
        variable = service.environment.get(_VARIABLE)
        path = variable.value if variable is not None else _DEFAULT
        if path is None or service.anonymous is not None:
            return
        instead = _instead(service, context)
        mounted = list(_profiles(service))
        for target, location, source in mounted:
            if path == "" and target == _DEFAULT and variable is not None:
                yield self.finding(
                    variable.location or location,
                    "The empty variable switches the anonymous profile off: the file that is mounted is not read, and who "
                    "sends no token has no rights.",
                    "Remove the variable to have the file read, or the mount.",
                    facts={"subject": target, "kind": "empty-variable"},
                )
            elif target != posixpath.normpath(path or _DEFAULT):
                looks = f"looks at {path}" if path else "is told by an empty variable to look nowhere"
                yield self.finding(
                    location,
                    f"The auth service {service.version} {looks} and not at {target}: {instead}.",
                    f"Mount the file onto {path or _DEFAULT}.",
                    facts={"subject": target, "kind": "elsewhere", "file": source.path if source is not None else ""},
                )
        if not mounted and path and variable is not None and variable.location is not None and path != _DEFAULT:
            yield from self._no_file(service, variable, path)

    def _no_file(self, service: AuthService, variable: EffectiveVariable, path: str) -> Iterator[Finding]:
        container = service.container
        assert container is not None and variable.location is not None  # noqa: S101, PT018 - asked for by the caller
        folder = posixpath.dirname(posixpath.normpath(path))
        covering = any(
            posixpath.normpath(path).startswith(posixpath.normpath(mount.target).rstrip("/") + "/")
            or posixpath.normpath(mount.target) == posixpath.normpath(path)
            for mount in container.mounts
        )
        if not covering and not container.built and "${" not in path:
            yield self.finding(
                variable.location,
                f"Nothing is mounted onto {path}, or into {folder}: the auth service writes an error into its log, and who "
                "sends no token has no rights.",
                "Mount the profile onto this path.",
                facts={"subject": path, "kind": "no-file"},
            )


def _profiles(service: AuthService) -> Iterator[tuple[str, Location, Source | None]]:
    """Files in the container that are anonymous profiles by content, or by name where they are not given."""
    container = service.container
    for mount in container.mounts if container is not None else ():
        for target, source in mount.files.items():
            if source.kind is Kind.ANONYMOUS:
                yield posixpath.normpath(target), mount.location, source
        if not mount.files and "anonymous" in posixpath.basename(mount.target).lower():
            yield posixpath.normpath(mount.target), mount.location, None


def _instead(service: AuthService, context: Context) -> str:
    profile = context.anonymous(service)
    if profile.permissions:
        return f"the profile in the image stays in force, which grants {' and '.join(profile.permissions)} to everybody"
    return "who sends no token has no rights, whatever the file grants"
