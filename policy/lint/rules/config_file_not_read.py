"""Rule ``config-file-not-read``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind
from policy.lint.finding import Confidence, Finding, Persona, Severity
from policy.lint.rule import Rule
from policy.lint.views.options import SECTION
from policy.lint.views.variables import of_image

if TYPE_CHECKING:
    from policy.configuration.deployment import Mount, OrthancServer
    from policy.configuration.source import Location, Source
    from policy.lint.context import Context


_FOLDER = "/etc/orthanc"
_ENDINGS = (".json", ".jsonc", ".json5")


class ConfigFileNotRead(Rule):
    r"""A configuration file under a name that is not read.

    ## What it checks

    Whether each configuration that is mounted into `/etc/orthanc` has a name that the server looks for there.
    The orthancteam image reads `*.json`, in small letters; Orthanc itself reads `*.json` in any case.
    Anything else, `orthanc.jsonc` included, is passed over without a message.

    ## Why it matters

    Orthanc starts as if the file were not there.
    If it holds the Authorization section nothing is filtered.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.jsonc:/etc/orthanc/orthanc.jsonc
    ```
    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Use instead

    Any name on the host will do, as long as the name in the container ends in `.json`:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./orthanc.jsonc:/etc/orthanc/orthanc.json
    ```
    ```jsonc orthanc.jsonc
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
    }
    ```

    ## Exceptions

    Files that are no configuration, such as certificates and scripts:

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        volumes:
          - ./viewer.js:/etc/orthanc/viewer.js
    ```
    ```js viewer.js
    window.config = {routerBasename: "/ohif"};
    ```
    """

    code: ClassVar[str] = "DEP001"
    name: ClassVar[str] = "config-file-not-read"
    title: ClassVar[str] = "Configuration file that nobody reads"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "cwe:862", "nist:CM-6")
    fixable: ClassVar[str] = "the name in the container is written in the Compose file"

    def check_server(self, server: OrthancServer, context: Context) -> Iterator[Finding]:
        container = server.container
        if container is None or (server.family == "orthancteam" and not of_image(server)):
            return
        for mount in container.mounts:
            targets: dict[str, Source | None] = dict(mount.files) or {mount.target: None}
            for target, source in targets.items():
                folder, _, name = target.rpartition("/")
                if folder == _FOLDER and not _is_read(server, name) and _is_configuration(name, source, mount):
                    yield self._report(server, mount, name, source)

    def check(self, context: Context) -> Iterator[Finding]:
        for ignored in context.deployment.ignored:
            source = ignored.source
            if source is None or ignored.location.source is not source or source.kind is not Kind.ORTHANC:
                continue
            if ignored.location.span.end == 0:
                yield self._unmounted(source, ignored.location, context)

    def _report(self, server: OrthancServer, mount: Mount, name: str, source: Source | None) -> Finding:
        root = source.document.root if source is not None else None
        carries = root is not None and root.get(SECTION) is not None
        who = f"The image orthancteam/orthanc:{server.image}" if of_image(server) else "Orthanc"
        then = (
            "its Authorization section has no effect, and the plugin filters nothing"
            if carries
            else "Orthanc starts as if it were not there"
        )
        return self.finding(
            mount.location,
            f"{who} does not read {name}: only names that end in .json are looked at in {_FOLDER}, so {then}.",
            f"Mount it as {_FOLDER}/{name.partition('.')[0] or 'orthanc'}.json.",
            severity=Severity.ERROR if carries or source is None else Severity.WARNING,
            confidence=Confidence.SURE if source is not None else Confidence.LIKELY,
            facts={"subject": name, "outcome": "open" if carries else "not-read", "target": f"{_FOLDER}/{name}"},
        )

    def _unmounted(self, source: Source, location: Location, context: Context) -> Finding:
        """A configuration beside a Compose file that no container gets."""
        root = source.document.root
        missed = (
            root is not None
            and root.get(SECTION) is not None
            and not any(server.authorization for server in context.deployment.servers)
        )
        return self.finding(
            location,
            "No container gets this file, so nothing in it has an effect.",
            f"Mount it as {_FOLDER}/orthanc.json, or remove it if it is not used any more.",
            severity=Severity.WARNING if missed else Severity.INFO,
            confidence=Confidence.LIKELY,
            persona=Persona.REGULAR if missed else Persona.PEDANTIC,
            facts={"subject": source.path, "outcome": "not-read"},
        )


def _is_read(server: OrthancServer, name: str) -> bool:
    return (name if of_image(server) else name.lower()).endswith(".json") and not name.startswith(".")


def _is_configuration(name: str, source: Source | None, mount: Mount) -> bool:
    """Whether a file looks like a configuration: by its name, or because Orthanc's options were found in it."""
    if name.lower().endswith(_ENDINGS):
        return source is not None or mount.unseen
    root = source.document.root if source is not None and source.kind is Kind.ORTHANC else None
    return root is not None and root.kind == "object" and (root.get(SECTION) or root.get("Name")) is not None
