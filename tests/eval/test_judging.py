"""The judge of the environment: named and told apart by its settings, never by its key."""

from __future__ import annotations

from multiprocessing.reduction import ForkingPickler

import pytest

from pullquote.eval.judging import environment_judge
from pullquote.index.errors import UsageError

SERVER = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "sk-very-secret", "PULLQUOTE_MODEL": "model-x"}


def test_without_a_model_the_variables_to_set_are_named() -> None:
    with pytest.raises(UsageError, match="set OPENAI_API_KEY, or OPENAI_BASE_URL"):
        environment_judge({})


def test_what_travels_to_other_processes_holds_no_key_and_no_address() -> None:
    travelling = bytes(ForkingPickler.dumps(environment_judge(SERVER)))
    assert b"model-x (judge-1)" in travelling
    assert b"very-secret" not in travelling
    assert b"127.0.0.1" not in travelling


def test_another_server_or_model_is_another_judge_and_another_key_is_not() -> None:
    first = environment_judge(SERVER).label
    assert environment_judge(SERVER | {"OPENAI_API_KEY": "sk-other"}).label == first
    assert environment_judge(SERVER | {"PULLQUOTE_MODEL": "model-y"}).label != first
    assert environment_judge(SERVER | {"OPENAI_BASE_URL": "http://127.0.0.1:10/v1"}).label != first


def test_a_model_that_is_not_named_is_the_servers_first() -> None:
    assert "the server's first model (judge-1)" in environment_judge(SERVER | {"PULLQUOTE_MODEL": ""}).label
