"""What another version of the plugin, the auth service or the image changes, and a patch of the rules for it.

The patch merges an old copy of the built-in list with the new one: what somebody changed in the copy stays, as
``ExtraPermissions`` where the version has them and they mean the same there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policy.engine import Policy
from policy.engine.loading import Locator, choose_server
from policy.errors import PolicyError, UsageError
from policy.knowledge import plugin, plugin_changes, service
from policy.knowledge.versions import Version
from policy.lint.context import Context
from policy.lint.views.built_in import comparison
from policy.lint.views.coverage import own_list
from policy.questions import rule_edits
from policy.questions.changes import FileChange
from policy.questions.diff import Diff, Given, diff
from policy.questions.merging import Merge, Row, merge
from policy.questions.relation import Relation
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.configuration.deployment import Deployment, OrthancServer
    from policy.lint.finding import Finding
    from policy.text import Document

EXTRA_SINCE = Version.parse("0.10.0")
"""The first plugin that reads ``ExtraPermissions``."""

HOW = {
    "": "there is no list Permissions: the built-in one of the new version counts",
    "not-a-copy": "Permissions is no copy of a built-in list: it stays as it is",
    "removed": "Permissions is removed, so that the built-in list counts",
    "extra": "Permissions is removed; what is one's own goes to ExtraPermissions",
    "list": "Permissions is brought up to date",
    "current": "Permissions needs no change",
}
"""What is done with the list, in words."""


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """A behaviour of the auth service that begins or ends between two versions."""

    what: str
    begins: bool
    source: str


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one side."""

    plugin: Version
    orthanc: Version
    auth_service: Version | None
    image: Version | None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Everything that is known of an upgrade.

    ``unchanged`` compares the present state with the same files under the new versions, ``patched`` with the changed
    files; None where one of them does not start, which ``notes`` then tell.
    """

    server: str
    old: Versions
    new: Versions
    how: str
    """A key of :data:`HOW`."""
    base: Version | None
    merge: Merge | None
    files: tuple[FileChange, ...]
    unchanged: Diff | None
    patched: Diff | None
    changes: tuple[plugin_changes.Change, ...]
    service_changes: tuple[ServiceChange, ...]
    findings: tuple[Finding, ...]
    """What the linter says of the files under the new versions and did not say before."""
    notes: tuple[str, ...] = field(default=())

    def patch(self) -> str:
        """All patches, one after the other."""
        return "".join(one.patch() for one in self.files)


def upgrade(
    before: Deployment,
    after: Deployment,
    *,
    server: str | None = None,
    full_list: bool = False,
    restore_removed: bool = False,
) -> Upgrade:
    """The upgrade from ``before`` to ``after``: the same files, read for the old and the new versions.

    ``full_list`` writes the whole list even where ``ExtraPermissions`` would do; ``restore_removed`` lets built-in rules
    come back that the copy lacks.

    Where the list stands in a text that cannot be edited a note says so in place of a patch.

    :raises UsageError: for a list with rows that cannot be read, and for a server that is not there.
    """
    old = choose_server(before, server)
    new = next((one for one in after.servers if one.name == old.name), None)
    if new is None:
        raise UsageError(f"under the new versions there is no server {old.name!r}")
    return _Upgrade(before, after, old, new, full_list=full_list, restore_removed=restore_removed).made()


class _Upgrade:
    def __init__(
        self,
        before: Deployment,
        after: Deployment,
        old: OrthancServer,
        new: OrthancServer,
        *,
        full_list: bool,
        restore_removed: bool,
    ) -> None:
        self.before, self.after, self.old, self.new = before, after, old, new
        self.full_list = full_list
        self.restore_removed = restore_removed
        self.contexts = Context(before), Context(after)
        self.notes: list[str] = []

    def made(self) -> Upgrade:
        how, base, merged = self._merge()
        files = [*self._rules(how, merged), *self._tags()]
        present = self._policy(self.old, 0, None, tell=True)
        same = self._policy(self.new, 1, None, tell=present is not None)
        changed = self._policy(self.new, 1, self._change(how, merged), tell=False)
        return Upgrade(
            server=self.old.name,
            old=_versions(self.old),
            new=_versions(self.new),
            how=how,
            base=base,
            merge=merged,
            files=tuple(files),
            unchanged=self._diff(present, same),
            patched=self._diff(present, changed) if merged is not None else None,
            changes=plugin_changes.changes_between(self.old.plugin.version, self.new.plugin.version),
            service_changes=tuple(self._service_changes()),
            findings=tuple(self._findings()),
            notes=tuple(self.notes),
        )

    # -- the list --

    def _merge(self) -> tuple[str, Version | None, Merge | None]:
        entry = own_list(self.old)
        if entry is None:
            return "", None, None
        found = comparison(self.old, self.contexts[0])
        if found is None or not found.copied:
            return "not-a-copy", None, None
        base = found.versions[-1]
        own = [_row(item.python()) for item in entry.setting.items]
        if None in own:
            raise UsageError(
                "Permissions holds rows that cannot be read", help="policy-lint names them; mend them first."
            )
        merged = merge(
            [row for row in own if row is not None],
            _built_in(base),
            _built_in(self.new.plugin.version),
            restore_removed=self.restore_removed,
        )
        return self._how(merged), base, merged

    def _how(self, merged: Merge) -> str:
        whole = self._policy(self.new, 1, self._change("list", merged), tell=False)
        for how in ("removed", "extra") if not self.full_list else ():
            if merged.kept and (how == "removed" or self.new.plugin.version < EXTRA_SINCE):
                continue
            if not merged.additions_only:
                continue
            short = self._policy(self.new, 1, self._change(how, merged), tell=False)
            if whole is None or short is None:
                continue
            same = diff(whole, short, by="permissions")
            if same.relation is Relation.EQUIVALENT and same.proved:
                return how
        return "list" if merged.removed or merged.asks or merged.inserted else "current"

    def _change(self, how: str, merged: Merge | None) -> Callable[[dict[str, Any]], None] | None:
        """What the patch does, on the plain configuration."""
        if merged is None:
            return None

        def change(section: dict[str, Any]) -> None:
            if how in ("removed", "extra"):
                del section["Permissions"]
                rows = [list(row) for index, row in enumerate(merged.own) if index in merged.local]
                if rows:
                    section["ExtraPermissions"] = [*rows, *section.get("ExtraPermissions", [])]
            elif how == "list":
                section["Permissions"] = [list(row) for row in merged.rows]

        return change

    def _rules(self, how: str, merged: Merge | None) -> Iterator[FileChange]:
        if merged is None or how not in ("removed", "extra", "list"):
            return
        try:
            place = rule_edits.place_of(self.old, "Permissions")
        except UsageError as error:
            self._note(f"no patch of the list: {error}")
            return
        edit = {
            "removed": rule_edits.remove_list,
            "extra": rule_edits.to_extra,
            "list": rule_edits.rewrite,
        }[how]
        document: Document = edit(place, merged)
        yield FileChange.of(place.source, document.data)

    # -- the images --

    def _tags(self) -> Iterator[FileChange]:
        """New tags in the files that name the images, where the versions come from there."""
        wanted: list[tuple[Any, Version]] = []
        for old, new in ((self.old, self.new), (self.old.auth_service, self.new.auth_service)):
            container = old.container if old is not None else None
            tag = (new.image if new is self.new else new.version) if new is not None else None  # type: ignore[union-attr]
            if container is not None and tag is not None and container.version is not None:
                wanted.append((container, tag.version))
        edits: dict[int, tuple[Any, list[Any]]] = {}
        for container, version in wanted:
            location, image = container.image_location, container.image
            if location is None or image is None or container.version.version == version:
                continue
            source = location.source
            text = source.document.text[location.span.start : location.span.end]
            name, colon, tag_text = image.rpartition(":")
            if not colon or "@" in image or text.count(image) != 1 or "/" in tag_text:
                self.notes.append(f"{location}: put the tag {version} there; the image is not written out")
                continue
            start = location.span.start + text.index(image) + len(name) + 1
            from policy.text import Span
            from policy.text.edits import replace_text

            made = replace_text(source.document, Span(start, start + len(tag_text)), str(version))
            edits.setdefault(id(source), (source, []))[1].extend(made)
        for source, made in edits.values():
            from policy.text.edits import apply

            yield FileChange.of(source, apply(source.document, made))

    # -- decisions --

    def _policy(
        self, server: OrthancServer, side: int, change: Callable[[dict[str, Any]], None] | None, *, tell: bool
    ) -> Policy | None:
        """The policy of one side, with a change of its section; None where the server does not start with it."""
        configuration = server.configuration.python()
        section = configuration.get("Authorization")
        if change is not None and isinstance(section, dict):
            change(section)
        made = self._compiled(configuration, server, side, locate=change is None)
        if isinstance(made, Policy):
            return made
        if isinstance(section, dict) and "CheckedLevel" in section and section.pop("UncheckedLevels", None) is not None:
            again = self._compiled(configuration, server, side, locate=change is None)
            if isinstance(again, Policy):
                if tell:
                    self._note(f"the server does not start, before and after: {made}")
                    self._note("answers are compared without UncheckedLevels; the patch leaves it to you")
                return again
        if tell:
            self._note(f"the plugin {server.plugin} does not start with these files: {made}")
        return None

    def _compiled(
        self, configuration: dict[str, Any], server: OrthancServer, side: int, *, locate: bool
    ) -> Policy | PolicyError:
        known, context = server.auth_service, self.contexts[side]
        try:
            return Policy.from_configuration(
                configuration,
                plugin=str(server.plugin.version),
                permissions=context.roles(known) if known is not None else None,
                anonymous=context.anonymous(known) if known is not None else None,
                auth_service=str(known.version) if known is not None else None,
                locate=Locator(server.configuration) if locate else None,
            )
        except PolicyError as refused:
            return refused

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _diff(self, old: Policy | None, new: Policy | None) -> Diff | None:
        if old is None or new is None:
            return None
        return diff(Given(old, self.old, str(self.old.plugin)), Given(new, self.new, str(self.new.plugin)))

    # -- what else changes --

    def _service_changes(self) -> Iterator[ServiceChange]:
        old, new = self.old.auth_service, self.new.auth_service
        if old is None or new is None or old.version.version == new.version.version:
            return
        for row in service.behaviours():
            held, holds = old.version.version in row.versions, new.version.version in row.versions
            if held != holds:
                yield ServiceChange(row.what, holds, row.source)
        refusal = self.contexts[1].roles_refusal(new)
        if refusal is not None and self.contexts[0].roles_refusal(old) is None:
            self.notes.append(f"the auth service {new.version} does not start with its files: {refusal}")

    def _findings(self) -> Iterator[Finding]:
        if _versions(self.old) == _versions(self.new):
            return
        from policy.lint.run import run

        known = {(one.rule, one.location.source.path, one.location.span) for one in run(self.before).findings}
        for one in run(self.after).findings:
            if (one.rule, one.location.source.path, one.location.span) not in known:
                yield one


def _versions(server: OrthancServer) -> Versions:
    known = server.auth_service
    return Versions(
        server.plugin.version,
        server.orthanc.version,
        known.version.version if known is not None else None,
        server.image.version if server.image is not None else None,
    )


def _built_in(version: Version) -> list[Row]:
    return [Row(one.method.lower(), one.pattern, one.permissions) for one in plugin.closest(version).default_rules]


def _row(cells: Any) -> Row | None:
    if not isinstance(cells, Sequence) or isinstance(cells, str) or len(cells) < 3:
        return None
    method, pattern, permissions = cells[:3]
    if not isinstance(method, str) or not isinstance(pattern, str) or not isinstance(permissions, str | None):
        return None
    return Row(method.lower(), pattern, permissions or "")
