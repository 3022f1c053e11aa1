"""Texts that want to be more than text, in every place of every file: in the page they are text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from policy.configuration.deployment import Deployment
from policy.lint.run import run
from policy.questions.causes import Given as Side
from policy.questions.diff import diff
from policy.report.html.assembly import page
from tests.security.everything import AUDITOR
from tests.security.test_hostile_strings import HOSTILE
from tests.security.test_hostile_strings import files as refused

from .conftest import Browser
from .pages import deployed, policy_in

TEXTS = tuple(text for kind, text in HOSTILE.items() if kind != "surrogate")
_OF_OURS = {"a", "article", "body", "br", "button", "code", "datalist", "dd", "div", "dl", "dt", "em", "fieldset", "footer",
            "form", "h1", "h2", "h3", "h4", "head", "header", "html", "input", "label", "legend", "li", "main", "meta", "nav",
            "noscript", "ol", "optgroup", "option", "p", "pre", "script", "section", "select", "span", "strong", "style",
            "table", "tbody", "td", "th", "thead", "title", "tr", "ul"}  # fmt: skip
_ELEMENTS = """
const every = [...document.querySelectorAll("*")];
return {
  names: [...new Set(every.map((one) => one.localName))],
  attributes: [...new Set(every.flatMap((one) => one.getAttributeNames()))],
  links: [...new Set([...document.links].map((one) => one.getAttribute("href")[0]))],
  scripts: document.scripts.length,
  ran: typeof window.pwned,
};
"""
_ASK = """
const {address, who, method} = document.getElementById("explorer-form").elements;
address.value = "/" + arguments[0];
for (const option of who.options) {
  who.value = option.value;
  address.form.dispatchEvent(new Event("change"));
}
"""
_OPEN = """
for (const one of document.querySelectorAll("button.opens")) one.click();
for (const column of document.querySelectorAll("[role=listbox]")) column.querySelector(".node:not([hidden])")?.click();
"""


def starting() -> dict[str, str]:
    """Files of a server that starts, with every hostile text wherever the programs take it."""
    section: dict[str, Any] = {
        "WebServiceRootUrl": "http://auth/",
        "CheckedLevel": "studies",
        "TokenHttpHeaders": list(TEXTS),
        "TokenGetArguments": list(TEXTS),
        "UncheckedFolders": [f"/{text}/" for text in TEXTS],
        "UncheckedResources": [f"/{text}" for text in TEXTS],
        "Permissions": [
            *(["get", f"^/{re.escape(text)}$", f"view|{text}"] for text in TEXTS),
            *(["get", "^/studies/([a-f0-9-]+)(|/.*)$", text] for text in TEXTS),
            ["post", "^/(.*)$", "view"],
        ],
    }
    roles = {text: {"permissions": ["view"], "authorized_labels": [text, "other"]} for text in TEXTS}
    visitor = {"name": TEXTS[0], "permissions": ["view", *TEXTS], "authorized_labels": list(TEXTS), "validity": 1}
    named = {"Name": TEXTS[0], "AuthenticationEnabled": False, "Authorization": section}
    return {
        "orthanc.json": json.dumps(named, indent=1),
        "permissions.json": json.dumps({"roles": roles}, indent=1),
        "anonymous-profile.json": json.dumps(visitor),
    }


def written(files: dict[str, str], folder: Path) -> Deployment:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return deployed(folder)


def require_inert(browser: Browser) -> None:
    told = browser.run(_ELEMENTS)
    assert set() == set(told["names"]) - _OF_OURS
    assert [] == [name for name in told["attributes"] if name.startswith("on") or name in ("src", "style", "srcset")]
    assert {"#"} == set(told["links"])
    assert (2, "undefined") == (told["scripts"], told["ran"])
    assert [] == browser.log()


def test_every_part_of_the_page(browser: Browser, tmp_path: Path) -> None:
    deployment = written(starting(), tmp_path)
    policy = policy_in(deployment)
    compared = diff(Side(policy_in(deployed(tmp_path, plugin="0.6.0")), None, TEXTS[0]), Side(policy, None, TEXTS[1]))
    browser.open(page(run(deployment, AUDITOR), compared=compared))
    assert browser.run("return globalThis.accessReport !== undefined"), "the server starts: all parts are there"
    for text in TEXTS:
        browser.run(_ASK, text)
    browser.run(_OPEN)
    require_inert(browser)


@pytest.mark.parametrize("kind", ["markup", "template", "link"])
def test_findings_of_a_server_that_does_not_start(browser: Browser, tmp_path: Path, kind: str) -> None:
    browser.open(page(run(written(refused(HOSTILE[kind]), tmp_path), AUDITOR)))
    require_inert(browser)
