"""Learn what is a statement from PolNeAR's train articles: ``python -m pullquote.eval.fit_cues [--data DIR]``.

Every candidate that the rules of ``index.statements.candidates`` find is labelled: whether its content covers at least half of
an annotated one, and its speaker's head lies in the annotated source. Written to ``index/statements/cues.json``: weights of a
logistic model over features (lemmas, relations, constructions; no text), and the limit at which precision and recall of
articles that a fold's model has not seen come nearest to each other. To be run again when candidates or features change.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.datasets import data_folder, folder_hash, polnear_articles
from pullquote.eval.datasets.attributions import GoldStatement, gold_statements
from pullquote.eval.fitting import fit_sparse
from pullquote.eval.metrics.statements import covers, is_speaker
from pullquote.index.sentences import split_sentences
from pullquote.index.statements.extraction import Possible, best_of_each_cue, possible
from pullquote.index.statements.parsing import parse, parser_name
from pullquote.index.statements.places import Quoted
from pullquote.index.statements.quotations import find_quotations
from pullquote.index.statements.scoring import TABLE_FILE
from pullquote.index.types import Article, Span

FOLDS = 4
MIN_SEEN = 4
"""Candidates that a feature must hold of."""
MIN_RIGHT, MIN_SHARE = 3, 0.06
"""How many statements, and which share of its occurrences as a possible cue, a word must make to have sentences parsed for it."""
PENALTY = 3.0
MIN_WEIGHT = 8
"""Hundredths of a logit; lighter features are left out of the table."""
_LIMITS = tuple(round(-2 + 0.05 * step, 2) for step in range(50))


class Labelled(NamedTuple):
    """One candidate of one article."""

    key: tuple[int, int]
    """Sentence and cue."""
    owned: frozenset[Span]
    lemma: str
    features: tuple[str, ...]
    gold: tuple[int, ...]
    """Which of the article's annotated statements it is."""


class Labels(NamedTuple):
    """The candidates of one article and how many statements are annotated in it that have a source."""

    rows: list[Labelled]
    wanted: frozenset[int]
    """Annotated statements with a source: those that are to be found."""


def labels_of(article: Article, gold: Sequence[GoldStatement]) -> Labels:
    """Parse an article and label all its candidates."""
    spans = split_sentences(article.text)
    quoted = Quoted(article.text, find_quotations(article.text))
    parsed = parse([(n, span, article.text[slice(*span)]) for n, span in enumerate(spans, 1)])
    rows = [_labelled(one, gold) for sentence in parsed for one in possible(quoted, sentence)]
    return Labels(rows, frozenset(i for i, one in enumerate(gold) if one.source))


def _labelled(one: Possible, gold: Sequence[GoldStatement]) -> Labelled:
    heads = [one.tree.words[head].span for head in one.heads]
    right = (i for i, g in enumerate(gold) if covers(one.content, g.content) and is_speaker(heads, g.source))
    return Labelled(one.key, one.owned, one.candidate.lemma, tuple(sorted(set(one.features))), tuple(right))


class Model(NamedTuple):
    """Weights of the features that were seen often enough."""

    columns: dict[str, int]
    weights: NDArray[np.float64]
    intercept: float

    def score(self, features: Iterable[str]) -> float:
        """Return the logits of a candidate."""
        return self.intercept + float(sum(self.weights[self.columns[f]] for f in features if f in self.columns))


def fit(articles: Sequence[Labels]) -> Model:
    """Fit one model on all candidates of some articles."""
    rows = [row for article in articles for row in article.rows]
    seen = Counter(feature for row in rows for feature in row.features)
    index = {feature: i for i, feature in enumerate(sorted(f for f, n in seen.items() if n >= MIN_SEEN))}
    pairs = [(n, index[f]) for n, row in enumerate(rows) for f in row.features if f in index]
    at = np.array(pairs, np.int64).reshape(-1, 2)
    labels = np.array([bool(row.gold) for row in rows])
    weights, intercept = fit_sparse(at[:, 0], at[:, 1], labels, len(index), PENALTY)
    return Model(index, weights, intercept)


class Counts(NamedTuple):
    """What a limit comes to on articles that the model has not seen."""

    found: int
    right: int
    wanted: int
    hit: int

    @property
    def precision(self) -> float:
        """Share of what is found that is right; 1 when nothing is."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is annotated with a source that is found."""
        return self.hit / self.wanted if self.wanted else 0.0


def held_out_scores(articles: Sequence[Labels]) -> list[list[float]]:
    """Return the score of each candidate of each article by a model that was fitted on other articles."""
    scores: list[list[float]] = [[] for _ in articles]
    for fold in range(FOLDS):
        model = fit([one for i, one in enumerate(articles) if i % FOLDS != fold])
        for i, one in enumerate(articles):
            if i % FOLDS == fold:
                scores[i] = [model.score(row.features) for row in one.rows]
        print(f"fold {fold + 1} of {FOLDS}", file=sys.stderr)
    return scores


def kept(article: Labels, scores: Sequence[float], limit: float) -> list[Labelled]:
    """Return the best candidate of each cue that reaches a limit."""
    return best_of_each_cue(zip(scores, article.rows, strict=True), limit)


def counts(articles: Sequence[Labels], scores: Sequence[Sequence[float]], limit: float) -> Counts:
    """Count what a limit comes to."""
    found = right = hit = 0
    for article, some in zip(articles, scores, strict=True):
        rows = kept(article, some, limit)
        found += len(rows)
        right += sum(bool(row.gold) for row in rows)
        hit += len(article.wanted & {g for row in rows for g in row.gold})
    return Counts(found, right, sum(len(article.wanted) for article in articles), hit)


def best_limit(articles: Sequence[Labels], scores: Sequence[Sequence[float]]) -> tuple[float, Counts]:
    """Return the limit at which the lesser of precision and recall is greatest, and what it comes to."""
    tried = [(limit, counts(articles, scores, limit)) for limit in _LIMITS]
    return max(tried, key=lambda pair: min(pair[1].precision, pair[1].recall))


def cue_lemmas(articles: Sequence[Labels], scores: Sequence[Sequence[float]], limit: float) -> list[str]:
    """Return the lemmas that make statements often enough to parse a sentence for them."""
    right, seen = Counter[str](), Counter[str]()
    for article, some in zip(articles, scores, strict=True):
        seen.update(lemma for lemma, _ in {(_cue_word(row), row.key) for row in article.rows})
        right.update(_cue_word(row) for row in kept(article, some, limit) if row.gold)
    return sorted(lemma for lemma, n in right.items() if n >= MIN_RIGHT and n >= MIN_SHARE * seen[lemma])


def _cue_word(row: Labelled) -> str:
    """Return the lemma, of "be clear" that of "clear"."""
    return row.lemma.split("_")[-1]


def main(argv: Sequence[str] | None = None) -> int:
    """Fit on train and write the table."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.fit_cues", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_EVAL_DATA)")
    parser.add_argument("--out", type=Path, default=TABLE_FILE)
    options = parser.parse_args(argv)
    folder = data_folder(options.data) / "polnear"
    gold = gold_statements(folder / "train")
    articles = [labels_of(one, gold[one.meta.id]) for one in polnear_articles(folder, ("train",)) if one.meta.id in gold]
    table = table_of(articles) | {"data": folder_hash(folder / "train"), "parser": parser_name()}
    options.out.write_text(json.dumps(table, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {options.out}: held out {table['held_out']}", file=sys.stderr)
    return 0


def table_of(articles: Sequence[Labels]) -> dict[str, Any]:
    """Return the table: limit and cues from held-out folds, weights from all articles."""
    scores = held_out_scores(articles)
    limit, reached = best_limit(articles, scores)
    model = fit(articles)
    weights = {feature: round(100 * float(model.weights[i])) for feature, i in model.columns.items()}
    return {
        "made_by": "python -m pullquote.eval.fit_cues",
        "held_out": {"precision": round(reached.precision, 3), "recall": round(reached.recall, 3)},
        "intercept": round(model.intercept, 4),
        "limit": limit,
        "cues": cue_lemmas(articles, scores, limit),
        "weights": {feature: weight for feature, weight in weights.items() if abs(weight) >= MIN_WEIGHT},
    }


if __name__ == "__main__":
    sys.exit(main())
