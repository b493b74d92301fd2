"""The verbs that keep a store: backup, restore, rebuild, as typed."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pullquote import Newsroom
from pullquote.ui.cli import main

FERRY = "The ferry company Norrline halted its service to the Skerry islands because of cracks in a propeller shaft."
MUSEUM = "The maritime museum in Port Elling will get a new roof for $2.4 million. Work starts in September."
QUESTION = "Why was the ferry service halted?"

Captured = pytest.CaptureFixture[str]


def run(*words: object) -> int:
    return main(list(map(str, words)))


def read_json(capsys: Captured) -> dict:  # type: ignore[type-arg]
    captured = capsys.readouterr()
    assert captured.err == ""
    value = json.loads(captured.out)
    assert isinstance(value, dict)
    return value


@pytest.fixture
def store(tmp_path: Path, capsys: Captured) -> Path:
    """A store with two articles."""
    (tmp_path / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (tmp_path / "museum.txt").write_text(MUSEUM, encoding="utf-8")
    assert run("add", tmp_path / "ferry.txt", tmp_path / "museum.txt", "--store", tmp_path / "store") == 0
    capsys.readouterr()
    return tmp_path / "store"


def answer(store: Path, capsys: Captured) -> dict:  # type: ignore[type-arg]
    assert run("ask", QUESTION, "--store", store, "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert isinstance(value, dict)
    return {name: value[name] for name in value.keys() - {"timings_s"}}


def test_a_store_goes_to_a_file_and_comes_back_with_the_same_answers(capsys: Captured, store: Path, tmp_path: Path) -> None:
    expected = answer(store, capsys)
    assert expected["status"] == "answered"
    file = tmp_path / "kept.sqlite"
    assert run("backup", file, "--store", store) == 0
    assert capsys.readouterr().out == f"wrote {file}: 2 articles, 2 chunks, {file.stat().st_size:,} bytes\n"
    (store / "catalog.sqlite").write_bytes(b"garbage" * 1000)
    assert run("ask", QUESTION, "--store", store) == 4
    assert "pullquote restore FILE" in capsys.readouterr().err
    assert run("restore", file, "--store", store) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"restored {store}: 2 articles, 2 chunks, ")
    assert second == f"the catalog that was there is now {store / 'catalog.before-restore-1.sqlite'}"
    assert (store / "catalog.before-restore-1.sqlite").read_bytes() == b"garbage" * 1000
    assert answer(store, capsys) == expected
    assert run("check", "--store", store) == 0
    assert capsys.readouterr().out == "catalog: well\nvector index: well, 2 chunks\n"


def test_programs_are_told_the_same_as_json(capsys: Captured, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite"
    assert run("backup", file, "--store", store, "--json") == 0
    counts = {"articles": 2, "chunks": 2, "size_bytes": file.stat().st_size}
    assert read_json(capsys) == {"file": str(file), **counts}
    assert run("restore", file, "--store", tmp_path / "new", "--json") == 0
    assert read_json(capsys) == {"store": str(tmp_path / "new"), **counts, "before": None}
    assert run("restore", file, "--store", tmp_path / "new", "--json") == 0
    assert read_json(capsys)["before"] == str(tmp_path / "new" / "catalog.before-restore-1.sqlite")
    assert run("rebuild", "--store", tmp_path / "new", "--json") == 0
    value = read_json(capsys)
    assert value["chunks"] == 2
    assert value["seconds"] >= 0


def test_a_file_that_is_there_exits_with_2_and_is_replaced_by_force(capsys: Captured, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite"
    file.write_bytes(b"mine")
    assert run("backup", file, "--store", store) == 2
    assert "--force" in capsys.readouterr().err
    assert file.read_bytes() == b"mine"
    assert run("backup", file, "--store", store, "--force") == 0
    assert run("restore", file, "--store", store) == 0


def test_a_file_that_cannot_be_written_exits_with_4(capsys: Captured, store: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "nowhere" / "kept.sqlite", "--store", store) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "kept.sqlite" in captured.err


def test_what_is_no_backup_exits_with_4_and_what_is_not_there_with_2(capsys: Captured, store: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    assert run("backup", newer, "--store", store) == 0
    with closing(sqlite3.connect(newer)) as kept:
        kept.execute("PRAGMA user_version=99")
    was = (store / "catalog.sqlite").read_bytes()
    capsys.readouterr()
    for name, code, told in (("newer.sqlite", 4, "newer"), ("ferry.txt", 4, "not a backup"), ("none", 2, "cannot read")):
        assert run("restore", tmp_path / name, "--store", store) == code
        captured = capsys.readouterr()
        assert told in captured.err
        assert captured.err.count("\n") == 1
    assert (store / "catalog.sqlite").read_bytes() == was
    assert not list(store.glob("catalog.before*"))


def test_a_store_that_is_open_is_backed_up_and_not_restored(capsys: Captured, store: Path, tmp_path: Path) -> None:
    with Newsroom.open(store) as room, room.store.writing():
        assert run("backup", tmp_path / "kept.sqlite", "--store", store) == 0
        assert run("restore", tmp_path / "kept.sqlite", "--store", store) == 4
        assert "in use by this process" in capsys.readouterr().err
        assert room.backup(tmp_path / "more.sqlite").articles == 2
    assert Newsroom.restore(tmp_path / "more.sqlite", store).kept.articles == 2


@pytest.mark.parametrize("damage", ["garbage", "gone"])
def test_rebuild_makes_the_index_anew_and_loads_no_model(capsys: Captured, store: Path, damage: str) -> None:
    expected = answer(store, capsys)
    for path in store.glob("index-*"):
        if damage == "gone":
            shutil.rmtree(path)
        else:
            (path / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    out, loaded = in_a_process_of_its_own("rebuild", "--store", store)  # Chroma keeps what it has opened
    assert re.fullmatch(r"2 chunks indexed in \d+\.\d s, none of them embedded anew", out)
    assert "chromadb" in loaded
    assert "onnxruntime" not in loaded
    assert run("check", "--store", store, "--json") == 0
    assert read_json(capsys) == {"problems": [], "chunks": 2, "index": None}
    assert answer(store, capsys) == expected


def test_backup_and_restore_load_neither_a_model_nor_the_vector_index(store: Path, tmp_path: Path) -> None:
    for verb in ("backup", "restore"):
        out, loaded = in_a_process_of_its_own(verb, tmp_path / "kept.sqlite", "--store", store)
        assert "2 articles" in out
        assert not loaded.intersection({"chromadb", "onnxruntime", "llama_index.core", "gradio"})


def in_a_process_of_its_own(*words: object) -> tuple[str, set[str]]:
    """Run a verb; return what it printed and which modules it loaded."""
    code = "import sys\nfrom pullquote.ui.cli import main\nassert main(sys.argv[1:]) == 0\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=True)
    out, _, modules = done.stdout.strip().rpartition("\n")
    return out.strip(), set(modules.split())


def test_an_empty_store_is_kept_and_rebuilt_like_any_other(capsys: Captured, store: Path, tmp_path: Path) -> None:
    for name in [meta.id for meta in _metas(store)]:
        assert run("remove", name, "--store", store) == 0
    capsys.readouterr()
    assert run("rebuild", "--store", store, "--json") == 0
    assert read_json(capsys)["chunks"] == 0
    assert run("backup", tmp_path / "kept.sqlite", "--store", store, "--json") == 0
    assert read_json(capsys)["articles"] == 0
    assert run("restore", tmp_path / "kept.sqlite", "--store", tmp_path / "new") == 0


def _metas(store: Path) -> list:  # type: ignore[type-arg]
    with Newsroom.open(store) as room:
        return room.articles()


@pytest.mark.parametrize("words", [["backup", "kept.sqlite"], ["rebuild"]], ids=lambda words: words[0])
def test_a_missing_store_exits_with_4_and_is_not_made(capsys: Captured, tmp_path: Path, words: list[str]) -> None:
    assert run(*words, "--store", tmp_path / "none") == 4
    assert "pullquote add PATH" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
