"""A served page and a reader with a real browser: what the tests of the page share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "NO BROWSER: the page was not tried in Chromium; install it (apt-get install chromium) to run these tests"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
ANSWER_MS = 60_000


def browser_path() -> str | None:
    """Return Chromium's program, if it is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def served(store: Path, log: Path, *more: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run ``pullquote ui`` on a free port; give its address."""
    command = [sys.executable, "-m", "pullquote.ui.cli", "ui", "--store", str(store), "--port", "0", "--json", *more]
    settings = {"PULLQUOTE_QUESTIONS_PER_MINUTE": "0", **(env or {})}
    with log.open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **settings})
        try:
            line = server.stdout.readline()
            assert line, f"the server ended with code {server.wait(10)}: {log.read_text()[-2000:]}"
            yield json.loads(line)["url"]
        finally:
            server.terminate()
            assert server.wait(40) == 0, log.read_text()[-2000:]
            server.stdout.close()


@dataclass
class Reader:
    """Somebody who uses the page, and all that went wrong meanwhile."""

    page: Page
    url: str
    strays: list[str] = field(default_factory=list)
    """Requests to anywhere but the server."""
    faults: list[str] = field(default_factory=list)
    """Errors of the page's scripts, and dialogs."""

    def ask(self, question: str) -> Any:
        """Ask and wait for the end of it; return the exchange's element."""
        number = self.page.locator(".pq-exchange").count() + 1
        self.page.fill("#pq-question", question)
        self.page.keyboard.press("Enter")
        return self.answer(number)

    def answer(self, number: int) -> Any:
        """Wait until a question is answered; return the exchange's element."""
        exchange = self.page.locator(f'#turn-{number}[aria-busy="false"]')
        exchange.wait_for(timeout=ANSWER_MS)
        return exchange

    def go(self, view: str) -> None:
        """Go to another page of the page."""
        self.page.click(f'.pq-top a[data-view="{view}"]')


def reader(context: BrowserContext, url: str) -> Reader:
    """Open the page as somebody new."""
    page = context.new_page()
    here = Reader(page, url)
    host = urlsplit(url).netloc

    def seen(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and urlsplit(request.url).netloc != host:
            here.strays.append(request.url)

    page.on("request", seen)
    page.on("pageerror", lambda error: here.faults.append(str(error)))
    page.on("dialog", lambda dialog: (here.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(url)
    page.locator("#pq-question").wait_for()
    page.locator(".pq-greeting").wait_for()
    return here


@contextmanager
def reading(browser: Browser, url: str, **options: Any) -> Iterator[Reader]:
    """Be a reader; at the end no script has failed and nothing was asked of another machine."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    try:
        here = reader(context, url)
        yield here
        assert here.strays == []
        assert here.faults == []
    finally:
        context.close()
