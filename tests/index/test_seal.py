"""Damage to the files of a segment is seen before Chroma meets it, and said in a few words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.index.seal import broken, seal_of

GRAPH = "3f-9a"
FILES = {
    "data_level0.bin": bytes(range(250)) * 9000,
    "header.bin": b"h" * 100,
    "index_metadata.pickle": b"p" * 30,
    "length.bin": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "index-1"
    (made / GRAPH).mkdir(parents=True)
    for name, content in FILES.items():
        (made / GRAPH / name).write_bytes(content)
    (made / "chroma.sqlite3").write_bytes(b"SQLite format 3")
    return made


def test_a_seal_names_each_file_but_chromas_own_catalog(folder: Path) -> None:
    seal = seal_of(folder)
    assert [(name, size) for name, size, _ in seal] == [(f"{GRAPH}/{name}", len(content)) for name, content in FILES.items()]
    assert broken(folder, seal) is None
    assert broken(shutil.copytree(folder, folder.with_name("index-2")), seal) is None


def test_what_sqlite_writes_while_chroma_reads_breaks_no_seal(folder: Path) -> None:
    seal = seal_of(folder)
    (folder / "chroma.sqlite3").write_bytes(b"SQLite format 3, and more")
    for name in ("journal", "wal", "shm"):
        (folder / f"chroma.sqlite3-{name}").write_bytes(b"x")
    assert broken(folder, seal) is None


def cut(file: Path) -> None:
    os.truncate(file, 40)


def garble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def swell(file: Path) -> None:
    os.truncate(file, 4 << 40)


def link(file: Path) -> None:
    shutil.move(file, file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


DAMAGES: list[tuple[str, Callable[[Path], None], str]] = [
    (f"{GRAPH}/header.bin", cut, "header.bin is 40 bytes long, not 100"),
    (f"{GRAPH}/header.bin", Path.unlink, "header.bin is missing"),
    (f"{GRAPH}/header.bin", garble, "header.bin has other bytes than when it was written"),
    (f"{GRAPH}/data_level0.bin", garble, "data_level0.bin has other bytes than when it was written"),
    (f"{GRAPH}/length.bin", swell, "length.bin is 4398046511104 bytes long, not 0"),
    (f"{GRAPH}/header.bin", link, "header.bin is not a plain file"),
    (f"{GRAPH}/header.bin", pipe, "header.bin is not a plain file"),
    (f"{GRAPH}/more.bin", Path.touch, "more.bin does not belong to it"),
    (f"{GRAPH}/deeper", Path.mkdir, "deeper is not a plain file"),
    ("more.bin", Path.touch, "more.bin does not belong to it"),
    ("chroma.sqlite3", Path.unlink, "chroma.sqlite3 is missing"),
    ("chroma.sqlite3", lambda file: os.truncate(file, 0), "chroma.sqlite3 is empty"),
    ("chroma.sqlite3", link, "chroma.sqlite3 is not a plain file"),
    ("chroma.sqlite3", pipe, "chroma.sqlite3 is not a plain file"),
    (GRAPH, shutil.rmtree, "data_level0.bin is missing"),
    ("", shutil.rmtree, "it cannot be read (No such file or directory)"),
]


@pytest.mark.parametrize(("name", "damage", "told"), DAMAGES, ids=[told for _, _, told in DAMAGES])
def test_damage_is_named(folder: Path, name: str, damage: Callable[[Path], None], told: str) -> None:
    seal = seal_of(folder)
    damage(folder / name)
    assert broken(folder, seal) == told


def test_a_link_to_a_segment_is_none(folder: Path) -> None:
    seal = seal_of(folder)
    link(folder)
    assert broken(folder, seal) == "it is a link"
