"""Where stderr is no terminal, a line tells now and then how far a run is and how long it still takes."""

from __future__ import annotations

import io

from pullquote.eval.progress import Lines


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def lines(total: int, done: int, seconds_each: float) -> list[str]:
    """What is told of a task with these cases."""
    stream, clock = io.StringIO(), Clock()
    progress = Lines(stream, clock)
    progress.begin("quiz", total, done)
    for _ in range(total - done):
        clock.now += seconds_each
        progress.step()
    progress.end()
    progress.end()
    return stream.getvalue().splitlines()


def test_a_line_comes_every_ten_seconds_and_at_the_end() -> None:
    assert lines(10, 0, 4.0) == [
        "quiz: 3 of 10 cases, 28 s left",
        "quiz: 6 of 10 cases, 16 s left",
        "quiz: 9 of 10 cases, 4 s left",
        "quiz: 10 of 10 cases, 40 s",
    ]


def test_quick_cases_are_told_at_the_end_only() -> None:
    assert lines(100, 0, 0.01) == ["quiz: 100 of 100 cases, 1 s"]


def test_cases_of_an_earlier_run_count_as_done_and_not_as_fast() -> None:
    assert lines(1000, 998, 60.0) == ["quiz: 999 of 1,000 cases, 1 min left", "quiz: 1,000 of 1,000 cases, 2 min"]


def test_hours_are_told_as_hours() -> None:
    assert lines(2, 0, 4800.0)[0] == "quiz: 1 of 2 cases, 1 h 20 min left"
