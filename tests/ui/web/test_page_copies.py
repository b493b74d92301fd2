"""An answer that several copies of a report stand behind, in a real browser: one calm line, and copies that can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from tests.ui.web.browsing import DESKTOP, PHONE, reading, served
from tests.ui.web.payloads import PAYLOADS

WALKED = "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."
REST = (
    "Twelve ships were waiting outside the harbour by noon, the port said. Their union wants a raise of 6 percent. "
    "The port called the walkout unlawful and said that it would go to court. No talks are planned before Friday. "
    "The last strike at the docks, nine years ago, ended after three weeks."
)
HOSTILE = [*PAYLOADS[:12], "W" * 400]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page over one report, and copies of it whose titles and outlets are meant to do harm."""
    folder = tmp_path_factory.mktemp("copies")
    with Newsroom.open(folder / "store") as room:
        metas = [ArticleMeta("wire", title="Cranes stand still", source="Wire", published_at=datetime(2026, 3, 3, tzinfo=UTC))]
        metas += [ArticleMeta(f"copy-{n}", title=text, source=text) for n, text in enumerate(HOSTILE)]
        report = room.add(*(Article(meta, f"{WALKED} {REST}") for meta in metas))
        assert report.count("added") == len(HOSTILE) + 1
    with served(folder / "store", folder / "log.txt") as address:
        yield address


@pytest.mark.parametrize("look", [{"viewport": DESKTOP}, PHONE], ids=["desktop", "phone"])
def test_one_line_tells_how_many_reports_there_are_and_the_copies_unfold(browser: Browser, url: str, look: dict) -> None:
    with reading(browser, url, **look) as here:
        answer = here.ask("How many crane operators walked off the job?")
        expect(answer.locator(".pq-reports")).to_have_text(f"{len(HOSTILE) + 1} articles, 1 independent report.")
        assert answer.locator(".pq-sources > ol > li").count() == 1
        assert "Cranes stand still" in answer.locator(".pq-sources > ol > li").inner_text()
        copies = answer.locator(".pq-copies")
        expect(copies.locator("summary")).to_have_text(f"also in {len(HOSTILE)} copies")
        expect(copies.locator("li").first).to_be_hidden()
        copies.locator("summary").focus()
        here.page.keyboard.press("Enter")
        expect(copies.locator("li").first).to_be_visible()
        assert copies.locator("li").count() == len(HOSTILE)
        assert copies.locator("script, img, iframe, svg, a, input, form").count() == 0
        assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        copies.locator("button").last.click()
        expect(here.page.locator(".pq-article mark")).to_have_text(WALKED)
