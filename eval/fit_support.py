"""Fit the verifier's support score: ``python -m pullquote.eval.fit_support [--data DIR]``.

Fitted on WiCE: claims of Wikipedia, supported or partly or not at all by a page of about 80 sentences, by its marked sentences
alone, and (not) by the page without these; and on sentences copied from FoolMeTwice's evidence, as they stand or with one
word negated, one number or one name changed. The trained encoder, whose logits are features, never saw WiCE, but most of those
copied sentences. Not used: e-SNLI (captions) and FoolMeTwice's own claims, with which WiCE and
AttributionBench got worse; AttributionBench and QAGS, whose licences allow evaluation only: the shipped weights were not fitted
on them (the list of features was chosen with an eye on all three). WiCE itself is to be measured by folds (``fold_scores``).

The score is logistic, and no weight may have the wrong sign: overlap never speaks against a claim, a missing number never for it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.datasets import data_folder, folder_hash
from pullquote.eval.datasets.grounding import ClaimCase, wice_claims
from pullquote.eval.fitting import Flags, Rows, fit_probability
from pullquote.eval.statistics import auroc
from pullquote.eval.stores import CachedEncoder
from pullquote.eval.support_cases import SEED, copied_claims, with_best_evidence
from pullquote.qa.rerank import SUPPORT_MODEL, CrossEncoder, cross_encoder, support_encoder
from pullquote.qa.support_features import FEATURES
from pullquote.qa.verification import SUPPORT_FILE, SupportWeights, feature_rows

FOLDS = 5
PENALTY = 60.0
MAX_FALSE_SUPPORT = 0.1
"""Share of WiCE's claims that are not, or only partly, supported and may count as supported: decides the threshold."""
_FOR = ("covered", "word_pairs", "run", "cross", "cross_parts", "trained", "trained_parts")
_AGAINST = (
    "missing_names", "only_name_elsewhere", "missing_numbers", "missing_numbers_share", "only_number_missing",
    "altered_quotes", "negated_in_claim", "negated_in_evidence", "only_negation_differs", "only_denied",
)  # fmt: skip
SIGNS: Mapping[str, int] = dict.fromkeys(_FOR, 1) | dict.fromkeys(_AGAINST, -1)
"""Which sign a weight may have; the others (counts and lengths) may have either."""


def fit_support(rows: Rows, labels: Flags, threshold: float = 0.5) -> SupportWeights:
    """Fit logistic weights; features whose weight has the wrong sign are left out, the worst first."""
    names = list(FEATURES)
    while True:
        columns = [FEATURES.index(name) for name in names]
        slopes, intercept = fit_probability(rows[:, columns], labels, PENALTY)
        wrong = -slopes * np.array([SIGNS.get(name, 0) for name in names]) * rows[:, columns].std(axis=0)
        if not (wrong > 0).any():
            weights = {name: round(float(slope), 5) for name, slope in zip(names, slopes, strict=True)}
            return SupportWeights(weights, round(intercept, 5), threshold)
        del names[int(wrong.argmax())]


def fold_scores(
    cases: Sequence[ClaimCase],
    encoder: CrossEncoder,
    folds: int = FOLDS,
    general: Sequence[ClaimCase] = (),
    trained: CrossEncoder | None = None,
) -> list[float]:
    """Return the support of each case by weights that were fitted without it, or any other case of its cluster.

    They are fitted as the shipped ones: on the cases of the other folds (``with_best_evidence``) and on ``general``
    (``copied_claims``), which are of no fold. Needs cases of both labels in any ``folds - 1`` folds.
    """
    scores: dict[str, float] = {}
    readers = (encoder, trained or CachedEncoder(support_encoder()))
    parts = list(_folds(cases, folds))
    others = _table(general, *readers)
    tables = [_table(list(with_best_evidence(part)), *readers) for part in parts]
    for number, part in enumerate(parts):
        weights = _fitted([*tables[:number], *tables[number + 1 :], others])
        own = feature_rows([(case.claim, case.evidence) for case in part], *readers)
        scores |= {case.id: weights.probability(row) if row else 0.0 for case, row in zip(part, own, strict=True)}
    return [scores[case.id] for case in cases]


def main(argv: Sequence[str] | None = None) -> int:
    """Fit weights and threshold, and write ``qa/support.json``."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.fit_support", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--out", type=Path, default=SUPPORT_FILE)
    options = parser.parse_args(argv)
    data = data_folder(options.data)
    readers = CachedEncoder(cross_encoder()), CachedEncoder(support_encoder())
    claims, copies = wice_claims(data / "wice"), copied_claims(data / "entailment")
    weights = _fitted([_table([*with_best_evidence(claims), *copies], *readers)])
    threshold = _threshold(claims, copies, *readers)
    report = {
        "made_by": "python -m pullquote.eval.fit_support",
        "data": {name: folder_hash(data / name) for name in ("wice", "entailment")},
        "support_model": SUPPORT_MODEL.onnx_sha256[:16],
        "seed": SEED,
        "weights": dict(weights.weights),
        "intercept": weights.intercept,
        "threshold": threshold,
    }
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {options.out}")
    return 0


def _threshold(claims: Sequence[ClaimCase], copies: Sequence[ClaimCase], encoder: CrossEncoder, trained: CrossEncoder) -> float:
    """Return the threshold at which ``MAX_FALSE_SUPPORT`` of the unsupported claims count as supported, out of fold."""
    scores = np.array(fold_scores(claims, encoder, general=copies, trained=trained))
    labels = np.array([claim.supported for claim in claims])
    threshold = round(float(np.quantile(scores[~labels], 1 - MAX_FALSE_SUPPORT)), 2)
    found, area = float((scores[labels] >= threshold).mean()), auroc(list(labels), list(scores))
    print(f"  WiCE out of fold: AUROC {area:.3f}; at {threshold} {found:.0%} of the supported are found", file=sys.stderr)
    return threshold


def _folds(cases: Sequence[ClaimCase], folds: int) -> Iterator[list[ClaimCase]]:
    """Yield the cases of each fold; a cluster is in one fold."""
    clusters = sorted({case.cluster for case in cases})
    random.Random(SEED).shuffle(clusters)
    fold = {cluster: place % folds for place, cluster in enumerate(clusters)}
    return ([case for case in cases if fold[case.cluster] == number] for number in range(folds))


def _table(cases: Sequence[ClaimCase], encoder: CrossEncoder, trained: CrossEncoder) -> tuple[Rows, Flags]:
    """Return the features and labels of the cases that can be judged."""
    rows = feature_rows([(case.claim, case.evidence) for case in cases], encoder, trained)
    kept: list[tuple[list[float], bool]] = [(row, case.supported) for row, case in zip(rows, cases, strict=True) if row]
    table: NDArray[np.float64] = np.array([row for row, _ in kept], np.float64).reshape(-1, len(FEATURES))
    return table, np.array([label for _, label in kept], bool)


def _fitted(tables: Sequence[tuple[Rows, Flags]]) -> SupportWeights:
    return fit_support(np.concatenate([rows for rows, _ in tables]), np.concatenate([labels for _, labels in tables]))


if __name__ == "__main__":
    sys.exit(main())
