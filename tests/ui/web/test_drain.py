"""Answers are counted, none begins once the server stops, and nobody asks too fast."""

from __future__ import annotations

import pytest

from pullquote.index.errors import SettingsError
from pullquote.ui.web.drain import Drain, Draining, Pace, TooFast


def test_answers_in_flight_are_counted_and_none_begins_after_the_stop() -> None:
    drain = Drain()
    with drain.answer(), drain.answer():
        assert (drain.answers, drain.stopping) == (2, False)
        drain.stop()
        with pytest.raises(Draining, match="is stopping and takes no new questions"), drain.answer():
            pytest.fail("an answer began")
        assert drain.answers == 2
    assert (drain.answers, drain.stopping) == (0, True)


def test_an_answer_that_fails_is_over() -> None:
    drain = Drain()
    with pytest.raises(ValueError, match="broken"), drain.answer():
        raise ValueError("broken")
    assert drain.answers == 0


def test_the_twenty_first_question_of_a_minute_waits_until_the_first_is_a_minute_old() -> None:
    pace = Pace(20)
    for second in range(20):
        pace.check("a", "here", now_s=float(second))
    with pytest.raises(TooFast, match=r"ask again in 30 seconds\.") as refused:
        pace.check("a", "here", now_s=30.5)
    assert refused.value.wait_s == 30
    pace.check("b", "here", now_s=30.5)
    pace.check("a", "here", now_s=60.0)
    with pytest.raises(TooFast, match=r"ask again in 1 second\."):
        pace.check("a", "here", now_s=60.5)


def test_a_refused_question_does_not_count() -> None:
    pace = Pace(1)
    pace.check("a", "here", now_s=0.0)
    for tenth in range(100):
        with pytest.raises(TooFast):
            pace.check("a", "here", now_s=tenth / 10)
    pace.check("a", "here", now_s=60.0)


def test_one_address_may_ask_three_times_as_much_as_one_session() -> None:
    pace = Pace(20)
    for number in range(60):
        pace.check(f"session {number}", "here", now_s=0.0)
    with pytest.raises(TooFast):
        pace.check("another", "here", now_s=1.0)
    pace.check("another", "there", now_s=1.0)


def test_nobody_is_held_up_for_being_unknown() -> None:
    pace = Pace(1)
    for _ in range(10):
        pace.check("", "", now_s=0.0)


def test_what_is_remembered_does_not_grow_for_ever() -> None:
    pace = Pace(20)
    for number in range(30_000):
        pace.check(f"session {number}", "", now_s=float(number))
    assert len(pace._asked) < 10_100


def test_the_pace_is_set_by_a_whole_number_and_zero_switches_it_off() -> None:
    free = Pace.from_env({"PULLQUOTE_QUESTIONS_PER_MINUTE": "0"})
    for _ in range(100):
        free.check("a", "here", now_s=0.0)
    slow = Pace.from_env({"PULLQUOTE_QUESTIONS_PER_MINUTE": "1"})
    slow.check("a", "here", now_s=0.0)
    with pytest.raises(TooFast):
        slow.check("a", "here", now_s=0.0)
    with pytest.raises(SettingsError, match="whole number, 0 for no limit, not '-1'"):
        Pace.from_env({"PULLQUOTE_QUESTIONS_PER_MINUTE": "-1"})
