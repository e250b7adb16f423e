"""A real browser: the system's own Chromium, driven by Playwright, and axe-core in it."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.render import prose

THEMES = ("light", "dark")
# Axe takes a while for a page; the second theme changes colours alone.
SAMPLED_THEMES = ("light", pytest.param("dark", marks=pytest.mark.long))
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 18, 18)"}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser():
    """Chromium, for one file: Playwright's event loop would be in the way of tests that start their own."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on PATH (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def faults(browser):
    """A function from a page's place, or its HTML, to the faults that axe finds, everything unfolded."""
    tabs = {theme: browser.new_context(bypass_csp=True, color_scheme=theme).new_page() for theme in THEMES}

    def faults(page, theme="light"):
        tab = tabs[theme]
        tab.goto("about:blank")
        if isinstance(page, str):
            tab.set_content(page)
        else:
            tab.goto(page.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        found = Axe().run(tab).response
        assert len(found["passes"]) > 10  # axe did look
        return [
            f"{fault['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for fault in found["violations"] + found["incomplete"]
            for node in fault["nodes"]
        ]

    return faults


@pytest.fixture(scope="module")
def read(browser):
    """A function that opens a page with JavaScript off; it may load nothing from elsewhere."""
    asked, tabs = [], {}
    for theme in THEMES:
        tabs[theme] = browser.new_context(java_script_enabled=False, color_scheme=theme).new_page()
        tabs[theme].set_default_timeout(3000)
        tabs[theme].on("request", lambda request: asked.append(request.url))

    def read(path, theme="light"):
        asked.clear()
        tabs[theme].goto(path.as_uri())
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
        assert ground(tabs[theme]) == GROUNDS[theme]
        return tabs[theme]

    return read


def ground(opened):
    return opened.evaluate("getComputedStyle(document.body).backgroundColor")


def text_of(locator):
    return " ".join(locator.inner_text().split())


def says(diagnosis):
    """A diagnosis as a reader sees it."""
    return " ".join(prose(diagnosis).striptags().split())
