"""Variables in a Compose file: ``$NAME``, ``${NAME}`` and the forms with a default, as Docker Compose replaces them.

Source: compose-spec/compose-go ``template/template.go`` e70e961, and the Compose specification's chapter on it.
"""

from __future__ import annotations

from collections.abc import Callable

from policy.configuration.mapped import Builder, Mapped
from policy.records import dataclass
from policy.regex import regex

Lookup = Callable[[str], str | None]
"""The value of a name, or None where it is not set."""

_NAME = regex(r"[_a-zA-Z][_a-zA-Z0-9]*")
_DEEPEST = 20


class InterpolationError(ValueError):
    """Compose stops on this text; ``offset`` is where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is set nowhere; Compose puts the empty text in its place and prints a warning."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Interpolated:
    """The text after Compose's substitution and the names that it did not find."""

    mapped: Mapped
    missing: tuple[Missing, ...]


def interpolate(text: str, lookup: Lookup, unset: Callable[[str, str], str] | None = None) -> Interpolated:
    """What Compose makes of ``text``.

    ``lookup`` gives values of names.
    ``unset`` is asked with the whole expression and the text before it what to put in place of a name that is not set
    and has no default; the default is the empty text, as Compose does.

    Raises :class:`InterpolationError` where Compose would: ``${`` without a name or without its end, and ``${NAME:?}``.
    """
    builder = Builder(text)
    missing: list[Missing] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        following = text[dollar + 1 : dollar + 2]
        if following == "$":
            builder.replace(dollar, dollar + 2, "$")
            position = dollar + 2
        elif following == "{":
            end = _closing(text, dollar)
            value = _braced(text[dollar + 2 : end - 1], dollar, lookup, 0)
            if value is None:
                missing.append(Missing(_name_of(text[dollar + 2 : end - 1]), dollar, end))
                value = unset(text[dollar:end], text[:dollar]) if unset else ""
            builder.replace(dollar, end, value)
            position = end
        elif match := _NAME.match(text, dollar + 1):
            value = lookup(match[0])
            if value is None:
                missing.append(Missing(match[0], dollar, match.end()))
                value = unset(text[dollar : match.end()], text[:dollar]) if unset else ""
            builder.replace(dollar, match.end(), value)
            position = match.end()
        else:
            position = dollar + 1
    return Interpolated(builder.finish(), tuple(missing))


def _closing(text: str, dollar: int) -> int:
    """The offset behind the brace that closes ``${`` at ``dollar``; inner ``${...}`` nest."""
    depth = 0
    position = dollar
    while position < len(text):
        if text.startswith("${", position):
            depth += 1
            position += 2
        elif text[position] == "}":
            depth -= 1
            position += 1
            if depth == 0:
                return position
        else:
            position += 1
    raise InterpolationError("'${' is not closed", dollar)


def _name_of(inside: str) -> str:
    match = _NAME.match(inside)
    return match[0] if match else inside


def _braced(inside: str, dollar: int, lookup: Lookup, depth: int) -> str | None:
    """The value of what stands between the braces; None: not set and no default."""
    match = _NAME.match(inside)
    if match is None or depth > _DEEPEST:
        raise InterpolationError("'${' is not followed by the name of a variable", dollar)
    value = lookup(match[0])
    rest = inside[match.end() :]
    if not rest:
        return value
    operator = rest[:2] if rest[:1] == ":" else rest[:1]
    if operator not in (":-", "-", ":?", "?", ":+", "+"):
        raise InterpolationError("'${NAME' is followed by neither a default nor '}'", dollar)
    argument = rest[len(operator) :]
    is_set = value is not None and (value != "" or operator[0] != ":")
    if operator[-1] == "+":
        return _inner(argument, dollar, lookup, depth) if is_set else ""
    if is_set:
        return value
    if operator[-1] == "?":
        raise InterpolationError(f"the variable {match[0]} is required and not set", dollar)
    return _inner(argument, dollar, lookup, depth)


def _inner(argument: str, dollar: int, lookup: Lookup, depth: int) -> str:
    """A default or alternative, in which variables may stand again."""
    if "$" not in argument:
        return argument
    if depth > _DEEPEST:
        raise InterpolationError("defaults within defaults are nested too deeply", dollar)
    return interpolate(argument, lookup).mapped.text
