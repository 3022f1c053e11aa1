"""The shapes of the service's files and tokens since 24.6.0, as pydantic models, because the service has such models.

What pydantic takes for a whole number or a text is thus what the service takes: ``"60"`` for a validity, but no number
for a label.
Other keys are ignored, as they are there.
Importing this module imports pydantic; see :mod:`.shapes` for the way around it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError


def _known(value: str, info: ValidationInfo) -> str:
    """``value``, if it is among the names that the caller of :func:`fit` gave."""
    if value not in (info.context or ()):
        raise PydanticCustomError("not_known", "not a known name")
    return value


_Known = Annotated[str, AfterValidator(_known)]
_Level = Literal["patient", "study", "series", "instance", "system"]


class _Model(BaseModel):
    """Takes the names with underscores beside those with hyphens; where both are written the hyphen wins."""

    model_config = ConfigDict(populate_by_name=True)


class RoleModel(_Model):
    """One role of permissions.json."""

    authorized_labels: list[str] = Field(default=[], alias="authorized-labels")
    permissions: list[_Known] = []


class RolesModel(BaseModel):
    """The one model that knows the hyphen alone: ``available_labels`` is an unknown key to it."""

    roles: dict[str, RoleModel]
    available_labels: list[str] = Field(default=[], alias="available-labels")


class ProfileModel(_Model):
    """anonymous-profile.json."""

    name: str
    authorized_labels: list[str] = Field(default=[], alias="authorized-labels")
    permissions: list[_Known] = []
    validity: int
    user_id: str | None = Field(default=None, alias="user-id")
    groups: list[str] | None = None


class ShareResourceModel(_Model):
    """One resource in the content of a share token."""

    dicom_uid: str | None = Field(default=None, alias="dicom-uid")
    orthanc_id: str | None = Field(default=None, alias="orthanc-id")
    url: str | None = None
    level: _Level


class ShareModel(_Model):
    """The content of a share token."""

    id: str | None = None
    resources: list[ShareResourceModel]
    type: _Known = "invalid"
    expiration_date: datetime | None = Field(default=None, alias="expiration-date")
    validity_duration: int | None = Field(default=None, alias="validity-duration")


_M = TypeVar("_M", bound=BaseModel)

Fault = tuple[tuple[str | int, ...], str]
"""Where a value is wrong, and the kind of fault in pydantic's words."""


class Refused(Exception):
    """A value that does not fit a model."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def fit(model: type[_M], value: Any, names: frozenset[str]) -> _M:
    """``value`` as ``model`` takes it; ``names`` are the names of permissions (or of types of shares) that it may use.

    Raises :class:`Refused`.
    """
    try:
        return model.model_validate(value, context=names)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise Refused(tuple((fault["loc"], fault["type"]) for fault in faults)) from None
