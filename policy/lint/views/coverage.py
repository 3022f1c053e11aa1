"""Who may send a request, as far as rules and permissions decide it: nobody, some roles, everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.lint.views.options import option
from policy.lint.views.own_rules import first_rule
from policy.lint.views.policies import usable_policy
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.configuration.setting import Entry
    from policy.engine import Policy, UserProfile
    from policy.engine.rules import Rule
    from policy.lint.context import Context, Subject

ANYBODY = "anybody without a token"
EVERYTHING = "a user with every permission"
"""A sender for witnesses: all permissions that any rule asks for, and the label ``*``."""
SEARCH = "/dicom-web/studies"
"""The path that passes the filter for everybody where share tokens are on (0.9.2 and later)."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the rules of one server let through. ``roles_known``: whether all roles are in ``subjects``."""

    policy: Policy
    subjects: tuple[Subject, ...]
    roles_known: bool

    @property
    def superuser(self) -> UserProfile:
        """The sender that :data:`EVERYTHING` names."""
        from policy.engine import UserProfile
        from policy.knowledge.permissions import permissions

        asked = {name for rule in self.policy.rules for name in rule.permissions}
        names = frozenset(asked | {known.name for known in permissions()})
        return UserProfile(EVERYTHING, names, frozenset({"*"}))

    def rule(self, method: str, path: str) -> Rule | None:
        """The rule that decides; None where there is none."""
        return first_rule(self.policy, method, path)

    def is_open(self, method: str, path: str) -> bool:
        """Whether everybody passes: an unchecked path, a rule without permission, the exception for searches."""
        policy = self.policy
        if policy.off is not None:
            return True
        if method == "GET":
            if any(
                path == one.path or (one.kind == "folder" and path.startswith(one.path)) for one in policy.unchecked
            ):
                return True
            if path == SEARCH and policy.behaviour.search_exception and policy.settings.shares:
                return True
        rule = self.rule(method, path)
        return rule is not None and rule.open

    def holders(self, method: str, path: str) -> tuple[Subject, ...]:
        """Those with a permission of the rule that decides; labels may still stand against them."""
        rule = self.rule(method, path)
        if rule is None:
            return ()
        return tuple(
            subject
            for subject in self.subjects
            if rule.open or not rule.permissions.isdisjoint(subject.profile.permissions)
        )

    def nobody(self, method: str, path: str) -> bool:
        """Whether the request is refused to every user who logs in, and to visitors; a share link may still open it."""
        if self.is_open(method, path):
            return False
        if self.rule(method, path) is None:
            return True
        return self.roles_known and not self.holders(method, path)

    def who_is_refused(self, method: str, path: str) -> str:
        """The sender for the witness of a request that nobody may send."""
        if self.rule(method, path) is None:
            return EVERYTHING
        role = next((subject for subject in self.subjects if subject.roles), None)
        return role.name if role is not None else EVERYTHING


def coverage(server: OrthancServer, context: Context) -> Coverage | None:
    """The coverage of ``server``; None where its rules are not known, or where there are no profiles and so no rules."""
    return context.once(("coverage", id(server)), lambda: _coverage(server, context))


def _coverage(server: OrthancServer, context: Context) -> Coverage | None:
    policy = usable_policy(server, context)
    if policy is None or policy.off is not None or not policy.settings.profiles:
        return None
    service = server.auth_service
    known = service is not None and context.roles(service) is not None
    return Coverage(policy, context.subjects(server), known)


def own_list(server: OrthancServer) -> Entry | None:
    """``Permissions`` where somebody wrote it as a list; None where the built-in list stands."""
    entry = option(server, "Permissions")
    return entry if entry is not None and entry.setting.kind == "array" else None
