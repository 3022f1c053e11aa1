r"""Where Boost's maps miss matches.

Before a choice Boost looks at the next byte and asks a map whether it can go on.
For ``\X``, for ``\Z`` before a form feed, and for a repeated ``$`` at the end of the path, these maps are too small:
Boost then misses matches that the pattern describes.
Such patterns are not translated to automata; :mod:`policy.patterns.machine` has them as they are.
"""

from __future__ import annotations

from policy.patterns import classes
from policy.patterns import states as p
from policy.patterns.expressions import ANYTHING, EDGE
from policy.patterns.program import Program
from policy.patterns.states import State

_SUSPECTS = frozenset((p.COMBINING, p.SOFT_BUFFER_END, p.WORD_START, p.WORD_END, p.END_LINE))
_ONLY = {
    p.WORD_START: classes.WORD,
    p.WORD_END: ANYTHING & ~classes.WORD,
    p.END_LINE: classes.SEPARATOR | EDGE,
    p.BUFFER_END: EDGE,
    p.SOFT_BUFFER_END: classes.SEPARATOR | EDGE,
}


def misses(program: Program) -> State | None:
    """The first suspicious state of a machine some of whose maps are too small; None if all are right."""
    suspect = next((state for state in program.states if state.kind in _SUSPECTS), None)
    if suspect is None:
        return None
    icase = False
    for state in program.states:
        if state.kind == p.TOGGLE_CASE:
            icase = state.icase
        elif state.kind == p.ALT or state.kind in p.REPEATS:
            for column, target, bytes_ in ((p.TAKE, state.next, state.take), (p.SKIP, state.alt, state.skip)):
                known = bytes_ | EDGE if state.null & column else bytes_
                if _possible(target, icase=icase) & ~known:
                    return suspect
    return None


def _possible(start: State | None, *, icase: bool) -> int:
    """What may be read next from a state, and whether the end of the path may follow."""
    found = 0
    pending = [(start, icase, ANYTHING)]
    seen = set()
    while pending:
        state, case, allowed = pending.pop()
        if state is None or not allowed or (id(state), case, allowed) in seen:
            continue
        seen.add((id(state), case, allowed))
        kind = state.kind
        if kind == p.TOGGLE_CASE:
            case = state.icase
        allowed &= _ONLY.get(kind, ANYTHING)
        if kind == p.LITERAL:
            byte = 1 << state.data[0]
            found |= allowed & (byte | classes.caseless(byte) if case else byte)
        elif kind == p.SET:
            found |= allowed & (classes.caseless(state.members) if case else state.members)
        elif kind in (p.WILD, p.COMBINING):
            found |= allowed & classes.ALL
        elif kind in (p.MATCH, p.ACCEPT):
            found |= allowed & EDGE
        elif kind == p.JUMP:
            pending.append((state.alt, case, allowed))
        elif kind == p.ALT or kind in p.REPEATS:
            pending.append((state.next, case, allowed))
            if kind == p.ALT or state.low == 0 or kind == p.REP:
                pending.append((state.alt, case, allowed))
        elif kind not in (p.BACKREF, p.LONG_SET, p.RECURSE, p.FAIL, p.ENDMARK, p.STARTMARK) or (
            kind == p.ENDMARK and state.index >= 0
        ):
            pending.append((state.next, case, allowed))
        elif kind == p.STARTMARK:
            if state.index == p.INDEPENDENT and state.next is not None:
                pending.append((state.next.next, case, allowed))
            elif state.index not in (p.AHEAD, p.NOT_AHEAD):
                pending.append((state.next, case, allowed))
    return found
