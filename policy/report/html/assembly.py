"""One page from all parts: templates filled, style and scripts put in, and a security policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from policy.report.html import differences, findings, matrix, ways
from policy.report.html.explorer import explorer
from policy.report.html.subject import Subject, subject
from policy.report.html.summary import summary
from policy.report.view import View

if TYPE_CHECKING:
    from jinja2 import Environment

    from policy.lint.run import Result
    from policy.questions.diff import Diff

_SCRIPTS = (
    "text",
    "request",
    "proxy",
    "automaton",
    "resources",
    "filter",
    "behind",
    "engine",
    "page",
    "findings",
    "matrix",
    "explorer",
    "ways",
    "start",
)
"""In the order in which they are read: the engine first, then what people touch."""
_POLICY = "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"


def page(
    result: Result,
    *,
    server: str | None = None,
    combine: Iterable[Sequence[str]] = (),
    clients: Sequence[str] = (),
    compared: Diff | None = None,
) -> str:
    """The page of a run of the linter.

    ``server`` chooses one where the files describe several; ``combine`` are roles that somebody has together;
    ``clients`` are those whose features are the rows of the table; ``compared`` is told where it is given.
    Without a server that starts the page holds the findings, and says why no more.
    """
    view = View(result)
    about = subject(result.deployment, server, combine)
    parts: dict[str, Any] = {
        "summary": summary(view, about),
        "entries": findings.entries(view),
        "explanations": findings.explanations(view),
        "why_not": view.masks.text(about) if isinstance(about, str) else "",
        "changes": differences.shown(compared, view.masks) if compared is not None else None,
        "matrix": None,
        "ways": None,
        "unexplored": "",
    }
    tables: dict[str, Any] = {}
    if isinstance(about, Subject):
        parts |= _of_policy(about, view, clients, tables)
    style, script = _style(), _script()
    return (
        _environment()
        .get_template("page.html")
        .render(
            parts,
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            tables=_embedded(tables),
            csp=_POLICY.format(style=_hash(style), script=_hash(script)),
        )
    )


def _of_policy(about: Subject, view: View, clients: Sequence[str], tables: dict[str, Any]) -> dict[str, Any]:
    """What a policy adds to a page, and to its tables."""
    from policy.lint.views.unchecked import dicom_web_root
    from policy.questions.matrix import feature_rows
    from policy.questions.matrix import matrix as asked

    rows = feature_rows(clients, dicom_web_root(about.server))
    shown = matrix.shown(asked(about.policy, rows, about.people), view.masks)
    led = ways.ways(about.policy, view.masks)
    explored = explorer(about.policy, about.people, view.masks, {one.number: one.origin for one in led.rules})
    tables["matrix"] = shown.data
    tables["ways"] = led.data
    if not isinstance(explored, str):
        tables["policy"] = explored
    return {"matrix": shown, "ways": led, "unexplored": explored if isinstance(explored, str) else ""}


def _embedded(data: Any) -> Markup:
    """JSON for a script element: nothing in it ends the element or begins another."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    escaped = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(escaped)  # noqa: S704 - escaped in the line above


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    return _asset("report.css")


@cache
def _script() -> str:
    """The scripts as one, so that their names are their own."""
    return '"use strict";\n(() => {\n' + "\n".join(_asset(f"{name}.js") for name in _SCRIPTS) + "})();\n"


def _asset(name: str) -> str:
    return (files("policy.report.html") / "assets" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("policy.report.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
