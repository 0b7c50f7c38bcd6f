"""A real browser for tests of pages: Debian's Chromium, driven by Playwright, and axe-core's rules.

`conftest.py` gives the fixtures to all tests. Where there is no Chromium, tests that ask for one are
skipped and say so. Nothing is downloaded: Playwright's own browsers are not used.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # tests may run as root, and read nothing but the project's own pages
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
LOCAL = ("file:", "data:", "blob:", "about:")
WIDTHS = (390, 768, 1440)
THEMES = ("light", "dark")
HEIGHT = 900  # pixels


# Chromium ends where it finds no font at all. Matplotlib brings some.
FONTS = """<?xml version="1.0"?>
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{}/fonts/ttf</dir>
</fontconfig>
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A Chromium for the tests of a module: Playwright holds an event loop as long as it lives."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt install chromium")
    import matplotlib
    from playwright.sync_api import sync_playwright

    fonts = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    fonts.write_text(FONTS.format(matplotlib.get_data_path()))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program,
            args=list(FLAGS),
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        yield running
        running.close()


@pytest.fixture
def visit(browser) -> Iterator[Callable]:
    """Open a page's file: `visit(path, width=390, theme="dark", scripts=False)` gives Playwright's page.

    The test fails at its end if a page asked for anything outside itself, if the browser refused
    something, or if a script failed.
    """
    contexts, faults = [], []

    def visit(path: Path, *, width: int = 1440, theme: str = "light", scripts: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # a machine with other work is no fault
        page.on("request", lambda it: it.url.startswith(LOCAL) or faults.append(f"read {it.url}"))
        page.on("pageerror", lambda it: faults.append(f"failed: {it}"))
        page.on("console", lambda it: it.type == "error" and faults.append(it.text))
        page.goto(path.resolve().as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not faults, "; ".join(faults)


def violations(page) -> list[str]:
    """Return what axe-core finds wrong with an open page, a line for each rule: the rule and the places.

    The rules are those of https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md.
    """
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {', '.join(str(node['target'][0]) for node in rule['nodes'])}"
        for rule in found
    ]


def sideways(page) -> int:
    """Return by how many pixels an open page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
