"""``pullquote ask`` with a model behind a server: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import pullquote.qa.llm.providers  # noqa: F401  (not on the time of the first question)
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.testing import FAULTS, Reply, ScriptedServer, fault, reply
from pullquote.ui.cli import main

KEY = "sk-test-1234567890abcdef"
QUESTION = "Who called for restraint?"
SETTINGS = {"MODEL": "scripted", "CANDIDATES": "4", "DEADLINE_S": "3", "STRUCTURED": "text"}
TRUE = "Marit Oldane called for restraint."
ERRORS = {
    "429": "ModelBusy",
    "429_retry_after": "ModelBusy",
    "insufficient_quota": "ModelQuota",
    "500": "ModelUnreachable",
    "503": "ModelUnreachable",
    "401": "ModelKeyRefused",
    "403": "ModelKeyRefused",
    "404": "ModelUnknown",
    "400": "ModelRequestRefused",
    "422": "ModelRequestRefused",
    "context_length_exceeded": "ContextTooLong",
    "html": "ModelReplyUnusable",
    "cut_json": "ModelReplyUnusable",
    "no_choices": "ModelReplyUnusable",
    "null_content": "ModelReplyUnusable",
    "empty": "ModelReplyUnusable",
    "tool_calls": "ModelReplyUnusable",
    "error_in_200": "ModelUnreachable",
    "silence": "ModelTimeout",
    "huge_body": "ModelReplyUnusable",
}
PASSING = ("ModelBusy", "ModelUnreachable")  # on a busy machine the time may be over before they are known
PARTIAL = ("length", "content_filter")
WHOLE = ("null_finish",)
"""A fault that befalls streams only is none here: the terminal asks for whole replies."""

Captured = pytest.CaptureFixture[str]
Script = Callable[[dict[str, Any]], Reply]


def drafted(body: dict[str, Any], more: str = "") -> str:
    """Return a true sentence that cites the evidence that a request shows."""
    line = next(line for line in body["messages"][-1]["content"].splitlines() if line.startswith("[") and "Oldane" in line)
    return f"{TRUE[:-1]} {line[: line.index(']') + 1]}. {more}"


def played(name: str) -> Script:
    with_text = name in (*PARTIAL, *WHOLE)
    return lambda body: fault(name, **({"text": drafted(body, "She also said that")} if with_text else {}))


@pytest.fixture
def ask(sample_room: Newsroom, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Callable[..., tuple[int, str, str]]:
    """A function that asks a server on the command line and returns exit code, stdout and stderr, with no key in them."""
    settings = {"OPENAI_API_KEY": KEY, **{f"PULLQUOTE_{name}": value for name, value in SETTINGS.items()}}

    def ask(server: ScriptedServer, *words: str, **more: str) -> tuple[int, str, str]:
        for name, value in {**settings, "OPENAI_BASE_URL": server.base_url, **more}.items():
            monkeypatch.setenv(name, value)
        code = main(["ask", QUESTION, "--store", str(sample_room.store.folder), *words])
        out, err = capsys.readouterr()
        assert KEY not in out + err
        return code, out, err

    return ask


Ask = Callable[..., tuple[int, str, str]]


def test_the_table_has_every_fault_that_the_server_can_play() -> None:
    assert {*ERRORS, *PARTIAL, *WHOLE} == {name for name in FAULTS if not name.startswith("stream_")}


def test_every_fault_has_exit_code_5_and_one_line_where_nothing_else_may_answer(ask: Ask) -> None:
    failed = {}
    for turn, (name, kind) in enumerate(ERRORS.items()):
        try:
            with ScriptedServer([fault(name)]) as server:
                begin = time.monotonic()
                code, out, err = ask(server, "--no-fallback", *(["--json"] if turn % 2 else []))
                assert time.monotonic() - begin < 3.0 + 4.0
                assert len(server.requests) <= 3
            assert code == 5
            assert err.startswith("pullquote: ")
            assert err.count("\n") == 1
            assert len(err) <= 300
            assert err.rstrip("\n").isprintable()
            if turn % 2:
                told = json.loads(out)["error"]
                assert told["message"] == err.removeprefix("pullquote: ").strip()
                assert told["type"] == kind or (told["type"], kind in PASSING) == ("ModelTimeout", True)
            else:
                assert out == ""
        except AssertionError as error:
            failed[name] = error
    assert not failed, "\n\n".join(f"{name}: {error}" for name, error in failed.items())


@pytest.mark.parametrize("name", ["401", "500", "tool_calls", "silence"])
def test_or_the_articles_own_sentences_answer_and_the_reason_is_told(ask: Ask, name: str) -> None:
    with ScriptedServer([fault(name)]) as server:
        code, out, err = ask(server)
    shown = " ".join(out.split())
    assert (code, err) == (0, "")
    assert "called on both sides to exercise" in shown
    assert "No language model wrote this: scripted at 127.0.0.1:" in shown or "No language model wrote this: the " in shown


@pytest.mark.parametrize("name", [*PARTIAL, *WHOLE])
def test_a_reply_that_was_cut_off_is_flagged_in_text_and_json(ask: Ask, name: str) -> None:
    with ScriptedServer(played(name)) as server:
        _, text, _ = ask(server)
        code, out, err = ask(server, "--json")
    answer = json.loads(out)
    assert (code, err, answer["engine"], answer["fallback"]) == (0, "", "llm", None)
    assert answer["sentences"][0]["text"] == TRUE
    assert answer["complete"] is (name in WHOLE)
    assert ("The reply was cut off" in " ".join(text.split())) is (name in PARTIAL)


def test_a_wrong_address_is_told_with_the_variable_to_look_at(ask: Ask) -> None:
    with ScriptedServer([reply("x")]) as server:
        code, _, err = ask(server, "--no-fallback", OPENAI_BASE_URL=server.base_url.replace("/v1", "/v3"))
    assert (code, "OPENAI_BASE_URL" in err) == (5, True)


def test_user_and_password_in_the_address_are_not_shown(ask: Ask) -> None:
    with ScriptedServer([fault("401", message="user desk with sesame-street is not known")]) as server:
        url = server.base_url.replace("//", "//desk:sesame-street@")
        code, out, err = ask(server, "--no-fallback", "--json", OPENAI_BASE_URL=url)
        assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert code == 5
    assert "sesame" not in out + err


def test_the_prompt_is_printed_without_asking(ask: Ask) -> None:
    with ScriptedServer([fault("500")]) as server:
        code, out, err = ask(server, "--show-prompt", PULLQUOTE_MODEL="scripted")
        assert server.requests == []
    assert (code, err) == (0, "")
    assert "BEGIN " in out
    assert QUESTION in out


def test_three_hash_seeds_print_the_same_answer_to_the_byte(sample_room: Newsroom) -> None:
    words = [sys.executable, "-m", "pullquote.ui.cli", "ask", "--json", QUESTION, "--store", str(sample_room.store.folder)]

    def printed(seed: str, server: ScriptedServer) -> str:
        env = {**os.environ, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, "PYTHONHASHSEED": seed}
        env |= {"PULLQUOTE_MODEL": "scripted", "PULLQUOTE_CANDIDATES": "4"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=True)
        assert (done.stderr, KEY in done.stdout) == ("", False)
        answer = json.loads(done.stdout)
        assert (answer["engine"], answer["sentences"][0]["text"]) == ("llm", TRUE)
        return json.dumps({name: value for name, value in answer.items() if name != "timings_s"})

    with ScriptedServer(lambda body: reply(drafted(body))) as server, ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(lambda seed: printed(seed, server), "012"))) == 1
        assert len(server.requests) == 3
