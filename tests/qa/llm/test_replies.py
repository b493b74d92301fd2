"""Chat completions in all shapes, right and wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.qa.llm.place import ReportedError, Unusable
from pullquote.qa.llm.replies import MAX_CHARS, Reply, read_body, read_stream

NAMES = st.sampled_from(["choices", "message", "delta", "content", "finish_reason", "usage", "error", "text", "type"])
ATOMS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = st.recursive(ATOMS, lambda values: st.lists(values) | st.dictionaries(NAMES, values), max_leaves=8)


def body(text: Any = "The council met [1].", finish: str | None = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **more}, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}).encode()


def event(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    value = {"choices": [{"delta": {"content": text}, "finish_reason": finish}], **more}
    return f"data: {json.dumps(value)}\n\n".encode()


def streamed(*chunks: bytes) -> tuple[list[str], Reply]:
    reply = Reply()
    return list(read_stream(chunks, reply)), reply


def test_a_whole_reply_is_read_with_its_costs() -> None:
    reply = read_body(body())
    assert (reply.text, reply.outcome(), reply.prompt_tokens, reply.completion_tokens) == (
        "The council met [1].",
        "complete",
        7,
        5,
    )


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "complete"),
        (None, "complete"),
        ("", "complete"),
        ("STOP", "complete"),
        ("eos_token", "complete"),
        ("length", "length"),
        ("model_length", "length"),
        ("content_filter", "filtered"),
        ("tool_calls", "incomplete"),
        ("function_call", "incomplete"),
        ("insufficient_system_resource", "incomplete"),
    ],
)
def test_every_finish_reason_has_a_meaning_and_an_unknown_one_is_not_the_end(reason: str | None, finish: str) -> None:
    assert read_body(body(finish=reason)).outcome() == finish


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (body(None), "empty"),
        (body(""), "empty"),
        (body(" \n\t "), "empty"),
        (body(17), "empty"),
        (body("", "length"), "tokens"),
        (body("", "content_filter"), "filter"),
        (body(None, "tool_calls"), "tool call"),
        (body(None, refusal="I cannot help with that."), "refused"),
        (b'{"choices": []}', "choices"),
        (b'{"choices": null}', "choices"),
        (b'{"choices": ["x"]}', "choices"),
        (b'{"choices": [{}]}', "message"),
        (b"{}", "choices"),
        (b"[]", "no chat completion"),
        (b'"text"', "no chat completion"),
        (body()[:40], "not whole JSON"),
        (b"", "not whole JSON"),
        (b"[" * 100_000, "not whole JSON"),
    ],
)
def test_what_holds_no_text_is_said_to_hold_none(data: bytes, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_body(data)


def test_an_error_with_status_200_is_an_error() -> None:
    for data in (b'{"error": {"message": "no", "code": 502}}', b'{"object": "error", "message": "no"}', b'{"error": "no"}'):
        with pytest.raises(ReportedError):
            read_body(data)


def test_content_may_be_a_list_of_parts() -> None:
    parts = [{"type": "text", "text": "The council "}, {"type": "thinking", "text": "hm"}, {"text": "met."}, 5]
    assert read_body(body(parts)).text == "The council met."


def test_a_text_that_is_too_long_is_cut_and_said_to_be() -> None:
    reply = read_body(body("x" * (MAX_CHARS + 1)))
    assert (len(reply.text), reply.outcome()) == (MAX_CHARS, "length")


def test_halves_of_characters_are_joined_or_replaced() -> None:
    assert read_body(b'{"choices": [{"message": {"content": "\\ud83d\\ude00 \\ud83d."}}]}').text == "\U0001f600 \ufffd."
    pieces, reply = streamed(event("a\ud83d"), event("\ude00b"), event(finish="stop"))
    assert pieces == ["a", "\U0001f600b"]
    assert reply.text == "a\U0001f600b"


def test_a_stream_is_read_piece_by_piece() -> None:
    usage = event(usage={"prompt_tokens": 9, "completion_tokens": 2})
    pieces, reply = streamed(
        event(""), event("The "), b"data:\n\n", event("vote."), event(finish="stop"), usage, b"data: [DONE]\n\n"
    )
    assert pieces == ["The ", "vote."]
    assert (reply.text, reply.outcome(), reply.prompt_tokens, reply.completion_tokens) == ("The vote.", "complete", 9, 2)


def test_a_stream_without_finish_and_done_is_incomplete() -> None:
    assert streamed(event("The "))[1].outcome() == "incomplete"
    assert streamed(event("The "), b"data: [DONE]\n\n")[1].outcome() == "complete"
    assert streamed(event("The "), event(finish="stop"))[1].outcome() == "complete"
    assert streamed(event("The "), event(finish="odd"), b"data: [DONE]\n\n")[1].outcome() == "incomplete"


def test_nothing_is_read_behind_done_or_beyond_the_limit() -> None:
    assert streamed(b"data: [DONE]\n\n", event("more"))[0] == []
    pieces, reply = streamed(*[event("x" * 1000)] * 100)
    assert sum(map(len, pieces)) == len(reply.text) == MAX_CHARS
    assert reply.outcome() == "length"


def test_nonsense_in_a_stream_is_noticed() -> None:
    error = b'data: {"error": {"message": "x"}}\n\n'
    for data, kind in ((b"data: {\n\n", Unusable), (b"data: 7\n\n", Unusable), (error, ReportedError)):
        with pytest.raises(kind):
            streamed(event("The "), data)


@given(st.dictionaries(NAMES, JSON) | JSON)
def test_any_json_is_a_reply_or_a_documented_fault(value: Any) -> None:
    data = json.dumps(value).encode()
    with suppress(Unusable, ReportedError):
        assert read_body(data).text.strip()
    with suppress(Unusable, ReportedError):
        streamed(b"data: " + data + b"\n\n")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_a_documented_fault(data: bytes) -> None:
    with pytest.raises((Unusable, ReportedError)):
        read_body(data)
