"""The only layer that asks again."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from pullquote.index.errors import (
    ModelBusy,
    ModelError,
    ModelKeyRefused,
    ModelReplyUnusable,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
)
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.retrying import FAILURES, REST_S, Breaker, Line, line_to, persist
from pullquote.qa.llm.types import Deadline

PLACE = Place("m", "host.example/v1")


class Attempt:
    """Fails with each of some errors, then succeeds; remembers when it was made."""

    def __init__(self, *errors: ModelError) -> None:
        self.errors, self.at = list(errors), list[float]()

    def __call__(self) -> str:
        self.at.append(time.monotonic())
        if self.errors:
            raise self.errors.pop(0)
        return "text"

    @property
    def pauses(self) -> list[float]:
        return [b - a for a, b in pairwise(self.at)]


def tried(attempt: Attempt, seconds: float = 20.0, line: Line | None = None, drawn: float = 0.0) -> tuple[str, int]:
    return persist(attempt, Deadline(seconds), line or Line(1), PLACE, draw=lambda: drawn)


def busy(seconds: float | None) -> ModelBusy:
    error = ModelBusy("busy")
    error.retry_after_s = seconds
    return error


def test_what_works_is_done_once() -> None:
    assert tried(Attempt()) == ("text", 1)


def test_a_server_that_recovers_is_asked_again_after_growing_pauses() -> None:
    attempt = Attempt(ModelUnreachable("down"), busy(None))
    assert tried(attempt) == ("text", 3)
    assert 0.25 <= attempt.pauses[0] < attempt.pauses[1]


def test_three_requests_are_the_most() -> None:
    errors = [ModelUnreachable(str(n)) for n in range(5)]
    attempt = Attempt(*errors)
    with pytest.raises(ModelUnreachable, match="2") as caught:
        tried(attempt)
    assert len(attempt.at) == caught.value.requests == 3


@pytest.mark.parametrize("error", [ModelKeyRefused("no"), ModelRequestRefused("no"), ModelReplyUnusable("no")], ids=repr)
def test_what_would_fail_again_is_not_repeated(error: ModelError) -> None:
    attempt = Attempt(error)
    with pytest.raises(type(error)):
        tried(attempt)
    assert len(attempt.at) == error.requests == 1


def test_two_clients_do_not_come_back_together() -> None:
    early, late = Attempt(ModelUnreachable("down")), Attempt(ModelUnreachable("down"))
    tried(early, drawn=0.0)
    tried(late, drawn=1.0)
    assert late.pauses[0] > early.pauses[0] + 0.3


def test_the_wait_that_a_server_asks_for_is_kept() -> None:
    attempt = Attempt(busy(0.6))
    assert tried(attempt, drawn=1.0) == ("text", 2)
    assert 0.6 <= attempt.pauses[0] < 2.0


def test_a_wait_beyond_the_deadline_is_refused_at_once() -> None:
    begin = time.monotonic()
    with pytest.raises(ModelBusy):
        tried(Attempt(busy(300.0)), seconds=5.0)
    assert time.monotonic() - begin < 1.0


def test_nothing_is_repeated_when_the_time_is_over() -> None:
    attempt = Attempt(ModelUnreachable("down"))
    with pytest.raises(ModelUnreachable):
        tried(attempt, seconds=0.1)
    assert len(attempt.at) == 1


def test_a_refused_request_is_repeated_at_once_where_something_can_be_left_out() -> None:
    attempt = Attempt(ModelRequestRefused("no response_format"))
    result = persist(attempt, Deadline(5.0), Line(1), PLACE, adapt=lambda _: True)
    assert result == ("text", 2)
    assert attempt.pauses[0] < 0.2


def test_a_server_that_is_down_is_left_alone_after_ten_failures() -> None:
    line = Line(1)
    for _ in range(FAILURES):
        with pytest.raises(ModelUnreachable):
            tried(Attempt(ModelUnreachable("down")), seconds=0.1, line=line)
    unasked, begin = Attempt(), time.monotonic()
    with pytest.raises(ModelUnreachable, match="10 times in a row") as caught:
        tried(unasked, line=line)
    assert time.monotonic() - begin < 0.1
    assert caught.value.requests == 0
    assert unasked.at == []


def test_the_last_error_is_told_when_the_server_turns_out_to_be_down_meanwhile() -> None:
    line = Line(1)
    for _ in range(FAILURES - 1):
        line.breaker.failed()
    attempt = Attempt(ModelUnreachable("the true cause"))
    with pytest.raises(ModelUnreachable, match="the true cause"):
        tried(attempt, line=line)
    assert len(attempt.at) == 1


def test_after_a_rest_one_request_may_try() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.let_through()
        breaker.failed()
    assert not breaker.let_through()
    now[0] = REST_S - 0.1
    assert not breaker.let_through()
    now[0] = REST_S
    assert [breaker.let_through() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now[0] += REST_S - 0.1
    assert not breaker.let_through()
    now[0] += 0.1
    assert breaker.let_through()
    breaker.succeeded()
    assert [breaker.let_through() for _ in range(3)] == [True, True, True]


def test_a_refusal_is_a_sign_of_life() -> None:
    line = Line(1)
    for _ in range(FAILURES - 1):
        line.breaker.failed()
    with pytest.raises(ModelKeyRefused):
        tried(Attempt(ModelKeyRefused("no")), line=line)
    line.breaker.failed()
    assert line.breaker.let_through()


def test_whose_turn_does_not_come_is_told_at_the_deadline() -> None:
    line = Line(1)
    with line.slot(PLACE, Deadline(1.0)), pytest.raises(ModelTimeout, match="within"), line.slot(PLACE, Deadline(0.1)):
        pytest.fail("two at once")
    with line.slot(PLACE, Deadline(1.0)):
        pass


def test_all_threads_share_one_line_to_a_server() -> None:
    lines = []
    threads = [threading.Thread(target=lambda: lines.append(line_to("http://shared.example/v1", 4))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(line) for line in lines}) == 1
    assert line_to("http://other.example/v1", 4) is not lines[0]
