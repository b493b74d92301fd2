"""Whatever goes wrong between here and a model's server, a question ends in an answer that says so or in a documented error."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

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
from pullquote.qa.events import Done, Drafted, Verified
from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings
from pullquote.qa.testing import FAULTS, Reply, ScriptedServer, chunked, fault, reply
from pullquote.qa.types import Answer

KEY = "sk-test-1234567890abcdef"
QUESTION = "Who called for restraint?"
TRUE = "Marit Oldane called for restraint."
PATIENT = AskSettings(candidates=4, deadline_s=20.0)
HASTY = replace(PATIENT, deadline_s=3.0)
TOLERANCE_S = 4.0  # the machine may be busy

PARTIAL, WHOLE = "partial", "whole"
EITHER: dict[str, type[ModelError] | str] = {
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
    "length": PARTIAL,
    "content_filter": PARTIAL,
    "tool_calls": ModelReplyUnusable,
    "error_in_200": ModelUnreachable,
    "silence": ModelTimeout,
    "huge_body": ModelReplyUnusable,
    "null_finish": WHOLE,
}
STREAM_ONLY: dict[str, type[ModelError] | str] = {
    "stream_clean_cut": PARTIAL,
    "stream_dirty_cut": PARTIAL,
    "stream_bad_json": PARTIAL,
    "stream_error_event": PARTIAL,
    "stream_length": PARTIAL,
    "stream_html": ModelReplyUnusable,
    "stream_stall": PARTIAL,
    "stream_drip": PARTIAL,
    "stream_endless": PARTIAL,
    "stream_odd_sse": WHOLE,
}
"""What comes of a fault where nothing else may answer; other doors than the stream get the stream's faults as whole replies."""

SLOW = ("silence", "stream_stall", "stream_drip", "stream_endless")
WITH_TEXT = ("length", "content_filter", "null_finish", "silence", *(name for name in STREAM_ONLY if name != "stream_html"))
THRICE = ("429", "429_retry_after", "500", "503", "cut_json", "error_in_200")
ONCE = ("insufficient_quota", "401", "403", "404", "400", "422", "html", "no_choices", "null_content", "tool_calls", "huge_body")
Door = Callable[[Newsroom], Answer]


def drafted(body: dict[str, Any]) -> str:
    """Return a true sentence and the beginning of a longer one, citing the evidence that a request shows."""
    line = next(line for line in body["messages"][-1]["content"].splitlines() if line.startswith("[") and "Oldane" in line)
    return f"{TRUE[:-1]} {line[: line.index(']') + 1]}. She also {'said and ' * 30}left"


def played(name: str) -> Callable[[dict[str, Any]], Reply]:
    """Return a script that plays a fault with a text that could be shown in part."""
    pace = {"every_s": 0.1} if name == "stream_drip" else {}
    return lambda body: fault(name, **({"text": drafted(body)} if name in WITH_TEXT else {}), **pace)


def room_at(room: Newsroom, server: ScriptedServer, settings: AskSettings = PATIENT, **more: Any) -> Newsroom:
    """Return the room with the model that a server plays; it writes plain text unless told otherwise."""
    known = {"model": "scripted", "base_url": server.base_url, "api_key": KEY, "structured": "text"}
    return Newsroom(room.store, settings, ServedModel(ModelSettings(**{**known, **more})))


def ask(room: Newsroom) -> Answer:
    return room.ask(QUESTION)


def stream(room: Newsroom) -> Answer:
    """Return a stream's answer; nothing in it may have been shown as verified that was not drafted and checked before."""
    seen = list(room.stream(QUESTION))
    assert isinstance(seen[-1], Done)
    answer = seen[-1].answer
    if answer.engine == "llm":
        drafts = [event.number for event in seen if isinstance(event, Drafted)]
        assert [event.number for event in seen if isinstance(event, Verified)] == drafts
    return answer


def together(check: Callable[[str], None], names: Iterable[str]) -> None:
    """Run a check for all names, several at once, and report all that failed."""
    with ThreadPoolExecutor(8) as pool:
        running = {name: pool.submit(check, name) for name in names}
    failed = {name: repr(error) for name, future in running.items() if (error := future.exception())}
    assert not failed, "\n".join(f"{name}: {error}" for name, error in failed.items())


def fit_to_show(text: str) -> None:
    assert 0 < len(text) <= 300
    assert text.isprintable()
    assert KEY not in text
    assert "Traceback" not in text
    assert "//" not in text or "@" not in text


def whole_answer(answer: Answer) -> None:
    """Check an answer that a reader gets: cited, supported, and nothing in it that should be secret."""
    assert answer.status == "answered"
    assert all(sentence.citations and sentence.support.verdict == "supported" for sentence in answer.sentences)
    assert KEY not in json.dumps(answer.to_dict()) + str(answer) + answer._repr_html_()


def test_the_table_has_every_fault_that_the_server_can_play() -> None:
    assert {*EITHER, *STREAM_ONLY} == set(FAULTS)


def with_fallback(room: Newsroom, name: str, door: Door, outcome: type[ModelError] | str) -> None:
    settings = HASTY if name in SLOW else PATIENT
    with ScriptedServer(played(name)) as server:
        begin = time.monotonic()
        answer = door(room_at(room, server, settings))
        taken_s, requests = time.monotonic() - begin, len(server.requests)
    whole_answer(answer)
    assert taken_s < settings.deadline_s + TOLERANCE_S
    assert requests <= 3 or name == "context_length_exceeded"
    if isinstance(outcome, str) and not (name in SLOW and answer.engine == "extractive"):  # a busy machine may have no time left
        assert (answer.engine, answer.fallback, answer.complete) == ("llm", None, outcome == WHOLE)
        assert answer.sentences[0].text == TRUE
        assert "cut off" in str(answer) or outcome == WHOLE
    else:
        assert (answer.engine, answer.model, answer.complete) == ("extractive", None, True)
        fit_to_show(answer.fallback or "")
        assert answer.usage.requests == requests


def without_fallback(room: Newsroom, name: str, door: Door, outcome: type[ModelError]) -> None:
    settings = replace(HASTY if name in SLOW else PATIENT, fallback=False)
    with ScriptedServer(played(name)) as server, pytest.raises(ModelError) as caught:
        door(room_at(room, server, settings))
    assert type(caught.value) is outcome
    fit_to_show(str(caught.value))
    assert caught.value.exit_code == 5
    if name in ONCE or name in THRICE:
        assert caught.value.requests == len(server.requests) == (1 if name in ONCE else 3)
    else:
        assert len(server.requests) <= 2  # silence, and a prompt that is too long: it is halved once


def test_every_fault_of_a_whole_reply_ends_in_an_answer_or_an_error(sample_room: Newsroom) -> None:
    def check(name: str) -> None:
        outcome = EITHER.get(name, WHOLE)
        with_fallback(sample_room, name, ask, outcome)
        if not isinstance(outcome, str):
            without_fallback(sample_room, name, ask, outcome)

    together(check, [*EITHER, "stream_dirty_cut", "stream_odd_sse"])


def test_every_fault_of_a_stream_ends_in_an_answer_or_an_error(sample_room: Newsroom) -> None:
    def check(name: str) -> None:
        outcome = {**EITHER, **STREAM_ONLY}[name]
        with_fallback(sample_room, name, stream, outcome)
        if not isinstance(outcome, str):
            without_fallback(sample_room, name, stream, outcome)

    together(check, FAULTS)


@pytest.mark.parametrize("door", [ask, stream])
def test_a_reply_without_words_is_no_answer(sample_room: Newsroom, door: Door) -> None:
    def check(text: str) -> None:
        with ScriptedServer([reply(text)]) as server:
            answer = door(room_at(sample_room, server))
        whole_answer(answer)
        assert answer.engine == "extractive"
        fit_to_show(answer.fallback or "")

    together(check, ["", " \n\t", "null", "[1][2]", "{}", "```json\n```", "…", "<think>Who was it?"])


@pytest.mark.parametrize("context_tokens", [512, 1024, 2048, 4096])
def test_the_prompt_leaves_room_for_the_reply_in_a_small_context(sample_room: Newsroom, context_tokens: int) -> None:
    with ScriptedServer(lambda body: reply(drafted(body))) as server:
        settings = replace(PATIENT, candidates=40)
        answer = room_at(sample_room, server, settings, context_tokens=context_tokens).ask(QUESTION)
        (request,) = server.requests
    counted = answer.usage.prompt_tokens  # a quarter of the characters, as the scripted server counts
    assert counted + request.body["max_tokens"] <= context_tokens
    assert request.body["max_tokens"] >= min(512, context_tokens // 4)
    shown = [line for line in request.body["messages"][-1]["content"].splitlines() if line.startswith("[")]
    assert len(shown) + answer.usage.evidence_left_out == len(answer.evidence)
    assert answer.engine == "llm"


def test_a_server_that_can_read_less_than_it_was_thought_to_is_asked_once_more(sample_room: Newsroom) -> None:
    replies = [fault("context_length_exceeded", style="llama.cpp")]
    with ScriptedServer(lambda body: replies.pop() if replies else reply(drafted(body))) as server:
        answer = room_at(sample_room, server, context_tokens=100_000).ask(QUESTION)
        first, second = (len(request.body["messages"][-1]["content"]) for request in server.requests)
    assert (answer.engine, answer.usage.calls) == ("llm", 2)
    assert second <= first


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_may_be_written_in_several_ways(sample_room: Newsroom, ending: str) -> None:
    with ScriptedServer(lambda body: reply(drafted(body))) as server:
        url = server.base_url.removesuffix("/v1") + ending
        answer = room_at(sample_room, server, base_url=url).ask(QUESTION)
        assert [request.path for request in server.requests] == ["/v1/chat/completions"]
    assert answer.engine == "llm"


def test_a_wrong_name_or_address_is_told_with_the_setting_to_look_at(sample_room: Newsroom) -> None:
    strict = replace(PATIENT, fallback=False)
    with ScriptedServer([fault("404")]) as server:
        with pytest.raises(ModelUnknown, match="PULLQUOTE_MODEL"):
            ask(room_at(sample_room, server, strict, model="no-such-model"))
        with pytest.raises(ModelUnknown, match="OPENAI_BASE_URL"):
            ask(room_at(sample_room, server, strict, base_url=server.base_url.replace("/v1", "/elsewhere")))
        assert len(server.requests) == 2


def test_whoever_stops_reading_the_stream_hangs_up(sample_room: Newsroom) -> None:
    before = threading.active_count()
    with ScriptedServer(lambda body: chunked(drafted(body), 200, pause_s=0.1)) as server:
        events = room_at(sample_room, server).stream(QUESTION)
        next(event for event in events if isinstance(event, Verified))
        assert server.in_flight == 1
        events.close()  # type: ignore[attr-defined]
        assert server.wait_until_idle(2.0)
        assert server.hung_up == 1
    assert threading.active_count() <= before


def test_the_key_is_nowhere_but_in_the_request(sample_room: Newsroom, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hashes = set()
    for name, key in (("401", KEY), ("401", "sk-another-0987654321fedcba"), ("500", KEY), ("stream_html", KEY)):
        with ScriptedServer([fault(name)]) as server:
            room = room_at(sample_room, server, HASTY, api_key=key)
            answer = stream(room)
            hashes.add(answer.settings_hash)
            assert server.requests[0].headers["authorization"] == f"Bearer {key}"
        assert key not in f"{room.model!r} {room.model} {answer!r} {answer} {answer.to_dict()}"
        whole_answer(answer)
    assert len(hashes) == 1
    assert KEY not in caplog.text
    assert not [record for record in caplog.records if KEY in repr(record.__dict__)]


def test_the_same_replies_give_the_same_answer_to_the_byte(sample_room: Newsroom) -> None:
    def bytes_of(door: Door) -> str:
        with ScriptedServer(lambda body: reply(drafted(body))) as server:
            answer = door(room_at(sample_room, server)).to_dict()
        return json.dumps({name: value for name, value in answer.items() if name != "timings_s"})

    assert len({bytes_of(door) for door in (ask, ask, stream, ask, stream)}) == 1
