"""The page of a rule, made from its docstring, and the samples in it.

A docstring has a title line and sections headed ``## What it checks``, ``## Why it matters``, ``## Example``,
``## Use instead``, ``## Exceptions``, and ``## References`` (made from the tags).
A fenced block whose info string is ``LANGUAGE FILE [key=value ...]`` is a sample file.
Blocks that follow each other in one section are one sample of several files; ``---`` on a line of its own begins the
next sample.  Keys: ``line`` (where the finding must be; several with commas), ``plugin``, ``orthanc``, ``image``,
``auth-service`` (versions), ``severity`` (of all its findings), ``persona`` (the first that sees it; a good sample is
silent even for the auditor), ``encoding`` (of its files, else UTF-8).
Samples under *Example* must be found; those under *Use instead* and *Exceptions* must not.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from textwrap import dedent

from policy.lint.rule import Rule
from policy.records import dataclass
from policy.regex import regex

HEADINGS = ("What it checks", "Why it matters", "Example", "Use instead", "Exceptions", "References")
_HEADING = regex(r"^## (.+)$", re.MULTILINE)
_FENCE = regex(
    r"^(?P<indent> *)```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A deployment in small: texts by file name, and what is expected of the rule."""

    bad: bool
    files: Mapping[str, str]
    lines: Mapping[str, tuple[int, ...]]
    """For a bad sample: in which file and on which lines the findings must be."""
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The parts of a rule's page."""

    title: str
    sections: Mapping[str, str]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples of the page, bad ones first."""
        found = list(_samples(self.sections.get("Example", ""), bad=True))
        for heading in ("Use instead", "Exceptions"):
            found.extend(_samples(self.sections.get(heading, ""), bad=False))
        return tuple(found)


def page_of(rule: Rule) -> Page:
    """The page of ``rule``."""
    text = inspect.cleandoc(type(rule).__doc__ or "")
    pieces = _HEADING.split(text)
    sections = {pieces[i].strip(): pieces[i + 1].strip() for i in range(1, len(pieces) - 1, 2)}
    return Page(pieces[0].strip(), sections)


def markdown(rule: Rule) -> str:
    """The page as Markdown: heading, facts about the rule, sections, references."""
    page = page_of(rule)
    lines = [f"# {rule.name} ({rule.code})", "", page.title, ""]
    lines += [
        (
            f"Severity: {rule.severity}.  Confidence: {rule.confidence}.  Persona: {rule.persona}.  "
            f"Fix: {rule.fixable}.  Since: {rule.since}."
        ),
        "",
    ]
    for heading in HEADINGS[:-1]:
        if heading in page.sections:
            lines += [f"## {heading}", "", _plain(page.sections[heading]), ""]
    references = [*_references(rule)]
    if page.sections.get("References"):
        references.insert(0, page.sections["References"])
    if references:
        lines += ["## References", "", *references, ""]
    return "\n".join(lines)


def _plain(section: str) -> str:
    """The section with the keys for tests taken out of the info strings; the file's name stays above the block."""

    def show(match: re.Match[str]) -> str:
        name = match["info"].split()
        caption = f"{match['indent']}`{name[0]}`:\n\n" if name else ""
        return f"{caption}{match['indent']}```{match['language']}\n{match['text']}{match['indent']}```"

    return re.sub(r"\n{3,}", "\n\n", _FENCE.sub(show, section).replace("\n---\n", "\n"))


def _references(rule: Rule) -> Iterator[str]:
    from policy.knowledge import references

    for tag in rule.tags:
        reference = references.reference(tag)
        # A title that nobody has compared with its source is not printed; its id is.
        yield f"- {reference}" if reference is not None and reference.checked else f"- {tag}"


def _samples(section: str, *, bad: bool) -> Iterator[Sample]:
    for part in re.split(r"^---$", section, flags=re.MULTILINE):
        files: dict[str, str] = {}
        lines: dict[str, tuple[int, ...]] = {}
        keys: dict[str, str] = {}
        for match in _FENCE.finditer(part):
            name, *pairs = match["info"].split() or [""]
            if not name:
                continue
            files[name] = dedent(match["text"])
            for pair in pairs:
                key, _, value = pair.partition("=")
                if key == "line":
                    lines[name] = tuple(int(number) for number in value.split(","))
                else:
                    keys[key] = value
        if files:
            yield Sample(bad, files, lines, keys)
