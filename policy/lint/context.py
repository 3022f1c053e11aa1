"""What a rule may ask for: the deployment, and what is computed from it once and shared by all rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from policy.configuration.deployment import AuthService, Deployment, Known, OrthancServer
from policy.configuration.source import Kind, Source
from policy.errors import PolicyError
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.auth_service import Profile, Roles
    from policy.engine import Policy

T = TypeVar("T")

KEPT = 12
"""Servers of which is kept what was found out, in case that it is asked for again: hundreds would take a gigabyte."""


@dataclass(frozen=True, slots=True)
class Reading:
    """That a file is read by a program: ``reader`` is a name of :mod:`policy.text`, ``version`` what it depends on.

    ``who`` names the program for messages, with its version.
    """

    reader: str
    version: Known
    who: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who sends requests: a role, a union of roles, or whoever sends no token.

    ``name`` is the subject in words, ready for a message ("the role doctor-role", "anybody without a token").
    """

    name: str
    profile: Profile
    roles: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether labels limit what the subject sees."""
        return "*" not in self.profile.labels


@dataclass(slots=True)
class _Kept:
    """Something found out, and in the turn of which server it was last asked for."""

    value: Any
    turn: int


@dataclass(slots=True)
class Context:
    """The deployment with what rules share; made once a run.

    What was found out about a server is forgotten some servers later (:meth:`done`), and found out anew if it is asked for.
    """

    deployment: Deployment
    clients: tuple[str, ...] = ()
    """Clients named by the user; empty: inferred from the deployment."""
    _policies: dict[int, Policy | PolicyError] = field(default_factory=dict)
    _roles: dict[int, Roles | PolicyError | None] = field(default_factory=dict)
    _anonymous: dict[int, Profile] = field(default_factory=dict)
    _once: dict[tuple[object, ...], _Kept] = field(default_factory=dict)
    _done: list[int] = field(default_factory=list)

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What ``make`` gives, computed once and kept; ``key`` names it among all that rules keep.

        The second part of the key is the ``id`` of what it is about, where it is about a server or its policy; what has
        another second part may be shared by servers.
        """
        kept = self._once.get(key)
        if kept is None:
            kept = self._once[key] = _Kept(make(), 0)
        kept.turn = len(self._done)
        value: T = kept.value
        return value

    def done(self, server: OrthancServer) -> None:
        """Says that all rules have looked at ``server``.

        What is known of the server that was done :data:`KEPT` turns ago is forgotten, and what no server has shared since.
        """
        self._done.append(id(server))
        turn = len(self._done)
        if turn <= KEPT:
            return
        gone = self._done[turn - 1 - KEPT]
        about = {gone}
        for policy in (self._policies.pop(gone, None), self._once.get(("usable policy", gone))):
            about.add(id(policy.value if isinstance(policy, _Kept) else policy))
        for key, kept in list(self._once.items()):
            if key[1] in about if isinstance(key[1], int) else kept.turn < turn - KEPT:
                del self._once[key]

    def policy(self, server: OrthancServer) -> Policy | None:
        """The compiled policy of ``server``; None where the server would not start (see :meth:`refusal`)."""
        compiled = self._compile(server)
        return None if isinstance(compiled, PolicyError) else compiled

    def refusal(self, server: OrthancServer) -> PolicyError | None:
        """Why the server would not start with its configuration, as far as the plugin is concerned."""
        compiled = self._compile(server)
        return compiled if isinstance(compiled, PolicyError) else None

    def _compile(self, server: OrthancServer) -> Policy | PolicyError:
        key = id(server)
        if key not in self._policies:
            from policy.engine.loading import policy_of

            try:
                self._policies[key] = policy_of(server, self.deployment.proxies)
            except PolicyError as refused:
                self._policies[key] = refused
        return self._policies[key]

    def roles(self, service: AuthService) -> Roles | None:
        """The roles as the service reads them; None where they are not known or the service refuses its file."""
        read = self._read_roles(service)
        return None if isinstance(read, PolicyError) else read

    def roles_refusal(self, service: AuthService) -> PolicyError | None:
        """Why the service would not start with its permissions file."""
        read = self._read_roles(service)
        return read if isinstance(read, PolicyError) else None

    def _read_roles(self, service: AuthService) -> Roles | PolicyError | None:
        key = id(service)
        if key not in self._roles:
            from policy.auth_service.deployed import roles_of

            read: Roles | PolicyError | None
            try:
                read = roles_of(service)
            except PolicyError as refused:
                read = refused
            self._roles[key] = read
        return self._roles[key]

    def anonymous(self, service: AuthService) -> Profile:
        """The profile of requests without a token."""
        key = id(service)
        if key not in self._anonymous:
            from policy.auth_service.deployed import anonymous_of

            self._anonymous[key] = anonymous_of(service)
        return self._anonymous[key]

    def subjects(self, server: OrthancServer) -> tuple[Subject, ...]:
        """Whoever may send requests to ``server`` as far as the files tell: each role, and nobody."""
        service = server.auth_service
        if service is None:
            return ()
        found: list[Subject] = []
        roles = self.roles(service)
        if roles is not None:
            # A role that the service answers with an error gives nobody anything.
            usable = [name for name, role in roles.roles.items() if not role.fails]
            found.extend(Subject(f"the role {name}", roles.profile([name]), (name,)) for name in usable)
        found.append(Subject("anybody without a token", self.anonymous(service)))
        return tuple(found)

    def readings(self, source: Source) -> tuple[Reading, ...]:
        """The programs that read ``source``, in their order; none for a file that nothing is known to read."""
        found: list[Reading] = []
        if source.kind is Kind.ORTHANC:
            for server in self.deployment.servers:
                if source not in server.sources:
                    continue
                for reader in server.readers:
                    if reader == "image" and server.image is not None:
                        reading = Reading("image", server.image, f"the image orthancteam/orthanc:{server.image}")
                    else:
                        reading = Reading("core", server.orthanc, f"Orthanc {server.orthanc}")
                    if reading not in found:
                        found.append(reading)
        for service in self.deployment.auth_services:
            if source in (service.permissions, service.anonymous):
                reading = Reading("auth-service", service.version, f"the auth service {service.version}")
                if reading not in found:
                    found.append(reading)
        return tuple(found)
