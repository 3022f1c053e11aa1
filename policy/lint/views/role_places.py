"""Where the labels of subjects are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from policy.lint.views.options import section_place
from policy.lint.views.written import roles_in

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.source import Location
    from policy.lint.context import Subject


def labels_place(server: OrthancServer, subjects: Iterable[Subject]) -> Location | None:
    """Where the labels of the first of ``subjects`` that is a role in a file are written; else the section of the server."""
    names = {role for subject in subjects for role in subject.roles}
    service = server.auth_service
    for rights in roles_in(service.permissions, service.version.version) if service is not None else ():
        if rights.name in names:
            return rights.source.place(rights.labels.key_span) if rights.labels is not None else rights.location
    return section_place(server)
