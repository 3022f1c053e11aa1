"""Which bracket closes which, where they do not fit."""

from __future__ import annotations

from policy.text.lexer import Token

_CLOSES = {"RBRACE": "LBRACE", "RSQB": "LSQB"}


def partners(tokens: list[Token]) -> tuple[list[int | None], frozenset[int]]:
    """For each token the index of the opening bracket that it closes, and the openers that nothing closes.

    The balance of the whole text decides what a bracket of the wrong kind means: with more openers than closers one was
    forgotten, with as many it was mistaken for the other kind, with fewer it is too much.
    """
    result: list[int | None] = [None] * len(tokens)
    openers = sum(token.type in ("LBRACE", "LSQB") for token in tokens)
    balance = openers - sum(token.type in _CLOSES for token in tokens)
    stack: list[int] = []
    count = {"LBRACE": 0, "LSQB": 0}
    for index, token in enumerate(tokens):
        if token.type in count:
            stack.append(index)
            count[token.type] += 1
            continue
        opener = _CLOSES.get(token.type)
        if opener is None:
            continue
        if not stack:
            balance += 1
            continue
        if tokens[stack[-1]].type != opener:
            if balance > 0 and count[opener]:
                while tokens[stack[-1]].type != opener:
                    count[tokens[stack.pop()].type] -= 1
                    balance -= 1
            elif balance < 0:
                balance += 1
                continue
        top = stack.pop()
        count[tokens[top].type] -= 1
        result[index] = top
    return result, frozenset(stack)
