"""Whether a system answers when it can and abstains when it cannot, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["right", "acceptable", "missing", "wrong"]
_TRUTHFULNESS: dict[Outcome, float] = {"right": 1.0, "acceptable": 0.5, "missing": 0.0, "wrong": -1.0}


def false_answer(answerable: bool, abstained: bool) -> float | None:
    """Return 1 when an unanswerable question was answered, 0 when it was not; None: the question is answerable.

    The mean is the false-answer rate, ``|U and not abstained| / |U|``; say it beside the false-refusal rate only.
    """
    return None if answerable else float(not abstained)


def false_refusal(answerable: bool, abstained: bool) -> float | None:
    """Return 1 when an answerable question was refused, 0 when it was not; None: the question is unanswerable.

    The mean is the false-refusal rate, ``|A and abstained| / |A|``.
    """
    return float(abstained) if answerable else None


def truthfulness(outcome: Outcome) -> float:
    """Return CRAG's score of one answer: +1 right, +0.5 acceptable, 0 missing (abstained), -1 wrong (Yang et al. 2024).

    The mean, from -1 to 1, is CRAG's truthfulness (arXiv 2406.04744).
    """
    return _TRUTHFULNESS[outcome]


@dataclass(frozen=True, slots=True)
class AbstentionScore:
    """Abstaining, taken as finding the unanswerable questions; None is "not scored"."""

    precision: float | None
    """``|abstained and U| / |abstained|``; None: never abstained."""
    recall: float | None
    """``|abstained and U| / |U|``; None: all questions are answerable."""
    f1: float | None
    """``2 |abstained and U| / (|abstained| + |U|)``; None: both are empty."""


def abstention_score(answerable: Sequence[bool], abstained: Sequence[bool]) -> AbstentionScore:
    """Return precision, recall and F1 of abstaining over many cases (as in Feng et al. 2024, arXiv 2402.00367)."""
    both = sum(refused and not can for can, refused in zip(answerable, abstained, strict=True))
    refusals, unanswerable = sum(abstained), len(answerable) - sum(answerable)
    return AbstentionScore(
        precision=both / refusals if refusals else None,
        recall=both / unanswerable if unanswerable else None,
        f1=2 * both / (refusals + unanswerable) if refusals + unanswerable else None,
    )
