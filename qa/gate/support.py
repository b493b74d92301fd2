"""How well citations support a sentence: a verifier's estimate, asked for many sentences at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from pullquote.qa.gate.periods import in_units_of
from pullquote.qa.gate.wordings import normal
from pullquote.qa.types import Evidence
from pullquote.qa.verification import Verifier

LIMITS_FILE = Path(__file__).with_name("limits.json")
"""Written by ``python -m pullquote.eval.fit_gate``."""
Pair = tuple[str, Sequence[Evidence]]
"""A sentence and what it cites."""


class Judge(Protocol):
    """What the gate asks of a verifier."""

    @property
    def threshold(self) -> float:
        """Least support at which a claim counts as supported."""

    def supports(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return the support, 0 to 1, of each pair of claim and evidence."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Least support, 0 to 1, behind the rules: they catch most faults, so less is asked than of a claim judged without them."""

    whole: float
    """Of a sentence."""
    part: float
    """Of a part that shares no word with what is cited, judged alone."""
    alone: float
    """Of a sentence of which the rules cannot tell: the verifier's own threshold."""


def limits_of(verifier: Judge) -> Limits:
    """Return the limits that were fitted for the built-in verifier; of any other judge its own threshold."""
    whole, part = shipped_limits() if isinstance(verifier, Verifier) else (verifier.threshold, verifier.threshold)
    return Limits(whole, part, verifier.threshold)


@cache
def shipped_limits() -> tuple[float, float]:
    """Return the limits of sentences and of parts that come with the package."""
    found = json.loads(LIMITS_FILE.read_text(encoding="utf-8"))
    return float(found["whole"]), float(found["part"])


def support_scores(pairs: Sequence[Pair], verifier: Judge) -> list[float]:
    """Return the support of each sentence by what it cites, 0 to 1; of a cited sentence's copy it is 1."""
    copies = [is_copy(text, cited) for text, cited in pairs]
    asked = [_asked(text, _texts(cited)) for (text, cited), copy in zip(pairs, copies, strict=True) if not copy]
    scores = iter(verifier.supports(asked) if asked else ())
    return [1.0 if copy else min(1.0, max(0.0, float(next(scores)))) for copy in copies]


def is_copy(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether a sentence is, typography apart, all of a cited sentence."""
    wanted = _plain(text)
    return bool(wanted) and any(wanted == _plain(piece.sentence.text) for piece in cited)


def _asked(text: str, texts: list[str]) -> tuple[str, list[str]]:
    return in_units_of(text, texts), texts


def _texts(cited: Sequence[Evidence]) -> list[str]:
    return [piece.sentence.text for piece in cited]


def _plain(text: str) -> str:
    return normal(text).strip(" .,;:!-")
