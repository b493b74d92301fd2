"""Times of day."""

from __future__ import annotations

import pytest

from pullquote.qa.gate.clock import hours_of, missing_times, times_of


@pytest.mark.parametrize(
    ("text", "other"),
    [("at 9:47 p.m.", "at 21:47"),
     ("at noon", "at 12 p.m."), ("shortly before midnight", "at 11:52 p.m."), ("around 5 a.m.", "at 4:45 a.m."),
     ("at 9:47", "at 9:47 p.m.")],
)  # fmt: skip
def test_two_times_may_be_one(text: str, other: str) -> None:
    assert missing_times(times_of(text)[0], [other]) == ()


@pytest.mark.parametrize(
    ("text", "other"), [("at 9:47 p.m.", "at 9:47 a.m."), ("around 5 a.m.", "at 6 a.m."), ("at 5 a.m.", "at 5:30 a.m.")]
)
def test_two_times_are_two(text: str, other: str) -> None:
    assert missing_times(times_of(text)[0], [other]) == (times_of(text)[0][0].text,)


def test_the_rest_and_the_hours_are_told() -> None:
    assert times_of("By 6 p.m. 11,400 homes, a 3:1 vote")[1].split() == ["By", "11,400", "homes,", "a", "3:1", "vote"]
    assert hours_of("at 6 p.m.") == {18.0, 6.0}


@pytest.mark.parametrize(
    ("text", "count"),
    [("a hot midday meal", 0), ("at midday hundreds came", 1), ("until noon on Monday", 1), ("By midnight, all", 1), ("noon", 1)],
)
def test_a_midday_meal_is_at_no_time_of_day(text: str, count: int) -> None:
    assert len(times_of(text)[0]) == count
