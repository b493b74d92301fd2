"""The reader in a process of its own: the same statements, and nobody's work ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from pullquote.index.errors import ModelError
from pullquote.index.sentences import split_sentences
from pullquote.index.statements import process
from pullquote.index.statements.process import ReaderProcess
from pullquote.index.statements.reader import BundledReader, Item
from pullquote.index.types import Article, ArticleMeta, Span

TEXT = 'Ada Brandt, the mayor, said that the pier is safe. "It rains," she added. Carl Ode denied it.\n\nNobody called.'
META = ArticleMeta("a\u2028é", 3, None, "Ann Lee speaks", "Post", ("Tom Reed",), datetime(2026, 3, 4, tzinfo=UTC))


def item(text: str = TEXT, meta: ArticleMeta = META) -> Item:
    return Article(meta, text), split_sentences(text)


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    process._child.end()
    yield
    process._child.end()


def child() -> psutil.Process:
    assert process._child._process is not None
    return psutil.Process(process._child._process.pid)


def test_it_finds_what_the_bundled_reader_finds() -> None:
    items = [item(), item("Nobody spoke.", ArticleMeta("b")), item('"No," said Eve Lund. "Not now."\n', ArticleMeta("c"))]
    found = ReaderProcess().read(items)
    assert found == BundledReader().read(items)
    assert [len(said) > 0 for said in found] == [True, False, True]
    assert ReaderProcess().fingerprint == BundledReader().fingerprint
    assert ReaderProcess().read([]) == []


def test_the_parser_is_loaded_in_the_other_process_alone() -> None:
    script = f"""
import sys
from pullquote.index.statements.process import ReaderProcess
from pullquote.index.types import Article, ArticleMeta, Span
print(len(ReaderProcess().read([(Article(ArticleMeta("a"), {TEXT!r}), [Span(0, 50)])])[0]), "spacy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("1 False\n", "")


def test_one_process_serves_all_and_another_one_is_started_when_it_was_killed() -> None:
    first = ReaderProcess().read([item()])
    before = child()
    assert ReaderProcess().read([item()]) == first
    assert child() == before
    before.kill()
    before.wait(10)
    assert ReaderProcess().read([item()]) == first
    assert child() != before


def test_what_makes_it_fail_is_told_and_it_goes_on() -> None:
    reader = ReaderProcess()
    with pytest.raises(RuntimeError, match="TypeError"):
        reader.read([(item()[0], [Span(0, "x")])])  # type: ignore[arg-type]
    before = child()
    assert reader.read([item()])[0]
    assert child() == before


def test_articles_over_which_it_ends_are_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken(monkeypatch, tmp_path, "import os; os._exit(9)")
    with pytest.raises(RuntimeError, match="ended over this"):
        ReaderProcess().read([item()])


def test_a_parser_that_cannot_be_loaded_is_no_articles_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken(monkeypatch, tmp_path, "raise ImportError('no parser here')")
    with pytest.raises(ModelError, match="no parser here"):
        ReaderProcess().read([item()])


def broken(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Put something in the place of spaCy, for new processes."""
    (folder / "spacy.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_where_no_process_can_be_started_it_reads_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert ReaderProcess().read([item()]) == BundledReader().read([item()])
    assert process._child._process is None


def test_it_ends_with_whoever_started_it_and_a_fork_has_its_own() -> None:
    script = f"""
import os, signal, time
from threading import Thread
from pullquote.index.statements import process
from pullquote.index.types import Article, ArticleMeta, Span
def pid():
    assert process.ReaderProcess().read([(Article(ArticleMeta("a"), {TEXT!r}), [Span(0, 50)])])[0]
    return process._child._process.pid
mine = pid()
os.kill(mine, signal.SIGSTOP)
other = Thread(target=pid)
other.start()
time.sleep(0.5)  # the other thread waits for a reply
forked = os.fork()
if not forked:
    os._exit(pid() == mine)
assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
os.kill(mine, signal.SIGCONT)
other.join()
assert pid() == mine
print(mine, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        reader = int(parent.stdout.readline())
        assert psutil.pid_exists(reader)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(reader) and psutil.Process(reader).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
