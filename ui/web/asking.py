"""One question from the page: the work in a thread, its events as they come, and an end to it when the reader leaves."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pullquote.index.errors import PullquoteError
from pullquote.qa.events import Event
from pullquote.qa.llm.deadline import Deadline
from pullquote.qa.rewriting import turn_of
from pullquote.ui.web.answers import Exchange
from pullquote.ui.web.desk import Desk
from pullquote.ui.web.drain import Refused
from pullquote.ui.web.log import note
from pullquote.ui.web.wishes import scope_of

TICK_S = 1.0
KEPT = 20
"""Turns of a conversation that can be packed, and are looked at for a follow-up."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one browser tab has asked so far."""

    asked: int = 0
    exchanges: tuple[Exchange, ...] = ()
    """The newest, answered or not."""

    def next(self, question: str) -> Exchange:
        """Return the turn of a new question."""
        return Exchange(self.asked + 1, question)

    def with_exchange(self, exchange: Exchange) -> Conversation:
        """Return the conversation with one more exchange."""
        return Conversation(exchange.number, (*self.exchanges, exchange)[-KEPT:])

    def exchange(self, number: int | None) -> Exchange | None:
        """Return an exchange by its number."""
        return next((exchange for exchange in self.exchanges if exchange.number == number), None)


async def exchanges(
    desk: Desk, question: str, filters: Any, conversation: Conversation, reader: tuple[str, str]
) -> AsyncIterator[Exchange]:
    """Yield a question's exchange each time that something has happened to it; the last one has an answer or a problem.

    Closing the iterator stops the work: the request to a language model is cut off, the extractive engine stops after the
    step that it is at. ``filters`` are as the page sent them, ``reader`` is a session and an address.
    """
    exchange = conversation.next(question)
    deadline = Deadline(desk.room.settings.deadline_s)
    before = [turn_of(old.answer) for old in conversation.exchanges if old.answer is not None]
    yield exchange
    try:
        desk.pace.check(*reader)
        note("asked", logging.DEBUG, question=question)
        with desk.drain.answer():
            events = desk.room.stream(question, before, scope=scope_of(filters), deadline=deadline)
            async for event in in_thread(events, desk.threads, deadline.stop):
                exchange = exchange if event is None else exchange.after(event)
                if exchange.answer is None:
                    yield exchange
            yield exchange  # only when all is over: the next question may come in the same moment
    except (PullquoteError, Refused) as error:
        yield exchange.failed(str(error))
    except Exception as error:
        note("a question failed", logging.ERROR, reason=repr(error))
        yield exchange.failed("Something went wrong here. Please ask again; the server's log says more.")


async def in_thread(
    events: Iterator[Event], threads: Executor, stop: Callable[[], None], tick_s: float = TICK_S
) -> AsyncIterator[Event | None]:
    """Yield what an iterator yields, each step of it taken in a thread, and None while a step takes long.

    ``stop`` is called at the end, also when the reader is gone: Gradio sees that between two of the values it is given.
    """
    loop = asyncio.get_running_loop()
    step = None
    try:
        while True:
            step = loop.run_in_executor(threads, next, events, None)
            while not (await asyncio.wait((step,), timeout=tick_s))[0]:
                yield None
            if (event := step.result()) is None:
                return
            yield event
    finally:
        stop()
        if step is None or step.done():
            _close(events)
        else:
            step.add_done_callback(lambda done: _close(events, done))  # one that is running cannot be closed


def _close(events: Iterator[Event], step: Future[Event | None] | None = None) -> None:
    if step is not None:
        step.exception()  # nobody else asks for it
    with suppress(PullquoteError):
        events.close()  # type: ignore[attr-defined]
