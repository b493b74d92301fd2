"""Kill -9 at any moment: what was promised is there, whole, and the store opens unattended."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import pytest

from pullquote.index.folders import size_bytes
from tests.index.killed_child import LOOKS

CHILD = Path(__file__).with_name("killed_child.py")
KILLS = int(os.environ.get("PULLQUOTE_KILLS", "60"))
LIVES = 4
"""So many stores share the kills."""
NESTED = 5
SLACK_BYTES = 2_000_000


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


class Sizes:
    """Looks at the size of a folder, all the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.most_bytes = self.most_folders = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.01):
            self.most_bytes = max(self.most_bytes, size_bytes(self.folder))
            self.most_folders = max(self.most_folders, len(list(self.folder.glob("index-*"))))


@pytest.fixture
def killed(tmp_path: Path) -> Killed:
    return Killed(tmp_path)


@pytest.mark.parametrize("life", range(LIVES))
def test_no_kill_loses_or_mixes_what_was_promised(killed: Killed, life: int) -> None:
    moments, killed.seed = random.Random(life), 1000 * life
    killed.run("fill")  # on a busy machine, the kills may come before anything is written
    for _ in range(-(-KILLS // LIVES)):
        killed.run("write", kill_after_s=moments.uniform(0.0, 1.0))
    assert killed.run("nothing more") > 20


@pytest.mark.parametrize("what", ["rebuild", "mend", "reindex"])
def test_kills_in_the_midst_of_building_again_and_again_do_no_harm_and_take_no_room(killed: Killed, what: str) -> None:
    killed.run("fill")
    there, size = killed.run("nothing more"), size_bytes(killed.store)
    moments = random.Random(8)
    with Sizes(killed.store) as sizes:
        for _ in range(NESTED):
            assert killed.run(what, kill_after_s=moments.uniform(0.2, 3.0)) == there
    assert sizes.most_bytes <= 2 * size + SLACK_BYTES
    assert sizes.most_folders <= 3  # the one that is searched, what a killed process left, and the next
    begun = time.monotonic()
    killed.seed = 2 * LOOKS - 1  # the index is asked
    assert killed.run("nothing more") == there
    assert time.monotonic() - begun < 60
    assert len(list(killed.store.glob("index-*"))) == 1


def test_a_crash_between_catalog_and_index_is_made_good_by_the_next_start(killed: Killed) -> None:
    assert killed.run("stop before the index") == 0
    assert killed.run("stop before the index") == 2
    assert killed.run("nothing more") == 2
