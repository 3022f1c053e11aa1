"""The saved table is the grammar's, and loads without lark."""

import json
import subprocess
import sys

from policy.text import automaton, build_table


def test_the_saved_table_is_that_of_the_grammar():
    assert json.loads(build_table.TABLE.read_text()) == json.loads(json.dumps(build_table.build()))


def test_every_rule_has_its_builder():
    for name, _, _ in automaton.table().rules:
        assert hasattr(automaton.Builder, name)


def test_reading_json_imports_neither_lark_nor_yaml_nor_json5():
    code = (
        "import sys; from policy import text; d = text.parse('{\"a\": 1,}'); d.accepted_by('core');"
        "print([name for name in ('lark', 'ruamel.yaml', 'json5', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
