"""The verbs that keep a store: backup, restore, export, import, rebuild, as typed."""

import io
import json
import os
import re
import shutil
import signal
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
    assert capsys.readouterr().out.splitlines()[:2] == ["catalog: well", "vector index: well, 2 chunks"]


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
        assert f"is being written to by this process ({os.getpid()})" in capsys.readouterr().err
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
    out, loaded = in_a_process_of_its_own("rebuild", "--store", store)
    assert re.fullmatch(r"2 chunks indexed in \d+\.\d s, none of them embedded anew", out)
    assert not loaded.intersection({"chromadb", "onnxruntime"})
    assert run("check", "--store", store, "--json") == 0
    value = read_json(capsys)
    assert (value["problems"], value["chunks"], value["index"]) == ([], 2, None)
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


def test_rebuild_mends_a_word_index_that_lost_its_words(capsys: Captured, store: Path) -> None:
    expected = answer(store, capsys)
    with closing(sqlite3.connect(store / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("INSERT INTO sentences_fts(sentences_fts) VALUES ('delete-all')")
    assert run("check", "--store", store) == 4
    assert "are not in the word index: run pullquote rebuild" in capsys.readouterr().out
    assert run("rebuild", "--store", store) == 0
    assert run("check", "--store", store) == 0
    capsys.readouterr()
    assert answer(store, capsys) == expected


# -- export and import ----------------------------------------------------------------------------


def less_the_store(export: str) -> list:  # type: ignore[type-arg]
    """Return an export's lines without what tells one store from another."""
    header, *lines, end = export.splitlines()
    assert json.loads(end).keys() == {"end"}
    return [{name: value for name, value in json.loads(header).items() if name != "store"}, *lines]


def test_articles_go_out_through_a_pipe_and_come_back_with_the_same_answers(
    capsys: Captured, store: Path, tmp_path: Path
) -> None:
    expected = answer(store, capsys)
    command = f'"{sys.executable}" -m pullquote.ui.cli'
    done = subprocess.run(
        ["sh", "-c", f'{command} export --store "{store}" | {command} import - --store "{tmp_path / "new"}"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "2 added; 2 chunks embedded\n"
    assert done.stderr == "exported 2 articles in 2 versions\n"
    assert {**answer(tmp_path / "new", capsys), "as_of": expected["as_of"]} == expected
    exports = []
    for folder in (store, tmp_path / "new"):
        assert run("export", "--store", folder) == 0
        exports.append(less_the_store(capsys.readouterr().out))
    assert exports[0] == exports[1]


def test_an_export_is_a_file_for_its_owner_alone_and_is_replaced_by_force_only(
    capsys: Captured, store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "articles.jsonl"
    assert run("export", file, "--store", store) == 0
    size = file.stat().st_size
    assert capsys.readouterr().out == f"wrote {file}: 2 articles in 2 versions, {size:,} bytes\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("export", file, "--store", store) == 2
    assert "--force" in capsys.readouterr().err
    assert run("export", file, "--force", "--json", "--store", store) == 0
    assert read_json(capsys) == {"file": str(file), "articles": 2, "versions": 2, "size_bytes": size}
    assert run("import", file, "--json", "--store", store) == 0
    assert read_json(capsys) == {"added": 0, "unchanged": 2, "embedded_chunks": 0}
    assert not list(tmp_path.glob(".pullquote-*"))


def test_an_export_that_cannot_be_written_leaves_nothing_and_exits_with_4(capsys: Captured, store: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "nowhere" / "a.jsonl", "--store", store) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert run("export", store / "a.jsonl", "--store", store) == 2
    assert not (store / "a.jsonl").exists()


def test_what_is_no_whole_export_exits_with_2_and_makes_no_article(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "articles.jsonl"
    assert run("export", file, "--store", store) == 0
    whole = file.read_bytes()
    changed = whole[: whole.index(b"Norrline")].count(b"\n") + 1
    capsys.readouterr()
    for data, told in (
        (whole[:-10], f"{file}, line 4: not JSON; export the articles again"),
        (whole[: whole.rindex(b'{"end"')], f"{file} is cut off after line 3: export the articles again"),
        (whole.replace(b"Norrline", b"Norrlime"), f"{file}, line {changed}: not what was exported: its digest is another one"),
        (b"\xff\xfe", f"{file} is no text in UTF-8"),
        (b"", f"{file} is cut off after line 0"),
    ):
        file.write_bytes(data)
        assert run("import", file, "--store", tmp_path / "new") == 2
        captured = capsys.readouterr()
        assert captured.err.startswith(f"pullquote: {told}")
        assert captured.err.count("\n") == 1
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert run("import", "-", "--store", tmp_path / "new") == 2
        assert capsys.readouterr().err.startswith(f"pullquote: {told.replace(str(file), 'the export')}")
    assert run("import", tmp_path / "none", "--store", tmp_path / "new") == 2
    assert "cannot read" in capsys.readouterr().err
    assert _metas(tmp_path / "new") == []


def test_an_export_of_another_version_of_an_article_is_refused(capsys: Captured, store: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "articles.jsonl", "--store", store) == 0
    (tmp_path / "ferry.txt").write_text(FERRY.replace("halted", "resumed"), encoding="utf-8")
    assert run("add", tmp_path / "ferry.txt", "--store", store) == 0
    capsys.readouterr()
    assert run("import", tmp_path / "articles.jsonl", "--store", store) == 2
    assert "import it into another --store" in capsys.readouterr().err


def test_an_import_that_was_killed_is_ended_by_the_same_import(capsys: Captured, store: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "articles.jsonl", tmp_path / "new"
    assert run("export", file, "--store", store) == 0
    words = [sys.executable, "-m", "pullquote.ui.cli", "import", str(file), "--store", str(new)]
    for name in ("catalog-before-commit", "index-batch"):
        killed = subprocess.run(words, capture_output=True, env={**os.environ, "PULLQUOTE_FAILPOINT": name})
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    capsys.readouterr()
    assert run("import", file, "--store", new) == 0
    assert capsys.readouterr().out == "2 unchanged; 0 chunks embedded\n"
    exports = []
    for folder in (store, new):
        assert run("export", "--store", folder) == 0
        exports.append(less_the_store(capsys.readouterr().out))
    assert exports[0] == exports[1]
    assert run("check", "--store", new) == 0


def test_a_disk_that_takes_no_more_leaves_no_half_export(store: Path, tmp_path: Path) -> None:
    command = f'ulimit -f 1; exec "{sys.executable}" -B -m pullquote.ui.cli export "{tmp_path / "a.jsonl"}" --store "{store}"'
    (tmp_path / "long.txt").write_text("It rains in Port Elling. " * 200, encoding="utf-8")
    assert run("add", tmp_path / "long.txt", "--store", store) == 0
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"pullquote: cannot write {tmp_path / 'a.jsonl'} (File too large)")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".pullquote-*"))
    assert not (tmp_path / "a.jsonl").exists()


def test_on_a_terminal_progress_is_shown_beside_a_clean_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, store: Path, tmp_path: Path
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for words, shown in (
        (["export", tmp_path / "a.jsonl", "--json"], "exporting"),
        (["import", tmp_path / "a.jsonl", "--json"], "importing"),
        (["reindex", "--json"], "embedding"),
        (["compact", "--json"], "writing the catalog anew ..."),
    ):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        assert run(*words, "--store", store) == 0
        assert isinstance(json.loads(capsys.readouterr().out), dict)
        assert shown in terminal.getvalue()


def test_exporting_loads_neither_a_model_nor_the_vector_index(store: Path, tmp_path: Path) -> None:
    _, loaded = in_a_process_of_its_own("export", tmp_path / "articles.jsonl", "--store", store)
    assert not loaded.intersection({"chromadb", "onnxruntime", "llama_index.core", "gradio", "rich"})


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
