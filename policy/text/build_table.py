"""Builds the saved LALR table of the grammar: ``python -m policy.text.build_table``.

The table is plain data (JSON), so that loading it runs no code and depends on no version of lark's own save format.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GRAMMAR = HERE / "grammar.lark"
TABLE = HERE / "grammar.json"


def build() -> dict[str, Any]:
    """The table: for each state what each symbol does, and the rules by number.

    An action is a state to go to (0 or more) or, below zero, ``-1 - number`` of the rule to reduce by.
    """
    from lark import Lark

    parser = Lark(GRAMMAR.read_text("utf-8"), parser="lalr", lexer="basic", maybe_placeholders=False)
    table = parser.parser.parser._parse_table
    rules = sorted(
        {(rule.alias or str(rule.origin.name), str(rule.origin.name), len(rule.expansion)) for rule in parser.rules}
    )
    # lark numbers its states by the order of sets; ours are numbered by the order in which they are reached.
    order = {table.start_states["start"]: 0}
    states: list[dict[str, int]] = []
    for state in iter(lambda: next((old for old, new in order.items() if new == len(states)), None), None):
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if action.name == "Shift":
                row[symbol] = order.setdefault(argument, len(order))
            else:
                name = argument.alias or str(argument.origin.name)
                row[symbol] = -1 - rules.index((name, str(argument.origin.name), len(argument.expansion)))
        states.append(row)
    return {"start": 0, "rules": rules, "states": states}


def main() -> None:
    """Writes the table beside the grammar."""
    TABLE.write_text(json.dumps(build(), separators=(",", ":"), sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
