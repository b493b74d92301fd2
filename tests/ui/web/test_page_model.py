"""The page in a real browser where a language model writes: checked before it is shown, stopped when nobody reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, expect

from pullquote.qa.testing import Reply, ScriptedServer, chunked, fault, reply
from pullquote.ui.web.desk import ANSWERS_AT_ONCE
from pullquote.ui.web.streams import GONE_S
from tests.ui.web.browsing import Reader, reading, served

RESTRAINT = "Who called for restraint?"
TRUE = "Marit Oldane called on both sides to exercise restraint."
FALSE = "Marit Oldane resigned on Sunday after 14 years."


def drafted(*sentences: str) -> str:
    return json.dumps({"sentences": [{"text": text, "evidence": [1, 2]} for text in sentences]})


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[ScriptedServer, list[Reply]]]:
    """A model that plays the reply last put into the list."""
    replies: list[Reply] = []
    with ScriptedServer(lambda _: replies[-1]) as server:
        yield server, replies


@pytest.fixture(scope="module")
def url(
    bundled_store: Path, scripted: tuple[ScriptedServer, list[Reply]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A page with that model."""
    env = {"OPENAI_BASE_URL": scripted[0].base_url, "OPENAI_API_KEY": "none"}
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with served(bundled_store, log, env=env) as address:
        yield address
    assert '"level": "error"' not in log.read_text()


@pytest.fixture
def asked(browser: Browser, url: str, scripted: tuple[ScriptedServer, list[Reply]]) -> Callable[..., Iterator[Reader]]:
    """Be a reader while the model plays a reply."""

    @contextmanager
    def play(played: Reply) -> Iterator[Reader]:
        scripted[1].append(played)
        with reading(browser, url) as here:
            yield here

    return play


def until(holds: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.05)
    return holds()


def test_what_the_model_writes_is_shown_with_its_source_and_who_wrote_it(asked) -> None:
    with asked(reply(drafted(TRUE))) as here:
        answer = here.ask(RESTRAINT)
        assert answer.locator(".pq-sentence").inner_text().startswith(TRUE)
        assert "the greatest possible restraint" in answer.locator(".pq-sources q").first.inner_text()
        assert "Written by scripted" in answer.locator(".pq-check").inner_text()


def test_a_sentence_without_support_never_appears_not_even_while_it_streams(asked) -> None:
    with asked(chunked(drafted(TRUE, FALSE), 40, pause_s=0.05)) as here:
        here.page.evaluate(
            """() => {
                window.seen = "";
                const look = () => { window.seen += document.querySelector("#pq-now").innerText; };
                new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
            }"""
        )
        answer = here.ask(RESTRAINT)
        seen = here.page.evaluate("window.seen")
        assert "Checking sentence" in seen
        assert TRUE in seen
        assert "resigned" not in seen
        assert answer.locator(".pq-sentence").count() == 1
        assert "1 unsupported sentence" in answer.locator(".pq-check").inner_text()


def test_when_the_model_fails_the_articles_own_sentences_answer_and_the_page_says_why(asked) -> None:
    with asked(fault("401")) as here:
        answer = here.ask(RESTRAINT)
        assert "the greatest possible restraint" in answer.locator(".pq-sentence").first.inner_text()
        assert "No language model wrote this" in answer.inner_text()


def test_the_stop_button_ends_the_call_and_the_next_question_is_answered(asked, scripted) -> None:
    server, replies = scripted
    with asked(fault("stream_stall")) as here:
        before = server.hung_up
        here.page.fill("#pq-question", RESTRAINT)
        here.page.keyboard.press("Enter")
        assert until(lambda: server.in_flight == 1, 20)
        here.page.get_by_role("button", name="Stop").click()
        assert until(lambda: server.hung_up == before + 1, 4), "the model's server was not hung up on"
        expect(here.page.locator("#turn-1 .pq-status")).to_have_text("Stopped.")
        replies.append(reply(drafted(TRUE)))
        here.page.fill("#pq-question", RESTRAINT)
        here.page.keyboard.press("Enter")
        expect(here.page.locator('#pq-now .pq-exchange[aria-busy="false"] .pq-sentence')).to_contain_text(TRUE, timeout=20_000)


def test_a_question_that_waits_for_its_turn_is_seen_to_wait_and_can_be_stopped(asked, scripted, url) -> None:
    server, replies = scripted
    with asked(reply(drafted(TRUE))) as here:
        here.ask(RESTRAINT)
        replies.append(fault("silence", seconds=10.0, text=drafted(TRUE)))
        client = Client(url, verbose=False)
        others = [client.submit(RESTRAINT, api_name="/ask") for _ in range(ANSWERS_AT_ONCE)]
        assert until(lambda: server.in_flight == ANSWERS_AT_ONCE, 30)
        here.page.fill("#pq-question", "What did she <b>offer</b>?")
        here.page.keyboard.press("Enter")
        waiting = here.page.locator('#pq-next .pq-exchange[aria-busy="true"]')
        expect(waiting).to_have_text("What did she <b>offer</b>?Waiting for a turn …")
        expect(here.page.get_by_text(TRUE).filter(visible=True)).to_have_count(1)  # the answer before is not seen twice
        here.page.get_by_role("button", name="Stop").click()
        expect(here.page.locator("#pq-next")).to_contain_text("Stopped.")
        assert [other.result(30)["status"] for other in others] == ["answered"] * ANSWERS_AT_ONCE
        replies.append(reply(drafted(TRUE)))
        here.page.fill("#pq-question", RESTRAINT)
        here.page.keyboard.press("Enter")
        expect(here.page.locator('#pq-now:not(.pq-before) #turn-2[aria-busy="false"]')).to_contain_text(TRUE, timeout=20_000)
        expect(here.page.locator("#pq-past .pq-exchange .pq-question")).to_have_text([RESTRAINT, "What did she <b>offer</b>?"])


@pytest.mark.parametrize(("seen", "within_s"), [(True, 6), (False, GONE_S + 6)])
def test_closing_the_tab_ends_the_call(asked, scripted, seen: bool, within_s: float) -> None:
    server, _ = scripted
    with asked(fault("stream_stall")) as here:
        before = server.hung_up
        here.page.fill("#pq-question", RESTRAINT)
        here.page.keyboard.press("Enter")
        if seen:
            expect(here.page.locator("#turn-1 .pq-status")).to_contain_text("Read ")
        assert until(lambda: server.in_flight == 1, 20)
        here.page.close()
        assert until(lambda: server.hung_up == before + 1, within_s), "the model's server was not hung up on"
