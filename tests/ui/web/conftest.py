"""What the tests of the page share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullquote.index.articles import bundled_articles, bundled_paths
from pullquote.qa.newsroom import Newsroom
from tests.ui.web.browsing import NO_BROWSER, Reader, browser_path, reading, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, or the tests are skipped and say so."""
    path = browser_path()
    if path is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def bundled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the bundled articles."""
    folder = tmp_path_factory.mktemp("page") / "store"
    with Newsroom.open(folder) as room:
        room.add(*bundled_paths(), relative_to=bundled_articles())
    return folder


@pytest.fixture(scope="session")
def page_url(bundled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page over the bundled articles; only to be read."""
    with served(bundled_store, tmp_path_factory.mktemp("log") / "server.txt") as url:
        yield url


@pytest.fixture
def reader(browser: Browser, page_url: str) -> Iterator[Reader]:
    """A new reader at a desk, who may use the clipboard."""
    with reading(browser, page_url, permissions=["clipboard-read", "clipboard-write"]) as here:
        yield here
