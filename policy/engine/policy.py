"""The compiled policy of one configuration: what this server, with this version of the plugin, answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from policy.engine.archive import UNKNOWN, Archive, archive_of
from policy.engine.behaviour import Behaviour, behaviour
from policy.engine.behind import Behind
from policy.engine.core import authenticate
from policy.engine.decision import SILENT, Decision, Effect, Outcome, Reason, Step, Trace
from policy.engine.filter import Filter, Question
from policy.engine.memory import Answers, Asked, Memory
from policy.engine.proxy import Proxy
from policy.engine.request import NO_ARGUMENTS, Headers, Request, Seen, Stopped, Text, headers_of, see, text_of
from policy.engine.resources import Parser, Touched, refuse_root
from policy.engine.route import seen_of
from policy.engine.rules import Rule
from policy.engine.rules import read as read_rules
from policy.engine.sender import Service, ServiceSender, UserProfile
from policy.engine.settings import Credential, Locate, Settings, Unchecked
from policy.engine.settings import read as read_settings
from policy.engine.subject import Now, Subject, Subjects, anonymous_of, roles_of
from policy.knowledge import plugin as releases

if TYPE_CHECKING:
    from networkx import DiGraph

    from policy.auth_service import Profile, Roles
    from policy.engine.graph import Access
    from policy.engine.level import Level
    from policy.engine.route_classes import RouteClass

_SUBJECTS_KEPT = 1 << 12
_DICOM_WEB = "DicomWeb"


class Policy:
    """What a server answers. Compiled once, safe to share between threads, never changed after it is made.

    >>> p = Policy.from_configuration(
    ...     {"AuthenticationEnabled": False, "Authorization": {"WebServiceRootUrl": "http://auth/"}}, plugin="0.11.4"
    ... )
    >>> str(p.decide("GET /statistics").reason)
    'no-permission'
    """

    def __init__(
        self,
        *,
        release: releases.Release,
        flags: Behaviour,
        read: Settings,
        own_rules: tuple[Rule, ...],
        subjects: Subjects,
        dicom_web: str | None,
        proxy: Proxy | None = None,
    ) -> None:
        """For the engine's own use; see :meth:`from_configuration`."""
        self._proxy = proxy
        self._release = release
        self._flags = flags
        self._settings = read
        self._rules = own_rules
        self._subjects = subjects
        self._parser = Parser(release, flags, read.dicom_web_root)
        self._filter = Filter(read, own_rules, self._parser, flags)
        self._behind = Behind(read, flags, dicom_web)
        self._resolved: dict[Any, Subject] = {}
        self._memory = Memory()
        self._last: Answers | None = None

    @classmethod
    def from_configuration(
        cls,
        configuration: Mapping[str, Any],
        *,
        plugin: str,
        permissions: bytes | str | Mapping[str, Any] | Roles | None = None,
        anonymous: bytes | str | Mapping[str, Any] | Profile | None = None,
        auth_service: str | None = None,
        api_keys: Mapping[str, Any] | None = None,
        proxy: Proxy | None = None,
        locate: Locate | None = None,
    ) -> Policy:
        """The policy of a whole Orthanc configuration under one version of the plugin.

        ``permissions`` and ``anonymous`` are the auth service's files: bytes, text, content as a mapping, or what
        :mod:`policy.auth_service` made of them; ``auth_service`` is its version, None the newest known.
        ``api_keys`` maps api-keys to any token that :meth:`decide` takes, such as role names.
        ``locate`` tells where the value at a path of the configuration is written.

        Raises :class:`policy.errors.ServerRefuses` where the server would not start, and
        :class:`policy.errors.UnknownVersion`.
        A configuration without filter is no error: see :attr:`off`.
        """
        release = releases.release(plugin)
        flags = behaviour(release.version)
        read = read_settings(configuration, release, flags, locate)
        if flags.always_parses_resources or read.shares:
            refuse_root(release, read.dicom_web_root, locate)
        subjects = Subjects(
            read.credentials,
            flags,
            roles_of(permissions, auth_service),
            anonymous_of(anonymous, auth_service),
            api_keys or {},
            auth_service,
        )
        return cls(
            release=release,
            flags=flags,
            read=read,
            own_rules=read_rules(configuration, read, release, flags, locate),
            subjects=subjects,
            dicom_web=_dicom_web(configuration),
            proxy=proxy,
        )

    # -- what it is made of --

    @property
    def proxy(self) -> Proxy | None:
        """The reverse proxy, if its rules are known: full addresses are mapped through it."""
        return self._proxy

    @proxy.setter
    def proxy(self, proxy: Proxy | None) -> None:
        self._proxy = proxy
        self._memory, self._last = Memory(), None

    @property
    def version(self) -> str:
        """The version of the plugin."""
        return str(self._release.version)

    @property
    def behaviour(self) -> Behaviour:
        """What this version of the plugin does, flag by flag."""
        return self._flags

    @property
    def settings(self) -> Settings:
        """The effective options."""
        return self._settings

    @property
    def off(self) -> str | None:
        """Why the plugin installs no filter, so that everything passes; None if it does."""
        return self._settings.off

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The effective rules in order: built-in ones, the alias expanded, ``ExtraPermissions`` at the end."""
        return self._rules

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """The resources and folders that everybody may GET."""
        return self._settings.unchecked

    @property
    def levels(self) -> frozenset[Level]:
        """The levels that are checked, by labels and by share tokens."""
        return self._settings.levels

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The headers and arguments that may hold a token, in the order in which the plugin looks at them."""
        return self._settings.credentials

    @property
    def roles(self) -> Roles | None:
        """The roles of the auth service, if they were given."""
        return self._subjects.roles

    @property
    def anonymous(self) -> Profile:
        """The profile of visitors."""
        return self._subjects.anonymous

    @property
    def parser(self) -> Parser:
        """What tells the resources in a path."""
        return self._parser

    @property
    def behind(self) -> Behind:
        """The routes behind the filter."""
        return self._behind

    def resources_of(self, path: str, arguments: Mapping[str, str] | None = None) -> Touched:
        """What a path touches: the level, and the identifiers in it; ``arguments``: those of the query string."""
        return self._parser.touched(path, arguments or {})

    def is_list_of_resources(self, path: str) -> bool:
        """Whether the path lists all resources of a level, which only profiles with the label ``*`` may."""
        return self._parser.is_list(path)

    def profile_of(self, token: Any = None, *, now: Now = None) -> UserProfile:
        """The profile that the plugin gets for a token; for nobody the visitor's."""
        subject = self._subject(token, now)
        return subject.visitor if token is None else subject.own

    def first_rule(self, method: str, path: str) -> Rule | None:
        """The first rule of the method that matches the whole path.

        Raises :class:`policy.patterns.TooComplex` where Boost gives up.
        """
        return self._filter.rule(method, path)

    def subject_of(self, token: Any = None) -> Subject:
        """The sender behind a token, as :meth:`decide` takes it."""
        return self._subject(token, None)

    def decide_under(self, rule: Rule | None, seen: Seen, subject: Subject) -> Outcome:
        """What :meth:`decide` would answer if ``rule``, or none, were the first that matches; nothing else is known.

        For proofs: the answer depends on the path by its rule, by what it touches and by the unchecked ones alone.
        """
        core = self._core(seen, subject, SILENT)
        if core is not None:
            return core
        if self._settings.off is not None:
            return Outcome(Effect.PERMIT, Reason.FILTER_OFF)
        return self._filter.decide_under(rule, Question(seen, subject.tokens(seen.verb), subject, UNKNOWN))

    # -- decisions about requests --

    def decide_request(
        self,
        method: Text,
        target: Text,
        headers: Headers,
        *,
        service: Service,
        archive: Archive,
        body: bytes | None = None,
    ) -> Decision:
        """One HTTP request, exactly as the server sees it. Never raises for anything in the request.

        ``target`` is path and query string as sent; ``headers`` are (name, value) in order; ``service`` is asked as the
        plugin asks it, and ``archive`` for what exists (see :mod:`policy.testing` for stand-ins).
        With ``body`` (``b""`` for none) the request is judged to its end, the routes behind the filter included.
        The plugin's caches are left aside: every answer is as fresh as the service's.
        """
        trace = Trace()
        request = Request(text_of(method), text_of(target))
        read = headers_of(headers)
        seen: Seen | Stopped = see(method, target, read)
        if not isinstance(seen, Stopped) or seen.reason is not Reason.MALFORMED_REQUEST:
            # The web server comes first, then the core's authentication, then the methods that the core serves.
            seen = authenticate(self._settings.core, read) or seen
        if isinstance(seen, Stopped):
            trace.add(Step.CORE, seen.text, passed=False)
            return Decision(_stopped(seen), request, trace=tuple(trace.checks))
        sender = ServiceSender(service, self._flags, works=self._settings.service_works)
        question = Question(seen, self._filter.present(seen), sender, archive)
        outcome = self._to_the_end(question, body, trace)
        return Decision(outcome, request, trace=tuple(trace.checks))

    def _to_the_end(self, question: Question, body: bytes | None, trace: Trace) -> Outcome:
        if self._settings.off is not None:
            trace.add(Step.FILTER, self._settings.off, passed=True)
            return Outcome(Effect.PERMIT, Reason.FILTER_OFF)
        outcome = self._filter.decide(question, trace)
        if outcome.effect is Effect.DENY:
            return outcome
        if body is None:
            self._behind.note(question, trace)
            return outcome
        return self._behind.judge(question, body, outcome, trace)

    # -- decisions about routes and people --

    def decide(
        self,
        route: str | Request,
        token: Any = None,
        *,
        resource: Any = None,
        now: Now = None,
        body: bytes | None = None,
    ) -> Decision:
        """Whether somebody may call a route.

        ``route``: ``"GET /path?query"``, a path (GET), a full public address, or a :class:`Request`.
        ``token``: None (nobody), a role name or several, a profile, the claims of a JWT, a JWT, a ``Share`` or an
        :class:`policy.engine.ApiKey`. It travels in the first header that the plugin looks at.
        ``resource`` settles what depends on the archive: labels by level (``{"study": ["external"]}``), the labels of
        the study, or an archive. Without it the decision may be conditional; a patient is then taken to exist, as one
        that does not passes the filter only to meet a 404.
        ``now`` is the moment at which claims and shares are judged, None the present one.
        With ``body`` the request is judged to its end, behind the filter.

        Raises :class:`policy.errors.UsageError` where route or token are of no known kind.
        """
        if resource is None and now is None and body is None:
            answers = self._last
            if answers is None or answers.token is not token:
                answers = self._answers(token)
            try:
                return answers[route]
            except TypeError:
                if not isinstance(route, Request):
                    raise
                # Its headers are in a list.
                return self._decide(route, answers.subject, UNKNOWN, None)
        subject = self._subject(token, now)
        return self._decide(route, subject, archive_of(resource), body)

    def decide_many(
        self, requests: Iterable[str | Request | tuple[str | Request, Any]], token: Any = None
    ) -> list[Decision]:
        """The decisions for many requests, in their order.

        ``requests`` are routes as :meth:`decide` takes them, asked for ``token``, or pairs of a route and a token of its
        own. A token that expires is read once for all routes that are asked for ``token``.

        Raises :class:`policy.errors.UsageError` at the first route or token of no known kind.

        >>> p = Policy.from_configuration({"Authorization": {}}, plugin="0.11.4")
        >>> [str(d.effect) for d in p.decide_many(["GET /studies", ("DELETE /studies/a", None)])]
        ['permit', 'permit']
        """
        answers = self._answers(token)
        decide = self.decide
        return [
            answers[each]
            if each.__class__ is str
            else decide(*each)
            if isinstance(each, tuple)
            else decide(each, token)
            for each in requests
        ]

    def _answers(self, token: Any) -> Answers:
        """What was answered to a token, and will be; kept where it does not depend on the hour."""
        memory = self._memory
        try:
            answers = memory.get(token)
            kept = True
        except TypeError:
            if isinstance(token, list) and all(isinstance(name, str) for name in token):
                return self._answers(tuple(token))
            answers, kept = None, False  # claims
        if answers is None:
            subject = self._subject(token, None)
            answers = Answers(self, memory, token, subject)
            if not kept or not subject.timeless:
                return answers
            if len(memory) >= _SUBJECTS_KEPT:
                memory.forget()
            memory[token] = answers
        self._last = answers
        return answers

    def _before_the_filter(self, subject: Subject) -> Outcome | None:
        """What is answered to a sender before the filter is asked, whatever the path; None: the filter is asked."""
        if self._settings.core.users is not None and not subject.known:
            stopped = authenticate(self._settings.core, NO_ARGUMENTS)
            if stopped is not None:
                return _stopped(stopped)
        return None if self._settings.off is None else Outcome(Effect.PERMIT, Reason.FILTER_OFF)

    def _subject(self, token: Any, now: Now) -> Subject:
        try:
            return self._resolved[token]
        except (KeyError, TypeError):
            subject = self._subjects.resolve(token, now)
        if subject.timeless:
            try:
                if len(self._resolved) >= _SUBJECTS_KEPT:
                    self._resolved.clear()
                self._resolved[token] = subject
            except TypeError:
                pass
        return subject

    def _decide(self, route: str | Request, subject: Subject, archive: Archive, body: bytes | None) -> Decision:
        seen, request = seen_of(route, self.proxy)
        asked = Asked(self, subject, seen, archive, request.body if body is None else body)
        shown = route if isinstance(route, str) and not route.startswith("/") else f"{request.method} {request.target}"
        return Decision(asked.outcome(shown), shown, asked)

    def _judge(
        self, seen: Seen | Stopped, subject: Subject, archive: Archive, body: bytes | None, trace: Trace
    ) -> Outcome:
        if isinstance(seen, Stopped):
            step = Step.PROXY if seen.reason is Reason.PROXY else Step.CORE
            trace.add(step, seen.text, passed=False)
            return _stopped(seen)
        core = self._core(seen, subject, trace)
        if core is not None:
            return core
        trace.add(Step.CREDENTIALS, f"the sender is {subject.text}")
        question = Question(seen, subject.tokens(seen.verb), subject, archive)
        return self._to_the_end(question, body, trace)

    def _core(self, seen: Seen, subject: Subject, trace: Trace) -> Outcome | None:
        """The core's own authentication: nobody has no user; whoever has a token is taken to have one as well."""
        if self._settings.core.users is None:
            return None
        stopped = authenticate(self._settings.core, seen.headers)
        if stopped is not None and not subject.known:
            trace.add(Step.CORE, stopped.text, passed=False)
            return _stopped(stopped)
        trace.add(Step.CORE, "the core's own authentication is on: the sender is taken to be a registered user too")
        return None

    # -- the graph --

    def graph(self, routes: Iterable[str] = (), *, classes: bool = False) -> DiGraph[Any]:
        """Routes, rules, permissions, roles and labels as a graph; see :mod:`policy.engine.graph`."""
        from policy.engine.graph import graph

        return graph(self, routes, classes=classes)

    def route_classes(self) -> tuple[RouteClass, ...]:
        """The parts into which the rules divide the paths of each method; see :mod:`policy.engine.route_classes`."""
        from policy.engine.route_classes import route_classes

        return tuple(route_classes(self))

    def who_can(self, route: str, *, resource: Any = None) -> tuple[Access, ...]:
        """Visitors and roles that may call ``route``, for certain or under conditions, each with the decision."""
        from policy.engine.graph import who_can

        return who_can(self, route, resource=resource)

    def routes_of(self, role: str | None, routes: Iterable[str]) -> tuple[tuple[str, Decision], ...]:
        """Those of ``routes`` that ``role`` (None: visitors) may call, for certain or under conditions."""
        from policy.engine.graph import routes_of

        return routes_of(self, role, routes)

    def paths(self, role: str | None, route: str) -> tuple[tuple[tuple[str, Any], ...], ...]:
        """Every way from a route to a role through rules and permissions, as nodes of the graph."""
        from policy.engine.graph import paths

        return paths(self, role, route)


def _stopped(stopped: Stopped) -> Outcome:
    return Outcome(Effect.DENY, stopped.reason, status=stopped.status)


def _dicom_web(configuration: Mapping[str, Any]) -> str | None:
    """The root of the DICOMweb plugin itself, without a slash at its end; None where it is off."""
    section = configuration.get(_DICOM_WEB)
    section = section if isinstance(section, Mapping) else {}
    if section.get("Enable", True) is False:
        return None
    root = section.get("Root", releases.DICOM_WEB_ROOT)
    return f"/{root.strip('/')}" if isinstance(root, str) else None
