"""The page in a real browser: it loads in silence, can be searched, filtered, walked by keyboard, printed and read on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from .conftest import Browser, Keys
from .pages import WORKING, comparison, sample, small

CASE = "forum-thread"
"""The sample with findings; its server does not start."""
EXTERNAL = "4"
"""The role that is limited by a label, by its number among the people."""
SHOWN = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).length"
TEXT = "return document.querySelector(arguments[0]).innerText"
CHOOSE = """
const field = document.querySelector(arguments[0]);
field.value = arguments[1];
field.dispatchEvent(new Event("input", {bubbles: true}));
field.dispatchEvent(new Event("change", {bubbles: true}));
"""
FOCUS = "return document.activeElement.innerText || document.activeElement.name"


@pytest.mark.parametrize(
    "make", [lambda: sample(CASE), lambda: sample(WORKING), comparison], ids=["case", "working", "two"]
)
def test_loads_in_silence(browser: Browser, make: Callable[[], str]) -> None:
    browser.open(make())
    assert [] == browser.log()
    assert 1 == browser.run(SHOWN, "#theme"), "the script has run"


def test_anything_foreign_is_blocked_and_told(browser: Browser) -> None:
    foreign = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><script>window.foreign = 1</script><p style="color:red" id="styled">x</p>'
    browser.open(sample(WORKING).replace("<footer>", f"{foreign}<footer>"))
    assert browser.run("return window.foreign === undefined")
    assert "rgb(255, 0, 0)" != browser.run("return getComputedStyle(document.getElementById('styled')).color")
    blocked = [message for message in browser.log() if "Content Security Policy" in message]
    assert 3 == len(blocked)
    assert all(what in one for what, one in zip(("image", "inline script", "inline style"), blocked, strict=True))


def test_small_and_alone() -> None:
    text = sample(CASE)
    assert len(text.encode()) < 400_000
    assert [] == re.findall(r"(?:src|href|action)\s*=\s*[\"']?(?!#)[^\"'> ]+", text.partition("<script")[0])
    assert "eval(" not in text
    assert "innerHTML" not in text


# -- findings --


def test_findings_are_searched_and_filtered(browser: Browser) -> None:
    browser.open(sample(CASE))
    every = browser.run("return document.querySelectorAll('.finding').length")
    errors = browser.run("return document.querySelectorAll('.finding.error').length")
    assert 0 < errors < every == browser.run(SHOWN, ".finding")
    browser.run(CHOOSE, "#findings-filters [name=severity]", "error")
    browser.wait(SHOWN, errors, ".finding")
    browser.run(CHOOSE, "#findings-filters [name=severity]", "")
    browser.run(CHOOSE, "#findings-filters [name=rule]", "anonymous-star")
    browser.wait(SHOWN, 1, ".finding")
    assert f"1 of {every} shown" == browser.run(TEXT, "#findings-count")
    browser.run(CHOOSE, "#findings-filters [name=rule]", "")
    file = browser.run("return document.querySelectorAll('#findings-filters [name=file] option')[1].value")
    browser.run(CHOOSE, "#findings-filters [name=file]", file)
    browser.wait(
        SHOWN, browser.run("return document.querySelectorAll(`[data-file='${arguments[0]}']`).length", file), ".finding"
    )
    browser.run(CHOOSE, "#findings-filters [name=file]", "")
    browser.run("document.querySelector('#findings-filters [name=text]').focus()")
    browser.keys("ANONYMOUS label")
    matching = browser.run(
        "return [...document.querySelectorAll('.finding')].map((one) => one.textContent.toLowerCase())"
        ".filter((text) => text.includes('anonymous') && text.includes('label')).length"
    )
    assert 0 < matching < every
    browser.wait(SHOWN, matching, ".finding")


def test_a_finding_leads_to_what_its_rule_is_about(browser: Browser) -> None:
    browser.open(sample(CASE))
    browser.run("document.querySelector('.finding a').click()")
    rule = browser.run("return document.querySelector('.finding').dataset.rule")
    browser.wait("return document.activeElement.id", f"rule-{rule}")
    assert "Why it matters" in browser.run("return document.activeElement.innerText")


# -- who may do what --


def test_matrix_filters(browser: Browser) -> None:
    browser.open(sample(WORKING))
    rows = "#matrix-table tr[data-row]"
    every = browser.run(SHOWN, rows)
    assert every == browser.run("return document.querySelectorAll(arguments[0]).length", rows)
    browser.run(CHOOSE, "#matrix-filters [name=client]", "1")
    browser.wait(
        SHOWN, browser.run("return document.querySelectorAll('tbody[data-client=\"1\"] tr[data-row]').length"), rows
    )
    browser.run(CHOOSE, "#matrix-filters [name=client]", "")
    browser.run(CHOOSE, "#matrix-filters [name=who]", EXTERNAL)
    browser.wait(SHOWN, every, "td[data-who]")
    browser.run(CHOOSE, "#matrix-filters [name=mark]", "labels")
    limited = browser.run(SHOWN, "td[data-mark=labels]")
    assert 0 < limited < every
    assert limited == browser.run(SHOWN, rows)
    # For a study with another label all of these are refused, for one with the right label none is.
    browser.run(CHOOSE, "#matrix-filters [name=label]", "none")
    assert 0 == browser.run(SHOWN, "td[data-mark=labels]")
    browser.run(CHOOSE, "#matrix-filters [name=mark]", "")
    refused = browser.run(SHOWN, "td[data-mark=deny], td[data-mark=partly]")
    browser.run(CHOOSE, "#matrix-filters [name=label]", "0")
    assert browser.run(SHOWN, "td[data-mark=deny], td[data-mark=partly]") < refused


def test_a_row_tells_its_requests_and_asks_for_one(browser: Browser) -> None:
    browser.open(sample(WORKING))
    browser.run("document.querySelector('button.opens').focus()")
    browser.keys(Keys.ENTER)
    assert "true" == browser.run("return document.activeElement.getAttribute('aria-expanded')")
    assert 1 == browser.run(SHOWN, ".details")
    browser.run("document.querySelector('.details button').focus()")
    request = browser.run(FOCUS)
    browser.keys(Keys.ENTER)
    form = "const {method, address} = document.getElementById('explorer-form').elements; return `${method.value} ${address.value}`"
    assert request == browser.run(form)
    assert "address" == browser.run(FOCUS)


# -- the explorer --


def test_an_answer_is_read_out_while_one_types(browser: Browser) -> None:
    browser.open(sample(WORKING))
    address = "#explorer-form [name=address]"
    assert "polite" == browser.run("return document.getElementById('explorer-answer').getAttribute('aria-live')")
    assert 5 == browser.run(SHOWN, "#explorer-answer tbody tr")
    browser.run("const field = document.querySelector(arguments[0]); field.value = ''; field.focus()", address)
    browser.keys("/studies/0a-0b/archive")
    browser.run(CHOOSE, "#explorer-form [name=who]", EXTERNAL)
    browser.wait(TEXT, "◐ It depends", ".verdict")
    browser.run("document.querySelector('#explorer-form [name=known][value=yes]').click()")
    browser.wait(TEXT, "– Refused (403)", ".verdict")
    browser.run(CHOOSE, "#explorer-form [name=level-study]", "other, external")
    browser.wait(TEXT, "✓ Permitted", ".verdict")
    browser.run(CHOOSE, "#explorer-form [name=who]", "share")
    browser.wait(TEXT, "◐ It depends", ".verdict")
    browser.run(CHOOSE, address, "studies")
    browser.wait(TEXT, "Write a path that begins with /, or a full address.", "#explorer-answer .notice")
    assert [] == browser.log()


# -- ways --


def test_ways_are_walked_by_keyboard(browser: Browser) -> None:
    browser.open(sample(WORKING))
    options = "#ways-columns [role=option]"
    every = browser.run(SHOWN, options)
    entries = browser.run("return document.querySelectorAll('#ways-columns [tabindex=\"0\"]').length")
    assert 4 == entries, "one stop for each column"
    browser.run("document.querySelector('#ways-columns [tabindex=\"0\"]').focus()")
    browser.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert browser.run(FOCUS).startswith("external-role")
    browser.keys(Keys.ENTER)
    assert "true" == browser.run("return document.activeElement.getAttribute('aria-selected')")
    assert 0 < browser.run(SHOWN, options) < every
    assert "external-role" in browser.run(TEXT, "#ways-status")
    browser.keys(Keys.ARROW_RIGHT)
    first = browser.run(FOCUS)
    browser.keys(Keys.END)
    assert {"download", "view"} == {first, browser.run(FOCUS)}
    browser.keys(Keys.ESCAPE)
    browser.wait(SHOWN, every, options)


# -- everybody --


def test_everything_is_reached_by_tab(browser: Browser) -> None:
    browser.open(sample(WORKING))
    sections: list[str] = []
    for _ in range(400):
        browser.keys(Keys.TAB)
        here = browser.run(
            "const one = document.activeElement; if (one === document.body) return null;"
            "const style = getComputedStyle(one);"
            "return [one.closest('section, header')?.id || one.closest('header')?.className || one.className, style.outlineStyle]"
        )
        if here is None:
            break
        place, outline = here
        assert "none" != outline, f"the focus is seen in {place}"
        if place not in sections:
            sections.append(place)
    assert ["skip", "top", "findings", "matrix", "explorer", "ways", "rules"] == [
        one for one in sections if one not in ("summary", "explanations")
    ]


def test_landmarks_and_headings(browser: Browser) -> None:
    browser.open(comparison())
    levels = browser.run("return [...document.querySelectorAll('h1,h2,h3,h4')].map((one) => Number(one.tagName[1]))")
    assert 1 == levels[0]
    assert 1 == levels.count(1)
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav[aria-label]", "main", "footer"):
        assert 1 == browser.run("return document.querySelectorAll(arguments[0]).length", landmark)
    tables = browser.run(
        "return [...document.querySelectorAll('table')].map((one) => [one.querySelectorAll('thead th[scope=col]').length, "
        "one.querySelectorAll('tbody tr').length, one.querySelectorAll('tbody th[scope=row], tbody th[scope=rowgroup]').length])"
    )
    assert tables
    assert all(heads and rows == named for heads, rows, named in tables)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(browser: Browser, axe: Callable[[], list[str]], dark: bool) -> None:
    browser.open(small(), dark=dark)
    assert all(
        browser.run(SHOWN, f"#{part} *") for part in ("findings", "changes", "matrix", "explorer", "ways", "rules")
    )
    browser.run("document.querySelector('button.opens')?.click(); document.querySelector('.node')?.click()")
    form = "document.getElementById('explorer-form')"
    browser.run(f"if ({form}) {{ {form}.elements.who.value = '3'; {form}.dispatchEvent(new Event('change')); }}")
    assert [] == axe()


def test_the_theme_is_chosen(browser: Browser) -> None:
    browser.open(sample(WORKING), dark=True)
    ground = "return getComputedStyle(document.body).backgroundColor"
    dark = browser.run(ground)
    button = "document.getElementById('theme').click(); "
    light = browser.run(button + ground)
    assert dark != light
    assert dark == browser.run(button + ground)
    assert "Theme: dark" == browser.run(TEXT, "#theme")


@pytest.mark.parametrize("make", [lambda: sample(CASE), comparison], ids=["case", "two"])
def test_nothing_sticks_out_at_phone_width(browser: Browser, make: Callable[[], str]) -> None:
    browser.open(make(), width=390, height=844)
    browser.run("for (const one of document.querySelectorAll('button.opens')) one.click()")
    form = "document.getElementById('explorer-form')"
    browser.run(f"if ({form}) {{ {form}.elements.who.value = '3'; {form}.dispatchEvent(new Event('change')); }}")
    for width in (390, 320, 768):
        browser.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False
        )
        assert width == browser.run("return innerWidth")
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_prints(browser: Browser, tmp_path: Path) -> None:
    browser.open(comparison(), dark=True)
    browser.command("Emulation.setEmulatedMedia", media="print")
    assert [] == browser.run(
        "return [...document.querySelectorAll('.top, .filters, #explorer, #ways')].filter((one) => one.checkVisibility())"
        ".map((one) => one.id)"
    )
    assert "rgb(28, 34, 38)" == browser.run("return getComputedStyle(document.body).color"), "dark on white"
    browser.command("Emulation.setEmulatedMedia", media="")
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF-")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 40
