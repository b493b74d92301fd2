"""What a user may choose, and that the key is nowhere to be seen."""

from __future__ import annotations

import copy
import json
import pickle  # noqa: TID251  (to see what would be in one)
from dataclasses import asdict, replace
from typing import Any

import pytest

from pullquote.index.errors import SettingsError
from pullquote.qa.llm.settings import DEFAULT_MODEL, ModelSettings, Secret
from pullquote.qa.settings import AskSettings

KEY, PASSWORD = "sk-live-0123456789abcdef", "open-sesame"
SECRET = ModelSettings(model="m", base_url=f"http://desk:{PASSWORD}@127.0.0.1:8080/v1", api_key=KEY)


def made(**env: str) -> ModelSettings:
    settings = ModelSettings.from_env(env)
    assert settings is not None
    return settings


def test_without_key_and_base_url_there_is_nobody_to_ask() -> None:
    assert ModelSettings.from_env({}) is None
    assert ModelSettings.from_env({"PULLQUOTE_MODEL": "m", "OPENAI_API_KEY": "  ", "OPENAI_BASE_URL": ""}) is None


def test_a_key_alone_means_openai_and_its_small_model() -> None:
    settings = made(OPENAI_API_KEY=f" {KEY}\n")
    assert (settings.model, settings.base_url, settings.key) == (DEFAULT_MODEL, "", KEY)


def test_a_base_url_alone_means_whatever_model_is_there() -> None:
    settings = made(OPENAI_BASE_URL="http://127.0.0.1:8080")
    assert (settings.model, settings.base_url, settings.key) == ("", "http://127.0.0.1:8080/v1", "")


def test_everything_is_read_from_the_environment() -> None:
    settings = made(
        OPENAI_BASE_URL="http://127.0.0.1:1/v1",
        PULLQUOTE_MODEL="tiny",
        PULLQUOTE_CONTEXT_TOKENS="8192",
        PULLQUOTE_DEADLINE_S="12.5",
        PULLQUOTE_STRUCTURED="text",
    )
    assert settings == ModelSettings("tiny", "http://127.0.0.1:1/v1", "", 8192, deadline_s=12.5, structured="text")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PULLQUOTE_CONTEXT_TOKENS", "many", "whole number"),
        ("PULLQUOTE_CONTEXT_TOKENS", "-5", "whole number"),
        ("PULLQUOTE_CONTEXT_TOKENS", "100", "512 to 4000000"),
        ("PULLQUOTE_DEADLINE_S", "nan", "number of seconds"),
        ("PULLQUOTE_DEADLINE_S", "0.5", "1 to 3600"),
        ("PULLQUOTE_STRUCTURED", "xml", "auto, json or text"),
        ("PULLQUOTE_MODEL", "a\x1b[31mb", "printable"),
        ("PULLQUOTE_MODEL", "m" * 201, "200"),
        ("OPENAI_BASE_URL", "127.0.0.1:8080", "http"),
        ("OPENAI_API_KEY", "two words", "printable ASCII"),
        ("OPENAI_API_KEY", "schlüssel", "printable ASCII"),
    ],
)
def test_a_bad_value_is_refused_with_variable_and_range(variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        made(**{"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", variable: value})
    assert said in str(caught.value)
    assert "schlüssel" not in str(caught.value)
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize("seconds", ["12.5", " 12.5 ", "", "nan", "0.5", "1e3", "4000"])
def test_the_time_for_a_question_is_read_alike_for_the_model_and_for_the_answer(seconds: str) -> None:
    def read(settings: type[AskSettings] | type[ModelSettings]) -> float | str:
        try:
            found = settings.from_env({"OPENAI_API_KEY": KEY, "PULLQUOTE_DEADLINE_S": seconds})
        except SettingsError as error:
            return str(error)
        assert found is not None
        return found.deadline_s

    assert read(ModelSettings) == read(AskSettings)


@pytest.mark.parametrize("values", [{"in_flight": 0}, {"in_flight": 65}, {"max_output_tokens": 3}, {"deadline_s": 4000.0}])
def test_a_bad_value_is_refused_in_code_too(values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        ModelSettings(model="m", **values)


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET} {SECRET.api_key} {SECRET.credentials!r}",
        str(SECRET.to_dict()),
        json.dumps(SECRET.to_dict()),
        str(asdict(SECRET)),
        json.dumps(asdict(SECRET), default=str),
        pickle.dumps(SECRET).decode("latin-1"),
        repr(pickle.loads(pickle.dumps(SECRET))),
        repr(copy.deepcopy(SECRET)),
        SECRET.hash(),
        str(vars(Secret)),
    ],
)
def test_neither_key_nor_password_is_shown_or_stored(shown: str) -> None:
    assert KEY not in shown
    assert PASSWORD not in shown


def test_the_key_is_there_for_whoever_sends_it() -> None:
    assert SECRET.key == KEY
    assert SECRET.credentials.reveal() == f"desk:{PASSWORD}"
    assert copy.deepcopy(SECRET).key == copy.copy(SECRET).key == replace(SECRET, model="n").key == KEY
    assert replace(SECRET, model="n").credentials.reveal() == f"desk:{PASSWORD}"
    assert pickle.loads(pickle.dumps(SECRET)).key == ""


def test_the_hash_depends_on_the_model_and_not_on_the_key() -> None:
    assert len(SECRET.hash()) == 12
    assert replace(SECRET, api_key="sk-other").hash() == SECRET.hash()
    assert replace(SECRET, model="other").hash() != SECRET.hash()
    assert replace(SECRET, base_url="http://127.0.0.1:8081/v1").hash() != SECRET.hash()


@pytest.mark.parametrize(
    ("base_url", "key", "warned"),
    [
        ("http://models.example/v1", KEY, True),
        ("http://desk:pw@models.example/v1", "", True),
        ("http://192.168.1.7:8000/v1", KEY, True),
        ("http://models.example/v1", "", False),
        ("https://models.example/v1", KEY, False),
        ("http://127.0.0.1:8080/v1", KEY, False),
        ("http://localhost:8080/v1", KEY, False),
        ("http://[::1]:8080/v1", KEY, False),
        ("", KEY, False),
    ],
)
def test_a_key_that_would_travel_unencrypted_is_warned_of(base_url: str, key: str, warned: bool) -> None:
    warning = ModelSettings("m", base_url, key).warning
    assert bool(warning) is warned
    assert "pw" not in (warning or "")
