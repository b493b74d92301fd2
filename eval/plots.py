"""Where the marks of a report's plots lie; the template draws them, the metrics compute them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pullquote.eval.metrics.confidence import (
    ReliabilityBin,
    RiskPoint,
    accuracy_at_coverage,
    aurc,
    calibration_error,
    coverage_at_risk,
    reliability_bins,
    risk_coverage,
)
from pullquote.eval.types import CaseResult, Metric
from pullquote.eval.wording import percent_text

MIN_CASES = 20
"""With fewer a curve says nothing."""
MIN_COVERAGE = 0.05
"""Below it, a risk-coverage curve is noise: a handful of cases."""
MAX_POINTS = 200

WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 22, 14, 42
"""Room for the labels; of a plot in its own units."""
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_RADIUS = 15.0


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """One metric on a line from 0 to 1; places in percent of its width."""

    value: float
    low: float
    high: float
    bar: float | None
    floors: tuple[tuple[str, float], ...]


def interval_plot(metric: Metric, floors: Mapping[str, Metric], bar: float | None) -> IntervalPlot | None:
    """Return the marks of a metric; None where it has no value or is no share."""
    if metric.value is None:
        return None
    low, high = (metric.value if end is None else end for end in (metric.low, metric.high))
    beside = {name: floor.value for name, floor in sorted(floors.items()) if floor.value is not None}
    places = [metric.value, low, high, *beside.values(), *([] if bar is None else [bar])]
    if not all(0 <= place <= 1 for place in places):
        return None
    marks = tuple((name, _percent(value)) for name, value in beside.items())
    return IntervalPlot(_percent(metric.value), _percent(low), _percent(high), None if bar is None else _percent(bar), marks)


@dataclass(frozen=True, slots=True)
class Tick:
    """A number on an axis and where it stands."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class RiskPlot:
    """Risk against coverage; places in the plot's own units."""

    line: str
    """Points of a polyline, surest cases first."""
    overall: float
    """Height of the risk when everything is answered."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    n: int
    error_rate: float
    aurc: float
    right_in_surest_half: float
    coverage_at_tenth: float
    """Largest coverage at a risk of at most 10 %."""


@dataclass(frozen=True, slots=True)
class ReliabilityPlot:
    """How often a confidence was right; places in the plot's own units."""

    dots: tuple[tuple[float, float, float, ReliabilityBin], ...]
    """x, y, radius (area by cases), and what it stands for."""
    diagonal: tuple[float, float, float, float]
    """x and y of both ends."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    n: int
    ece: float


def confident_cases(cases: Sequence[CaseResult]) -> tuple[list[float], list[float]]:
    """Return the confidence and the correctness (0 to 1) of the cases that have both."""
    pairs = [
        (float(confidence), float(correct))
        for case in cases
        if isinstance(confidence := case.detail.get("confidence"), int | float)
        and (correct := case.scores.get("correct")) is not None
        and math.isfinite(confidence)
        and 0 <= correct <= 1
    ]
    return [confidence for confidence, _ in pairs], [correct for _, correct in pairs]


def risk_plot(cases: Sequence[CaseResult]) -> RiskPlot | None:
    """Return risk against coverage, or None where confidences tell too few cases apart."""
    confidences, correct = confident_cases(cases)
    if len(confidences) < MIN_CASES or len(set(confidences)) < 2:
        return None
    drawn = _thinned([point for point in risk_coverage(confidences, correct) if point.coverage >= MIN_COVERAGE])
    top = next(scale for scale in _SCALES if scale >= max(point.risk for point in drawn) - 1e-9)
    area, half = aurc(confidences, correct), accuracy_at_coverage(confidences, correct, 0.5)
    return RiskPlot(
        line=" ".join(f"{_x(point.coverage)},{_y(point.risk / top)}" for point in drawn),
        overall=_y(drawn[-1].risk / top),
        x_ticks=_x_ticks(),
        y_ticks=tuple(Tick(_y(part), percent_text(part * top)) for part in (0, 0.5, 1)),
        n=len(confidences),
        error_rate=drawn[-1].risk,
        aurc=area or 0.0,
        right_in_surest_half=half or 0.0,
        coverage_at_tenth=coverage_at_risk(confidences, correct, 0.1) or 0.0,
    )


def reliability_plot(cases: Sequence[CaseResult]) -> ReliabilityPlot | None:
    """Return how often each confidence was right, or None where confidences are no probabilities."""
    confidences, correct = confident_cases(cases)
    if len(confidences) < MIN_CASES or not all(0 <= confidence <= 1 for confidence in confidences):
        return None
    bins = reliability_bins(confidences, correct)
    most = max(row.n for row in bins)
    dots = [(_x(b.confidence), _y(b.accuracy), round(_RADIUS * math.sqrt(b.n / most), 1), b) for b in bins]
    return ReliabilityPlot(
        dots=tuple(dots),
        diagonal=(_x(0), _y(0), _x(1), _y(1)),
        x_ticks=_x_ticks(),
        y_ticks=tuple(Tick(_y(part), percent_text(part)) for part in (0, 0.5, 1)),
        n=len(confidences),
        ece=calibration_error(confidences, correct) or 0.0,
    )


def _thinned(points: Sequence[RiskPoint]) -> list[RiskPoint]:
    """Return at most about ``MAX_POINTS`` of the points, the last among them."""
    step = math.ceil(len(points) / MAX_POINTS)
    return [*points[:-1:step], points[-1]]


def _x_ticks() -> tuple[Tick, ...]:
    return tuple(Tick(_x(part), percent_text(part)) for part in (0, 0.25, 0.5, 0.75, 1))


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _percent(share: float) -> float:
    return round(100 * share, 2)
