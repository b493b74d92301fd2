"""The scripted model without HTTP."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.errors import ModelUnreachable
from pullquote.qa.llm.types import Completion, Deadline, LanguageModel, Request
from pullquote.qa.testing import ScriptedModel

REQUEST = Request("You answer.", "Who called for restraint?")


def read(stream: Generator[str, None, Completion]) -> tuple[list[str], Completion]:
    """Return the pieces of a stream and what it returned."""
    pieces: list[str] = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return pieces, end.value


def test_it_is_a_language_model_that_gives_replies_in_order() -> None:
    model: LanguageModel = ScriptedModel(["one", Completion("two", "length")], name="m", context_tokens=99)
    assert [model.complete(REQUEST, Deadline(5)).text for _ in range(3)] == ["one", "two", "two"]
    assert model.complete(REQUEST, Deadline(5)).finish == "length"
    assert (model.name, model.context_tokens) == ("m", 99)


def test_a_function_answers_what_it_reads_and_requests_are_kept() -> None:
    model = ScriptedModel(lambda request: request.user.upper())
    assert model.complete(REQUEST, Deadline(5)).text == "WHO CALLED FOR RESTRAINT?"
    assert model.requests == [REQUEST]


@given(text=st.text(max_size=200), piece=st.integers(1, 50))
def test_a_stream_is_the_reply_in_pieces(text: str, piece: int) -> None:
    model = ScriptedModel([text], piece=piece)
    pieces, whole = read(model.stream(REQUEST, Deadline(60)))
    assert "".join(pieces) == whole.text == text
    assert whole == model.complete(REQUEST, Deadline(60))
    assert all(1 <= len(part) <= piece for part in pieces)


def test_a_stream_that_meets_its_deadline_ends_incomplete() -> None:
    deadline = Deadline(0.2)
    begin = time.monotonic()
    pieces, whole = read(ScriptedModel(["word " * 1000], pause_s=0.05).stream(REQUEST, deadline))
    assert whole.finish == "incomplete"
    assert whole.text == "".join(pieces)
    assert 0 < len(whole.text) < 5000
    assert time.monotonic() - begin < 10


def test_an_error_among_the_replies_is_raised() -> None:
    model = ScriptedModel([ModelUnreachable("gone"), "back"])
    with pytest.raises(ModelUnreachable, match="gone"):
        model.complete(REQUEST, Deadline(5))
    assert model.complete(REQUEST, Deadline(5)).text == "back"


def test_an_error_is_raised_before_a_streams_first_piece() -> None:
    with pytest.raises(ModelUnreachable):
        next(ScriptedModel([ModelUnreachable("gone")]).stream(REQUEST, Deadline(5)))
