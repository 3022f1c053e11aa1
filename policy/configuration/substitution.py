"""Variables in files of Orthanc: what the image's script replaces, what the core replaces, and the way back.

Sources: the Python package envsubst 0.1.5, which the script calls on each mounted file from tag 23.6.1 on;
``Toolbox::SubstituteVariables`` of Orthanc (the same expression from 1.12.3 to 1.13.0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from policy.configuration.mapped import Builder, Mapped, chain
from policy.records import dataclass
from policy.regex import regex

SCRIPT = "generateConfiguration.py"
"""What the script puts in for ``$0``: its own name."""

UNKNOWN_OPEN, UNKNOWN_CLOSE = "\ue000", "\ue001"
"""Around the name of a variable whose value only the host knows, so that nothing later takes it for a value."""
_UNKNOWN = regex(f"{UNKNOWN_OPEN}([^{UNKNOWN_CLOSE}]*){UNKNOWN_CLOSE}")

_SIMPLE = regex(r"(?<!\\)\$([A-Za-z0-9_]+)")
_BRACED = regex(r"(?<!\\)\$\{([A-Za-z0-9_]+)(?:(:?-)([^}]+))?\}")
_CORE = regex(
    r"""\$\{([^:]*?)\} | \$\{([^:]*?):-([^'"]*?)\} | \$\{([^:]*?):-"([^"]*?)"\} | \$\{([^:]*?):-'([^']*?)'\}""",
    re.VERBOSE,
)

Environment = Mapping[str, str | None]
"""The variables of a process by name; None: it is set, but its value is not known here."""


@dataclass(frozen=True, slots=True)
class Substituted:
    """The text after the substitution; ``internal_error``: the offset of a ``${}``, on which the core stops."""

    mapped: Mapped
    internal_error: int | None = None


def unknown(name: str) -> str:
    """A mark for a value that is not known here."""
    return f"{UNKNOWN_OPEN}{name}{UNKNOWN_CLOSE}"


def shown(text: str) -> str:
    """``text`` with the marks of :func:`unknown` as people write variables."""
    return _UNKNOWN.sub(r"${\1}", text) if UNKNOWN_OPEN in text else text


def by_script(text: str, environment: Environment) -> Mapped:
    """What the image's script makes of a file's text before it is parsed: two passes, ``$NAME``, then ``${NAME}``.

    >>> by_script('{"Password": "pa$word"}', {}).text
    '{"Password": "pa"}'
    """
    first = _replace(text, _SIMPLE, lambda match: _script_value(match[1], environment, ""))

    def braced(match: re.Match[str]) -> str:
        if match[2] is None:
            return _script_value(match[1], environment, "")
        default = _SIMPLE.sub(lambda inner: _script_value(inner[1], environment, ""), match[3])
        value = _script_value(match[1], environment, default)
        return value if value or match[2] == "-" else default

    return chain(first, _replace(first.text, _BRACED, braced))


def _script_value(name: str, environment: Environment, default: str) -> str:
    if name.isdigit():
        return SCRIPT if int(name) == 0 else default
    value = environment.get(name, default)
    return unknown(name) if value is None else value


def by_core(text: str, environment: Environment) -> Substituted:
    """What the core makes of a text before it is parsed, comments and keys included.

    >>> by_core('{"Name": "${NAME:-MyOrthanc}"}', {}).mapped.text
    '{"Name": "MyOrthanc"}'
    """
    stopped: list[int] = []

    def value(match: re.Match[str]) -> str:
        name = next((group for group in (match[1], match[2], match[4], match[6]) if group is not None), "")
        default = next((group for group in (match[3], match[5], match[7]) if group is not None), "")
        if match[0] == "${}":
            stopped.append(match.start())
            return match[0]
        found = environment.get(name, default)
        return unknown(name) if found is None else found

    mapped = _replace(text, _CORE, value)
    return Substituted(mapped, stopped[0] if stopped else None)


def by_core_in_value(value: str, environment: Environment) -> str | None:
    """What the core makes of one text of the file that the script generated; None: the file is no JSON any more.

    The script writes the text with JSON's escapes, the core replaces in that, then parses it.
    """
    if "${" not in value:
        return value
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    try:
        read = json.loads(f'"{by_core(escaped, environment).mapped.text}"', strict=False)
    except ValueError:
        return None
    return read if isinstance(read, str) else None


def _replace(text: str, pattern: re.Pattern[str], value: Callable[[re.Match[str]], str]) -> Mapped:
    builder = Builder(text)
    for match in pattern.finditer(text):
        builder.replace(match.start(), match.end(), value(match))
    return builder.finish()
