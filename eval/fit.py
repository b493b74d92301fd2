"""Fit the ranking and the refusal threshold: ``python -m pullquote.eval.fit [--data DIR]``.

Statements are fitted on PolNeAR train questions that ``eval.bench`` does not report on; refusal on the same
questions with their article left out. Facts are fitted on ClapNQ, on which ``eval.bench`` reports by folds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.datasets import (
    AttributionCase, PassageCase, clapnq_articles, clapnq_cases, data_folder, folder_hash, polnear_articles, polnear_cases,
)  # fmt: skip
from pullquote.eval.fitting import fit_order, fit_probability
from pullquote.eval.statistics import auroc
from pullquote.eval.stores import CachedEncoder, open_store
from pullquote.index.store import Store
from pullquote.index.types import Sentence, Span
from pullquote.qa.extractive import draft
from pullquote.qa.features import CHEAP, FEATURES, cheap_features
from pullquote.qa.quotations import with_speaker
from pullquote.qa.ranking import Ranked, fact_signals, rank, statement_signals
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.retrieval import Pool, retrieve
from pullquote.qa.settings import AskSettings
from pullquote.qa.weights import WEIGHTS_FILE, KindWeights
from pullquote.qa.words import QuestionWords, question_words

SEED = 1
REPORTED_TRAIN = 1000
FIT_QUESTIONS = int(__import__("os").environ.get("FITN","600"))
STATEMENT_FEATURES = (
    "bm25_share", "near", "in_order", "exact", "capitals", "coverage", "coverage_before", "cue", "asks", "run", "cross",
)  # fmt: skip
FACT_FEATURES = ("bm25_share", "cosine", "asks", "cross")
FACT_SHORTLIST = ("bm25_share", "cosine", "coverage", "near")
MAX_FALSE_ANSWERS = 0.15
MARGINS = tuple(np.round(np.arange(0.0, 6.01, 0.25), 2))


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its pool and what in it is right."""

    words: QuestionWords
    pool: Pool
    relevant: tuple[bool, ...]
    """For each candidate of the pool: is it a right first sentence?"""
    gold: tuple[bool, ...]
    """For each candidate: does it overlap a gold span?"""
    answerable: bool


def reported_cases(folder: Path) -> list[AttributionCase]:
    """Return the PolNeAR questions that are reported: all of dev, and 1,000 of train."""
    train = polnear_cases(folder, "train")
    return polnear_cases(folder, "dev") + random.Random(SEED).sample(train, REPORTED_TRAIN)


def fitting_cases(folder: Path) -> list[AttributionCase]:
    """Return PolNeAR train questions that are not reported."""
    reported = {case.id for case in reported_cases(folder)}
    rest = [case for case in polnear_cases(folder, "train") if case.id not in reported]
    return random.Random(SEED + 1).sample(rest, min(FIT_QUESTIONS, len(rest)))


def statement_examples(store: Store, cases: Sequence[AttributionCase]) -> list[Example]:
    """Return an example for every form of every question."""
    examples = []
    for number, case in enumerate(cases, 1):
        for text in case.questions.values():
            words = question_words(text, "statement")
            pool = retrieve(store, words)
            gold = tuple(_overlaps(c.sentence, case.article_id, case.content_spans) for c in pool.candidates)
            relevant = tuple(g and _names(store, c.sentence, case.answer_head) for g, c in zip(gold, pool.candidates, strict=True))
            examples.append(Example(words, pool, relevant, gold, True))
            examples.append(_left_out(Example(words, pool, relevant, gold, True), case.article_id))
        if number % 100 == 0:
            print(f"  retrieved for {number} of {len(cases)} questions", file=sys.stderr)
    return examples


def fact_examples(store: Store, cases: Sequence[PassageCase]) -> list[Example]:
    """Return an example for every question."""
    examples = []
    for case in cases:
        words = question_words(case.question, "fact")
        pool = retrieve(store, words)
        gold = tuple(_overlaps(c.sentence, case.article_id, case.gold) for c in pool.candidates)
        examples.append(Example(words, pool, gold, gold, case.answerable))
    return examples


def fit_kind(
    store: Store, examples: Sequence[Example], encoder: CrossEncoder, shortlist: Sequence[str], features: Sequence[str]
) -> KindWeights:
    """Fit shortlist, order, refusal and margin, in that order."""
    limit = AskSettings().candidates
    lists = [e for e in examples if e.answerable]
    cheap = [(cheap_features(e.words, e.pool.candidates), np.array(e.relevant, bool)) for e in lists]
    columns = [CHEAP.index(name) for name in shortlist]
    first = fit_order([(rows[:, columns], relevant) for rows, relevant in cheap], penalty=2.0)
    weights = KindWeights(dict(zip(shortlist, map(float, first), strict=True)), {}, {}, 0.5, 0.0, 0.0)

    chosen = [rank(e.words, e.pool, weights, encoder, limit) for e in lists]
    rows = [(np.array([r.features for r in ranked]), _marks(e, ranked, e.relevant)) for e, ranked in zip(lists, chosen, strict=True)]
    columns = [FEATURES.index(name) for name in features]
    order = fit_order([(table[:, columns], relevant) for table, relevant in rows if len(table)], penalty=2.0)
    weights = replace(weights, rank=dict(zip(features, map(float, order), strict=True)))

    signals, labels = _signals(store, examples, weights, encoder, limit)
    names = sorted(signals[0])
    table = np.array([[s[name] for name in names] for s in signals])
    slopes, intercept = fit_probability(table, labels, penalty=2.0)
    answerable = dict(zip(names, map(float, slopes), strict=True)) | {"intercept": intercept}
    probability = 1 / (1 + np.exp(-(table @ slopes + intercept)))
    print(f"  answerability on the fitted questions: AUROC {auroc(list(labels), list(probability)):.3f}", file=sys.stderr)
    weights = replace(weights, answerable=answerable, threshold=_threshold(probability, labels))
    ranked_lists = [rank(e.words, e.pool, weights, encoder, limit) for e in lists]
    return _with_margins(store, weights, lists, ranked_lists)


def fit_statement(store: Store, examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for questions about statements."""
    return fit_kind(store, examples, encoder, CHEAP, STATEMENT_FEATURES)


def fit_fact(store: Store, examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for all other questions."""
    return fit_kind(store, examples, encoder, FACT_SHORTLIST, FACT_FEATURES)


def _signals(
    store: Store, examples: Sequence[Example], weights: KindWeights, encoder: CrossEncoder, limit: int
) -> tuple[list[dict[str, float]], NDArray[np.bool_]]:
    signals, labels = [], []
    for e in examples:
        ranked = rank(e.words, e.pool, weights, encoder, limit)
        if ranked:
            statement = e.words.kind == "statement"
            signals.append(statement_signals(e.words, ranked) if statement else fact_signals(store, e.words, e.pool, ranked, encoder))
            labels.append(e.answerable)
    return signals, np.array(labels, bool)


def _threshold(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the least threshold at which at most ``MAX_FALSE_ANSWERS`` of the unanswerable questions are answered,
    or the one with equal error rates where that refuses fewer."""
    false_answers = float(np.quantile(probability[~labels], 1 - MAX_FALSE_ANSWERS))
    grid = np.unique(probability)
    gaps = [abs((probability[~labels] >= t).mean() - (probability[labels] < t).mean()) for t in grid]
    return round(max(false_answers, float(grid[int(np.argmin(gaps))])) if _few(probability, labels) else false_answers, 4)


def _few(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> bool:
    """Whether the equal error rate is the better place: few examples, so the tail quantile is noise."""
    return len(labels) < 1000


def _with_margins(store: Store, weights: KindWeights, examples: Sequence[Example], lists: Sequence[Sequence[Ranked]]) -> KindWeights:
    """Choose the margin with the best mean F1 of the picked sentences against the gold ones."""
    limit = AskSettings().max_sentences
    best, best_f1 = 0.0, -1.0
    for margin in MARGINS:
        trial = replace(weights, margin=float(margin), wide_margin=float(margin))
        f1 = float(np.mean([_f1(store, e, ranked, trial, limit) for e, ranked in zip(examples, lists, strict=True) if any(e.gold)]))
        if f1 > best_f1 + 0.001:
            best, best_f1 = float(margin), f1
    gaps = [ranked[0].score - ranked[1].score for ranked in lists if len(ranked) > 1]
    print(f"  margin {best}: F1 of picked sentences {best_f1:.3f}", file=sys.stderr)
    return replace(weights, margin=best, wide_margin=round(max(best, float(np.median(gaps))), 3))


def _f1(store: Store, example: Example, ranked: Sequence[Ranked], weights: KindWeights, limit: int) -> float:
    gold = {(c.sentence.article_id, c.sentence.number) for c, g in zip(example.pool.candidates, example.gold, strict=True) if g}
    picks = draft(store, example.words, ranked, weights, limit)
    found = {(p.main.candidate.sentence.article_id, p.main.candidate.sentence.number) for p in picks}
    hits = len(gold & found)
    return 2 * hits / (len(gold) + len(found)) if hits else 0.0


def _marks(example: Example, ranked: Sequence[Ranked], flags: Sequence[bool]) -> NDArray[np.bool_]:
    by_sentence = {id(c): flag for c, flag in zip(example.pool.candidates, flags, strict=True)}
    return np.array([by_sentence[id(r.candidate)] for r in ranked], bool)


def _left_out(example: Example, article_id: str) -> Example:
    """Return the example as it would be without the article that answers it."""
    kept = [i for i, c in enumerate(example.pool.candidates) if c.sentence.article_id != article_id]
    pool = Pool(tuple(example.pool.candidates[i] for i in kept), example.pool.chunks)
    nothing = (False,) * len(kept)
    return Example(example.words, pool, nothing, nothing, False)


def _overlaps(sentence: Sentence, article_id: str, spans: Sequence[Span]) -> bool:
    return sentence.article_id == article_id and any(sentence.span.overlaps(span) for span in spans)


def _names(store: Store, sentence: Sentence, head: str) -> bool:
    """Whether the sentence, shown with what explains its speaker, contains the answer."""
    article = store.catalog.article(sentence.article_id)
    sentences = store.catalog.sentences_of(sentence.article_id)
    unit = with_speaker(sentences, sentence.number - 1, article.text if article else "")
    return head.lower() in " ".join(sentences[i].text for i in unit).lower()


def main(argv: Sequence[str] | None = None) -> int:
    """Fit everything and write ``qa/weights.json``."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.fit", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--build", type=Path, default=Path("build/stores"), help="where stores are kept between runs")
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args(argv)
    data = data_folder(options.data)
    encoder = CachedEncoder(cross_encoder())
    with open_store(options.build / "polnear", lambda: polnear_articles(data / "polnear")) as room:
        examples = statement_examples(room.store, fitting_cases(data / "polnear"))
        statement = fit_statement(room.store, examples, encoder)
    with open_store(options.build / "clapnq", lambda: clapnq_articles(data / "clapnq")) as room:
        fact = fit_fact(room.store, fact_examples(room.store, clapnq_cases(data / "clapnq")), encoder)
    report = {
        "made_by": "python -m pullquote.eval.fit",
        "data": {name: folder_hash(data / name) for name in ("polnear", "clapnq")},
        "seed": SEED,
        "kinds": {"statement": _rounded(asdict(statement)), "fact": _rounded(asdict(fact))},
    }
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {options.out}")
    return 0


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 5) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
