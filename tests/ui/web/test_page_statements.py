"""Statements and quotations in a real browser: found, read where they stand, followed to their speakers; by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from tests.ui.web.browsing import CONTRASTS, NAMELESS, PHONE, Reader, reading, served

REST = "The council sat until midnight. Nobody left the hall before the end of it. Lamps were lit at nine. " * 12
PLEDGE = "The town will rebuild the old lighthouse before the first winter storm reaches the harbour"
ALTERED = PLEDGE.replace("old", "beautiful old").replace("first", "second")


def article(n: int, *sentences: str) -> Article:
    meta = ArticleMeta(f"a{n}", title=f"Article {n}", source=f"Outlet {n % 2}", published_at=datetime(2026, 3, n, tzinfo=UTC))
    return Article(meta, " ".join(sentences))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page over articles in which Anna Berg says much and Omar Sand little; one has not been read for statements."""
    folder = tmp_path_factory.mktemp("statements")
    with Newsroom(Store(folder / "store", IndexSettings(), create=True, reader=FakeStatementReader())) as room:
        room.add(*(article(n, f"Anna Berg said that pier {n} is safe.") for n in range(1, 26)))
        room.add(article(26, REST, f'Omar Sand said "{PLEDGE}".', REST), article(27, "Omar Sand denied that pier 3 is safe."))
    with Newsroom.open(folder / "store", settings=IndexSettings(statements=False)) as room:
        room.add(article(28, "Anna Berg said that this is for later."))
    with served(folder / "store", folder / "log.txt") as address:
        yield address


@pytest.fixture
def reader(browser: Browser, url: str) -> Iterator[Reader]:
    """A reader among the statements."""
    with reading(browser, url) as here:
        here.go("statements")
        here.page.locator("#pq-said .pq-speakers").wait_for()
        yield here


def test_words_find_statements_which_open_where_they_stand(reader: Reader) -> None:
    page = reader.page
    expect(page.locator("#pq-said .pq-unread")).to_contain_text("1 article has not been read")
    page.fill("#said-words", "rebuild the lighthouse")
    page.keyboard.press("Enter")
    rows = page.locator("#pq-said .pq-said > li")
    expect(rows.first).to_contain_text(PLEDGE)
    assert rows.first.locator(".pq-when").inner_text().split("\n") == ["26 Mar 2026", "Outlet 0"]
    rows.first.locator(".pq-title").click()
    expect(page.locator("#pq-panel mark")).to_contain_text(PLEDGE)
    expect(page.locator("#pq-panel mark")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Close")).to_be_in_viewport()
    expect(page.locator("#pq-panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows.first.locator(".pq-title")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#pq-panel .pq-heard button").click()
    expect(page.locator("#pq-said h2")).to_have_text("Omar Sand")
    expect(page.locator("#pq-panel")).to_be_hidden()
    page.fill("#said-by", "")
    page.fill("#said-words", "zeppelin")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#pq-said .pq-nothing")).to_contain_text("No statement about “zeppelin”.")


def test_a_name_leads_to_a_timeline_that_grows_and_can_be_narrowed(reader: Reader) -> None:
    page, rows = reader.page, reader.page.locator("#pq-said .pq-said > li")
    page.get_by_role("button", name="Anna Berg: all statements").click()
    expect(page.locator("#pq-said h2")).to_have_text("Anna Berg")
    expect(page.locator("#pq-said h2")).to_be_focused()
    expect(page.locator("#said-by")).to_have_value("Anna Berg")
    assert [row.locator("time").inner_text() for row in rows.all()[:2]] == ["25 Mar 2026", "24 Mar 2026"]
    page.get_by_role("button", name="More").click()
    expect(rows).to_have_count(25)
    expect(rows.nth(20).locator(".pq-title")).to_be_focused()
    page.fill("#said-until", "2026-03-04")
    page.click("#pq-saying .pq-outlets > summary")
    page.check('#pq-saying [value="Outlet 1"]')
    expect(page.locator("#pq-saying .pq-outlets > summary")).to_have_text("Outlets: 1 chosen")
    page.press("#said-by", "Enter")
    expect(rows).to_have_count(2)
    page.click("#pq-saying [data-act='clear-filters']")
    expect(page.locator("#pq-said .pq-speakers")).to_be_visible()
    expect(page.locator("#said-by")).to_have_value("")


def test_a_quotation_is_judged_and_followed_to_article_and_speaker(reader: Reader) -> None:
    page = reader.page
    reader.go("quotes")
    for words, verdict in ((PLEDGE, "exact"), (ALTERED, "edited"), ("The moon is made of green cheese", "not_found")):
        page.fill("#quote-words", words)
        page.keyboard.press("Enter")
        expect(page.locator("#pq-found .pq-found")).to_have_attribute("data-verdict", verdict)
        if verdict == "edited":
            assert page.locator(".pq-diff del").all_inner_texts() == ["beautiful", "second"]
            assert page.locator(".pq-diff ins").all_inner_texts() == ["first"]
    page.fill("#quote-words", PLEDGE)
    page.get_by_role("button", name="Find it").click()
    expect(page.locator(".pq-first")).to_have_text("First appearance: 26 Mar 2026 in Outlet 0.")
    page.locator(".pq-carriers .pq-title").click()
    expect(page.locator("#pq-panel mark")).to_have_text(PLEDGE)
    page.keyboard.press("Escape")
    page.locator(".pq-carriers .pq-speaker").click()
    expect(page.locator("#pq-said h2")).to_have_text("Omar Sand")
    expect(page.locator(".pq-polarity")).to_have_text("denial")
    assert page.evaluate("location.hash") == "#statements"


def test_two_tabs_search_apart_and_what_was_asked_last_is_shown(browser: Browser, reader: Reader) -> None:
    with reading(browser, reader.url, at="#statements") as other:
        other.page.locator("#pq-said .pq-speakers").wait_for()
        expect(other.page.locator('.pq-top a[data-view="statements"]')).to_have_attribute("aria-current", "page")
        for words in ("pier 1", "pier 2", "zeppelin", "rebuild the lighthouse"):
            other.page.fill("#said-words", words)
            other.page.keyboard.press("Enter")
        expect(other.page.locator("#pq-said:not([aria-busy]) .pq-said > li").first).to_contain_text(PLEDGE)
        expect(reader.page.locator("#pq-said .pq-said")).to_have_count(0)


@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_both_pages_can_be_read_by_everybody(browser: Browser, url: str, look: dict) -> None:
    with reading(browser, url, **look) as here:
        page = here.page
        here.go("statements")
        page.get_by_role("button", name="Omar Sand: all statements").click()
        page.locator("#pq-said .pq-polarity").wait_for()
        shown(here)
        here.go("quotes")
        page.fill("#quote-words", ALTERED)
        page.keyboard.press("Enter")
        page.locator(".pq-diff").wait_for()
        shown(here)
        for tab in page.locator(".pq-top nav a").all():
            expect(tab).to_be_in_viewport(ratio=1)


def shown(here: Reader) -> None:
    """What can be used has a name, text stands out from its ground, nothing is cut off at the side."""
    assert here.page.evaluate(NAMELESS) == []
    assert here.page.evaluate(CONTRASTS) == []
    assert here.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
