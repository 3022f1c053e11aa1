"""Reads a pattern: from its tokens to its syntax tree, with the refusals of Boost's parser.

What a repetition applies to, which groups may be referred to, how flags go in and out of scope and what a set holds is
decided here, in the order of the text, as Boost decides it while it reads.
Source: the behaviour of Boost.Regex 1.74 (``boost::regex``, default flags, classic locale).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from policy.patterns import classes, tree
from policy.patterns.errors import PatternRefused
from policy.patterns.frames import Flags, Frame, Numbering, applied, asked
from policy.patterns.sets import SetBuilder, escaped_byte, integer
from policy.patterns.tokens import tokens
from policy.patterns.tree import Node, Span

_BIG = (1 << 63) - 1
#: How deep groups may be nested, counted as Boost counts.
_DEEPEST = 400

_ASSERTIONS = {
    "<": "word-start",
    ">": "word-end",
    "b": "word-boundary",
    "B": "within-word",
    "A": "buffer-start",
    "`": "buffer-start",
    "z": "buffer-end",
    "'": "buffer-end",
    "Z": "soft-buffer-end",
    "G": "continuation",
}
_VERBS = {"F": "fail", "A": "accept", "C": "commit", "P": "prune", "S": "skip", "T": "then"}
_REPETITION = re.compile(
    r"(?:([*+?])|\{[\t-\r ]*([+-]?[0-9]+)[\t-\r ]*(?:(,)[\t-\r ]*([+-]?[0-9]+)?[\t-\r ]*)?\})(\??)(\+?)"
)


def read(text: str) -> tree.Tree:
    """The syntax tree of a pattern.

    Raises :class:`PatternRefused` where Boost refuses the pattern while it reads it.
    What Boost refuses later, when it prepares the machine, is found by :mod:`policy.patterns.program`.
    """
    return _Reader(text).whole()


def _free_spacing(text: str) -> tuple[str, list[int], set[int]] | None:
    """What :func:`policy.patterns.spacing.free` says; its module is loaded only for patterns that could switch it on."""
    if "(?" not in text:
        return None
    from policy.patterns.spacing import free

    return free(text)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        data = text.encode("utf-8", "surrogatepass")
        self.bytes = data.decode("latin-1")
        self.size = len(data)
        self.places: list[int] | None = None
        if self.size != len(text):
            places: list[int] = []
            for place, character in enumerate(text):
                places.extend([place] * len(character.encode("utf-8", "surrogatepass")))
            places.append(len(text))
            self.places = places
        self.source = self.bytes
        self.blanks: set[int] = set()
        spaced = _free_spacing(self.bytes)
        if spaced is not None:
            self.source, origins, self.blanks = spaced
            before = self.places
            self.places = origins if before is None else [before[origin] for origin in origins]
        self.flags = Flags()
        self.marks = 0
        self.mark_reset = -1
        self.max_mark = 0
        self.case_changed = False
        self.closed: set[int] = set()
        self.names: list[tuple[str, int]] = []
        self.recursions: list[tuple[int | str, int]] = []
        self.frames = [Frame("whole", 0, 0, Flags(), case_changed=False, numbering=Numbering())]
        self.set: SetBuilder | None = None
        self.possessive = False
        self.after_comment = False
        self.looks_behind = False
        self.suspect = False
        self.line_end = -1
        self.highest = 0
        self.deepest = 1

    # -- places ---------------------------------------------------------------------------------------------------

    def place(self, offset: int) -> int:
        return offset if self.places is None else self.places[offset]

    def span(self, start: int, end: int) -> Span:
        if self.places is None:
            return Span(start, end)
        return Span(self.places[start], self.places[end])

    def refuse(self, reason: str, offset: int) -> PatternRefused:
        return PatternRefused(reason, self.place(offset), self.text)

    # -- the walk -------------------------------------------------------------------------------------------------

    def whole(self) -> tree.Tree:
        handlers: dict[str, Callable[[str, int], None]] = _HANDLERS
        try:
            for kind, token, start in tokens(self.source):
                if self.set is not None:
                    self._in_set(kind, token, start)
                    continue
                if self.possessive:
                    self._after_possessive(kind, start)
                handlers[kind](self, token, start)  # type: ignore[call-arg,arg-type]
        except PatternRefused as refusal:
            if refusal.pattern:
                raise
            raise self.refuse(refusal.reason, refusal.position) from None
        frame = self.frames[0]
        root = self._body(frame, len(self.source))
        for reference, offset in self.recursions:
            self._check_recursion(reference, offset)
        return tree.Tree(
            self.text,
            self.size,
            root,
            self.highest,
            tuple(self.names),
            recursive=bool(self.recursions),
            looks_behind=self.looks_behind,
            suspect=self.suspect,
            depth=self.deepest,
        )

    def _check_recursion(self, reference: int | str, offset: int) -> None:
        if isinstance(reference, str):
            known = any(name == reference for name, _ in self.names)
        else:
            known = reference <= self.highest
        if not known:
            raise self.refuse("a recursion into a group that does not exist", offset)

    def _nest(self, levels: int, offset: int) -> None:
        depth = len(self.frames) + levels
        self.deepest = max(self.deepest, depth)
        if depth > _DEEPEST:
            raise self.refuse("groups that are nested too deeply", offset)

    def _after_possessive(self, kind: str, start: int) -> None:
        """Boost looks on from a possessive repetition by itself, and never ends if it meets text after a comment."""
        if kind == "COMMENT":
            self.after_comment = self.after_comment or start not in self.blanks
            return
        if kind in ("REPETITION", "BRACE"):
            raise self.refuse("a repetition of what is repeated already", start)
        if self.after_comment and not (kind in _OPENERS or kind in ("FLAGS", "RECURSION", "VERB")):
            raise self.refuse("a comment behind a possessive repetition: Boost never ends reading it", start)
        self.possessive = False

    # -- pieces ---------------------------------------------------------------------------------------------------

    def add(self, node: Node) -> None:
        self.frames[-1].items.append(node)

    def literal(self, data: bytes, start: int, end: int) -> None:
        if not data:
            return
        icase = self.flags.icase
        if icase:
            data = bytes(classes.folded(byte) for byte in data)
        items = self.frames[-1].items
        if items and isinstance(items[-1], tree.Literal):
            last = items[-1]
            items[-1] = tree.Literal(Span(last.span.start, self.place(end)), last.data + data, last.icase)
        else:
            items.append(tree.Literal(self.span(start, end), data, icase))

    def on_literal(self, token: str, start: int) -> None:
        self.literal(token.encode("latin-1"), start, start + len(token))

    def on_quoted(self, token: str, start: int) -> None:
        inner = token[2:-2] if token.endswith("\\E") else token[2:]
        self.literal(inner.encode("latin-1"), start, start + len(token))

    def on_byte_escape(self, token: str, start: int) -> None:
        byte = escaped_byte(token, in_set=False)
        if isinstance(byte, str):
            raise self.refuse(byte, start)
        self.literal(bytes([byte]), start, start + len(token))

    def on_any(self, token: str, start: int) -> None:
        self.add(tree.Any(self.span(start, start + len(token)), self.flags.dot_newline))

    def on_caret(self, _token: str, start: int) -> None:
        kind = "line-start" if self.flags.multiline else "buffer-start"
        self.add(tree.Assertion(self.span(start, start + 1), kind))

    def on_dollar(self, _token: str, start: int) -> None:
        kind = "line-end" if self.flags.multiline else "buffer-end"
        self.line_end = self.place(start)
        self.add(tree.Assertion(self.span(start, start + 1), kind))

    def on_assertion(self, token: str, start: int) -> None:
        self.suspect = self.suspect or token[1] in "<>Z"
        self.add(tree.Assertion(self.span(start, start + 2), _ASSERTIONS[token[1]]))

    def on_word_edge(self, token: str, start: int) -> None:
        self.suspect = True
        self.add(tree.Assertion(self.span(start, start + len(token)), "word-start" if "<" in token else "word-end"))

    def on_class(self, token: str, start: int) -> None:
        letter = token[1]
        mask = classes.named(letter)
        builder = SetBuilder(negated=letter.isupper())
        builder.add_class(mask or 0, known=True)
        self._finish_set(builder, start, start + len(token))

    def on_property(self, token: str, start: int) -> None:
        name = token[3:-1] if token[2] == "{" else token[2:]
        mask = classes.named(name)
        if mask is None:
            raise self.refuse("a class or property that does not exist", start)
        builder = SetBuilder(negated=token[1] == "P")
        builder.add_class(mask, known=True)
        self._finish_set(builder, start, start + len(token))

    def on_line_end(self, _token: str, start: int) -> None:
        r"""``\R`` is read as if ``(?-x:(?>\r\n?|[\n\v\f\x85]))`` stood there."""
        self._nest(3, start)
        span, icase = self.span(start, start + 2), self.flags.icase
        newline = tree.Repeat(span, tree.Literal(span, b"\n", icase), 0, 1, greedy=True, possessive=False, icase=icase)
        first = tree.Sequence(span, (tree.Literal(span, b"\r", icase), newline))
        builder = SetBuilder(negated=False)
        for byte in b"\n\v\f\x85":
            builder.add_single(bytes([byte]))
        node = builder.node(span, icase=icase)
        if isinstance(node, str):
            raise self.refuse(node, start)
        second = tree.Sequence(span, (node,))
        atomic = tree.Atomic(span, tree.Choice(span, (first, second)), icase)
        self.add(tree.Group(span, 0, tree.Sequence(span, (atomic,)), icase, icase))

    def on_combining(self, _token: str, start: int) -> None:
        self.suspect = True
        self.add(tree.Combining(self.span(start, start + 2)))

    def on_reset(self, _token: str, start: int) -> None:
        self.add(tree.Reset(self.span(start, start + 2), self.flags.icase))

    def on_verb(self, token: str, start: int) -> None:
        self.add(tree.Verb(self.span(start, start + len(token)), _VERBS[token[2]]))

    def on_comment(self, _token: str, _start: int) -> None:
        """Comments leave no trace."""

    # -- references -----------------------------------------------------------------------------------------------

    def on_reference(self, token: str, start: int) -> None:
        self._reference(int(token[1]), start, start + 2)

    def on_named_reference(self, token: str, start: int) -> None:
        inner, closed = (token[3:-1], True) if token[2] in "{<'" else (token[2:], False)
        negative = inner.startswith("-")
        rest = inner[1:] if negative else inner
        value, used = integer(rest, 10)
        if (value is None or value < 0) and closed:
            if negative:
                raise self.refuse("a reference to a group that does not exist", start)
            found = next((index for name, index in self.names if name == rest), None)
            if found is None or found not in self.closed:
                raise self.refuse("a reference to a group that does not exist", start)
            self.add(tree.BackReference(self.span(start, start + len(token)), rest, self.flags.icase))
            return
        if value is None or used != len(rest):
            raise self.refuse("an unfinished reference", start)
        self._reference(self.marks + 1 - value if negative else value, start, start + len(token))

    def _reference(self, index: int, start: int, end: int) -> None:
        if index not in self.closed:
            raise self.refuse("a reference to a group that does not exist", start)
        self.add(tree.BackReference(self.span(start, end), index, self.flags.icase))

    def on_recursion(self, token: str, start: int) -> None:
        inner = token[2:-1]
        reference: int | str
        if inner == "R":
            reference = 0
        elif inner[0] == "&":
            reference = inner[1:]
        elif inner.startswith("P>"):
            reference = inner[2:]
        else:
            value, _ = integer(inner[1:] if inner[0] == "+" else inner, 10)
            if value is None or (inner[0] == "+" and (value <= 0 or value > _BIG - self.marks)):
                raise self.refuse("an unfinished or unknown (?...) group", start)
            reference = value + self.marks if inner[0] == "+" else value
        self._nest(1, start)
        span, icase = self.span(start, start + len(token)), self.flags.icase
        self.recursions.append((reference, start))
        recursion = tree.Recursion(span, reference, icase)
        self.add(tree.Group(span, 0, tree.Sequence(span, (recursion,)), icase, icase))

    # -- flags ----------------------------------------------------------------------------------------------------

    def _apply(self, letters: str) -> bool:
        """Set the flags that the letters name; whether the case changed."""
        before = self.flags.icase
        self.flags = applied(self.flags, letters)
        return self.flags.icase != before

    def on_flags(self, token: str, start: int) -> None:
        self._nest(1, start)
        before = self.flags.icase
        changed = self._apply(token[2:-1])
        self.case_changed = self.case_changed or changed
        span = self.span(start, start + len(token))
        items: tuple[Node, ...] = (tree.CaseSwitch(span, self.flags.icase),) if changed else ()
        self.add(tree.Group(span, 0, tree.Sequence(span, items), before, self.flags.icase))

    # -- groups ---------------------------------------------------------------------------------------------------

    def _open(self, kind: str, token: str, start: int) -> Frame:
        self._nest(1, start)
        frame = Frame(
            kind,
            start,
            start + len(token),
            self.flags,
            case_changed=self.case_changed,
            numbering=Numbering(self.mark_reset, self.max_mark),
        )
        self.case_changed = False
        self.mark_reset = -1
        if kind != "capture":
            self.max_mark = self.marks
        self.frames.append(frame)
        return frame

    def _number(self, frame: Frame) -> None:
        self.marks += 1
        self.highest = max(self.highest, self.marks)
        frame.index = self.marks

    def on_open(self, token: str, start: int) -> None:
        self._number(self._open("capture", token, start))

    def on_non_capturing(self, token: str, start: int) -> None:
        self._open("plain", token, start)

    def on_branch_reset(self, token: str, start: int) -> None:
        self._open("plain", token, start)
        self.mark_reset = self.marks

    def on_look(self, token: str, start: int) -> None:
        self.looks_behind = self.looks_behind or "<" in token
        self._open({"(?=": "ahead", "(?!": "not-ahead", "(?<=": "behind", "(?<!": "not-behind"}[token], token, start)

    def on_atomic(self, token: str, start: int) -> None:
        self._open("atomic", token, start)

    def on_named(self, token: str, start: int) -> None:
        frame = self._open("named", token, start)
        self._number(frame)
        frame.name = token[3:-1]
        self.names.append((frame.name, frame.index))

    def on_flagged(self, token: str, start: int) -> None:
        self._open("plain", token, start)
        if self._apply(token[2:-1]):
            self.case_changed = True
            self.add(tree.CaseSwitch(self.span(start, start + len(token)), self.flags.icase))

    def on_calling(self, token: str, start: int) -> None:
        """``(?-1``: a recursion, behind which Boost reads on until the group ends."""
        value, _ = integer(token[3:], 10)
        reference = self.marks + 1 - value if value is not None and value > 0 else 0
        if reference <= 0:
            raise self.refuse("an unfinished or unknown (?...) group", start)
        self._open("plain", token, start)
        self.recursions.append((reference, start))
        self.add(tree.Recursion(self.span(start, start + len(token)), reference, self.flags.icase))

    def on_condition(self, token: str, start: int) -> None:
        frame = self._open("conditional", token, start)
        found = asked(token)
        if isinstance(found, str):
            raise self.refuse(found, start)
        frame.condition = found

    def on_bar(self, _token: str, start: int) -> None:
        frame = self.frames[-1]
        self.max_mark = max(self.max_mark, self.marks)
        if self.mark_reset >= 0:
            self.marks = self.mark_reset
        frame.alternatives.append(tree.Sequence(self.span(frame.items_start, start), tuple(frame.items)))
        frame.items = []
        frame.items_start = start + 1
        if self.case_changed:
            self.add(tree.CaseSwitch(self.span(start, start + 1), self.flags.icase))

    def _body(self, frame: Frame, end: int) -> Node:
        last = tree.Sequence(self.span(frame.items_start, end), tuple(frame.items))
        if not frame.alternatives:
            return last
        first = frame.alternatives[0]
        return tree.Choice(Span(first.span.start, last.span.end), (*frame.alternatives, last))

    def on_close(self, _token: str, start: int) -> None:
        frame = self.frames[-1]
        body = self._body(frame, start)
        changed = self.case_changed
        if changed:
            switch = tree.CaseSwitch(self.span(start, start + 1), frame.flags.icase)
            body = tree.Sequence(body.span, (body, switch))
        self.flags = frame.flags
        self.frames.pop()
        self.case_changed = frame.case_changed
        node = self._group(frame, body, start, changed=changed)
        if frame.kind != "capture":
            self.marks = max(self.marks, self.max_mark)
            self.max_mark = frame.max_mark
        self.mark_reset = frame.mark_reset
        if frame.index > 0:
            self.closed.add(frame.index)
        self.add(node)

    def _group(self, frame: Frame, body: Node, start: int, *, changed: bool) -> Node:
        span, icase = self.span(frame.start, start + 1), frame.flags.icase
        if frame.kind in ("capture", "plain", "named"):
            return tree.Group(span, frame.index, body, icase, self.flags.icase, frame.name)
        empty = not frame.alternatives and not frame.items and not changed
        if empty and frame.kind in ("ahead", "atomic"):
            raise self.refuse("an assertion or independent group with nothing in it", frame.start)
        if frame.kind == "atomic":
            return tree.Atomic(span, body, icase)
        if frame.kind == "conditional":
            switch = tree.CaseSwitch(self.span(start, start + 1), frame.flags.icase) if changed else None
            return self._conditional(frame, span, start, switch)
        return tree.Look(span, frame.kind.endswith("behind"), frame.kind.startswith("not"), body, icase)

    def _conditional(self, frame: Frame, span: Span, start: int, switch: tree.CaseSwitch | None) -> Node:
        branches = [*frame.alternatives, tree.Sequence(self.span(frame.items_start, start), tuple(frame.items))]
        condition = frame.condition
        if len(branches) > 2:
            raise self.refuse("a conditional with more than two alternatives", frame.start)
        if condition is None:
            yes = branches[0]
            look = yes.items[0] if yes.items else None
            if not isinstance(look, tree.Look):
                raise self.refuse("a repetition of an assertion in a condition", frame.start)
            condition = tree.Condition("look", look=look)
            branches[0] = tree.Sequence(yes.span, yes.items[1:])
        elif condition.kind == "define" and len(branches) > 1:
            raise self.refuse("an alternative inside a DEFINE block", frame.start)
        no = branches[1] if len(branches) > 1 else None
        return tree.Conditional(span, condition, branches[0], no, frame.flags.icase, switch)

    # -- repetitions ----------------------------------------------------------------------------------------------

    def on_brace(self, _token: str, start: int) -> None:
        self.literal(b"{", start, start + 1)

    def on_repetition(self, token: str, start: int) -> None:
        found = _REPETITION.fullmatch(token)
        if found is None:
            raise self.refuse("a repetition that cannot be read", start)
        sign, low_text, comma, high_text, lazy, possessive = found.groups()
        low, high = 0, None
        if sign is not None:
            if start == 0:
                raise self.refuse("a repetition with nothing before it", start)
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        else:
            first, _ = integer(low_text, 10)
            second = integer(high_text, 10)[0] if high_text else None
            if first is None or first < 0 or (high_text and second is None):
                # No repetition after all: the brace is an ordinary character, and so is what follows it.
                braces = token[: len(token) - len(lazy) - len(possessive)]
                self.literal(braces.encode("latin-1"), start, start + len(braces))
                if lazy or possessive:
                    self.on_repetition(lazy + possessive, start + len(braces))
                return
            low = first
            high = low if comma is None else (second if second is not None and 0 <= second < _BIG else None)
            if high is not None and low > high:
                raise self.refuse("a repetition whose bounds are in the wrong order", start)
        self._repeat(low, high, start, start + len(token), greedy=not lazy, possessive=bool(possessive))

    def _repeat(self, low: int, high: int | None, start: int, end: int, *, greedy: bool, possessive: bool) -> None:
        frame = self.frames[-1]
        items = frame.items
        if not items:
            if frame.kind == "conditional" and not frame.alternatives:
                raise self.refuse("a repetition of a condition", start)
            raise self.refuse("a repetition with nothing before it", start)
        last = items[-1]
        if isinstance(last, tree.Assertion | tree.Reset) or (isinstance(last, tree.Repeat) and not last.possessive):
            raise self.refuse("a repetition of what cannot be repeated", start)
        if frame.kind == "conditional" and frame.condition is None and len(items) == 1 and not frame.alternatives:
            raise self.refuse("a repetition of an assertion in a condition", start)
        item: Node = last
        if isinstance(last, tree.Literal) and len(last.data) > 1:
            cut = last.span.end - 1
            items[-1] = tree.Literal(Span(last.span.start, cut), last.data[:-1], last.icase)
            item = tree.Literal(Span(cut, last.span.end), last.data[-1:], last.icase)
        else:
            items.pop()
        span = Span(item.span.start, self.place(end))
        self.suspect = self.suspect or self.line_end >= item.span.start
        items.append(tree.Repeat(span, item, low, high, greedy, possessive, self.flags.icase))
        self.possessive = possessive
        self.after_comment = False

    # -- sets -----------------------------------------------------------------------------------------------------

    def on_set_open(self, token: str, start: int) -> None:
        self.set = SetBuilder(negated=len(token) > 1)
        self.set_start = start

    def _in_set(self, kind: str, token: str, start: int) -> None:
        builder = self.set
        if builder is None:
            return
        if kind != "SET_CLOSE":
            reason = builder.take(kind, token)
            if reason is not None:
                raise self.refuse(reason, start)
            return
        self.set = None
        self._finish_set(builder, self.set_start, start + 1)

    def _finish_set(self, builder: SetBuilder, start: int, end: int) -> None:
        node = builder.node(self.span(start, end), icase=self.flags.icase)
        if isinstance(node, str):
            raise self.refuse(node, start)
        self.add(node)


_OPENERS = (
    "OPEN",
    "NON_CAPTURING",
    "BRANCH_RESET",
    "AHEAD",
    "NOT_AHEAD",
    "BEHIND",
    "NOT_BEHIND",
    "ATOMIC",
    "NAMED",
    "FLAGGED",
    "CALLING",
    "CONDITION",
)

_HANDLERS: dict[str, Callable[..., None]] = {
    "LITERAL": _Reader.on_literal,
    "BRACE": _Reader.on_brace,
    "ANY": _Reader.on_any,
    "BYTE": _Reader.on_any,
    "CARET": _Reader.on_caret,
    "DOLLAR": _Reader.on_dollar,
    "REPETITION": _Reader.on_repetition,
    "COMMENT": _Reader.on_comment,
    "QUOTED": _Reader.on_quoted,
    "CLASS": _Reader.on_class,
    "ASSERTION": _Reader.on_assertion,
    "PROPERTY": _Reader.on_property,
    "LINE_END": _Reader.on_line_end,
    "COMBINING": _Reader.on_combining,
    "RESET": _Reader.on_reset,
    "REFERENCE": _Reader.on_reference,
    "NAMED_REFERENCE": _Reader.on_named_reference,
    "HEXADECIMAL": _Reader.on_byte_escape,
    "CONTROL": _Reader.on_byte_escape,
    "OCTAL": _Reader.on_byte_escape,
    "NAMED_CHARACTER": _Reader.on_byte_escape,
    "ESCAPED": _Reader.on_byte_escape,
    "VERB": _Reader.on_verb,
    "FLAGS": _Reader.on_flags,
    "RECURSION": _Reader.on_recursion,
    "WORD_EDGE": _Reader.on_word_edge,
    "OPEN": _Reader.on_open,
    "NON_CAPTURING": _Reader.on_non_capturing,
    "BRANCH_RESET": _Reader.on_branch_reset,
    "AHEAD": _Reader.on_look,
    "NOT_AHEAD": _Reader.on_look,
    "BEHIND": _Reader.on_look,
    "NOT_BEHIND": _Reader.on_look,
    "ATOMIC": _Reader.on_atomic,
    "NAMED": _Reader.on_named,
    "FLAGGED": _Reader.on_flagged,
    "CALLING": _Reader.on_calling,
    "CONDITION": _Reader.on_condition,
    "BAR": _Reader.on_bar,
    "CLOSE": _Reader.on_close,
    "SET_OPEN": _Reader.on_set_open,
}
