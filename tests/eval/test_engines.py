"""The engines that can be measured by name."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pullquote.eval import engines
from pullquote.eval.engines import ENGINES, engine_name, find_engine
from pullquote.eval.metering import Meter
from pullquote.index.errors import ModelQuota, SettingsError
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.testing import ScriptedServer, fault, reply

QUESTION = "Who called for restraint?"


@pytest.fixture
def fresh() -> Iterator[None]:
    engines._language_model.cache_clear()
    yield
    engines._language_model.cache_clear()


def test_engines_are_found_by_their_names() -> None:
    assert [engine_name(find_engine(name)) for name in ENGINES] == ["extractive", "llm"]


def test_the_engine_with_a_language_model_spends_tokens_and_hides_no_failure(
    fresh: None, sample_room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.dumps({"answers": False, "sentences": []})
    with ScriptedServer([reply(said, prompt_tokens=700, completion_tokens=9), fault("insufficient_quota")]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("PULLQUOTE_MODEL", "scripted")
        meter = Meter(ENGINES["llm"])
        ask = meter(sample_room.store, ())
        answer = ask(QUESTION)
        assert (answer.engine, answer.status, answer.model) == ("llm", "abstained", "scripted")
        assert (meter.prompt_tokens, meter.completion_tokens) == (700, 9)
        with pytest.raises(ModelQuota):
            ask(QUESTION)


def test_it_says_what_to_set_when_no_model_is_named(fresh: None, sample_room: Newsroom) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL"):
        ENGINES["llm"](sample_room.store, ())
