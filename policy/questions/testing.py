"""Run test files against a policy: matrices, single requests, snapshots, each case with its place and its trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy.engine import Decision, Effect, Policy, UserProfile
from policy.errors import PolicyError, UsageError
from policy.questions.cases import ANONYMOUS, Expected, Read, TestFile
from policy.questions.fixtures import Fixtures
from policy.records import dataclass, field

if TYPE_CHECKING:
    from policy.questions.cases import Cell, Matrix, Row, Snapshot, Test

SNAPSHOT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Result:
    """One case: what it is called, where it stands, and why it failed; ``failure`` is empty where it passed."""

    suite: str
    name: str
    file: str
    line: int
    column: int
    failure: str = ""
    trace: str = ""
    """The decision in words, check by check; only where it failed."""

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failure


@dataclass(slots=True)
class Run:
    """All results, and the decisions that were made on the way, for the coverage."""

    results: list[Result] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    """Snapshots that were written."""

    @property
    def failed(self) -> tuple[Result, ...]:
        """The cases that did not pass."""
        return tuple(result for result in self.results if not result.passed)


def run(files: Sequence[Read], policy: Policy, *, update_snapshots: bool = False) -> Run:
    """The results of all cases of ``files``, in their order.

    ``update_snapshots`` writes the snapshots instead of comparing them.

    :raises PolicyError: for a case that cannot be put: a role or resource that nobody knows.
    """
    done = Run()
    for file in files:
        _File(file, policy, done, update=update_snapshots).run()
    return done


class _File:
    def __init__(
        self,
        read: Read,
        policy: Policy,
        done: Run,
        *,
        update: bool,
    ) -> None:
        self.read = read
        self.policy = policy
        self.done = done
        self.update = update
        try:
            self.fixtures = Fixtures(self.content.resources)
        except UsageError as error:
            raise self._placed(error, "resources") from None

    @property
    def content(self) -> TestFile:
        return self.read.content

    def run(self) -> None:
        for at, matrix in enumerate(self.content.matrices):
            for row_at, row in enumerate(matrix.rows):
                self._row(matrix, row, ("matrices", at, "rows", row_at))
        for at, test in enumerate(self.content.tests):
            self._test(test, ("tests", at))
        for at, snapshot in enumerate(self.content.snapshots):
            self._snapshot(snapshot, ("snapshots", at))
        for at, words in enumerate(self.content.assertions):
            self._assert(words, ("assertions", at))

    # -- matrices --

    def _row(self, matrix: Matrix, row: Row, steps: tuple[str | int, ...]) -> None:
        roles = matrix.roles if matrix.roles is not None else self._everybody(steps)
        cells: dict[frozenset[str], tuple[Effect, Cell]] = {}
        for effect, listed, key in (
            (Effect.PERMIT, row.permit, "permit"),
            (Effect.CONDITIONAL, row.conditional, "conditional"),
            (Effect.DENY, row.deny, "deny"),
        ):
            for at, cell in enumerate(listed):
                place = (*steps, key, at)
                key_of = frozenset(cell.who)
                if key_of not in map(frozenset, roles):
                    names = ", ".join(map(_shown, roles))
                    raise self._placed(
                        UsageError(f"{_shown(cell.who)} is no column of this matrix", help=f"Columns: {names}."), *place
                    )
                if key_of in cells:
                    raise self._placed(UsageError(f"{_shown(cell.who)} is listed twice"), *place)
                cells[key_of] = effect, cell
        for who in roles:
            effect, cell = cells.get(frozenset(who), (Effect.DENY, None))  # type: ignore[assignment]
            decision = self._decide(row.route, who, row.labels, row.body, steps)
            written = cell is not None and effect is not Effect.DENY
            failure = _effect_differs(effect, decision, listed=cell is not None)
            for wanted in (row if written else None, cell):
                failure = failure or (_differs(wanted, decision) if wanted is not None else "")
            self._add(matrix.name, f"{row.route} as {_shown(who)}", steps, failure, decision)

    def _everybody(self, steps: tuple[str | int, ...]) -> tuple[tuple[str, ...], ...]:
        roles = self.policy.roles
        if roles is None and not self.content.profiles:
            raise self._placed(
                UsageError("the deployment gives no roles", help="Name them: roles: [...], and profiles: {...}."),
                *steps,
            )
        names = [*(roles.roles if roles is not None else ()), *self.content.profiles, ANONYMOUS]
        return tuple((name,) for name in dict.fromkeys(names))

    # -- single requests, assertions --

    def _test(self, test: Test, steps: tuple[str | int, ...]) -> None:
        decision = self._decide(test.route, test.who, test.labels, test.body, steps)
        failure = _effect_differs(Effect(test.expect), decision, listed=True) or _differs(test, decision)
        if not failure and test.status is not None and decision.status != test.status:
            failure = f"the status is {decision.status}, not {test.status}"
        self._add("tests", test.name or f"{test.route} as {_shown(test.who)}", steps, failure, decision)

    def _assert(self, words: str, steps: tuple[str | int, ...]) -> None:
        from policy.questions.assertions import failure as failure_of

        try:
            failure = failure_of(self.policy, words)
        except PolicyError as error:
            raise self._placed(error, *steps) from None
        self._add("assertions", words, steps, failure, None)

    # -- snapshots --

    def _snapshot(self, snapshot: Snapshot, steps: tuple[str | int, ...]) -> None:
        roles = snapshot.roles if snapshot.roles is not None else self._everybody(steps)
        path = Path(self.read.path).parent / snapshot.file
        made: dict[str, dict[str, str]] = {}
        decisions: dict[tuple[str, str], Decision] = {}
        known = snapshot.routes is None  # their braces are no names of resources
        for route in snapshot.routes if snapshot.routes is not None else _routes():
            made[route] = {}
            for who in roles:
                decision = self._decide(route, who, None, None, steps, literally=known)
                decisions[route, _shown(who)] = decision
                made[route][_shown(who)] = str(decision.effect)
        if self.update:
            from policy.text.write import write

            if write(path, snapshot_text(made).encode(), create=True):
                self.done.written.append(str(path))
        before = self._kept(path, steps)
        differences = list(_differences(before, made))
        for route, name, old, new in differences:
            failure = f"was {old}, is {new}" if new else f"was {old}, and is no longer asked"
            self._add(f"snapshot {snapshot.file}", f"{route} as {name}", steps, failure, decisions.get((route, name)))
        if not differences:
            self._add(f"snapshot {snapshot.file}", f"{len(made)} routes, {len(roles)} senders", steps, "", None)

    def _kept(self, path: Path, steps: tuple[str | int, ...]) -> Mapping[str, Mapping[str, str]]:
        try:
            kept = json.loads(path.read_bytes())
            if kept["version"] != SNAPSHOT_VERSION:
                raise ValueError
            return {str(route): dict(row) for route, row in kept["matrix"].items()}
        except OSError as error:
            why = f"the snapshot {path} cannot be read: {error.strerror}"
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            why = f"{path} is no snapshot of this version"
        raise self._placed(UsageError(why, help="policy test --update-snapshots writes it."), *steps)

    # -- deciding --

    def _decide(
        self,
        route: str,
        who: tuple[str, ...],
        labels: tuple[str, ...] | None,
        body: Any,
        steps: tuple[str | int, ...],
        *,
        literally: bool = False,
    ) -> Decision:
        try:
            filled, named = (route, False) if literally else self.fixtures.fill(route)
            if named and labels is not None:
                raise UsageError("a route that names a resource has its labels from there")
            resource: Any = self.fixtures.archive if named else {"study": labels} if labels is not None else None
            sent = None if body is None else json.dumps(body).encode()
            decision = self.policy.decide(filled, self._token(who), resource=resource, body=sent)
        except PolicyError as error:
            raise self._placed(error, *steps) from None
        self.done.decisions.append(decision)
        return decision

    def _token(self, who: tuple[str, ...]) -> Any:
        if who == (ANONYMOUS,):
            return None
        profiles = self.content.profiles
        if len(who) == 1 and who[0] in profiles:
            profile = profiles[who[0]]
            return UserProfile(who[0], frozenset(profile.permissions), frozenset(profile.labels))
        roles = self.policy.roles
        known = tuple(roles.roles) if roles is not None else ()
        for name in who:
            if name not in known:
                others = ", ".join((*known, *profiles, ANONYMOUS))
                raise UsageError(f"no role is called {name!r}", help=f"There are: {others}.")
        return who[0] if len(who) == 1 else who

    def _add(
        self, suite: str, name: str, steps: tuple[str | int, ...], failure: str, decision: Decision | None
    ) -> None:
        line, column = self.read.position(*steps)
        trace = decision.explain() if failure and decision is not None else ""
        self.done.results.append(Result(suite, name, self.read.path, line, column, failure, trace))

    def _placed(self, error: PolicyError, *steps: str | int) -> PolicyError:
        line, column = self.read.position(*steps)
        return type(error)(error.message, file=self.read.path, line=line, column=column, help=error.help)


def snapshot_text(matrix: Mapping[str, Mapping[str, str]]) -> str:
    """A snapshot as it is kept: JSON with a line for each route, so that version control shows what changed."""
    rows = ",\n".join(f"  {json.dumps(route)}: {json.dumps(row)}" for route, row in sorted(matrix.items()))
    return f'{{"version": {SNAPSHOT_VERSION}, "matrix": {{\n{rows}\n}}}}\n'


def _differences(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    for route in sorted({*before, *now}):
        old, new = before.get(route, {}), now.get(route, {})
        for who in dict.fromkeys((*old, *new)):
            if old.get(who) != new.get(who):
                yield route, who, old.get(who, "not asked"), new.get(who, "")


def _effect_differs(wanted: Effect, decision: Decision, *, listed: bool) -> str:
    if decision.effect is wanted:
        return ""
    said = "" if listed else ", as it is not listed"
    if decision.effect is Effect.CONDITIONAL:
        conditions = " and ".join(map(str, decision.conditions))
        return f"expected {wanted}{said}, but it depends: {conditions}"
    return f"expected {wanted}{said}, but the answer is {decision.effect} ({decision.reason})"


def _differs(wanted: Expected, decision: Decision) -> str:
    if wanted.reason is not None and wanted.reason != decision.reason:
        return f"the reason is {decision.reason}, not {wanted.reason}"
    if wanted.rule is None:
        return ""
    rule = decision.rule
    found = None if rule is None else rule.index if isinstance(wanted.rule, int) else rule.pattern
    if found == wanted.rule or (rule is not None and rule.pattern == _effective(wanted.rule)):
        return ""
    return (
        f"the rule is {found!r}, not {wanted.rule!r}" if rule is not None else f"no rule applies, not {wanted.rule!r}"
    )


def _effective(pattern: int | str) -> str | None:
    """The pattern as the plugin uses it: with the DICOMweb root put in."""
    from policy.knowledge.plugin import DICOM_WEB_ROOT

    return pattern.replace("/DICOM_WEB_ROOT/", DICOM_WEB_ROOT) if isinstance(pattern, str) else None


def _shown(who: Sequence[str]) -> str:
    return " + ".join(who)


def _routes() -> tuple[str, ...]:
    from policy.knowledge import clients

    return tuple(dict.fromkeys(f"{one.method} {one.target}" for one in clients.requests()))
