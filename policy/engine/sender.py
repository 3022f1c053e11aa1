"""Who sends a request, as the web service tells it: profiles, grants of shares, studies of shares.

Source: what the plugin 0.5.0 to 0.11.4 asks of the service, and what it accepts as an answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from policy.engine.archive import Resource
from policy.engine.behaviour import Behaviour
from policy.engine.decision import Condition, Reason
from policy.engine.level import Level
from policy.records import dataclass

_INT = 1 << 31


class Failure(Exception):
    """An error on the way: the plugin refuses the request."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class ServiceError(Exception):
    """What a :class:`Service` raises where the call ends in an HTTP error or without an answer."""


@dataclass(frozen=True, slots=True)
class Token:
    """A credential that is present in a request: ``kind`` is ``header`` or ``argument``."""

    kind: str
    name: str
    value: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.name!r}"


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A profile as the plugin keeps it. ``valid`` is false for the empty profile that stands for a failure."""

    name: str
    permissions: frozenset[str]
    labels: frozenset[str]
    user_id: str | None = None
    valid: bool = True

    @property
    def sees_all(self) -> bool:
        """Whether the label ``*`` is among its labels."""
        return "*" in self.labels


EMPTY = UserProfile("", frozenset(), frozenset(), valid=False)


class Service(Protocol):
    """The web service. Answers are what its JSON holds; every method may raise :class:`ServiceError`."""

    def user_profile(self, key: str, value: str) -> Any:
        """The answer of the profile route to a token; key and value empty for the anonymous user."""
        ...

    def validate(self, question: Mapping[str, Any], key: str | None, value: str | None) -> Any:
        """The answer of the validation route; no key and no value for the anonymous user."""
        ...

    def decode(self, key: str, value: str) -> Any:
        """The answer of the decoding route."""
        ...


class Sender(Protocol):
    """What the engine wants to know of whoever sends a request."""

    def profile(self, token: Token | None) -> UserProfile:
        """The profile for a token, or for the anonymous user; may raise :class:`Failure`."""
        ...

    def grants(self, token: Token | None, method: str, resource: Resource) -> bool | Condition:
        """Whether a share token opens a resource; may raise :class:`Failure`."""
        ...

    def studies(self, token: Token) -> tuple[str, ...]:
        """The DICOM identifiers of the studies in a share token; may raise :class:`Failure`."""
        ...


class ServiceSender:
    """A sender known by asking a :class:`Service`."""

    def __init__(self, service: Service, flags: Behaviour, *, works: bool = True) -> None:
        self._service = service
        self._flags = flags
        self._works = works

    def profile(self, token: Token | None) -> UserProfile:
        """See :class:`Sender`."""
        try:
            if not self._works:
                raise ServiceError
            answer = self._service.user_profile(token.name if token else "", token.value if token else "")
        except ServiceError:
            if self._flags.invalid_profile_is_an_error:
                raise Failure(Reason.SERVICE_FAILURE, "the web service gives no profile") from None
            return EMPTY
        return read_profile(answer, self._flags)

    def grants(self, token: Token | None, method: str, resource: Resource) -> bool:
        """See :class:`Sender`."""
        question: dict[str, Any] = {"method": method.lower(), "level": resource.level.value}
        if resource.level is Level.SYSTEM:
            question["uri"] = resource.orthanc_id
        else:
            question["orthanc-id"] = resource.orthanc_id
            question["dicom-uid"] = resource.dicom_uid
        try:
            if not self._works:
                raise ServiceError
            answer = self._service.validate(question, token.name if token else None, token.value if token else None)
        except ServiceError:
            raise Failure(Reason.SERVICE_FAILURE, "the web service does not answer whether it grants this") from None
        if not isinstance(answer, Mapping) or not isinstance(answer.get("granted"), bool):
            raise Failure(Reason.SERVICE_FAILURE, "the web service's answer has no 'granted'")
        validity = answer.get("validity", 0)
        if not _is_int(validity) or validity < 0:
            raise Failure(Reason.SERVICE_FAILURE, "the web service's answer has a wrong 'validity'")
        return bool(answer["granted"])

    def studies(self, token: Token) -> tuple[str, ...]:
        """See :class:`Sender`."""
        try:
            if not self._works:
                raise ServiceError
            answer = self._service.decode(token.name, token.value)
        except ServiceError:
            raise Failure(Reason.SERVICE_FAILURE, "the web service does not decode the token") from None
        if not isinstance(answer, Mapping):
            raise Failure(Reason.SERVICE_FAILURE, "the web service does not decode the token")
        resources = answer.get("resources") if _is_list(answer.get("resources")) else ()
        found = [one.get("dicom-uid") for one in resources or () if isinstance(one, Mapping)]
        return tuple(uid for uid in found if isinstance(uid, str) and uid)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _is_int(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return math.isfinite(value) and value.is_integer() and -_INT <= value < _INT
    return isinstance(value, int) and -_INT <= value < _INT


def read_profile(answer: Any, flags: Behaviour) -> UserProfile:
    """The profile in an answer of the profile route: the empty one where it is unusable, :class:`Failure` where the
    plugin's JSON library throws.
    """
    if answer is not None and not isinstance(answer, Mapping):
        raise Failure(Reason.SERVICE_FAILURE, "the profile is no object")
    named = flags.profile_needs_name_and_labels
    valid = (
        answer is not None
        and _is_int(answer.get("validity"))
        and _is_list(answer.get("permissions"))
        and (not named or (isinstance(answer.get("name"), str) and _is_list(answer.get("authorized-labels"))))
    )
    if not valid or answer is None:
        if flags.invalid_profile_is_an_error:
            raise Failure(Reason.SERVICE_FAILURE, "the profile is not of the expected shape")
        return EMPTY
    if answer["validity"] < 0:
        raise Failure(Reason.SERVICE_FAILURE, "the profile has a negative validity")
    user_id = answer.get("user-id")
    return UserProfile(
        answer["name"] if named else "",
        frozenset(map(_as_text, answer["permissions"])),
        frozenset(map(_as_text, answer["authorized-labels"])) if named else frozenset(),
        user_id if isinstance(user_id, str) else None,
    )


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Failure(Reason.SERVICE_FAILURE, "the profile holds a list or an object where a text is expected")
