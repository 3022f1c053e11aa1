"""Who may do what: the table as it stands in a page, and the answers behind its cells as tables for the scripts."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.questions.matrix import Cell, Mark, Matrix, Row

if TYPE_CHECKING:
    from policy.engine import Condition, Decision
    from policy.questions.senders import Sender
    from policy.report.excerpt import Masks

MARKS = {Mark.PERMIT: "permit", Mark.DENY: "deny", Mark.CONDITIONAL: "labels", Mark.PARTLY: "partly"}
"""What a page calls the marks, in its classes and tables."""


class Column(NamedTuple):
    """Somebody, and the labels that somebody sees, in words."""

    name: str
    labels: str


class Line(NamedTuple):
    """A row by its number; ``marks`` are keys of what stands in its cells."""

    number: int
    name: str
    marks: tuple[tuple[str, str], ...]


class Group(NamedTuple):
    """Rows of one client."""

    name: str
    lines: tuple[Line, ...]


class Shown(NamedTuple):
    """The table; ``data`` is for the scripts."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    labels: tuple[str, ...]
    data: dict[str, Any]


def shown(told: Matrix, masks: Masks) -> Shown:
    """The table with the answers behind its cells."""
    return Shown(
        tuple(_column(one, masks) for one in told.people),
        tuple(
            Group(masks.text(name), tuple(_line(number, told, masks) for number, _ in numbered))
            for name, numbered in groupby(enumerate(told.rows), key=lambda pair: pair[1].group)
        ),
        tuple(masks.text(name) for name in _labels(told)),
        _data(told, masks),
    )


def _line(number: int, told: Matrix, masks: Masks) -> Line:
    cells = told.cells[number]
    return Line(number, masks.text(told.rows[number].name), tuple((MARKS[one.mark], str(one.mark)) for one in cells))


def _column(one: Sender, masks: Masks) -> Column:
    if one.kind == "permission":
        return Column(masks.text(one.name or "no permission"), "all labels")
    names = sorted(_names(one))
    return Column(masks.text(str(one)), "all labels" if "*" in names else masks.text(", ".join(names)) or "no label")


def _names(one: Sender) -> frozenset[str]:
    subject = one.subjects[0]
    return (subject.own if subject.present else subject.visitor).labels


def _labels(told: Matrix) -> list[str]:
    """The labels that somebody is limited to."""
    return sorted({name for one in told.people for name in _names(one)} - {"*"})


def _data(told: Matrix, masks: Masks) -> dict[str, Any]:
    """Requests and answers by row: every distinct answer once, the cells as numbers of answers."""
    labels = _labels(told)
    answers: dict[tuple[Any, ...], int] = {}
    rows = []
    for row, cells in zip(told.rows, told.cells, strict=True):
        found = [[answers.setdefault(_answer(one, labels), len(answers)) for one in cell.decisions] for cell in cells]
        rows.append({"asks": _asks(row, masks), "cells": found, "notes": [_note(cell) for cell in cells]})
    return {
        "labels": [masks.text(name) for name in labels],
        "answers": [
            {
                "effect": effect,
                "reason": reason,
                "rule": rule,
                "conditions": [[kind, masks.text(text), numbers] for kind, text, numbers in conditions],
                "then": masks.text(then),
            }
            for effect, reason, rule, conditions, then in answers
        ],
        "rows": rows,
    }


def _asks(row: Row, masks: Masks) -> list[list[Any]]:
    return [[masks.text(ask.request), ask.essential, masks.text(ask.symptom)] for ask in row.asks]


def _note(cell: Cell) -> str:
    return cell.note


def _answer(decision: Decision, labels: list[str]) -> tuple[Any, ...]:
    rule = -1 if decision.rule is None else decision.rule.index
    then = "" if decision.answer is None else decision.answer.text
    conditions = tuple(_condition(one, labels) for one in decision.conditions)
    return str(decision.effect), str(decision.reason), rule, conditions, then


def _condition(one: Condition, labels: list[str]) -> tuple[str, str, tuple[int, ...]]:
    return one.kind, str(one), tuple(labels.index(name) for name in sorted(one.labels) if name in labels)
