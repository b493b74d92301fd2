"""``ask --pack`` and ``verify`` at the terminal: output, exit codes, bad files, and what is not loaded for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pullquote.ui.cli import main

FERRY = """---
id: ferry
title: Ferry service to the Skerry islands halted
source: Harbour Post
published_at: 2026-03-04
---

The ferry company Norrline halted its service to the Skerry islands on Tuesday because of cracks in a propeller shaft.

"We will not sail until every shaft has been examined," said Tove Aker, the company's chief engineer.
"""
QUESTION = "Who said that the ferry will not sail until every shaft has been examined?"
Captured = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    return main(list(words))


@pytest.fixture(autouse=True)
def _no_usual_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and packs of an answer and a refusal from it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    store = ("--store", str(folder / "store"))
    assert run("add", str(folder / "ferry.md"), *store) == 0
    assert run("ask", QUESTION, "--pack", str(folder / "answer.html"), *store) == 0
    assert run("ask", QUESTION, "--pack", str(folder / "answer.json"), *store) == 0
    assert run("ask", "Who won the cup final?", "--pack", str(folder / "refusal.HTM"), *store) == 0
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """A copy of the store, to be changed."""
    return Path(shutil.copytree(made / "store", tmp_path / "store"))


def edit(store: Path, old: str, new: str) -> None:
    file = store.parent / "ferry.md"
    file.write_text(FERRY.replace(old, new), encoding="utf-8")
    assert run("add", str(file), "--store", str(store)) == 0


# -- making ---------------------------------------------------------------------------------------


def test_the_ending_decides_the_form(made: Path) -> None:
    assert json.loads((made / "answer.json").read_text(encoding="utf-8"))["schema"] == "pullquote-pack/1"
    for name in ("answer.html", "refusal.HTM"):
        assert (made / name).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_answer_is_printed_as_ever_and_the_file_named_on_stderr(made: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "pack.json"
    assert run("ask", QUESTION, "--json", "--pack", str(file), "--store", str(made / "store")) == 0
    printed = capsys.readouterr()
    answer, packed = json.loads(printed.out), json.loads(file.read_text(encoding="utf-8"))["answer"]
    assert {**packed, "timings_s": None} == {**answer, "timings_s": None}
    assert printed.err == f"wrote {file}\n"


@pytest.mark.parametrize("name", ["pack.txt", "pack", "json", ".html/"])
def test_another_ending_is_refused_before_anything_is_asked(name: str, capsys: Captured) -> None:
    assert run("ask", QUESTION, "--pack", name, "--store", "nowhere") == 2
    assert "not a file whose name ends in .html or .json" in capsys.readouterr().err


def test_no_pack_is_made_of_a_prompt(made: Path, capsys: Captured) -> None:
    assert run("ask", QUESTION, "--pack", "a.json", "--show-prompt", "--store", str(made / "store")) == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_one_error(made: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "none" / "pack.json"
    assert run("ask", QUESTION, "--json", "--pack", str(file), "--store", str(made / "store")) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["message"].startswith(f"cannot write {file}: No such file or directory")
    assert printed.err.count("\n") == 1


# -- checking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["answer.html", "answer.json"])
def test_a_pack_that_holds_is_said_to_hold(made: Path, name: str, capsys: Captured) -> None:
    capsys.readouterr()
    assert run("verify", str(made / name), "--store", str(made / "store")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"“{QUESTION}”, packed on")
    assert [line for line in lines if line.startswith("[")] == ["[1] holds"]
    assert lines[-1] == "The pack is as it was made, and its citation holds."


def test_a_refusal_is_checked_the_same_way(made: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert run("verify", str(made / "refusal.HTM"), "--store", str(made / "store")) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "The pack is as it was made, and its 2 sentences hold."


def test_without_any_store_only_the_pack_itself_is_checked(made: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert run("verify", str(made / "answer.json")) == 0
    printed = capsys.readouterr().out
    assert "[1] not checked\n" in printed
    assert printed.endswith(
        "The pack is as it was made.\nThere is no store to compare it with: only the pack itself was checked.\n"
    )


def test_the_usual_store_is_used_where_it_is(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("PULLQUOTE_STORE", str(made / "store"))
    assert run("verify", str(made / "answer.json")) == 0
    assert "[1] holds\n" in capsys.readouterr().out


def test_a_store_that_is_named_and_not_there_is_an_error(made: Path, capsys: Captured) -> None:
    assert run("verify", str(made / "answer.json"), "--store", str(made / "none")) == 4
    assert "there is no store at" in capsys.readouterr().err


def test_an_edited_sentence_is_a_note_and_shown(made: Path, store: Path, capsys: Captured) -> None:
    edit(store, "has been examined", "has been replaced")
    capsys.readouterr()
    assert run("verify", str(made / "answer.html"), "--store", str(store)) == 0
    printed = capsys.readouterr().out
    assert "[1] holds in version 1; edited in version 2\n" in printed
    assert '    now: “"We will not sail until every shaft has been replaced,"' in printed


def test_a_deleted_article_is_a_failure(made: Path, store: Path, capsys: Captured) -> None:
    assert run("remove", "ferry", "--store", str(store)) == 0
    capsys.readouterr()
    assert run("verify", str(made / "answer.html"), "--store", str(store)) == 3
    printed = capsys.readouterr().out
    assert "[1] removed since: the article was deleted on " in printed
    assert printed.endswith("1 of 1 citation does not hold.\n")


@pytest.mark.parametrize("name", ["answer.html", "answer.json"])
def test_a_changed_pack_is_a_failure_with_and_without_a_store(made: Path, name: str, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "changed"
    file.write_text((made / name).read_text(encoding="utf-8").replace("examined", "repaired"), encoding="utf-8")
    capsys.readouterr()
    assert run("verify", str(file)) == 3
    assert "The pack itself: changed since it was made: its SHA-256 is not the one" in capsys.readouterr().out
    assert run("verify", str(file), "--store", str(made / "store")) == 3
    printed = capsys.readouterr().out
    assert "[1] differs: the article has other words there\n" in printed
    assert '    in the store: “"We will not sail until every shaft has been examined,"' in printed


def test_json_says_the_same(made: Path, store: Path, capsys: Captured) -> None:
    edit(store, "Tove Aker", "the engineer Tove Aker")
    capsys.readouterr()
    assert run("verify", str(made / "answer.json"), "--json", "--store", str(store)) == 0
    printed = capsys.readouterr()
    value = json.loads(printed.out)
    (citation,) = value["citations"]
    assert printed.err == ""
    assert (value["holds"], value["store"], value["problems"]) == (True, str(store), [])
    assert (citation["status"], citation["newest_version"], citation["in_newest_version"]) == ("holds", 2, "edited")
    assert "the engineer Tove Aker" in citation["instead"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no evidence pack: there is no pack in it"),
        (b"\xff\xfe\x00", "is no evidence pack: it is not UTF-8"),
        (b'{"a": NaN}', "is no evidence pack: NaN is no number of JSON"),
        (b'{"a": 1, "a": 1}', "is no evidence pack: a name stands twice"),
        (b'{"sha256": 7}', "is no evidence pack: the pack.sha256 is not a text"),
        (b"{" * 200_000, "is no evidence pack: "),
        (b'{"a":' + b"[" * 200_000, "is no evidence pack: it is nested too deeply"),
        (b" " * 20_000_001, "is larger than 20 MB"),
    ],
)
def test_a_file_that_is_no_pack_is_one_line_and_code_2(data: bytes, reason: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file.json").write_bytes(data)
    assert run("verify", str(tmp_path / "file.json")) == 2
    printed = capsys.readouterr()
    assert reason in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_a_file_that_is_not_there_is_one_line_and_code_2(tmp_path: Path, capsys: Captured) -> None:
    for file in (tmp_path / "none.json", tmp_path):
        assert run("verify", str(file)) == 2
        assert capsys.readouterr().err.startswith(f"pullquote: cannot read {file}: ")


def test_a_hostile_pack_does_nothing_to_the_terminal(made: Path, tmp_path: Path, capsys: Captured) -> None:
    content = json.loads((made / "answer.json").read_text(encoding="utf-8"))
    hostile = "\x1b]0;title\x07\x1b[31m\u202e\r\b"
    content["answer"]["question"] = content["pullquote"] = hostile
    for quote in content["citations"]:
        quote["quote"] = hostile
    (tmp_path / "pack.json").write_text(json.dumps(content), encoding="utf-8")
    capsys.readouterr()
    for words in ((), ("--json",)):
        assert run("verify", str(tmp_path / "pack.json"), "--store", str(made / "store"), *words) == 3
        assert all(char.isprintable() or char == "\n" for char in capsys.readouterr().out)


def test_an_answer_that_was_printed_as_json_is_checked_too(made: Path, store: Path, tmp_path: Path, capsys: Captured) -> None:
    capsys.readouterr()
    assert run("ask", QUESTION, "--json", "--store", str(store)) == 0
    (tmp_path / "kept.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("verify", str(tmp_path / "kept.json"), "--store", str(store)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"“{QUESTION}”"
    assert lines[2] == "[1] holds"
    assert lines[-2:] == [
        "The answer's citation holds.",
        "This is an answer and no evidence pack: nothing tells whether the file itself was changed.",
    ]
    edit(store, "has been examined", "has been replaced")
    capsys.readouterr()
    assert run("verify", str(tmp_path / "kept.json"), "--json", "--store", str(store)) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["holds"], value["sha256"]) == (True, None)
    assert [citation["in_newest_version"] for citation in value["citations"]] == ["edited"]
    assert run("remove", "ferry", "--store", str(store)) == 0
    capsys.readouterr()
    assert run("verify", str(tmp_path / "kept.json"), "--store", str(store)) == 3
    assert capsys.readouterr().out.count("1 of 1 citation does not hold.") == 1
    assert run("verify", str(tmp_path / "kept.json")) == 2
    assert "name one with --store" in capsys.readouterr().err


# -- how light it is ------------------------------------------------------------------------------


def test_checking_loads_no_model_no_vector_index_and_no_page(made: Path) -> None:
    words = ["verify", str(made / "answer.html"), "--store", str(made / "store")]
    heavy = {"gradio", "chromadb", "onnxruntime", "llama_index.core", "openai", "httpx", "rich"}
    code = f"import sys; from pullquote.ui.cli import main; assert not main({words}); print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
