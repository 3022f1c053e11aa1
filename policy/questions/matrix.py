"""Who may do what, as a table: people against features of clients, routes, or permissions; every cell explains itself."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from policy.engine import Effect, Reason
from policy.errors import UsageError
from policy.questions.senders import Sender
from policy.records import dataclass

if TYPE_CHECKING:
    from policy.configuration.deployment import OrthancServer
    from policy.engine import Decision, Policy
    from policy.knowledge.clients import Feature

DICOM_WEB_ROOT = "/dicom-web/"
_FOR_PEOPLE = frozenset({"browser", "desktop"})
ALL_CLIENTS = "all"


class Mark(enum.StrEnum):
    """What stands in a cell."""

    PERMIT = "permit"
    DENY = "deny"
    CONDITIONAL = "only with labels"
    """What the archive holds decides, which is the labels in nearly all cases."""
    PARTLY = "partly"
    """Some of the essential requests are refused: the feature works in part, or not at all."""


class Ask(NamedTuple):
    """One request of a row. ``symptom``: what a user sees where it is refused, empty if nothing worth a word."""

    request: str
    essential: bool = True
    symptom: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what people want to do, and the requests that it takes. ``permission``: the name that it is about."""

    group: str
    name: str
    asks: tuple[Ask, ...] = ()
    permission: str = ""

    @property
    def title(self) -> str:
        """The row by its group and name."""
        return f"{self.group}: {self.name}" if self.group else self.name


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """What somebody may do of a row; ``decisions`` stand beside the row's requests."""

    mark: Mark
    row: Row
    who: Sender
    decisions: tuple[Decision, ...] = ()
    note: str = ""

    def explain(self) -> Iterator[str]:
        """The mark in words, then each request with its answer."""
        yield f"{self.who}, {self.row.title}: {self.mark}"
        if self.note:
            yield f"  {self.note}"
        for ask, decision in zip(self.row.asks, self.decisions, strict=True):
            yield f"  {'' if ask.essential else '(not essential) '}{_told(ask, decision)}"


def _told(ask: Ask, decision: Decision) -> str:
    text = f"{ask.request}: {decision.effect} ({decision.reason})"
    if decision.conditions:
        text += f" if {' and '.join(map(str, decision.conditions))}"
    if decision.answer is not None:
        text += f", {decision.answer.text}"
    if decision.rule is not None:
        text += f", rule {decision.rule.index}: {decision.rule}"
    if decision.effect is Effect.DENY and ask.symptom:
        text += f"; seen by the user: {ask.symptom}"
    return text


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """The table; ``cells`` are rows of cells in the order of ``people``."""

    people: tuple[Sender, ...]
    rows: tuple[Row, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def cell(self, who: str, row: str) -> Cell:
        """The cell of a sender and of a row by its name, or by a part of its title that no other row has.

        Raises :class:`UsageError` where that is not one.
        """
        column = _one(who, [str(one) for one in self.people], "sender")
        line = _one(row, [one.title for one in self.rows], "row", names=[one.name for one in self.rows])
        return self.cells[line][column]


def _one(wanted: str, titles: Sequence[str], what: str, names: Sequence[str] = ()) -> int:
    for candidates in (titles, names):
        exact = [index for index, title in enumerate(candidates) if title == wanted]
        if len(exact) == 1:
            return exact[0]
    found = [index for index, title in enumerate(titles) if wanted.lower() in title.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        from policy.lint.nearby import did_you_mean

        near = did_you_mean(wanted, [*titles, *names])
        raise UsageError(
            f"no {what} is called {wanted!r}. {near}".strip(), help=f"There are: {', '.join(titles[:20])}."
        )
    several = ", ".join(titles[index] for index in found[:6])
    raise UsageError(f"{wanted!r} may be several: {several}", help=f"Write the whole name of one {what}.")


def matrix(policy: Policy, rows: Iterable[Row], people: Sequence[Sender]) -> Matrix:
    """The table of what ``people`` (of this policy alone) may do of ``rows``; labels of resources are not known."""
    lines = tuple(rows)
    cells = tuple(tuple(_cell(policy, row, who) for who in people) for row in lines)
    return Matrix(tuple(people), lines, cells)


def _cell(policy: Policy, row: Row, who: Sender) -> Cell:
    if row.permission:
        return _by_permission(policy, row, who)
    decisions = tuple(decided(policy, ask.request, who) for ask in row.asks)
    counted = [one for ask, one in zip(row.asks, decisions, strict=True) if ask.essential] or list(decisions)
    mark = mark_of([one.effect for one in counted])
    note = ""
    if mark in (Mark.PERMIT, Mark.CONDITIONAL):
        lost = sum(
            not ask.essential and one.effect is Effect.DENY for ask, one in zip(row.asks, decisions, strict=True)
        )
        if lost and len(counted) < len(decisions):
            note = f"refused: {lost} of {len(decisions) - len(counted)} requests that are not essential"
    elif mark is Mark.PARTLY:
        lost = sum(one.effect is Effect.DENY for one in counted)
        note = f"refused: {lost} of {len(counted)} essential requests"
    return Cell(mark, row, who, decisions, note)


def decided(policy: Policy, request: str, who: Sender) -> Decision:
    """The answer; a search that the filter lets pass for everybody is judged to its end."""
    decision = policy.decide(request, who.token)
    return policy.decide(request, who.token, body=b"") if decision.reason is Reason.SEARCH_EXCEPTION else decision


def mark_of(effects: Sequence[Effect]) -> Mark:
    """The mark for the answers to what is essential."""
    denied = sum(effect is Effect.DENY for effect in effects)
    if denied:
        return Mark.DENY if denied == len(effects) else Mark.PARTLY
    return Mark.CONDITIONAL if Effect.CONDITIONAL in effects else Mark.PERMIT


def _by_permission(policy: Policy, row: Row, who: Sender) -> Cell:
    subject = who.subjects[0]
    profile = subject.own if subject.present else subject.visitor
    asked = [rule.index for rule in policy.rules if row.permission in rule.permissions]
    note = f"rules that ask for it: {', '.join(map(str, asked)) or 'none'}"
    return Cell(Mark.PERMIT if row.permission in profile.permissions else Mark.DENY, row, who, (), note)


def feature_rows(clients: Sequence[str] = (), root: str = DICOM_WEB_ROOT) -> tuple[Row, ...]:
    """A row for each feature of the clients with these whole names; without names of those that people use directly.

    ``root`` is where DICOMweb answers on the server.
    """
    from policy.knowledge.clients import features

    return tuple(
        Row(one.client, one.name, tuple(_asks(one, root)))
        for one in features()
        if one.requests and (one.client in clients or ALL_CLIENTS in clients if clients else one.kind in _FOR_PEOPLE)
    )


def _asks(feature: Feature, root: str) -> Iterator[Ask]:
    from policy.knowledge.routes import with_root

    for request in feature.requests:
        yield Ask(f"{request.method} {with_root(request.target, root)}", request.essential, request.symptom)


def route_rows(
    given: Sequence[str] = (), *, root: str = DICOM_WEB_ROOT, server: OrthancServer | None = None
) -> tuple[Row, ...]:
    """A row for each route that is given (``GET /studies``), else for each known route that ``server`` may have."""
    from policy.engine.route import request_of
    from policy.knowledge.routes import CORE, routes, with_root
    from policy.lint.views.route_table import is_here

    if given:
        asked = [request_of(text) for text in given]
        return tuple(Row("", f"{one.method} {one.target}", (Ask(f"{one.method} {one.target}"),)) for one in asked)
    rows = {
        (route.plugin, route.method, route.path): Row(
            "Orthanc" if route.plugin == CORE else route.plugin,
            f"{route.method} {with_root(route.path, root)}",
            (Ask(f"{route.method} {with_root(route.witness, root)}"),),
        )
        for route in routes()
        if not route.path.startswith("/{") and (server is None or is_here(route, server))
    }
    return tuple(rows.values())


def permission_rows(policy: Policy) -> tuple[Row, ...]:
    """A row for each permission that a rule asks for or a role has."""
    held = [] if policy.roles is None else [name for role in policy.roles for name in role.permissions]
    asked = [name for rule in policy.rules for name in sorted(rule.permissions)]
    return tuple(Row("", name, (), name) for name in sorted({*held, *asked, *policy.anonymous.permissions}) if name)
