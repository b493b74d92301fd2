"""A body is read whole or not at all, and nothing strange in it gets further."""

from __future__ import annotations

import json
import time

import pytest

from pullquote.ui.web.bodies import Incoming, body_refusal
from pullquote.ui.web.rules import Head, Refusal
from tests.ui.web.serving import completed


def incoming(*parts: bytes, length: str | None = None) -> Incoming:
    messages = [{"type": "http.request", "body": part, "more_body": n < len(parts)} for n, part in enumerate(parts, 1)]
    messages.append({"type": "http.disconnect"})
    headers = (("transfer-encoding", "chunked"),) if length is None else (("content-length", length),)

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    return Incoming(Head("POST", "/", headers, 1, ""), receive)


def test_a_body_is_given_again_and_then_that_the_other_end_has_gone() -> None:
    async def go() -> None:
        body = incoming(b"ab", b"", b"c")
        assert await body.read(3) == b"abc"
        assert await body() == {"type": "http.request", "body": b"abc", "more_body": False}
        assert await body() == {"type": "http.disconnect"}

    completed(go())


def test_a_body_that_grows_too_large_is_refused_while_it_comes() -> None:
    async def go() -> None:
        found = await incoming(b"ab", b"cd", b"ef").read(3)
        assert isinstance(found, Refusal)
        assert found.status == 413

    completed(go())


def test_what_is_discarded_is_let_in_to_its_end() -> None:
    async def go() -> None:
        body = incoming(b"ab", b"cd", length="4")
        await body.discard()
        assert await body() == {"type": "http.disconnect"}

    completed(go())


@pytest.mark.parametrize("value", [{"data": ["[" * 500, 'a "quoted" {', "\\"]}, [[1] * 1000] * 20, {"a": {"b": [{}] * 100}}])
def test_what_the_page_sends_is_well(value: object) -> None:
    assert body_refusal(json.dumps(value).encode()) is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100, 422),
        (b'"' * 6_000_000, 413),
        (b"[]" * 3_000_000, 413),
        (b'{"a":' * 1_000_000, 413),
        (b"[" * 3_000_000 + b"]" * 3_000_000, 413),
        (b"{" + b",".join(b'"%d":0' % n for n in range(400_000)) + b"}", 413),
        (b"[" + b"0," * 2_900_000 + b"0]", 413),
    ],
    ids=["deep", "many strings", "many lists", "deep objects", "very deep", "many keys", "many values"],
)
def test_deep_and_wide_bodies_are_refused_within_a_second(body: bytes, status: int) -> None:
    begin = time.process_time()
    found = body_refusal(body)
    assert found is not None
    assert found.status == status
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 3_000_000, b'"' + b"\\" * 6_000_000, b'"' + b"a" * 6_000_000, b"\\" * 6_000_000]
)
def test_strings_cost_no_time(body: bytes) -> None:
    begin = time.process_time()
    assert body_refusal(body) is None
    assert time.process_time() - begin < 1
