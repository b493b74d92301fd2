"""Kill -9 at any moment: what was promised is there, whole, and the store opens unattended."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("killed_child.py")
KILLS = int(os.environ.get("PULLQUOTE_KILLS", "12"))


class Killed:
    """A store that is written by processes which are killed one after the other."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.log = folder / "log.jsonl"
        self.seed = 0

    def run(self, what: str, kill_after_s: float | None = None) -> int:
        """Let one process check and then work; return how many whole articles it found."""
        self.seed += 1
        command = [sys.executable, str(CHILD), str(self.store), str(self.log), what, str(self.seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            if kill_after_s is not None and line:
                time.sleep(kill_after_s)
                assert process.poll() is None, process.stderr.read()
                process.send_signal(signal.SIGKILL)
            _, err = process.communicate(timeout=60)
        assert line.startswith("verified"), f"exit status {process.returncode}: {err}"
        return int(line.split()[1])


@pytest.fixture
def killed(tmp_path: Path) -> Killed:
    return Killed(tmp_path)


def test_no_kill_loses_or_mixes_what_was_promised(killed: Killed) -> None:
    moments = random.Random(7)
    killed.run("fill")  # on a busy machine, the kills may come before anything is written
    for _ in range(KILLS):
        killed.run("write", kill_after_s=moments.uniform(0.0, 1.0))
    assert killed.run("nothing more") > 20


def test_kills_while_the_index_is_made_anew_do_no_harm(killed: Killed) -> None:
    killed.run("write", kill_after_s=1.0)
    there = killed.run("nothing more")
    moments = random.Random(8)
    for _ in range(4):
        assert killed.run("rebuild", kill_after_s=moments.uniform(0.0, 0.4)) == there
    assert killed.run("nothing more") == there


def test_a_crash_between_catalog_and_index_is_made_good_by_the_next_start(killed: Killed) -> None:
    assert killed.run("stop before the index") == 0
    assert killed.run("stop before the index") == 2
    assert killed.run("nothing more") == 2
