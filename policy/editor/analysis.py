"""What is known of the files of a folder: the deployment, its policies, and once they are there the findings.

An analysis is made for some texts and never changes to others; features answer from the last one while the next is on
its way.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from policy.configuration.given import Given
from policy.configuration.loading import load
from policy.configuration.registry import NotRecognised
from policy.editor.content import RuleRow, parts
from policy.errors import ShapeError
from policy.lint.context import Context
from policy.lint.fixing import text_name
from policy.lint.settings import Settings, find_configuration, read_configuration
from policy.lint.views.own_rules import own_rules
from policy.lint.views.policies import usable_policy
from policy.lint.views.standing import hidden_rules
from policy.report.excerpt import Masks

if TYPE_CHECKING:
    from policy.configuration.deployment import AuthService, Deployment, OrthancServer
    from policy.configuration.source import Source
    from policy.editor.content import Part
    from policy.engine import Policy
    from policy.engine.rules import Rule
    from policy.lint.rule import Rule as LintRule
    from policy.lint.run import Result
    from policy.lint.views.own_rules import Own
    from policy.lint.views.standing import Hidden


class Analysis:
    """The deployment of one folder, with what features ask of it."""

    def __init__(self, root: Path, deployment: Deployment, settings: Settings) -> None:
        self.root = root
        self.deployment = deployment
        self.settings = settings
        self.context = Context(deployment, clients=settings.clients)
        self.masks = Masks(deployment.sources)
        self.result: Result | None = None
        """The findings; None while they are on their way."""
        self.hidden: Mapping[int, Hidden] | None = None
        """By the identity of a row's first rule, that it never decides; None while it is being computed."""
        self.sources: dict[str, list[Source]] = {}
        """By real path: a file, and what its variables hold."""
        for source in deployment.sources:
            self.sources.setdefault(text_name(source), []).append(source)

    def warm(self) -> None:
        """Compile the policies, so that no question has to wait for it."""
        for server in self.deployment.servers:
            self.rules(server)
        self.masks.masked("")

    def judge(self, before_rule: Callable[[LintRule], None]) -> None:
        """Find what is wrong; ``before_rule`` may raise to end this."""
        from policy.lint.run import run

        self.result = run(self.deployment, self.settings, context=self.context, before_rule=before_rule)
        self.hidden = {
            id(one.own.rule): one for server in self.deployment.servers for one in hidden_rules(server, self.context)
        }

    # -- servers and services --

    def server(self, path: str) -> OrthancServer | None:
        """The server that the file at a real path belongs to: one that reads it, else the first with a filter."""
        servers = self.deployment.servers
        reading = [one for one in servers if any(text_name(source) == path for source in one.sources)]
        guarded = [one for one in reading or servers if one.authorization is not None]
        return next(iter(guarded or reading or servers), None)

    def service(self, path: str) -> AuthService | None:
        """The auth service that reads the file at a real path, else the first."""
        for service in self.deployment.auth_services:
            for source in (service.permissions, service.anonymous):
                if source is not None and text_name(source) == path:
                    return service
        return next(iter(self.deployment.auth_services), None)

    def policy(self, server: OrthancServer) -> Policy | None:
        """The compiled policy, as it would be without what stops the server."""
        return usable_policy(server, self.context)

    def rules(self, server: OrthancServer) -> tuple[Own, ...]:
        """The written rules that count."""
        return own_rules(server, self.context)

    def own(self, path: str, row: RuleRow) -> tuple[OrthancServer, Own] | None:
        """The effective rules of a row of the file at a real path.

        The text may have moved on since: a row is found again by what stands in it, the nearest first.
        """
        server = self.server(path)
        if server is None:
            return None
        key = (row.option, row.method.upper(), row.pattern, row.asked)
        alike = self._by_text.get((id(server), *key), ())
        best = min(alike, key=lambda own: abs(own.row.index - row.number), default=None)
        return (server, best) if best is not None else None

    @cached_property
    def _by_text(self) -> Mapping[tuple[object, ...], list[Own]]:
        found: dict[tuple[object, ...], list[Own]] = {}
        for server in self.deployment.servers:
            for own in self.rules(server):
                row = own.row
                found.setdefault((id(server), row.option, row.method.upper(), row.pattern, row.asked), []).append(own)
        return found

    def hides(self, own: Own) -> tuple[Hidden, ...]:
        """The rules that ``own`` keeps from deciding, alone or with others."""
        rules = set(map(id, own.rules))
        return tuple(one for one in (self.hidden or {}).values() if any(id(rule) in rules for rule in one.cover))

    def hidden_by(self, own: Own) -> tuple[Rule, ...]:
        """The earlier rules that take all paths of ``own``."""
        hidden = (self.hidden or {}).get(id(own.rule))
        return hidden.cover if hidden is not None else ()

    def parts(self, source: Source) -> tuple[Part, ...]:
        """What of Orthanc's configuration a file on the disk holds."""
        return parts(source.document, source.kind, bare_section=source.bare_section)


Loader = Callable[[Mapping[str, bytes]], "Deployment"]


def analyse(root: Path, texts: Mapping[str, bytes]) -> Analysis:
    """The deployment of the files in ``root``, with ``texts`` in place of what is on the disk.

    :raises PolicyError: where the files cannot be used at all.
    """
    found = find_configuration(root)
    settings = read_configuration(found) if found is not None else Settings()
    return Analysis(root, loader(root, texts, settings)({}), settings)


def loader(root: Path, texts: Mapping[str, bytes], settings: Settings, *, absolute: bool = False) -> Loader:
    """Loads the folder anew, with further texts; ``absolute``: files are then called by their whole paths."""
    given = Given.of(
        plugin=settings.plugin_version,
        orthanc=settings.orthanc_version,
        auth_service=settings.auth_service_version,
        image=settings.image_tag,
    )
    # As on the command line: names in reports, and in per-file-ignores, are relative to where the settings are.
    here = root / "-" if absolute else settings.root or root  # nothing lies in the first
    own = {path: data for path, data in texts.items() if Path(path).is_relative_to(os.path.realpath(root))}
    # A new file is not in the folder yet.
    new = [Path(path) for path in own if not os.path.exists(path)]  # noqa: PTH110 - raises for no path

    def again(more: Mapping[str, bytes]) -> Deployment:
        texts_now = {**own, **more}
        try:
            return load([root, *new], given=given, here=here, texts=texts_now)
        except ShapeError as error:
            # Nothing is in the folder but what is new, or what is new is no text of ours yet.
            empty = error.line is None and (here / (error.file or "")).absolute() == root.absolute()
            if new and (empty or isinstance(error, NotRecognised)):
                return load(new if empty else [root], given=given, here=here, texts=texts_now)
            raise

    return again
