"""How well a ranked list puts what is relevant first; defined as trec_eval does, which ir-measures wraps."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from math import log2


def recall_at_k(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float | None:
    """Return the share of relevant items that are among the first ``k`` (trec_eval ``recall_k``); None: nothing is relevant."""
    wanted = set(relevant)
    return len(wanted & set(ranked[: _depth(k)])) / len(wanted) if wanted else None


def hits_at_k(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float | None:
    """Return 1 when any relevant item is among the first ``k``, else 0 (trec_eval ``success_k``); None: nothing is relevant."""
    wanted = set(relevant)
    return float(not wanted.isdisjoint(ranked[: _depth(k)])) if wanted else None


def reciprocal_rank(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int | None = None) -> float | None:
    """Return 1 / rank of the first relevant item, 0 when there is none among the first ``k`` (trec_eval ``recip_rank``).

    Its mean over cases is the MRR. None: nothing is relevant.
    """
    wanted = set(relevant)
    if not wanted:
        return None
    shown = ranked if k is None else ranked[: _depth(k)]
    return next((1 / rank for rank, item in enumerate(shown, 1) if item in wanted), 0.0)


def ndcg_at_k(
    ranked: Sequence[Hashable], relevant: Collection[Hashable] | Mapping[Hashable, float], k: int | None = None
) -> float | None:
    """Return DCG / ideal DCG of the first ``k``, ``DCG = sum of gain / log2(rank + 1)`` (Järvelin & Kekäläinen 2002).

    ``relevant`` maps items to gains; as a plain collection every gain is 1. Gains enter as they are, as in trec_eval's
    ``ndcg_cut_k``, not as powers of two. An item that comes again keeps its rank but gains nothing. None: nothing is relevant.
    """
    gains = relevant if isinstance(relevant, Mapping) else dict.fromkeys(relevant, 1.0)
    positive = sorted((gain for gain in gains.values() if gain > 0), reverse=True)
    if not positive:
        return None
    depth = max(len(ranked), len(positive)) if k is None else _depth(k)
    return min(1.0, _dcg(_first_gains(ranked[:depth], gains)) / _dcg(positive[:depth]))


def _first_gains(ranked: Sequence[Hashable], gains: Mapping[Hashable, float]) -> Iterator[float]:
    seen: set[Hashable] = set()
    for item in ranked:
        yield 0.0 if item in seen else max(0.0, gains.get(item, 0.0))
        seen.add(item)


def _dcg(gains: Iterator[float] | Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _depth(k: int) -> int:
    if k < 1:
        raise ValueError(f"k is {k}: a list is cut at rank 1 or later")
    return k
