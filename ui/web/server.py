"""``pullquote ui``: listens, opens the store, serves the page, and lets answers finish when it is told to stop."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
import webbrowser
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from pullquote.index.errors import PullquoteError, SettingsError
from pullquote.index.settings import default_store
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings
from pullquote.ui.arguments import ask_settings
from pullquote.ui.web.address import Listener, is_loopback, listen
from pullquote.ui.web.application import build_application, load_gradio
from pullquote.ui.web.auth import Doorkeeper, Login
from pullquote.ui.web.drain import Drain, Pace
from pullquote.ui.web.guard import Guard
from pullquote.ui.web.health import free_bytes, unready
from pullquote.ui.web.log import note, start_logging
from pullquote.ui.web.mcp import Caller, require_mcp
from pullquote.ui.web.rules import Rules
from pullquote.ui.web.streams import EventStreams

DRAIN_S = 30.0
"""Most seconds that answers in flight may take once the server was told to stop."""
_START_S = 5.0
_FLUSH_S = 5.0
_BETWEEN_S = 0.5
_TICK_S = 0.02
_MOST_HEAD_BYTES = 2**18
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be served, and where."""

    store: Path
    asking: AskSettings
    listener: Listener
    rules: Rules
    door: Doorkeeper | None
    pace: Pace
    reports: Path | None
    mcp: bool
    tell: Callable[[Listener], None]
    """Called once the page can be used."""


def serve(options: Namespace) -> int:
    """Serve the page until told to stop; return the exit code.

    Raises:
        UsageError: the port is taken, or a setting cannot be used.
        StoreError: the store cannot be used.
    """
    login, pace, asking = Login.read(options.auth), Pace.from_env(), ask_settings(options)
    if login is None and not is_loopback(options.host):
        raise SettingsError(f"other machines can reach {options.host}: set PULLQUOTE_AUTH=USER:PASSWORD, or leave --host out")
    if options.mcp:
        require_mcp()
    listener = listen(options.host, options.port)
    print("pullquote is starting ...", file=sys.stderr, flush=True)
    start_logging(options.verbose)
    service = Service(
        store=options.store or default_store(),
        asking=asking,
        listener=listener,
        rules=Rules.of([listener.host, *options.allow_host], options.mcp),
        door=Doorkeeper(login) if login else None,
        pace=pace,
        reports=options.reports or _reports_of(options.store or default_store()),
        mcp=options.mcp,
        tell=lambda there: _tell(there, options),
    )
    return asyncio.run(_Serving(service).run())


def _reports_of(store: Path) -> Path:
    """Return where reports are looked for unless a folder is named: where ``make eval`` puts them, else in the store."""
    made = Path("build", "eval")
    return made if made.is_dir() else store / "reports"


def _tell(listener: Listener, options: Namespace) -> None:
    if options.json:
        print(json.dumps({"url": listener.url, "pid": os.getpid()}))
    else:
        print(f"pullquote is at {listener.url} (Ctrl-C stops it)")
    sys.stdout.flush()
    if options.open:
        threading.Thread(target=webbrowser.open, args=(listener.url,), daemon=True).start()


class _Serving:
    """One run of the server."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._drain = Drain()
        self._opening = True
        self._cut_off = 0
        self._working = False
        """Whether there are threads that nobody waits for."""
        self._told = asyncio.Event()
        self._guard = Guard(service.rules, self._unready, service.door)

    def _unready(self) -> str | None:
        return unready(self._opening, self._drain.stopping, free_bytes(self._service.store))

    async def run(self) -> int:
        """Serve until told to stop."""
        server, loop = _uvicorn(self._guard), asyncio.get_running_loop()
        with _signals(lambda: loop.call_soon_threadsafe(self._stop)):
            serving = asyncio.create_task(server.serve(sockets=[self._service.listener.socket]))
            await _until(lambda: server.started, loop.time() + _START_S)  # before others import, whom it would wait for
            try:
                room = await self._opened()
                if room is not None:
                    await self._open(room)
            finally:
                self._guard.hang_up()
                server.should_exit = True
                await serving
        note("stopped", cut_off=self._cut_off)
        if room is None or self._opening or self._cut_off or self._working:
            _leave(0)  # there is no way to end a thread
        room.close()
        return 0

    def _stop(self) -> None:
        note("stopping", answers=self._drain.answers)
        self._drain.stop()
        self._told.set()

    async def _opened(self) -> Newsroom | None:
        """Return the open store, once Gradio is there, too; None when told to stop before."""
        opened: asyncio.Future[Newsroom] = asyncio.Future()
        told = asyncio.create_task(self._told.wait())
        threading.Thread(target=_load, args=(self._service, opened), daemon=True).start()
        await asyncio.wait((opened, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        return opened.result() if opened.done() else None

    async def _open(self, room: Newsroom) -> None:
        from pullquote.ui.web.desk import Desk
        from pullquote.ui.web.examples import Examples

        service = self._service
        examples = Examples(room)
        desk = Desk(room, service.reports, self._drain, service.pace, examples)
        mcp = Caller(service.listener.local_url, self._guard.own_headers) if service.mcp else None
        app = build_application(desk, mcp)
        async with app.router.lifespan_context(app):
            self._guard.open(EventStreams(app))
            service.tell(service.listener)
            note("started", url=service.listener.url, store=str(service.store), articles=room.coverage().articles)
            asyncio.get_running_loop().run_in_executor(desk.threads, self._warm, room)
            await self._told.wait()
            await self._drained()
        self._working = examples.close()

    def _warm(self, room: Newsroom) -> None:
        """Make the vector index what the catalog says it should be, and load what is needed to search it."""
        try:
            room.store.search_chunks("pullquote", 1)
        except PullquoteError as error:
            note("cannot search", logging.ERROR, reason=str(error))
        finally:
            self._opening = False

    async def _drained(self) -> None:
        """Wait until the answers in flight are given and have reached their readers."""
        had = self._drain.answers
        end_s = asyncio.get_running_loop().time() + DRAIN_S
        await _until(lambda: not self._drain.answers, end_s)
        if had:
            await asyncio.sleep(_BETWEEN_S)  # from the end of an answer to its way out
        await _until(lambda: not self._guard.streams, min(end_s, asyncio.get_running_loop().time() + _FLUSH_S))
        self._cut_off = self._drain.answers + self._guard.streams


async def _until(done: Callable[[], bool], end_s: float) -> None:
    while not done() and asyncio.get_running_loop().time() < end_s:
        await asyncio.sleep(_TICK_S)


def _load(service: Service, opened: asyncio.Future[Newsroom]) -> None:
    def settle() -> None:
        if not opened.cancelled():
            opened.set_result(found) if isinstance(found, Newsroom) else opened.set_exception(found)

    found: Newsroom | Exception
    try:
        found = Newsroom.open(service.store, asking=service.asking)
        load_gradio()
    except Exception as error:
        found = error
    opened.get_loop().call_soon_threadsafe(settle)


def _uvicorn(guard: Guard) -> Any:
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to us."""

        def capture_signals(self) -> Any:
            return nullcontext()

    fixed: dict[str, Any] = {"http": "h11", "ws": "none", "lifespan": "off", "h11_max_incomplete_event_size": _MOST_HEAD_BYTES}
    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "proxy_headers": False, "server_header": False}
    return Server(uvicorn.Config(guard, **fixed, **quiet, timeout_graceful_shutdown=1))


@contextmanager
def _signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` at the first signal that asks for an end; leave at once at the second."""
    seen: list[int] = []

    def handle(number: int, _: FrameType | None) -> None:
        if seen:
            _leave(128 + number)
        seen.append(number)
        stop()

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(code: int) -> NoReturn:
    """End the process with all its threads; what the store has said it holds is safe."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)
