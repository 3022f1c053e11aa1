"""What the reader of patterns keeps of an open group, and what it makes of a group's opening."""

from __future__ import annotations

import re

from policy.patterns import tree
from policy.patterns.sets import integer
from policy.patterns.tree import Node
from policy.tuples import NamedTuple

#: The group number that marks a DEFINE block.
_DEFINE = 9999

_CONDITION = re.compile(
    r"\(\?\((?:[\t-\r ]*([+-]?[0-9]+))?(?:(R)(?:&([^)]*)|([\t-\r ]*[+-]?[0-9]+))?|[<']([^>']*)[>']|(DEFINE))?\)?",
)


class Flags(NamedTuple):
    """The flags that hold at a place."""

    icase: bool = False
    dot_newline: bool = True
    multiline: bool = True


class Numbering(NamedTuple):
    """How groups are numbered at a place: inside ``(?|`` each alternative starts anew."""

    reset: int = -1
    highest: int = 0


class Frame:
    """An open group, or the whole pattern."""

    __slots__ = (
        "alternatives",
        "case_changed",
        "condition",
        "flags",
        "index",
        "items",
        "items_start",
        "kind",
        "mark_reset",
        "max_mark",
        "name",
        "start",
    )

    def __init__(
        self, kind: str, start: int, items_start: int, flags: Flags, *, case_changed: bool, numbering: Numbering
    ) -> None:
        self.kind = kind
        self.start = start
        self.items_start = items_start
        # What to give back when the group ends.
        self.flags = flags
        self.case_changed = case_changed
        self.mark_reset, self.max_mark = numbering
        self.index = 0
        self.name: str | None = None
        self.condition: tree.Condition | None = None
        self.items: list[Node] = []
        self.alternatives: list[tree.Sequence] = []


def applied(flags: Flags, letters: str) -> Flags:
    """The flags after letters such as ``i-s``."""
    on, _, off = letters.partition("-")
    return Flags(
        ("i" in on or flags.icase) and "i" not in off,
        ("s" in on or flags.dot_newline) and "s" not in off,
        ("m" in on or flags.multiline) and "m" not in off,
    )


def asked(token: str) -> tree.Condition | str | None:
    """What a conditional asks for; None for an assertion that follows, a reason if Boost refuses it."""
    found = _CONDITION.fullmatch(token)
    if found is None or len(token) == 2:
        return None
    number, recursion, name, level, group, define = found.groups()
    if recursion is not None:
        if name is not None:
            return tree.Condition("recursion", name)
        value = integer(level, 10)[0] if level else None
        return tree.Condition("recursion", value if value is not None and value > 0 else None)
    if group is not None:
        return tree.Condition("group", group)
    if define is not None:
        return tree.Condition("define")
    value = integer(number, 10)[0] if number else None
    if value is None or value <= 0:
        return "an unfinished or unknown (?...) group"
    return tree.Condition("define") if value == _DEFINE else tree.Condition("group", value)
