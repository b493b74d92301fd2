"""Who said it: is the first cited sentence the right one, and does the first answer sentence name the speaker?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets import FORMS
from pullquote.eval.datasets.wikinews import wikinews_cases
from pullquote.eval.examples import reported_cases
from pullquote.eval.metrics.answers import exact_match, token_f1
from pullquote.eval.metrics.citations import cited_chars, cited_places
from pullquote.eval.metrics.ranking import ndcg_at_k, recall_at_k, reciprocal_rank
from pullquote.eval.stores import polnear_room, reading, wikinews_room
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import (
    bm25_sentences,
    cue_sentence,
    floors,
    gold_quotes,
    hits,
    is_gold,
    is_verbatim,
    lead_sentences,
    mean,
    scored,
    with_tag,
)
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.quotations import CUE
from pullquote.qa.types import Answer

BARS = {
    "joint_question": 0.97,
    "joint_question_kw": 0.93,
    "joint_question_kw3": 0.78,
    "exact_quote": 1.0,
    "short_em": 0.72,
    "short_f1": 0.80,
}
DEV = "dev"
VERBATIM = "question"
"""The form of the questions whose short answers are compared with what people marked as the source."""
_NAME = r"(?P<name>(?:[A-Z][\w.’'-]+ ?)+)"
_BEFORE, _BEHIND = re.compile(rf"{_NAME}$"), re.compile(rf" {_NAME}")
WIKINEWS = "wikinews"
DEPTH = 10
"""How much of the evidence is looked at for retrieval."""


def polnear_questions(folder: Path, forms: Collection[str] = FORMS, split: str = "") -> list[EvalCase]:
    """Return the reported questions of PolNeAR in these forms, of one split or both."""
    return [
        EvalCase(
            f"{case.id}/{form}",
            case.questions[form],
            case.answer,
            tuple(Gold(case.article_id, span) for span in case.content_spans),
            tags=(form, case.split),
            cluster=case.article_id,
            extra={"names": [case.answer_head]},
        )
        for case in reported_cases(folder)
        if split in ("", case.split)
        for form in FORMS
        if form in forms and form in case.questions
    ]


def wikinews_questions(folder: Path) -> list[EvalCase]:
    """Return the questions about Wikinews articles, whose speakers are known by all their names."""
    return [
        EvalCase(
            case.id,
            case.question,
            case.answer,
            tuple(Gold(case.article_id, span) for span in case.gold),
            tags=(WIKINEWS, case.speaker_kind),
            cluster=case.article_id,
            extra={"names": [case.answer, *case.aliases]},
        )
        for case in wikinews_cases(folder)
    ]


@contextmanager
def answering(setup: Setup) -> Iterator[tuple[dict[bool, Store], dict[bool, AnswerFn]]]:
    """Open both stores; give them and what answers from them, by whether a case is about Wikinews."""
    with ExitStack() as stack:
        rooms = {wiki: stack.enter_context(reading(setup.build / name)) for wiki, name in ((False, "polnear"), (True, WIKINEWS))}
        stores = {wiki: room.store for wiki, room in rooms.items()}
        yield stores, {wiki: setup.engine(store, ()) for wiki, store in stores.items()}


def build_stores(setup: Setup) -> None:
    """Make both stores."""
    polnear_room(setup.build, setup.data).close()
    wikinews_room(setup.build, setup.data).close()


@dataclass(frozen=True, slots=True)
class Attribution:
    """Attribution questions over PolNeAR and Wikinews."""

    name: str = "attribution"
    title: str = "Who said it: the right sentence cited first, and the speaker named (joint@1)"
    needs: tuple[str, ...] = ("polnear", "gum_wikinews")
    version: int = 2

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return all reported questions, PolNeAR's in three forms."""
        polnear, wikinews = setup.data / "polnear", setup.data / "gum_wikinews"
        return spread([*polnear_questions(polnear), *wikinews_questions(wikinews)], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the stores."""
        build_stores(setup)

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with answering(setup) as (stores, ask):
            yield lambda case: _run(case, stores[WIKINEWS in case.tags], ask[WIKINEWS in case.tags])

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by form of the question."""
        metrics: dict[str, Metric] = {"exact_quote": mean(results, "exact_quote"), "cited_chars": mean(results, "cited_chars")}
        trivial = {}
        for form in (*FORMS, WIKINEWS):
            some = with_tag(results, form)
            for score in ("joint", "answered"):
                metrics[f"{score}_{form}"] = mean(some, score)
            trivial[f"joint_{form}"] = floors(some, "joint")
            if form != WIKINEWS:
                metrics[f"joint_{form}_dev"] = mean(with_tag(some, DEV), "joint")
        verbatim = with_tag(with_tag(results, VERBATIM), DEV)
        for score in ("short_em", "short_f1"):
            metrics[score] = mean(verbatim, score)
            trivial[score] = floors(verbatim, score)
        notes = (
            "PolNeAR: all self-contained dev questions with a named or nominal speaker, and 1,000 such train questions that "
            "nothing was fitted on, over the store of all 924 train and dev articles; a refusal counts as wrong.",
            "Forms: question (verbatim content), question_kw (five keywords), question_kw3 (three).",
            "short: the answer's speakers alone against the source as annotated, as SQuAD compares them (EM, token F1); of the "
            "verbatim form, and 0 where the answer names nobody.",
            "The ledger's cues were fitted on the train articles, so short_* and joint_*_dev are of dev alone.",
            "Floors: bm25 is BM25's best sentence with a verb of saying, lead the first sentence of its article; regex is "
            "the name before or behind the verb of saying in BM25's.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, BARS, notes, ())


def _run(case: EvalCase, store: Store, ask: AnswerFn) -> CaseResult:
    answer = ask(case.question)
    best = bm25_sentences(store, case.question, DEPTH)
    joint = joint_at_1(answer, case)
    scores = {
        "joint": float(joint),
        "joint@abstain": 0.0,
        "joint@bm25": float(_names(cue_sentence(best), case)),
        "joint@lead": float(_names(next(iter(lead_sentences(store, best)), None), case)),
        "answered": float(answer.status == "answered"),
        "correct": float(joint),
        **ranking_scores(store, case, answer, best),
    }
    if VERBATIM in case.tags:
        scores |= _short_scores(answer.short or "", case, "") | _short_scores(_near_cue(cue_sentence(best)), case, "@regex")
    if answer.status == "answered":
        scores |= {"exact_quote": is_verbatim(store, answer), "cited_chars": cited_chars(cited_places(answer))}
    return scored(case, scores, answer, kind="" if joint else _kind(answer, case), gold=gold_quotes(store, case.gold))


def _short_scores(short: str, case: EvalCase, floor: str) -> dict[str, float | None]:
    gold = [case.reference_answer or ""]
    return {f"short_em{floor}": exact_match(short, gold), f"short_f1{floor}": token_f1(short, gold)}


def _near_cue(sentence: Sentence | None) -> str:
    """Return the name right before the verb of saying, else right behind it."""
    cue = CUE.search(sentence.text) if sentence is not None else None
    if sentence is None or cue is None:
        return ""
    before, behind = _BEFORE.search(sentence.text[: cue.start()]), _BEHIND.match(sentence.text[cue.end() :])
    return before["name"] if before else behind["name"] if behind else ""


def ranking_scores(store: Store, case: EvalCase, answer: Answer, plain: Sequence[Sentence]) -> dict[str, float | None]:
    """Return how far up the gold sentences stand among the answer's evidence, and among BM25's best."""
    gold = {s.place for g in case.gold for s in store.catalog.sentences_of(g.article_id) if s.span.overlaps(g.span)}
    scores = _ranking([e.sentence for e in answer.evidence[:DEPTH]], gold)
    return scores | {f"{name}@bm25": value for name, value in _ranking(plain, gold).items()}


def _ranking(sentences: Sequence[Sentence], gold: Collection[tuple[str, int]]) -> dict[str, float | None]:
    places = [s.place for s in sentences]
    return {
        "recall_at_10": recall_at_k(places, gold, DEPTH),
        "mrr": reciprocal_rank(places, gold, DEPTH),
        "ndcg_at_10": ndcg_at_k(places, gold, DEPTH),
    }


def joint_at_1(answer: Answer, case: EvalCase) -> bool:
    """Whether the first cited sentence overlaps a gold place and the first answer sentence names the speaker."""
    if not answer.sentences or not answer.sentences[0].citations:
        return False
    first = answer.sentences[0]
    return is_gold(first.citations[0].article.id, first.citations[0].span, case.gold) and _named(first.text, case)


def _named(text: str, case: EvalCase) -> bool:
    return any(str(name).lower() in text.lower() for name in case.extra["names"])


def _names(sentence: Sentence | None, case: EvalCase) -> bool:
    return sentence is not None and hits(sentence, case.gold) and _named(sentence.text, case)


def _kind(answer: Answer, case: EvalCase) -> str:
    """Return what went wrong, in words."""
    if not answer.sentences:
        return "refused"
    if not answer.sentences[0].citations:
        return "nothing cited"
    first = answer.sentences[0].citations[0]
    if is_gold(first.article.id, first.span, case.gold):
        return "right sentence, speaker not shown"
    same = any(g.article_id == first.article.id for g in case.gold)
    return "another sentence of the right article" if same else "another article"
