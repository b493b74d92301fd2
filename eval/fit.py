"""Fit the ranking and the refusal threshold: ``python -m pullquote.eval.fit [--data DIR]``.

Statements are fitted on PolNeAR train questions that ``eval.bench`` does not report on; refusal on the same
questions with their article left out. Facts are fitted on ClapNQ, on which ``eval.bench`` reports by folds, and on
RealTimeQA questions with and without their articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.datasets import clapnq_cases, data_folder, folder_hash, realtimeqa_cases
from pullquote.eval.examples import SEED, Example, fact_examples, fitting_cases, quiz_examples, statement_examples
from pullquote.eval.fitting import fit_order, fit_probability
from pullquote.eval.statistics import auroc
from pullquote.eval.stores import CachedEncoder, cached_ledger, clapnq_room, polnear_room, realtimeqa_room
from pullquote.qa.extractive import draft
from pullquote.qa.features import CHEAP, FEATURES, cheap_features
from pullquote.qa.ranking import Ranked, fact_signals, rank, stands_out, statement_signals
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.selection import SELECTION, mates, selection_features
from pullquote.qa.settings import AskSettings
from pullquote.qa.weights import WEIGHTS_FILE, KindWeights

STATEMENT_FEATURES = (
    "bm25_share", "near", "in_order", "exact", "capitals", "coverage", "coverage_before", "cue", "asks", "run",
    "said", "told", "cross",
)  # fmt: skip
FACT_FEATURES = ("bm25_share", "cosine", "asks", "cross")
FACT_SHORTLIST = ("bm25_share", "cosine", "coverage", "near")
MAX_FALSE_ANSWERS = 0.13  # over all forms; three keywords name no statement for sure, whole questions stay far below
MAX_SURE_FALSE_ANSWERS = 0.01
SURE_CROSSES = tuple(float(c) for c in np.arange(3.0, 9.01, 0.25))
FEW = 1000
OTHERS_MARGIN = 1.0  # of sentences in other articles, which tell the same or contradict; ClapNQ's gold is in one article
SELECTION_THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
MARGINS = tuple(np.round(np.arange(0.0, 6.01, 0.25), 2))


def fit_kind(
    examples: Sequence[Example], encoder: CrossEncoder, shortlist: Sequence[str], features: Sequence[str], *, selects: bool
) -> KindWeights:
    """Fit shortlist, order, refusal, for facts the selection, and the margin, in that order."""
    lists = [e for e in examples if e.answerable]
    cheap = {id(e): cheap_features(e.words, e.pool.candidates) for e in examples}  # once: it is slow

    ledgers = {id(e.store): cached_ledger(e.store) for e in examples if e.words.kind == "statement"}

    def ranked_by(weights: KindWeights, e: Example) -> tuple[Ranked, ...]:
        ledger = ledgers.get(id(e.store))
        return rank(e.words, e.pool, weights, encoder, AskSettings().candidates, cheap[id(e)], ledger=ledger)

    columns = [CHEAP.index(name) for name in shortlist]
    first = fit_order([(cheap[id(e)][:, columns], np.array(e.relevant, bool)) for e in lists], penalty=2.0)
    weights = KindWeights(dict(zip(shortlist, map(float, first), strict=True)), {}, {}, 0.5, 0.0, 0.0)

    chosen = [ranked_by(weights, e) for e in lists]
    rows = [
        (np.array([r.features for r in ranked]), _marks(e, ranked, e.relevant)) for e, ranked in zip(lists, chosen, strict=True)
    ]
    columns = [FEATURES.index(name) for name in features]
    order = fit_order([(table[:, columns], relevant) for table, relevant in rows if len(table)], penalty=2.0)
    weights = replace(weights, rank=dict(zip(features, map(float, order), strict=True)))

    ranks = [ranked_by(weights, e) for e in examples]
    signals, labels = _signals(examples, ranks, encoder)
    names = sorted(signals[0])
    table = np.array([[s[name] for name in names] for s in signals])
    slopes, intercept = fit_probability(table, labels, penalty=6.0)
    answerable = dict(zip(names, map(float, slopes), strict=True)) | {"intercept": intercept}
    probability = 1 / (1 + np.exp(-(table @ slopes + intercept)))
    print(f"  answerability on the fitted questions: AUROC {auroc(list(labels), list(probability)):.3f}", file=sys.stderr)
    weights = replace(weights, answerable=answerable, threshold=_threshold(probability, labels))
    marked = [(e, ranked) for e, ranked in zip(examples, ranks, strict=True) if e.annotated and any(e.gold)]
    if not selects:
        weights = replace(weights, sure_cross=_sure_cross(signals, probability >= weights.threshold, labels))
        return _with_margins(weights, marked, encoder)
    weights = replace(weights, margin=OTHERS_MARGIN, wide_margin=max(OTHERS_MARGIN, _median_gap([r for _, r in marked])))
    return _with_selection(weights, marked, encoder)


def fit_statement(examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for questions about statements."""
    return fit_kind(examples, encoder, CHEAP, STATEMENT_FEATURES, selects=False)


def fit_fact(examples: Sequence[Example], encoder: CrossEncoder) -> KindWeights:
    """Fit the weights for all other questions."""
    return fit_kind(examples, encoder, FACT_SHORTLIST, FACT_FEATURES, selects=True)


def _signals(
    examples: Sequence[Example], ranks: Sequence[Sequence[Ranked]], encoder: CrossEncoder
) -> tuple[list[dict[str, float]], NDArray[np.bool_]]:
    signals, labels = [], []
    for e, ranked in zip(examples, ranks, strict=True):
        if ranked:
            statement = e.words.kind == "statement"
            signals.append(
                statement_signals(e.words, ranked) if statement else fact_signals(e.store, e.words, e.pool, ranked, encoder)
            )
            labels.append(e.answerable)
    return signals, np.array(labels, bool)


def _threshold(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the least threshold at which at most ``MAX_FALSE_ANSWERS`` of the unanswerable questions are answered.

    With few examples the tail quantile is noise: then the threshold with equal error rates.
    """
    if len(labels) >= FEW:
        return round(float(np.quantile(probability[~labels], 1 - MAX_FALSE_ANSWERS)), 4)
    grid = np.unique(probability)
    gaps = [abs((probability[~labels] >= t).mean() - (probability[labels] < t).mean()) for t in grid]
    return round(float(grid[int(np.argmin(gaps))]), 4)


def _sure_cross(signals: Sequence[Mapping[str, float]], answered: NDArray[np.bool_], labels: NDArray[np.bool_]) -> float:
    """Return the least logit at which at most ``MAX_SURE_FALSE_ANSWERS`` more of the unanswerable questions are answered.

    Questions in the articles' own words, which is what these are, need it little; those in other words need it much.
    """
    cross = np.array([s["cross"] if stands_out(s) else -np.inf for s in signals])
    unanswered = ~labels & ~answered
    more = {c: float((unanswered & (cross >= c)).sum() / (~labels).sum()) for c in SURE_CROSSES}
    return next((c for c in SURE_CROSSES if more[c] <= MAX_SURE_FALSE_ANSWERS), SURE_CROSSES[-1])


def _with_selection(
    weights: KindWeights, marked: Sequence[tuple[Example, Sequence[Ranked]]], encoder: CrossEncoder
) -> KindWeights:
    """Fit which sentences of an article belong to the answer; the threshold has the best F1 of mean precision and recall."""
    tables, flags = [], []
    for e, ranked in marked:
        sentences = mates(e.store, ranked)
        tables.append(selection_features(e.store, e.words, ranked, sentences, encoder))
        flags.append(np.array([s.place in e.places for s in sentences], bool))
    slopes, intercept = fit_probability(np.concatenate(tables), np.concatenate(flags), penalty=6.0)
    fitted = dict(zip(SELECTION, map(float, slopes), strict=True)) | {"intercept": intercept}
    trials = [replace(weights, selection=fitted | {"threshold": threshold}) for threshold in SELECTION_THRESHOLDS]
    scores = [_f1_of_means(trial, marked, encoder) for trial in trials]
    best = int(np.argmax(scores))
    print(f"  selection threshold {SELECTION_THRESHOLDS[best]}: F1 of cited sentences {scores[best]:.3f}", file=sys.stderr)
    return trials[best]


def _f1_of_means(weights: KindWeights, marked: Sequence[tuple[Example, Sequence[Ranked]]], encoder: CrossEncoder) -> float:
    precisions, recalls = [], []
    for e, ranked in marked:
        picks = draft(e.store, e.words, ranked, weights, AskSettings().max_sentences, encoder)
        cited = {s.place for p in picks for s in (*p.unit, *p.copies)}
        precisions.append(len(cited & e.places) / len(cited))
        recalls.append(len(cited & e.places) / len(e.places))
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    return 2 * precision * recall / (precision + recall)


def _with_margins(weights: KindWeights, marked: Sequence[tuple[Example, Sequence[Ranked]]], encoder: CrossEncoder) -> KindWeights:
    """Choose the margin with the best mean F1 of the picked sentences against the gold ones."""
    best, best_f1 = 0.0, -1.0
    for margin in MARGINS:
        trial = replace(weights, margin=float(margin), wide_margin=float(margin))
        f1 = float(np.mean([_f1(e, ranked, trial, encoder) for e, ranked in marked]))
        if f1 > best_f1 + 0.001:
            best, best_f1 = float(margin), f1
    print(f"  margin {best}: F1 of picked sentences {best_f1:.3f}", file=sys.stderr)
    return replace(weights, margin=best, wide_margin=max(best, _median_gap([ranked for _, ranked in marked])))


def _median_gap(lists: Sequence[Sequence[Ranked]]) -> float:
    """Return how far the second best sentence is behind the best one."""
    return round(float(np.median([ranked[0].score - ranked[1].score for ranked in lists if len(ranked) > 1])), 3)


def _f1(example: Example, ranked: Sequence[Ranked], weights: KindWeights, encoder: CrossEncoder) -> float:
    gold = example.places or {c.sentence.place for c, g in zip(example.pool.candidates, example.gold, strict=True) if g}
    picks = draft(example.store, example.words, ranked, weights, AskSettings().max_sentences, encoder)
    found = {p.main.place for p in picks}
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
