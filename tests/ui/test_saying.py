"""The verb said: rows, notes, JSON, exit codes, hostile articles and narrow terminals."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.settings import IndexSettings
from pullquote.index.types import ArticleMeta, Kind, Polarity, Span, Statement
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.said import Said, SaidPage
from pullquote.qa.types import Citation
from pullquote.ui.cli import main
from pullquote.ui.saying import said_lines

FERRY = """---
id: ferry
title: Ferry service to the Skerry islands halted
source: Harbour Post
published_at: 2026-03-04
---

The ferry company Norrline halted its service to the Skerry islands on Tuesday because of cracks in a propeller shaft.

"We will not sail until every shaft has been examined," said Tove Aker, the company's chief engineer.

Aker denied that the cracks were known before.
"""
NOTE = """---
id: note
---

The lighthouse keeper counted 312 cormorants, he said.
"""
Captured = pytest.CaptureFixture[str]


def spoken(text: str, number: int, content: str, cue: str, role: str | None, polarity: Polarity) -> Statement:
    at, said = text.index(content), text.index(cue)
    spans = Span(said, said + len(cue)), (Span(at, at + len(content)),)
    kind: Kind = "direct" if text[at - 1] == '"' else "indirect"
    return Statement("ferry", 1, number, kind, polarity, "Tove Aker", role, None, *spans)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that the tests only read; one of its two articles has not been read for statements."""
    folder = tmp_path_factory.mktemp("stores")
    for name, text in (("ferry", FERRY), ("note", NOTE)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    with Newsroom.open(folder / "store", settings=IndexSettings(statements=False)) as room:
        room.add(folder / "ferry.md", folder / "note.md")
        article = room.article("ferry")
        assert article is not None
        sails = "We will not sail until every shaft has been examined"
        found = [
            spoken(article.text, 2, sails, "said", "chief engineer", "affirmed"),
            spoken(article.text, 3, "the cracks were known before", "denied", None, "denied"),
        ]
        with room.store.writing("add"):
            room.store.catalog.put_statements("by hand", {("ferry", 1): found})
    return str(folder / "store")


def run(store: str, *words: str) -> int:
    return main(["said", *words, "--store", store])


def test_rows_tell_date_outlet_speaker_cue_statement_and_where_it_stands(store: str, capsys: Captured) -> None:
    assert run(store, "shaft", "examined") == 0
    assert capsys.readouterr().out == (
        "4 Mar 2026 · Harbour Post\n"
        "    Tove Aker (chief engineer) said\n"
        "    “We will not sail until every shaft has been examined”\n"
        "    ferry, sentence 2\n"
        "\n"
        "1 statement. pullquote show ID shows an article with its sentences numbered.\n"
        "1 article has not been read for statements yet: run pullquote rebuild.\n"
    )


def test_one_speaker_s_statements_and_which_names_were_taken(store: str, capsys: Captured) -> None:
    assert run(store, "--by", "aker", "-n", "1") == 0
    shown = capsys.readouterr().out
    assert "sentence 2" in shown
    assert "sentence 3" not in shown
    assert "2 statements by Tove Aker, the newest 1 shown: -n shows more or fewer." in shown


def test_a_denial_is_marked_where_the_cue_does_not_tell() -> None:
    assert "    Tove Aker denied" in said_lines(page("it rains", "Tove Aker", "denied", polarity="denied"), [], 80)
    assert "    Tove Aker said [denial]" in said_lines(page("it rains", "Tove Aker", polarity="denied"), [], 80)
    assert "    Tove Aker say [would not say]" in said_lines(page("it rains", "Tove Aker", "say", polarity="declined"), [], 80)


def test_when_nothing_is_found_it_says_what_there_is(store: str, capsys: Captured) -> None:
    assert run(store, "zebra") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("No statement has these words.\nThe store covers 2 articles from 1 outlet (Harbour Post 1)")
    assert "run pullquote rebuild" in shown
    assert run(store, "zebra", "--by", "Aker", "--since", "2026-03-01") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("No statement by Tove Aker has these words.\nWhat was asked covers 1 article")
    assert "rebuild" not in shown


def test_an_unknown_speaker_gets_the_nearest_names(store: str, capsys: Captured) -> None:
    assert run(store, "--by", "Tove Akker") == 0
    assert capsys.readouterr().out.startswith("No article names a speaker 'Tove Akker': did you mean Tove Aker?\n")
    assert run(store, "--by", "Xyzzy\x1b[2J") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("No article names a speaker 'Xyzzy'.\n")


def test_where_reading_is_switched_off_it_says_so(store: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_STATEMENTS", "off")
    assert run(store, "zebra") == 0
    assert "PULLQUOTE_STATEMENTS is off" in capsys.readouterr().out


def test_json_goes_to_stdout_alone(store: str, capsys: Captured) -> None:
    assert run(store, "shaft", "--by", "Aker", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    value = json.loads(captured.out)
    assert {name: value[name] for name in ("words", "by", "names", "total", "unread")} == {
        "words": "shaft", "by": "Aker", "names": ["Tove Aker"], "total": None, "unread": 1,
    }  # fmt: skip
    (row,) = value["statements"]
    assert (row["article_id"], row["sentence"], row["role"]) == ("ferry", 2, "chief engineer")


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 2), (("--by", " "), 2), (("x", "--outlet", "nobody"), 2), (("x", "-n", "0"), 2), (("x", "--since", "soon"), 2)],
)
def test_what_cannot_be_asked_is_a_usage_error(store: str, words: tuple[str, ...], code: int, capsys: Captured) -> None:
    assert run(store, *words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pullquote: ")


def test_without_a_store_it_ends_as_other_verbs_do(tmp_path: Path, capsys: Captured) -> None:
    assert run(str(tmp_path / "none"), "rain") == 4
    assert "there is no store" in capsys.readouterr().err
    assert not os.path.exists(tmp_path / "none")


# -- lines: pure ----------------------------------------------------------------------------------


def page(
    text: str, speaker: str | None = "Ida Varga", cue: str = "said", polarity: Polarity = "affirmed", **meta: str
) -> SaidPage:
    article = ArticleMeta(meta.pop("id", "rain"), **meta)
    one = Statement(article.id, 1, 1, "indirect", polarity, speaker, None, None, None, (Span(0, 1),))
    return SaidPage((Said(one, article, text, cue, Citation(1, article, Span(0, 1), text[:1]), 0.0),), 1, 0, ())


def test_who_is_not_named_is_said_to_be_so() -> None:
    assert list(said_lines(page("it rains", None), [], 80))[:2] == ["undated", "    (not named) said"]


def test_lines_keep_to_the_width() -> None:
    lines = list(said_lines(page("rain and " * 80, source="The Long Outlet " * 3), ["A note of many words. " * 9], 50))
    assert max(map(len, lines)) <= 50
    assert any(len(line) > 30 for line in said_lines(page("rain " * 40), [], 5))


def test_colours_are_for_terminals_that_want_them() -> None:
    assert not any("\x1b" in line for line in said_lines(page("it rains"), ["A note."], 80))
    assert any("\x1b[1m" in line for line in said_lines(page("it rains"), ["A note."], 80, color=True))


hostile = st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\u202e\u200b\r\n[]2J;m"), max_size=60)


@given(hostile, hostile, hostile, hostile)
def test_no_article_can_do_anything_to_a_terminal(text: str, speaker: str, cue: str, source: str) -> None:
    for line in said_lines(page(text, speaker, cue, id=source or "a", source=source, title=text), [], 80):
        assert all(char.isprintable() or char in "\u200c\u200d\u200e\u200f" for char in line)
