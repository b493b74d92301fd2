"""Any llama-index LLM behind the seam, ill-behaved ones too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage, ChatResponse, CustomLLM, LLMMetadata, MockLLM
from llama_index.llms.openai_like import OpenAILike

from pullquote.index.errors import ModelBusy, ModelError, ModelReplyUnusable, ModelTimeout, ModelUnreachable
from pullquote.qa.llm.adapter import LlamaIndexModel
from pullquote.qa.llm.foreign import note_raw
from pullquote.qa.llm.replies import MAX_CHARS, Reply
from pullquote.qa.llm.types import Completion, Deadline, Request
from pullquote.qa.testing import ScriptedServer, fault, reply

Ask = Callable[..., Completion]
TEXT = "The council met on Monday – in Ōsaka – and postponed the vote [1]."


class OwnLLM(CustomLLM):
    """Says what a function yields."""

    said: Any = None

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=2048, model_name="own")

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
        raise NotImplementedError

    def chat(self, messages: Any, **kwargs: Any) -> ChatResponse:
        text = "".join(self.said())
        return ChatResponse(message=ChatMessage(role="assistant", content=text))

    def stream_chat(self, messages: Any, **kwargs: Any) -> Any:
        return (ChatResponse(message=ChatMessage(role="assistant", content=""), delta=text) for text in self.said())


def served(server: ScriptedServer, key: str) -> LlamaIndexModel:
    llm = OpenAILike(model="scripted", api_base=server.base_url, api_key=key, is_chat_model=True, max_retries=0, timeout=20.0)
    return LlamaIndexModel(llm, context_tokens=4096)


def pumps() -> int:
    return sum(thread.name == "pullquote-llm" for thread in threading.enumerate())


def gone(seconds: float = 5.0) -> bool:
    ends = time.monotonic() + seconds
    while pumps() and time.monotonic() < ends:
        time.sleep(0.02)
    return not pumps()


def test_llama_indexs_own_stand_in_answers(ask: Ask) -> None:
    completion = ask(LlamaIndexModel(MockLLM()), request=Request("Answer.", "Who met?"))
    assert "Who met?" in completion.text
    assert completion.finish == "complete"
    assert completion.prompt_tokens > 0


def test_name_and_size_are_the_llms_own_unless_given() -> None:
    own, given = LlamaIndexModel(OwnLLM()), LlamaIndexModel(OwnLLM(), "ours", 99)
    assert (own.name, own.context_tokens, own.wants_schema) == ("own", 2048, False)
    assert (given.name, given.context_tokens) == ("ours", 99)


def test_a_served_llm_answers_with_its_costs(ask: Ask, key: str) -> None:
    with ScriptedServer([reply(TEXT)]) as server:
        completion = ask(served(server, key))
    assert (completion.text, completion.finish, completion.requests) == (TEXT, "complete", 1)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("429", ModelBusy),
        ("500", ModelUnreachable),
        ("html", ModelReplyUnusable),
        ("cut_json", ModelReplyUnusable),
        ("no_choices", ModelReplyUnusable),
        ("null_content", ModelReplyUnusable),
        ("empty", ModelReplyUnusable),
        ("error_in_200", ModelError),
        ("silence", ModelTimeout),
        ("length", "length"),
        ("content_filter", "filtered"),
    ],
)
def test_faults_are_told(name: str, outcome: Any, ask: Ask, key: str) -> None:
    with ScriptedServer([fault(name)]) as server:
        if isinstance(outcome, str):
            assert ask(served(server, key)).finish == outcome
            return
        with pytest.raises(outcome) as caught:
            ask(served(server, key), 0.7 if name == "silence" else 1.5)
        assert len(server.requests) <= 3
    assert key not in str(caught.value)
    assert len(str(caught.value)) <= 200


@pytest.mark.parametrize(
    "name", ["stream_clean_cut", "stream_dirty_cut", "stream_bad_json", "stream_error_event", "stream_stall"]
)
def test_a_stream_that_was_cut_is_incomplete(name: str, ask_stream: Ask, key: str) -> None:
    with ScriptedServer([fault(name)]) as server:
        completion = ask_stream(served(server, key), 1.0)
    assert completion.finish == "incomplete"
    assert completion.text


def test_an_llm_that_takes_too_long_is_left_behind(ask: Ask) -> None:
    over = threading.Event()

    def said() -> Iterator[str]:
        over.wait(10.0)
        yield "late"

    begin = time.monotonic()
    with pytest.raises(ModelTimeout):
        ask(LlamaIndexModel(OwnLLM(said=said)), 0.5)
    assert time.monotonic() - begin < 2.5
    over.set()
    assert gone()


def test_an_llm_that_never_ends_is_stopped_at_the_limit(ask_stream: Ask) -> None:
    def said() -> Iterator[str]:
        while True:
            yield "and so on " * 100

    completion = ask_stream(LlamaIndexModel(OwnLLM(said=said)))
    assert (len(completion.text), completion.finish) == (MAX_CHARS, "length")
    assert gone()


def test_an_llm_that_nobody_listens_to_is_stopped() -> None:
    def said() -> Iterator[str]:
        while True:
            yield "and so on "

    stream = LlamaIndexModel(OwnLLM(said=said)).stream(Request("s", "u"), Deadline(20.0))
    next(stream)
    assert pumps()
    stream.close()
    assert gone()


def test_an_llm_that_stumbles_is_told_without_a_trace(ask: Ask) -> None:
    def said() -> Iterator[str]:
        raise KeyError("choices")
        yield ""

    with pytest.raises(ModelReplyUnusable) as caught:
        ask(LlamaIndexModel(OwnLLM(said=said)))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("raw", "finish", "tokens"),
    [
        ({"stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 4}}, "complete", (3, 4)),
        ({"stop_reason": "max_tokens"}, "length", (None, None)),
        ({"done_reason": "length", "prompt_eval_count": 3, "eval_count": 4}, "length", (3, 4)),
        ({"candidates": [{"finish_reason": "SAFETY"}]}, "filtered", (None, None)),
        (SimpleNamespace(choices=[SimpleNamespace(finish_reason="tool_calls")], usage=None), "incomplete", (None, None)),
        ({"choices": [{"finish_reason": None}]}, None, (None, None)),
        ({"usage": {"prompt_tokens": "3", "completion_tokens": True}}, None, (None, None)),
        (None, None, (None, None)),
        ("text", None, (None, None)),
    ],
)
def test_raw_responses_of_many_makers_are_understood(raw: Any, finish: str | None, tokens: tuple[Any, Any]) -> None:
    noted = Reply()
    note_raw(raw, noted)
    assert (noted.finish, (noted.prompt_tokens, noted.completion_tokens)) == (finish, tokens)
