"""What the site adds to the pages of docs/ when it is built.

A page for each lint rule, made from its docstring, with links from the list; cross-references of docstrings as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

from policy.lint.page import markdown
from policy.lint.rule import registry

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_ROLE = re.compile(r":(?:attr|class|func|meth|mod):\s*(?=<code>)")
_LISTED = re.compile(
    r"^(?P<code>[A-Z]{3}\d{3})  (?P<name>\S+)\s+(?P<severity>\S+)\s+(?P<persona>\S+)\s+(?P<title>.+)$", re.MULTILINE
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, below ``rules/``."""
    for rule in registry().values():
        files.append(File.generated(config, f"rules/{rule.name}.md", content=markdown(rule)))
    return files


def on_page_markdown(text: str, page: Page, **_: Any) -> str:
    """In the list of rules, a table with links takes the place of what the command prints."""
    if page.file.src_uri != "rules.md":
        return text
    rows = [
        f"| {row['code']} | [{row['name']}](rules/{row['name']}.md) | {row['severity']} | {row['title']} |"
        for row in _LISTED.finditer(text)
    ]
    table = "\n".join(["| code | rule | severity | what is wrong |", "| --- | --- | --- | --- |", *rows])
    return re.sub(r"```text\n.*?\n```", lambda _: table, text, count=1, flags=re.DOTALL)


def on_page_content(html: str, **_: Any) -> str:
    """Docstrings name other objects by role and name; the name is enough for a reader."""
    return _ROLE.sub("", html)
