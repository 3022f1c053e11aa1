"""The differences between two policies as a page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policy.questions.relation import Relation
from policy.report import differences as words

if TYPE_CHECKING:
    from policy.questions.diff import Diff, Difference
    from policy.report.excerpt import Masks

_DIRECTIONS = {
    Relation.MORE_PERMISSIVE: ("more", "allows more"),
    Relation.LESS_PERMISSIVE: ("less", "allows less"),
    Relation.INCOMPARABLE: ("other", "allows other things"),
    Relation.EQUIVALENT: ("same", "allows the same"),
}


class Change(NamedTuple):
    """What changes for whom."""

    who: str
    before: str
    after: str


class Cause(NamedTuple):
    """Which lines make the difference."""

    kind: str
    before: str
    after: str


class Block(NamedTuple):
    """Changes on the same requests, by the same lines. ``kind`` is a word for classes, ``direction`` for people."""

    kind: str
    direction: str
    requests: str
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]
    example: str


class Shown(NamedTuple):
    """The comparison."""

    before: str
    after: str
    headline: str
    blocks: tuple[Block, ...]
    caveats: tuple[str, ...]


def shown(told: Diff, masks: Masks) -> Shown:
    """The comparison in the words of every other form, secrets masked."""
    return Shown(
        masks.text(told.old.name),
        masks.text(told.new.name),
        masks.text(words.headline(told)),
        tuple(_block(group, told, masks) for group in words.groups(told)),
        tuple(map(masks.text, told.caveats)),
    )


def _block(group: list[Difference], told: Diff, masks: Masks) -> Block:
    say, first = masks.text, group[0]
    kind, direction = _DIRECTIONS[first.relation] if first.certain else ("unsure", "may differ")
    return Block(
        kind,
        direction,
        say(words.routes(first)),
        tuple(
            Change(say(words.who(one, told)), say(words.answer(one.old)), say(words.answer(one.new))) for one in group
        ),
        tuple(
            Cause(words.because(cause), say(words.line(cause.old)), say(words.line(cause.new)))
            for cause in first.causes
        ),
        say(first.request) if first.certain else "",
    )
