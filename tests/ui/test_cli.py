"""The terminal verbs, with real models and a small store: output, JSON, exit codes, bad input."""

import io
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import pullquote.ui.commands
from pullquote import Newsroom, __version__
from pullquote.index.models import BGE_SMALL, bundled_model
from pullquote.index.testing import HashEmbedder
from pullquote.ui.cli import build_parser, main

FERRY = """---
id: ferry
title: Ferry service to the Skerry islands halted
source: Harbour Post
url: https://harbourpost.example/ferry
authors: Ida Brandt
published_at: 2026-03-04
---

The ferry company Norrline halted its service to the Skerry islands on Tuesday because of cracks in a propeller shaft.

"We will not sail until every shaft has been examined," said Tove Aker, the company's chief engineer.
"""
MUSEUM = (
    '{"id": "museum", "title": "Museum gets a new roof", "source": "The Evening Bell", "published_at": "2026-05-06",'
    ' "text": "The maritime museum in Port Elling will get a new roof for $2.4 million. Work starts in September."}'
)
NOTE = "An undated note\n\nThe lighthouse keeper Olaf Brenn counted 312 cormorants on the north cliff."


def run(*words: str) -> int:
    return main(list(words))


@pytest.fixture(autouse=True)
def _no_stray_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PULLQUOTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "records.jsonl").write_text(MUSEUM + "\n", encoding="utf-8")
    (folder / "note.txt").write_text(NOTE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, articles: Path) -> str:
    """A store that the tests only read."""
    folder = tmp_path_factory.mktemp("stores") / "store"
    assert run("add", str(articles), "--store", str(folder)) == 0
    return str(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    return str(tmp_path / "store")


Captured = pytest.CaptureFixture[str]


def read_json(capsys: Captured) -> dict:  # type: ignore[type-arg]
    captured = capsys.readouterr()
    assert captured.err == ""
    value = json.loads(captured.out)
    assert isinstance(value, dict)
    return value


def note_id(store: str, capsys: Captured) -> str:
    capsys.readouterr()
    assert run("list", "--store", store, "--json") == 0
    return next(a["article_id"] for a in read_json(capsys)["articles"] if a["title"] == "An undated note")


# -- help and usage -------------------------------------------------------------------------------


def test_help_fits_a_page_and_names_verbs_examples_and_exit_codes(capsys: Captured) -> None:
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 42
    for part in ("pullquote ask", "pullquote demo", "PULLQUOTE_STORE", "exit codes", "reindex"):
        assert part in text


def test_every_verb_has_help_and_takes_store_and_json(capsys: Captured) -> None:
    for verb in pullquote.ui.commands.VERBS:
        assert run(verb, "--help") == 0
        text = capsys.readouterr().out
        assert "--store DIR" in text
        assert "--json" in text


def test_the_parser_knows_exactly_the_verbs_that_are_there() -> None:
    actions = [action for action in build_parser()._actions if action.dest == "verb"]
    assert list(actions[0].choices or ()) == list(pullquote.ui.commands.VERBS)


def test_version(capsys: Captured) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"pullquote {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["ask"],
        ["add"],
        ["show"],
        ["ask", "x", "--frob"],
        ["show", "ferry", "--version", "zero"],
        ["show", "ferry", "--version", "٣"],
        ["show", "ferry", "--diff", "two"],
        ["show", "ferry", "--diff", "2.."],
        ["show", "ferry", "--diff", "0..1"],
        ["show", "ferry", "--diff", "--version", "1"],
        ["import"],
        ["reindex", "--model"],
        ["list", "--store", ""],
        ["list", "--store", "a\0b"],
    ],
)
def test_usage_errors_are_one_line_and_exit_with_2(words: list[str], capsys: Captured) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pullquote: ")
    assert captured.err.count("\n") == 1


def test_no_verb_prints_the_help_and_exits_with_2(capsys: Captured) -> None:
    assert main([]) == 2
    assert "exit codes" in capsys.readouterr().out


def test_errors_are_json_too_when_json_is_asked_for(capsys: Captured, fresh: str) -> None:
    assert run("list", "--store", fresh, "--json") == 4
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert error["type"] == "StoreMissing"
    assert captured.err == f"pullquote: {error['message']}\n"
    assert run("ask", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"


# -- add ------------------------------------------------------------------------------------------


def test_add_prints_a_row_for_each_article_and_a_summary(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert captured.err == ""
    assert [line.split()[0] for line in lines[:3]] == ["added"] * 3
    assert lines[0].split()[1:4] == ["ferry", "2", "sentences"]
    assert lines[0].endswith("Ferry service to the Skerry islands halted")
    assert lines[3] == "3 added; 3 chunks embedded"
    assert run("add", str(articles), "--store", fresh) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 unchanged; 0 chunks embedded"


def test_add_makes_a_changed_article_a_new_version_that_show_can_tell_apart(capsys: Captured, fresh: str, tmp_path: Path) -> None:
    path = tmp_path / "ferry.md"
    path.write_text(FERRY, encoding="utf-8")
    assert run("add", str(path), "--store", fresh) == 0
    path.write_text(FERRY + "\nService resumed on Friday.\n", encoding="utf-8")
    assert run("add", str(path), "--store", fresh, "--json") == 0
    capsys.readouterr()
    for number, sentences in ((1, 2), (2, 3)):
        assert run("show", "ferry", "--version", str(number), "--store", fresh, "--json") == 0
        shown = read_json(capsys)
        assert shown["version"] == number
        assert len(shown["sentences"]) == sentences
        assert all(shown["text"][s["start"] : s["end"]] == s["text"] for s in shown["sentences"])
    assert run("show", "ferry", "--version", "7", "--store", fresh) == 2
    assert capsys.readouterr().err == "pullquote: ferry has no version 7: its newest is 2\n"


def test_add_as_json(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles / "ferry.md"), str(articles / "nowhere.txt"), "--store", fresh, "--json") == 3
    value = read_json(capsys)
    assert list(value) == ["rows", "added", "updated", "unchanged", "skipped", "embedded_chunks"]
    assert value["rows"][0] == {
        "status": "added",
        "where": str(articles / "ferry.md"),
        "article_id": "ferry",
        "title": "Ferry service to the Skerry islands halted",
        "sentences": 2,
        "reason": None,
    }
    assert value["rows"][1]["status"] == "skipped"
    assert (value["added"], value["updated"], value["unchanged"], value["skipped"]) == (1, 0, 0, 1)


def test_add_says_why_an_item_was_skipped_and_takes_in_the_rest(
    capsys: Captured, fresh: str, articles: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "empty.txt").write_bytes(b"")
    (bad / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (bad / "dots.txt").write_text("... --- ...", encoding="utf-8")
    broken = b'{"title": "half'
    nul = json.dumps({"text": "N\0U\0L\0 everywhere\0\0\0\0\0"}).encode()
    surrogates = b'{"text": "\\ud800\\udfff\\ud800 \\ud800 half"}'
    (bad / "lines.jsonl").write_bytes(b"\n".join([MUSEUM.encode(), broken, nul, surrogates]))
    assert run("add", str(bad), str(bad / "missing.txt"), str(articles / "ferry.md"), "--store", fresh) == 3
    out = capsys.readouterr().out
    rows = {line.split("  ", 1)[1].strip() for line in out.splitlines() if line.startswith("skipped")}
    for part in ("empty.txt: empty", "binary.txt: it does not look like text", "dots.txt: no sentence", "missing.txt: not found"):
        assert any(part in row for row in rows), part
    assert any("lines.jsonl:2: not valid JSON" in row for row in rows)
    assert "2 added" in out.splitlines()[-1]
    assert run("list", "--store", fresh) == 0
    listed = capsys.readouterr().out
    assert "ferry" in listed
    assert "museum" in listed


def test_add_takes_right_to_left_and_zero_width_text(capsys: Captured, fresh: str, tmp_path: Path) -> None:
    path = tmp_path / "rtl.jsonl"
    record = {"id": "rtl", "title": "ש\u202eלום", "text": "הממשלה אמרה\u200f כי\u200b תפעל. \u202eevil\u202c text stands here."}  # noqa: RUF001
    path.write_text(json.dumps(record), encoding="utf-8")
    assert run("add", str(path), "--store", fresh) == 0
    assert run("show", "rtl", "--store", fresh) == 0
    assert not set(capsys.readouterr().out) & set("\u202e\u202c\u200b")
    assert run("show", "rtl", "--store", fresh, "--json") == 0
    assert "\u202e" in read_json(capsys)["text"]


def test_add_of_an_empty_folder_finds_nothing(capsys: Captured, fresh: str, tmp_path: Path) -> None:
    empty = tmp_path / "void"
    empty.mkdir()
    assert run("add", str(empty), "--store", fresh) == 3
    out = capsys.readouterr().out
    assert f"no articles found in {empty}" in out
    (tmp_path / "blank.jsonl").write_text("\n\n", encoding="utf-8")
    assert run("add", str(tmp_path / "blank.jsonl"), "--store", fresh) == 3
    assert "no articles found" in capsys.readouterr().out


def test_add_shows_a_bar_on_a_terminal_and_keeps_stdout_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, fresh: str, articles: Path
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run("add", str(articles), "--store", fresh) == 0
    assert "adding articles" in terminal.getvalue()
    out = capsys.readouterr().out
    assert out.count("added") == 4
    assert "\x1b" not in out


# -- ask ------------------------------------------------------------------------------------------


def test_ask_answers_with_numbered_citations(capsys: Captured, store: str) -> None:
    assert run("ask", "Why was the ferry service halted?", "--store", store) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "propeller shaft. [1]" in captured.out.replace("\n", " ")
    assert "Harbour Post · Ferry service to the Skerry islands halted · 4 Mar 2026" in captured.out
    assert "As of: cited articles from 4 Mar 2026." in captured.out


def test_ask_joins_the_words_of_a_question_without_quotation_marks(capsys: Captured, store: str) -> None:
    assert run("ask", "Why", "was", "the", "ferry", "service", "halted?", "--json", "--store", store) == 0
    value = read_json(capsys)
    assert value["question"] == "Why was the ferry service halted?"
    assert value["status"] == "answered"
    citation = value["sentences"][0]["citations"][0]
    assert (citation["n"], citation["article_id"], citation["published_at"]) == (1, "ferry", "2026-03-04T00:00:00Z")
    assert citation["end"] - citation["start"] == len(citation["quote"])


def test_ask_refuses_and_says_what_is_there(capsys: Captured, store: str) -> None:
    question = "Who won the chess olympiad in Baku?"
    assert run("ask", question, "--store", store) == 0
    out = capsys.readouterr().out
    assert out.startswith("No answer: ")
    assert "The store covers 3 articles from 2 outlets" in out
    assert run("ask", question, "--store", store, "--fail-on-abstain", "--json") == 1
    assert read_json(capsys)["status"] == "abstained"


def test_ask_shows_what_else_was_read_on_demand(capsys: Captured, store: str) -> None:
    assert run("ask", "Why was the ferry service halted?", "--store", store, "--evidence") == 0
    assert "Also read:" in capsys.readouterr().out


def test_ask_fails_on_abstain_only(store: str) -> None:
    assert run("ask", "Why was the ferry service halted?", "--store", store, "--fail-on-abstain") == 0


def test_ask_asks_some_outlets_and_days_only(capsys: Captured, store: str) -> None:
    question = ["ask", "Why was the ferry service halted?", "--store", store]
    assert run(*question, "--outlet", "HARBOUR  post", "--since", "2026-03-04", "--until", "2026-03-04") == 0
    out = capsys.readouterr().out
    assert out.startswith("Only: Harbour Post, on 4 Mar 2026\n\n")
    assert "propeller shaft. [1]" in out.replace("\n", " ")
    assert run(*question, "--outlet", "The Evening Bell", "--outlet", "Harbour Post", "--since", "2026-03-05", "--json") == 0
    value = read_json(capsys)
    assert value["scope"] == {"outlets": ["The Evening Bell", "Harbour Post"], "since": "2026-03-05", "until": None}
    assert value["coverage"]["sources"] == [{"source": "The Evening Bell", "articles": 1}]
    assert {evidence["source"] for evidence in value["evidence"]} == {"The Evening Bell"}
    assert run(*question, "--until", "2026-03-03") == 0
    assert "The store has no such articles: ask other outlets, or other days." in capsys.readouterr().out


@pytest.mark.parametrize("verb", [["ask", "Who?"], ["list"]], ids=" ".join)
@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (["--outlet", "Harbor Post"], "did you mean Harbour Post?"),
        (["--outlet", "Harbour Post", "--outlet", "bell"], "'bell': did you mean The Evening Bell?"),
        (["--outlet", "' OR 1=1 --"], "pullquote stats shows all outlets"),
        (["--outlet", ""], "outlets must be names"),
        (["--outlet", "x" * 1_000_000], "1,000,000 characters"),
        (["--since", "2026-05-02", "--until", "2026-05-01"], "give the earlier one first"),
        (["--since", "yesterday"], "'yesterday' is not a day: write it as 2026-06-30"),
        (["--until", "2026-02-30"], "is not a day"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bounds_that_cannot_be_exit_with_2_and_one_line(
    verb: list[str], bounds: list[str], said: str, capsys: Captured, store: str
) -> None:
    assert run(*verb, "--store", store, *bounds) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert len(captured.err) < 300


@pytest.mark.parametrize("question", ["", "   ", "\t\n", "?!", "x" * 100_000, "why " * 25_000])
def test_a_blank_or_endless_question_exits_with_2(question: str, capsys: Captured, store: str) -> None:
    assert run("ask", question, "--store", store) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pullquote: the question ")
    assert len(captured.err) < 300


SYNTAX = [
    *('"', 'say "ferry', "ferry AND museum", "AND", "AT&T roof", "NEAR(ferry museum, 5)"),
    *("-roof", "roof*", "title:roof", "(", "{roof}:^x"),
]


@pytest.mark.parametrize("question", SYNTAX)
def test_search_syntax_in_a_question_is_plain_text(question: str, capsys: Captured, store: str) -> None:
    words = ["ask", "--store", store, "--", question] if question.startswith("-") else ["ask", question, "--store", store]
    expected = 0 if any(map(str.isalnum, question)) else 2
    assert main(words) == expected


@pytest.mark.parametrize("question", ["roof \ud800 cost?", "roof\0cost?", "ro\u200bof \u202ecost?", "ما هو السقف؟", "\udcffroof"])
def test_odd_characters_in_a_question_do_no_harm(question: str, capsys: Captured, store: str) -> None:
    assert run("ask", question, "--store", store) == 0
    assert "\u202e" not in capsys.readouterr().out
    assert run("ask", question, "--store", store, "--json") == 0
    read_json(capsys)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    record = {
        "id": "hostile",
        "title": "\x1b]8;;https://evil.example\x07Win\x1b]8;;\x07 \x1b[31mred\r\b " + "T" * 10_240,
        "source": "\x9b2JOutlet\u202e",
        "url": "javascript:alert(1)",
        "text": "The \x1b[5mbridge\x1b[0m cost \u202e$900\u202c million\u2066\u200b\U000e0041, said Ann Lee.",
    }
    path = tmp_path / "hostile.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_hostile_articles_put_nothing_on_the_screen_but_text(capsys: Captured, fresh: str, hostile: Path) -> None:
    for words in (
        ["add", str(hostile)], ["list"], ["show", "hostile"], ["show", "nobody\x1b[2J"], ["stats"],
        ["ask", "What did the bridge \x1b[31mcost\r?"], ["ask", "Who sang in Oslo?"],
    ):  # fmt: skip
        main([*words, "--store", fresh])
        captured = capsys.readouterr()
        assert all(c.isprintable() or c == "\n" for c in captured.out + captured.err), words
        assert "javascript" not in captured.out
        assert max(map(len, captured.out.splitlines()), default=0) < 400


def test_on_a_terminal_only_our_own_colours_come_with_the_text(fresh: str, hostile: Path) -> None:
    assert run("add", str(hostile), "--store", fresh) == 0
    command = [sys.executable, "-m", "pullquote.ui.cli", "ask", "What did the bridge cost?", "--store", fresh]
    for changes in ({"NO_COLOR": "1"}, {"NO_COLOR": "", "TERM": "xterm"}):
        ours, theirs = pty.openpty()
        done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=True, env={**os.environ, **changes})
        os.close(theirs)
        raw = b""
        with suppress(OSError):  # the way a terminal says that its other end is closed
            while part := os.read(ours, 65536):
                raw += part
        os.close(ours)
        assert done.stderr == b""
        text = raw.decode().replace("\r\n", "\n")
        assert ("\x1b[2m" in text) is not bool(changes["NO_COLOR"])
        assert all(c.isprintable() or c == "\n" for c in re.sub("\x1b\\[[012]m", "", text))


# -- looking and removing -------------------------------------------------------------------------


def test_list_is_newest_first_with_undated_last(capsys: Captured, store: str) -> None:
    assert run("list", "--store", store) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["ID", "DATE", "OUTLET", "TITLE"]
    assert lines[1].split()[:5] == ["museum", "6", "May", "2026", "The"]
    assert lines[2].startswith("ferry ")
    assert "undated" in lines[3]
    assert {line.index("Museum" if "museum" in line else "Ferry") for line in lines[1:3]} == {lines[0].index("TITLE")}


@pytest.mark.parametrize(
    ("bounds", "listed"),
    [
        (["--outlet", "harbour post"], ["ferry"]),
        (["--since", "2026-03-05"], ["museum"]),
        (["--until", "2026-05-06"], ["museum", "ferry"]),
        (["--search", "ROOF museum"], ["museum"]),
        (["--search", "skerry", "--outlet", "The Evening Bell"], []),
    ],
    ids=" ".join,
)
def test_list_shows_some_outlets_days_and_words_only(bounds: list[str], listed: list[str], capsys: Captured, store: str) -> None:
    assert run("list", "--store", store, "--json", *bounds) == 0
    assert [article["article_id"] for article in read_json(capsys)["articles"]] == listed
    assert run("list", "--store", store, *bounds) == 0
    assert ("no article is like that" in capsys.readouterr().out) == (not listed)


def test_list_as_json(capsys: Captured, store: str) -> None:
    assert run("list", "--store", store, "--json") == 0
    first = read_json(capsys)["articles"][0]
    assert list(first) == [
        "article_id", "version", "title", "source", "url", "authors", "published_at", "fetched_at", "language"
    ]  # fmt: skip
    assert first["article_id"] == "museum"
    assert first["published_at"] == "2026-05-06T00:00:00Z"


def test_show_prints_metadata_and_numbered_sentences(capsys: Captured, store: str) -> None:
    assert run("show", "ferry", "--store", store) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Ferry service to the Skerry islands halted"
    assert "outlet     Harbour Post" in lines
    assert "authors    Ida Brandt" in lines
    assert "published  4 Mar 2026" in lines
    assert lines[-4].startswith("1  The ferry company Norrline")
    assert lines[-3].startswith("   ")
    assert lines[-2].startswith('2  "We will not sail until every shaft has been examined," said Tove Aker')
    assert lines[-1] == "   engineer."


def test_show_of_an_unknown_id_names_near_ones(capsys: Captured, store: str) -> None:
    assert run("show", "fery", "--store", store) == 2
    assert capsys.readouterr().err == "pullquote: there is no article 'fery': did you mean ferry?\n"
    assert run("show", "zzz\ud800\0\x1b[31m", "--store", store) == 2
    assert "pullquote list shows all ids" in capsys.readouterr().err


def test_remove_says_what_was_there(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    name = note_id(fresh, capsys)
    assert run("remove", "ferry", "nobody", "--store", fresh) == 3
    assert capsys.readouterr().out.splitlines() == [
        "removed    ferry", "not found  nobody", "verified: not found by any search",
    ]  # fmt: skip
    assert run("remove", "nobody", "--store", fresh) == 3
    assert capsys.readouterr().out == "not found  nobody\n"
    assert run("remove", name, "--store", fresh, "--json") == 0
    (row,) = (value := read_json(capsys))["rows"]
    assert (value["removed"], value["not_found"]) == (1, 0)
    assert row == {
        "article_id": name, "status": "removed", "versions": 1, "sentences": 1, "chunks": 1,
        "verified": True, "copies": [], "deleted_copies": [],
    }  # fmt: skip
    assert run("list", "--store", fresh, "--json") == 0
    assert [a["article_id"] for a in read_json(capsys)["articles"]] == ["museum"]
    assert run("ask", "Why was the ferry service halted?", "--store", fresh, "--json") == 0
    assert all(e["article_id"] == "museum" for e in read_json(capsys)["evidence"])


def test_purge_leaves_no_byte_of_an_article_and_names_what_went_with_it(
    capsys: Captured, fresh: str, articles: Path, tmp_path: Path
) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    assert run("backup", str(tmp_path / "kept.sqlite"), "--store", fresh) == 0
    assert run("restore", str(tmp_path / "kept.sqlite"), "--store", fresh) == 0
    assert _holding(b"propeller", fresh)
    capsys.readouterr()
    assert run("remove", "ferry", "--purge", "--store", fresh) == 0
    assert capsys.readouterr().out.splitlines() == [
        "purged     ferry",
        "  deleted, as it may have been in them: catalog.before-restore-1.sqlite",
        "  backups and exports elsewhere may still hold it",
        "verified: not found by any search",
    ]
    assert _holding(b"propeller", fresh) == _holding(b"ferry", fresh) == []
    assert _holding(b"cormorants", fresh)
    assert run("check", "--store", fresh) == 0


def test_an_article_that_was_removed_before_can_be_purged_still(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    assert run("remove", "ferry", "--store", fresh) == 0
    capsys.readouterr()
    assert run("remove", "ferry", "nobody", "museum", "--purge", "--json", "--store", fresh) == 3
    statuses = [(row["article_id"], row["status"]) for row in read_json(capsys)["rows"]]
    assert statuses == [("ferry", "purged"), ("nobody", "not found"), ("museum", "purged")]
    assert _holding(b"ferry", fresh) == _holding(b"museum", fresh) == []


def _holding(words: bytes, store: str) -> list[str]:
    return [path.name for path in Path(store).rglob("*") if path.is_file() and words in path.read_bytes()]


def test_an_emptied_store_answers_with_a_hint(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles / "ferry.md"), "--store", fresh) == 0
    assert run("remove", "ferry", "--store", fresh) == 0
    capsys.readouterr()
    for words in (["ask", "Why was the ferry halted?"], ["list"]):
        assert main([*words, "--store", fresh]) == 0
        assert "pullquote add PATH" in capsys.readouterr().out
    for words in (["stats"], ["check"], ["reindex"]):
        assert main([*words, "--store", fresh]) == 0


def test_stats_counts(capsys: Captured, store: str) -> None:
    assert run("stats", "--store", store) == 0
    text = capsys.readouterr().out
    assert "published   4 Mar 2026 to 6 May 2026" in text
    assert "Harbour Post" in text
    assert run("stats", "--store", store, "--json") == 0
    value = read_json(capsys)
    assert (value["articles"], value["sentences"], value["chunks"], value["versions"], value["undated"]) == (3, 5, 3, 3, 1)
    assert value["sources"] == [{"source": "Harbour Post", "articles": 1}, {"source": "The Evening Bell", "articles": 1}]
    assert value["oldest"] == "2026-03-04T00:00:00Z"
    assert "bge-small" in value["model"]
    assert value["size_bytes"] > 0


def test_check_finds_a_sound_store_sound(capsys: Captured, store: str) -> None:
    assert run("check", "--store", store) == 0
    assert capsys.readouterr().out == "catalog: well\nvector index: well, 3 chunks\n"
    assert run("check", "--store", store, "--json") == 0
    value = read_json(capsys)
    assert {name: value[name] for name in ("problems", "chunks", "index")} == {"problems": [], "chunks": 3, "index": None}
    assert (value["quarantined"], value["leftovers"], value["backups"], value["journal"]) == ([], [], [], None)
    assert value["size_bytes"] > 100_000


def test_check_says_that_the_vector_index_is_lost_and_answers_do_without_it_until_it_is_mended(
    capsys: Captured, fresh: str, articles: Path
) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    for folder in Path(fresh).glob("index-*"):
        folder.rename(Path(fresh).parent / folder.name)
    capsys.readouterr()
    assert run("check", "--store", fresh) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith("vector index: lacks 3 of 3 chunks (")
    assert line.endswith("): the next add mends it, or pullquote rebuild; no article is affected")
    assert run("check", "--store", fresh, "--json") == 0
    assert read_json(capsys)["index"].startswith("lacks 3 of 3 chunks (")
    assert run("ask", "Why was the ferry service halted?", "--store", fresh, "--json") == 0
    assert read_json(capsys)["status"] == "answered"
    assert run("rebuild", "--store", fresh) == 0
    capsys.readouterr()
    assert run("check", "--store", fresh) == 0
    assert capsys.readouterr().out == "catalog: well\nvector index: well, 3 chunks\n"


def test_check_names_damaged_files_of_the_index_and_tells_later_what_was_put_aside(
    capsys: Captured, fresh: str, articles: Path
) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    for path in Path(fresh).glob("index-*/*/data_level0.bin"):
        path.write_bytes(path.read_bytes()[:-1])
    capsys.readouterr()
    assert run("check", "--store", fresh) == 0
    assert "data_level0.bin" in capsys.readouterr().out.splitlines()[1]
    (articles.parent / "more.txt").write_text("The bakery on Mill Lane closes in May.", encoding="utf-8")
    assert run("add", str(articles.parent / "more.txt"), "--store", fresh) == 0
    capsys.readouterr()
    assert run("check", "--store", fresh) == 0
    well, index, aside = capsys.readouterr().out.splitlines()
    assert (well, index) == ("catalog: well", "vector index: well, 4 chunks")
    assert re.fullmatch(
        r"put aside: index-1 on \d{4}-\d\d-\d\d \(.*data_level0.bin.*\); it was built anew, nothing is lost", aside
    )
    assert run("check", "--store", fresh, "--json") == 0
    assert [report["folder"] for report in read_json(capsys)["quarantined"]] == ["index-1"]


def test_check_names_what_lies_beside_the_catalog(capsys: Captured, fresh: str, articles: Path, tmp_path: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    for words in (["backup", str(tmp_path / "kept")], ["restore", str(tmp_path / "kept")]):
        assert main([*words, "--store", fresh]) == 0
    (Path(fresh) / "index-99").mkdir()
    (Path(fresh) / "index-99" / "part").write_bytes(b"of a build that was killed")
    capsys.readouterr()
    assert run("check", "--store", fresh) == 0
    told = capsys.readouterr().out.splitlines()[2:]
    assert told[0].startswith("left over: index-99, of a process that is at work or was stopped")
    assert told[1].startswith("kept: catalog.before-restore-1.sqlite, 0.")


def test_check_exits_with_4_when_the_catalog_is_damaged(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    catalog = Path(fresh) / "catalog.sqlite"
    data = catalog.read_bytes()
    assert b"cormorants on" in data
    catalog.write_bytes(data.replace(b"cormorants on", b"cormoRAnts on", 1))
    capsys.readouterr()
    assert run("check", "--store", fresh) == 4
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("catalog: ")]
    assert told
    assert all("run pullquote" in line or "restore" in line for line in told)
    catalog.write_bytes(b"rubbish" * 1000)
    assert run("check", "--store", fresh) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_reindex_makes_all_vectors_anew(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    capsys.readouterr()
    assert run("reindex", "--store", fresh, "--json") == 0
    value = read_json(capsys)
    assert value["chunks"] == 3
    assert value["embedded_chunks"] == 0
    assert run("reindex", "--store", fresh) == 0
    assert capsys.readouterr().out.startswith("3 chunks indexed, 0 of them embedded anew with ")


def test_reindex_takes_another_model_by_name_and_the_store_remembers_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, fresh: str, articles: Path
) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    capsys.readouterr()
    model = f"folder:{bundled_model(BGE_SMALL)}"
    assert run("reindex", "--model", model, "--store", fresh) == 0
    assert capsys.readouterr().out.startswith("3 chunks indexed, 3 of them embedded anew with folder:")
    assert run("ask", "Why was the ferry service halted?", "--store", fresh, "--json") == 0
    assert read_json(capsys)["status"] == "answered"
    monkeypatch.setenv("PULLQUOTE_EMBEDDING", "bge-small-en-v1.5")
    assert run("reindex", "--model", model, "--store", fresh) == 0
    assert "unset it to use this store" in capsys.readouterr().err
    assert run("reindex", "--model", "no such model", "--store", fresh) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_compact_gives_back_room_and_says_how_much(capsys: Captured, fresh: str, articles: Path) -> None:
    assert run("add", str(articles), "--store", fresh) == 0
    assert run("remove", "ferry", "museum", "--store", fresh) == 0
    capsys.readouterr()
    assert run("compact", "--store", fresh, "--json") == 0
    value = read_json(capsys)
    assert 0 < value["after_bytes"] <= value["before_bytes"]
    assert run("compact", "--store", fresh) == 0
    assert re.fullmatch(r"\d+\.\d MB before, \d+\.\d MB now\n", capsys.readouterr().out)
    assert run("ask", "Who counted cormorants?", "--store", fresh, "--json") == 0
    assert read_json(capsys)["status"] == "answered"


# -- stores that cannot be used -------------------------------------------------------------------

READERS = [["ask", "who?"], ["list"], ["show", "x"], ["remove", "x"], ["stats"], ["check"], ["reindex"], ["compact"], ["export"]]


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_missing_store_exits_with_4_and_a_hint(words: list[str], capsys: Captured, fresh: str) -> None:
    assert main([*words, "--store", fresh]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "pullquote add PATH" in captured.err
    assert not Path(fresh).exists()


@pytest.mark.parametrize("words", [*READERS, ["add", "x.txt"], ["demo"]], ids=lambda words: words[0])
def test_what_is_no_store_exits_with_4_and_stays_as_it_is(words: list[str], capsys: Captured, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("Dear Ann", encoding="utf-8")
    for path in (other, other / "letter.txt"):
        assert main([*words, "--store", str(path)]) == 4
        captured = capsys.readouterr()
        assert captured.err.startswith("pullquote: ")
        assert captured.err.count("\n") == 1
    assert [p.name for p in other.iterdir()] == ["letter.txt"]
    assert (other / "letter.txt").read_text(encoding="utf-8") == "Dear Ann"


def test_a_store_that_may_not_be_made_exits_with_4(capsys: Captured, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert run("add", "x.txt", "--store", str(tmp_path / "file" / "below")) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_who_wants_to_write_beside_a_writer_exits_with_4_and_who_reads_does_not(
    capsys: Captured, fresh: str, articles: Path
) -> None:
    assert run("add", str(articles / "ferry.md"), "--store", fresh) == 0
    script = (
        "import sys, pathlib\nfrom pullquote import Newsroom\nroom = Newsroom.open(sys.argv[1])\n"
        "with room.store.writing('add'):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, fresh], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        capsys.readouterr()
        for words in (["add", str(articles)], ["remove", "ferry"], ["rebuild"], ["compact"]):
            assert main([*words, "--store", fresh]) == 4
            captured = capsys.readouterr()
            assert f"is being written to by process {holder.pid} (add) since " in captured.err
            assert captured.err.count("\n") == 1
        for words in (["list"], ["show", "ferry"], ["ask", "Why was the ferry service halted?"], ["export"], ["check"]):
            assert main([*words, "--store", fresh]) == 0
    finally:
        holder.stdin.close()
        holder.wait(30)
        holder.stdout.close()
    assert run("remove", "ferry", "--store", fresh) == 0


def test_a_setting_that_cannot_be_used_exits_with_2(monkeypatch: pytest.MonkeyPatch, capsys: Captured, store: str) -> None:
    monkeypatch.setenv("PULLQUOTE_MAX_SENTENCES", "many")
    assert run("ask", "who?", "--store", store) == 2
    assert "PULLQUOTE_MAX_SENTENCES" in capsys.readouterr().err


def test_a_store_of_another_model_exits_with_4_and_names_the_way_out(capsys: Captured, fresh: str, articles: Path) -> None:
    with Newsroom.open(fresh, embedder=HashEmbedder()) as room:
        room.add(articles / "ferry.md")
    assert run("ask", "Why was the ferry halted?", "--store", fresh) == 4
    assert "pullquote reindex" in capsys.readouterr().err
    assert run("add", str(articles), "--store", fresh) == 4
    assert run("reindex", "--store", fresh) == 0
    assert run("ask", "Why was the ferry halted?", "--store", fresh) == 0


def test_the_store_is_named_by_the_environment_when_not_on_the_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, store: str
) -> None:
    monkeypatch.setenv("PULLQUOTE_STORE", store)
    assert run("stats", "--json") == 0
    assert read_json(capsys)["store"] == store


# -- how a run ends -------------------------------------------------------------------------------


def call(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pullquote.ui.cli", *words],
        capture_output=True, text=True, check=False, env={**os.environ, **changes},
    )  # fmt: skip


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: Captured, store: str) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(pullquote.ui.commands.VERBS, "list", interrupted)
    assert run("list", "--store", store) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_leaves_early_is_no_error(store: str) -> None:
    command = f'"{sys.executable}" -m pullquote.ui.cli show ferry --json --store "{store}" | true'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_output_survives_a_terminal_without_unicode(store: str) -> None:
    done = call("ask", "Why was the ferry service halted?", "--store", store, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    done = call("list", "--json", "--store", store, PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["articles"][0]["article_id"] == "museum"


def test_the_installed_command_works(store: str) -> None:
    command = Path(sys.executable).with_name("pullquote")
    done = subprocess.run([str(command), "list", "--store", store], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "museum" in done.stdout
