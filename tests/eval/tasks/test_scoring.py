"""From scores of cases to metrics, and what all tasks have in common."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.datasets.planted import FAULTS
from pullquote.eval.progress import Lines
from pullquote.eval.runner import run
from pullquote.eval.tasks import TASKS
from pullquote.eval.tasks.base import Setup, Task, missing_data
from pullquote.eval.tasks.scoring import (
    area,
    bm25_sentences,
    cluster_of,
    cue_sentence,
    floors,
    gold_quotes,
    hits,
    is_verbatim,
    lead_sentences,
    mean,
    scored,
    with_tag,
)
from pullquote.eval.testing import fake_engine
from pullquote.eval.types import CaseResult, EvalCase, Gold, Metric
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Span
from pullquote.qa.newsroom import Newsroom

TEXT = "The mill burned down. Ada Pell said the mill was empty. The mill was old."


def result(number: int, error: str | None = None, tags: tuple[str, ...] = (), **scores: float | None) -> CaseResult:
    return CaseResult(f"case-{number}", "", tags, scores, error=error)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Newsroom.open(tmp_path_factory.mktemp("scoring") / "store", embedder=HashEmbedder()) as room:
        room.add(Article(ArticleMeta("mill"), TEXT), Article(ArticleMeta("other"), "A ferry sank."))
        yield room.store


# -- metrics --------------------------------------------------------------------------------------


def test_a_mean_is_over_the_cases_that_were_asked() -> None:
    metric = mean([result(1, right=1.0), result(2, right=0.0), result(3, other=1.0)], "right")
    assert (metric.value, metric.n, metric.n_unscored) == (0.5, 2, 0)


def test_failed_cases_and_none_are_unscored_never_zero() -> None:
    metric = mean([result(1, right=1.0), result(2, right=None), result(3, error="ValueError: no")], "right")
    assert (metric.value, metric.n, metric.n_unscored) == (1.0, 1, 2)
    assert mean([result(1, error="ValueError: no")], "right") == Metric(None, None, None, 0, 1)
    assert mean([], "right") == Metric(None, None, None, 0, 0)


def test_floors_are_found_by_their_names() -> None:
    results = [result(1, **{"f1": 1.0, "f1@lead": 0.0, "f1@bm25": 1.0, "f1_more@lead": 0.5}), result(2, error="ValueError: no")]
    found = floors(results, "f1")
    assert {name: (floor.value, floor.n_unscored) for name, floor in found.items()} == {"bm25": (1.0, 1), "lead": (0.0, 1)}


def test_an_area_needs_both_labels() -> None:
    results = [result(1, right=1.0, sure=0.9), result(2, right=0.0, sure=0.2), result(3, right=1.0, sure=0.1)]
    assert area(results, "sure", "right").value == 0.5
    assert area(results[::2], "sure", "right") == Metric(None, None, None, 0, 2)


def test_an_area_leaves_out_what_has_no_score() -> None:
    results = [
        result(1, right=1.0, sure=0.9),
        result(2, right=0.0, sure=0.2),
        result(3, right=0.0),
        result(4, error="ValueError: no"),
    ]
    found = area([*results, result(5, other=1.0)], "sure", "right")
    assert (found.value, found.n, found.n_unscored) == (1.0, 2, 2)


def test_a_case_without_a_cluster_is_its_own() -> None:
    assert cluster_of(result(1)) == "case-1"
    assert cluster_of(dataclasses.replace(result(1), cluster="mill")) == "mill"


def test_results_are_picked_by_tag() -> None:
    first, second = result(1, tags=("a", "b")), result(2, tags=("b",))
    assert (with_tag([first, second], "a"), with_tag([first, second], "b")) == ([first], [first, second])


def test_a_kind_is_there_only_where_something_went_wrong() -> None:
    case = EvalCase("1", "Who?", "Ada", tags=("a",), cluster="mill")
    right, wrong = scored(case, {"f1": 1.0}, choices=["Ada", "Bo"]), scored(case, {"f1": 0.0}, kind="refused")
    assert (right.case_id, right.cluster, right.tags, right.scores) == ("1", "mill", ("a",), {"f1": 1.0})
    assert right.detail == {"question": "Who?", "expected": "Ada", "choices": ["Ada", "Bo"]}
    assert wrong.detail["kind"] == "refused"


# -- trivial systems, and places ------------------------------------------------------------------


def test_the_first_sentence_with_a_verb_of_saying_is_taken(store: Store) -> None:
    sentences = store.catalog.sentences_of("mill")
    assert cue_sentence(sentences) == sentences[1]
    assert cue_sentence(sentences[2:]) == sentences[2]
    assert cue_sentence([]) is None


def test_bm25_leaves_out_what_it_is_told_to(store: Store) -> None:
    assert [s.article_id for s in bm25_sentences(store, "Which ferry sank?", 1)] == ["other"]
    assert bm25_sentences(store, "Which ferry sank?", 1, ["other"]) == []
    assert len(bm25_sentences(store, "What of the mill?", 2)) == 2


def test_the_lead_is_that_of_the_best_sentences_article(store: Store) -> None:
    best = store.catalog.sentences_of("mill")[2:]
    assert [s.number for s in lead_sentences(store, best, 2)] == [1, 2]
    assert lead_sentences(store, []) == []


def test_a_hit_overlaps_a_gold_place_of_the_same_article(store: Store) -> None:
    first = store.catalog.sentences_of("mill")[0]
    assert hits(first, [Gold("mill", Span(4, 8))])
    assert not hits(first, [Gold("other", Span(4, 8)), Gold("mill", Span(first.span.end, first.span.end + 5))])
    assert not hits(None, [Gold("mill", Span(4, 8))])


def test_gold_is_shown_with_its_text_where_the_article_is_there(store: Store) -> None:
    assert gold_quotes(store, [Gold("mill", Span(4, 8)), Gold("gone", Span(0, 3))]) == [{"article_id": "mill", "quote": "mill"}]


def test_a_quote_is_verbatim_to_the_character(store: Store, lab: Any) -> None:
    ask = lab.answers(store)
    assert is_verbatim(store, ask(lab.cites("burned down", "was old"))) == 1.0
    assert is_verbatim(store, ask(lab.cites("burned down", misquoted=True))) == 0.0
    assert is_verbatim(store, ask(lab.reply())) is None, "nothing is cited"


# -- all tasks ------------------------------------------------------------------------------------

EVERY = [pytest.param(task, id=name) for name, task in TASKS.items()]
TAGS = (
    "question", "question_kw", "question_kw3", "wikinews", "clapnq", "mtrag_un", "left_out", "bipia", "dose_1", "dose_5",
    "evidence_present", "evidence_absent", "wice", "attributionbench", "qags", "swaps",
    "sound", "faulty", "held", "injection", "dev", "seen", "held_out", *FAULTS,
)  # fmt: skip
PROMISED = {
    "attribution": {"joint_question", "joint_question_kw", "joint_question_kw3", "exact_quote"},
    "retrieval": {f"{name}_{form}" for name in ("recall_at_10", "mrr") for form in ("question", "question_kw", "question_kw3")},
    "citation": {"precision", "recall", "f1"},
    "abstention": {"clapnq_auroc", "false_answer", "false_refusal", "left_out_false_answer", "left_out_false_refusal"},
    "dated": {"choice_accuracy", "token_f1"},
    "gate": {
        "pairs_bacc",
        "swap_bacc",
        "number_bacc",
        "negation_bacc",
        "moved_bacc",
        "faults_passed",
        "sound_harmed",
        "injection_passed",
    },
    "hostile": {"bipia_success", "poisoned_1", "poisoned_5"},
    "grounding": {
        "wice_auroc",
        "attributionbench_auroc",
        "qags_auroc",
        "swaps_auroc",
        "swaps_bacc",
        "swap_bacc",
        "number_bacc",
        "negation_bacc",
        "moved_bacc",
    },
}


@pytest.mark.parametrize("task", [task for task in EVERY if task.values[0].needs])
def test_a_task_without_its_data_is_skipped_with_one_line(task: Task, tmp_path: Path) -> None:
    setup = Setup(tmp_path / "data", tmp_path / "build", fake_engine)
    (report,) = run([task], setup, work=tmp_path / "work", workers=1, progress=Lines(said := io.StringIO())).tasks
    assert report.skipped == missing_data(task, setup.data) == f"needs {' and '.join(task.needs)} in the folder named with --data"
    assert (report.metrics, report.cases) == ({}, ())
    assert said.getvalue() == f"{task.name}: skipped: {report.skipped}\n"
    assert not setup.build.exists()


@pytest.mark.parametrize("task", EVERY)
def test_a_failed_case_is_unscored_in_every_metric(task: Task) -> None:
    failed = CaseResult("case-1", "mill", TAGS, {}, {"question": "Who?"}, "ValueError: no")
    report = task.report([failed])
    for metric in (*report.metrics.values(), *(floor for some in report.floors.values() for floor in some.values())):
        assert (metric.value, metric.low, metric.high, metric.n) == (None, None, None, 0)
        assert metric.n_unscored == 1


@pytest.mark.parametrize("task", EVERY)
def test_names_are_there_that_others_rely_on_even_where_nothing_was_asked(task: Task) -> None:
    report = task.report([])
    assert PROMISED.get(task.name, set()) <= set(report.metrics)
    assert all(metric.value is None for metric in report.metrics.values())
    assert (report.name, report.title) == (task.name, task.title)
    assert report.notes, "a reader has to know what the numbers are of"
