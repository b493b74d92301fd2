"""How well citations support a sentence: a verifier's estimate, asked for many sentences at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pullquote.qa.gate.wordings import normal
from pullquote.qa.types import Evidence

Pair = tuple[str, Sequence[Evidence]]
"""A sentence and what it cites."""


class Judge(Protocol):
    """What the gate asks of a verifier."""

    @property
    def threshold(self) -> float:
        """Least support at which a claim counts as supported."""

    def supports(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        """Return the support, 0 to 1, of each pair of claim and evidence."""


def support_scores(pairs: Sequence[Pair], verifier: Judge) -> list[float]:
    """Return the support of each sentence by what it cites, 0 to 1; of a cited sentence's copy it is 1."""
    copies = [is_copy(text, cited) for text, cited in pairs]
    asked = [(text, _texts(cited)) for (text, cited), copy in zip(pairs, copies, strict=True) if not copy]
    scores = iter(verifier.supports(asked) if asked else ())
    return [1.0 if copy else min(1.0, max(0.0, float(next(scores)))) for copy in copies]


def is_copy(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether a sentence is, typography apart, all of a cited sentence."""
    wanted = _plain(text)
    return bool(wanted) and any(wanted == _plain(piece.sentence.text) for piece in cited)


def _texts(cited: Sequence[Evidence]) -> list[str]:
    return [piece.sentence.text for piece in cited]


def _plain(text: str) -> str:
    return normal(text).strip(" .,;:!-")
