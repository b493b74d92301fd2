"""Whatever the libraries raise has a place in the tree of errors."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import ssl
from collections.abc import Iterator

import httpcore
import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.errors import (
    ModelError,
    ModelReplyUnusable,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnreachable,
    SettingsError,
)
from pullquote.qa.llm.faults import KNOWN, as_model_error, guarded
from pullquote.qa.llm.place import Place, ReportedError, Unusable
from pullquote.qa.llm.types import Deadline

KEY = "sk-live-0123456789abcdef"
PLACE = Place("a-model", "127.0.0.1:8080/v1", (KEY, "open-sesame"))
REQUEST = httpx.Request("POST", "http://127.0.0.1:8080/v1", headers={"Authorization": f"Bearer {KEY}"})


def exceptions_of_openai() -> Iterator[type[Exception]]:
    """Yield every class of exception that is defined anywhere in the package, its generated types apart."""
    seen = set()
    for module in pkgutil.walk_packages(openai.__path__, "openai."):
        if ".types" in module.name or ".cli" in module.name or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and issubclass(value, Exception) and value.__module__.startswith("openai"):
                seen.add(value)
    yield from sorted(seen, key=lambda kind: kind.__qualname__)


def made(kind: type[Exception]) -> Exception:
    """Return an instance of a class, without going through its constructor, whatever that wants."""
    error = kind.__new__(kind)
    error.args = ("something happened",)
    response = httpx.Response(500, request=REQUEST)
    for name, value in {"status_code": 500, "response": response, "body": None, "message": "m", "request": REQUEST}.items():
        setattr(error, name, value)
    return error


OPENAI = list(exceptions_of_openai())


def test_openai_has_the_exceptions_that_are_looked_for() -> None:
    assert {openai.RateLimitError, openai.APITimeoutError, openai.OpenAIError} <= set(OPENAI)
    assert len(OPENAI) >= 22


@pytest.mark.parametrize("kind", [kind for kind in OPENAI if kind.__module__ == "openai"], ids=lambda kind: kind.__name__)
def test_every_public_exception_of_openai_is_mapped_by_itself(kind: type[Exception]) -> None:
    assert kind in KNOWN


@pytest.mark.parametrize("kind", OPENAI, ids=lambda kind: kind.__qualname__)
def test_every_exception_of_openai_becomes_a_kind_of_model_error(kind: type[Exception]) -> None:
    error = as_model_error(made(kind), PLACE)
    assert isinstance(error, ModelError)
    assert type(error) is not ModelError
    assert str(error).startswith("a-model at 127.0.0.1:8080/v1 ")


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (httpx.ConnectError("refused"), ModelUnreachable, True),
        (httpx.RemoteProtocolError("peer closed connection"), ModelUnreachable, True),
        (httpx.ReadTimeout("slow"), ModelUnreachable, True),
        (httpcore.ReadTimeout("slow"), ModelUnreachable, True),
        (httpx.InvalidURL("odd"), ModelRequestRefused, False),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), ModelUnreachable, False),
        (ConnectionResetError(104, "Connection reset by peer"), ModelUnreachable, True),
        (json.JSONDecodeError("Expecting value", "<html>", 0), ModelReplyUnusable, True),
        (AttributeError("'str' object has no attribute 'choices'"), ModelReplyUnusable, False),
        (IndexError("list index out of range"), ModelReplyUnusable, False),
        (TypeError("'NoneType' object is not subscriptable"), ModelReplyUnusable, False),
        (RecursionError("maximum recursion depth exceeded"), ModelReplyUnusable, False),
        (Unusable("sent a cake", "eat it", retryable=True), ModelReplyUnusable, True),
        (ReportedError({"message": "overloaded", "code": 502}), ModelUnreachable, True),
        (ReportedError("no"), ModelUnreachable, True),
        (SettingsError("PULLQUOTE_MODEL is odd"), ModelRequestRefused, False),
        (ModelUnreachable("as it was"), ModelUnreachable, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_libraries_stumble_over_is_told_apart(error: Exception, kind: type[ModelError], retryable: bool) -> None:
    fault = as_model_error(error, PLACE)
    assert type(fault) is kind
    assert fault.retryable is retryable
    assert fault.exit_code == 5


def test_the_bottom_of_a_connection_error_is_named() -> None:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = httpx.ConnectError("[Errno 111]")
    error.__cause__.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert "Connection refused" in str(as_model_error(error, PLACE))


def test_a_time_out_at_the_deadline_is_the_deadlines() -> None:
    slow = openai.APITimeoutError(REQUEST)
    assert type(as_model_error(slow, PLACE, Deadline(0.0))) is ModelTimeout
    assert type(as_model_error(slow, PLACE, Deadline(30.0))) is ModelUnreachable
    assert type(as_model_error(httpx.ConnectError("no"), PLACE, Deadline(0.0))) is ModelUnreachable


def test_what_is_raised_holds_no_trace_of_the_request() -> None:
    def step() -> None:
        raise openai.APIStatusError(f"bad key {KEY}", response=httpx.Response(401, request=REQUEST), body=None)

    with pytest.raises(ModelError) as caught:
        guarded(step, PLACE, Deadline(5.0))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert KEY not in str(caught.value)


@given(st.text(max_size=400))
def test_a_message_is_one_short_line_without_secrets_whatever_was_said(said: str) -> None:
    for text in (said, f"{said}{KEY}{said}", f"//desk:open-sesame@host {said}", f"Bearer {KEY} {said}"):
        message = PLACE.say(text, "try again later")
        assert len(message) <= 200
        assert message.isprintable()
        assert KEY not in message
        assert "open-sesame" not in message
        assert message.endswith(": try again later")


def test_long_names_leave_room_for_what_to_do() -> None:
    place = Place("m" * 200, "host.example/" + "v" * 300)
    message = place.say("answers 500 " + "x" * 300, "check PULLQUOTE_MODEL and the model's settings")
    assert len(message) <= 200
    assert message.endswith("check PULLQUOTE_MODEL and the model's settings")
    assert "answers 500" in message
