"""One question from the page: its states in order, the reasons why it ends, and that leaving ends the work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.answers import Exchange
from pullquote.ui.web.asking import KEPT, Conversation, exchanges, in_thread
from pullquote.ui.web.desk import Desk
from pullquote.ui.web.drain import Drain, Pace
from pullquote.ui.web.examples import Examples

READER = ("session", "127.0.0.1")
RESTRAINT = "Who called for restraint?"


@pytest.fixture
def desk(sample_room: Newsroom) -> Iterator[Desk]:
    examples = Examples(sample_room)
    yield Desk(sample_room, None, Drain(), Pace(2), examples)
    examples.close()


def states(desk: Desk, question: str, filters: Any = None, conversation: Conversation | None = None) -> list[Exchange]:
    async def all_of_them() -> list[Exchange]:
        return [state async for state in exchanges(desk, question, filters, conversation or Conversation(), READER)]

    return asyncio.run(all_of_them())


def test_a_question_is_seen_at_once_and_ends_with_its_answer(desk: Desk) -> None:
    first, *_, last = states(desk, RESTRAINT)
    assert first == Exchange(1, RESTRAINT)
    assert last.answer is not None
    assert last.answer.status == "answered"


def test_a_follow_up_is_understood_by_what_was_said(desk: Desk) -> None:
    said = Conversation().with_exchange(states(desk, RESTRAINT)[-1])
    last = states(desk, "What did she offer?", conversation=said)[-1]
    assert last.number == 2
    assert "Marit Oldane" in last.understood


@pytest.mark.parametrize(
    ("question", "filters", "problem"),
    [
        ("?", None, "the question is empty"),
        ("x" * 3000, None, "shorten it"),
        (RESTRAINT, {"since": "soon"}, "is not a day"),
        (RESTRAINT, {"since": "2026-02-01", "until": "2026-01-01"}, "give the earlier one first"),
        (RESTRAINT, {"outlets": ["No Such Paper"]}, "no article is from the outlet"),
    ],
)
def test_what_cannot_be_asked_ends_with_its_reason(desk: Desk, question: str, filters: Any, problem: str) -> None:
    last = states(desk, question, filters)[-1]
    assert last.answer is None
    assert problem in last.problem


@pytest.mark.parametrize("nonsense", [None, [], "x", {"outlets": "x"}, {"outlets": [1, None]}, {"since": 7, "until": None}])
def test_filters_that_are_none_filter_nothing(desk: Desk, nonsense: Any) -> None:
    assert states(desk, RESTRAINT, nonsense)[-1].answer is not None


def test_too_many_questions_are_told_when_to_come_back(desk: Desk) -> None:
    for _ in range(2):
        states(desk, RESTRAINT)
    assert "ask again in" in states(desk, RESTRAINT)[-1].problem


def test_a_server_that_stops_says_so(desk: Desk) -> None:
    desk.drain.stop()
    assert "stopping" in states(desk, RESTRAINT)[-1].problem
    assert desk.drain.answers == 0


def test_a_closed_store_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    room = Newsroom.open(tmp_path / "store")
    examples = Examples(room)
    examples.close()
    room.close()
    assert states(Desk(room, None, Drain(), Pace(0), examples), RESTRAINT)[-1].problem


def test_a_long_conversation_keeps_its_numbers_and_its_newest_exchanges() -> None:
    talk = Conversation()
    for number in range(1, KEPT + 6):
        talk = talk.with_exchange(talk.next(f"question {number}"))
    assert talk.asked == KEPT + 5
    assert talk.exchange(1) is None
    assert talk.exchange(KEPT + 5) == Exchange(KEPT + 5, f"question {KEPT + 5}")


def test_a_reader_who_leaves_stops_the_work_and_closes_the_iterator() -> None:
    going, closed = threading.Event(), threading.Event()

    def slow() -> Iterator[Any]:
        try:
            going.wait(10)
            yield "never read"
        finally:
            closed.set()

    async def leave() -> list[Any]:
        with ThreadPoolExecutor(1) as threads:
            seen = []
            steps = in_thread(slow(), threads, going.set, tick_s=0.01)
            async for step in steps:
                seen.append(step)
                if len(seen) == 3:
                    break
            await steps.aclose()
            return seen

    assert asyncio.run(leave()) == [None, None, None]
    assert closed.wait(5)
