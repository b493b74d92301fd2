"""A child process that runs Chroma: started, asked, given up when it takes too long, and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from pullquote.index.errors import IndexDamaged
from pullquote.index.wire import Frame, packed, read_frame, reader_by, write_by

_START_S = 60
_END_S = 5


class ChildLost(Exception):
    """The child could not be started, has ended, or was ended; the message says why, in a few words."""


class Child:
    """One child process; one thread at a time may ask it.

    It ends when its standard input does: with this process, however that ends.
    """

    def __init__(self) -> None:
        """Start it without waiting for it.

        Raises:
            ChildLost: the system lets no process be started.
        """
        # -P: no module of the current folder takes the place of an installed one.
        command = [sys.executable, "-P", "-m", "pullquote.index.worker"]
        try:
            self._process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0, start_new_session=True)
        except OSError as error:
            raise ChildLost(f"the process that runs Chroma cannot be started: {error.strerror}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin, self._process.stdout
        for pipe in (self._requests, self._replies):
            os.set_blocking(pipe.fileno(), False)
        self._ready = False
        _children.add(self)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def lives(self) -> bool:
        """Return whether it has not ended."""
        return self._process.poll() is None

    def ask(self, request: Frame, limit_s: int) -> Frame:
        """Return the reply.

        Raises:
            ChildLost: it has ended, does not answer in time, or answers nonsense: it is of no more use.
            IndexDamaged: the request is larger than what it takes.
        """
        if not self._ready:
            self._reply(_START_S)  # it says when it has loaded Chroma
            self._ready = True
        parts = packed(Frame({**request.head, "limit_s": limit_s}, request.ids, request.rows))
        return self._reply(limit_s, parts)

    def end(self) -> None:
        """End it at once: while it is not asked, it writes nothing."""
        _children.discard(self)
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(TimeoutExpired):
            self._process.wait(_END_S)
        self._let_go()

    def leave(self) -> None:
        """Have nothing to do with it in a process that was forked: it is another one's."""
        self._process.returncode = 0
        self._let_go()

    def _reply(self, limit_s: int, request: list[bytes] | None = None) -> Frame:
        deadline = time.monotonic() + limit_s
        try:
            write_by(self._requests.fileno(), request or [], deadline)
            reply = read_frame(reader_by(self._replies.fileno(), deadline))
        except TimeoutError:
            raise ChildLost(f"the process that runs Chroma did not answer within {limit_s} seconds") from None
        except IndexDamaged as error:
            raise ChildLost(str(error)) from error
        except (OSError, ValueError):  # it reads no more, or was ended by another thread
            reply = None
        if reply is None:
            raise ChildLost(self._how_it_ended())
        return reply

    def _how_it_ended(self) -> str:
        with contextlib.suppress(TimeoutExpired):
            self._process.wait(_END_S)
        code = self._process.returncode
        if code is None:
            return "the process that runs Chroma answers no more"
        if code < 0:
            return f"the process that runs Chroma was ended by {signal.Signals(-code).name}"
        return f"the process that runs Chroma ended with exit code {code}"

    def _let_go(self) -> None:
        for pipe in (self._requests, self._replies):
            with contextlib.suppress(OSError):
                pipe.close()


_children = set[Child]()


def _leave_all() -> None:
    # A forked process that held the pipes open would keep the children alive when their parent has ended.
    for child in _children:
        child.leave()
    _children.clear()


os.register_at_fork(after_in_child=_leave_all)
