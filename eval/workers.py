"""Run cases in this process or in several; one that raises, or kills its process, costs itself and no other."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from pullquote.eval.journal import encode_result
from pullquote.eval.metering import Meter
from pullquote.eval.tasks.base import RunCase, Setup, Task
from pullquote.eval.types import CaseResult, EvalCase
from pullquote.index.cores import THREADS, available_cores
from pullquote.index.errors import ItemError, PullquoteError, UsageError

_READY = ""
_LAST_WORDS_S = 5.0
_SETUP_DEATHS = 3

Finished = tuple[EvalCase, str]
"""A case and its result, encoded: what takes the way through a file and what does not are the same."""


class TaskFailed(ItemError):
    """A task cannot be run at all: its cases cannot be read, its store cannot be built, its models cannot be loaded."""


def run_here(task: Task, setup: Setup, cases: Sequence[EvalCase]) -> Generator[Finished, None, None]:
    """Run the cases in this process, in order."""
    if not cases:
        return
    meter = Meter(setup.engine)
    with ExitStack() as stack:
        with naming(task):
            run = stack.enter_context(task.session(replace(setup, engine=meter)))
        for case in cases:
            yield case, _encoded(run, case, meter)


def run_in_processes(task: Task, setup: Setup, cases: Sequence[EvalCase], count: int) -> Generator[Finished, None, None]:
    """Run the cases in ``count`` processes, and yield each as it is done.

    A case whose process dies is run again in another one, once; then that is its error.

    Raises:
        TaskFailed: the processes cannot be set up; a PullquoteError that a session raises is raised here.
        UsageError: the task or the engine cannot travel to another process.
    """
    if not cases:
        return
    try:
        ForkingPickler.dumps((task, setup))
    except Exception as error:
        reason = f"the task or the engine cannot be handed to other processes ({error_text(error)})"
        raise UsageError(f"{reason}: make it a function or class of a module, or use one worker") from error
    crew = _Crew(task, setup, cases, count)
    try:
        yield from crew.work()
    finally:
        crew.dismiss()


@contextmanager
def naming(task: Task) -> Iterator[None]:
    """Turn what somebody's code raises into one line that names the task; errors made for users pass."""
    try:
        yield
    except PullquoteError:
        raise
    except Exception as error:
        raise TaskFailed(f"the task {task.name} cannot be run: {error_text(error)} (at {_place(error)})") from error


def error_text(error: BaseException) -> str:
    """Return type and message of an error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")


# -- one case -------------------------------------------------------------------------------------


def _encoded(run: RunCase, case: EvalCase, meter: Meter) -> str:
    meter.reset()
    began = time.perf_counter()
    try:
        result = run(case)
        seconds = result.seconds or time.perf_counter() - began
        cluster = result.cluster or case.cluster or case.id
        return encode_result(meter.noted(replace(result, case_id=case.id, cluster=cluster, seconds=round(seconds, 6))))
    except (Exception, SystemExit) as error:
        failed = _failed(case, error_text(error), _place(error), round(time.perf_counter() - began, 6))
        return encode_result(meter.noted(failed))


def _failed(case: EvalCase, error: str, place: str | None = None, seconds: float = 0.0) -> CaseResult:
    detail = {"question": case.question} | ({"raised_at": place} if place else {})
    return CaseResult(case.id, case.cluster or case.id, case.tags, {}, detail, error, seconds)


def _place(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


# -- several processes ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    case: EvalCase | None = None
    """The case at hand."""


class _Crew:
    """The processes that share the cases of one task."""

    def __init__(self, task: Task, setup: Setup, cases: Sequence[EvalCase], count: int) -> None:
        self._task, self._setup, self._count = task, setup, count
        self._threads = max(1, available_cores() // count)
        self._waiting = deque(cases)
        self._left = len(cases)
        self._died_on: set[str] = set()
        self._setup_deaths = 0
        self._workers: list[_Worker] = []

    def work(self) -> Iterator[Finished]:
        """Yield the cases as they are done."""
        while self._left:
            self._fill()
            wait([handle for w in self._workers for handle in (w.pipe, w.process.sentinel)])
            for worker in list(self._workers):
                done = self._heard(worker)
                if done is not None:
                    self._left -= 1
                    yield done

    def _fill(self) -> None:
        while len(self._workers) < min(self._count, self._left):
            self._workers.append(self._hired())
        for worker in self._workers:
            if worker.ready and worker.case is None and self._waiting:
                worker.case = self._waiting.popleft()
                with suppress(OSError):  # it died just now: noticed in a moment
                    worker.pipe.send(worker.case)

    def _hired(self) -> _Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(self._task, self._setup, self._threads, theirs), daemon=True)
        with theirs, _interrupts_ignored():
            process.start()
        return _Worker(process, ours)

    def _heard(self, worker: _Worker) -> Finished | None:
        """Take what a worker has to tell: that it is ready, a result, an error of its session, or nothing any more."""
        try:
            if not worker.pipe.poll():
                return None if worker.process.is_alive() or worker.pipe.poll() else self._bury(worker)
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if isinstance(message, Exception):
            raise message
        if message == _READY:
            worker.ready = True
            return None
        case, worker.case = worker.case, None
        assert case is not None
        return case, message

    def _bury(self, worker: _Worker) -> Finished | None:
        """Take a dead worker off the list; return its case if that has killed two."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        if not worker.ready:
            self._setup_deaths += 1
            if self._setup_deaths >= _SETUP_DEATHS:
                reason = f"the task {self._task.name} cannot be run: its processes end while they are set up ({how})"
                raise TaskFailed(f"{reason}: if memory is short, use fewer workers")
        case = worker.case
        if case is None:
            return None
        if case.id in self._died_on:
            return case, encode_result(_failed(case, f"ProcessDied: the process ended twice while it ran this case ({how})"))
        self._died_on.add(case.id)
        self._waiting.appendleft(case)
        return None

    def dismiss(self) -> None:
        """End all processes: those at rest by themselves, those with a case at once."""
        for worker in self._workers:
            if worker.ready and worker.case is None:
                with suppress(OSError):
                    worker.pipe.send(None)
            else:
                worker.process.terminate()
        deadline = time.monotonic() + _LAST_WORDS_S
        for worker in self._workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start a process that leaves Ctrl-C to this one: what is ignored here is ignored there from the first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(task: Task, setup: Setup, threads: int, pipe: Connection) -> None:
    """What a worker does: set up once, then run the cases that it is given."""
    os.environ.setdefault(THREADS, str(threads))
    sys.stdout = sys.stderr  # stdout is the report's
    threading.Thread(target=_end_with_parent, daemon=True).start()
    meter = Meter(setup.engine)
    with ExitStack() as stack, suppress(EOFError, ConnectionError):
        try:
            with naming(task):
                run = stack.enter_context(task.session(replace(setup, engine=meter)))
        except PullquoteError as error:
            pipe.send(error)
            return
        pipe.send(_READY)
        while (case := pipe.recv()) is not None:
            pipe.send(_encoded(run, case, meter))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however that came: it may hold a store."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
