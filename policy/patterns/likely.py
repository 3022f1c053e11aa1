"""Witnesses that look like real requests.

A witness is a path that a person should recognise: bytes are chosen by preference, and between slashes whole words such
as identifiers are put in where the patterns allow them.
What is preferred comes in as an argument; nothing here knows a route.
"""

from __future__ import annotations

from collections.abc import Hashable
from heapq import heappop, heappush
from typing import TypeVar

from policy.patterns import classes
from policy.patterns.joint import DEAD, Joint, State
from policy.patterns.pattern import as_bytes
from policy.records import dataclass

_SLASH = 0x2F
_LETTERS = b"a1bcdefghijklmnopqrstuvwxyz023456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/.-_~,;:=+@!$&()*' %\"#<>?[\\]^`{|}"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789/.-_")


@dataclass(frozen=True, slots=True)
class Preference:
    """What a witness should look like.

    ``examples`` are whole paths, best first, that are used wherever they fit.
    ``words`` are words between slashes, best first, such as real-looking identifiers.
    ``letters`` are single bytes, best first; others are used only where nothing else is possible.
    """

    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = (
        "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715",
        "1.2.840.113619.2.55.3.604688119.868",
        "1",
    )
    letters: bytes = _LETTERS


PLAIN = Preference()


def letter(mask: int, preference: Preference = PLAIN) -> int:
    """The byte of a set that is preferred.

    >>> chr(letter(classes.DIGIT)), chr(letter(classes.ALL))
    ('1', 'a')
    """
    for byte in preference.letters:
        if mask >> byte & 1:
            return byte
    return classes.members(mask)[0]


def text(data: bytes) -> str:
    """A path as text; bytes that are no UTF-8 stand as lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


_Goal = TypeVar("_Goal", bound=Hashable)


def nicest(joint: Joint, goals: dict[State, _Goal], preference: Preference, budget: int) -> dict[_Goal, bytes]:
    """For each goal a path that leads to one of its states and looks like a request.

    Dijkstra's way over single bytes and whole words; no more than ``budget`` states are looked at.
    """
    start = joint.start()
    best: dict[State, int] = {start: 0}
    came: dict[State, tuple[State, bytes]] = {}
    found: dict[_Goal, bytes] = {}
    wanted = len(set(goals.values()))
    heap: list[tuple[int, int, State, bool]] = [(0, 0, start, False)]
    # A path that ends with a slash waits a while for a better one.
    late: list[tuple[int, int, State]] = []
    order = 0
    words = [as_bytes(word) for word in preference.words]
    costs = {byte: 10 if byte in _PLAIN else 40 for byte in preference.letters}
    done: set[State] = set()
    while (heap or late) and len(done) < budget and len(found) < wanted:
        if late and (not heap or late[0][0] <= heap[0][0]):
            _, _, state = heappop(late)
            found.setdefault(goals[state], _path(came, state))
            continue
        cost, _, state, fresh = heappop(heap)
        if state in done:
            continue
        done.add(state)
        if state in goals and goals[state] not in found:
            if fresh and came[state][0] != start:
                order += 1
                heappush(late, (cost + 25, order, state))
            else:
                found[goals[state]] = _path(came, state)
        for mask, following in joint.arcs(state):
            byte = letter(mask, preference)
            price = cost + (90 if fresh and byte == _SLASH else costs.get(byte, 400))
            if price < best.get(following, 1 << 60):
                best[following] = price
                came[following] = state, bytes((byte,))
                order += 1
                heappush(heap, (price, order, following, byte == _SLASH))
            if fresh and mask & (mask - 1):
                # After a slash, where more than one letter fits, a whole word may fit as well.
                for rank, word in enumerate(words):
                    if not mask >> word[0] & 1:
                        continue
                    reached = following
                    for sign in word[1:]:
                        reached = joint.move(reached, sign)
                        if reached == DEAD:
                            break
                    price = cost + 5 + rank
                    if reached != DEAD and price < best.get(reached, 1 << 60):
                        best[reached] = price
                        came[reached] = state, word
                        order += 1
                        heappush(heap, (price, order, reached, False))
    return found


def _path(came: dict[State, tuple[State, bytes]], state: State) -> bytes:
    parts: list[bytes] = []
    while state in came:
        state, part = came[state]
        parts.append(part)
    return b"".join(reversed(parts))
