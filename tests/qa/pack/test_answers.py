"""Checking an answer that was kept as JSON: its citations are looked up like those of a pack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pullquote import Newsroom
from pullquote.index.errors import UsageError
from pullquote.qa.pack import AnswerCheck, PackCheck, verify_file
from pullquote.qa.types import Answer
from tests.qa.pack.conftest import FERRY, MUSEUM, Town, edited

CITATION = ("sentences", 0, "citations", 0)


def kept(answer: Answer, folder: Path, way: tuple[Any, ...] = (), value: Any = None) -> Path:
    """Write an answer as ``pullquote ask --json`` prints it, with one value changed."""
    content = json.loads(json.dumps(answer.to_dict()))
    if way:
        place = content
        for name in way[:-1]:
            place = place[name]
        place[way[-1]] = value
    (folder / "answer.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
    return folder / "answer.json"


def checked(file: Path, room: Newsroom) -> AnswerCheck:
    check = verify_file(file, room)
    assert isinstance(check, AnswerCheck)
    return check


def verdicts(check: AnswerCheck) -> list[str]:
    return [quote.verdict for quote in check.quotes]


def test_an_answer_holds_in_the_store_it_is_from(town: Town, tmp_path: Path) -> None:
    with Newsroom.open(town.folder) as room:
        check = checked(kept(town.answer, tmp_path), room)
    assert check.holds
    assert check.question == town.answer.question
    assert [quote.quote.passage.text for quote in check.quotes] == [citation.quote for citation in town.answer.citations]
    assert set(verdicts(check)) == {"holds"}
    assert check.notes == ("This is an answer and no evidence pack: nothing tells whether the file itself was changed.",)


def test_of_a_refusal_the_nearest_sentences_are_checked(town: Town, tmp_path: Path) -> None:
    with Newsroom.open(town.folder) as room:
        check = checked(kept(town.refusal, tmp_path), room)
    assert (check.holds, check.answered) == (True, False)
    assert 0 < len(check.quotes) <= 3


def test_a_pack_is_checked_as_a_pack(town: Town, tmp_path: Path) -> None:
    (tmp_path / "pack.json").write_text(town.pack.json(), encoding="utf-8")
    check = verify_file(tmp_path / "pack.json")
    assert isinstance(check, PackCheck)
    assert check.holds


def test_what_became_of_the_sentences_is_told(town: Town, tmp_path: Path, copied: Callable[..., Newsroom]) -> None:
    check = checked(kept(town.answer, tmp_path), copied(edited(FERRY, "has been examined", "has been replaced")))
    assert check.holds
    assert "holds in version 1; edited in version 2" in verdicts(check)


def test_a_deleted_article_does_not_hold(town: Town, tmp_path: Path, copied: Callable[..., Newsroom]) -> None:
    check = checked(kept(town.answer, tmp_path), copied(removed=("ferry",)))
    assert not check.holds
    assert verdicts(check)[0].startswith("removed since: the article was deleted on ")
    with Newsroom.open(tmp_path / "other") as other:
        other.add(MUSEUM)
        assert verdicts(checked(kept(town.answer, tmp_path), other))[0] == "not in this store"


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("title", "Ferry sinks", "differs: the article has another title"),
        ("source", "The Onion", "differs: the article has another outlet"),
        ("url", None, "differs: the article has another url"),
        ("published_at", "2026-03-05T09:00:00Z", "differs: the article has another date"),
    ],
)
def test_what_the_store_says_otherwise_is_told(town: Town, tmp_path: Path, name: str, value: str | None, verdict: str) -> None:
    with Newsroom.open(town.folder) as room:
        check = checked(kept(town.answer, tmp_path, (*CITATION, name), value), room)
    assert not check.holds
    assert verdicts(check)[0] == verdict


def test_other_words_are_noticed_and_the_right_ones_shown(town: Town, tmp_path: Path) -> None:
    quote = town.answer.sentences[0].citations[0].quote
    with Newsroom.open(town.folder) as room:
        check = checked(kept(town.answer, tmp_path, (*CITATION, "quote"), quote.replace("not", "now")), room)
    assert (verdicts(check)[0], check.quotes[0].instead) == ("differs: the article has other words there", quote)


@pytest.mark.parametrize(
    ("way", "value", "told"),
    [
        (("sentences",), 7, "is no answer: the answer.sentences is not a list"),
        ((*CITATION, "quote"), "", "is no answer: a quote in it is not as long as its offsets say"),
        ((*CITATION, "end"), 10**9, "is no answer: a quote in it is not as long as its offsets say"),
        ((*CITATION, "n"), 0, "is no answer: the answer.sentences[0].citations[0].n is out of range"),
        ((*CITATION, "article_id"), None, "is no answer: the answer.sentences[0].citations[0].article_id is not a text"),
    ],
)
def test_what_is_no_answer_is_one_line(town: Town, tmp_path: Path, way: tuple[Any, ...], value: Any, told: str) -> None:
    file = kept(town.answer, tmp_path, way, value)
    with Newsroom.open(town.folder) as room, pytest.raises(UsageError) as caught:
        verify_file(file, room)
    assert str(caught.value) == f"{file} {told}; give a file that pullquote ask --json printed"


def test_without_a_store_there_is_nothing_to_check(town: Town, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no store to look into: name one with --store"):
        verify_file(kept(town.answer, tmp_path))
