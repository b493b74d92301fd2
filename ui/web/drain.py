"""Who may ask now: nobody while the server stops, and nobody too often."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pullquote.index.errors import SettingsError

PER_MINUTE = 20
"""Questions of one session; an address may ask three times as many."""
_ADDRESS_FACTOR = 3
_WINDOW_S = 60.0
_MOST_KEYS = 10_000


class Refused(Exception):
    """A question that is not taken now; the message says so to the reader."""


class Draining(Refused):
    """The server is stopping."""


class TooFast(Refused):
    """Too many questions within a minute."""

    def __init__(self, wait_s: int) -> None:
        """Say when the next one is welcome."""
        super().__init__(f"Too many questions within a minute: please ask again in {wait_s} second{'' if wait_s == 1 else 's'}.")
        self.wait_s = wait_s


class Drain:
    """Counts answers in flight, and lets no new one begin once the server stops. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers = 0
        self._stopping = False

    @contextmanager
    def answer(self) -> Iterator[None]:
        """Be an answer in flight for as long as the block lasts.

        Raises:
            Draining: the server is stopping.
        """
        with self._lock:
            if self._stopping:
                raise Draining("pullquote is stopping and takes no new questions: please ask again once it is back.")
            self._answers += 1
        try:
            yield
        finally:
            with self._lock:
                self._answers -= 1

    def stop(self) -> None:
        """Let no new answer begin."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether the server is stopping."""
        return self._stopping

    @property
    def answers(self) -> int:
        """Answers in flight."""
        return self._answers


class Pace:
    """Counts the questions of the last minute, by session and by address."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        """Let a session ask so many questions a minute; 0: as many as it likes."""
        self._limits = (per_minute, per_minute * _ADDRESS_FACTOR)
        self._asked: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Pace:
        """Read ``PULLQUOTE_QUESTIONS_PER_MINUTE``.

        Raises:
            SettingsError: it is not a whole number.
        """
        text = (os.environ if env is None else env).get("PULLQUOTE_QUESTIONS_PER_MINUTE", "").strip()
        if text and not re.fullmatch("[0-9]{1,6}", text):
            raise SettingsError(f"PULLQUOTE_QUESTIONS_PER_MINUTE must be a whole number, 0 for no limit, not {text[:40]!r}")
        return cls(int(text or PER_MINUTE))

    def check(self, session: str, address: str = "", now_s: float | None = None) -> None:
        """Count a question; one that is refused does not count. ``now_s`` is a monotonic clock's time.

        Raises:
            TooFast: the session or the address has asked too many within a minute.
        """
        if not self._limits[0]:
            return
        now = time.monotonic() if now_s is None else now_s
        with self._lock:
            if len(self._asked) > _MOST_KEYS:
                self._forget(now)
            keys = [("session", session), ("address", address)]
            known = [(self._recent(key, now), most) for key, most in zip(keys, self._limits, strict=True) if key[1]]
            waits = [asked[0] + _WINDOW_S - now for asked, most in known if len(asked) >= most]
            if waits:
                raise TooFast(int(max(waits)) + 1)
            for asked, _ in known:
                asked.append(now)

    def _recent(self, key: tuple[str, str], now: float) -> deque[float]:
        asked = self._asked.setdefault(key, deque())
        while asked and asked[0] <= now - _WINDOW_S:
            asked.popleft()
        return asked

    def _forget(self, now: float) -> None:
        for key in [key for key, asked in self._asked.items() if not asked or asked[-1] <= now - _WINDOW_S]:
            del self._asked[key]
