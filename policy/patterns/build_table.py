"""Builds the saved LALR table of the grammar: ``python -m policy.patterns.build_table``.

The table is plain data (JSON), so that loading it runs no code and depends on no version of lark's own save format.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GRAMMAR = HERE / "boost.lark"
TABLE = HERE / "boost.json"


def build() -> dict[str, Any]:
    """The table: terminals in the order of trial, rules by number, and what each state does on each symbol.

    State 0 is the first. An action is a state to go to (0 or more) or, below zero, ``-1 - number`` of the rule to reduce by.
    """
    from lark import Lark

    parser = Lark(GRAMMAR.read_text("utf-8"), parser="lalr", lexer="contextual", maybe_placeholders=False)
    table = parser.parser.parser._parse_table
    lexer = parser.parser.lexer.root_lexer
    # Numbers are given in the order in which a walk from the start meets states and rules, so that the same grammar
    # always gives the same file.
    order = [table.start_states["start"]]
    number = {order[0]: 0}
    rules: list[list[Any]] = []
    rule_numbers: dict[Any, int] = {}
    states: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if action.name == "Shift":
                if argument not in number:
                    number[argument] = len(order)
                    order.append(argument)
                row[symbol] = number[argument]
                continue
            if argument not in rule_numbers:
                rule_numbers[argument] = len(rules)
                rules.append([argument.origin.name, len(argument.expansion)])
            row[symbol] = -1 - rule_numbers[argument]
        states.append(row)
    return {
        "end": number[table.end_states["start"]],
        "terminals": [[terminal.name, terminal.pattern.to_regexp()] for terminal in lexer.terminals],
        "rules": rules,
        "states": states,
    }


def dump(table: dict[str, Any]) -> str:
    """The table as text."""
    return json.dumps(table, separators=(",", ":"), sort_keys=True)


def main() -> None:
    """Writes the table beside the grammar."""
    TABLE.write_text(dump(build()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
