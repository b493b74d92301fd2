"""Numbers in words: short, and never saying more than is so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.types import Metric
from pullquote.eval.wording import chance_text, duration_text, flat, interval_text, number_text, signed_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not scored"), (0, "0.000"), (1, "1.000"), (0.6834, "0.683"), (-0.25, "-0.250"), (12.36, "12.4"), (1830.2, "1,830")],
)
def test_a_number_has_about_three_digits(value: float | None, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.9996, "0.9996"), (0.0004, "0.0004"), (0.000012, "0.000012"), (-0.99999, "-0.99999")]
)
def test_a_rate_that_is_nearly_one_or_nought_is_not_said_to_be(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(-2, 2))
def test_a_text_is_close_to_its_number(value: float) -> None:
    assert float(number_text(value)) == pytest.approx(value, abs=0.0005)


@pytest.mark.parametrize(("value", "text"), [(0.012, "+0.012"), (-0.3, "-0.300"), (0.0, "0.000")])
def test_a_difference_has_a_sign(value: float, text: str) -> None:
    assert signed_text(value) == text


def test_a_p_value_is_not_nought() -> None:
    assert (chance_text(0.0123), chance_text(1e-9)) == ("p = 0.012", "p < 0.001")


def test_an_interval_that_is_not_there_is_not_written() -> None:
    assert interval_text(Metric(0.5, 0.4, 0.6, 3)) == "0.400 – 0.600"
    assert interval_text(Metric(None, None, None, 0)) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2149, "0.21 s"), (38.4, "38 s"), (99.7, "2 min"), (754, "13 min"), (3600, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_a_duration_is_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_nested_values_have_names_with_dots() -> None:
    assert list(flat({"b": {"y": 1, "x": [1, "z"]}, "a": None})) == [("a", "none"), ("b.x", "1, z"), ("b.y", "1")]
