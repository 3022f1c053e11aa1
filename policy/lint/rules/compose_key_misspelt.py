"""Rule ``compose-key-misspelt``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from policy.configuration.source import Kind, Source
from policy.lint.finding import Finding, Severity
from policy.lint.rule import Rule
from policy.lint.views.names import very_near
from policy.lint.views.node_fixes import rename_member
from policy.text import Member, Node

if TYPE_CHECKING:
    from policy.lint.context import Context


class ComposeKeyMisspelt(Rule):
    r"""A key of a Compose file that Docker Compose does not know.

    ## What it checks

    The keys at the top of a Compose file and in its services that are nearly a known one.

    ## Why it matters

    Docker Compose refuses the whole file, and no container is started.
    Until then nobody can tell which files and variables the containers would have got.

    ## Example

    ```yaml docker-compose.yml line=4
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        enviroment:
          ORTHANC__NAME: "A"
    ```

    ## Use instead

    ```yaml docker-compose.yml
    services:
      orthanc:
        image: orthancteam/orthanc:25.9.0
        environment:
          ORTHANC__NAME: "A"
    ```

    ## Exceptions

    Keys that begin with `x-` are free, and so are the names of services:

    ```yaml docker-compose.yml
    x-image: &image
      image: orthancteam/orthanc:25.9.0
    services:
      image:
        <<: *image
        x-environ: "free"
    ```
    """

    code: ClassVar[str] = "CFG033"
    name: ClassVar[str] = "compose-key-misspelt"
    title: ClassVar[str] = "Key that Docker Compose does not know"
    severity: ClassVar[Severity] = Severity.ERROR
    tags: ClassVar[tuple[str, ...]] = ("owasp:API8:2023", "nist:CM-6")
    fixable: ClassVar[str] = "unsafe"

    def check_source(self, source: Source, context: Context) -> Iterator[Finding]:
        root = source.document.root
        if source.kind is not Kind.COMPOSE or source.variable is not None or root is None or root.kind != "object":
            return
        from policy.knowledge import compose_keys

        yield from self._keys(source, root, compose_keys.names("top"))
        services = root.get("services")
        for service in services.members if services is not None else ():
            yield from self._keys(source, service.value, compose_keys.names("service"))

    def _keys(self, source: Source, node: Node, known: Iterable[str]) -> Iterator[Finding]:
        names = frozenset(known)
        for member in node.members:
            if member.key in names or member.key.startswith(("x-", "<<")):
                continue
            near = tuple(name for name in very_near(member.key, names) if node.get(name) is None)
            if near:
                yield self._key(source, member, near)

    def _key(self, source: Source, member: Member, near: tuple[str, ...]) -> Finding:
        return self.finding(
            source.place(member.key_span),
            f"Docker Compose does not know the key {member.key} and refuses the whole file: no container is started.",
            f"Did you mean {' or '.join(near)}?",
            fix=rename_member(source, member, near[0]) if len(near) == 1 else None,
            facts={"subject": member.key, "meant": near[0], "outcome": "no-start"},
        )
