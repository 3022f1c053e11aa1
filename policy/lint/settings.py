"""How the linter is set up: from the command line over the project's configuration file.

The file is ``.policy-lint.toml``, or the table ``[tool.policy-lint]`` of ``pyproject.toml``, whichever is met first on
the way up from the first given file.
"""

from __future__ import annotations

import fnmatch
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy.errors import ShapeError, SyntaxRefused, Unreadable, UsageError
from policy.lint.finding import Finding, Persona, Severity
from policy.lint.nearby import did_you_mean
from policy.lint.rule import Rule, registry
from policy.records import dataclass, field, replace

CONFIGURATION_FILES = (".policy-lint.toml", "pyproject.toml")
_PERSONAS = tuple(Persona)


@dataclass(frozen=True, slots=True)
class Settings:
    """Which rules run and which findings count.

    ``select`` and ``ignore`` hold rule names, codes, code prefixes (``ROL``) or tags and their prefixes (``owasp``).
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity = Severity.INFO
    """The mildest severity that is shown."""
    fail_on: Severity = Severity.WARNING
    """The mildest severity that makes the exit code 1."""
    persona: Persona = Persona.REGULAR
    preview: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    clients: tuple[str, ...] = ()
    plugin_version: str | None = None
    orthanc_version: str | None = None
    auth_service_version: str | None = None
    image_tag: str | None = None
    root: Path | None = field(default=None, compare=False)
    """The folder of the configuration file, against which the patterns of ``per_file_ignores`` are matched."""

    def wants(self, rule: Rule) -> bool:
        """Whether ``rule`` runs: not if all that it finds is for another persona."""
        if _PERSONAS.index(rule.persona) > _PERSONAS.index(self.persona):
            return False
        if rule.preview and not (self.preview or _names(rule, self.select)):
            return False
        if self.select and not _names(rule, self.select):
            return False
        return not _names(rule, self.ignore)

    def shows(self, finding: Finding) -> bool:
        """Whether ``finding`` is shown: severe enough, for this persona, not ignored for its file."""
        if finding.severity < self.severity or _PERSONAS.index(finding.persona) > _PERSONAS.index(self.persona):
            return False
        rule = registry().get(finding.rule)
        return not any(
            rule is not None and fnmatch.fnmatch(finding.location.source.path, pattern) and _names(rule, names)
            for pattern, names in self.per_file_ignores.items()
        )

    def override(self, **given: Any) -> Settings:
        """These settings with what is given and not None or empty put over them."""
        return replace(self, **{name: value for name, value in given.items() if value not in (None, ())})


def _names(rule: Rule, names: Iterable[str]) -> bool:
    for name in names:
        wanted = name.lower()
        if wanted in (rule.name, "all") or rule.code.lower().startswith(wanted):
            return True
        if any(tag.lower() == wanted or tag.lower().startswith(f"{wanted}:") for tag in rule.tags):
            return True
    return False


def check_names(names: Iterable[str], *, option: str) -> None:
    """Raise :class:`UsageError` for a name that selects no rule."""
    rules = registry()
    for name in names:
        if not any(_names(rule, (name,)) for rule in rules.values()):
            near = did_you_mean(name, rules)
            raise UsageError(
                f"{option}: no rule, code or tag is called {name!r}. {near}".strip(),
                help="policy-lint rules lists them all.",
            )


def find_configuration(start: Path) -> Path | None:
    """The nearest configuration file in ``start`` or above it."""
    for folder in (start, *start.parents):
        for name in CONFIGURATION_FILES:
            candidate = folder / name
            # Path.is_file raises where a folder may not be entered.
            if os.path.isfile(candidate) and (name != "pyproject.toml" or _table(candidate) is not None):  # noqa: PTH113
                return candidate
    return None


def _table(file: Path) -> Mapping[str, Any] | None:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", file=str(file)) from None
    except RecursionError:
        raise SyntaxRefused("is nested too deeply", file=str(file)) from None
    except ValueError as error:  # of the decoder, of tomllib, and for a number of too many digits
        raise SyntaxRefused(f"is no TOML: {error}", file=str(file)) from None
    if file.name != "pyproject.toml":
        return data
    tools = data.get("tool")
    table = tools.get("policy-lint") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ShapeError("tool.policy-lint must be a table", file=str(file))
    return table


def read_configuration(file: Path) -> Settings:
    """The settings in ``file``.

    :raises ShapeError: for an unknown key or a value of the wrong type, with what would be right.
    """
    table = _table(file) or {}
    known = {name.replace("_", "-"): name for name in Settings.__match_args__ if name != "root"}
    given: dict[str, Any] = {"root": file.parent}
    for key, value in table.items():
        if key not in known:
            raise ShapeError(
                f"unknown key {key!r}. {did_you_mean(key, known)}".strip(),
                file=str(file),
                help=f"Known keys: {', '.join(known)}.",
            )
        given[known[key]] = _value(key, value, file)
    return Settings(**given)


def _value(key: str, value: Any, file: Path) -> Any:
    def wrong(expected: str) -> ShapeError:
        return ShapeError(f"{key} must be {expected}", file=str(file))

    if key in ("select", "ignore", "clients"):
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise wrong("a list of texts")
        return tuple(value)
    if key in ("severity", "fail-on"):
        if not (isinstance(value, str) and value.upper() in Severity.__members__):
            raise wrong(f"one of {', '.join(str(one) for one in Severity)}")
        return Severity[value.upper()]
    if key == "persona":
        if value not in _PERSONAS:
            raise wrong(f"one of {', '.join(_PERSONAS)}")
        return Persona(value)
    if key == "preview":
        if not isinstance(value, bool):
            raise wrong("true or false")
        return value
    if key == "per-file-ignores":
        if not (isinstance(value, dict) and all(isinstance(names, list) for names in value.values())):
            raise wrong("a table of lists: pattern of the file's path = [rules]")
        return MappingProxyType({pattern: tuple(str(name) for name in names) for pattern, names in value.items()})
    if not isinstance(value, str):
        raise wrong("a text")
    return value
