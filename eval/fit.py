"""Fit the ranking and the refusal threshold: ``python -m pullquote.eval.fit [--data DIR]``.

Statements are fitted on PolNeAR train questions that ``eval.bench`` does not report on; refusal on the same
questions with their article left out. Facts are fitted on ClapNQ, on which ``eval.bench`` reports by folds, and on
RealTimeQA questions with and without their articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.datasets import clapnq_cases, data_folder, folder_hash, realtimeqa_cases
from pullquote.eval.examples import SEED, Example, fact_examples, fitting_cases, quiz_examples, statement_examples
from pullquote.eval.fitting import fit_order, fit_probability
from pullquote.eval.statistics import auroc
from pullquote.eval.stores import CachedEncoder, clapnq_room, polnear_room, realtimeqa_room
from pullquote.qa.extractive import draft
from pullquote.qa.features import CHEAP, FEATURES, cheap_features
from pullquote.qa.ranking import Ranked, fact_signals, rank, statement_signals
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.settings import AskSettings
from pullquote.qa.weights import WEIGHTS_FILE, KindWeights

STATEMENT_FEATURES = (
    "bm25_share", "near", "in_order", "exact", "capitals", "coverage", "coverage_before", "cue", "asks", "run", "cross",
)  # fmt: skip
FACT_FEATURES = ("bm25_share", "cosine", "asks", "cross")
FACT_SHORTLIST = ("bm25_share", "cosine", "coverage", "near")
MAX_FALSE_ANSWERS = 0.18  # over all forms; three keywords name no statement for sure, whole questions stay far below
FEW = 1000
MARGINS = tuple(np.round(np.arange(0.0, 6.01, 0.25), 2))


def fit_kind(
    examples: Sequence[Example], encoder: CrossEncoder, shortlist: Sequence[str], features: Sequence[str]
) -> KindWeights:
    """Fit shortlist, order, refusal and margin, in that order."""
    limit = AskSettings().candidates
    lists = [e for e in examples if e.answerable]
    cheap = [(cheap_features(e.words, e.pool.candidates), np.array(e.relevant, bool)) for e in lists]
    columns = [CHEAP.index(name) for name in shortlist]
    first = fit_order([(rows[:, columns], relevant) for rows, relevant in cheap], penalty=2.0)
    weights = KindWeights(dict(zip(shortlist, map(float, first), strict=True)), {}, {}, 0.5, 0.0, 0.0)

    chosen = [rank(e.words, e.pool, weights, encoder, limit) for e in lists]
    rows = [
        (np.array([r.features for r in ranked]), _marks(e, ranked, e.relevant)) for e, ranked in zip(lists, chosen, strict=True)
    ]
    columns = [FEATURES.index(name) for name in features]
    order = fit_order([(table[:, columns], relevant) for table, relevant in rows if len(table)], penalty=2.0)
    weights = replace(weights, rank=dict(zip(features, map(float, order), strict=True)))

    signals, labels = _signals(examples, weights, encoder, limit)
    names = sorted(signals[0])
    table = np.array([[s[name] for name in names] for s in signals])
    slopes, intercept = fit_probability(table, labels, penalty=6.0)
    answerable = dict(zip(names, map(float, slopes), strict=True)) | {"intercept": intercept}
    probability = 1 / (1 + np.exp(-(table @ slopes + intercept)))
    print(f"  answerability on the fitted questions: AUROC {auroc(list(labels), list(probability)):.3f}", file=sys.stderr)
    weights = replace(weights, answerable=answerable, threshold=_threshold(probability, labels))
    lists = [e for e in lists if e.annotated]
    return _with_margins(weights, lists, [rank(e.words, e.pool, weights, encoder, limit) for e in lists])


def fit_statement(examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for questions about statements."""
    return fit_kind(examples, encoder, CHEAP, STATEMENT_FEATURES)


def fit_fact(examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for all other questions."""
    return fit_kind(examples, encoder, FACT_SHORTLIST, FACT_FEATURES)


def _signals(
    examples: Sequence[Example], weights: KindWeights, encoder: CrossEncoder, limit: int
) -> tuple[list[dict[str, float]], NDArray[np.bool_]]:
    signals, labels = [], []
    for e in examples:
        ranked = rank(e.words, e.pool, weights, encoder, limit)
        if ranked:
            statement = e.words.kind == "statement"
            signals.append(
                statement_signals(e.words, ranked) if statement else fact_signals(e.store, e.words, e.pool, ranked, encoder)
            )
            labels.append(e.answerable)
    return signals, np.array(labels, bool)


def _threshold(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the least threshold at which at most ``MAX_FALSE_ANSWERS`` of the unanswerable questions are answered.

    With few examples the tail quantile is noise: then at least the threshold with equal error rates.
    """
    few = len(labels) < FEW
    false_answers = float(np.quantile(probability[~labels], 1 - MAX_FALSE_ANSWERS))
    grid = np.unique(probability)
    gaps = [abs((probability[~labels] >= t).mean() - (probability[labels] < t).mean()) for t in grid]
    return round(max(false_answers, float(grid[int(np.argmin(gaps))])), 4) if few else round(false_answers, 4)


def _with_margins(weights: KindWeights, examples: Sequence[Example], lists: Sequence[Sequence[Ranked]]) -> KindWeights:
    """Choose the margin with the best mean F1 of the picked sentences against the gold ones."""
    limit = AskSettings().max_sentences
    best, best_f1 = 0.0, -1.0
    for margin in MARGINS:
        trial = replace(weights, margin=float(margin), wide_margin=float(margin))
        f1 = float(np.mean([_f1(e, ranked, trial, limit) for e, ranked in zip(examples, lists, strict=True) if any(e.gold)]))
        if f1 > best_f1 + 0.001:
            best, best_f1 = float(margin), f1
    gaps = [ranked[0].score - ranked[1].score for ranked in lists if len(ranked) > 1]
    print(f"  margin {best}: F1 of picked sentences {best_f1:.3f}", file=sys.stderr)
    return replace(weights, margin=best, wide_margin=round(max(best, float(np.median(gaps))), 3))


def _f1(example: Example, ranked: Sequence[Ranked], weights: KindWeights, limit: int) -> float:
    gold = {c.sentence.place for c, g in zip(example.pool.candidates, example.gold, strict=True) if g}
    picks = draft(example.store, example.words, ranked, weights, limit)
    found = {p.main.candidate.sentence.place for p in picks}
    hits = len(gold & found)
    return 2 * hits / (len(gold) + len(found)) if hits else 0.0


def _marks(example: Example, ranked: Sequence[Ranked], flags: Sequence[bool]) -> NDArray[np.bool_]:
    by_sentence = {id(c): flag for c, flag in zip(example.pool.candidates, flags, strict=True)}
    return np.array([by_sentence[id(r.candidate)] for r in ranked], bool)


def main(argv: Sequence[str] | None = None) -> int:
    """Fit everything and write ``qa/weights.json``."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.fit", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--build", type=Path, default=Path("build/stores"), help="where stores are kept between runs")
    parser.add_argument("--only", choices=("statement", "fact"), help="fit one kind of question, keep the other's weights")
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    options = parser.parse_args(argv)
    data = data_folder(options.data)
    encoder = CachedEncoder(cross_encoder())
    kinds = json.loads(options.out.read_text(encoding="utf-8"))["kinds"] if options.only else {}
    if options.only != "fact":
        with polnear_room(options.build, data) as room:
            examples = statement_examples(room.store, fitting_cases(data / "polnear"))
            kinds["statement"] = _rounded(asdict(fit_statement(examples, encoder)))
    if options.only != "statement":
        with clapnq_room(options.build, data) as passages, realtimeqa_room(options.build, data) as news:
            examples = fact_examples(passages.store, clapnq_cases(data / "clapnq"))
            examples += quiz_examples(news.store, realtimeqa_cases(data / "realtimeqa"))
            kinds["fact"] = _rounded(asdict(fit_fact(examples, encoder)))
    report = {
        "made_by": "python -m pullquote.eval.fit",
        "data": {name: folder_hash(data / name) for name in ("polnear", "clapnq", "realtimeqa")},
        "seed": SEED,
        "kinds": kinds,
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
