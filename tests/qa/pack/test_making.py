"""Making a pack: what it holds, what it leaves out, and answers that cannot be packed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pullquote import Newsroom, __version__
from pullquote.index.errors import UsageError
from pullquote.qa.json_form import answer_dict
from pullquote.qa.pack import make_pack
from tests.qa.pack.conftest import FERRY, MUSEUM, Town, edited


def test_a_pack_holds_the_whole_answer_and_says_when_and_with_what_it_was_made(town: Town) -> None:
    content = json.loads(town.pack.json())
    assert content["schema"] == "pullquote-pack/1"
    assert content["pullquote"] == __version__
    assert content["answer"] == answer_dict(town.answer)
    made = datetime.fromisoformat(content["made_at"])
    assert timedelta() <= datetime.now(UTC) - made < timedelta(hours=1)


def test_of_every_cited_article_it_holds_all_that_is_known_and_the_hash_and_length_of_its_text(town: Town) -> None:
    content = json.loads(town.pack.json())
    (article,) = content["articles"]
    fetched = article.pop("fetched_at")
    assert fetched.endswith("Z")
    assert article == {
        "article_id": "ferry",
        "version": 1,
        "title": FERRY.meta.title,
        "source": "Harbour Post",
        "url": "https://harbourpost.example/ferry",
        "authors": ["Ida Brandt"],
        "published_at": "2026-03-04T09:00:00Z",
        "language": None,
        "text_sha256": hashlib.sha256(FERRY.text.encode()).hexdigest(),
        "text_chars": len(FERRY.text),
    }


def test_every_quote_stands_between_its_neighbours(town: Town) -> None:
    cited = {c["n"]: c for c in json.loads(town.pack.json())["citations"]}
    assert {n: (c["start"], c["end"], c["quote"]) for n, c in cited.items()} == {
        c.n: (c.span.start, c.span.end, c.quote) for c in town.answer.citations
    }
    quote = next(c for c in cited.values() if "shaft has been" in c["quote"])
    for name, words in (("before", "The ferry company"), ("after", "Norrline expects")):
        beside = quote[name]
        assert beside["text"].startswith(words)
        assert FERRY.text[beside["start"] : beside["end"]] == beside["text"]


def test_the_first_and_the_last_sentence_have_one_neighbour(town: Town) -> None:
    beside = {
        quote["start"]: (quote["before"] is not None, quote["after"] is not None)
        for quote in json.loads(town.refused.json())["citations"]
    }
    assert beside == {0: (False, True), 120: (True, True), 223: (True, False)}


def test_a_pack_holds_no_whole_article(copied: Callable[..., Newsroom], town: Town) -> None:
    long = replace(FERRY, text="\n\n".join([FERRY.text, *(f"Sentence {n} is about something else." for n in range(40))]))
    room = copied(long)
    pack = room.pack(room.ask(town.answer.question)).json()
    assert "Sentence 39" not in pack
    assert len(pack) < 20_000


def test_the_hash_is_over_canonical_json_so_that_other_programs_can_make_it(town: Town) -> None:
    content = json.loads(town.pack.json())
    found = content.pop("sha256")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert found == hashlib.sha256(canonical.encode()).hexdigest() == town.pack.sha256


def test_a_refusal_is_packed_with_its_three_nearest_sentences(town: Town) -> None:
    content = json.loads(town.refused.json())
    nearest = sorted(town.refusal.evidence, key=lambda piece: -piece.score)[:3]
    assert [c["quote"] for c in content["citations"]] == [piece.sentence.text for piece in nearest]
    assert [c["n"] for c in content["citations"]] == [1, 2, 3]


def test_the_neighbours_in_an_older_version_are_found_too(town: Town, copied: Callable[..., Newsroom]) -> None:
    room = copied(edited(FERRY, "two weeks", "three weeks"))
    assert [replace(quote, article=None) for quote in room.pack(town.answer).quotes] == [  # type: ignore[arg-type]
        replace(quote, article=None)
        for quote in town.pack.quotes  # type: ignore[arg-type]
    ]


def test_a_store_will_do_in_place_of_a_room(town: Town) -> None:
    with Newsroom.open(town.folder) as room:
        assert make_pack(room.store, town.answer).quotes == town.pack.quotes


def test_an_answer_whose_article_was_deleted_cannot_be_packed(town: Town, copied: Callable[..., Newsroom]) -> None:
    room = copied(removed=("ferry",))
    with pytest.raises(UsageError, match=r"version 1 of ferry is not in the store any more, .* ask again"):
        room.pack(town.answer)


def test_an_answer_of_another_store_cannot_be_packed(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Newsroom.open(tmp_path_factory.mktemp("other") / "store") as room:
        room.add(edited(FERRY, "Tuesday", "Wednesday"), MUSEUM)
        with pytest.raises(UsageError, match="does not have the words that the answer quotes"):
            room.pack(town.answer)
