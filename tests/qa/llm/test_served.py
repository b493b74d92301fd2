"""A model behind a server: what is sent, what comes back, and what is let go of."""

from __future__ import annotations

import json
import logging
import pickle  # noqa: TID251  (to see what would be in one)
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from pullquote.index.errors import ContextTooLong, ModelError, ModelRequestRefused, ModelTimeout, ModelUnknown
from pullquote.qa.llm.endpoints import make_client, make_endpoint
from pullquote.qa.llm.providers import ServedModel, language_model
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.types import Completion, Deadline, Request
from pullquote.qa.testing import Reply, ScriptedServer, chunked, fault, reply
from pullquote.qa.testing.replies import whole as as_json

Ask = Callable[..., Completion]
Make = Callable[..., ServedModel]
Drain = Callable[[Generator[str, None, Completion]], tuple[list[str], Completion]]

TEXT = "The council met on Monday – in Ōsaka – and postponed the vote [1]."
SCHEMA = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 300}}}
PLAIN, STRUCTURED = Request("Answer.", "Who met?"), Request("Answer.", "Who met?", SCHEMA, max_tokens=99)


def test_a_reply_comes_back_with_its_costs(ask: Ask, model_at: Make) -> None:
    with ScriptedServer([reply(TEXT, prompt_tokens=41, completion_tokens=17)]) as server:
        assert ask(model_at(server)) == Completion(TEXT, "complete", 41, 17, 1)


def test_costs_that_are_not_told_are_counted(model_at: Make, ask_whole: Ask) -> None:
    value = {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
    with ScriptedServer([Reply("bare", lambda _: as_json(value))]) as server:
        completion = ask_whole(model_at(server, model="gpt-4"))
    assert completion.prompt_tokens > 10
    assert completion.completion_tokens > 10


def test_what_is_sent(model_at: Make, key: str, ask: Ask) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        ask(model_at(server), 10.0, STRUCTURED)
        (sent,) = server.requests
    assert [(message["role"], message["content"]) for message in sent.body["messages"]] == [
        ("system", "Answer."),
        ("user", "Who met?"),
    ]
    assert (sent.body["model"], sent.body["temperature"], sent.body["max_tokens"]) == ("scripted", 0.0, 99)
    assert sent.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert sent.headers["authorization"] == f"Bearer {key}"
    assert sent.headers["accept-encoding"] == "identity"


def test_a_reply_longer_than_the_settings_allow_is_not_asked_for(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        ask_whole(model_at(server, max_output_tokens=50), 10.0, PLAIN)
        assert server.requests[0].body["max_tokens"] == 50


def test_user_and_password_in_the_address_are_sent_as_such(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        ask_whole(model_at(server, base_url=server.base_url.replace("//", "//desk:sesame@")))
        assert server.requests[0].headers["authorization"] == "Basic ZGVzazpzZXNhbWU="


def test_a_schema_that_is_refused_is_left_out_from_then_on(ask: Ask, model_at: Make) -> None:
    with ScriptedServer([reply(TEXT)], refuses_schema=True) as server:
        model = model_at(server)
        assert model.wants_schema
        assert ask(model, 10.0, STRUCTURED).requests == 2
        assert not model.wants_schema
        assert ask(model, 10.0, STRUCTURED).requests == 1
        assert ["response_format" in request.body for request in server.requests] == [True, False, False]


def test_a_schema_that_is_insisted_on_is_not_left_out(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([reply(TEXT)], refuses_schema=True) as server:
        with pytest.raises(ModelRequestRefused):
            ask_whole(model_at(server, structured="json"), 10.0, STRUCTURED)
        assert len(server.requests) == 1


def test_a_refusal_that_has_other_causes_teaches_nothing(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([fault("422")]) as server:
        model = model_at(server)
        with pytest.raises(ModelRequestRefused):
            ask_whole(model, 10.0, STRUCTURED)
        assert model.wants_schema
        assert len(server.requests) == 2


def test_the_servers_first_model_is_taken_where_none_is_named(ask: Ask, model_at: Make) -> None:
    with ScriptedServer([reply(TEXT)], model="tiny") as server:
        model = model_at(server, model="")
        assert model.name == "the server's first model"
        ask(model)
        ask(model)
        assert model.name == "tiny"
        assert [request.path for request in server.requests] == ["/v1/models", *["/v1/chat/completions"] * 2]
        assert server.requests[1].body["model"] == "tiny"


def test_a_server_without_models_is_told(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        model = model_at(server, model="", base_url=server.base_url.replace("/v1", "/v2"))
        with pytest.raises(ModelUnknown, match="PULLQUOTE_MODEL"):
            ask_whole(model)


@pytest.mark.parametrize(("style", "tokens"), [("openai", 4096), ("llama.cpp", 4096), ("vllm", 4096)])
def test_what_the_model_can_read_is_learned_when_it_is_too_much(style: str, tokens: int, model_at: Make, ask: Ask) -> None:
    with ScriptedServer([fault("context_length_exceeded", style=style)]) as server:
        model = model_at(server, context_tokens=32768)
        assert model.context_tokens == 32768
        with pytest.raises(ContextTooLong):
            ask(model)
        assert model.context_tokens == tokens


# -- streams --------------------------------------------------------------------------------------


def test_a_stream_comes_as_it_is_written(model_at: Make, drain: Drain) -> None:
    with ScriptedServer([chunked(TEXT, 6, pause_s=0.05)]) as server:
        pieces, completion = drain(model_at(server).stream(PLAIN, Deadline(10.0)))
    assert len(pieces) >= 5
    assert "".join(pieces) == completion.text == TEXT
    assert completion.finish == "complete"


@pytest.mark.parametrize("bom", ["comment", "data", "none"])
def test_odd_streams_say_the_same_as_plain_ones(bom: str, model_at: Make, ask_stream: Ask) -> None:
    with ScriptedServer([fault("stream_odd_sse", text=TEXT, bom=bom)]) as server:
        assert ask_stream(model_at(server)).text == TEXT


def test_a_server_that_cannot_stream_is_read_all_the_same(model_at: Make, ask_stream: Ask) -> None:
    value = {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
    with ScriptedServer([Reply("whole", lambda _: as_json(value))]) as server:
        assert ask_stream(model_at(server)).text == TEXT


def test_nothing_is_sent_before_the_first_piece_is_asked_for(model_at: Make) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        stream = model_at(server).stream(PLAIN, Deadline(10.0))
        time.sleep(0.1)
        assert server.requests == []
        stream.close()


def test_a_stream_that_nobody_reads_on_is_hung_up(model_at: Make) -> None:
    with ScriptedServer([fault("stream_drip", every_s=0.1)]) as server:
        before = threading.active_count()
        stream = model_at(server, in_flight=1).stream(PLAIN, Deadline(30.0))
        next(stream)
        assert server.in_flight == 1
        stream.close()
        assert server.wait_until_idle(2.0)
        assert server.hung_up == 1
        assert threading.active_count() <= before + 1  # the server's own


def test_a_stream_that_was_closed_gives_its_turn_back(model_at: Make) -> None:
    with ScriptedServer([chunked(TEXT, 6)]) as server:
        model = model_at(server, in_flight=1)
        stream = model.stream(PLAIN, Deadline(10.0))
        next(stream)
        with pytest.raises(ModelTimeout):
            model.complete(PLAIN, Deadline(0.2))
        stream.close()
        assert model.complete(PLAIN, Deadline(10.0)).text == TEXT


def test_no_more_calls_are_under_way_than_are_allowed(model_at: Make) -> None:
    with ScriptedServer([reply(TEXT, delay_s=0.05)]) as server:
        model = model_at(server, in_flight=4)
        threads = [threading.Thread(target=model.complete, args=(PLAIN, Deadline(30.0))) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 32
        assert 2 <= server.most_in_flight <= 4


# -- secrets --------------------------------------------------------------------------------------


def test_neither_model_nor_llama_index_shows_the_key(key: str) -> None:
    settings = ModelSettings("m", "http://desk:sesame@127.0.0.1:1/v1", key)
    llm = make_endpoint("m", settings, make_client(settings)).llm
    shown = [repr(language_model(settings)), repr(llm), str(llm), llm.to_json(), str(llm.model_dump())]
    shown.append(pickle.dumps(llm).decode("latin-1"))
    assert not [text for text in shown if key in text or "sesame" in text]


@pytest.mark.parametrize("name", ["401", "500", "html", "stream_error_event"])
def test_the_key_is_in_no_log(name: str, ask: Ask, model_at: Make, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer([fault(name)]) as server:
        model = model_at(server, base_url=server.base_url.replace("//", "//desk:sesame@"))
        try:
            ask(model, 1.0)
        except ModelError as error:
            caplog.handler.handle(logging.LogRecord("x", 40, "", 0, str(error), None, (type(error), error, error.__traceback__)))
    assert caplog.text
    assert key not in caplog.text
    assert "sesame" not in caplog.text


def test_a_key_in_the_clear_is_warned_of(key: str) -> None:
    with pytest.warns(UserWarning, match="not encrypted"):
        language_model(ModelSettings("m", "http://models.example/v1", key))


# -- OpenAI itself --------------------------------------------------------------------------------


def options_of(name: str, **more: Any) -> dict[str, Any]:
    settings = ModelSettings(name, api_key="sk-x", **more)
    return make_endpoint(name, settings, make_client(settings)).options.body(STRUCTURED, 99, stream=False)


def test_openais_models_are_asked_in_their_own_way() -> None:
    thinking, plain = options_of("gpt-5-mini"), options_of("gpt-4o-mini")
    assert (thinking["temperature"], thinking["reasoning_effort"]) == (1.0, "low")
    assert thinking["max_completion_tokens"] > 1000
    assert (plain["temperature"], plain["max_tokens"]) == (0.0, 99)
    assert "maxLength" not in json.dumps(thinking["response_format"])


def test_what_openais_models_can_read_is_known() -> None:
    assert language_model(ModelSettings(api_key="sk-x")).context_tokens == 400_000
    assert language_model(ModelSettings("gpt-4o-mini", api_key="sk-x", context_tokens=9000)).context_tokens == 9000
    assert language_model(ModelSettings("gpt-of-tomorrow", api_key="sk-x")).context_tokens == 4096
