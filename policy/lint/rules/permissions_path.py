"""Rule ``permissions-path``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind
from policy.lint.finding import Finding, Related, Severity
from policy.lint.rule import Rule
from policy.lint.views.containers import known_value, may_be_elsewhere

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Mount
    from policy.configuration.source import Location
    from policy.lint.context import Context


_VARIABLE = "PERMISSIONS_FILE_PATH"
_DEFAULT = "/orthanc_auth_service/permissions.json"
_WRONG_FOLDER = "/orthanc-auth-service/"


class PermissionsPath(Rule):
    r"""A file of roles that the auth service does not read.

    ## What it checks

    The auth service reads the path in `PERMISSIONS_FILE_PATH`, else `/orthanc_auth_service/permissions.json`, with underscores in
    the folder.
    Reported are files of roles that are mounted elsewhere, such as below `/orthanc-auth-service/`, and a variable that leads to no
    file.

    ## Why it matters

    The roles of the sample in the image stay in force: admin-role, doctor-role and external-role.
    A variable that leads to no file makes the service exit.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./permissions.json:/orthanc-auth-service/permissions.json
    ```
    ```jsonc permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```
    ---
    ```yaml docker-compose.yml line=5
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        environment:
          PERMISSIONS_FILE_PATH: "/roles/permissions.json"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - ./permissions.json:/orthanc-auth-service/permissions.json
        environment:
          PERMISSIONS_FILE_PATH: "/orthanc-auth-service/permissions.json"
    ```
    ```jsonc permissions.json
    {"roles": {"reader": {"permissions": ["view"], "authorized-labels": ["*"]}}}
    ```

    ## Exceptions

    A folder that was not given may hold the file:

    ```yaml docker-compose.yml
    services:
      auth:
        image: orthancteam/orthanc-auth-service:25.9.0
        volumes:
          - roles:/roles
        environment:
          PERMISSIONS_FILE_PATH: "/roles/permissions.json"
    ```
    """

    code: ClassVar[str] = "DEP054"
    name: ClassVar[str] = "permissions-path"
    title: ClassVar[str] = "Roles where the auth service does not look"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "owasp:API5:2023", "nist:CM-6")
    fixable: ClassVar[str] = "the path or the mount may be wrong"

    def check_auth_service(self, service: AuthService, context: Context) -> Iterator[Finding]:
        container = service.container
        if container is None or not service.official or service.permissions is not None or may_be_elsewhere(container):
            return
        variable = service.environment.get(_VARIABLE)
        path = known_value(variable)
        if path is None:
            return
        path = posixpath.normpath(path)
        if any(_covers(mount, path) for mount in container.mounts):
            return
        wrong = next((found for mount in container.mounts if (found := _roles(mount)) is not None), None)
        set_here = variable is not None and variable.location is not None and path != _DEFAULT
        if set_here and variable is not None and variable.location is not None:
            yield self.finding(
                variable.location,
                f"The auth service {service.version} exits at start: no mount puts a file at {path}.",
                f"Mount the file of roles onto {path}, or remove {_VARIABLE}.",
                related=[Related(wrong[1], "a file of roles is mounted here")] if wrong is not None else [],
                facts={"subject": path, "outcome": "no-start"},
            )
        elif wrong is not None:
            target, location = wrong
            yield self.finding(
                location,
                f"The auth service {service.version} looks at {path} and not at {target}: the roles of the sample in the image stay "
                "in force (admin-role, doctor-role, external-role).",
                f"Mount the file onto {path}, or set {_VARIABLE} to {target}.",
                facts={"subject": target, "outcome": "sample-roles"},
            )


def _covers(mount: Mount, path: str) -> bool:
    """Whether a mount puts a file at ``path``, or may do so."""
    target = posixpath.normpath(mount.target)
    return path == target or path.startswith(f"{target.rstrip('/')}/")


def _roles(mount: Mount) -> tuple[str, Location] | None:
    """Where a mount puts a file of roles: known by its content, or by its name in the wrong folder."""
    for target, source in mount.files.items():
        if source.kind is Kind.PERMISSIONS and source.document.root is not None and source.document.root.get("roles"):
            return target, mount.location
    name = posixpath.basename(posixpath.normpath(mount.target))
    if mount.target.startswith(_WRONG_FOLDER) and name.startswith("permissions."):
        return mount.target, mount.location
    return None
