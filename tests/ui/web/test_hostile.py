"""Hostile articles, questions and replies in a real browser: all of it is text, at every moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from pullquote.index.settings import IndexSettings
from pullquote.index.types import Article, ArticleMeta, Span, Statement
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.testing import ScriptedServer, reply
from tests.ui.web.browsing import Reader, reading, served
from tests.ui.web.payloads import FORBIDDEN, PAYLOADS

REGIONS = ".pq-view, #pq-panel"
WATCH = f"""new MutationObserver(changes => {{
  const bad = root => root.matches?.('{FORBIDDEN}') || root.querySelector?.('{FORBIDDEN}')
    || [root, ...(root.querySelectorAll?.('*') || [])].some(e => [...(e.attributes || [])].some(a => a.name.startsWith('on')
      || /^\\s*(javascript|vbscript|data):/i.test(a.name === 'href' || a.name === 'src' ? a.value : '')));
  for (const change of changes) for (const node of [...change.addedNodes, change.target])
    if (node.nodeType === 1 && node.closest('{REGIONS}') && bad(node === change.target ? node.cloneNode(false) : node))
      (window.pqBad ??= []).push(node.outerHTML.slice(0, 200));
}}).observe(document, {{childList: true, subtree: true, attributes: true}});"""
NAMES = ("Oldane", "Pellworth", "Quennell", "Rossiter")
INVISIBLE = "\u202e\u202c\u2066\u2069\u200b\ufeff\U000e0041\x1b\x07\x9b\x85\u2028"


@pytest.fixture(scope="module")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which every field of every article is a payload."""
    folder = tmp_path_factory.mktemp("hostile") / "store"
    clean = [payload.replace("\0", "") for payload in PAYLOADS]
    articles = [
        Article(
            ArticleMeta(f"{number} {payload}", 1, f"https://a.example/{payload}", payload, payload, (payload,)),
            f"The mayor approved plan {number}. She wrote {payload} in the margin of plan {number}.",
        )
        for number, payload in enumerate(clean)
    ]
    with Newsroom.open(folder, settings=IndexSettings(statements=False)) as room:
        report = room.add(*articles)
        assert report.count("added") == len(articles)
        for number, (article, payload) in enumerate(zip(articles, clean, strict=True)):
            start, meta = article.text.index("She wrote"), article.meta
            spans = Span(start, start + 3), Span(start + 4, start + 9), (Span(start + 10, len(article.text)),)
            said = Statement(meta.id, 1, 2, "mixed", "denied", f"{payload} {NAMES[number % 4]}", f"{payload} role", *spans)
            assert room.store.catalog.put_statements("by hand", {(meta.id, 1): (said,)})
    return folder


@pytest.fixture(scope="module")
def hostile_model() -> Iterator[ScriptedServer]:
    """A model that replies with the payloads, one after the other, in pieces of a few characters."""
    left = iter(PAYLOADS * 10)

    def script(_: dict[str, Any]) -> Any:
        said = [{"text": f"Plan {next(left)} was approved.", "evidence": [1]} for _ in range(3)]
        return reply(json.dumps({"sentences": said}))

    with ScriptedServer(script) as server:
        yield server


@pytest.fixture(scope="module")
def hostile_url(hostile_store: Path, hostile_model: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the hostile store, with the hostile model."""
    env = {"OPENAI_BASE_URL": hostile_model.base_url, "OPENAI_API_KEY": "none"}
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(hostile_store, log, "--show-unsupported", env=env) as url:
        yield url


@pytest.fixture
def reader(browser: Browser, hostile_url: str) -> Iterator[Reader]:
    """A reader whose browser watches for everything that foreign text must not become."""
    with reading(browser, hostile_url) as here:
        here.page.evaluate(WATCH)
        yield here
        assert here.page.evaluate("window.pqBad || []") == []
        assert here.page.evaluate("window.pqHacked || 0") == 0
        assert not set(here.page.locator("body").inner_text()) & set(INVISIBLE)


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 150


def test_articles_with_payloads_in_every_field_are_listed_as_text(reader: Reader) -> None:
    reader.go("articles")
    page, seen = reader.page, 0
    while True:
        page.locator("#pq-shelf [data-act='open-article']").first.wait_for()
        seen += page.locator("#pq-shelf [data-act='open-article']").count()
        onward = page.locator("#pq-shelf [data-act='library-page']", has_text="Next")
        if onward.is_disabled():
            break
        first = page.locator("#pq-shelf [data-act='open-article']").first.get_attribute("data-id")
        onward.click()
        expect(page.locator("#pq-shelf [data-act='open-article']").first).not_to_have_attribute("data-id", first)
    assert seen == len(PAYLOADS)


@pytest.mark.parametrize("which", [slice(0, None, 12), slice(6, None, 12)])
def test_articles_are_read_as_text(reader: Reader, which: slice) -> None:
    reader.go("articles")
    page, panel = reader.page, reader.page.locator("#pq-panel")
    for title in page.locator("#pq-shelf [data-act='open-article']").all()[which]:
        number = title.get_attribute("data-id").partition(" ")[0]
        title.click()
        expect(panel.locator("mark, p").filter(has_text=f"approved plan {number}.").first).to_be_attached()
        page.keyboard.press("Escape")


def test_statements_speakers_and_roles_are_text(reader: Reader) -> None:
    reader.go("statements")
    page, rows = reader.page, reader.page.locator("#pq-said .pq-said > li")
    for number, name in enumerate(NAMES):
        page.fill("#said-by", name)
        page.keyboard.press("Enter")
        expect(rows.first.locator(".pq-who")).to_contain_text(f"{name},")
        theirs = len(PAYLOADS[number :: len(NAMES)])
        for shown in range(20, theirs, 20):
            expect(rows).to_have_count(shown)
            page.locator("#pq-said .pq-onward").click()
        expect(rows).to_have_count(theirs)
    for row in rows.all()[:8]:
        row.locator(".pq-title").click()
        expect(page.locator("#pq-panel .pq-heard")).to_contain_text(NAMES[-1])
        page.keyboard.press("Escape")
    rows.nth(7).locator(".pq-speaker").click()
    page.locator("#pq-said:not([aria-busy]) h2").wait_for()
    for payload in PAYLOADS[::20]:
        page.fill("#said-words", payload.replace("\0", ""))
        page.fill("#said-by", payload.replace("\0", ""))
        page.press("#said-by", "Enter")
        page.locator("#pq-said:not([aria-busy]) .pq-result").wait_for()


def test_quotations_and_those_who_carry_them_are_text(reader: Reader) -> None:
    reader.go("quotes")
    page = reader.page
    for number, payload in [*enumerate(PAYLOADS)][::8]:
        page.fill("#quote-words", f"She wrote {payload} in the margin of plan {number} and {payload}".replace("\0", ""))
        page.keyboard.press("Enter")
        page.locator("#pq-found:not([aria-busy]) .pq-found").wait_for()
    assert page.locator(".pq-carriers li").count()


def test_replies_of_the_model_are_text_also_while_they_stream(reader: Reader) -> None:
    shown = 0
    for number in range(20):
        answer = reader.ask(f"Who approved plan {number}?")
        shown += answer.locator(".pq-sentence").count()
    assert shown > 20


def test_questions_are_text(reader: Reader) -> None:
    for payload in PAYLOADS[::8]:
        question = " ".join(payload.replace("\0", "").split())
        reader.ask(question)
        assert reader.page.locator(".pq-question").last.inner_text().strip() or payload


def test_links_lead_only_where_the_catalog_says_and_tell_nobody_from_where(reader: Reader) -> None:
    reader.ask("Who approved plan 3?")
    links = reader.page.locator("#pq-ask a.pq-link")
    for link in links.all():
        assert link.get_attribute("href").startswith("https://a.example/")
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert "a.example" in link.text_content()
