"""The page's articles in a real browser: taken in, looked up, read, deleted; and an empty store that fills."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, expect

from tests.ui.web.browsing import Reader, reading, served

FERRY = "How many people died in the ferry fire?"
MARKET = "Who opened the covered market?"
STORED_MS = 30_000


@pytest.fixture(scope="module")
def url(bundled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page over a store of its own; each test adds what it needs, and leaves the bundled articles alone."""
    folder = tmp_path_factory.mktemp("articles")
    with served(Path(shutil.copytree(bundled_store, folder / "store")), folder / "log.txt") as address:
        yield address


@pytest.fixture
def reader(browser: Browser, url: str) -> Iterator[Reader]:
    """A reader among the articles."""
    with reading(browser, url) as here:
        here.go("articles")
        here.page.locator("#pq-shelf table").wait_for()
        yield here


def article(title: str, text: str) -> bytes:
    return f"---\ntitle: {title}\nsource: Test Post\ndate: 2026-05-01\n---\n{text}\n".encode()


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def added(here: Reader, count: int) -> Locator:
    rows = here.page.locator(".pq-added li")
    expect(rows).to_have_count(count, timeout=STORED_MS)
    expect(here.page.locator("#pq-rows .pq-counts")).to_be_visible(timeout=STORED_MS)
    return rows


def test_files_get_a_row_each_with_the_reason_when_one_is_skipped(reader: Reader) -> None:
    market = article("Covered market opens", "The covered market opened on Friday. Mayor Ada Pell opened the covered market.")
    files = [file("market.md", market), file("empty.txt", b""), file("paper.pdf", b"%PDF-1.7"), file("../../x.exe", b"MZ")]
    reader.page.set_input_files("#pq-files", files)
    rows = added(reader, 4)
    assert [row.get_attribute("data-status") for row in rows.all()] == ["added", "skipped", "skipped", "skipped"]
    assert "there is no text in it" in rows.nth(1).inner_text()
    assert "this kind of file is not read" in rows.nth(2).inner_text()
    expect(reader.page.locator("#pq-shelf")).to_contain_text("Covered market opens")
    reader.go("ask")
    assert "Ada Pell" in reader.ask(MARKET).locator(".pq-answer").inner_text()


def test_files_can_be_dropped(reader: Reader) -> None:
    reader.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], "dropped.md"));
            const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
            document.querySelector(".pq-drop").dispatchEvent(drop);
        }""",
        article("A dropped file", "The quay was swept on Monday.").decode(),
    )
    assert added(reader, 1).get_attribute("data-status") == "added"


def test_adding_the_same_again_changes_nothing_and_an_edited_one_is_a_new_version(reader: Reader) -> None:
    first = article("Library hours", "The library opens at nine on Friday.")
    for content, status in ((first, "added"), (first, "unchanged"), (first.replace(b"Friday", b"Sunday"), "updated")):
        reader.page.set_input_files("#pq-files", [file("hours.md", content)])
        expect(reader.page.locator(f'.pq-added [data-status="{status}"]')).to_be_visible(timeout=STORED_MS)
    expect(reader.page.locator("#pq-shelf tr", has_text="Library hours")).to_contain_text("version 2")


def test_a_file_that_is_too_large_is_refused_and_says_so(reader: Reader) -> None:
    reader.page.set_input_files("#pq-files", [file("big.txt", b"word " * 1_000_000)])
    row = added(reader, 1)
    assert row.get_attribute("data-status") == "skipped"
    assert "pullquote add" in row.inner_text()


def test_a_text_can_be_pasted(reader: Reader) -> None:
    page = reader.page
    page.click(".pq-paste > summary")
    page.fill('[name="title"]', "Lighthouse lamp")
    page.fill('[name="outlet"]', "Pasted Post")
    page.fill('[name="url"]', "https://post.example/lamp")
    page.fill('[name="date"]', "2026-05-02")
    page.fill('[name="text"]', "Keeper Ines Marlow repaired the lighthouse lamp with a part from 1911.")
    page.get_by_role("button", name="Add the article").click()
    assert added(reader, 1).get_attribute("data-status") == "added"
    reader.go("ask")
    sources = reader.ask("Who repaired the lighthouse lamp?").locator(".pq-sources")
    assert "Pasted Post · 2 May 2026" in sources.inner_text()
    assert sources.locator("a").get_attribute("href") == "https://post.example/lamp"


def test_articles_are_found_by_words_outlet_and_date(reader: Reader) -> None:
    page = reader.page
    titles = page.locator("#pq-shelf .pq-title")
    there = titles.count()
    page.fill("#library-words", "Sallen ferry")
    expect(titles).to_have_count(1)
    expect(page.locator("#pq-shelf .pq-counts")).to_have_text(f"1 of {there} articles")
    page.fill("#library-words", "no such words")
    page.locator("#pq-shelf .pq-nothing button").click()
    expect(titles).to_have_count(there)
    page.fill("#library-since", "2026-10-10")
    expect(titles).to_have_count(4)
    page.click("#pq-finder .pq-outlets > summary")
    page.check('#pq-finder [value="Meridian Wire"]')
    expect(titles).to_have_count(1)


def test_an_article_is_deleted_after_one_question_and_answers_no_more(reader: Reader) -> None:
    page = reader.page
    page.set_input_files(
        "#pq-files", [file("w.md", article("Weathercock", "Sexton Odo Brandt gilded the weathercock in March."))]
    )
    added(reader, 1)
    reader.go("ask")
    assert "Odo Brandt" in reader.ask("Who gilded the weathercock?").locator(".pq-answer").inner_text()
    reader.go("articles")
    for answer, left in (("Keep it", 1), ("Delete it", 0)):
        page.get_by_role("button", name="Delete Weathercock").click()
        expect(page.locator(".pq-confirm")).to_contain_text("Delete “Weathercock” (Test Post, 1 May 2026)?")
        page.get_by_role("button", name=answer).click()
        expect(page.locator(".pq-confirm")).to_have_count(0)
        expect(page.locator("#pq-shelf .pq-title", has_text="Weathercock")).to_have_count(left)
    expect(page.locator("#pq-shelf [role=status]").first).to_contain_text("Deleted “Weathercock”")
    reader.go("ask")
    assert reader.ask("Who gilded the weathercock last?").locator(".pq-sentence").count() == 0


def test_an_article_is_read_from_the_list_and_put_away(reader: Reader) -> None:
    reader.page.locator("#pq-shelf .pq-title", has_text="Kestovar and Torvania agree").click()
    heading = reader.page.locator("#pq-panel h2")
    expect(heading).to_have_text("Kestovar and Torvania agree 30-day truce after lakeside talks")
    expect(heading).to_be_in_viewport()
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator("#pq-panel")).to_be_hidden()


def test_an_empty_store_offers_the_bundled_articles_with_one_button(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "new", tmp_path / "log.txt") as url, reading(browser, url) as here:
        assert "No articles yet" in here.page.locator(".pq-greeting").inner_text()
        here.page.locator(".pq-greeting").get_by_role("button").click()
        expect(here.page.locator(".pq-greeting")).to_contain_text("15 articles", timeout=STORED_MS)
        expect(here.page.locator(".pq-examples button").first).to_be_visible(timeout=STORED_MS)
        assert here.ask(FERRY).locator(".pq-sentence").count() == 2


def test_questions_are_answered_while_articles_are_added(reader: Reader, browser: Browser) -> None:
    texts = (f"Notice {n} of the harbour office. " + f"Berth {n} is closed until May. " * 12 for n in range(400))
    content = "\n".join(json.dumps({"id": f"n{n}", "text": text}) for n, text in enumerate(texts)).encode()
    reader.page.set_input_files("#pq-files", [file("notices.jsonl", content)])
    reader.page.locator("#pq-rows .pq-progress").wait_for()
    with reading(browser, reader.url) as other:
        assert other.ask(FERRY).locator(".pq-sentence").count() == 2
        assert reader.page.locator("#pq-rows .pq-progress").count() == 1, "the adding was over before the question was asked"


def test_when_the_server_is_gone_the_page_says_so_and_lets_ask_again(
    browser: Browser, bundled_store: Path, tmp_path: Path
) -> None:
    with reading_until_the_end(browser, bundled_store, tmp_path) as here:
        for times in (1, 2):  # the second time, the page knows already that the server is lost
            here.page.fill("#pq-question", FERRY)
            here.page.keyboard.press("Enter")
            expect(here.page.locator(".toast-body").first).to_be_visible(timeout=STORED_MS)
            expect(here.page.locator(".pq-send")).to_be_visible(timeout=10_000)
            expect(here.page.locator(".pq-stop")).to_be_hidden()
            expect(here.page.get_by_text("No answer came. Please ask again.")).to_have_count(times)


@contextmanager
def reading_until_the_end(browser: Browser, store: Path, folder: Path) -> Iterator[Reader]:
    """Be a reader whose server has stopped."""
    serving = served(store, folder / "log.txt")
    with reading(browser, serving.__enter__()) as here:
        serving.__exit__(None, None, None)
        yield here
