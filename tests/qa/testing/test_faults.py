"""What each fault does to the real client, and the dialects of servers (case Q05)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import openai
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pullquote.qa.testing import FAULTS, Reply, ScriptedServer, chunked, fault, reply
from pullquote.qa.testing.stream_faults import TEXT

Connect = Callable[[str], openai.OpenAI]
QUESTION: list[Any] = [{"role": "user", "content": "Who called for restraint?"}]
HALF = "The council met on Monday – in "

REFUSED = {
    "429": openai.RateLimitError,
    "429_retry_after": openai.RateLimitError,
    "insufficient_quota": openai.RateLimitError,
    "500": openai.InternalServerError,
    "503": openai.InternalServerError,
    "401": openai.AuthenticationError,
    "403": openai.PermissionDeniedError,
    "404": openai.NotFoundError,
    "400": openai.BadRequestError,
    "422": openai.UnprocessableEntityError,
    "context_length_exceeded": openai.BadRequestError,
}
# What the client makes of the rest, with neither fault handling nor checks around it: (whole, streamed), each a
# text and a finish reason, or an error. That so many of them look like answers is why they are played.
NOTHING = ("", None)
SEEN: dict[str, tuple[Any, Any]] = {
    "html": (str, NOTHING),
    "cut_json": (json.JSONDecodeError, NOTHING),
    "no_choices": (IndexError, NOTHING),
    "null_content": ((None, "stop"), ("", "stop")),
    "empty": (("", "stop"), ("", "stop")),
    "length": ((TEXT, "length"), (TEXT, "length")),
    "content_filter": ((TEXT, "content_filter"), (TEXT, "content_filter")),
    "tool_calls": ((None, "tool_calls"), ("", "tool_calls")),
    "error_in_200": (TypeError, NOTHING),
    "silence": ((TEXT, "stop"), (TEXT, "stop")),
    "huge_body": (("x" * 2**20, "stop"), ("x" * 2**20, None)),
    "null_finish": ((TEXT, None), (TEXT, None)),
    "stream_clean_cut": ((TEXT, "stop"), (HALF, None)),
    "stream_dirty_cut": ((TEXT, "stop"), httpx.ReadError),
    "stream_bad_json": ((TEXT, "stop"), json.JSONDecodeError),
    "stream_error_event": ((TEXT, "stop"), openai.APIError),
    "stream_length": ((TEXT, "stop"), (TEXT, "length")),
    "stream_html": ((TEXT, "stop"), NOTHING),
    "stream_stall": ((TEXT, "stop"), (HALF, "stop")),
    "stream_drip": ((TEXT, "stop"), (TEXT, "stop")),
    "stream_odd_sse": ((TEXT, "stop"), (TEXT, "stop")),
}
QUICK: dict[str, dict[str, Any]] = {
    "silence": {"seconds": 0.1},
    "huge_body": {"megabytes": 1},
    "stream_stall": {"seconds": 0.1},
    "stream_drip": {"every_s": 0.01, "text": TEXT},
}


def whole(client: openai.OpenAI) -> Any:
    answer = client.chat.completions.create(model="m", messages=QUESTION)
    if isinstance(answer, str):
        return str
    return answer.choices[0].message.content, answer.choices[0].finish_reason


def streamed(client: openai.OpenAI) -> Any:
    text, finish = "", None
    for chunk in client.chat.completions.create(model="m", messages=QUESTION, stream=True):
        for choice in chunk.choices:
            text, finish = text + (choice.delta.content or ""), choice.finish_reason or finish
    return text, finish


def seen(way: Callable[[openai.OpenAI], Any], connect: Connect, played: Reply) -> Any:
    """Return what the client gets from a reply: a text and a finish reason, or the kind of error."""
    with ScriptedServer([played]) as server:
        try:
            return way(connect(server.base_url))
        except Exception as error:
            return type(error)


def test_every_fault_is_in_these_tables() -> None:
    assert {*REFUSED, *SEEN, "stream_endless"} == set(FAULTS)


@pytest.mark.parametrize("way", [whole, streamed])
@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_one_of_the_clients_errors(connect: Connect, name: str, way: Callable[[openai.OpenAI], Any]) -> None:
    assert seen(way, connect, fault(name)) is REFUSED[name]


@pytest.mark.parametrize("name", SEEN)
def test_a_fault_looks_to_the_bare_client_as_it_does_on_the_net(connect: Connect, name: str) -> None:
    played = fault(name, **QUICK.get(name, {}))
    assert (seen(whole, connect, played), seen(streamed, connect, played)) == SEEN[name]


def test_an_endless_stream_does_not_end(connect: Connect) -> None:
    with ScriptedServer([fault("stream_endless")]) as server:
        chunks = connect(server.base_url).chat.completions.create(model="m", messages=QUESTION, stream=True)
        read = sum(len(next(chunks).choices[0].delta.content or "") for _ in range(1000))
        chunks.close()
    assert read > 500_000


def test_a_stream_closed_inside_its_body_is_another_error_than_a_reset(connect: Connect) -> None:
    assert seen(streamed, connect, fault("stream_dirty_cut", reset=False)) is httpx.RemoteProtocolError


def test_a_huge_body_is_fifty_megabytes(connect: Connect) -> None:
    with ScriptedServer([fault("huge_body")]) as server:
        url = f"{server.base_url}/chat/completions"
        with httpx.stream("POST", url, json={"messages": []}, trust_env=False) as response:
            assert sum(len(data) for data in response.iter_raw()) > 50 * 2**20


def test_a_stream_fault_keeps_the_text_it_is_given(connect: Connect) -> None:
    for name in (name for name in FAULTS if name.startswith("stream_") and name not in ("stream_html", "stream_endless")):
        whole_text, _ = seen(whole, connect, fault(name, text="one two three four"))
        assert whole_text == "one two three four", name


def refused(name: str, **options: Any) -> httpx.Response:
    with ScriptedServer([fault(name, **options)]) as server:
        return httpx.post(f"{server.base_url}/chat/completions", json={"messages": []}, trust_env=False)


@pytest.mark.parametrize("value", [2, 300, -1, "nan", "1e9", "soon"])
def test_retry_after_is_sent_as_it_is(value: float | str) -> None:
    assert refused("429_retry_after", seconds=value).headers["retry-after"] == str(value)


def test_retry_after_can_be_a_date_and_befall_another_status() -> None:
    sent = refused("503", retry_after=60, as_date=True).headers["retry-after"]
    assert 30 < parsedate_to_datetime(sent).timestamp() - time.time() < 61
    assert "retry-after" not in refused("429").headers


@pytest.mark.parametrize("style", ["openai", "llama.cpp", "vllm"])
def test_servers_say_in_three_ways_that_a_prompt_is_too_long(style: str) -> None:
    answer = refused("context_length_exceeded", style=style)
    assert answer.status_code == 400
    assert "4096" in answer.text


def test_an_unknown_finish_reason_passes_through(connect: Connect) -> None:
    assert seen(whole, connect, reply("yes", finish="bored")) == ("yes", "bored")


@pytest.mark.parametrize("bom", ["comment", "none"])
def test_an_odd_stream_has_the_same_text_as_a_plain_one(connect: Connect, bom: str) -> None:
    played: list[Reply] = []

    @settings(deadline=None, max_examples=50)
    @given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
    @example("a\u2028b \x85 c \r\n d")
    def are_the_same(text: str) -> None:
        played[:] = [fault("stream_odd_sse", text=text, bom=bom, comments=0), chunked(text, 7, pause_s=0)]
        assert streamed(client) == streamed(client) == (text, "stop")

    with ScriptedServer(lambda _: played.pop(0)) as server:
        client = connect(server.base_url)
        are_the_same()


def test_a_byte_order_mark_before_the_data_costs_the_bare_client_the_first_event(connect: Connect) -> None:
    text, _ = seen(streamed, connect, fault("stream_odd_sse", bom="data"))
    assert text == TEXT.removeprefix("The ")
