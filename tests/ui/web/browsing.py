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

# Scripts that return what they find wrong.
NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea, select, summary')]
  .filter(e => e.offsetParent !== null)
  .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.title || ''))
  .map(e => e.outerHTML.slice(0, 120))"""
CONTRASTS = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const weak = [];
  for (const e of document.querySelectorAll('#pq-head *, .pq-view *, #pq-panel *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.offsetParent === null) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${e.className} ${e.textContent.trim().slice(0, 40)}`);
  }
  return weak;
}"""


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


def reader(context: BrowserContext, url: str, at: str = "") -> Reader:
    """Open the page as somebody new, ``at`` one of its views."""
    page = context.new_page()
    here = Reader(page, url)
    host = urlsplit(url).netloc

    def seen(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and urlsplit(request.url).netloc != host:
            here.strays.append(request.url)

    page.on("request", seen)
    page.on("pageerror", lambda error: here.faults.append(str(error)))
    page.on("dialog", lambda dialog: (here.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(url + at)
    for place in ("#pq-question", ".pq-greeting"):
        page.locator(place).wait_for(state="attached" if at else "visible")
    return here


@contextmanager
def reading(browser: Browser, url: str, at: str = "", **options: Any) -> Iterator[Reader]:
    """Be a reader; at the end no script has failed and nothing was asked of another machine."""
    context = browser.new_context(**{"viewport": DESKTOP, **options})
    try:
        here = reader(context, url, at)
        yield here
        assert here.strays == []
        assert here.faults == []
    finally:
        context.close()
