"""The page in a real browser: what a reader does on it, and what comes of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pullquote.ui.web.frame import VIEWS
from tests.ui.web.browsing import CONTRASTS, NAMELESS, PHONE, Reader, reading

RESTRAINT = "Who called for restraint?"
FERRY = "How many people died in the ferry fire?"
CUP = "Who won the football cup final?"
QUOTE = "the greatest possible restraint"


def test_an_answer_shows_its_sentences_its_sources_and_its_date(reader: Reader) -> None:
    answer = reader.ask(FERRY)
    assert answer.locator(".pq-question").inner_text() == FERRY
    assert answer.locator('.pq-sentence[data-verdict="supported"]').count() == 2
    assert "Eleven people died" in answer.locator(".pq-sentence").first.inner_text()
    outlets = answer.locator(".pq-sources .pq-outlet").all_inner_texts()
    assert outlets == ["Meridian Wire", "Island Herald"]
    assert "As of: cited articles from 3 Oct 2026." in answer.inner_text()
    assert "checked against its source" in answer.locator(".pq-check").inner_text()
    assert not answer.locator(".pq-also[open]").count()


def test_a_mark_opens_the_article_at_the_cited_sentence_with_its_neighbours(reader: Reader) -> None:
    answer = reader.ask(FERRY)
    answer.locator(".pq-answer .pq-mark").nth(1).click()
    marked = reader.page.locator("#pq-panel mark")
    expect(marked).to_contain_text("Fourteen people were killed")
    expect(marked).to_be_in_viewport()
    assert marked.count() == 1
    assert reader.page.locator("#pq-panel h2").inner_text() == "Fourteen dead in Lady Maren fire, island council says"
    assert reader.page.locator("#pq-panel .pq-article > p").count() > 3


def test_hovering_over_a_mark_shows_quote_outlet_and_date(reader: Reader) -> None:
    answer = reader.ask(RESTRAINT)
    tip = answer.locator(".pq-answer .pq-tip").first
    expect(tip).to_be_hidden()
    answer.locator(".pq-answer .pq-mark").first.hover()
    expect(tip).to_be_visible()
    assert QUOTE in tip.inner_text()
    assert "The Harrow Bay Courier · 11 Oct 2026" in tip.inner_text()


def test_sentences_that_were_read_and_not_cited_are_folded_below(reader: Reader) -> None:
    answer = reader.ask(RESTRAINT)
    answer.locator(".pq-also summary").click()
    quotes = answer.locator(".pq-also q").all_inner_texts()
    assert len(quotes) == int(re.search(r"\d+", answer.locator(".pq-also summary").inner_text())[0])
    assert not any(QUOTE in quote for quote in quotes)


def test_a_refusal_shows_the_three_nearest_sentences_and_what_the_store_covers(reader: Reader) -> None:
    refusal = reader.ask(CUP)
    assert refusal.locator(".pq-sentence").count() == 0
    assert "do not answer this question" in refusal.locator(".pq-verdict").inner_text()
    assert refusal.locator(".pq-quotes li").count() == 3
    assert "15 articles from 8 outlets" in refusal.inner_text()
    refusal.locator(".pq-quotes .pq-title").first.click()
    expect(reader.page.locator("#pq-panel mark")).to_contain_text("Ines Kovarra won")


def test_a_follow_up_shows_how_it_was_understood_and_the_answer_before_stays(reader: Reader) -> None:
    reader.ask(RESTRAINT)
    second = reader.ask("What did she offer?")
    assert "Marit Oldane" in second.locator(".pq-understood").inner_text()
    first = reader.page.locator("#turn-1")
    assert QUOTE in first.inner_text()
    first.locator(".pq-answer .pq-mark").first.click()
    expect(reader.page.locator("#pq-panel mark")).to_contain_text(QUOTE)


def test_the_next_question_may_come_in_the_moment_of_the_answer_or_just_after_it(reader: Reader) -> None:
    questions = [RESTRAINT, *[FERRY, CUP, RESTRAINT] * 9]
    reader.page.evaluate(
        """questions => new MutationObserver(() => {
          const now = document.querySelector('#pq-now:not(.pq-before) .pq-exchange[aria-busy="false"]');
          const next = Number(now?.dataset.turn);  // of them all: turns count from 1
          if (!next || next === window.pqAsked || next >= questions.length) return;
          window.pqAsked = next;
          setTimeout(() => {
            document.querySelector('#pq-question').value = questions[next];
            document.querySelector('#pq-composer form').requestSubmit();
          }, next * 17 % 60);
        }).observe(document.querySelector('#pq-now'), {childList: true, subtree: true, attributes: true})""",
        questions,
    )
    reader.ask(questions[0])
    reader.answer(len(questions))
    assert reader.page.locator(".pq-question").all_inner_texts() == questions
    expect(reader.page.locator(".pq-send")).to_be_visible()


def test_the_answer_is_copied_with_its_references_as_markdown(reader: Reader) -> None:
    answer = reader.ask(RESTRAINT)
    answer.get_by_role("button", name="Copy as Markdown").click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert QUOTE in copied
    assert "The Harrow Bay Courier" in copied
    assert "https://harrowbaycourier.example/world/neighbours-and-mediators-respond-to-osk-river-clash" in copied


@pytest.mark.parametrize("kind", ["html", "json"])
def test_the_evidence_pack_of_an_answer_can_be_saved_and_checked_later(
    reader: Reader, bundled_store: Path, tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from pullquote.ui.cli import main

    answer = reader.ask(RESTRAINT)
    with reader.page.expect_download() as saving:
        answer.locator(f'[data-act="pack"][data-kind="{kind}"]').click()
    file = tmp_path / saving.value.suggested_filename
    saving.value.save_as(file)
    assert file.suffix == f".{kind}"
    assert main(["verify", str(file), "--store", str(bundled_store)]) == 0
    assert "holds" in capfd.readouterr().out
    file.write_text(file.read_text("utf-8").replace("Marit Oldane", "Marit Oldani"), "utf-8")
    assert main(["verify", str(file), "--store", str(bundled_store)]) == 3


def test_example_questions_come_from_the_store_and_are_answered(reader: Reader) -> None:
    examples = reader.page.locator(".pq-examples button")
    assert 2 <= examples.count() <= 4
    question = examples.first.inner_text()
    examples.first.click()
    answer = reader.answer(1)
    assert answer.locator(".pq-question").inner_text() == question
    assert answer.locator('.pq-sentence[data-verdict="supported"]').count() >= 1
    expect(reader.page.locator(".pq-greeting")).to_be_hidden()


def test_a_filter_by_outlet_leaves_only_its_articles(reader: Reader) -> None:
    reader.page.click(".pq-narrow > summary")
    reader.page.click("#pq-filters .pq-outlets > summary")
    reader.page.check('#pq-filters [data-filter="outlets"][value="Island Herald"]')
    expect(reader.page.locator(".pq-narrow > summary")).to_have_text("Island Herald")
    reader.page.click("#pq-filters .pq-outlets > summary")
    answer = reader.ask(FERRY)
    assert answer.locator(".pq-sources .pq-outlet").all_inner_texts() == ["Island Herald"]
    assert "Island Herald" in answer.locator(".pq-asof").last.inner_text()


def test_a_filter_by_date_that_nothing_meets_is_a_refusal(reader: Reader) -> None:
    reader.page.click(".pq-narrow > summary")
    reader.page.fill('#pq-filters [data-filter="since"]', "2030-01-01")
    assert "do not answer" in reader.ask(FERRY).locator(".pq-verdict").inner_text()


def test_all_can_be_done_by_keyboard(reader: Reader) -> None:
    page = reader.page
    assert page.evaluate("document.activeElement.id") == "pq-question"
    answer = reader.ask(RESTRAINT)
    mark = answer.locator(".pq-answer .pq-mark").first
    mark.focus()
    expect(answer.locator(".pq-answer .pq-tip").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#pq-panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


def test_everything_that_can_be_used_has_a_name_for_screen_readers(reader: Reader) -> None:
    reader.ask(RESTRAINT)
    for view in VIEWS:
        reader.go(view)
        assert reader.page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, page_url: str, scheme: str) -> None:
    with reading(browser, page_url, color_scheme=scheme) as here:
        here.ask(RESTRAINT)
        weak = here.page.evaluate(CONTRASTS)
        assert weak == []


def test_on_a_phone_nothing_is_cut_off_and_the_article_comes_and_goes(browser: Browser, page_url: str) -> None:
    with reading(browser, page_url, **PHONE) as here:
        answer = here.ask(FERRY)
        page = here.page
        for view in (*VIEWS, "ask"):
            here.go(view)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        expect(page.locator("#pq-panel")).to_be_hidden()
        answer.locator(".pq-answer .pq-mark").first.tap()
        expect(page.locator("#pq-panel mark")).to_be_in_viewport()
        page.get_by_role("button", name="Close").tap()
        expect(page.locator("#pq-panel")).to_be_hidden()


def test_two_tabs_know_nothing_of_each_other(browser: Browser, page_url: str) -> None:
    with reading(browser, page_url) as one, reading(browser, page_url) as other:
        one.ask(RESTRAINT)
        answer = other.ask("What did she offer?")
        assert answer.get_attribute("id") == "turn-1"
        assert answer.locator(".pq-understood").count() == 0
        assert QUOTE not in other.page.locator("#pq-ask").inner_text() or not answer.locator(".pq-sentence").count()


def test_a_blank_question_asks_nothing_and_a_long_one_is_cut_by_the_form(reader: Reader) -> None:
    reader.page.fill("#pq-question", "   ")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_timeout(300)
    assert reader.page.locator(".pq-exchange").count() == 0
    problem = reader.ask("?!").locator(".pq-problem")
    assert "the question is empty" in problem.inner_text()
    assert QUOTE in reader.ask(RESTRAINT).inner_text()


def test_the_markup_of_the_page_holds_no_script_of_ours_inline(reader: Reader) -> None:
    reader.ask(RESTRAINT)
    handlers = reader.page.evaluate(
        "() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => a.name.startsWith('on')).length"
    )
    assert handlers == 0
    assert json.loads(reader.page.evaluate("JSON.stringify(Object.keys(localStorage).concat(Object.keys(sessionStorage)))")) == []
