"""What SQLite would play back into a catalog is looked at first: only a journal of its own may change it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.catalog import Catalog
from pullquote.index.database import Database
from pullquote.index.database_file import inspect
from pullquote.index.errors import StoreDamaged, StoreTooNew
from pullquote.index.schema import APPLICATION_ID, SCHEMA_VERSION
from tests.index.test_catalog import news, put

MAGIC = bytes.fromhex("d9d505f920a163d7")
TEXTS = {f"a{n}": " ".join([f"Number {n} spoke."] * 30) for n in range(12)}
# Changes what is there in a cache of a few pages, so that SQLite must write before the end; then dies by kill -9.
DIES = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.executescript("PRAGMA cache_size=2; BEGIN IMMEDIATE;" + sys.argv[2])
os.kill(os.getpid(), signal.SIGKILL)
"""
WRITES = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
print("begun", flush=True)
for n in range(150):
    time.sleep(0.005)
    db.execute("INSERT INTO meta VALUES (?, ?)", (f"more{n}", "x" * 3000))
"""
HOLDS = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("begun", flush=True)
sys.stdin.read()
os._exit(0)
"""
TRIES = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0).execute("BEGIN IMMEDIATE")
    print("free")
except sqlite3.OperationalError as error:
    print(error)
"""
SPOILS = "UPDATE versions SET text = 'never said'; UPDATE sentences SET text = 'never said'; UPDATE chunks SET text_key = 'x';"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog of some articles."""
    made = tmp_path / "catalog.sqlite"
    fill(made)
    return made


def fill(path: Path) -> None:
    catalog = Catalog(path, create=True)
    put(catalog, *(news(article_id, text) for article_id, text in TEXTS.items()))
    catalog.close()


def beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}-{kind}")


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def assert_all_there(path: Path) -> None:
    with contextlib.closing(Catalog(path)) as catalog:
        assert {article_id: found.text for article_id in catalog.ids() if (found := catalog.article(article_id))} == TEXTS
        assert catalog.check() == []
    assert not beside(path, "journal").exists()


def changed(path: Path, script: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript(script)


def killed(path: Path, script: str) -> None:
    """Leave a transaction half written, by a real kill."""
    died = subprocess.run([sys.executable, "-c", DIES, str(path), script], timeout=60, check=False)
    assert died.returncode == -9
    assert beside(path, "journal").read_bytes().startswith(MAGIC)


def almost_committed(path: Path, script: str) -> None:
    """Leave what a kill just before the end of a transaction leaves: all written, and the whole journal still there."""
    changed(path, f"PRAGMA journal_mode=PERSIST; BEGIN; {script} COMMIT;")
    as_if_killed(path)


def as_if_killed(path: Path) -> None:
    """Give a journal that was kept, and marked as done with, its beginning back."""
    journal = beside(path, "journal")
    kept = journal.read_bytes()
    size = struct.unpack_from(">H", path.read_bytes(), 16)[0]
    records = (len(kept) - 512) // (size + 8)
    first = kept[516 : 516 + size]
    nonce = (struct.unpack_from(">I", kept, 516 + size)[0] - sum(first[size - 200 : 0 : -200])) % 2**32
    images = [struct.unpack_from(f">I{size}s", kept, 512 + n * (size + 8)) for n in range(records)]
    pages = next(struct.unpack_from(">I", image, 28)[0] for number, image in images if number == 1)
    head = MAGIC + struct.pack(">IIIII", records, nonce, pages, 512, size)
    journal.write_bytes(head + kept[len(head) : 512 + records * (size + 8)])


# -- journals of other databases --------------------------------------------------------------------------


def bookmarks(path: Path, page_size: int = 4096) -> None:
    rows = "INSERT INTO bookmarks SELECT hex(randomblob(900)) FROM (WITH RECURSIVE n(i) AS "
    rows += "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT i FROM n);"
    changed(path, f"PRAGMA page_size={page_size}; CREATE TABLE bookmarks (url TEXT); {rows}")


def of_another_program(path: Path) -> None:
    bookmarks(path)
    almost_committed(path, "UPDATE bookmarks SET url = 'x';")


def of_another_program_that_was_killed(path: Path) -> None:
    bookmarks(path)
    killed(path, "UPDATE bookmarks SET url = 'x' || url;")


def with_pages_of_another_size(path: Path) -> None:
    bookmarks(path, 1024)
    almost_committed(path, "UPDATE bookmarks SET url = 'x';")


def of_another_catalog(path: Path) -> None:
    fill(path)
    for n in range(3):
        changed(path, f"INSERT INTO meta VALUES ('k{n}', 'v')")
    almost_committed(path, SPOILS)


def of_a_file_being_made(path: Path) -> None:
    killed(path, "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks SELECT hex(zeroblob(90000));")


def cut_short(path: Path) -> None:
    bookmarks(path)
    almost_committed(path, "UPDATE bookmarks SET url = 'x';")
    journal = beside(path, "journal")
    journal.write_bytes(journal.read_bytes()[:-3000])


def of_no_database(path: Path) -> None:
    beside(path, "journal").write_bytes(b"2026-03-01 12:00 started\n" * 400)


STRAYS = [
    of_another_program,
    of_another_program_that_was_killed,
    with_pages_of_another_size,
    of_another_catalog,
    of_a_file_being_made,
    cut_short,
    of_no_database,
]


@pytest.mark.parametrize("make", STRAYS)
@pytest.mark.parametrize("create", [True, False])
def test_a_journal_of_something_else_is_refused_and_nothing_changes(
    path: Path, tmp_path: Path, make: Callable[[Path], None], create: bool
) -> None:
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "other.sqlite"
    make(other)
    stray = beside(path, "journal")
    shutil.copy(beside(other, "journal"), stray)
    before = everything(tmp_path)
    for _ in range(2):
        with pytest.raises(StoreDamaged, match="move it away, then open again") as caught:
            Catalog(path, create=create)
        assert str(stray) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert everything(tmp_path) == before
    stray.rename(tmp_path / "away")
    assert_all_there(path)


def test_a_write_ahead_log_is_refused_and_nothing_changes(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "other.sqlite"
    with contextlib.closing(sqlite3.connect(other, isolation_level=None)) as open_one:
        open_one.executescript("PRAGMA journal_mode=WAL; CREATE TABLE bookmarks (url TEXT);")
        shutil.copy(beside(other, "wal"), beside(path, "wal"))
    before = everything(tmp_path)
    with pytest.raises(StoreDamaged, match=r"catalog.sqlite-wal .* move it away, then open again"):
        Catalog(path)
    assert everything(tmp_path) == before
    beside(path, "wal").rename(tmp_path / "away")
    assert_all_there(path)


def test_a_stray_journal_beside_an_empty_file_is_not_thrown_away(tmp_path: Path) -> None:
    other, path = tmp_path / "other.sqlite", tmp_path / "catalog.sqlite"
    of_another_program(other)
    shutil.copy(beside(other, "journal"), beside(path, "journal"))
    before = everything(tmp_path)
    with pytest.raises(StoreDamaged, match="move it away"):
        Catalog(path, create=True)
    assert everything(tmp_path) == before | {path.name: b""}


def test_a_journal_is_found_behind_a_link(path: Path, tmp_path: Path) -> None:
    of_no_database(path)
    link = tmp_path / "link.sqlite"
    link.symlink_to(path)
    with pytest.raises(StoreDamaged, match=r"catalog\.sqlite-journal"):
        Catalog(link)


# -- files that are not ours to change --------------------------------------------------------------------


def leave_alone(_path: Path, _script: str) -> None:
    pass


@pytest.mark.parametrize("interrupt", [leave_alone, killed, almost_committed])
@pytest.mark.parametrize("create", [True, False])
def test_a_newer_catalog_is_refused_with_no_byte_changed(
    path: Path, tmp_path: Path, interrupt: Callable[[Path, str], None], create: bool
) -> None:
    changed(path, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    interrupt(path, SPOILS)
    before = everything(tmp_path)
    with pytest.raises(StoreTooNew, match=f"schema {SCHEMA_VERSION + 1}.: upgrade pullquote"):
        Catalog(path, create=create)
    assert everything(tmp_path) == before


def test_a_catalog_that_a_journal_would_make_newer_is_refused_with_no_byte_changed(path: Path, tmp_path: Path) -> None:
    changed(path, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    almost_committed(path, f"PRAGMA user_version={SCHEMA_VERSION};")
    before = everything(tmp_path)
    with pytest.raises(StoreTooNew, match="upgrade"):
        Catalog(path)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("make", [of_another_program, of_another_program_that_was_killed, with_pages_of_another_size])
@pytest.mark.parametrize("create", [True, False])
def test_another_programs_database_keeps_its_own_journal(tmp_path: Path, make: Callable[[Path], None], create: bool) -> None:
    path = tmp_path / "catalog.sqlite"
    make(path)
    before = everything(tmp_path)
    with pytest.raises(StoreDamaged, match="not a pullquote catalog"):
        Catalog(path, create=create)
    assert everything(tmp_path) == before


# -- our own journals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("interrupt", [killed, almost_committed])
@pytest.mark.parametrize(
    "script",
    [
        SPOILS,
        "DELETE FROM articles; DELETE FROM sentences; DELETE FROM versions;",
        f"INSERT INTO meta VALUES ('k', zeroblob(99999)); {SPOILS}",
    ],
)
def test_a_transaction_that_was_killed_is_taken_back(path: Path, interrupt: Callable[[Path, str], None], script: str) -> None:
    interrupt(path, script)
    with contextlib.closing(Database(path, create=False)) as opened:
        assert opened.meta("k") is None
    assert_all_there(path)


def test_a_killed_transaction_that_made_the_file_smaller_is_taken_back(path: Path) -> None:
    changed(path, "CREATE TABLE more AS SELECT zeroblob(200000) AS x; DROP TABLE more;")
    whole = path.read_bytes()
    changed(path, "PRAGMA journal_mode=PERSIST; VACUUM;")
    small = path.stat().st_size
    path.write_bytes(path.read_bytes() + whole[small:])  # the end is cut off after the journal has ended
    as_if_killed(path)
    assert_all_there(path)
    assert path.stat().st_size == len(whole) > small


def test_a_killed_first_start_can_be_started_again(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    Catalog(path, create=True).close()
    beside(path, "journal").write_bytes((MAGIC + struct.pack(">IIIII", 0, 7, 0, 512, 4096)).ljust(512, b"\0"))
    fill(path)
    assert_all_there(path)


def test_a_copy_of_a_whole_catalog_is_not_taken_for_a_first_start(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    beside(copy, "journal").write_bytes((MAGIC + struct.pack(">IIIII", 0, 7, 0, 512, 4096)).ljust(512, b"\0"))
    with pytest.raises(StoreDamaged, match="move it away"):
        Catalog(copy)
    beside(copy, "journal").unlink()
    assert_all_there(copy)


@pytest.mark.parametrize("left", [b"", b"\0" * 28 + b"\xa5" * 5000])
def test_a_journal_that_is_done_with_does_no_harm(path: Path, left: bytes) -> None:
    beside(path, "journal").write_bytes(left)
    with contextlib.closing(Catalog(path)) as catalog:
        assert set(catalog.ids()) == set(TEXTS)


def test_opening_beside_a_process_that_writes_is_never_refused(path: Path) -> None:
    opened = 0
    with subprocess.Popen([sys.executable, "-c", WRITES, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        while writer.poll() is None:
            with contextlib.closing(Database(path, create=False)) as database:
                assert database.rows("SELECT count(*) FROM articles") == [(len(TEXTS),)]
            opened += 1
    assert writer.returncode == 0
    assert opened > 3


def test_a_journal_that_another_process_is_using_is_left_to_it(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"begun\n"
        of_no_database(path)
        with contextlib.closing(Database(path, create=False)) as database:
            assert database.rows("SELECT count(*) FROM articles") == [(len(TEXTS),)]
        holder.communicate(timeout=30)
    with pytest.raises(StoreDamaged, match="move it away"):
        Database(path, create=False)


LOOKS = """
import os, sys
from pathlib import Path
from pullquote.index.database_file import _shared
file = os.open(sys.argv[1], os.O_RDONLY)
assert _shared(file)
print("begun", flush=True)
sys.stdin.read()
os._exit(0)
"""


def test_nobody_commits_while_a_file_is_looked_at(path: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as db,
        subprocess.Popen([sys.executable, "-c", LOOKS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as looking,
    ):
        assert looking.stdout is not None
        assert looking.stdin is not None
        assert looking.stdout.readline() == b"begun\n"
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO meta VALUES ('more', 'x')")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            db.execute("COMMIT")
        looking.stdin.close()
        looking.wait(30)
        db.execute("COMMIT")


def test_a_file_that_somebody_is_committing_to_is_not_judged_by_what_it_is_in_the_midst_of_that(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.sqlite"
    bookmarks(foreign)
    code = HOLDS.replace("IMMEDIATE", "EXCLUSIVE")
    with subprocess.Popen([sys.executable, "-c", code, str(foreign)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"begun\n"
        inspect(foreign, create=False)
        holder.stdin.close()
    with pytest.raises(StoreDamaged):
        inspect(foreign, create=False)


def test_a_journal_that_belongs_to_several_files_is_not_ours(path: Path) -> None:
    almost_committed(path, SPOILS)
    with beside(path, "journal").open("ab") as journal:
        journal.write(b"\0" * 500 + MAGIC)
    with pytest.raises(StoreDamaged, match="move it away"):
        Catalog(path)


@pytest.mark.parametrize("create", [True, False])
def test_opening_a_file_again_keeps_the_locks_that_the_process_has_on_it(path: Path, create: bool) -> None:
    with contextlib.closing(Database(path, create=False)) as first, first.transaction():
        Database(path, create=create).close()
        tried = subprocess.run([sys.executable, "-c", TRIES, str(path)], capture_output=True, text=True, timeout=60, check=True)
        assert "locked" in tried.stdout


# -- garbage ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples() -> Iterator[Path]:
    """A catalog; the same killed in the middle of a transaction; and a stray journal of another program."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "catalog.sqlite")
        shutil.copy(folder / "catalog.sqlite", folder / "killed.sqlite")
        almost_committed(folder / "killed.sqlite", SPOILS)
        of_another_program(folder / "other.sqlite")
        yield folder


def opens(catalog: Path, journal: bytes) -> bool:
    """Open a copy of a catalog beside a journal: all is there, or it is refused and no byte changes."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "catalog.sqlite"
        shutil.copy(catalog, path)
        beside(path, "journal").write_bytes(journal)
        before = everything(Path(name))
        try:
            with contextlib.closing(Database(path, create=False)) as database:
                assert dict(database.rows("SELECT article_id, text FROM versions")) == TEXTS
                assert database.rows("PRAGMA integrity_check") == [("ok",)]
        except StoreDamaged:
            assert everything(Path(name)) == before
            return False
    return True


heads = st.builds(
    lambda fields, rest: (MAGIC + struct.pack(">IIIII", *fields)).ljust(512, b"\0") + rest,
    st.tuples(
        st.sampled_from([0, 1, 2, 2**32 - 1]),
        st.integers(0, 2**32 - 1),
        st.one_of(st.integers(0, 60), st.sampled_from([2**31, 2**32 - 1])),
        st.sampled_from([0, 1, 32, 512, 4096, 2**31]),
        st.sampled_from([0, 1, 512, 1024, 4096, 65536, 2**31]),
    ),
    st.binary(max_size=200).map(lambda part: (part or b"\0") * 60),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=600), heads, st.binary(max_size=300).map(lambda part: MAGIC + part)))
def test_no_garbage_changes_what_is_stored(examples: Path, journal: bytes) -> None:
    opens(examples / "catalog.sqlite", journal)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_flipped_byte_makes_another_programs_journal_ours(examples: Path, at: int, flip: int) -> None:
    journal = bytearray(beside(examples / "other.sqlite", "journal").read_bytes())
    journal[at % len(journal)] ^= flip
    opens(examples / "catalog.sqlite", bytes(journal))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_half_of_our_own_journal_is_never_played_back(examples: Path, at: int) -> None:
    journal = beside(examples / "killed.sqlite", "journal").read_bytes()
    assert opens(examples / "killed.sqlite", journal)
    kept = journal[: 1 + at % (len(journal) - 1)]
    assert not opens(examples / "killed.sqlite", kept)


def test_the_examples_are_ours(examples: Path) -> None:
    assert struct.unpack_from(">I", (examples / "catalog.sqlite").read_bytes(), 68) == (APPLICATION_ID,)
    assert not opens(examples / "catalog.sqlite", beside(examples / "other.sqlite", "journal").read_bytes())
