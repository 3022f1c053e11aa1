"""The profile of a visitor, who sends no token or one that is no good.

There are three files to tell apart, and they differ in what they grant:

* **no file**: the path leads nowhere, the variable ``ANONYMOUS_PROFILE_FILE_PATH`` is the empty text, or the file is
  wrong: the profile that is fixed in the program, without any right (:func:`anonymous_profile` with ``None``);
* **the image's own file**, where nothing is mounted and the variable is not set: since 25.8.0 it grants ``upload``
  (:func:`image_anonymous_profile`);
* **a file that somebody mounted**: what it says, if the service takes it.

Up to 25.7.0 no file is read and the profile is always the fixed one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.auth_service.behaviour import Behaviour
from policy.auth_service.errors import FileRefused
from policy.auth_service.profile import NOBODY, Profile
from policy.auth_service.reading import DROPPED, refusal_of_shape, strict_value, value_of
from policy.auth_service.shapes import Misshapen, profile_fields
from policy.knowledge import service
from policy.knowledge.versions import Version
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.text import Document


@dataclass(frozen=True, slots=True)
class AnonymousReading:
    """What the service makes of anonymous-profile.json.

    ``refused`` says why the file was dropped (then ``profile`` is the fixed one), or is None.
    ``read`` is false where the version does not look at the file at all.
    """

    profile: Profile
    refused: FileRefused | None = None
    read: bool = True


def anonymous_profile(data: bytes | str | None, *, auth_service: str | Version | None = None) -> Profile:
    """What a visitor gets, given the text of anonymous-profile.json, or None for no file.

    Never raises for the content: the service drops a wrong file and goes on with the fixed profile.
    Raises :class:`policy.errors.UnknownVersion` alone.
    """
    behaviour = Behaviour.of(auth_service)
    if data is None or not behaviour.reads_anonymous_profile:
        return NOBODY
    try:
        return Profile(source="file", **profile_fields(strict_value(data), behaviour))
    except (ValueError, RecursionError, Misshapen):
        from policy import text

        return read_anonymous_profile(text.parse(data), auth_service=auth_service).profile


def image_anonymous_profile(*, auth_service: str | Version | None = None) -> Profile:
    """What a visitor gets from the service's image if nothing is mounted over its own file."""
    behaviour = Behaviour.of(auth_service)
    for shipped in service.shipped_files():
        if shipped.file == "anonymous-profile.json" and behaviour.version in shipped.versions:
            return Profile(source="image", **profile_fields(shipped.content, behaviour))
    return NOBODY


def read_anonymous_profile(
    document: Document | None, *, auth_service: str | Version | None = None, file: str | None = None
) -> AnonymousReading:
    """The same as :func:`anonymous_profile`, with the reason why a file was dropped, and its place."""
    behaviour = Behaviour.of(auth_service)
    if not behaviour.reads_anonymous_profile:
        return AnonymousReading(NOBODY, read=False)
    if document is None:
        return AnonymousReading(NOBODY)
    try:
        value = value_of(document, behaviour, DROPPED, file)
        return AnonymousReading(Profile(source="file", **profile_fields(value, behaviour)))
    except Misshapen as wrong:
        return AnonymousReading(NOBODY, refusal_of_shape(wrong, document, behaviour, DROPPED, file))
    except FileRefused as refused:
        return AnonymousReading(NOBODY, refused)
