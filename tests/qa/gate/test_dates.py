"""Dates, and the days that evidence may mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.dates import dates_of, days_meant, missing_dates, years_meant
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("on 3 May 2024", (2024, 5, 3, None)), ("on May 3, 2024", (2024, 5, 3, None)), ("on Sept. 3", (None, 9, 3, None)),
        ("on 2024-05-03", (2024, 5, 3, None)), ("in March 2024", (2024, 3, None, None)), ("on Mondays", (None, None, None, 0)),
        ("in May", (None, 5, None, None)), ("the 3rd of October", (None, 10, 3, None)),
    ],
)  # fmt: skip
def test_dates_are_read_as_they_are_written(text: str, named: tuple[int | None, ...]) -> None:
    (found,), _ = dates_of(text)
    assert (found.year, found.month, found.day, found.weekday) == named


@pytest.mark.parametrize("text", ["They may march on.", "He sat for 40 days.", "May we?", "He paid 12 marks."])
def test_other_words_are_no_dates(text: str) -> None:
    assert dates_of(text) == ((), text)


def test_a_weekday_means_the_days_about_publication(cite: Cite) -> None:
    (piece,) = cite(1)
    assert sorted(day.isoformat() for day in days_meant(piece)) == ["2023-09-11", "2023-09-18"]
    assert years_meant(piece) == {2023.0}
    assert missing_dates(dates_of("on 11 September 2023, a Monday")[0], [piece]) == ()
    assert missing_dates(dates_of("on 12 September")[0], [piece]) == ("12 September",)


def test_no_date_at_all_means_the_day_itself(cite: Cite) -> None:
    assert [day.isoformat() for day in days_meant(cite(3)[0])] == ["2023-09-12"]
    assert days_meant(cite(2)[0]) == frozenset()
    assert missing_dates(dates_of("on 31 February")[0], []) == ("31 February",)
