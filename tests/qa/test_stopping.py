"""A reader who leaves: the work for the question ends at once, whatever it is at, and nothing is left of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from pullquote.index.errors import Stopped
from pullquote.qa.events import Done, Event, Retrieved, Verified
from pullquote.qa.llm.deadline import Deadline
from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pipeline import Parts, answer_events
from pullquote.qa.rerank import cross_encoder
from pullquote.qa.rewriting import turn_of
from pullquote.qa.settings import AskSettings
from pullquote.qa.testing import Reply, ScriptedServer, chunked, fault, reply

QUESTION = "Who called for restraint?"
FOLLOW_UP = "When did she say so?"
TRUE = "Marit Oldane called for restraint"
SETTINGS = AskSettings(candidates=4, deadline_s=60.0)
AT_ONCE_S = 2.0


def room_at(room: Newsroom, server: ScriptedServer, **more: Any) -> Newsroom:
    known = {"model": "scripted", "base_url": server.base_url, "api_key": "sk-test-1", "structured": "text"}
    return Newsroom(room.store, SETTINGS, ServedModel(ModelSettings(**{**known, **more})))


def number(body: dict[str, Any]) -> str:
    line = next(line for line in body["messages"][-1]["content"].splitlines() if line.startswith("[") and "Oldane" in line)
    return line[: line.index("]") + 1]


def slowly(body: dict[str, Any]) -> Reply:
    return chunked(f"{TRUE} {number(body)}. {'She also said that and said this ' * 40}.", 400, pause_s=0.1)


def read(events: Iterator[Event], seen: list[Event]) -> None:
    seen.extend(events)


def busy() -> int:
    """Return how many threads there are, less those that stay for the next text."""
    return sum(not thread.name.startswith("onnx") for thread in threading.enumerate())


def stopped(events: Iterator[Event], deadline: Deadline, when: Callable[[list[Event]], object]) -> list[Event]:
    """Read events in a thread, stop the deadline from this one when it is time, and return what was seen until then."""
    seen: list[Event] = []
    before = busy()
    with ThreadPoolExecutor(1) as pool:
        reading: Future[None] = pool.submit(read, events, seen)
        while not when(seen):
            assert not reading.done(), reading.exception()
            time.sleep(0.01)
        begin = time.monotonic()
        deadline.stop()
        assert isinstance(reading.exception(AT_ONCE_S), Stopped)
        assert time.monotonic() - begin < AT_ONCE_S
    assert busy() <= before + 1  # whoever serves
    assert not any(isinstance(event, Done) for event in seen)
    return seen


@pytest.mark.parametrize("play", ["silence", "stream_stall", "stream_drip"])
def test_the_request_to_a_model_is_cut_off_even_when_its_server_stalls(sample_room: Newsroom, play: str) -> None:
    deadline = Deadline(60.0)
    with ScriptedServer([fault(play)]) as server:
        events = room_at(sample_room, server).stream(QUESTION, deadline=deadline)
        seen = stopped(events, deadline, lambda _: server.in_flight)
        assert server.wait_until_idle(AT_ONCE_S)
        assert (server.hung_up, len(server.requests)) == (1, 1)
    assert [type(event) for event in seen][:1] == [Retrieved]


def test_nothing_that_comes_after_is_checked_or_asked(sample_room: Newsroom) -> None:
    deadline = Deadline(60.0)
    with ScriptedServer(slowly) as server:
        events = room_at(sample_room, server).stream(QUESTION, deadline=deadline)
        seen = stopped(events, deadline, lambda seen: any(isinstance(event, Verified) for event in seen))
        assert server.wait_until_idle(AT_ONCE_S)
        assert (server.hung_up, len(server.requests)) == (1, 1)
    assert [event.number for event in seen if isinstance(event, Verified)] == [1]


def test_a_model_that_is_to_be_asked_again_later_is_not(sample_room: Newsroom) -> None:
    deadline = Deadline(60.0)
    with ScriptedServer([fault("429_retry_after", seconds=20)]) as server:
        events = room_at(sample_room, server).stream(QUESTION, deadline=deadline)
        stopped(events, deadline, lambda _: server.requests and not server.in_flight)
        assert len(server.requests) == 1


def test_a_question_that_waits_for_its_turn_leaves_the_queue(sample_room: Newsroom) -> None:
    mine, theirs = Deadline(60.0), Deadline(60.0)
    with ScriptedServer([fault("silence")]) as server, ThreadPoolExecutor(1) as pool:
        room = room_at(sample_room, server, in_flight=1)
        other = pool.submit(list, room.stream(QUESTION, deadline=theirs))
        while not server.in_flight:
            time.sleep(0.01)
        stopped(room.stream(QUESTION, deadline=mine), mine, lambda seen: seen)
        assert len(server.requests) == 1
        assert not other.done()
        theirs.stop()
        assert isinstance(other.exception(AT_ONCE_S), Stopped)


def test_the_rewriting_of_a_follow_up_is_cut_off_too(sample_room: Newsroom) -> None:
    deadline = Deadline(60.0)
    turn = turn_of(Newsroom(sample_room.store, AskSettings(engine="extractive")).ask(QUESTION))
    with ScriptedServer([fault("silence")]) as server:
        events = room_at(sample_room, server).stream(FOLLOW_UP, [turn], deadline=deadline)
        assert stopped(events, deadline, lambda _: server.in_flight) == []
        assert server.wait_until_idle(AT_ONCE_S)
        assert (server.hung_up, len(server.requests)) == (1, 1)


def test_a_model_that_fails_because_it_was_stopped_is_not_replaced_by_the_extractive_engine(sample_room: Newsroom) -> None:
    assert SETTINGS.fallback
    deadline = Deadline(60.0)
    with ScriptedServer([reply("x", delay_s=30.0)]) as server:
        seen = stopped(room_at(sample_room, server).stream(QUESTION, deadline=deadline), deadline, lambda _: server.in_flight)
    assert [type(event) for event in seen] == [Retrieved]


class Counting:
    """Reads as the real one does; stops the question after some readings."""

    def __init__(self, deadline: Deadline, after: int) -> None:
        self.readings = 0
        self._deadline, self._after = deadline, after

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.readings += 1
        if self.readings == self._after:
            self._deadline.stop()
        return cross_encoder().scores(question, texts)


@pytest.mark.parametrize("after", [1, 2])
def test_the_extractive_engine_stops_after_the_step_that_it_is_at(sample_room: Newsroom, after: int) -> None:
    deadline = Deadline(60.0)
    encoder = Counting(deadline, after)
    question = "How much will the new bridge cost and who called for restraint?"  # several steps
    with pytest.raises(Stopped):
        list(answer_events(sample_room.store, question, SETTINGS, Parts(encoder), deadline=deadline))
    assert encoder.readings == after


def test_a_question_that_was_stopped_before_it_began_costs_nothing(sample_room: Newsroom) -> None:
    deadline = Deadline(60.0)
    deadline.stop()
    encoder = Counting(deadline, 0)
    with pytest.raises(Stopped):
        list(answer_events(sample_room.store, QUESTION, SETTINGS, Parts(encoder), deadline=deadline))
    assert encoder.readings == 0


def test_forty_questions_that_wait_for_a_stalled_model_keep_no_other_waiting(sample_room: Newsroom) -> None:
    deadlines = [Deadline(60.0) for _ in range(40)]
    quick = Newsroom(sample_room.store, AskSettings(engine="extractive"))
    expected = quick.ask(QUESTION).sentences
    with ScriptedServer([fault("silence")]) as server, ThreadPoolExecutor(40) as pool:
        room = room_at(sample_room, server)
        stuck = [pool.submit(list, room.stream(QUESTION, deadline=deadline)) for deadline in deadlines]
        while server.in_flight < 16:
            time.sleep(0.01)
        begin = time.monotonic()
        assert quick.ask(QUESTION).sentences == expected
        assert time.monotonic() - begin < 1.0
        assert len(server.requests) == 16  # the others wait for their turn
        for deadline in deadlines:
            deadline.stop()
        assert {type(one.exception(AT_ONCE_S)) for one in stuck} == {Stopped}
        assert server.wait_until_idle(AT_ONCE_S)


def test_a_deadline_of_ones_own_that_nobody_stops_changes_nothing(sample_room: Newsroom) -> None:
    room = Newsroom(sample_room.store, AskSettings(engine="extractive"))
    *_, done = room.stream(QUESTION, deadline=Deadline(60.0))
    assert isinstance(done, Done)
    assert done.answer.sentences == room.ask(QUESTION).sentences
