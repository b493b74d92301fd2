"""What answers cost: tokens, and US dollars where somebody gave the prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from pullquote.eval.types import CaseResult

PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a language model, in US dollars per million tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """Means per question that was asked."""

    prompt: float
    completion: float
    n: int
    """Questions that were asked; a case may ask several, or none."""

    @property
    def total(self) -> float:
        """Prompt and completion together."""
        return self.prompt + self.completion


def mean_tokens(results: Iterable[CaseResult]) -> Tokens | None:
    """Return the mean tokens per question over all answers that cases asked for, failed ones too; None: nothing was asked."""
    spent = [(result.answers, result.prompt_tokens, result.completion_tokens) for result in results]
    answers, prompt, completion = (sum(row[place] for row in spent) for place in range(3))
    return Tokens(prompt / answers, completion / answers, answers) if answers else None


def cost_usd(tokens: Tokens | None, prices: Prices | None) -> float | None:
    """Return US dollars per question; None, "not scored", without prices or without questions: unknown is not free."""
    if tokens is None or prices is None:
        return None
    return fsum((tokens.prompt * prices.prompt, tokens.completion * prices.completion)) / PER_MILLION


def cost_timings(results: Iterable[CaseResult], prices: Prices | None) -> dict[str, float]:
    """Return what stands beside the timings of a task: ``prompt_tokens``, ``completion_tokens`` and ``usd`` per question.

    Nothing where no tokens were spent, which is how engines without a language model answer; no ``usd`` without prices.
    """
    tokens = mean_tokens(results)
    if tokens is None or not tokens.total:
        return {}
    usd = cost_usd(tokens, prices)
    return {"prompt_tokens": tokens.prompt, "completion_tokens": tokens.completion} | ({} if usd is None else {"usd": usd})
