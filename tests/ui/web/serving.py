"""A running server that is asked, watched and stopped: what the tests of the server share."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

START_S = 90.0
Found = TypeVar("Found")
COMMAND = (sys.executable, "-m", "pullquote.ui.cli", "ui")


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    log: Path
    url: str = ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0

    def status(self, path: str) -> int:
        """Return how it answers, 0 where it does not."""
        return status_of(self.port, path)

    def told(self) -> str:
        """Return what it has written to standard error."""
        return self.log.read_text()

    def ended(self, number: signal.Signals | None = None, within_s: float = 40.0) -> tuple[int, float]:
        """Send a signal, wait for the end; return the exit code and the seconds that it took."""
        begin = time.monotonic()
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(within_s), time.monotonic() - begin


@contextmanager
def running(store: Path, folder: Path, *words: str, env: Mapping[str, str] | None = None, port: int = 0) -> Iterator[Running]:
    """Start ``pullquote ui``; with port 0, wait until it says where it is."""
    log = folder / "server.txt"
    settings = {**os.environ, "PULLQUOTE_QUESTIONS_PER_MINUTE": "0", **(env or {})}
    command = [*COMMAND, "--store", str(store), "--port", str(port), "--json", *words]
    with log.open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=settings)
    try:
        here = Running(process, log, f"http://127.0.0.1:{port}")
        if not port:
            line = process.stdout.readline() if process.stdout else ""
            assert line, f"the server ended with code {process.wait(10)}: {here.told()[-2000:]}"
            here.url = json.loads(line)["url"]
        yield here
    finally:
        process.kill()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def until(happened: str, is_so: object, within_s: float = START_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within_s
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, f"not within {within_s:.0f} s: {happened}"
        time.sleep(0.02)


def status_of(port: int, path: str) -> int:
    """Return the status of an answer, 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def raw(port: int, request: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; return the status and all that came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return int(answer.split(b" ", 2)[1]), answer


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def completed(work: Coroutine[object, object, Found]) -> Found:
    """Return what comes of a coroutine, in a thread of its own: this one has an event loop while a browser is open."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
