"""Questions of a case file, asked of a store with an engine that gives BM25's best sentence."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.tasks.base import Setup
from pullquote.eval.tasks.casefile import CaseFileTask, case_report
from pullquote.eval.tasks.scoring import bm25_sentences
from pullquote.eval.types import AnswerFn, CaseResult, Engine, TaskReport
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Citation, Coverage, Status, Support, Usage

MONDAY = "Ada Pell reopened the Kell bridge on Monday. Repairs took nine months and cost $4 million, the council said."
FRIDAY = "Jon Wick closed the Kell bridge on Friday. He had found a cracked beam, the engineer said."
UNDATED = "The Kell bridge was built by Ines Ormond."
ARTICLES = (
    Article(ArticleMeta("monday", published_at=datetime(2026, 3, 2, 18, tzinfo=UTC)), MONDAY),
    Article(ArticleMeta("friday", published_at=datetime(2026, 3, 6, 9, tzinfo=UTC)), FRIDAY),
    Article(ArticleMeta("undated"), UNDATED),
)


def best_sentence(store: Store, leave_out: Collection[str]) -> AnswerFn:
    """Answer with the one best sentence; refuse where no word of the question stands in any."""

    def ask(question: str) -> Answer:
        found = bm25_sentences(store, question, 1, leave_out)
        cited = tuple(Citation(1, ArticleMeta(s.article_id, s.version), s.span, s.text) for s in found)
        sentences = tuple(AnswerSentence(c.quote, (c,), Support("supported", 1.0, "best")) for c in cited)
        status: Status = "answered" if found else "abstained"
        when, coverage = AsOf(None, None, None), Coverage(3, (), None, None)
        return Answer(question, question, status, sentences, (), 0.5, when, coverage, "best", None, Usage(1), "")

    return ask


def careless(store: Store, leave_out: Collection[str]) -> AnswerFn:
    """Answer as ``best_sentence`` does, and quote all in lower case."""
    ask = best_sentence(store, leave_out)

    def lower(question: str) -> Answer:
        answer = ask(question)
        sentences = tuple(
            replace(s, citations=tuple(replace(c, quote=c.quote.lower()) for c in s.citations)) for s in answer.sentences
        )
        return replace(answer, sentences=sentences)

    return lower


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("casefile") / "store"
    with Newsroom.open(folder, embedder=HashEmbedder()) as room:
        assert room.add(*ARTICLES).count("added") == 3
    return folder


class Desk:
    """A folder with a case file, which is written and run."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder = folder
        self.task = CaseFileTask(folder / "desk.jsonl", store)

    def setup(self, engine: Engine = best_sentence, sample: int | None = None) -> Setup:
        return Setup(self.folder / "data", self.folder / "build", engine, sample)

    def write(self, *records: dict[str, Any]) -> None:
        self.task.path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")

    def results(self, *records: dict[str, Any], engine: Engine = best_sentence) -> list[CaseResult]:
        self.write(*records)
        setup = self.setup(engine)
        self.task.prepare(setup)
        with self.task.session(setup) as run:
            return [run(case) for case in self.task.cases(setup)]

    def result(self, engine: Engine = best_sentence, **record: Any) -> CaseResult:
        return self.results(record, engine=engine)[0]

    def report(self, *records: dict[str, Any]) -> TaskReport:
        return self.task.report(self.results(*records))


@pytest.fixture
def desk(tmp_path: Path, store: Path) -> Desk:
    return Desk(tmp_path, store)


def gold(article_id: str, text: str, words: str) -> dict[str, Any]:
    """Return the place of some words of an article, as a case file has it."""
    start = text.index(words)
    return {"article_id": article_id, "start": start, "end": start + len(words)}


def cited(result: CaseResult) -> list[str]:
    return [citation["article_id"] for citation in result.detail["citations"]]


CLOSED = {"question": "Who closed the Kell bridge?", "reference_answer": "Jon Wick"}
REOPENED = {"question": "Who reopened the bridge?", "reference_answer": "Ada Pell", "tags": ["who"]}
NOBODY = {"question": "Who sings?", "tags": ["who", "unanswerable"]}

# -- what is there at a time ----------------------------------------------------------------------


def test_later_articles_are_not_there(desk: Desk) -> None:
    now, then = desk.results(CLOSED, CLOSED | {"as_of": "2026-03-05"})
    assert cited(now) == ["friday"]
    assert cited(then) == ["monday"]


@pytest.mark.parametrize(
    ("as_of", "there"),
    [
        ("2026-03-06", True),  # a day means to its end
        ("2026-03-06T09:00:00Z", True),
        ("2026-03-06T08:59:59Z", False),
        ("2026-03-06T10:00:00+02:00", False),
    ],
)
def test_an_article_is_there_from_the_moment_it_is_published(desk: Desk, as_of: str, there: bool) -> None:
    assert ("friday" in cited(desk.result(question="Who found a cracked beam?", as_of=as_of))) is there


def test_an_article_without_a_date_is_always_there(desk: Desk) -> None:
    assert cited(desk.result(question="Who built it, Ormond?", as_of="1999-12-31")) == ["undated"]


# -- refusals -------------------------------------------------------------------------------------


def test_refusing_what_nothing_answers_is_right(desk: Desk) -> None:
    result = desk.result(**NOBODY)
    assert result.scores == {"false_answer": 0.0}
    assert "kind" not in result.detail


def test_answering_what_nothing_answers_is_a_false_answer(desk: Desk) -> None:
    result = desk.result(question="Who painted the bridge?")
    assert result.scores == {"false_answer": 1.0, "exact_quote": 1.0}
    assert result.detail["kind"] == "answered, though nothing answers"


def test_refusing_what_is_answered_is_wrong_in_every_respect_but_quotes_nothing_wrong(desk: Desk) -> None:
    place = gold("monday", MONDAY, "Ada Pell")
    result = desk.result(question="Who sings?", reference_answer="Ada Pell", gold=[place])
    assert result.scores == {
        "false_refusal": 1.0, "answer_contains": 0.0, "token_f1": 0.0, "citation_precision": None, "citation_recall": 0.0,
    }  # fmt: skip
    assert result.detail["kind"] == "refused, though answerable"


def test_gold_alone_makes_a_question_answerable(desk: Desk) -> None:
    result = desk.result(question="Who sings?", gold=[gold("monday", MONDAY, "Ada Pell")])
    assert result.scores == {"false_refusal": 1.0, "citation_precision": None, "citation_recall": 0.0}


# -- citations ------------------------------------------------------------------------------------


def test_cited_sentences_are_compared_with_the_gold_places(desk: Desk) -> None:
    right, wrong = gold("friday", FRIDAY, "Jon Wick"), gold("monday", MONDAY, "Repairs took nine months")
    both, other = desk.results(CLOSED | {"gold": [right, wrong]}, CLOSED | {"gold": [wrong]})
    assert (both.scores["citation_precision"], both.scores["citation_recall"]) == (1.0, 0.5)
    assert (other.scores["citation_precision"], other.scores["citation_recall"]) == (0.0, 0.0)
    assert other.detail["kind"] == "other sentences"


def test_a_reader_of_failures_sees_what_was_cited_and_what_should_have_been(desk: Desk) -> None:
    result = desk.result(**CLOSED, gold=[gold("friday", FRIDAY, "a cracked beam")])
    assert result.detail["gold"] == [{"article_id": "friday", "quote": "a cracked beam"}]
    assert [(c["quote"], c["gold"]) for c in result.detail["citations"]] == [
        ("Jon Wick closed the Kell bridge on Friday.", False)
    ]
    assert (result.detail["question"], result.detail["expected"]) == (CLOSED["question"], "Jon Wick")


def test_a_quote_that_is_not_the_articles_text_is_found_out(desk: Desk) -> None:
    assert desk.result(**CLOSED).scores["exact_quote"] == 1.0
    assert desk.result(careless, **CLOSED).scores["exact_quote"] == 0.0


# -- reference answers ----------------------------------------------------------------------------


def test_a_reference_answer_is_looked_for_in_the_answer(desk: Desk) -> None:
    right, wrong = desk.results(CLOSED, CLOSED | {"reference_answer": "Ada Pell"})
    assert right.scores["answer_contains"] == 1.0
    assert right.scores["token_f1"] == pytest.approx(2 * 2 / (7 + 2))  # "the" does not count
    assert "kind" not in right.detail
    assert (wrong.scores["answer_contains"], wrong.scores["token_f1"]) == (0.0, 0.0)
    assert wrong.detail["kind"] == "another answer"


# -- reports --------------------------------------------------------------------------------------


def test_all_cases_are_summed_up_and_each_tag_apart(desk: Desk) -> None:
    wrong = {"question": "Who painted the bridge?", "tags": ["unanswerable"]}
    report = desk.report(REOPENED, CLOSED | {"reference_answer": "Ada Pell"}, NOBODY, wrong)
    values = {name: (metric.value, metric.n) for name, metric in report.metrics.items()}
    assert values["answer_contains"] == (0.5, 2)
    assert values["answer_contains_who"] == (1.0, 1)
    assert values["false_answer"] == values["false_answer_unanswerable"] == (0.5, 2)
    assert values["false_answer_who"] == (0.0, 1)
    assert values["exact_quote"] == (1.0, 3)
    assert "answer_contains_unanswerable" not in values
    assert "citation_recall" not in values, "no case has gold"


def test_a_case_that_failed_is_unscored_not_wrong(desk: Desk) -> None:
    results = [*desk.results(REOPENED), CaseResult("line-2", "", ("who",), {}, error="the model went away")]
    for name in ("answer_contains", "answer_contains_who"):
        metric = desk.task.report(results).metrics[name]
        assert (metric.value, metric.n, metric.n_unscored) == (1.0, 1, 1)


def test_a_report_says_what_it_is_about_and_what_is_to_be_reached(desk: Desk) -> None:
    report = desk.report(REOPENED)
    assert (report.name, report.title, report.bars) == ("cases", "The questions in desk.jsonl", {"exact_quote": 1.0})
    named = case_report("mine", "Mine", (), ("written on a Monday",), {"false_answer": 0.1})
    assert (named.name, named.title, named.bars, named.metrics) == ("mine", "Mine", {"false_answer": 0.1}, {})
    assert named.notes[-1] == "written on a Monday"
    assert set(report.notes) < set(named.notes)


def test_a_sample_is_spread_over_the_file(desk: Desk) -> None:
    desk.write(*({"question": f"Who was number {n}?"} for n in range(6)))
    assert [case.id for case in desk.task.cases(desk.setup(sample=3))] == ["line-1", "line-3", "line-5"]


def test_file_and_catalog_decide_the_results(desk: Desk) -> None:
    desk.write(REOPENED)
    needs = [desk.folder / "data" / need for need in desk.task.needs]
    assert needs == [desk.task.path, desk.task.store / "catalog.sqlite"]
    assert all(need.is_file() for need in needs)
