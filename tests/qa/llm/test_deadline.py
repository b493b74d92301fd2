"""A deadline that is stopped ends whatever waits under it, at once and from any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from socket import create_server, socket
from typing import Any

import httpx
import pytest
from llama_index.core.llms import MockLLM

from pullquote.index.errors import ModelTimeout, PullquoteError, Stopped
from pullquote.qa.llm.adapter import LlamaIndexModel
from pullquote.qa.llm.deadline import Deadline, abandonable, ruled_by
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.retrying import Line
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.transport import BoundedTransport
from pullquote.qa.llm.types import Completion, LanguageModel, Request
from pullquote.qa.testing import ScriptedServer, fault, reply

Make = Callable[..., ServedModel]
Drain = Callable[..., tuple[list[str], Completion]]
PLACE = Place("m", "host.example/v1")
REQUEST = Request("Answer.", "Who met?")
AT_ONCE_S = 2.0


def test_time_runs_out_and_stopping_takes_what_is_left() -> None:
    deadline = Deadline(30.0)
    assert 29 < deadline.left_s <= 30
    deadline.check()
    deadline.stop()
    deadline.stop()
    assert deadline.left_s == 0
    assert deadline.stopped
    with pytest.raises(Stopped, match="ask it again"):
        deadline.check()
    late = Deadline(0.0)
    late.check()
    assert (late.left_s, late.stopped) == (0.0, False)


def test_a_share_of_the_time_is_stopped_with_the_whole() -> None:
    whole = Deadline(40.0)
    part = whole.share(0.25)
    assert 9 < part.left_s <= 10
    told: list[str] = []
    part.when_stopped(lambda: told.append("part"))
    whole.stop()
    assert (part.stopped, part.left_s, told) == (True, 0.0, ["part"])


def test_whoever_wants_to_know_is_told_once_and_those_who_took_it_back_are_not() -> None:
    deadline, told = Deadline(9.0), list[str]()
    deadline.when_stopped(lambda: told.append("told"))
    forget = deadline.when_stopped(lambda: told.append("forgotten"))
    forget()
    forget()
    deadline.stop()
    deadline.stop()
    deadline.when_stopped(lambda: told.append("late"))
    assert told == ["told", "late"]


def test_a_stopped_question_is_no_failure_of_the_model() -> None:
    assert issubclass(Stopped, PullquoteError)
    assert not issubclass(Stopped, ModelTimeout.__bases__[0])


# -- what waits -----------------------------------------------------------------------------------


@contextmanager
def stopped_soon(deadline: Deadline, when: Callable[[], object] = lambda: True) -> Iterator[None]:
    """Stop the deadline from another thread while the block waits, which has to end with ``Stopped`` at once."""
    at: list[float] = []

    def stop() -> None:
        while not when():
            time.sleep(0.01)
        time.sleep(0.3)
        at.append(time.monotonic())
        deadline.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Stopped):
        yield
    thread.join()
    assert time.monotonic() - at[0] < AT_ONCE_S


def test_a_pause_ends() -> None:
    deadline = Deadline(30.0)
    with stopped_soon(deadline):
        deadline.wait(20.0)


def test_who_waits_for_a_turn_leaves_the_queue_and_the_others_stay_in_it() -> None:
    line, deadline, other = Line(1), Deadline(30.0), Deadline(30.0)
    turns: list[str] = []

    def take() -> None:
        with line.slot(PLACE, other):
            turns.append("other")

    with line.slot(PLACE, Deadline(30.0)):
        thread = threading.Thread(target=take)
        thread.start()
        with stopped_soon(deadline), line.slot(PLACE, deadline):
            pytest.fail("two at once")
        assert turns == []
    thread.join(5)
    assert turns == ["other"]


@pytest.mark.parametrize("way", ["complete", "stream"])
@pytest.mark.parametrize("play", ["silence", "stream_stall", "stream_drip", "429_retry_after"])
def test_a_call_is_hung_up_whatever_the_server_does(play: str, way: str, model_at: Make, drain: Drain) -> None:
    before, deadline = threading.active_count(), Deadline(30.0)
    options: dict[str, Any] = {"429_retry_after": {"seconds": 20}, "stream_drip": {"every_s": 0.1}}.get(play, {})
    if way == "complete" and play.startswith("stream_"):
        play, options = "silence", {}
    with ScriptedServer([fault(play, **options)]) as server:
        model = model_at(server)
        with stopped_soon(deadline):
            ask(model, way, deadline, drain)
        assert server.wait_until_idle(AT_ONCE_S)
        assert server.hung_up == (play != "429_retry_after")
        assert len(server.requests) == 1
        again = model.stream(REQUEST, Deadline(5.0))  # its turn was given back
        again.close()
    assert threading.active_count() <= before


def ask(model: LanguageModel, way: str, deadline: Deadline, drain: Drain) -> object:
    return model.complete(REQUEST, deadline) if way == "complete" else drain(model.stream(REQUEST, deadline))


def test_a_server_that_does_not_even_say_which_models_it_has_is_hung_up(model_at: Make) -> None:
    deadline = Deadline(30.0)
    with create_server(("127.0.0.1", 0)) as listening, closing(Silent(listening)) as silent:
        model = ServedModel(ModelSettings("", f"http://127.0.0.1:{listening.getsockname()[1]}/v1"))
        with stopped_soon(deadline):
            model.complete(REQUEST, deadline)
        assert silent.hung_up(AT_ONCE_S)


def test_forty_that_wait_for_a_stalled_server_are_all_stopped_and_a_quick_one_is_not_kept_waiting(model_at: Make) -> None:
    deadlines = [Deadline(60.0) for _ in range(40)]
    with ScriptedServer([fault("silence")]) as stalled, ScriptedServer([reply("Ada.")]) as well:
        stuck, quick = model_at(stalled), model_at(well)
        with ThreadPoolExecutor(40) as pool:
            ends = [pool.submit(stuck.complete, REQUEST, deadline) for deadline in deadlines]
            while stalled.in_flight < 2:
                time.sleep(0.01)
            begin = time.monotonic()
            assert quick.complete(REQUEST, Deadline(5.0)).text == "Ada."
            for deadline in deadlines:
                deadline.stop()
            assert {type(end.exception(AT_ONCE_S)) for end in ends} == {Stopped}
            assert time.monotonic() - begin < 5 + AT_ONCE_S
        assert stalled.wait_until_idle(AT_ONCE_S)


def test_a_tls_handshake_that_stalls_is_hung_up() -> None:
    deadline = Deadline(30.0)
    with create_server(("127.0.0.1", 0)) as listening, closing(Silent(listening)) as silent:
        model = ServedModel(ModelSettings("m", f"https://127.0.0.1:{listening.getsockname()[1]}/v1"))
        with stopped_soon(deadline):
            model.complete(REQUEST, deadline)
        assert silent.hung_up(AT_ONCE_S)


def test_an_llm_of_ones_own_is_left_behind() -> None:
    class Slow(MockLLM):
        def chat(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(1.0)

    deadline = Deadline(30.0)
    with stopped_soon(deadline):
        LlamaIndexModel(Slow(), "slow").complete(REQUEST, deadline)


def test_nothing_is_asked_any_more_once_it_was_stopped(model_at: Make) -> None:
    deadline = Deadline(30.0)
    deadline.stop()
    with ScriptedServer([reply("x")]) as server:
        for way in ("complete", "stream"):
            with pytest.raises(Stopped):
                ask(model_at(server), way, deadline, lambda stream: (list(stream), Completion("")))
        assert server.requests == []


class Silent:
    """Accepts connections, reads what comes and says nothing."""

    def __init__(self, listening: socket) -> None:
        self._ended = threading.Event()
        self._listening = listening
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def hung_up(self, seconds: float) -> bool:
        return self._ended.wait(seconds)

    def close(self) -> None:
        self._listening.close()
        self._thread.join(5)

    def _listen(self) -> None:
        with suppress(OSError):
            client, _ = self._listening.accept()
            with closing(client):
                while client.recv(4096):
                    pass
        self._ended.set()


# -- connecting -----------------------------------------------------------------------------------


def test_a_connection_that_does_not_come_about_is_given_up() -> None:
    deadline = Deadline(30.0)
    with create_server(("127.0.0.1", 0), backlog=0) as full, closing(Crowd(full.getsockname())):
        threading.Timer(0.3, deadline.stop).start()
        begin = time.monotonic()
        with httpx.Client(transport=BoundedTransport()) as client, ruled_by(deadline), pytest.raises(httpx.ConnectTimeout):
            client.get(f"http://127.0.0.1:{full.getsockname()[1]}/", timeout=20.0)
        assert 0.2 < time.monotonic() - begin < 0.3 + AT_ONCE_S


class Crowd:
    """Takes all places in the queue of a server that accepts nobody."""

    def __init__(self, address: Any) -> None:
        self._sockets = [socket() for _ in range(4)]
        for one in self._sockets:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(address)

    def close(self) -> None:
        for one in self._sockets:
            one.close()


def test_a_call_that_nothing_can_interrupt_is_left_behind_and_what_it_makes_is_discarded() -> None:
    go, discarded = threading.Event(), list[str]()

    def call() -> str:
        go.wait(5)
        return "late"

    with pytest.raises(TimeoutError):
        abandonable(call, Deadline(0.1), discarded.append)
    stopped = Deadline(30.0)
    threading.Timer(0.1, stopped.stop).start()
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        abandonable(call, stopped, discarded.append)
    assert time.monotonic() - begin < AT_ONCE_S
    go.set()
    ends = time.monotonic() + 5
    while len(discarded) < 2 and time.monotonic() < ends:
        time.sleep(0.01)
    assert discarded == ["late", "late"]


def test_a_call_in_time_gives_what_it_made_or_raised() -> None:
    def fails() -> str:
        raise KeyError("x")

    assert abandonable(lambda: "made", Deadline(5.0), pytest.fail) == "made"
    with pytest.raises(KeyError):
        abandonable(fails, Deadline(5.0), pytest.fail)
