"""``pullquote ui`` as a process: how it starts, where it listens, what it says, and how it ends."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pullquote.qa.testing import Reply, ScriptedServer, reply
from pullquote.ui.cli import main
from tests.ui.web.serving import COMMAND, Running, free_port, running, until

Captured = pytest.CaptureFixture[str]
QUESTION = "Who called for restraint?"


@pytest.fixture(scope="module")
def server(bundled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the bundled articles that tells of events."""
    with running(bundled_store, tmp_path_factory.mktemp("server"), "--verbose") as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        yield here


# -- what it refuses to start with ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "other machines can reach 0.0.0.0: set PULLQUOTE_AUTH=USER:PASSWORD"),
        (["--host", "::"], "other machines can reach ::"),
        (["--host", "news.example"], "other machines can reach news.example"),
        (["--auth", "ada"], "--auth must be USER:PASSWORD"),
        (["--port", "70000"], "not a port: 0 to 65535"),
        (["--port", "-1"], "not a port"),
        (["--host", "198.51.100.7", "--auth", "a:b"], "cannot listen on 198.51.100.7"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: list[str], said: str, capsys: Captured) -> None:
    assert main(["ui", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_pace_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("PULLQUOTE_QUESTIONS_PER_MINUTE", "many")
    assert main(["ui"]) == 2
    assert "PULLQUOTE_QUESTIONS_PER_MINUTE must be a whole number" in capsys.readouterr().err


def test_a_busy_port_is_told_before_anything_slow_begins(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        begin = time.monotonic()
        done = subprocess.run([*COMMAND, "--port", str(port), "--store", str(tmp_path / "store")], capture_output=True, text=True)
        took_s = time.monotonic() - begin
    assert done.returncode == 2
    assert done.stderr == f"pullquote: port {port} is in use: name another with --port, or --port 0 for any that is free\n"
    assert took_s < 3
    assert not (tmp_path / "store").exists()


def test_a_path_that_is_no_store_ends_it_with_the_usual_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no store")
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--store", str(tmp_path / "file")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].endswith("is a file, not a store: name a folder with --store")


def test_a_damaged_store_ends_it_with_the_usual_code(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "catalog.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--json", "--store", str(tmp_path / "store")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["type"] == "StoreDamaged"


# -- where it is ----------------------------------------------------------------------------------


def test_it_listens_on_one_port_of_this_machine_alone(server: Running) -> None:
    process = psutil.Process(server.process.pid)
    family = [process, *process.children(recursive=True)]
    listening = [c.laddr for one in family for c in one.net_connections() if c.status == psutil.CONN_LISTEN]
    assert [(place.ip, place.port) for place in listening] == [("127.0.0.1", server.port)]


def test_it_makes_a_store_and_says_where_it_is(tmp_path: Path) -> None:
    command = [*COMMAND, "--port", "0", "--store", str(tmp_path / "store")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        rest, errors = process.communicate(timeout=40)
    finally:
        process.kill()
    assert line.startswith("pullquote is at http://127.0.0.1:")
    assert line.endswith(" (Ctrl-C stops it)\n")
    assert (process.returncode, rest, errors) == (0, "", "pullquote is starting ...\n")
    assert (tmp_path / "store" / "catalog.sqlite").exists()


def test_it_is_alive_before_it_is_ready(bundled_store: Path, tmp_path: Path) -> None:
    port = free_port()
    with running(bundled_store, tmp_path, port=port) as here:
        until("it is alive", lambda: here.status("/healthz") == 200)
        assert here.status("/readyz") == 503
        assert here.status("/config") == 503
        until("it is ready", lambda: here.status("/readyz") == 200)
        assert here.status("/config") == 200
        assert here.status("/healthz") == 200


def test_told_to_stop_while_it_starts_it_does(bundled_store: Path, tmp_path: Path) -> None:
    with running(bundled_store, tmp_path, port=free_port()) as here:
        until("it is alive", lambda: here.status("/healthz") == 200)
        code, took_s = here.ended(signal.SIGINT)
        assert (code, here.process.stdout.read() if here.process.stdout else "") == (0, "")
        assert took_s < 5


# -- what it tells --------------------------------------------------------------------------------


def test_events_are_lines_of_json_with_no_question_in_them(server: Running) -> None:
    from gradio_client import Client

    Client(server.url, verbose=False).predict("Which zebra called for restraint?", api_name="/ask")
    assert server.status("/nowhere/%0a%1b[31m%E2%80%AE") == 404
    first, *lines = server.told().splitlines()
    assert first == "pullquote is starting ..."
    events = [json.loads(line) for line in lines]
    assert "started" in {event["event"] for event in events}
    refused = next(event for event in events if event["event"] == "refused" and "/nowhere" in event["request"])
    assert (refused["status"], refused["request"]) == (404, "GET /nowhere/\n\x1b[31m\u202e")
    assert "zebra" not in server.told()
    assert server.told().isascii()


# -- how it ends ----------------------------------------------------------------------------------


class HeldModel:
    """A language model that says something true once it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.server = ScriptedServer(self._written)

    def _written(self, body: dict[str, Any]) -> Reply:
        assert self.let.wait(60)
        line = next(line for line in body["messages"][-1]["content"].splitlines() if line.startswith("[") and "Oldane" in line)
        return reply(f"Marit Oldane called for restraint {line[: line.index(']') + 1]}.")


@pytest.fixture
def model() -> Iterator[HeldModel]:
    held = HeldModel()
    with held.server:
        yield held
        held.let.set()


def settings(model: HeldModel) -> dict[str, str]:
    named = {"MODEL": "scripted", "CANDIDATES": "4", "STRUCTURED": "text"}
    own = {f"PULLQUOTE_{name}": value for name, value in named.items()}
    return {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": model.server.base_url, **own}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_answers_in_flight_are_given_before_the_end_and_new_ones_refused(
    number: signal.Signals, model: HeldModel, bundled_store: Path, tmp_path: Path
) -> None:
    from gradio_client import Client

    with running(bundled_store, tmp_path, "--verbose", env=settings(model)) as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        clients = [Client(here.url, verbose=False) for _ in range(9)]
        jobs = [client.submit(QUESTION, api_name="/ask") for client in clients[:8]]
        until("eight answers are begun", lambda: all(job.status().code.name == "PROCESSING" for job in jobs))
        until("the model is asked", lambda: model.server.in_flight)
        begin = time.monotonic()
        here.process.send_signal(number)
        until("it is not ready", lambda: here.status("/readyz") == 503, within_s=1)
        with pytest.raises(Exception, match="is stopping and takes no new questions"):
            clients[8].predict(QUESTION, api_name="/ask")
        assert not any(job.done() for job in jobs)
        model.let.set()
        for job in jobs:
            answer = job.result(timeout=30)
            assert (answer["status"], answer["engine"]) == ("answered", "llm")
        assert here.ended()[0] == 0
        assert time.monotonic() - begin < 30
        stopping = next(event for event in map(json.loads, here.told().splitlines()[1:]) if event["event"] == "stopping")
        assert stopping["answers"] == len(model.server.requests) == 8
    assert main(["check", "--store", str(bundled_store)]) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"])
def test_a_second_signal_ends_it_at_once(
    number: signal.Signals, code: int, model: HeldModel, bundled_store: Path, tmp_path: Path
) -> None:
    from gradio_client import Client

    with running(bundled_store, tmp_path, env=settings(model)) as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        Client(here.url, verbose=False).submit(QUESTION, api_name="/ask")
        until("an answer is written", lambda: model.server.in_flight == 1)
        here.process.send_signal(signal.SIGTERM)
        until("it is not ready", lambda: here.status("/readyz") == 503, within_s=1)
        ended, took_s = here.ended(number)
        assert ended == code
        assert took_s < 1
    assert main(["check", "--store", str(bundled_store)]) == 0


def test_who_only_listens_does_not_hold_up_the_end(bundled_store: Path, tmp_path: Path) -> None:
    with running(bundled_store, tmp_path, "--verbose") as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        line = http.client.HTTPConnection("127.0.0.1", here.port, timeout=30)
        line.request("GET", "/gradio_api/heartbeat/abc")
        answer = line.getresponse()
        assert answer.readline() == b"data: ALIVE\n"
        code, took_s = here.ended(signal.SIGTERM)
        assert code == 0
        assert took_s < 5
        assert b"ALIVE" not in answer.read()
        assert {json.loads(told)["level"] for told in here.told().splitlines()[1:]} == {"info"}
