"""From the plain value of a file to its lists, as the service of a version checks them.

Most files are plainly right.
For them `_plain_roles` and `_plain_profile` answer without pydantic, whose import costs more than all the rest; whatever is unusual
is left to the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policy.auth_service.behaviour import Behaviour
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.auth_service.models import Fault

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class RoleLists:
    """What a role gives; ``fails`` says why requests of its holders end in an error, empty if they do not."""

    permissions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    labels_as_written: Any = None
    fails: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The content of permissions.json."""

    roles: Mapping[str, RoleLists]
    available_labels: tuple[str, ...] = ()


class Misshapen(Exception):
    """A value that the service refuses; ``faults`` are (path, what must stand there)."""

    def __init__(self, *faults: tuple[Path, str]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def roles_shape(value: Any, behaviour: Behaviour) -> Shape:
    """The roles in ``value`` as the service of this version takes them.

    Raises :class:`Misshapen` where it does not start.
    """
    if not behaviour.checks_by_model:
        return _old_shape(value, behaviour)
    names = behaviour.permissions
    return _plain_roles(value, names) or _modelled_roles(value, names)


def profile_fields(value: Any, behaviour: Behaviour) -> dict[str, Any]:
    """The fields of a profile that anonymous-profile.json holds, by the names of :class:`.profile.Profile`.

    Raises :class:`Misshapen` where the service drops the file.
    """
    plain = _plain_profile(value, behaviour.permissions)
    return _modelled_profile(value, behaviour.permissions) if plain is None else plain


def _modelled_profile(value: Any, names: frozenset[str]) -> dict[str, Any]:
    from policy.auth_service import models

    try:
        model = models.fit(models.ProfileModel, value, names)
    except models.Refused as refused:
        raise Misshapen(*map(_in_words, refused.faults)) from None
    return {
        "name": model.name,
        "permissions": tuple(model.permissions),
        "labels": tuple(model.authorized_labels),
        "validity": model.validity,
        "user_id": model.user_id,
        "groups": None if model.groups is None else tuple(model.groups),
    }


def _plain_roles(value: Any, names: frozenset[str]) -> Shape | None:
    """The shape of a file that no check can object to, or None: then the models must be asked."""
    try:
        roles = {}
        for name, role in value["roles"].items():
            labels = role["authorized-labels"] if "authorized-labels" in role else role.get("authorized_labels", [])
            permissions = role.get("permissions", [])
            if not (_plain(labels) and _plain(permissions) and names.issuperset(permissions)):
                return None
            roles[name] = RoleLists(tuple(permissions), tuple(labels))
        available = value.get("available-labels", [])
    except (AttributeError, KeyError, TypeError):
        return None
    return Shape(roles, tuple(available)) if _plain(available) else None


def _plain_profile(value: Any, names: frozenset[str]) -> dict[str, Any] | None:
    """The fields of a profile that no check can object to, or None."""
    if not isinstance(value, dict):
        return None
    labels = value["authorized-labels"] if "authorized-labels" in value else value.get("authorized_labels", [])
    permissions: list[str] = value.get("permissions", [])
    user_id: str | None = value.get("user-id", value.get("user_id"))
    groups: list[str] | None = value.get("groups")
    texts = [value.get("name"), "" if user_id is None else user_id]
    lists = [labels, permissions, texts, [] if groups is None else groups]
    # The types above are what is hoped for; here it is looked at.
    if type(value.get("validity")) is not int or not all(map(_plain, lists)):
        return None
    if not names.issuperset(permissions):
        return None
    return {
        "name": value["name"],
        "permissions": tuple(permissions),
        "labels": tuple(labels),
        "validity": value["validity"],
        "user_id": user_id,
        "groups": None if groups is None else tuple(groups),
    }


def _plain(entries: Any) -> bool:
    """Whether this is a list of texts; pydantic takes every text, even one with half a character."""
    return type(entries) is list and all(type(entry) is str for entry in entries)


def _modelled_roles(value: Any, names: frozenset[str]) -> Shape:
    from policy.auth_service import models

    try:
        model = models.fit(models.RolesModel, value, names)
    except models.Refused as refused:
        raise Misshapen(*map(_in_words, refused.faults)) from None
    roles = {
        name: RoleLists(tuple(role.permissions), tuple(role.authorized_labels)) for name, role in model.roles.items()
    }
    return Shape(roles, tuple(model.available_labels))


NOT_KNOWN = "is not a permission that this version knows"
_WORDS = {
    "missing": "is required and missing",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number, without a fraction",
    "finite_number": "must be a finite number",
    "not_known": NOT_KNOWN,
}


def _in_words(fault: Fault) -> tuple[Path, str]:
    path, kind = fault
    return path, _WORDS.get(kind, "is not what the service expects here")


def _old_shape(value: Any, behaviour: Behaviour) -> Shape:
    """Up to 24.5.1: little is checked at start, so that some files start and fail when a holder asks.

    Source: the recordings of 24.5.1; before 23.9.0 by reading.
    """
    if not isinstance(value, dict):
        raise Misshapen(((), "must be an object"))
    roles = value.get("roles")
    if not isinstance(roles, dict):
        raise Misshapen((("roles",), "must be an object" if "roles" in value else "is required and missing"))
    read = _bare_role if behaviour.roles_are_lists else _old_role
    names = behaviour.permissions
    return Shape({name: read(name, role, names) for name, role in roles.items()})


def _old_role(name: str, role: Any, names: frozenset[str]) -> RoleLists:
    """23.9.0 to 24.5.1: both lists must be there and not be empty; nothing else is looked at."""
    if not isinstance(role, dict):
        raise Misshapen((("roles", name), "must be an object"))
    for key in ("authorized_labels", "permissions"):
        if not role.get(key):
            kind = "must not be empty" if key in role else "is required and missing"
            raise Misshapen((("roles", name, key), kind))
    labels = role["authorized_labels"]
    permissions, fails = _enumerated(role["permissions"], names)
    if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
        return RoleLists(permissions, tuple(labels), fails=fails)
    return RoleLists(permissions, (), labels, fails)


def _bare_role(_name: str, role: Any, names: frozenset[str]) -> RoleLists:
    """Up to 23.6.1: a role is a list of permissions, looked at when a holder asks."""
    permissions, fails = _enumerated(role, names)
    return RoleLists(permissions, fails=fails)


def _enumerated(value: Any, names: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """What Python finds when it goes through ``value`` for permissions: the keys of an object, the letters of a text."""
    if not isinstance(value, list | dict | str):
        return (), "its permissions are no list"
    for entry in value:
        if not isinstance(entry, str) or entry not in names:
            return (), "it has a permission that this version does not know"
    return tuple(dict.fromkeys(value)), ""
