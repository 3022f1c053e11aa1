"""The routes behind the filter that narrow their answers, or refuse by the body.

Source: the plugin 0.6.0 to 0.11.4 and the DICOMweb plugin, which searches through ``/tools/find``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from policy.engine.archive import Archive, Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import Answer, Condition, Effect, Outcome, Reason, Step, Trace
from policy.engine.filter import Question
from policy.engine.find import Narrowing, Refused, Search, found, level_of, narrowed_text, study_uid, visible
from policy.engine.level import HIERARCHY, Level, parse_level
from policy.engine.sender import Failure, Token, UserProfile
from policy.engine.settings import Settings
from policy.records import dataclass, replace

_RESOURCE = re.compile(r"/(patients|studies|series|instances)/([a-f0-9-]+)(?:/([a-z-]+)(?:/([^/]*))?)?")
_DICOM_WEB = re.compile(
    r"/(studies|series|instances)|/studies/([.0-9]+)(?:/series/([.0-9]+)(?:/instances/([.0-9]+))?)?(/.*)?"
)
_SEARCH_TAILS = {"/series": Level.SERIES, "/instances": Level.INSTANCE}
_NOT_SEARCHED = frozenset({"limit", "offset", "includefield", "fuzzymatching"})
_MEMBERS = {"patient": Level.PATIENT, "study": Level.STUDY, "studies": Level.STUDY, "series": Level.SERIES, "instances": Level.INSTANCE}  # fmt: skip

_UNFILTERED = UserProfile("", frozenset(), frozenset({"*"}))

Handler = Callable[["Call"], Outcome]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the filter."""

    question: Question
    body: bytes
    outcome: Outcome
    trace: Trace

    def json(self) -> Any:
        """The body; raises :class:`Refused` where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused(Reason.BAD_REQUEST, "the body is no JSON", 400) from None

    def mapping(self) -> Mapping[str, Any]:
        """The body as an object."""
        value = self.json()
        if not isinstance(value, Mapping):
            raise Refused(Reason.BAD_REQUEST, "the body is no JSON object", 400)
        return value


class Behind:
    """What the routes of one configuration do with requests that passed the filter."""

    def __init__(self, settings: Settings, flags: Behaviour, dicom_web: str | None) -> None:
        self._settings = settings
        self._flags = flags
        self._narrowing = Narrowing(settings, flags)
        self._dicom_web = dicom_web
        self._on = flags.overrides and (settings.profiles or not flags.overrides_need_profile_address)

    @property
    def on(self) -> bool:
        """Whether the plugin answers or narrows any route itself."""
        return self._on

    @property
    def dicom_web(self) -> str | None:
        """The root of the DICOMweb plugin, without a slash at its end; None where it is off."""
        return self._dicom_web

    def judge(self, question: Question, body: bytes, outcome: Outcome, trace: Trace) -> Outcome:
        """The request to its end. ``outcome``: the filter's, a permit or conditional."""
        handler = self._handler(question)
        if handler is None:
            return outcome
        try:
            return handler(Call(question, body, outcome, trace))
        except Refused as refused:
            trace.add(Step.ROUTE, refused.text, passed=False)
            return Outcome(Effect.DENY, refused.reason, outcome.rule, status=refused.status)
        except Failure as failure:
            trace.add(Step.ROUTE, failure.text, passed=False)
            return Outcome(Effect.DENY, failure.reason, outcome.rule, status=500)

    def note(self, question: Question, trace: Trace) -> None:
        """Say what the route will do, where the body is not known."""
        if not trace.wanted:
            return
        handler = self._handler(question)
        text = NOTES.get(getattr(handler, "__name__", "")) if handler is not None else None
        if text is None:
            return
        try:
            profile = self._profile(question)
        except Failure:
            profile = None
        if profile is None or not profile.labels:
            whose = "what share tokens open" if profile is None else "nothing, as the profile has no label"
        else:
            names = ", ".join(map(repr, sorted(profile.labels)))
            whose = "everything" if profile.sees_all else f"the labels {names}"
        trace.add(Step.ROUTE, text.format(whose=whose))

    # -- which route --

    def _handler(self, question: Question) -> Handler | None:
        seen = question.seen
        if not self._on or seen.verb not in {"GET", "POST", "PUT", "DELETE"}:
            return None
        path = seen.path.rstrip("/")
        if path == "/tools/find" or (path == "/tools/count-resources" and self._flags.count_resources):
            return self._find if seen.method == "POST" else _not_allowed
        if path == "/tools/labels":
            return self._labels if seen.method == "GET" else _not_allowed
        if path in {"/tools/bulk-delete", "/tools/bulk-modify", "/tools/bulk-anonymize"}:
            return self._bulk if seen.method == "POST" else None
        if path == "/auth/user/profile" and seen.method == "GET":
            return self._own_profile
        if self._settings.audit_logs and seen.method != "GET":
            audited = self._audited(path, seen.method)
            if audited is not None:
                return audited
        if seen.method != "GET":
            return None
        if _RESOURCE.fullmatch(path):
            return self._resource if self._flags.answers_lose_labels else None
        inner = self._inside_dicom_web(path)
        return self._dicom_web_route if inner is not None and _DICOM_WEB.fullmatch(inner) else None

    def _inside_dicom_web(self, path: str) -> str | None:
        root = self._dicom_web
        return path[len(root) :] if root is not None and path.startswith(root + "/") else None

    def _profile(self, question: Question) -> UserProfile | None:
        """The profile that these routes use: of the first credential for which the service gives a valid one."""
        if not self._flags.route_profile_retries_empty:
            tries = list(question.tokens)
        else:
            tries = [token for token in question.tokens if token.value]
            values = {(token.kind, token.name): token.value for token in question.tokens}
            tries += [
                Token(one.kind, one.name, values.get((one.kind, one.name), "")) for one in self._settings.credentials
            ]
        for token in tries:
            profile = question.sender.profile(token)
            if profile.valid:
                return profile
        return None

    # -- searches --

    def _find(self, call: Call) -> Outcome:
        body = call.mapping()
        search, conditions, profile = self._narrowed(call, body)
        counting = call.question.seen.path.startswith("/tools/count")
        results = found(search, call.question.archive) if search is not None else ()
        labels = None
        if results is not None and not counting:
            shown = search is not None and search.expand
            labels = self._shown(results if shown else (), profile)
        text = narrowed_text(search) if search is not None else "the list is empty"
        return _with(call, conditions, Answer(text, _ids(results), labels))

    def _narrowed(
        self, call: Call, body: Mapping[str, Any]
    ) -> tuple[Search | None, tuple[Condition, ...], UserProfile | None]:
        question = call.question
        profile = self._profile(question)
        if profile is not None and profile.labels:
            narrowed, conditions = self._narrowing.for_profile(body, profile, question.archive)
            call.trace.add(Step.ROUTE, "the body is in order for this profile", passed=True)
            return Search.of(narrowed), conditions, profile
        shared, conditions = self._narrowing.for_share(body, tuple(question.tokens), question.sender, question.archive)
        call.trace.add(Step.ROUTE, "the body is in order for these share tokens", passed=True)
        if shared is None:
            return None, conditions, profile
        # The plugin hands on what a search by the studies of a share token finds as it is, labels included.
        return Search.of(shared), conditions, profile if study_uid(body) is not None else _UNFILTERED

    def _dicom_web_route(self, call: Call) -> Outcome:
        """Searches and retrieval by DICOMweb: the DICOMweb plugin asks ``/tools/find`` with the request's headers."""
        question = call.question
        match = _DICOM_WEB.fullmatch(self._inside_dicom_web(question.seen.path.rstrip("/")) or "")
        if match is None:
            return call.outcome
        search_of, *uids, tail = match.groups()
        names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        query = {name: uid for name, uid in zip(names, uids, strict=True) if uid is not None}
        depth = len(query)
        level = parse_level(search_of) if search_of else _SEARCH_TAILS.get(tail or "")
        searching = level is not None
        if level is None:
            level = HIERARCHY[depth]
        if searching:
            query |= {k: v for k, v in question.seen.arguments.items() if k.lower() not in _NOT_SEARCHED}
        body: dict[str, Any] = {"Level": level.value.capitalize(), "Query": query}
        if searching and any(name in question.seen.arguments for name in ("limit", "offset")):
            body["Limit"] = 1
        # Arguments of the query string do not travel with the inner request.
        inner = question._replace(tokens=tuple(token for token in question.tokens if token.kind == "header"))
        search, conditions, _ = self._narrowed(replace(call, question=inner), body)
        results = found(search, question.archive) if search is not None else ()
        if results is not None and not results and not searching:
            raise Refused(Reason.UNKNOWN_RESOURCE, "the search that this route makes finds nothing", 404)
        if results is not None and tail == "/metadata":
            results = tuple(one for each in results for one in _related(question.archive, each, Level.INSTANCE))
        text = narrowed_text(search) if search is not None else "the list is empty"
        return _with(call, conditions, Answer(text, _study_uids(results, question.archive)))

    # -- labels and resources --

    def _labels(self, call: Call) -> Outcome:
        profile = self._profile(call.question)
        if profile is None:
            raise Refused(Reason.PROFILE_REQUIRED, "without a profile the list of labels is refused")
        if not profile.labels:
            return _with(call, (), Answer("the answer is null, as the profile has no label", (), frozenset()))
        text = (
            "all labels are listed"
            if profile.sees_all
            else f"only these are listed: {', '.join(sorted(profile.labels))}"
        )
        every = _all_labels(call.question.archive)
        shown = None if every is None else every if profile.sees_all else every & profile.labels
        return _with(call, (), Answer(text, None if shown is None else tuple(sorted(shown)), frozenset()))

    def _shown(self, resources: tuple[Resource, ...], profile: UserProfile | None) -> frozenset[str]:
        held = frozenset(label for one in resources for label in one.labels or ())
        if not self._flags.answers_lose_labels or (profile is not None and profile.sees_all):
            return held
        return held & (profile.labels if profile is not None else frozenset())

    def _resource(self, call: Call) -> Outcome:
        """A resource, its parents, its children, or its labels: labels outside the profile's are taken out."""
        match = _RESOURCE.fullmatch(call.question.seen.path.rstrip("/"))
        level = parse_level(match[1]) if match else None
        if match is None or level is None or match[4] is not None:
            return call.outcome
        tail = match[3]
        target = _MEMBERS.get(tail or match[1])
        if (tail is not None and tail != "labels" and target is None) or (
            level is Level.INSTANCE and tail is None and not self._flags.answers_lose_labels_of_instances
        ):
            return call.outcome
        profile = self._profile(call.question)
        if profile is not None and profile.sees_all:
            text = "all labels are shown"
        else:
            names = ", ".join(map(repr, sorted(profile.labels))) if profile is not None and profile.labels else ""
            text = f"of the labels only {names} are shown" if names else "no labels are shown"
        archive = call.question.archive
        lineage = archive.by_id(level, match[2])
        if not archive.complete or lineage is None:
            return _with(call, (), Answer(text))
        own = lineage.resources[-1]
        if tail is None:
            return _with(call, (), Answer(text, None, self._shown((own,), profile)))
        if tail == "labels":
            return _with(call, (), Answer(text, tuple(sorted(self._shown((own,), profile))), frozenset()))
        members = _related(archive, own, target or level)
        labels = self._shown(members, profile)
        single = tail in {"patient", "study"} or (tail == "series" and level is Level.INSTANCE)
        return _with(call, (), Answer(text, None if single else _ids(members), labels))

    # -- users and bulk --

    def _own_profile(self, call: Call) -> Outcome:
        if self._profile(call.question) is None:
            raise Refused(Reason.PROFILE_REQUIRED, "without a profile nothing is answered: the connection closes", 0)
        return call.outcome

    def _bulk(self, call: Call) -> Outcome:
        modifying = not call.question.seen.path.startswith("/tools/bulk-delete")
        elements = call.mapping().get("Resources")
        if not isinstance(elements, list):
            raise Refused(Reason.BAD_REQUEST, "the body has no list 'Resources'", 400)
        if self._flags.bulk_checked:
            call = replace(call, outcome=self._check_bulk(call, elements))
        if self._settings.audit_logs:
            if modifying:
                raise Refused(Reason.BAD_REQUEST, "not implemented with audit logs on", 501)
            if elements:
                self._need_user(call)
        return call.outcome

    def _check_bulk(self, call: Call, elements: list[Any]) -> Outcome:
        body = call.mapping()
        archive = call.question.archive
        common = level_of(body) if "Level" in body else None
        early = self._flags.bulk_takes_objects
        targets = self._targets(elements, common, archive) if early else ()
        profile = self._profile(call.question)
        if profile is None:
            raise Refused(Reason.PROFILE_REQUIRED, "this route is for users with a profile only")
        if profile.sees_all:
            return call.outcome
        if not early:
            targets = self._targets(elements, common, archive)
        conditions: tuple[Condition, ...] = ()
        for level, one in targets:
            lineage = archive.by_id(level, one)
            if lineage is None and level is not Level.PATIENT:
                raise Refused(Reason.BAD_REQUEST, f"the {level} {one} does not exist", 404)
            conditions += visible(lineage.resources if lineage else (), profile, self._settings)
        call.trace.add(Step.ROUTE, "the profile may touch every resource in the body", passed=True)
        return _with(call, conditions, None)

    def _targets(self, elements: list[Any], common: Level | None, archive: Archive) -> tuple[tuple[Level, str], ...]:
        found_ = []
        for element in elements:
            level = common
            if self._flags.bulk_takes_objects and isinstance(element, Mapping):
                one = element.get("ID")
                level = level_of(element) if "Level" in element else common
            else:
                one = element
            if not isinstance(one, str):
                if self._flags.bulk_takes_objects:
                    continue
                raise Refused(Reason.BAD_REQUEST, "an element of 'Resources' is no id", 400)
            level = level or archive.level_of(one)
            if level is None:
                raise Refused(Reason.BAD_REQUEST, f"the resource {one} does not exist", 404)
            found_.append((level, one))
        return tuple(found_)

    # -- audit logs --

    def _audited(self, path: str, method: str) -> Handler | None:
        if path == "/instances" and method == "POST":
            return self._audited_upload
        match = _RESOURCE.fullmatch(path)
        if match is None:
            return None
        kind, tail, label = match[1], match[3], match[4]
        if tail in {"modify", "anonymize"} and label is None and method == "POST":
            return self._audited_change
        if tail is None and method == "DELETE" and kind != "instances":
            return self._audited_user
        if tail == "labels" and label is not None and method in {"PUT", "DELETE"} and kind != "instances":
            return self._audited_user
        return None

    def _audited_upload(self, call: Call) -> Outcome:
        if self._profile(call.question) is None:
            raise Refused(
                Reason.PROFILE_REQUIRED, "with audit logs on, an upload without a profile is stored and then refused"
            )
        return call.outcome

    def _audited_user(self, call: Call) -> Outcome:
        self._need_user(call)
        return call.outcome

    def _audited_change(self, call: Call) -> Outcome:
        body = call.mapping()
        data = body.get("UserData")
        named = isinstance(data, Mapping) and isinstance(data.get("AuditLogsUserId"), str)
        if not named:
            self._need_user(call)
        path = call.question.seen.path
        if path.rstrip("/").endswith("/modify") and not path.startswith("/studies/"):
            raise Refused(Reason.BAD_REQUEST, "with audit logs on, only studies can be modified", 500)
        if not self._asynchronous(body):
            raise Refused(Reason.BAD_REQUEST, "with audit logs on, this works as a job only ('Asynchronous')", 501)
        return call.outcome

    def _asynchronous(self, body: Mapping[str, Any]) -> bool:
        """Whether the plugin takes the request for one that starts a job."""
        counts = not self._flags.audited_asynchronous_inverted
        return body.get("Synchronous", True) is False or body.get("Asynchronous", not counts) is counts

    def _need_user(self, call: Call) -> None:
        profile = self._profile(call.question)
        if profile is None or not profile.user_id:
            raise Refused(Reason.PROFILE_REQUIRED, "with audit logs on, this needs a profile with a 'user-id'")


NOTES: Mapping[str, str] = {
    "_find": "behind the filter the search is narrowed to {whose}, or refused by its body",
    "_dicom_web_route": "behind the filter the route searches, narrowed to {whose}",
    "_labels": "behind the filter the list of labels is narrowed to {whose}",
    "_resource": "behind the filter the labels in the answer are narrowed to {whose}",
    "_bulk": "behind the filter every resource in the body is checked against {whose}",
    "_own_profile": "behind the filter the answer is the profile of the first credential that has one",
    "_audited_upload": "with audit logs on, an upload needs a profile",
    "_audited_user": "with audit logs on, this needs a profile with a 'user-id'",
    "_audited_change": "with audit logs on, this needs a profile with a 'user-id', or one in the body",
}
"""What a route does, by its handler; ``{whose}`` stands for what it is narrowed to."""


def _not_allowed(call: Call) -> Outcome:
    raise Refused(Reason.BAD_REQUEST, f"this route does not know the method {call.question.seen.method}", 405)


def _with(call: Call, conditions: tuple[Condition, ...], answer: Answer | None) -> Outcome:
    before = call.outcome
    every = before.conditions + tuple(one for one in conditions if one not in before.conditions)
    if not every:
        return before._replace(answer=answer)
    return before._replace(effect=Effect.CONDITIONAL, reason=Reason.LABELS, conditions=every, answer=answer)


def _ids(resources: tuple[Resource, ...] | None) -> tuple[str, ...] | None:
    return None if resources is None else tuple(sorted(one.orthanc_id or "" for one in resources))


def _related(archive: Archive, resource: Resource, level: Level) -> tuple[Resource, ...]:
    related = getattr(archive, "related", None)
    return tuple(related(resource, level)) if related is not None else ()


def _study_uids(resources: tuple[Resource, ...] | None, archive: Archive) -> tuple[str, ...] | None:
    """The study of each result, as DICOMweb answers show it."""
    if resources is None:
        return None
    return tuple(sorted(one.dicom_uid or "" for each in resources for one in _related(archive, each, Level.STUDY)))


def _all_labels(archive: Archive) -> frozenset[str] | None:
    every = getattr(archive, "resources", None)
    if every is None:
        return None
    return frozenset(label for level in HIERARCHY for one in every(level) for label in one.labels or ())
