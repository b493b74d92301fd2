"""Any llama-index LLM behind the same seam: hosted, local, or of one's own making."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from llama_index.core.llms import ChatMessage, MessageRole

from pullquote.qa.llm.delivery import completion_of, pieces_of
from pullquote.qa.llm.faults import guarded
from pullquote.qa.llm.foreign import note_raw
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.replies import Reply
from pullquote.qa.llm.retrying import Line, persist
from pullquote.qa.llm.types import Completion, Deadline, Request

_IN_FLIGHT = 16
_WAITING = 64  # pieces that nobody has taken yet
_POLL_S = 0.2


class LlamaIndexModel:
    """A llama-index LLM as a language model.

    Foreign code cannot be interrupted: it runs in a thread of its own, which at the deadline is left behind and ends when the
    LLM's own time-out does. Give the LLM ``max_retries=0`` and a time-out where it has them: asking again is done here.
    A schema in a request is not passed on: the prompt says what is wanted. ``options`` go to every ``chat`` of the LLM.
    """

    def __init__(
        self, llm: Any, name: str = "", context_tokens: int | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        """``name`` and ``context_tokens`` are the LLM's own where not given."""
        self.name: str = name or llm.metadata.model_name or type(llm).__name__
        self.context_tokens: int = context_tokens or llm.metadata.context_window
        self.wants_schema = False
        self._llm, self._options = llm, dict(options or {})
        self._line = Line(_IN_FLIGHT)
        key = getattr(llm, "api_key", None)
        self._place = Place(self.name, type(llm).__name__, (key,) if isinstance(key, str) else ())

    def __repr__(self) -> str:
        return f"LlamaIndexModel({self.name!r}, {type(self._llm).__name__})"

    def complete(self, request: Request, deadline: Deadline) -> Completion:
        """Return the whole reply.

        Raises:
            ModelError: one of its documented kinds; ``retryable`` says whether a later try may do better.
            Stopped: the deadline was ended early.
        """
        with self._line.slot(self._place, deadline):
            reply, requests = self._ask(lambda: self._whole(request, deadline), deadline)
        return completion_of(reply, request, self.name, requests)

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the reply piece by piece and return it whole; a stream cut short returns ``finish="incomplete"``.

        Raises:
            ModelError: as ``complete``; never after the first piece.
            Stopped: the deadline was ended early.
        """
        with self._line.slot(self._place, deadline):
            opened, requests = self._ask(lambda: _Opened(self._pump(request), deadline), deadline)
            yield from pieces_of(opened)
        deadline.check()
        return completion_of(opened.reply, request, self.name, requests)

    def _ask(self, step: Callable[[], Any], deadline: Deadline) -> tuple[Any, int]:
        place = self._place
        return persist(lambda: guarded(step, place, deadline), deadline, self._line, place)

    def _whole(self, request: Request, deadline: Deadline) -> Reply:
        pump = _Pump(lambda: iter([self._llm.chat(_messages(request), **self._options)]))
        response = pump.take(deadline)
        reply = Reply(ended=True)
        reply.add(response.message.content or "")
        note_raw(response.raw, reply)
        reply.outcome()
        return reply

    def _pump(self, request: Request) -> _Pump:
        return _Pump(lambda: self._llm.stream_chat(_messages(request), **self._options))


def _messages(request: Request) -> list[Any]:
    return [
        ChatMessage(role=MessageRole.SYSTEM, content=request.system),
        ChatMessage(role=MessageRole.USER, content=request.user),
    ]


class _Opened:
    """A foreign stream that has begun to say something."""

    def __init__(self, pump: _Pump, deadline: Deadline) -> None:
        self.reply, self._pump, self._deadline = Reply(), pump, deadline
        self.first = ""
        try:
            while not self.first.strip():
                piece = self._next()
                if piece is None:
                    self.reply.outcome()  # raises: there was no text
                self.first += piece or ""
        except BaseException:
            pump.stop()
            raise

    def following(self) -> str | None:
        """Return the next piece; None at the end, wherever it comes from: ``reply`` knows whether it was one."""
        try:
            return self._next()
        except Exception:  # what has been said stands
            return None

    def close(self) -> None:
        """Let the LLM know that nobody listens any more."""
        self._pump.stop()

    def _next(self) -> str | None:
        if self.reply.full():
            self.reply.finish = "length"
            return None
        response = self._pump.take(self._deadline)
        if response is None:
            self.reply.ended = not self.reply.tells
            return None
        note_raw(response.raw, self.reply)
        return self.reply.add(response.delta or "")


class _Pump:
    """Takes items from foreign code in a thread of its own, so that waiting for them has an end."""

    def __init__(self, make: Callable[[], Iterator[Any]]) -> None:
        self._items: queue.Queue[Any] = queue.Queue(_WAITING)
        self._stopped = threading.Event()
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._work, make), daemon=True, name="pullquote-llm").start()

    def take(self, deadline: Deadline) -> Any:
        """Return the next item; None after the last.

        Raises:
            TimeoutError: none came before the deadline.
            Exception: the one that the foreign code raised.
        """
        while True:
            left_s = deadline.left_s
            try:
                item = self._items.get(timeout=min(left_s, _POLL_S))  # it may be stopped meanwhile
            except queue.Empty:
                if left_s > 0:
                    continue
                self.stop()
                raise TimeoutError from None
            if isinstance(item, Exception):
                raise item
            return item

    def stop(self) -> None:
        """Take no more."""
        self._stopped.set()

    def _work(self, make: Callable[[], Iterator[Any]]) -> None:
        try:
            items = make()
            for item in items:
                if not self._put(item):
                    break
            self._put(None)
        except Exception as error:
            self._put(error)

    def _put(self, item: Any) -> bool:
        while not self._stopped.is_set():
            try:
                self._items.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False
