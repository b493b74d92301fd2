"""The child process by itself: it speaks frames and nothing else, and ends by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.wire import Frame, packed, read_frame

COMMAND = [sys.executable, "-P", "-m", "pullquote.index.worker"]


def sent(*requests: Frame, noise: bytes = b"") -> tuple[list[Frame], int]:
    """Start a child, send requests, end its standard input, and return its replies and exit code."""
    content = b"".join(part for request in requests for part in packed(request)) + noise
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(content)
        child.stdin.close()
        replies = list(iter(lambda: read_frame(child.stdout.read), None))  # type: ignore[union-attr]
        assert child.stderr.read() == b""
        return [reply for reply in replies if reply is not None], child.wait(60)


def request(verb: str, folder: Path, limit_s: int = 60, **more: object) -> Frame:
    return Frame({"verb": verb, "folder": str(folder), "limit_s": limit_s, **more})


def test_it_says_when_it_is_ready_and_ends_with_its_standard_input(tmp_path: Path) -> None:
    replies, code = sent(request("close", tmp_path), request("search", tmp_path))
    assert [set(reply.head) for reply in replies] == [{"chroma"}, set(), {"unknown"}]
    assert code == 0


def test_it_ends_over_a_request_that_is_garbled() -> None:
    replies, code = sent(noise=b"What is this?" * 10)
    assert len(replies) == 1
    assert code == 1


def test_an_error_is_a_short_reply_and_not_the_end(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database " * 500)
    opened = {"chroma": sent()[0][0].head["chroma"], "most_bytes": 1 << 26}
    (_, error, closed), code = sent(request("open", tmp_path, **opened), request("close", tmp_path))
    assert 0 < len(error.head["error"]) <= 200
    assert "\n" not in error.head["error"]
    assert error.head["full"] is False
    assert (closed.head, code) == ({}, 0)


def test_it_ends_by_itself_when_an_answer_takes_too_long_and_nobody_is_left_to_end_it(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(10_000, 1024)).astype(np.float32)
    begin = request("begin", tmp_path / "index-1", rows=10_000, most_bytes=1 << 30)
    replies, code = sent(begin, Frame({"verb": "add", "limit_s": -4}, np.arange(10_000), rows))
    assert len(replies) == 2
    assert code == -signal.SIGALRM


@pytest.mark.parametrize("name", ["numpy.py", "chromadb.py"])
def test_a_module_in_the_current_folder_takes_no_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("raise SystemExit(77)")
    done = subprocess.run(COMMAND, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
