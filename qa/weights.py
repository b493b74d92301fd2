"""The numbers that were fitted on data, read from ``weights.json`` (written by ``python -m pullquote.eval.fit``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pullquote.qa.words import Kind

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class KindWeights:
    """What holds for one kind of question."""

    shortlist: Mapping[str, float]
    """Linear weights of the cheap features: which sentences the cross-encoder reads."""
    rank: Mapping[str, float]
    """Linear weights of all features: the final order."""
    answerable: Mapping[str, float]
    """Logistic weights (with ``intercept``): does the best sentence answer?"""
    threshold: float
    """Least probability at which a question is answered."""
    margin: float
    """How far below the best rank score a further answer sentence may lie."""
    wide_margin: float
    """The same for questions that ask for several answers."""
    sure_cross: float = 99.0
    """Logit of the cross-encoder from which on a sentence that stands out answers, however few words it shares."""
    selection: Mapping[str, float] = field(default_factory=dict)
    """Logistic weights (with ``intercept`` and ``threshold``): does a sentence of the best one's article belong to the
    answer? Empty: the margin decides there, too."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All fitted numbers."""

    statement: KindWeights
    fact: KindWeights

    def of(self, kind: Kind) -> KindWeights:
        """Return the weights for a kind of question."""
        return self.statement if kind == "statement" else self.fact


@cache
def shipped_weights() -> Weights:
    """Return the weights that come with the package."""
    return read_weights(WEIGHTS_FILE)


@cache
def weights_hash() -> str:
    """Return 12 hex digits of SHA-256 over the shipped weights."""
    return hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest()[:12]


def read_weights(path: Path) -> Weights:
    """Return the weights in a file."""
    kinds = json.loads(path.read_text(encoding="utf-8"))["kinds"]
    return Weights(statement=KindWeights(**kinds["statement"]), fact=KindWeights(**kinds["fact"]))
