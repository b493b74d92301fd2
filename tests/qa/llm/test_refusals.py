"""What servers mean by a status and an error object, in the dialects that there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pullquote.index.errors import (
    ContextTooLong,
    ModelBusy,
    ModelError,
    ModelKeyRefused,
    ModelQuota,
    ModelRequestRefused,
    ModelUnknown,
    ModelUnreachable,
)
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.refusals import refusal, reported, retry_after_s

PLACE = Place("m", "host.example/v1")
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (400, {"message": "bad"}, ModelRequestRefused, False),
        (401, {}, ModelKeyRefused, False),
        (402, {}, ModelQuota, False),
        (403, {}, ModelKeyRefused, False),
        (404, {}, ModelUnknown, False),
        (405, {}, ModelUnknown, False),
        (408, {}, ModelUnreachable, True),
        (409, {}, ModelUnreachable, True),
        (413, {"message": "prompt is too long: 9 tokens"}, ContextTooLong, False),
        (418, {}, ModelRequestRefused, False),
        (422, {"detail": [{"loc": ["body"], "msg": "no"}]}, ModelRequestRefused, False),
        (429, {}, ModelBusy, True),
        (429, {"code": "insufficient_quota"}, ModelQuota, False),
        (429, {"message": "You exceeded your current quota"}, ModelQuota, False),
        (500, {}, ModelUnreachable, True),
        (502, {"message": None}, ModelUnreachable, True),
        (503, {}, ModelUnreachable, True),
        (529, {}, ModelBusy, True),
        (307, {}, ModelRequestRefused, False),
    ],
)
def test_a_status_has_one_meaning(status: int, body: dict[str, Any], kind: type[ModelError], retryable: bool) -> None:
    error = refusal(status, body, PLACE)
    assert type(error) is kind
    assert error.retryable is retryable
    assert len(str(error)) <= 200


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"code": "context_length_exceeded", "message": "This model's maximum context length is 8192 tokens."}, 8192),
        ({"code": 400, "type": "exceed_context_size_error", "message": "too long", "n_ctx": 2048}, 2048),
        ({"message": "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"}, 4096),
        ({"code": "context_length_exceeded"}, None),
    ],
)
def test_a_prompt_that_is_too_long_says_what_would_fit(body: dict[str, Any], tokens: int | None) -> None:
    error = refusal(400, body, PLACE)
    assert isinstance(error, ContextTooLong)
    assert error.context_tokens == tokens
    assert str(tokens or "") in str(error)


def test_a_busy_server_says_how_long() -> None:
    for status in (429, 503):
        error = refusal(status, {}, PLACE, 299.5)
        assert type(error) is ModelBusy
        assert error.retry_after_s == 299.5
        assert "300 s" in str(error)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"message": "Provider returned error", "code": 502}, ModelUnreachable),
        ({"message": "slow down", "code": "429"}, ModelBusy),
        ({"message": "slow down", "code": "rate_limit_exceeded"}, ModelBusy),
        ({"message": "pay", "type": "insufficient_quota"}, ModelQuota),
        ({"message": "long", "code": "context_length_exceeded"}, ContextTooLong),
        ({"message": "who are you", "code": 401}, ModelKeyRefused),
        ({}, ModelUnreachable),
    ],
)
def test_an_error_inside_a_reply_is_told_by_its_code(body: dict[str, Any], kind: type[ModelError]) -> None:
    assert type(reported(body, PLACE)) is kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        (" 0.5 ", 0.5),
        ("0", 0.0),
        ("300", 300.0),
        ("Sun, 22 Nov 2026 12:00:05 GMT", 5.0),
        ("Sun, 22 Nov 2026 13:00:05 +0100", 5.0),
        ("Sun, 22 Nov 2026 11:59:00 GMT", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("99999999", None),
        ("1" * 400, None),
        ("²", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 99:00:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_obeyed_only_where_it_makes_sense(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds
