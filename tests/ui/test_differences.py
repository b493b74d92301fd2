"""``show --diff`` at the terminal: what changed between two versions, word by word."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.differences import difference
from pullquote.ui.cli import main
from pullquote.ui.differences import difference_lines
from tests.ui.test_keeping import read_json

FERRY = """---
id: ferry
authors: Ida Brandt
---

The ferry company Norrline halted its service to the Skerry islands on Tuesday because of cracks in a propeller shaft.

"We will not sail until every shaft has been examined," said Tove Aker, the company's chief engineer.
"""
Captured = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    return main(list(words))


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def on_a_terminal(*words: str) -> str:
    """Return what a terminal gets to see."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "", "TERM": "xterm"}
    subprocess.run([sys.executable, "-m", "pullquote.ui.cli", *words], stdout=theirs, check=True, env=environment)
    os.close(theirs)
    raw = b""
    with suppress(OSError):  # the way a terminal says that its other end is closed
        while part := os.read(ours, 65536):
            raw += part
    os.close(ours)
    return raw.decode().replace("\r\n", "\n")


def lines(old: str, new: str) -> list[str]:
    found = difference(Article(ArticleMeta("a"), old), Article(ArticleMeta("a", 2), new))
    return list(difference_lines(found, 200, color=False))[2:]


def test_changes_far_from_each_other_stand_in_paragraphs_of_their_own() -> None:
    between = " ".join(f"w{n}" for n in range(60))
    old = f"Start here on Monday, {between} and end there on Friday evening."
    first, second = [line for line in lines(old, old.replace("Monday", "Tuesday").replace("Friday", "Sunday")) if line]
    assert first == f"Start here on [-Monday-]{{+Tuesday+}}, {' '.join(f'w{n}' for n in range(11))} …"
    assert second == f"… {' '.join(f'w{n}' for n in range(52, 60))} and end there on [-Friday-]{{+Sunday+}} evening."


def test_changes_near_each_other_stand_together() -> None:
    (line,) = filter(None, lines("It took two days for the ship to sail.", "It took six days for the boat to sail."))
    assert line == "It took [-two-]{+six+} days for the [-ship-]{+boat+} to sail."


def test_what_is_the_same_is_said_to_be() -> None:
    assert lines("It took two days.", "It took\ntwo days.") == ["", "The words are the same."]


def test_show_diff_marks_what_changed_word_by_word(capsys: Captured, fresh: str, tmp_path: Path) -> None:
    path = tmp_path / "ferry.md"
    for text in (FERRY, FERRY.replace("on Tuesday", "on Friday"), FERRY.replace("Ida Brandt", "Bo Ek").replace("cracks", "rust")):
        path.write_text(text, encoding="utf-8")
        assert run("add", str(path), "--store", fresh) == 0
    capsys.readouterr()
    assert run("show", "ferry", "--diff", "1..2", "--store", fresh) == 0
    first, second, blank, *rest = capsys.readouterr().out.splitlines()
    assert (first, blank) == ("ferry", "")
    assert re.fullmatch(r"version 1, stored .* -> version 2, stored .*", second)
    assert " ".join(rest) == (
        "The ferry company Norrline halted its service to the Skerry islands on [-Tuesday-]{+Friday+} because of cracks in a"
        " propeller shaft. “We will not sail until …"
    ).replace("“", '"')
    assert run("show", "ferry", "--diff", "--store", fresh) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "authors: [-Ida Brandt-]{+Bo Ek+} The ferry" in shown
    assert "on [-Friday-]{+Tuesday+} because of [-cracks-]{+rust+} in a propeller" in shown
    assert run("show", "ferry", "--diff", "1", "--json", "--store", fresh) == 0
    value = read_json(capsys)
    assert (value["old"]["version"], value["new"]["version"]) == (1, 3)
    assert value["fields"] == [{"field": "authors", "old": "Ida Brandt", "new": "Bo Ek"}]
    assert [piece["text"].strip() for piece in value["pieces"] if piece["kind"] != "same"] == ["cracks", "rust"]
    for words, told in ((["7"], "ferry has no version 7: it has 1, 2, 3"), (["1..9"], "no version 9")):
        assert run("show", "ferry", "--diff", *words, "--store", fresh) == 2
        assert told in capsys.readouterr().err


def test_show_diff_of_what_never_changed_exits_with_2(capsys: Captured, fresh: str, tmp_path: Path) -> None:
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    assert run("add", str(tmp_path / "ferry.md"), "--store", fresh) == 0
    capsys.readouterr()
    assert run("show", "ferry", "--diff", "--store", fresh) == 2
    assert capsys.readouterr().err == "pullquote: ferry has no version before 1: there is nothing to compare it with\n"


def test_show_diff_is_coloured_on_a_terminal_only_and_safe_with_hostile_articles(fresh: str, tmp_path: Path) -> None:
    hostile = "Safe text stands\u202e here, and \x1b]0;title\x07[-some-] more is said today."
    for n, text in enumerate(("Safe text stands here, and no more is said today.", hostile)):
        (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "title": f"\x1b[3{n}mT{n}", "text": text}), encoding="utf-8")
        assert run("add", str(tmp_path / "a.jsonl"), "--store", fresh) == 0
    shown = on_a_terminal("show", "a", "--diff", "--store", fresh)
    assert "\x1b[31m[-no-]\x1b[0m" in shown
    assert "{+" in shown
    assert all(char.isprintable() or char == "\n" for char in re.sub("\x1b\\[(?:0|31|32)m", "", shown))
