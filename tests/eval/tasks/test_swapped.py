"""Claims with one fault each: balanced accuracy of each kind, and over all kinds, computed by hand."""

from __future__ import annotations

import pytest

from pullquote.eval.tasks.swapped import FAULTS, swap_metrics, swap_scores
from pullquote.eval.types import CaseResult, EvalCase


def judged(number: int, faults: list[str], supported: bool, believed: bool) -> CaseResult:
    case = EvalCase(f"swaps/{number}", "Ada Pell: The mill burned.", None, extra={"faults": faults, "supported": supported})
    return CaseResult(case.id, f"article-{number % 3}", ("swaps",), swap_scores(case, believed))


def true(number: int, *faults: str, believed: bool = True) -> CaseResult:
    return judged(number, list(faults), True, believed)


def fault(number: int, kind: str, believed: bool = False) -> CaseResult:
    return judged(number, [kind], False, believed)


RESULTS = [
    true(1, "speaker_swapped", "moved", "negated", "number_changed"),
    true(2, "speaker_swapped", believed=False),
    true(3, believed=False),
    fault(4, "speaker_swapped"),
    fault(5, "speaker_swapped", believed=True),
    fault(6, "moved"),
    fault(7, "negated", believed=True),
    fault(8, "number_changed"),
    fault(9, "number_changed"),
    fault(10, "number_changed", believed=True),
]


def test_each_kind_is_measured_against_the_true_claims_that_it_came_from() -> None:
    metrics, _ = swap_metrics(RESULTS)
    found = {name: (metric.value, metric.n) for name, metric in metrics.items()}
    assert found["swap_bacc"] == (pytest.approx((1 / 2 + 1 / 2) / 2), 4)
    assert found["moved_bacc"] == (1.0, 2)
    assert found["negation_bacc"] == (0.5, 2)
    assert found["number_bacc"] == (pytest.approx((1 + 2 / 3) / 2), 4)


def test_over_all_the_kinds_count_alike_and_true_claims_without_faults_do_not() -> None:
    metrics, _ = swap_metrics(RESULTS)
    assert metrics["swaps_bacc"].value == pytest.approx((0.5 + 1.0 + 0.5 + (1 + 2 / 3) / 2) / 4)
    assert metrics["swaps_bacc"].n == 9


def test_believing_everything_is_right_half_the_time() -> None:
    _, trivial = swap_metrics(RESULTS)
    assert {floors["believe"].value for floors in trivial.values()} == {0.5}
    assert set(trivial) == {"swaps_bacc", *(f"{name}_bacc" for name in FAULTS.values())}


def test_a_kind_without_true_claims_is_not_scored() -> None:
    metrics, _ = swap_metrics([fault(1, "moved"), fault(2, "moved")])
    assert (metrics["moved_bacc"].value, metrics["moved_bacc"].n, metrics["moved_bacc"].n_unscored) == (None, 0, 2)
    assert metrics["swaps_bacc"].value is None


def test_failed_claims_are_unscored() -> None:
    failed = CaseResult("swaps/failed", "failed", ("swaps",), {}, {}, "RuntimeError: no model")
    metrics, _ = swap_metrics([*RESULTS, failed])
    assert (metrics["swaps_bacc"].n, metrics["swaps_bacc"].n_unscored) == (9, 1)


def test_claims_of_other_sets_have_no_such_scores() -> None:
    assert swap_scores(EvalCase("wice/1", "The mill burned.", None, extra={"supported": True}), True) == {}
