"""After set-up nothing leaves the machine: demo, add and ask with the network taken away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Python runs this before anything else; every attempt is written down, so that one whose error is swallowed counts, too.
GUARD = """
import os, sys

def deny(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        there = arguments[1]
        if there is None or isinstance(there, (str, bytes)):  # a Unix socket, or one that could not be connected
            return
    elif event not in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return
    with open(os.environ["ATTEMPTS"], "a") as log:
        log.write(f"{event} {arguments[-1 if event.startswith('socket.send') else 0]!r} {arguments[1:]!r}\\n")
    raise OSError(101, "the network is denied")

sys.addaudithook(deny)
"""
MAIN = "from pullquote.ui.cli import main; raise SystemExit(main())"
QUESTION = "Who called for restraint?"


class Offline:
    """Runs Python with an empty home, a bare environment and no network."""

    def __init__(self, folder: Path, namespace: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.attempts = folder / "attempts"
        self.namespace = namespace
        (folder / "home").mkdir()
        (folder / "guard").mkdir()
        (folder / "guard" / "sitecustomize.py").write_text(GUARD)

    def run(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        env |= {"PYTHONPATH": str(self.folder / "guard"), "ATTEMPTS": str(self.attempts)}
        return subprocess.run(
            [*self.namespace, sys.executable, "-c", code, *arguments],
            cwd=self.folder, env=env, capture_output=True, text=True, timeout=280,
        )  # fmt: skip

    def pullquote(self, *words: str) -> str:
        """Run a verb that has to succeed without asking for the network, and return what it prints."""
        done = self.run(MAIN, *words)
        assert done.returncode == 0, done.stderr
        assert not self.attempts.exists(), self.attempts.read_text()
        return done.stdout


@pytest.fixture
def guarded(tmp_path: Path) -> Offline:
    """Python's own sockets denied and every attempt noted."""
    return Offline(tmp_path)


@pytest.fixture
def cut_off(tmp_path: Path) -> Offline:
    """A network namespace without a network, which binds compiled libraries as well."""
    for way in (("unshare", "--net"), ("unshare", "--map-root-user", "--net")):
        if shutil.which(way[0]) and subprocess.run([*way, "true"], capture_output=True).returncode == 0:
            return Offline(tmp_path, (*way, "--"))
    pytest.skip("NOT PROVEN for compiled libraries: this machine lets us make no network namespace (unshare --net)")


def test_the_guard_stops_and_notes_what_python_sends(guarded: Offline) -> None:
    done = guarded.run("import urllib.request; urllib.request.urlopen('http://198.51.100.7:9')")
    assert done.returncode != 0
    assert "the network is denied" in done.stderr
    assert "198.51.100.7" in guarded.attempts.read_text()


def test_the_namespace_has_no_network(cut_off: Offline) -> None:
    code = "import socket, sys; sys.exit(socket.socket().connect_ex(('198.51.100.7', 9)) == 101)"
    (cut_off.folder / "guard" / "sitecustomize.py").unlink()
    assert cut_off.run(code).returncode == 1  # 101: network is unreachable


def test_demo_needs_no_network(guarded: Offline) -> None:
    shown = guarded.pullquote("demo")
    assert QUESTION.lower() in shown.lower()
    assert "[1]" in shown


def test_add_and_ask_need_no_network(guarded: Offline) -> None:
    add_and_ask(guarded)


def test_demo_runs_where_there_is_no_network(cut_off: Offline) -> None:
    assert "[1]" in cut_off.pullquote("demo")


def test_add_and_ask_run_where_there_is_no_network(cut_off: Offline) -> None:
    add_and_ask(cut_off)


def add_and_ask(offline: Offline) -> None:
    story = offline.folder / "story.md"
    story.write_text("Talks in Velm\n\nThe Union called on all sides to show restraint. Rain fell in Velm on Monday.\n")
    assert offline.pullquote("add", "--store", "store", "story.md").startswith("added")
    answer = json.loads(offline.pullquote("ask", "--store", "store", "--json", QUESTION))
    assert answer["status"] == "answered"
    assert answer["sentences"][0]["citations"][0]["quote"] == "The Union called on all sides to show restraint."
