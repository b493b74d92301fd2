"""Whether evidence supports a claim, judged without a language model: two cross-encoders, and what the words tell."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from pullquote.index.cores import threads_to_use
from pullquote.index.once import once
from pullquote.qa.rerank import CrossEncoder, cross_encoder, support_encoder
from pullquote.qa.support_features import FEATURES, Reading, reading_of, support_features

SUPPORT_FILE = Path(__file__).with_name("support.json")
"""Written by ``python -m pullquote.eval.fit_support``."""


@dataclass(frozen=True, slots=True)
class SupportWeights:
    """The numbers that were fitted on data."""

    weights: Mapping[str, float]
    """Logistic weights by feature; a feature that is not named counts for nothing."""
    intercept: float
    threshold: float
    """Least probability at which a claim counts as supported."""

    def probability(self, features: Sequence[float]) -> float:
        """Return the probability that a claim with these features (as in ``FEATURES``) is supported."""
        pairs = zip(FEATURES, features, strict=True)
        total = self.intercept + math.fsum(self.weights.get(name, 0.0) * float(value) for name, value in pairs)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


class Verifier:
    """Judges claims; safe to call from several threads if its cross-encoder is, which is called from several, too."""

    def __init__(
        self,
        encoder: CrossEncoder | None = None,
        weights: SupportWeights | None = None,
        trained: CrossEncoder | None = None,
    ) -> None:
        """Take the bundled cross-encoder, the one that was trained to tell support and the shipped weights where none are given.

        Raises:
            ModelError: the bundled model's files are missing or damaged.
        """
        self._encoder = encoder or cross_encoder()
        self._trained = trained or support_encoder()
        self._weights = weights or shipped_support()

    @property
    def threshold(self) -> float:
        """Least support at which a claim counts as supported."""
        return self._weights.threshold

    def support(self, claim: str, evidence: Sequence[str]) -> float:
        """Return the estimated probability, 0 to 1, that the evidence sentences support all of the claim.

        The order of the evidence does not matter, nor how it is cut into strings: strings are split into sentences. What
        cannot be judged has no support: no evidence, no words, or a claim of more than ``claims.MAX_CHARS`` characters.
        """
        return self.supports([(claim, evidence)])[0]

    def supports(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return the support of each pair of claim and evidence, each independent of the others."""
        return [self._weights.probability(row) if row else 0.0 for row in feature_rows(pairs, self._encoder, self._trained)]

    def is_supported(self, claim: str, evidence: Sequence[str]) -> bool:
        """Whether the support is enough."""
        return self.support(claim, evidence) >= self.threshold


def feature_rows(pairs: Sequence[tuple[str, Sequence[str]]], encoder: CrossEncoder, trained: CrossEncoder) -> list[list[float]]:
    """Return the features of each pair of claim and evidence; none for a pair that cannot be judged."""
    readings = [reading_of(claim, evidence) for claim, evidence in pairs]
    asked = [(question, reading.text) for reading in readings if reading for question in reading.questions]
    jobs = [(one, *pair) for one in (encoder, trained) for pair in asked]
    # One text is one core's work for an encoder: they are asked from as many threads as there are cores.
    with ThreadPoolExecutor(threads_to_use(), thread_name_prefix="support") as pool:
        logits = list(pool.map(lambda job: job[0].scores(job[1], [job[2]])[0], jobs))
    answers, supports = iter(logits[: len(asked)]), iter(logits[len(asked) :])
    return [_row(reading, answers, supports) if reading else [] for reading in readings]


def _row(reading: Reading, answers: Iterator[float], supports: Iterator[float]) -> list[float]:
    count = len(reading.questions)
    return [float(value) for value in support_features(reading, list(islice(answers, count)), list(islice(supports, count)))]


@once
def built_in_verifier() -> Verifier:
    """Return the verifier that comes with the package, loaded once per process."""
    return Verifier()


@cache
def shipped_support() -> SupportWeights:
    """Return the weights that come with the package."""
    return read_support(SUPPORT_FILE)


@cache
def support_hash() -> str:
    """Return 12 hex digits of SHA-256 over the shipped weights."""
    return hashlib.sha256(SUPPORT_FILE.read_bytes()).hexdigest()[:12]


def read_support(path: Path) -> SupportWeights:
    """Return the weights in a file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return SupportWeights(found["weights"], found["intercept"], found["threshold"])
