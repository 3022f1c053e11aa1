"""The mutants that mutmut makes of a room, and a sample of them.

Of mutmut only the mutations are taken: its own run hands the ids of tests back to pytest on the command line, which
fails for ids with brackets and line breaks, and tries each mutant with every test of a function.
"""

from __future__ import annotations

import ast
import difflib
import functools
import random
from dataclasses import dataclass
from pathlib import Path

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

from .rooms import ROOT, modules


@dataclass(frozen=True)
class Mutant:
    """One change of one function; ``lines`` are those of the statement, which a test must reach to notice."""

    path: Path
    function: str
    number: int
    lines: range

    @property
    def module(self) -> str:
        """The module's name."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @property
    def name(self) -> str:
        """What names it as long as its module does not change."""
        return f"{self.module}:{self.function}:{self.number}"

    def source(self) -> str:
        """The text of the whole module with the change."""
        tree, mutations = _mutations(self.path)
        chosen = mutations[self.number]
        changed = deep_replace(tree, chosen.original_node, chosen.mutated_node)
        assert isinstance(changed, libcst.Module)
        return changed.code

    def diff(self) -> str:
        """The changed lines."""
        before, after = (ROOT / self.path).read_text().splitlines(), self.source().splitlines()
        return "\n".join(line for line in list(difflib.unified_diff(before, after, lineterm="", n=0))[2:])


def of(room: str) -> list[Mutant]:
    """All mutants of a room, in the order of the sources."""
    return [mutant for path in modules(room) for mutant in _of_module(path)]


def sample(mutants: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """As many of them, evenly spread over modules and functions: every n-th, from a random beginning."""
    if size >= len(mutants):
        return mutants
    step = len(mutants) / size
    begin = random.Random(seed).uniform(0, step)
    return [mutants[int(begin + step * number)] for number in range(size)]


def named(name: str) -> Mutant:
    """The mutant of that name; names hold as long as the module does not change."""
    module = name.partition(":")[0].replace(".", "/")
    path = Path(f"{module}.py") if (ROOT / f"{module}.py").exists() else Path(module) / "__init__.py"
    found = next((mutant for mutant in _of_module(path) if mutant.name == name), None)
    if found is None:
        raise SystemExit(f"{name}: there is no such mutant")
    return found


@functools.lru_cache(maxsize=4)
def _mutations(path: Path) -> tuple[libcst.Module, list[Mutation]]:
    tree, mutations, _, _ = create_mutations(str(path), (ROOT / path).read_text())
    return tree, mutations


def _of_module(path: Path) -> list[Mutant]:
    tree, mutations = _mutations(path)
    places = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    names = _functions(tree)
    statements = _statements(ast.parse((ROOT / path).read_text()))
    found = []
    for number, mutation in enumerate(mutations):
        function = mutation.contained_by_top_level_function
        if not isinstance(function, libcst.FunctionDef) or function not in names:
            continue  # what runs when the module is read is not mutated
        whole = places[function]
        place = places.get(mutation.original_node)
        line = place.start.line if place else whole.start.line
        inside = [lines for lines in statements if line in lines and whole.start.line <= lines.start]
        lines = min(inside, key=len, default=range(whole.start.line, whole.end.line + 1))
        found.append(Mutant(path, names[function], number, lines))
    return found


def _functions(tree: libcst.Module) -> dict[libcst.FunctionDef, str]:
    names = {}
    for statement in tree.body:
        if isinstance(statement, libcst.FunctionDef):
            names[statement] = statement.name.value
        elif isinstance(statement, libcst.ClassDef):
            for inner in statement.body.body:
                if isinstance(inner, libcst.FunctionDef):
                    names[inner] = f"{statement.name.value}.{inner.name.value}"
    return names


def _statements(tree: ast.Module) -> list[range]:
    """The lines of each statement; of one with a body, those of its head. A function's head stands for all of it."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Try):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            found.append(range(node.lineno, end + 1))
    return found
