"""``find-quote`` at the terminal: who carries a quotation, and what was done to it."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Span
from pullquote.qa.find_quote import QuoteAnswer, QuoteCarrier
from pullquote.qa.types import Citation
from pullquote.ui.cli import main
from pullquote.ui.quoting import quote_lines

EXAMINED = "We will not sail until every shaft has been examined"
FERRY = f"The ferry to Skerry is halted.\n\n“{EXAMINED},” said Tove Aker, the chief engineer."
COPY = f"Norrline waits. “{EXAMINED},” Aker said."
MUSEUM = "The museum gets a new roof made of copper and slate."
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("quoting") / "store"
    with Newsroom.open(folder, embedder=HashEmbedder(), settings=IndexSettings(statements=False)) as room:
        for name, text, source, day in (
            ("ferry", FERRY, "Harbour Post", 3), ("copy", COPY, "Meridian Wire", 2), ("museum", MUSEUM, "Island Herald", 4),
        ):  # fmt: skip
            meta = ArticleMeta(name, title=f"On the {name}", source=source, published_at=datetime(2026, 3, day, tzinfo=UTC))
            room.add(Article(meta, text))
    return str(folder)


def told(captured: Captured, store: str, *words: str) -> tuple[int, str]:
    code = main(["find-quote", *words, "--store", store])
    return code, captured.readouterr().out


def test_an_exact_quotation_comes_with_its_first_appearance_and_all_carriers(capsys: Captured, store: str) -> None:
    code, text = told(capsys, store, EXAMINED)
    assert code == 0
    assert text.startswith("Exact: 2 articles carry it, first on 2 Mar 2026 in Meridian Wire.\n")
    assert text.index("[1] ““We will not sail") < text.index("Meridian Wire · On the copy · 2 Mar 2026 · copy")
    assert text.index("copy\n") < text.index("[2] ") < text.index("Harbour Post · On the ferry · 3 Mar 2026 · ferry")


def test_an_edited_one_shows_what_was_changed(capsys: Captured, store: str) -> None:
    code, text = told(capsys, store, "a", "new roof made of gold and slate")
    assert code == 0
    assert text.startswith("Edited: 1 article carries it, first on 4 Mar 2026 in Island Herald.\n")
    assert "[1] a new roof made of [-gold-]{+copper+} and slate\n" in text
    assert "[-these words-] stand only in what was asked" in text


def test_the_pieces_of_a_stitched_one_are_told_one_by_one(capsys: Captured, store: str) -> None:
    _, text = told(capsys, store, "every shaft has been examined made of copper and slate")
    assert text.startswith("Stitched: put together of 2 pieces from 2 articles.\n")
    assert "[1] “every shaft has been examined”" in text
    assert "[2] “made of copper and slate”" in text


def test_one_that_is_not_found_is_no_failure_unless_it_is_wished(capsys: Captured, store: str) -> None:
    code, text = told(capsys, store, "The swimming pool stays closed")
    assert code == 0
    assert text.startswith("Not found: no article in this store carries it.\n")
    assert "covers 3 articles from 3 outlets" in text
    assert told(capsys, store, "The swimming pool stays closed", "--fail-on-missing")[0] == 1
    assert told(capsys, store, EXAMINED, "--fail-on-missing")[0] == 0


def test_a_scope_and_a_number_say_what_is_shown(capsys: Captured, store: str) -> None:
    assert "first on 3 Mar 2026 in Harbour Post" in told(capsys, store, EXAMINED, "--outlet", "harbour post")[1]
    assert "first on 3 Mar 2026" in told(capsys, store, EXAMINED, "--since", "2026-03-03")[1]
    assert told(capsys, store, EXAMINED, "--until", "2026-03-01")[1].startswith(
        "Not found: no article that was asked carries it."
    )
    assert told(capsys, store, EXAMINED, "-n", "1")[1].startswith("Exact: 1 article or more")


def test_json_is_the_answer(capsys: Captured, store: str) -> None:
    found = json.loads(told(capsys, store, EXAMINED, "--json")[1])
    assert (found["quote"], found["verdict"]) == (EXAMINED, "exact")
    assert [carrier["article_id"] for carrier in found["carriers"]] == ["copy", "ferry"]


def test_a_quotation_is_read_from_stdin(capsys: Captured, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"“{EXAMINED}”\n\xff".encode("latin-1", "replace"))))
    assert told(capsys, store, "-")[1].startswith("Exact: 2 articles")


@pytest.mark.parametrize("words", [["…"], ["word " * 2000], ["boat", "--outlet", "Gazette"], ["boat", "-n", "0"]])
def test_what_cannot_be_looked_up_is_a_usage_error(capsys: Captured, store: str, words: list[str]) -> None:
    assert main(["find-quote", *words, "--store", store]) == 2
    assert capsys.readouterr().err.startswith("pullquote: ")


def test_a_missing_store_is_told(capsys: Captured, tmp_path: Path) -> None:
    assert main(["find-quote", "boat", "--store", str(tmp_path / "none")]) == 4
    assert "pullquote: " in capsys.readouterr().err


def test_hostile_articles_do_nothing_to_a_terminal() -> None:
    evil = "\x1b]0;gone\x07\x1b[2J\u202eevil\u200b"
    meta = ArticleMeta(f"id{evil}", title=evil, source=evil, url=f"https://a.example/{evil}")
    quote = f"a {evil} boat"
    changes = (("same", f"a {evil} "), ("missing", f"{evil} x"), ("added", f"{evil} "), ("same", "boat"))
    for verdict in ("exact", "edited", "stitched"):
        citation = Citation(1, meta, Span(0, len(quote)), quote)
        carrier = QuoteCarrier(meta, citation, Span(0, len(quote)), verdict, 1.0, changes, evil, evil, evil)  # type: ignore[arg-type]
        text = "\n".join(quote_lines(QuoteAnswer(quote, verdict, (carrier,)), 60))  # type: ignore[arg-type]
        assert text.replace("\n", "").isprintable()
        assert "evil" in text


def test_colours_are_for_terminals(store: str) -> None:
    with Newsroom.open(store, embedder=HashEmbedder()) as room:
        answer = room.find_quote("a new roof made of gold and slate")
    plain, coloured = ("\n".join(quote_lines(answer, 80, color)) for color in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[31m[-gold-]\x1b[0m\x1b[32m{+copper+}\x1b[0m" in coloured
    assert all(len(line) <= 80 for line in plain.splitlines())
