"""Every fault between here and a model's server ends in a documented error or in a flagged, partial reply."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from socket import socket

import pytest

from pullquote.index.errors import (
    ContextTooLong,
    ModelBusy,
    ModelError,
    ModelKeyRefused,
    ModelQuota,
    ModelReplyUnusable,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnknown,
    ModelUnreachable,
)
from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.types import Completion, Finish
from pullquote.qa.testing import FAULTS, ScriptedServer, fault, reply

Ask = Callable[..., Completion]
Make = Callable[..., ServedModel]
Outcome = type[ModelError] | Finish

BOTH: dict[str, Outcome] = {
    "429": ModelBusy,
    "429_retry_after": ModelBusy,
    "insufficient_quota": ModelQuota,
    "500": ModelUnreachable,
    "503": ModelUnreachable,
    "401": ModelKeyRefused,
    "403": ModelKeyRefused,
    "404": ModelUnknown,
    "400": ModelRequestRefused,
    "422": ModelRequestRefused,
    "context_length_exceeded": ContextTooLong,
    "html": ModelReplyUnusable,
    "cut_json": ModelReplyUnusable,
    "no_choices": ModelReplyUnusable,
    "null_content": ModelReplyUnusable,
    "empty": ModelReplyUnusable,
    "length": "length",
    "content_filter": "filtered",
    "tool_calls": ModelReplyUnusable,
    "error_in_200": ModelUnreachable,
    "silence": ModelTimeout,
    "huge_body": ModelReplyUnusable,
    "null_finish": "complete",
}
STREAMS: dict[str, Outcome] = {
    "stream_clean_cut": "incomplete",
    "stream_dirty_cut": "incomplete",
    "stream_bad_json": "incomplete",
    "stream_error_event": "incomplete",
    "stream_length": "length",
    "stream_html": ModelReplyUnusable,
    "stream_stall": "incomplete",
    "stream_drip": "incomplete",
    "stream_endless": "length",
    "stream_odd_sse": "complete",
}
TO_THE_DEADLINE = ("silence", "stream_stall", "stream_drip")
ONCE_ONLY = (
    "insufficient_quota",
    "401",
    "403",
    "404",
    "400",
    "422",
    "context_length_exceeded",
    "html",
    "no_choices",
    "tool_calls",
)


def test_the_table_has_every_fault_that_the_server_can_play() -> None:
    assert {*BOTH, *STREAMS} == set(FAULTS)


@pytest.mark.parametrize("name", BOTH)
def test_a_fault_is_told(name: str, ask: Ask, model_at: Make, key: str) -> None:
    check(name, BOTH[name], ask, model_at, key)


@pytest.mark.parametrize("name", STREAMS)
def test_a_fault_in_a_stream_is_told(name: str, ask_stream: Ask, model_at: Make, key: str) -> None:
    check(name, STREAMS[name], ask_stream, model_at, key)


def check(name: str, outcome: Outcome, ask: Ask, model_at: Make, key: str) -> None:
    seconds = 0.7 if name in TO_THE_DEADLINE else 1.2  # Retry-After: 2 does not fit
    with ScriptedServer([fault(name)]) as server:
        model, begin = model_at(server), time.monotonic()
        if isinstance(outcome, str):
            completion = ask(model, seconds)
            assert completion.finish == outcome
            assert completion.text.strip()
        else:
            with pytest.raises(ModelError) as caught:
                ask(model, seconds)
            well_told(caught.value, outcome, key)
        assert time.monotonic() - begin < seconds + 2.0
        assert len(server.requests) <= (1 if name in ONCE_ONLY else 3)


def well_told(error: ModelError, outcome: type[ModelError], key: str) -> None:
    """Check that an error is of its kind, or else that the deadline came first, and that its message is fit to be shown."""
    assert type(error) in ({outcome, ModelTimeout} if error.retryable else {outcome})
    assert len(str(error)) <= 200
    assert str(error).isprintable()
    assert str(error).startswith("scripted at 127.0.0.1:")
    assert key not in str(error)
    assert error.__cause__ is None
    assert error.requests >= 1


@pytest.mark.parametrize("name", ["429", "500", "503", "cut_json", "error_in_200"])
def test_a_passing_fault_is_asked_about_three_times(name: str, model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([fault(name)]) as server:
        with pytest.raises(ModelError) as caught:
            ask_whole(model_at(server), 20.0)
        assert len(server.requests) == caught.value.requests == 3


def test_a_stream_that_breaks_before_its_first_word_is_asked_for_again(model_at: Make, ask_stream: Ask) -> None:
    with ScriptedServer([fault("stream_dirty_cut", text=" "), fault("429"), reply("The council met [1].")]) as server:
        completion = ask_stream(model_at(server), 20.0)
    assert (completion.text, completion.requests) == ("The council met [1].", 3)


def test_a_server_that_recovers_answers(ask: Ask, model_at: Make) -> None:
    with ScriptedServer([fault("500"), reply("The council met [1].")]) as server:
        completion = ask(model_at(server), 20.0)
    assert (completion.text, completion.finish, completion.requests) == ("The council met [1].", "complete", 2)


def test_retry_after_is_obeyed(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([fault("429_retry_after", seconds=1), reply("The council met [1].")]) as server:
        ask_whole(model_at(server), 20.0)
        first, second = (request.at_s for request in server.requests)
    assert 1.0 <= second - first < 2.5


def test_retry_after_that_does_not_fit_is_told_at_once(model_at: Make, ask: Ask) -> None:
    with ScriptedServer([fault("429_retry_after", seconds=300)]) as server:
        begin = time.monotonic()
        with pytest.raises(ModelBusy, match="300 s"):
            ask(model_at(server), 60.0)
        assert time.monotonic() - begin < 5.0
        assert len(server.requests) == 1


def test_nobody_at_the_address_is_told(ask: Ask) -> None:
    with closing(socket()) as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        model = ServedModel(ModelSettings("m", f"http://127.0.0.1:{taken.getsockname()[1]}/v1"))
        with pytest.raises(ModelUnreachable, match=r"refused.*check OPENAI_BASE_URL"):
            ask(model, 1.0)


def test_a_host_that_does_not_exist_is_told(ask_whole: Ask) -> None:
    with pytest.raises((ModelUnreachable, ModelTimeout)):
        ask_whole(ServedModel(ModelSettings("m", "https://no-such-host.invalid/v1")), 1.0)


def test_a_wrong_path_is_told(model_at: Make, ask: Ask) -> None:
    with ScriptedServer([reply("x")]) as server:
        model = model_at(server, base_url=server.base_url.replace("/v1", "/v2"))
        with pytest.raises(ModelUnknown, match="OPENAI_BASE_URL"):
            ask(model)


def test_a_server_that_is_down_is_left_alone(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([fault("500")]) as server:
        model = model_at(server)
        for _ in range(10):
            with pytest.raises(ModelUnreachable):
                ask_whole(model, 0.2)  # too short for a second request
        begin = time.monotonic()
        with pytest.raises(ModelUnreachable, match="left alone"):
            ask_whole(model, 20.0)
        assert time.monotonic() - begin < 0.5
        assert len(server.requests) == 10
