"""How likely a candidate is a statement: a logistic model over names of features, from a table fitted on annotated news."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

TABLE_FILE = Path(__file__).with_name("cues.json")
"""Written by ``python -m pullquote.eval.fit_cues``."""


@dataclass(frozen=True, slots=True)
class CueTable:
    """What was learnt of cues."""

    weights: Mapping[str, float]
    """Of features, in logits."""
    intercept: float
    limit: float
    """Least score, in logits, of what is taken for a statement."""
    cues: frozenset[str]
    """Lemmas that can be a cue; a sentence without one, and without quotation marks, is not parsed."""

    def score(self, features: Iterable[str]) -> float:
        """Return the logits that a candidate with these features is a statement."""
        weights = self.weights
        return self.intercept + sum(weights.get(feature, 0.0) for feature in set(features))


@cache
def shipped_table() -> CueTable:
    """Read the table that comes with the package."""
    row = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    weights = {feature: value / 100 for feature, value in row["weights"].items()}
    return CueTable(weights, row["intercept"], row["limit"], frozenset(row["cues"]))


@cache
def table_hash() -> str:
    """Return a short hash of the table."""
    return sha256(TABLE_FILE.read_bytes()).hexdigest()[:12]
