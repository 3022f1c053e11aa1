"""Fixes for variables of a container: another text, another name.

Only what stands in a mapping (``NAME: value``) is edited; a line ``NAME=value`` and a file of variables are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy.errors import PolicyError
from policy.lint.finding import Fix

if TYPE_CHECKING:
    from policy.configuration.deployment import Variable
    from policy.configuration.source import Source
    from policy.text import Member


def set_text(variable: Variable, text: str, title: str, *, safe: bool) -> Fix | None:
    """Write ``text`` as the value of ``variable``."""
    from policy.text import edits

    found = _member(variable)
    if found is None:
        return None
    source, member = found
    try:
        return Fix(title, safe, ((source, tuple(edits.replace(source.document, member.value, text))),))
    except PolicyError:
        return None


def around(variable: Variable, before: str, after: str, title: str, *, safe: bool) -> Fix | None:
    """Put ``before`` and ``after`` around the value of ``variable`` as it is written, its own variables kept."""
    written = variable.written.value if variable.written is not None else None
    if written is None or isinstance(written, bool | float):
        return None
    return set_text(variable, f"{before}{written}{after}", title, safe=safe)


def rename(variable: Variable, name: str, *, safe: bool) -> Fix | None:
    """Call ``variable`` by another ``name``."""
    from policy.text import edits

    found = _member(variable)
    if found is None:
        return None
    source, member = found
    try:
        change = tuple(edits.rename(source.document, member, name))
    except PolicyError:
        return None
    return Fix(f"Rename {variable.name} to {name}", safe, ((source, change),))


def _member(variable: Variable) -> tuple[Source, Member] | None:
    """The variable as it stands in its file, if its value stands there as a scalar of its own."""
    source, span = variable.name_location.source, variable.name_location.span
    if variable.written is None or source.document.root is None or source.document.language != "yaml":
        return None
    for node in source.document.root.walk():
        for member in node.members:
            if member.key_span == span and member.key == variable.name and not member.value.members:
                return source, member
    return None
