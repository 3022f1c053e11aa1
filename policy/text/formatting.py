r"""A text laid out anew: indentation, blanks and line ends, and nothing else.

What the author wrote on one line stays on one line, what was spread has a line for each member; comments stay where
they stand, strings and numbers as they are written, commas too many where they are.
So each reader reads the same before and after, and that is checked before anything is given back.

>>> from policy import text
>>> print(format_document(text.parse('{"a" :1,\n  "b":[1 ,2], // mine\n\n\n "c":{}}')).decode(), end="")
{
  "a": 1,
  "b": [1, 2], // mine
<BLANKLINE>
  "c": {}
}
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.errors import SyntaxRefused
from policy.text import readers
from policy.text.document import Document, Verdict
from policy.text.embedding import EmbeddedDocument
from policy.text.lexer import Token, scan
from policy.text.parsing import parse

LONGEST_STEP = 8
"""Blanks; a deeper indentation that is found is taken for this."""
DEFAULT_STEP = "  "
_OPENERS, _CLOSERS = ("LBRACE", "LSQB"), ("RBRACE", "RSQB")


def format_document(document: Document, *, step: str | None = None, line_end: str | None = None) -> bytes:
    """The bytes of the text laid out anew.

    ``step`` is one step of indentation, ``line_end`` what ends a line; None: as the text has them.
    Raises SyntaxRefused, with the place, where no reader accepts the text, or where it cannot be laid out without that
    a reader reads something else.
    """
    if document.language != "json" or isinstance(document, EmbeddedDocument):
        raise SyntaxRefused("only files of JSON are laid out", help="YAML is left as it is.")
    before = _readings(document)
    if not any(verdict.accepted for verdict, _ in before):
        raise _refused(document, [verdict for verdict, _ in before])
    laid_out = _Layout(document, step, line_end).text()
    data = document.source.encode(laid_out)
    after = parse(data)
    if [value for _, value in before] != [value for _, value in _readings(after)] or not _same(document, after):
        raise SyntaxRefused(
            "a reader would read something else if this were laid out anew",
            line=1,
            column=1,
            help="Look for line ends of the old Macintosh, or for text after the end.",
        )
    return data


def _readings(document: Document) -> list[tuple[Verdict, str]]:
    """What each reader, in each range of versions, makes of the text."""
    found = []
    for reader in readers.READERS:
        version = ".".join(map(str, reader.since))
        verdict = document.verdict(reader.name, version)
        # As text, since a number that is none does not equal itself.
        found.append((verdict, repr(document.value_for(reader.name, version)) if verdict.accepted else "refused"))
    return found


def _refused(document: Document, verdicts: list[Verdict]) -> SyntaxRefused:
    """The refusal of the reader that comes furthest."""
    firsts = [min(verdict.refusals, key=lambda refusal: refusal.span) for verdict in verdicts if verdict.refusals]
    last = max(firsts, key=lambda refusal: refusal.span)
    line, column = document.position(last.span.start)
    what = f"{last.kind} ({last.detail})" if last.detail else last.kind
    return SyntaxRefused(f"no reader accepts this text: {what}", line=line, column=column, help="Mend it first.")


def _same(before: Document, after: Document) -> bool:
    """Whether both texts have the same words and comments in the same order."""

    def words(document: Document) -> list[str]:
        text = document.source.raw
        return [" ".join(text[token.start : token.end].split()) for token in scan(document.text)[0]]

    return words(before) == words(after)


class _Layout:
    """A text on its way to another layout: its tokens, and which brackets are spread over lines."""

    def __init__(self, document: Document, step: str | None, line_end: str | None) -> None:
        self.raw = document.source.raw
        self.tokens, self.tail = _until_end(scan(document.text)[0], self.raw)
        self.gaps = [
            self.raw[before.end if before is not None else 0 : token.start]
            for before, token in zip([None, *self.tokens], self.tokens, strict=False)
        ]
        self.spread = self._spread()
        self.line_end = line_end or self._line_end()
        self.step = step or self._step()

    def text(self) -> str:
        """The raw text laid out."""
        pieces = [piece for pair in self._pieces() for piece in pair]
        if self.tail:
            return "".join([*pieces, self.tail])
        return "".join([*pieces, self.line_end])

    def _pieces(self) -> Iterator[tuple[str, str]]:
        open_brackets: list[bool] = []
        for index, token in enumerate(self.tokens):
            spread = open_brackets[-1] if open_brackets else True
            depth = len(open_brackets)
            if token.type in _CLOSERS and open_brackets:
                open_brackets.pop()
                depth -= 1
            gap = self._gap(index, depth, spread=spread)
            yield gap, self._written(index, gap)
            if token.type in _OPENERS:
                open_brackets.append(self.spread[index])

    def _written(self, index: int, gap: str) -> str:
        """A token; the further lines of a comment move with its first one."""
        token = self.tokens[index]
        written = self.raw[token.start : token.end]
        if token.type != "COMMENT":
            return written
        first, *lines = (line.rstrip(" \t") for line in written.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        old, new = _last_line(self.gaps[index]), _last_line(gap)
        if _breaks(gap) or index == 0:
            lines = [new + line.removeprefix(old) if line.startswith(old) and line else line for line in lines]
        return self.line_end.join([first, *lines])

    def _gap(self, index: int, depth: int, *, spread: bool) -> str:
        """The blanks before a token, in brackets that are ``spread`` or not."""
        if index == 0:
            return ""
        before, token, breaks = self.tokens[index - 1], self.tokens[index], _breaks(self.gaps[index])
        closes = token.type in _CLOSERS
        blank_line = breaks > 1 and not closes and before.type not in _OPENERS
        line = self.line_end * (2 if blank_line else 1) + self.step * depth
        if self._is_line_comment(index - 1):
            return line
        if token.type == "COMMENT":
            if breaks or (spread and self._leads(index)):
                return line
            return "" if before.type in _OPENERS and not spread else " "
        if token.type in ("COMMA", "COLON"):
            return ""
        if closes:
            return line if spread and before.type not in _OPENERS else ""
        if before.type == "COLON":
            return " "
        if before.type == "COMMENT":
            return line if breaks else " "
        if before.type == "COMMA" or before.type in _OPENERS:
            return line if spread else " " * (before.type == "COMMA")
        return " " if self.gaps[index] else ""

    def _leads(self, index: int) -> bool:
        """Whether a comment belongs to what follows on its line, rather than to what stands before it."""
        after = index + 1
        begins = self.tokens[index - 1].type == "COMMA" or self.tokens[index - 1].type in _OPENERS
        ends = after >= len(self.tokens) or _breaks(self.gaps[after]) or self.tokens[after].type in _CLOSERS
        return begins and not ends and self.tokens[after].type not in ("COMMENT", "COMMA")

    def _is_line_comment(self, index: int) -> bool:
        token = self.tokens[index]
        return token.type == "COMMENT" and self.raw.startswith("//", token.start)

    def _spread(self) -> dict[int, bool]:
        """For each opening bracket whether a line ends directly in it, or in a bracket that stands in it."""
        spread: dict[int, bool] = {}
        open_brackets: list[int] = []
        for index, token in enumerate(self.tokens):
            before = self.tokens[index - 1].type if index else ""
            empty = token.type in _CLOSERS and before in _OPENERS
            beside_colon = "COLON" in (before, token.type)
            comment = token.type == "COMMENT" and (
                self._is_line_comment(index) or _breaks(self.raw[token.start : token.end]) > 0
            )
            if open_brackets and (comment or (_breaks(self.gaps[index]) and not empty and not beside_colon)):
                spread[open_brackets[-1]] = True
            if token.type in _OPENERS:
                spread[index] = False
                open_brackets.append(index)
            elif token.type in _CLOSERS and open_brackets:
                closed = open_brackets.pop()
                if open_brackets and spread[closed]:
                    spread[open_brackets[-1]] = True
        return spread

    def _line_end(self) -> str:
        between = "".join([*self.gaps, self.raw[self.tokens[-1].end :] if self.tokens and not self.tail else ""])
        windows = between.count("\r\n")
        return "\r\n" if windows > between.count("\n") - windows else "\n"

    def _step(self) -> str:
        """The indentation of the first line within the outermost brackets."""
        depth = 0
        before = ""
        for token, gap in zip(self.tokens, self.gaps, strict=True):
            if token.type in _CLOSERS:
                depth -= 1
            if depth == 1 and _breaks(gap) and "COLON" not in (before, token.type):
                blanks = _last_line(gap)
                return "\t" if blanks.startswith("\t") else blanks.partition("\t")[0][:LONGEST_STEP] or DEFAULT_STEP
            if token.type in _OPENERS:
                depth += 1
            before = token.type
        return DEFAULT_STEP


def _until_end(tokens: list[Token], raw: str) -> tuple[list[Token], str]:
    """The tokens of the one value with its comments; and what follows it as it is, if that is more than comments."""
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.type in _OPENERS) - (token.type in _CLOSERS)
        if depth == 0 and token.type != "COMMENT":
            if all(_is_closed_comment(raw, other) for other in tokens[index + 1 :]):
                return tokens, ""
            return tokens[: index + 1], raw[token.end :]
    return tokens, ""


def _is_closed_comment(raw: str, token: Token) -> bool:
    """Whether it is a comment with an end: one without it would take in the line end that the text is given."""
    written = raw[token.start : token.end]
    return token.type == "COMMENT" and (not written.startswith("/*") or (len(written) > 3 and written.endswith("*/")))


def _breaks(gap: str) -> int:
    """How many lines end in some blanks."""
    return gap.count("\n") + gap.count("\r") - gap.count("\r\n")


def _last_line(gap: str) -> str:
    """The blanks behind the last line end in some blanks."""
    return gap[max(gap.rfind("\n"), gap.rfind("\r")) + 1 :]
