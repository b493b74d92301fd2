"""Readers that ask through ``gradio_client``, each from a session of its own, and what became of their questions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gradio_client import Client
from gradio_client.exceptions import AppError
from gradio_client.utils import QueueError, Status

BUSY = "busy"
"""Why a question was not taken: the queue is full."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what became of it."""

    reader: int
    question: str
    began_s: float
    """On the clock of ``time.monotonic``."""
    took_s: float
    waited_s: float | None = None
    """Until the server began to answer; None: it never did."""
    answer: dict[str, Any] | None = None
    """As ``pullquote ask --json`` prints it."""
    error: str = ""

    @property
    def busy(self) -> bool:
        """Whether it was refused because too many wait."""
        return self.error == BUSY


class Reader:
    """One session."""

    def __init__(self, number: int, url: str, timeout_s: float) -> None:
        """Meet the server. ``timeout_s`` holds for every word that it says, and for a whole answer."""
        self.number, self._timeout_s = number, timeout_s
        quiet: dict[str, Any] = {"verbose": False, "analytics_enabled": False, "download_files": False}
        # Without verification no certificates are loaded, which takes longer than an answer; the address is http anyway.
        fixed = {"timeout": timeout_s, "trust_env": False}
        self._client = Client(url, ssl_verify=False, httpx_kwargs=fixed, **quiet)

    def ask(self, question: str) -> Asked:
        """Ask and wait for the answer; nothing is raised."""
        began, clock = time.monotonic(), datetime.now()
        answer, error, job = None, "", None
        try:
            job = self._client.submit(question, api_name="/ask")
            answer = job.result(timeout=self._timeout_s)
        except QueueError:
            error = BUSY
        except AppError as refused:
            error = str(refused)
        except Exception as failed:  # whatever it is, the reader has no answer
            error = f"{type(failed).__name__}: {failed}"
        took = time.monotonic() - began
        starts = [told.time for told in _updates(job) if getattr(told, "code", None) is Status.PROCESSING]
        waited = (starts[0] - clock).total_seconds() if starts else None
        return Asked(self.number, question, began, took, waited, answer, error)

    def close(self) -> None:
        """Leave."""
        self._client.close()


def _updates(job: Any) -> Iterator[Any]:
    while job is not None and not job.communicator.updates.empty():
        yield job.communicator.updates.get_nowait()


def meet(url: str, n: int, timeout_s: float) -> list[Reader]:
    """Return ``n`` readers that have met the server."""
    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(lambda number: Reader(number, url, timeout_s), range(n)))


def all_at_once(readers: Sequence[Reader], work: Callable[[Reader], Iterable[Asked]], most_s: float) -> list[Asked]:
    """Let all readers work, a thread for each; return all that was asked, and an error for each that is not done in time."""
    done: list[Asked] = []
    lock = threading.Lock()

    def run(reader: Reader) -> None:
        for asked in work(reader):
            with lock:
                done.append(asked)

    threads = {reader: threading.Thread(target=run, args=(reader,), daemon=True) for reader in readers}
    began = time.monotonic()
    for thread in threads.values():
        thread.start()
    for reader, thread in threads.items():
        thread.join(max(0.0, began + most_s - time.monotonic()))
        if thread.is_alive():
            with lock:
                done.append(Asked(reader.number, "", began, most_s, error=f"not done after {most_s:.0f} s"))
    with lock:
        return list(done)
