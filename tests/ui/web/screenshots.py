"""``make screenshots``: the page as readers see it on a desktop, in the dark and on a phone."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from pullquote.index.articles import bundled_articles, bundled_paths
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.cli import main as run_eval
from tests.ui.web.browsing import DESKTOP, NO_BROWSER, PHONE, Reader, browser_path, reading, served

ROOT = Path(__file__).resolve().parents[3]
PICTURES = Path(__file__).with_name("pictures")
"""The two that stand in the README."""
ALL = ROOT / "build" / "screenshots"
QUESTIONS = {
    "answer": "How many people died in the ferry fire?",
    "follow-up": "And how many were injured?",
    "refusal": "Who won the football cup final?",
}
QUOTATION = "We have the people, we have vehicles and we have a mandate. What we do not have is permission"
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {**PHONE, "device_scale_factor": 2},
}
SETTLED_MS = 900


def main() -> int:
    """Take all pictures; return the exit code."""
    path = browser_path()
    if path is None:
        print(NO_BROWSER, file=sys.stderr)
        return 1
    ALL.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        store = Path(folder) / "store"
        with Newsroom.open(store) as room:
            room.add(*bundled_paths(), relative_to=bundled_articles())
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        report = Path(folder) / "reports" / "smoke.json"
        run_eval(["eval", "run", "smoke", "--sample", "12", "--out", str(report)])
        with served(store, Path(folder) / "log.txt", "--reports", str(report.parent)) as url:
            for look, options in LOOKS.items():
                with reading(browser, url, **options) as here:
                    take_all(here, look)
        browser.close()
    for name, source in {"desktop": "desktop-answer", "phone": "phone-article"}.items():
        (PICTURES / f"{name}.png").write_bytes((ALL / f"{source}.png").read_bytes())
    return 0


def take_all(here: Reader, look: str) -> None:
    """Go through the page and take a picture of each state."""

    def take(name: str) -> None:
        here.page.wait_for_timeout(SETTLED_MS)
        here.page.screenshot(path=ALL / f"{look}-{name}.png")
        print(ALL / f"{look}-{name}.png")

    here.page.locator(".pq-examples").wait_for()
    take("greeting")
    for name, question in QUESTIONS.items():
        answer = here.ask(question)
        take(name)
        if name == "answer":
            answer.locator(".pq-answer .pq-mark").first.hover()
            take("hover")
            here.page.mouse.move(0, 0)
            if look == "phone":
                answer.locator(".pq-answer .pq-mark").first.tap()
                take("article")
                here.page.get_by_role("button", name="Close").tap()
    here.go("articles")
    take("articles")
    here.go("statements")
    here.page.locator(".pq-speakers button").first.click()
    here.page.locator(".pq-said").wait_for()
    take("statements")
    here.go("quotes")
    here.page.fill("#quote-words", QUOTATION)
    here.page.keyboard.press("Enter")
    here.page.locator(".pq-diff").wait_for()
    take("quotes")
    here.go("evaluation")
    take("evaluation")


if __name__ == "__main__":
    sys.exit(main())
