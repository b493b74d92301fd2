"""From the numbers of each store to a row of the table, and the bars they are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pullquote.eval.statistics import quantile, statistic_interval

ASK_RATIO, FILTER_S, DELETE_S, FIRST_S = 1.5, 0.05, 0.2, 10.0
FIRST_CHUNKS = 100_000
"""The first answer of a larger store may take longer: all files of the vector index are read then, and compared."""
COLUMNS = (
    "articles",
    "chunks",
    "add_per_s",
    "first_s",
    "ask_p50_s",
    "ask_p95_s",
    "ratio",
    "filter_s",
    "filter_adds_s",
    "delete_s",
    "memory_mb",
    "disk_kb",
)
Numbers = Mapping[str, Any]


def row_of(measured: Numbers, first: Numbers | None) -> dict[str, Any]:
    """Return what one store's numbers come to; ``first`` is the row of the smallest store, which ratios are to.

    ``first_s`` is from the start of the process to its first answer, the reading of the questions apart; ``filter_s`` the
    slowest filter by itself, ``filter_adds_s`` the most that one adds to the median answer, the reading of the cross-encoder
    apart; ``disk_kb`` is per article.
    """
    ask, grown = measured["ask_s"], measured["grown"]
    filters = measured["filters"]
    plain = _steps(measured)[: len(next(iter(filters.values()))["ask_s"])]
    adds = {name: quantile(one["ask_s"], 0.5) - quantile(plain, 0.5) for name, one in filters.items()}
    row = {
        "articles": measured["articles"],
        "chunks": measured["chunks"],
        "first_s": round(measured["first_answer_s"], 2),
        "add_per_s": round(grown["added"] / grown["seconds"], 1) if grown["added"] else "",
        "add_peak_mb": grown["peak_mb"],
        "ask_p50_s": round(quantile(ask, 0.5), 3),
        "ask_p95_s": round(quantile(ask, 0.95), 3),
        "laps_p50_s": {name: round(quantile(laps, 0.5), 4) for name, laps in measured["laps_s"].items()},
        "gold_cited": round(sum(measured["gold_cited"]) / len(ask), 3),
        "filter_s": round(max(max(one["set_s"], one["page_s"]) for one in filters.values()), 4),
        "filter_adds_s": round(max(adds.values()), 4),
        "filters": {
            name: {
                "articles": one["articles"],
                "set_s": round(one["set_s"], 4),
                "page_s": round(one["page_s"], 4),
                "adds_s": round(adds[name], 4),
            }
            for name, one in filters.items()
        },
        "delete_s": round(quantile(measured["delete_s"], 0.5), 3),
        "delete_max_s": round(max(measured["delete_s"]), 3),
        "memory_mb": measured["memory_mb"],
        "disk_mb": round(measured["disk_bytes"] / 2**20, 1),
        "disk_kb": round(measured["disk_bytes"] / 1024 / measured["articles"], 1),
        "ask_s": [round(seconds, 4) for seconds in ask],
    }
    return row | {"ratio": 1.0, "ratio_interval": None} if first is None else row | _ratio(row["ask_s"], first["ask_s"])


def _steps(measured: Numbers) -> list[float]:
    """Return the seconds of each unfiltered answer, the reading of the cross-encoder apart: it reads as much anywhere."""
    laps = [values for name, values in measured["laps_s"].items() if name != "rerank"]
    return [sum(values) for values in zip(*laps, strict=True)]


def _ratio(ask: Sequence[float], first: Sequence[float]) -> dict[str, Any]:
    """Return how many times longer the median answer takes, with its interval: the questions are the same."""

    def of(places: NDArray[np.intp]) -> float:
        return quantile([ask[i] for i in places], 0.5) / quantile([first[i] for i in places], 0.5)

    found = statistic_interval(of, range(len(ask)))
    interval = None if found is None else [round(found.low, 3), round(found.high, 3)]
    return {"ratio": round(of(np.arange(len(ask))), 3), "ratio_interval": interval}


def rows_per_article(rows: Sequence[dict[str, Any]]) -> None:
    """Add to each row but the first how much more memory each further article takes, in kilobytes."""
    for row in rows[1:]:
        more = row["articles"] - rows[0]["articles"]
        row["memory_kb"] = round((row["memory_mb"] - rows[0]["memory_mb"]) * 1024 / more, 2)


def broken_bars(rows: Sequence[Numbers]) -> list[str]:
    """Return which bars were not reached, one line each."""
    broken = []
    for row in rows:
        held = (
            *([(row["first_s"], FIRST_S, "s to the first answer")] if row["chunks"] <= FIRST_CHUNKS else []),
            (row["ratio"], ASK_RATIO, "times the median answer"),
            (row["filter_s"], FILTER_S, "s for a filter"),
            (row["filter_adds_s"], FILTER_S, "s more for a filtered answer"),
            (row["delete_s"], DELETE_S, "s for deleting"),
        )
        broken += [f"{row['articles']:,} articles: {value} {what}, not {bar}" for value, bar, what in held if value > bar]
    return broken
