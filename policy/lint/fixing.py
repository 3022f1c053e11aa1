"""Fixes applied: in rounds and in memory, each round linted anew, then written file by file at one stroke.

In one round go fixes that do not touch each other's text, nor what another's finding rests on: of two copies of a rule
only one may go.  What has to wait comes in the next round, if its finding is still there.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from policy.configuration.deployment import Deployment
from policy.configuration.registry import STDIN
from policy.configuration.source import Location, Source
from policy.errors import PolicyError, Unreadable
from policy.lint.context import Context
from policy.lint.finding import Finding
from policy.lint.run import Result, run
from policy.lint.settings import Settings
from policy.records import dataclass, field
from policy.text import Document, Span
from policy.text.edits import Edit, apply, outside
from policy.text.embedding import EmbeddedDocument
from policy.text.write import write

MOST_ROUNDS = 50
"""Fixes that go on after this undo each other."""

Load = Callable[[Mapping[str, bytes]], Deployment]
"""Loads the deployment with texts in place of those of its files (see :func:`text_name`)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file with its bytes before and after; ``name`` is how reports call it, ``path`` None for standard input."""

    name: str
    path: Path | None
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the fixes did: ``before`` and ``after`` are the runs without and with them, ``changes`` the files.

    ``applied`` are the findings whose fixes were applied, with the places that they had in their round.
    ``elsewhere`` are findings left whose fix would change a file that was not given; ``stuck`` those whose fix was tried
    and taken back, or cannot be made in the way in which the text is written.
    ``settled`` is false where fixes were left after the last round, because they undo each other.
    """

    before: Result
    after: Result
    applied: tuple[Finding, ...]
    changes: tuple[Change, ...]
    elsewhere: tuple[Finding, ...]
    stuck: tuple[Finding, ...]
    settled: bool


def text_name(source: Source) -> str:
    """The name of the whole text that ``source`` is or stands in: the real path of its file, or ``<stdin>``."""
    if source.path == STDIN:
        return STDIN
    return os.path.realpath(Path(source.folder) / Path(source.path).name)


def among(files: Sequence[str]) -> Callable[[str], bool]:
    """Tells of a :func:`text_name` whether ``files``, as a command was given them, name it or a folder above it."""
    real = [Path(os.path.realpath(file)) for file in files if file != "-"]
    reads = "-" in files

    def given(name: str) -> bool:
        if name == STDIN:
            return reads
        path = Path(name)
        return any(path == one or one in path.parents for one in real)

    return given


def fix(
    load: Load,
    settings: Settings | None = None,
    *,
    given: Callable[[str], bool],
    unsafe: bool = False,
    wanted: Callable[[Finding], bool] | None = None,
) -> Fixed:
    """Apply the safe fixes, with ``unsafe`` all of them, to the texts that ``load`` gives; no file is written.

    ``given`` says of the name of a text whether it may change, ``wanted`` of a finding whether it shall be fixed.
    A round after which a text is refused that was read before, or the deployment is another one, is taken back.
    Raises what ``load`` raises for the texts as they are.
    """
    first = run(load({}), settings)
    work = _Work(load, settings, first)

    def asked_for() -> list[Finding]:
        return [
            finding
            for finding in work.result.findings
            if finding.fix is not None
            and (unsafe or finding.fix.safe)
            and (wanted is None or wanted(finding))
            and _only(finding, given)
        ]

    pending = work.open(asked_for())
    for _ in range(MOST_ROUNDS):
        if not pending:
            break
        work.round(pending)
        pending = work.open(asked_for())
    stuck = tuple(asked_for())
    elsewhere = tuple(one for one in work.result.findings if one.fix is not None and not _only(one, given))
    return Fixed(first, work.result, tuple(work.applied), tuple(work.changes()), elsewhere, stuck, not pending)


def write_all(changes: Iterable[Change]) -> None:
    """Write the changed files; each is replaced at one stroke, with its mode and owner, and only if it still holds what
    was read.

    Raises Unreadable where a file changed in the meantime or cannot be written; the error says which were written.
    """
    pending = [change for change in changes if change.path is not None]
    for change in pending:
        # Asked of all before any is written, so that a change of several files is rarely made by half.
        assert change.path is not None  # noqa: S101 - for the type checker
        if not os.access(change.path, os.W_OK):
            raise Unreadable("the file is not writable", file=change.name, help="Nothing was written.")
    written: list[str] = []
    for change in pending:
        assert change.path is not None  # noqa: S101 - for the type checker
        try:
            write(change.path, change.after, expected=change.before)
        except Unreadable as error:
            done = f"Written before it: {', '.join(written)}." if written else "Nothing was written."
            raise Unreadable(error.message, file=change.name, help=f"{error.help or ''} {done}".strip()) from error
        written.append(change.name)


def _only(finding: Finding, given: Callable[[str], bool]) -> bool:
    """Whether the fix changes nothing but what was given."""
    return finding.fix is None or all(given(text_name(source)) for source, _ in finding.fix.operations)


def _identity(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.fingerprint


def _change_of(finding: Finding) -> object:
    """What the fix would do, and where: another place is another try."""
    operations = finding.fix.operations if finding.fix is not None else ()
    return finding.rule, tuple((text_name(source), edits, finding.location.span) for source, edits in operations)


def _possible(finding: Finding) -> bool:
    """Whether the text can hold the change in the way in which it is written."""
    try:
        texts_with([finding])
    except PolicyError:
        return False
    return True


@dataclass(slots=True)
class _Work:
    """The texts on their way: what stands in them now, what was tried and did not help."""

    load: Load
    settings: Settings | None
    result: Result
    texts: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    applied: list[Finding] = field(default_factory=list)
    useless: set[tuple[str, str]] = field(default_factory=set)
    """Findings that stayed as they were after their fix."""
    refused: set[object] = field(default_factory=set)
    """Fixes that cannot be made where the text stands."""
    _seen: set[frozenset[tuple[str, bytes]]] = field(default_factory=lambda: {frozenset()})

    def open(self, findings: Iterable[Finding]) -> list[Finding]:
        """Those of ``findings`` whose fixes are worth a try."""
        return [one for one in findings if _identity(one) not in self.useless and _change_of(one) not in self.refused]

    def round(self, pending: Sequence[Finding]) -> None:
        """One round: as many of the fixes as go together; if that is no good, the first one alone."""
        # Safe fixes first: none of them has to wait for one that needs eyes.
        ready = sorted(pending, key=lambda one: (not (one.fix is not None and one.fix.safe), one.order))
        chosen = _together(ready)
        if self._try(chosen):
            return
        impossible = [one for one in chosen if not _possible(one)]
        if not impossible and len(chosen) > 1 and self._try(chosen[:1]):
            return
        self.refused.update(map(_change_of, impossible or chosen[:1]))

    def _try(self, chosen: Sequence[Finding]) -> bool:
        try:
            changed = texts_with(chosen)
        except PolicyError:
            return False
        current = {name: data for name, (_, data) in changed.items()}
        texts = self.texts | current
        state = frozenset((name, data) for name, data in texts.items() if data != self._original(name, changed))
        if state in self._seen:
            return False
        try:
            deployment = self.load(texts)
        except PolicyError:
            return False
        if not _sound(self.result.deployment, deployment, set(current)):
            return False
        after = run(deployment, self.settings)
        self._seen.add(state)
        for name, (source, _) in changed.items():
            self.before.setdefault(name, (source.path, source.document.data))
        self._bar_what_did_not_help(chosen, after)
        self.texts, self.result = texts, after
        self.applied.extend(chosen)
        return True

    def _original(self, name: str, changed: Mapping[str, tuple[Source, bytes]]) -> bytes:
        return self.before[name][1] if name in self.before else changed[name][0].document.data

    def _bar_what_did_not_help(self, chosen: Sequence[Finding], after: Result) -> None:
        """A finding that its fix leaves as it was is not fixed again: the fix would be made once more each round."""
        had = Counter(map(_identity, self.result.findings))
        has = Counter(map(_identity, after.findings))
        fixed = Counter(map(_identity, chosen))
        self.useless.update(one for one, count in fixed.items() if has[one] > had[one] - count)

    def changes(self) -> Iterator[Change]:
        """The texts that are others now, by name."""
        for name, (shown, before) in sorted(self.before.items(), key=lambda item: item[1][0]):
            if self.texts[name] != before:
                yield Change(shown, None if name == STDIN else Path(name), before, self.texts[name])


# -- what goes together ----------------------------------------------------------------------------------------------


def _together(findings: Iterable[Finding]) -> list[Finding]:
    """The first of ``findings``, and each further one whose fix leaves those before it alone, and they it."""
    chosen: list[Finding] = []
    edited: dict[str, list[Span]] = defaultdict(list)
    rested: dict[str, list[Span]] = defaultdict(list)
    for finding in findings:
        edits = list(_edited(finding))
        rests = list(_rests(finding))
        alone = any(_meet(span, other) for name, span in edits for other in edited[name])
        alone = alone or any(_within(span, other) for name, span in edits for other in rested[name])
        if alone or any(_within(other, span) for name, span in rests for other in edited[name]):
            continue
        chosen.append(finding)
        for name, span in edits:
            edited[name].append(span)
        for name, span in rests:
            rested[name].append(span)
    return chosen


def _edited(finding: Finding) -> Iterator[tuple[str, Span]]:
    """What a fix changes, in places of the whole text."""
    for source, edits in finding.fix.operations if finding.fix is not None else ():
        document = source.document
        for edit in edits:
            inner = isinstance(document, EmbeddedDocument)
            yield text_name(source), document.outside(edit.span) if inner else edit.span  # type: ignore[attr-defined]


def _rests(finding: Finding) -> Iterator[tuple[str, Span]]:
    """What a finding points to: with another text there, it might not have been found."""
    locations: list[Location] = [finding.location, *(related.location for related in finding.related)]
    for location in locations:
        yield text_name(location.source), location.span


def _meet(one: Span, other: Span) -> bool:
    """Whether two stretches overlap; an insertion also meets what it only touches, since their order would count."""
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _within(edit: Span, rest: Span) -> bool:
    return edit.start < rest.end and rest.start < max(edit.end, edit.start + 1)


# -- texts -----------------------------------------------------------------------------------------------------------


def texts_with(findings: Iterable[Finding]) -> dict[str, tuple[Source, bytes]]:
    """The texts that the fixes change, with a source of each; edits within one scalar are made at one stroke."""
    outer: dict[str, tuple[Source, Document, list[Edit]]] = {}
    held: dict[tuple[str, Span], tuple[EmbeddedDocument, list[Edit]]] = {}
    for finding in findings:
        for source, edits in finding.fix.operations if finding.fix is not None else ():
            document, name = source.document, text_name(source)
            if isinstance(document, EmbeddedDocument):
                outer.setdefault(name, (source, document.outer, []))
                held.setdefault((name, document.node.span), (document, []))[1].extend(edits)
            else:
                outer.setdefault(name, (source, document, []))[2].extend(edits)
    for (name, _), (embedded, inner) in held.items():
        outer[name][2].append(outside(embedded, inner))
    return {name: (source, apply(document, changed)) for name, (source, document, changed) in outer.items()}


def _sound(before: Deployment, after: Deployment, names: set[str]) -> bool:
    """Whether the same programs are there, and none refuses a changed text that it read before."""
    if (len(before.servers), len(before.auth_services), len(before.containers)) != (
        len(after.servers),
        len(after.auth_services),
        len(after.containers),
    ):
        return False
    return _refusals(after, names) <= _refusals(before, names)


def _refusals(deployment: Deployment, names: set[str]) -> int:
    context = Context(deployment)
    sources = [source for source in deployment.sources if text_name(source) in names]
    unread = sum(source.document.problem is not None for source in sources)
    return unread + sum(
        not source.document.accepted_by(reading.reader, str(reading.version))
        for source in sources
        for reading in context.readings(source)
    )
