"""A real Chromium, in which the page of the report is opened from a file."""

from __future__ import annotations

import base64
import enum
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.parts import needed, program

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Keys(enum.StrEnum):
    """Keys that are no letters, as WebDriver has them."""

    TAB = "\ue004"
    ENTER = "\ue007"
    ESCAPE = "\ue00c"
    END = "\ue010"
    ARROW_RIGHT = "\ue014"
    ARROW_DOWN = "\ue015"


class Browser:
    """One window."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self._folder = folder
        self._number = 0

    def open(self, page: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Open a page, given as its text, in a window of this size; what was logged before is forgotten."""
        self._number += 1
        file = self._folder / f"page-{self._number}.html"
        file.write_text(page, "utf-8")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, still])
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self.log()
        self.driver.get(file.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, expected: Any, *arguments: Any) -> None:
        """Wait until a script returns what is expected: typing is answered a moment later."""
        from selenium.common.exceptions import TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        try:
            WebDriverWait(self.driver, 20, 0.02).until(lambda _: self.run(script, *arguments) == expected)
        except TimeoutException:
            assert expected == self.run(script, *arguments)

    def keys(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def log(self) -> list[str]:
        """What the console has said since it was last asked: errors, and violations of the page's security policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def pdf(self) -> bytes:
        """The page as it prints."""
        return base64.b64decode(self.driver.print_page())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    needed("selenium", there=find_spec("selenium") is not None)
    from selenium import webdriver

    driver = program("chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture
def browser(chromium: Any, tmp_path: Path) -> Browser:
    return Browser(chromium, tmp_path)


@pytest.fixture
def axe(browser: Browser) -> Callable[[], list[str]]:
    """What axe finds wrong with the open page, however serious: rule and element."""
    needed("axe-core (npm ci --prefix tests/browser)", there=AXE.exists())
    source = AXE.read_text("utf-8")

    def violations() -> list[str]:
        browser.run(source)
        found = browser.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(done)"
        )
        return [
            f"{one['impact']}, {one['id']}: {node['html'][:120]} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    return violations
