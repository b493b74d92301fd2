"""The bundled reader in a process of its own: it reads on one core while another embeds, and can end nobody else's work.

Threads would not do: most of what it does holds the lock of the interpreter. Run as ``python -m`` by whoever reads first.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any

from pullquote.index.errors import ModelError
from pullquote.index.statements.reader import BundledReader, Item
from pullquote.index.types import Article, ArticleMeta, Span, Statement

_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""More would only wait for each other, the matrices are so small; and models run beside it."""
_UNUSABLE = (ModelError, ImportError, OSError)
_END_S = 5
_AT_ONCE = 1 << 20


class ReaderProcess:
    """Reads in a child process, one for all stores of this process; safe to share between threads, one of which is served.

    The child is started when something is to be read, and ends with this process, however that ends.
    """

    @property
    def fingerprint(self) -> str:
        """Name the rules, the parser and the table."""
        return BundledReader().fingerprint

    def read(self, items: Sequence[Item]) -> list[tuple[Statement, ...]]:
        """Return the statements of each article, in reading order; in this process where no other can be started.

        Raises:
            ModelError: the parser cannot be loaded.
            RuntimeError: something in the articles makes the reader fail, or ends its process.
        """
        return _child.read(items)


class _Child:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._process: Popen[bytes] | None = None

    def read(self, items: Sequence[Item]) -> list[tuple[Statement, ...]]:
        with self._guard:
            reply = self._asked(items) or self._asked(items)  # it may have been ended by somebody, since it was asked last
        if reply is None:
            raise RuntimeError("the process that reads statements ended over this")
        if "unusable" in reply:
            raise ModelError(reply["unusable"])
        if "failed" in reply:
            raise RuntimeError(reply["failed"])
        return [tuple(map(_statement, rows)) for rows in reply["found"]]

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError, TimeoutExpired):
                process.kill()
                process.wait(_END_S)
            _close(process)

    def forget(self) -> None:
        """Have nothing to do with it in a process that was forked: it is another one's, and would live as long as this."""
        process, self._process = self._process, None
        self._guard = threading.Lock()
        if process is not None:
            process.returncode = 0
            _close(process)

    def _asked(self, items: Sequence[Item]) -> dict[str, Any] | None:
        try:
            process = self._process = self._process or _started()
        except OSError:
            return _reply(items)
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            _send(process.stdin.fileno(), [_row(*item) for item in items])
            reply: dict[str, Any] = _received(process.stdout.fileno())
        except (OSError, ValueError):  # it has ended
            self.end()
            return None
        except BaseException:
            self.end()
            raise
        return reply


def _started() -> Popen[bytes]:
    # -P: no module of the current folder takes the place of an installed one.
    command = [sys.executable, "-P", "-m", "pullquote.index.statements.process"]
    env = {**os.environ, **_ONE_CORE}
    # Without buffers, which have locks: a fork while another thread waits for a reply could not let go of them.
    return Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0, start_new_session=True, env=env)


def _close(process: Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


_child = _Child()
atexit.register(_child.end)
os.register_at_fork(after_in_child=_child.forget)


def main() -> None:
    """Answer whoever started this process, until they end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for them
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):  # what a library prints must not come between the replies
        os.dup2(nothing, standard)
    with contextlib.suppress(ValueError, OSError):  # they have ended
        while True:
            _send(replies, _reply([_item(row) for row in _received(requests)]))
    os._exit(0)


def _reply(items: Sequence[Item]) -> dict[str, Any]:
    try:
        return {"found": [[_fields(one) for one in said] for said in BundledReader().read(items)]}
    except _UNUSABLE as error:
        return {"unusable": str(error)}
    except Exception as error:  # whatever the texts of the world make a reader do
        return {"failed": f"{type(error).__name__}: {error}"}


# -- lines of JSON --------------------------------------------------------------------------------


def _send(descriptor: int, value: object) -> None:
    rest = memoryview(json.dumps(value).encode() + b"\n")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _received(descriptor: int) -> Any:
    """Return what the next line holds; nobody sends one before the last one was answered."""
    line = bytearray()
    while not line.endswith(b"\n") and (piece := os.read(descriptor, _AT_ONCE)):
        line += piece
    return json.loads(line)


def _row(article: Article, spans: Sequence[Span]) -> list[object]:
    """Return what a rule may look at: all but the times."""
    return [{**asdict(article.meta), "published_at": None, "fetched_at": None}, article.text, spans]


def _item(row: Sequence[Any]) -> Item:
    meta, text, spans = row
    return Article(ArticleMeta(**{**meta, "authors": tuple(meta["authors"])}), text), [Span(*span) for span in spans]


def _fields(one: Statement) -> list[object]:
    return [getattr(one, name) for name in Statement.__slots__]


def _statement(row: Sequence[Any]) -> Statement:
    article_id, version, number, kind, polarity, speaker, role, *places, content = row
    said_by, cue = (None if place is None else Span(*place) for place in places)
    pieces = tuple(Span(*piece) for piece in content)
    return Statement(article_id, version, number, kind, polarity, speaker, role, said_by, cue, pieces)


if __name__ == "__main__":
    main()
