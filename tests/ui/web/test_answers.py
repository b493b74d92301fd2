"""A question and its answer as HTML: what is said at each moment, and that foreign text stays text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.events import Done, Drafted, Retrieved, Verified
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.types import Answer, AnswerSentence, Citation, Evidence, Reports, Support
from pullquote.ui.web.answers import Exchange, exchange_html
from tests.ui.web.payloads import PAYLOADS

ASKED = Exchange(1, "Who called for restraint?")


@pytest.fixture(scope="module")
def answer(sample_room: Newsroom) -> Answer:
    return sample_room.ask("How many people died in the ferry fire?")


@pytest.fixture(scope="module")
def refusal(sample_room: Newsroom) -> Answer:
    return sample_room.ask("Who won the football cup final?")


def shown(exchange: Exchange) -> Any:
    return html.fromstring(exchange_html(exchange))


def skeleton(element: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(e.tag, tuple(sorted(e.attrib))) for e in element.iter()]


def test_a_new_question_says_that_it_is_searched_for() -> None:
    page = shown(ASKED)
    assert page.get("aria-busy") == "true"
    assert page.xpath("string(.//*[@role='status'])") == "Searching the articles …"


def test_sentences_appear_one_by_one_and_what_is_not_checked_does_not(answer: Answer) -> None:
    first, second = answer.sentences
    one = ASKED.after(Retrieved(ASKED.question, answer.evidence)).after(Drafted(1, "an unchecked claim"))
    assert "unchecked claim" not in exchange_html(one)
    assert "Checking sentence 1" in exchange_html(one)
    two = one.after(Verified(1, first, "")).after(Drafted(2, "another")).after(Verified(2, None, "not supported"))
    assert [s.text for s in two.sentences] == [first.text]
    assert [s.text for s in two.after(Verified(3, second, "")).sentences] == [first.text, second.text]


def test_what_was_shown_of_a_model_goes_when_the_engine_takes_over(answer: Answer) -> None:
    first, second = answer.sentences
    begun = ASKED.after(Retrieved(ASKED.question, answer.evidence)).after(Verified(1, first, "")).after(Verified(2, first, ""))
    assert begun.after(Retrieved(ASKED.question, answer.evidence)).sentences == ()
    assert [s.text for s in begun.after(Verified(1, second, "")).sentences] == [second.text]


def test_the_answer_ends_it(answer: Answer) -> None:
    page = shown(ASKED.after(Done(answer)))
    assert page.get("aria-busy") == "false"
    assert page.xpath("count(.//*[@role='status'])") == 0
    assert page.xpath("count(.//section//li)") == len(answer.citations)


def test_cited_sentences_are_quoted_only_where_the_answer_does_not_say_them(answer: Answer) -> None:
    assert not shown(ASKED.after(Done(answer))).xpath(".//section//q")
    retold = replace(answer.sentences[0], text="Eleven died.")
    page = shown(ASKED.after(Done(replace(answer, sentences=(retold, *answer.sentences[1:])))))
    assert page.xpath("string(.//section//li[1]/q)") == answer.citations[0].quote


def test_on_what_articles_disagree_stands_below_the_answer_with_each_side_and_its_date(answer: Answer) -> None:
    (box,) = shown(ASKED.after(Done(answer))).xpath(".//*[@class='pq-conflict']")
    assert box.get("data-kind") == "number"
    assert box.xpath("string(h3)") == "Articles disagree on a number (dead)"
    assert [side.xpath("string(q)") for side in box.xpath("ul/li")] == ["Eleven people", "Fourteen people"]
    assert [side.xpath("string(*[@class='pq-where'])") for side in box.xpath("ul/li")] == [
        "Meridian Wire, 3 Oct 2026",
        "Island Herald, 3 Oct 2026, later",
    ]
    assert [button.text for button in box.xpath(".//button[@data-act='open-article']")] == ["1", "2"]
    assert not shown(ASKED.after(Done(replace(answer, conflicts=())))).xpath(".//*[@class='pq-conflict']")


def test_how_many_independent_reports_there_are_is_one_line_and_copies_are_folded_below_their_source(answer: Answer) -> None:
    first = answer.citations[0]
    copies = tuple(replace(first, article=replace(first.article, id=f"copy-{n}", title=f"Copy {n}")) for n in range(3))
    sentence = replace(answer.sentences[0], citations=(replace(first, also=copies),))
    page = shown(ASKED.after(Done(replace(answer, sentences=(sentence,), reports=Reports(5, 2)))))
    assert page.xpath("string(.//p[@class='pq-asof']/*[@class='pq-reports'])") == "5 articles, 2 independent reports."
    (folded,) = page.xpath(".//section//li/details")
    assert folded.get("open") is None
    assert folded.xpath("string(summary)") == "also in 3 copies"
    assert [button.text_content() for button in folded.xpath(".//button")] == ["Copy 0", "Copy 1", "Copy 2"]
    assert folded.xpath("string(.//button/@data-id)") == "copy-0"
    alone = shown(ASKED.after(Done(replace(answer, reports=Reports(1, 1)))))
    assert not alone.xpath(".//*[@class='pq-reports' or @class='pq-copies']")


def test_a_long_list_of_copies_is_cut(answer: Answer) -> None:
    first = answer.citations[0]
    sentence = replace(answer.sentences[0], citations=(replace(first, also=(first,) * 50),))
    page = shown(ASKED.after(Done(replace(answer, sentences=(sentence,)))))
    assert page.xpath("string(.//section//details/summary)") == "also in 50 copies"
    assert page.xpath("count(.//section//details//button)") == 20
    assert page.xpath("string(.//section//details//li[last()])") == "and 30 more"


def test_a_doubtful_sentence_is_marked_and_counted(answer: Answer) -> None:
    doubtful = replace(answer.sentences[0], support=Support("unsupported", 0.1, "the numbers differ"))
    page = shown(ASKED.after(Done(replace(answer, sentences=(doubtful, answer.sentences[1])))))
    assert page.xpath("string(.//p[@data-verdict='unsupported'][1]//*[@class='pq-doubt'])") == "not supported by its citations"
    assert "1 sentence is not supported" in page.text_content()


def test_a_refusal_shows_three_sentences_and_the_coverage(refusal: Answer) -> None:
    page = shown(ASKED.after(Done(refusal)))
    assert page.xpath("count(.//ul/li)") == 3
    assert "15 articles from 8 outlets" in page.text_content()


def test_a_problem_ends_it_with_its_reason() -> None:
    page = shown(ASKED.failed("the store is closed: open it again"))
    assert page.get("aria-busy") == "false"
    assert page.xpath("string(.//*[@role='alert'])") == "the store is closed: open it again"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_in_any_field_changes_the_elements(payload: str, answer: Answer) -> None:
    hostile, harmless = (shown(done_with(answer, text)) for text in (payload, "harmless"))
    assert skeleton(hostile) == skeleton(harmless)


def done_with(answer: Answer, text: str) -> Exchange:
    meta = ArticleMeta(text, 1, f"https://a.example/{len(text)}", text or "-", text, (text,))
    citation = Citation(1, meta, Span(0, 9), text, (Citation(1, meta, Span(10, 19), text),))
    sentence = AnswerSentence(f"said {text}", (citation,), answer.sentences[0].support)
    evidence = (Evidence(1, meta, Sentence(text, 1, 2, Span(10, 20), text), 1.0),)
    done = replace(answer, question=text, standalone_question=f"{text} then", sentences=(sentence,), evidence=evidence)
    done = replace(done, reports=Reports(2, 1))
    return replace(ASKED, question=text).after(Done(done))
