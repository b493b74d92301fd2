"""One call to a served model: one or more requests, each of which ends in a reply or in a documented error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import openai

from pullquote.index.errors import ModelError
from pullquote.qa.llm.endpoints import Endpoint, within
from pullquote.qa.llm.place import Unusable
from pullquote.qa.llm.replies import Reply, read_body, read_stream
from pullquote.qa.llm.types import Deadline, Request


class Exchange:
    """A request that is repeated without what the server refused."""

    def __init__(self, endpoint: Endpoint, request: Request, max_tokens: int, deadline: Deadline) -> None:
        self._endpoint, self._request, self._deadline = endpoint, request, deadline
        self._max_tokens = max_tokens
        self._without: frozenset[str] = frozenset()
        self._sent: dict[str, Any] = {}
        self._complaint: str | None = None

    def whole(self) -> Reply:
        """Ask once for a whole reply. Raises whatever goes wrong."""
        with self._posted(stream=False) as response:
            reply = read_whole(response)
        self._endpoint.options.refused |= self._without
        return reply

    def opened(self) -> OpenStream:
        """Ask once for a stream and read on until there is text. Raises whatever goes wrong until then."""
        with ExitStack() as stack:
            stream = OpenStream(stack.enter_context(self._posted(stream=True)))
            self._endpoint.options.refused |= self._without
            stream.closing = stack.pop_all()
        return stream

    def adapt(self, _: ModelError) -> bool:
        """Leave out what the server may have refused; return whether there was anything."""
        name = self._endpoint.options.droppable(self._sent, self._complaint)
        self._without |= {name} if name else set()
        return name is not None

    @contextmanager
    def _posted(self, stream: bool) -> Iterator[Any]:
        """Send one request and give its reply, the body still to be read."""
        endpoint = self._endpoint
        self._complaint = None
        self._sent = endpoint.options.body(self._request, self._max_tokens, stream, self._without)
        body = {"model": endpoint.name, "messages": endpoint.messages(self._request), "stream": stream, **self._sent}
        create: Any = endpoint.client.chat.completions.with_streaming_response.create
        try:
            with create(**body, timeout=within(self._deadline)) as response:
                yield response
        except openai.APIStatusError as error:
            self._complaint = error.param if isinstance(error.param, str) else None
            raise


class OpenStream:
    """A stream that has begun to say something."""

    def __init__(self, response: Any) -> None:
        self.reply = Reply()
        self.closing = ExitStack()
        self._pieces: Iterator[str] = iter(())
        if "json" in kind_of(response):  # a server that does not stream
            self.reply = read_whole(response)
            self.first = self.reply.text
            return
        refuse_page(kind_of(response))
        self._pieces = read_stream(response.iter_bytes(), self.reply)
        self.first = ""
        while not self.first.strip():
            piece = next(self._pieces, None)
            if piece is None:
                self.reply.outcome()  # raises: there was no text
            self.first += piece or ""

    def following(self) -> str | None:
        """Return the next piece; None at the end, wherever it comes from: ``reply`` knows whether it was one."""
        try:
            return next(self._pieces, None)
        except Exception:  # what has been said stands; the server, the network or the deadline ended it
            return None

    def close(self) -> None:
        """Close the connection."""
        self.closing.close()


def read_whole(response: Any) -> Reply:
    """Return the reply that a response holds as one JSON body."""
    data = b"".join(response.iter_bytes())
    refuse_page(kind_of(response), data)
    return read_body(data)


def kind_of(response: Any) -> str:
    """Return the content type."""
    return str(response.headers.get("content-type", "")).lower()


def refuse_page(kind: str, data: bytes = b"") -> None:
    """Raise ``Unusable`` for a web page: a proxy's, a captive portal's, or that of another server."""
    if "html" in kind or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Unusable("sent a web page", "check that OPENAI_BASE_URL is an OpenAI-compatible server's")
