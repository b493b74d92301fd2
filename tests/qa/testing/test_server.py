"""The scripted server, asked by the real client (case Q05)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import openai
import pytest

from pullquote.qa.testing import FAULTS, ScriptedServer, chunked, fault, reply

Connect = Callable[[str], openai.OpenAI]
QUESTION: list[Any] = [{"role": "user", "content": "Who called for restraint?"}]


def ask(client: openai.OpenAI, **options: Any) -> Any:
    return client.chat.completions.create(model="m", messages=QUESTION, **options)


def test_a_text_comes_back_as_one_body(connect: Connect) -> None:
    with ScriptedServer([reply("The EU did [1].", prompt_tokens=31, completion_tokens=5)]) as server:
        answer = ask(connect(server.base_url))
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("The EU did [1].", "stop")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (31, 5, 36)
    assert answer.model == "m"


def test_a_text_comes_back_as_a_stream(connect: Connect) -> None:
    with ScriptedServer([reply("The EU did [1].")]) as server:
        chunks = list(ask(connect(server.base_url), stream=True, stream_options={"include_usage": True}))
    assert [part.choices[0].delta.content for part in chunks[:-2]] == ["", "The ", "EU ", "did ", "[1]."]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0


def test_pieces_come_one_after_another(connect: Connect) -> None:
    with ScriptedServer([chunked("abcdefgh", 4, pause_s=0.1)]) as server:
        arrived = [(part.choices[0].delta.content, time.monotonic()) for part in ask(connect(server.base_url), stream=True)]
    texts = [text for text, _ in arrived if text]
    assert texts == ["ab", "cd", "ef", "gh"]
    assert arrived[-1][1] - arrived[0][1] >= 0.3


def test_a_script_is_played_in_order_and_its_last_reply_goes_on(connect: Connect) -> None:
    with ScriptedServer([fault("503"), reply("one"), reply("two")]) as server:
        client = connect(server.base_url)
        with pytest.raises(openai.InternalServerError):
            ask(client)
        assert [ask(client).choices[0].message.content for _ in range(3)] == ["one", "two", "two"]
    assert len(server.requests) == 4


def test_a_function_answers_what_it_reads(connect: Connect) -> None:
    with ScriptedServer(lambda body: reply(body["messages"][-1]["content"].upper())) as server:
        assert ask(connect(server.base_url)).choices[0].message.content == "WHO CALLED FOR RESTRAINT?"


def test_a_script_that_fails_is_told_at_the_end(connect: Connect) -> None:
    def script(body: dict[str, Any]) -> Any:
        return body["no such name"]

    server = ScriptedServer(script)
    with pytest.raises(KeyError, match="no such name"), server:
        assert refused(connect(server.base_url))


def test_requests_are_kept_as_they_came(connect: Connect) -> None:
    with ScriptedServer([reply("yes")]) as server:
        ask(connect(server.base_url), max_tokens=7)
    [received] = server.requests
    assert (received.method, received.path) == ("POST", "/v1/chat/completions")
    assert received.body["messages"] == QUESTION
    assert received.body["max_tokens"] == 7
    assert received.headers["authorization"] == "Bearer sk-scripted"
    assert 0 <= time.monotonic() - received.at_s < 60


def test_models_are_listed(connect: Connect) -> None:
    with ScriptedServer([], model="tiny") as server:
        assert [model.id for model in connect(server.base_url).models.list()] == ["tiny"]


@pytest.mark.parametrize("suffix", ["", "/nested/v1"])
def test_another_path_is_not_found(connect: Connect, suffix: str) -> None:
    with ScriptedServer([reply("yes")]) as server, pytest.raises(openai.NotFoundError):
        ask(connect(server.base_url.removesuffix("/v1") + suffix))


def test_a_wrong_key_is_refused_and_takes_nothing_from_the_script(connect: Connect) -> None:
    with ScriptedServer([reply("first"), reply("second")], key="sk-right") as server:
        client = connect(server.base_url)
        with pytest.raises(openai.AuthenticationError, match="sk-scripted"):
            ask(client)
        assert ask(client.copy(api_key="sk-right")).choices[0].message.content == "first"


def test_a_schema_is_refused_by_a_server_that_has_none(connect: Connect) -> None:
    with ScriptedServer([reply("{}")], refuses_schema=True) as server:
        client = connect(server.base_url)
        with pytest.raises(openai.BadRequestError, match="response_format"):
            ask(client, response_format={"type": "json_object"})
        assert ask(client).choices[0].message.content == "{}"


def test_a_sound_connection_serves_again(connect: Connect) -> None:
    with ScriptedServer([reply("yes")]) as server:
        client = connect(server.base_url)
        for stream in (False, True) * 5:
            answer = ask(client, stream=stream)
            assert list(answer)
    assert len(server.requests) == 10
    assert server.hung_up == 0


def test_what_is_in_flight_is_counted(connect: Connect) -> None:
    with ScriptedServer([reply("yes", delay_s=0.3)]) as server:
        client = connect(server.base_url)
        ask(client)
        ask(client)
        assert server.most_in_flight == 1
        threads = [threading.Thread(target=ask, args=(client,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.most_in_flight == 6
        assert server.in_flight == 0


@pytest.mark.parametrize("name", ["stream_stall", "stream_drip", "stream_endless"])
def test_a_client_that_leaves_a_stream_is_noticed(connect: Connect, name: str) -> None:
    with ScriptedServer([fault(name)]) as server:
        stream = ask(connect(server.base_url), stream=True)
        next(stream)
        stream.close()
        assert server.wait_until_idle(5)
        assert server.hung_up == 1


def test_a_client_that_waits_no_longer_is_noticed(connect: Connect) -> None:
    with ScriptedServer([fault("silence")]) as server:
        with pytest.raises(openai.APITimeoutError):
            ask(connect(server.base_url), timeout=0.2)
        assert server.wait_until_idle(5)
        assert server.hung_up == 1


@pytest.mark.parametrize("name", ["silence", "stream_stall", "stream_endless"])
def test_closing_waits_for_nothing_and_leaves_no_thread(connect: Connect, name: str) -> None:
    before = set(threading.enumerate())
    with ScriptedServer([fault(name)]) as server:
        asking = threading.Thread(target=endure, args=(connect(server.base_url),))
        asking.start()
        while not server.in_flight:
            time.sleep(0.01)
        begin = time.monotonic()
    assert time.monotonic() - begin < 5
    asking.join(5)
    assert not asking.is_alive()
    assert set(threading.enumerate()) <= before
    assert server.hung_up == 0


def endure(client: openai.OpenAI) -> None:
    """Ask and read, whatever comes of it."""
    with suppress(openai.OpenAIError, httpx.HTTPError):
        for _ in ask(client, stream=True):
            pass


def refused(client: openai.OpenAI) -> bool:
    """Ask; return whether the server had an error of its own."""
    try:
        ask(client)
    except openai.InternalServerError:
        return True
    return False


def test_every_fault_is_a_reply_of_that_name() -> None:
    assert [fault(name).name for name in FAULTS] == list(FAULTS)
    with pytest.raises(KeyError):
        fault("no such fault")
