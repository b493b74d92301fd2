"""Chroma in other processes: whatever becomes of them or of their files, this one goes on and says what happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from pullquote.index import building, remote
from pullquote.index.building import build_segment
from pullquote.index.child import Child, ChildLost
from pullquote.index.errors import IndexDamaged, StoreUnwritable
from pullquote.index.records import Segment
from pullquote.index.remote import SegmentReader, search_ahead, start_reading
from pullquote.index.seal import broken, seal_of
from pullquote.index.wire import Frame

ROWS, DIM = 400, 16
OPEN = SegmentReader
ROOT = Path(__file__).resolve().parents[2]


def units(count: int, seed: int = 1) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def batches(rows: np.ndarray, first: int = 1, at_once: int = 150) -> Iterator[tuple[range, np.ndarray]]:
    for start in range(0, len(rows), at_once):
        part = rows[start : start + at_once]
        yield range(first + start, first + start + len(part)), part


def made(folder: Path, rows: np.ndarray, first: int = 1) -> Segment:
    seal, chroma = build_segment(folder, batches(rows, first), len(rows))
    return Segment(folder.name, first, first + len(rows) - 1, len(rows), chroma, seal)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Segment]:
    folder = tmp_path_factory.mktemp("segments") / "index-1"
    return folder, made(folder, units(ROWS))


@pytest.fixture
def copied(original: tuple[Path, Segment], tmp_path: Path) -> tuple[Path, Segment]:
    """A segment of its own for a test that does something to it."""
    return shutil.copytree(original[0], tmp_path / "index-1"), original[1]


def nearest(rows: np.ndarray, vector: np.ndarray, limit: int) -> list[int]:
    return (np.argsort(-(rows @ vector))[:limit] + 1).tolist()


def reading_child() -> psutil.Process:
    start_reading()
    child = remote._reading._child
    assert child is not None
    return psutil.Process(child.pid)


def ended(process: psutil.Process) -> bool:
    """Wait for the end of a process; a zombie that its parent has not buried yet counts."""
    for _ in range(600):
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


# -- making and reading ---------------------------------------------------------------------------


def test_the_nearest_are_found_best_first(original: tuple[Path, Segment]) -> None:
    reader, rows = OPEN(*original), units(ROWS)
    for number in (0, 7, ROWS - 1):
        found = reader.search(rows[number], 10)
        assert [chunk for chunk, _ in found] == nearest(rows, rows[number], 10)
        assert [cosine for _, cosine in found] == pytest.approx(sorted(rows @ rows[number])[:-11:-1], abs=1e-5)
    assert reader.ids() == set(range(1, ROWS + 1))
    assert len(reader.search(rows[0], ROWS + 50)) == ROWS
    assert reader.search(rows[0], 0) == []
    reader.close()


def test_what_was_begun_ahead_is_found_the_same_whoever_asks_for_it_and_how_often(tmp_path: Path) -> None:
    places = [(tmp_path / f"index-{n}", made(tmp_path / f"index-{n}", units(ROWS), first=1 + n * ROWS)) for n in range(3)]
    readers, rows = [OPEN(*place) for place in places], units(ROWS)
    alone = [reader.search(rows[5], 10) for reader in readers]
    for _ in range(2):  # the second one finds that it was begun already
        search_ahead([(folder, 10) for folder, _ in places], rows[5])
    search_ahead([(folder, 10) for folder, _ in places], rows[6])
    search_ahead([(tmp_path / "index-9", 10), (places[0][0], 3)], rows[5])  # one of them is not open
    for _ in range(2):
        assert [reader.search(rows[5], 10) for reader in readers] == alone
    assert readers[0].search(rows[5], 3) == alone[0][:3]
    readers[1].close()  # with a search of it under way that nobody asked for
    assert readers[2].search(rows[6], 1)[0][0] == 7 + 2 * ROWS
    readers[0].close()
    readers[2].close()


def test_to_begin_ahead_fails_quietly_and_what_follows_starts_anew(original: tuple[Path, Segment]) -> None:
    reader = OPEN(*original)
    child = reading_child()
    child.send_signal(signal.SIGSTOP)
    child.kill()
    search_ahead([(original[0], 5)], units(ROWS)[3])
    assert reader.search(units(ROWS)[3], 1)[0][0] == 4
    reader.close()


def test_copies_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    reader = OPEN(tmp_path / "index-1", made(tmp_path / "index-1", np.repeat(units(1), 9, axis=0), first=30))
    assert [chunk for chunk, _ in reader.search(units(1)[0], 9)] == list(range(30, 39))
    reader.close()


@pytest.mark.parametrize("count", [1, 2, 101])
def test_small_segments_are_whole(tmp_path: Path, count: int) -> None:
    segment = made(tmp_path / "index-1", units(count), first=5)
    reader = OPEN(tmp_path / "index-1", segment)
    assert len(segment.seal) == 5
    assert reader.ids() == set(range(5, 5 + count))
    assert reader.search(units(count)[0], 1)[0][0] == 5
    reader.close()


def test_the_files_of_a_segment_are_for_their_owner_alone(original: tuple[Path, Segment]) -> None:
    folder, _ = original
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))} == {0}


def test_a_segment_is_not_written_to_once_it_is_made_however_many_read_it(copied: tuple[Path, Segment], tmp_path: Path) -> None:
    folder, segment = copied
    code = (
        "import sys; from pathlib import Path; from tests.index.test_remote import OPEN, units\n"
        "from pullquote.index.records import Segment\n"
        f"reader = OPEN(Path(sys.argv[1]), {segment!r})\n"
        "print('open', flush=True); sys.stdin.readline()\n"
        "print(len({reader.search(row, 10)[0][0] for row in units(100)}), flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    others = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    assert [other.stdout.readline() for other in others if other.stdout] == ["open\n"] * 2
    reader = OPEN(folder, segment)
    for other in others:
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
    assert len({reader.search(row, 10)[0][0] for row in units(100)}) == 100
    assert [other.communicate(timeout=120)[0] for other in others] == ["100\n"] * 2
    for _ in range(3):
        reader.close()
        reader = OPEN(folder, segment)
        reader.search(units(1)[0], 10)
    assert broken(folder, segment.seal) is None
    assert seal_of(folder) == segment.seal
    reader.close()


def test_several_segments_are_open_side_by_side(original: tuple[Path, Segment], tmp_path: Path) -> None:
    other_rows = units(50, seed=2)
    other = OPEN(tmp_path / "index-2", made(tmp_path / "index-2", other_rows, first=1000))
    reader, again = OPEN(*original), OPEN(*original)
    assert other.search(other_rows[7], 1)[0][0] == 1007
    assert reader.search(units(ROWS)[7], 1)[0][0] == 8
    again.close()
    again.close()
    assert reader.search(units(ROWS)[7], 1)[0][0] == 8
    with pytest.raises(IndexDamaged, match="closed"):
        again.search(units(1)[0], 1)
    other.close()
    assert reader.ids() == set(range(1, ROWS + 1))
    reader.close()


def test_many_threads_may_ask_at_once(original: tuple[Path, Segment]) -> None:
    reader, rows = OPEN(*original), units(ROWS)
    wrong = list[int]()

    def ask(start: int) -> None:
        for number in range(start, ROWS, 8):
            if reader.search(rows[number], 1)[0][0] != number + 1:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    reader.close()


def test_chroma_is_not_loaded_by_whoever_asks(original: tuple[Path, Segment], tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.index.test_remote import OPEN, made, units\n"
        "OPEN(Path(sys.argv[1]), made(Path(sys.argv[1]), units(9))).search(units(1)[0], 3)\n"
        "print([name for name in sys.modules if name.startswith('chroma')])\n"
    )
    assert run(code, tmp_path / "index-1") == "[]\n"


def run(code: str, *arguments: object) -> str:
    """Run Python in another process and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# -- when making fails ----------------------------------------------------------------------------


def test_what_the_batches_raise_is_passed_on_and_nothing_is_left(tmp_path: Path) -> None:
    def stopped() -> Iterable[tuple[range, np.ndarray]]:
        yield range(1, 151), units(150)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_segment(tmp_path / "index-1", stopped(), 300)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [299, 0])
def test_another_number_of_chunks_than_was_said_is_an_error(tmp_path: Path, given: int) -> None:
    with pytest.raises(IndexDamaged, match="index-1"):
        build_segment(tmp_path / "index-1", batches(units(given)), 300)
    assert list(tmp_path.iterdir()) == []


def test_making_a_segment_gives_way_to_other_work_and_no_file_may_grow_without_end(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children()}
    seen = list[tuple[int, int]]()

    def watched() -> Iterable[tuple[range, np.ndarray]]:
        yield range(1, 151), units(150)
        (child,) = [child for child in psutil.Process().children() if child.pid not in before]
        seen.append((child.nice(), child.rlimit(psutil.RLIMIT_FSIZE)[0] if hasattr(child, "rlimit") else 64 << 20))
        yield range(151, 301), units(150)

    build_segment(tmp_path / "index-1", watched(), 300)
    ((niceness, most_bytes),) = seen
    assert niceness == min(19, psutil.Process().nice() + 10)
    assert 0 < most_bytes < 100 << 20


def test_an_id_that_is_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        build_segment(tmp_path / "index-1", iter([(range(1, 51), units(50)), (range(50, 100), units(50))]), 100)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_has_made_a_small_segment_makes_the_next_one(tmp_path: Path) -> None:
    building._spare.end()
    before = {child.pid for child in psutil.Process().children()}
    made(tmp_path / "index-1", units(30))
    (child,) = [child for child in psutil.Process().children() if child.pid not in before]
    made(tmp_path / "index-2", units(20))
    assert [other for other in psutil.Process().children() if other.pid not in before] == [child]
    child.kill()
    child.wait(20)
    made(tmp_path / "index-3", units(20))
    building._spare.end()
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_process_that_is_ended_while_it_makes_a_segment_leaves_nothing(tmp_path: Path) -> None:
    building._spare.end()
    before = {child.pid for child in psutil.Process().children()}

    def killed() -> Iterable[tuple[range, np.ndarray]]:
        yield range(1, 151), units(150)
        (child,) = [child for child in psutil.Process().children() if child.pid not in before]
        child.kill()
        yield range(151, 301), units(150)

    with pytest.raises(IndexDamaged, match=r"index-1 .*SIGKILL"):
        build_segment(tmp_path / "index-1", killed(), 300)
    assert list(tmp_path.iterdir()) == []
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index-1").mkdir()
    (tmp_path / "index-1" / "mine").touch()
    for folder in (tmp_path / "index-1", tmp_path / "nowhere" / "index-1"):
        with pytest.raises(StoreUnwritable, match="cannot be made"):
            build_segment(folder, batches(units(9)), 9)
    assert (tmp_path / "index-1" / "mine").exists()


def test_where_files_may_not_grow_nothing_is_left(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from tests.index.test_remote import made, units\n"
        "from pullquote.index.errors import IndexDamaged\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))\n"
        "try: made(Path(sys.argv[1]), units(2000))\n"
        "except IndexDamaged as error: print('index-1' in str(error))\n"
    )
    assert run(code, tmp_path / "index-1") == "True\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.index.test_remote import batches, units\n"
        "from pullquote.index.errors import StoreUnwritable; from pullquote.index.building import build_segment\n"
        "disk = Path(sys.argv[1])\n"
        "def filling():\n"
        "    for batch in batches(units(900)):\n"
        "        yield batch\n"
        "        with (disk / 'rest').open('ab', buffering=0) as file:\n"
        "            try:\n"
        "                while file.write(bytes(1000)): pass\n"
        "            except OSError: pass\n"
        "for given, rows in ((batches(units(9000)), 9000), (filling(), 900)):\n"
        "    try: build_segment(disk / 'index-1', given, rows)\n"
        "    except StoreUnwritable as error: print('no room' in str(error), [path.name for path in disk.iterdir()])\n"
    )
    mount = 'mount -t tmpfs -o size=4m none "$0" && exec "$1" -c "$2" "$0"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(tmp_path), sys.executable, code]
    if shutil.which("unshare") is None or subprocess.run([*command[:3], "true"], capture_output=True).returncode:
        pytest.skip("NOT PROVEN: this machine lets us mount no small disk (unshare --mount)")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "True []\nTrue ['rest']\n", done.stderr


# -- when the process that reads ends -------------------------------------------------------------


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_ends_between_two_questions_is_replaced(original: tuple[Path, Segment], blow: signal.Signals) -> None:
    reader = OPEN(*original)
    before, child = reading_child(), remote._reading._child
    assert child is not None
    before.send_signal(blow)
    while child.lives():
        time.sleep(0.01)
    assert reader.search(units(ROWS)[3], 1)[0][0] == 4
    assert reading_child().pid != before.pid
    assert not before.is_running()  # nor a zombie
    reader.close()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_ends_over_a_question_is_named_and_the_next_one_answers(
    original: tuple[Path, Segment], blow: signal.Signals
) -> None:
    reader = OPEN(*original)
    before = reading_child()
    before.suspend()
    striking = threading.Timer(0.5, lambda: before.send_signal(blow) or before.resume())
    striking.start()
    with pytest.raises(IndexDamaged, match=f"index-1 .*{blow.name}"):
        reader.search(units(1)[0], 1)
    striking.join()
    assert reader.search(units(ROWS)[3], 1)[0][0] == 4
    reader.close()


def test_a_process_that_does_not_answer_in_time_is_given_up() -> None:
    child = Child()
    assert child.ask(Frame({"verb": "close", "folder": "none"}), 60).head == {}
    process = psutil.Process(child.pid)
    process.suspend()
    with pytest.raises(ChildLost, match="within 1 seconds"):
        child.ask(Frame({"verb": "close", "folder": "none"}), 1)
    child.end()
    assert not process.is_running()


def test_ctrl_c_is_not_meant_for_the_process_that_reads(original: tuple[Path, Segment]) -> None:
    reader, child = OPEN(*original), reading_child()
    assert os.getsid(child.pid) != os.getsid(0)
    child.send_signal(signal.SIGINT)
    assert reader.search(units(ROWS)[3], 1)[0][0] == 4
    assert reading_child().pid == child.pid
    reader.close()


def test_the_process_is_started_ahead_and_not_twice(original: tuple[Path, Segment]) -> None:
    remote._reading.end()
    start_reading()
    child = reading_child()
    start_reading()
    reader = OPEN(*original)
    assert reading_child().pid == child.pid
    reader.close()


def test_what_a_library_prints_does_not_come_between_the_frames(original: tuple[Path, Segment], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os, sys, threading\n"
        "def talk():\n"
        "    while True: os.write(1, b'noise '); os.write(2, b'noise ')\n"
        "if 'worker' in ' '.join(sys.orig_argv): threading.Timer(0.5, talk).start()\n"
    )
    code = (
        "import sys; from pathlib import Path; from tests.index.test_remote import *; import pullquote.index.remote as remote\n"
        f"reader = OPEN(Path(sys.argv[1]), {original[1]!r})\n"
        "time.sleep(1)\n"
        "print([reader.search(row, 1)[0][0] for row in units(3)], len(reader.ids()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(original[0])], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.stderr) == (f"[1, 2, 3] {ROWS}\n", "")


# -- when the process that asks ends --------------------------------------------------------------

ASKING = """
import os, signal, sys
from tests.index.test_remote import *
how = sys.argv[2]
reader = OPEN(Path(sys.argv[1]), SEGMENT)
print(reading_child().pid, flush=True)
if how == "forked":
    if not os.fork():
        time.sleep(600)
if how == "making":
    batch = next(batches(units(150)))
    def some():
        yield batch
        print(*(child.pid for child in psutil.Process().children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    build_segment(Path(sys.argv[1]).with_name("index-9"), some(), 300)
if how == "plain":
    sys.exit()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["plain", "killed", "forked", "making"])
def test_no_process_outlives_the_one_that_asks(copied: tuple[Path, Segment], how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKING.replace("SEGMENT", repr(copied[1])), str(copied[0]), how],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as asking:  # fmt: skip
        assert asking.stdout is not None
        assert asking.stderr is not None
        lines = [asking.stdout.readline() for _ in range(2 if how == "making" else 1)]
        pids = {int(pid) for line in lines for pid in line.split()}
        assert len(pids) == len(lines), asking.stderr.read()
        assert asking.wait(60) == (0 if how == "plain" else -signal.SIGKILL)
        assert all(ended(psutil.Process(pid)) for pid in pids if psutil.pid_exists(pid))
        if how == "forked":
            os.killpg(asking.pid, signal.SIGKILL)  # the forked one lived on meanwhile


FORKING = """
import os, sys
from tests.index.test_remote import *
reader = OPEN(Path(sys.argv[1]), SEGMENT)
before = reading_child().pid
if not os.fork():
    found = reader.search(units(5)[4], 1)[0][0]
    here = reading_child()
    own = here.pid != before and here.ppid() == os.getpid()
    remote._reading.end()
    os._exit(found if own else 99)
print(os.waitstatus_to_exitcode(os.wait()[1]), reader.search(units(5)[2], 1)[0][0], reading_child().pid == before)
print([child.pid for child in psutil.Process().children()] == [before])
"""


def test_a_forked_process_has_a_reading_process_of_its_own(original: tuple[Path, Segment]) -> None:
    assert run(FORKING.replace("SEGMENT", repr(original[1])), original[0]) == "5 3 True\nTrue\n"


# -- damage ---------------------------------------------------------------------------------------


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def garble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = slice(len(content) // 4, len(content) - len(content) // 4)
    content[middle] = np.random.default_rng(7).bytes(middle.stop - middle.start)
    file.write_bytes(content)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def swell(file: Path) -> None:
    os.truncate(file, 4 << 40)


GRAPH = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
DAMAGES: list[tuple[str, Callable[[Path], None]]] = [
    *((name, damage) for name in (*GRAPH, "chroma.sqlite3") for damage in (cut, garble, empty, Path.unlink)),
    ("link_lists.bin", swell),
]


def allocated(folder: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@pytest.mark.parametrize(("name", "damage"), DAMAGES, ids=[f"{name} {damage.__name__}" for name, damage in DAMAGES])
def test_damage_is_an_error_that_names_the_folder(
    original: tuple[Path, Segment], copied: tuple[Path, Segment], name: str, damage: Callable[[Path], None]
) -> None:
    OPEN(*original).close()  # the process that reads is there, as it is where somebody works
    folder, segment = copied
    (file,) = folder.rglob(name)
    damage(file)
    before, begun = allocated(folder), time.monotonic()
    with pytest.raises(IndexDamaged, match=str(folder)) as caught:
        OPEN(folder, segment).search(units(1)[0], 10)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 10
    assert allocated(folder) <= before


def test_an_emptied_folder_and_one_that_is_gone_are_errors(copied: tuple[Path, Segment]) -> None:
    folder, segment = copied
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(IndexDamaged, match="index-1"):
        OPEN(folder, segment)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    with pytest.raises(IndexDamaged, match="index-1"):
        OPEN(folder, segment)
    assert not folder.exists()


@pytest.mark.parametrize("part", range(0, 10, 2))
def test_a_garbled_piece_of_chromas_catalog_hides_nothing(copied: tuple[Path, Segment], part: int) -> None:
    folder, segment = copied
    file, rows = folder / "chroma.sqlite3", units(ROWS)
    content = bytearray(file.read_bytes())
    begin, length = part * len(content) // 10, len(content) // 10
    content[begin : begin + length] = np.random.default_rng(part).bytes(length)
    file.write_bytes(content)
    with contextlib.suppress(IndexDamaged):
        reader = OPEN(folder, segment)
        found = [[chunk for chunk, _ in reader.search(row, 10)] for row in rows[::40]]
        assert found == [nearest(rows, row, 10) for row in rows[::40]]


def test_damage_to_one_segment_is_no_harm_to_another(original: tuple[Path, Segment], copied: tuple[Path, Segment]) -> None:
    reader = OPEN(*original)
    folder, segment = copied
    cut(folder / "chroma.sqlite3")
    with pytest.raises(IndexDamaged, match=str(folder)):
        OPEN(folder, segment).search(units(1)[0], 1)
    assert reader.search(units(ROWS)[3], 1)[0][0] == 4
    reader.close()


@pytest.mark.parametrize("wrong", [{"rows": ROWS + 1}, {"rows": ROWS - 1}, {"first": 2}, {"last": ROWS - 1}])
def test_other_chunks_than_the_catalog_tells_of_are_damage(original: tuple[Path, Segment], wrong: dict[str, int]) -> None:
    with pytest.raises(IndexDamaged, match="index-1"):
        OPEN(original[0], replace(original[1], **wrong))


def test_what_another_version_of_chroma_wrote_is_not_opened(copied: tuple[Path, Segment]) -> None:
    folder, segment = copied
    before = (folder / "chroma.sqlite3").read_bytes()
    with pytest.raises(IndexDamaged, match=r"written by chromadb 0\.4\.1"):
        OPEN(folder, replace(segment, chroma="0.4.1"))
    assert (folder / "chroma.sqlite3").read_bytes() == before
