"""Rule ``yaml-syntax``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.syntax import merge_markers
from policy.text import Leniency

if TYPE_CHECKING:
    from policy.lint.context import Context

_REFUSED = {
    "yaml-syntax": "it is no YAML here",
    "unknown-alias": "nothing is anchored under the name of this alias",
    "duplicate-key": "the key stands twice",
}
_WHO = {
    Kind.COMPOSE: "Docker Compose refuses the file and starts nothing",
    Kind.KUBERNETES: "Kubernetes refuses the manifest",
    Kind.HELM: "Helm refuses the values",
}


class YamlSyntax(Rule):
    r"""A YAML file that cannot be read.

    ## What it checks

    Compose files, manifests and values of charts: whether they are YAML, without double keys and unknown aliases.

    ## Why it matters

    Docker Compose refuses the whole file, and no container is started.
    The tool looks at what stands before the mistake.

    ## Example

    ```yaml docker-compose.yml line=5
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        restart: always
       environment:
          ORTHANC__NAME: "A"
    ```
    ---
    ```yaml docker-compose.yml line=4
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        image: orthancteam/orthanc:24.9.0
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        restart: always
        environment:
          ORTHANC__NAME: "A"
    ```

    ## Exceptions

    Markers of an unresolved merge are the subject of `merge-markers`.
    """

    code: ClassVar[str] = "SYN011"
    name: ClassVar[str] = "yaml-syntax"
    title: ClassVar[str] = "YAML that cannot be read"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "what was meant is not known"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        document = source.document
        who = _WHO.get(source.kind)
        if who is None or document.language != "yaml" or source.variable is not None or merge_markers(source):
            return
        for leniency in document.leniencies:
            reason = _REFUSED.get(leniency.kind)
            if reason is not None:
                yield self._refused(source, leniency, who, reason)

    def _refused(self, source: Source, leniency: Leniency, who: str, reason: str) -> Finding:
        double = leniency.kind == "duplicate-key"
        said = f" ({leniency.detail})" if leniency.kind == "yaml-syntax" and leniency.detail else ""
        return self.finding(
            source.place(leniency.span),
            f"{who}: {reason}{said}.",
            "Keep one of the two."
            if double
            else "Look at the indentation, the quotes and the brackets before this place.",
            severity=Severity.WARNING if double and source.kind is not Kind.COMPOSE else Severity.ERROR,
            facts={"subject": leniency.kind, "outcome": "no-start"},
        )
