"""The decision graph as text for other programs: DOT, Mermaid, GraphML, JSON.

Nodes and edges come out in a fixed order, with short names (``n0``, ``n1``, …), so that two versions can be compared.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from policy.engine.graph import VISITOR
from policy.text.visible import escaped_json, visible

if TYPE_CHECKING:
    from networkx import DiGraph

    from policy.engine.graph import Node

VERSION = 1
"""Of the JSON shape."""

_KINDS = ("route", "class", "unchecked", "rule", "permission", "role", "anybody", "label")
"""From the request to the people, which is how the graph is read."""
_SHAPES = MappingProxyType(
    {
        "route": ("box", "[", "]"),
        "class": ("box", "[", "]"),
        "unchecked": ("box", "[", "]"),
        "rule": ("box", "[", "]"),
        "permission": ("ellipse", "([", "])"),
        "role": ("house", "{{", "}}"),
        "anybody": ("doublecircle", "((", "))"),
        "label": ("note", ">", "]"),
    }
)
"""By kind: the shape in DOT, and the brackets in Mermaid."""


class Vertex(NamedTuple):
    """A node as it is written: ``name`` is short and unique, ``origin`` says where it is written, if that is known."""

    name: str
    kind: str
    text: str
    origin: str


class Edge(NamedTuple):
    """An edge between the names of two nodes."""

    source: str
    target: str


def only_role(graph: DiGraph[Any], role: str) -> DiGraph[Any]:
    """The part of a graph that leads to a role (empty: visitors) and to what everybody may do, with its labels.

    Raises KeyError where the graph has no such role.
    """
    from networkx import ancestors

    from policy.engine.graph import ANYBODY

    node: Node = ("role", role)
    if node not in graph:
        raise KeyError(role)
    kept = {node, ANYBODY, *ancestors(graph, node), *ancestors(graph, ANYBODY), *graph.successors(node)}
    return graph.subgraph(kept).copy()


def render(graph: DiGraph[Any], form: str) -> str:
    """The graph in one of :data:`FORMATS`."""
    return _WRITERS[form](*parts(graph))


def parts(graph: DiGraph[Any]) -> tuple[list[Vertex], list[Edge]]:
    """Nodes and edges as they are written, in a fixed order."""
    nodes = sorted(graph.nodes, key=lambda node: (_KINDS.index(node[0]), _order(node[1])))
    names = {node: f"n{number}" for number, node in enumerate(nodes)}
    vertices = [
        Vertex(names[node], node[0], visible(_text(node, graph.nodes[node])), visible(_origin(graph.nodes[node])))
        for node in nodes
    ]
    numbers = {node: number for number, node in enumerate(nodes)}
    pairs = sorted(graph.edges, key=lambda pair: (numbers[pair[0]], numbers[pair[1]]))
    return vertices, [Edge(names[one], names[other]) for one, other in pairs]


def _order(key: Any) -> tuple[Any, ...]:
    if isinstance(key, tuple):  # a method, and the number of a rule or None
        return (key[0], key[1] is None, key[1] or 0)
    return (key,)


def _text(node: Node, about: Mapping[str, Any]) -> str:
    kind, key = node
    if kind == "rule":
        return f"{about['method']} {about['pattern']}"
    if kind == "class":
        method, rule = key
        return f"{method} {about['witness']} and the like" + ("" if rule is not None else " (no rule)")
    if kind == "role":
        return "visitors" if key == VISITOR else str(key)
    if kind == "anybody":
        return "everybody"
    if kind == "unchecked":
        return f"GET {key}" + ("…" if about.get("kind") == "folder" else "")
    if kind == "label":
        return "all labels" if key == "*" else str(key)
    return str(key)


def _origin(about: Mapping[str, Any]) -> str:
    origin = about.get("origin")
    return str(origin) if origin is not None else ""


def _dot(vertices: list[Vertex], edges: list[Edge]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = ["digraph policy {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for one in vertices:
        tip = f", tooltip={quoted(one.origin)}" if one.origin else ""
        lines.append(f"  {one.name} [label={quoted(one.text)}, shape={_SHAPES[one.kind][0]}, class={one.kind}{tip}];")
    lines += [f"  {edge.source} -> {edge.target};" for edge in edges]
    return "\n".join([*lines, "}", ""])


def _mermaid(vertices: list[Vertex], edges: list[Edge]) -> str:
    def quoted(text: str) -> str:
        # Mermaid reads entities between its quotation marks, and little else of what patterns are made of.
        plain = (character.isalnum() or character in " /-_.," for character in text)
        safe = (c if ok else f"#{ord(c)};" for c, ok in zip(text, plain, strict=True))
        return '"' + "".join(safe) + '"'

    lines = ["flowchart LR"]
    for one in vertices:
        _, opener, closer = _SHAPES[one.kind]
        lines.append(f"  {one.name}{opener}{quoted(one.text)}{closer}:::{one.kind}")
    lines += [f"  {edge.source} --> {edge.target}" for edge in edges]
    lines += [f"  classDef {kind} {style}" for kind, style in _STYLES.items() if any(kind == v.kind for v in vertices)]
    return "\n".join([*lines, ""])


_STYLES = MappingProxyType(
    {
        "rule": "fill:#eef,stroke:#447",
        "permission": "fill:#efe,stroke:#474",
        "role": "fill:#ffe,stroke:#774",
        "anybody": "fill:#fdd,stroke:#a22",
        "unchecked": "fill:#fdd,stroke:#a22",
    }
)
"""What is open to everybody is red."""


def _graphml(vertices: list[Vertex], edges: list[Edge]) -> str:
    from networkx import DiGraph, write_graphml

    plain: DiGraph[str] = DiGraph()
    for one in vertices:
        plain.add_node(one.name, kind=_xml(one.kind), label=_xml(one.text), origin=_xml(one.origin))
    plain.add_edges_from(edges)
    written = io.BytesIO()
    write_graphml(plain, written, prettyprint=True)
    return written.getvalue().decode("utf-8") + "\n"


def _xml(text: str) -> str:
    """Only characters that XML knows; what is no character at all has been replaced before."""
    return "".join(c if c not in "\ufffe\uffff" else "\ufffd" for c in text)


def _json(vertices: list[Vertex], edges: list[Edge]) -> str:
    data = {
        "version": VERSION,
        "nodes": [{**one._asdict(), "origin": one.origin or None} for one in vertices],
        "edges": [edge._asdict() for edge in edges],
    }
    return escaped_json(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


_WRITERS: Mapping[str, Callable[[list[Vertex], list[Edge]], str]] = MappingProxyType(
    {"dot": _dot, "mermaid": _mermaid, "graphml": _graphml, "json": _json}
)
FORMATS = tuple(_WRITERS)
"""The formats by name."""
