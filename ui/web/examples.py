"""Example questions for the page, worked out beside it: whoever asks for them never waits for the engine."""

from __future__ import annotations

import threading

from pullquote.index.errors import PullquoteError
from pullquote.qa.examples import example_questions
from pullquote.qa.newsroom import Newsroom

_SETTLED_S = 1.0
"""So long the articles must stay as they are: while many come in, each batch would be worked out for nothing."""


class Examples:
    """The example questions of one store, as its articles are now; safe to use from several threads."""

    def __init__(self, room: Newsroom, settled_s: float = _SETTLED_S) -> None:
        """Begin to work them out."""
        self._room = room
        self._settled_s = settled_s
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._closed = threading.Event()
        self._known: tuple[int, tuple[str, ...]] = (-1, ())
        self.questions()

    def questions(self, wait_s: float = 0.0) -> tuple[str, ...]:
        """Return two to four questions, or none where the store gives none or they are not ready after ``wait_s`` seconds."""
        worker = self._begun()
        if worker is not None and wait_s > 0:
            worker.join(wait_s)
        revision, questions = self._known
        return questions if revision == self._revision() else ()

    def close(self) -> bool:
        """Stop; what is being worked out goes on to the end of its question at most, and is dropped. Return whether it does."""
        self._closed.set()
        with self._lock:
            return self._worker is not None and self._worker.is_alive()

    def _begun(self) -> threading.Thread | None:
        """Return the thread that works them out, begun where it is needed; None when they are known."""
        with self._lock:
            if self._worker is not None and self._worker.is_alive():
                return self._worker
            if self._closed.is_set() or self._known[0] == self._revision():
                return None
            self._worker = threading.Thread(target=self._work, name="examples", daemon=True)
            self._worker.start()
            return self._worker

    def _work(self) -> None:
        revision = self._settled()
        try:
            questions = example_questions(self._room.store, self._room.settings)
        except (PullquoteError, OSError):  # the page does without; whoever asks a question is told what is wrong
            questions = ()
        self._known = (revision, questions)

    def _settled(self) -> int:
        """Wait until the articles have stayed the same for a while."""
        before, now = -1, self._revision()
        while before != now and not self._closed.wait(self._settled_s):
            before, now = now, self._revision()
        return now

    def _revision(self) -> int:
        try:
            return self._room.store.catalog.revision()
        except PullquoteError:
            return -1
