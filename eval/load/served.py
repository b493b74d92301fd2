"""A running ``pullquote ui`` in a process of its own, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

import psutil

START_S = 90.0
"""Most seconds until questions are taken."""
STOP_S = 45.0
_EVERY_S = 0.25
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server's process held at a moment."""

    at_s: float
    """On the clock of ``time.monotonic``."""
    rss_mb: float
    fds: int
    threads: int
    health_s: float
    """Until it said on ``/healthz`` that it is there."""


class Served:
    """The server as a context: it takes questions when the block begins, and is gone when it ends."""

    def __init__(self, store: Path, log: Path, settings: Mapping[str, str]) -> None:
        """Name the store, the file that the server's words go to, and settings beside which no others hold."""
        self.url, self.store = "", store
        self.readings: list[Reading] = []
        self._command = [sys.executable, "-m", "pullquote.ui.cli", "ui", "--json", "--port", "0", "--store", str(store)]
        self._log = log
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PULLQUOTE_", "OPENAI_"))}
        self._env = {**plain, "PULLQUOTE_QUESTIONS_PER_MINUTE": "0", **settings}
        self._over = threading.Event()

    def __enter__(self) -> Served:
        """Start the server and wait until it takes questions.

        Raises:
            RuntimeError: it ended, or does not take any in time.
        """
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as errors:
            self._process = subprocess.Popen(self._command, env=self._env, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            self.url = self._told()["url"]
            self._wait_until_ready()
        except BaseException:
            self._process.kill()
            raise
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the server, if it is still there."""
        self._over.set()
        self.stop()

    def stop(self) -> int | None:
        """Tell the server to stop, as those who run services do; return its exit code, None when it had to be killed."""
        with suppress(subprocess.TimeoutExpired):
            self._process.send_signal(signal.SIGTERM)
            return self._process.wait(STOP_S)
        self._process.kill()
        return None

    def _told(self) -> dict[str, str]:
        """Return the JSON that the server prints when it can be reached."""
        timer = threading.Timer(START_S, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        text = ""
        for line in self._process.stdout:
            text += line
            with suppress(ValueError):
                told: dict[str, str] = json.loads(text)
                timer.cancel()
                return told
        timer.cancel()
        raise RuntimeError(f"the server did not start: {self._log.read_text()[-800:]}")

    def _wait_until_ready(self) -> None:
        ends = time.monotonic() + START_S
        while time.monotonic() < ends:
            with suppress(URLError, OSError), urlopen(f"{self.url}/readyz", timeout=5) as reply:  # noqa: S310  (our own address)
                if reply.status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the server takes no questions: {self._log.read_text()[-800:]}")

    def _watch(self) -> None:
        with suppress(psutil.Error, OSError):  # it is gone
            process = psutil.Process(self._process.pid)
            while not self._over.wait(_EVERY_S):
                began = time.monotonic()
                with urlopen(f"{self.url}/healthz", timeout=START_S):  # noqa: S310  (our own address)
                    health = time.monotonic() - began
                rss = process.memory_info().rss / _MB
                self.readings.append(Reading(began, rss, process.num_fds(), process.num_threads(), health))
