"""The sound drafts, and what the loader refuses."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.datasets.drafts import SoundDraft, quotations, sound_drafts
from pullquote.eval.tasks.smoke import smoke_articles
from pullquote.index.errors import UsageError
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, ArticleMeta

ARTICLES = smoke_articles()
EVERY = sound_drafts(ARTICLES)
QUOTE = "“The pier will stand,” said Ada Pell."
PIER = Article(ArticleMeta("pier"), f"The pier was built in May. {QUOTE}")
ROW = {
    "id": "pier-01",
    "question": "Will the pier stand?",
    "text": 'Ada Pell promised, "The pier will stand."',
    "speaker": "Ada Pell",
    "cites": [{"article_id": "pier", "quote": QUOTE}],
}


def read(folder: Path, **changed: Any) -> list[SoundDraft]:
    path = folder / "drafts.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n\n{json.dumps(ROW | changed)}\n", encoding="utf-8")
    return sound_drafts([PIER], path)


# -- the drafts -----------------------------------------------------------------------------------


def test_there_are_two_hundred_of_one_sentence_each_about_all_articles() -> None:
    assert len({draft.id for draft in EVERY}) == len({draft.text for draft in EVERY}) == len(EVERY) == 200
    assert all(len(split_sentences(draft.text)) == 1 for draft in EVERY)
    assert {name for draft in EVERY for name in draft.article_ids} == {article.meta.id for article in ARTICLES}


def test_they_are_of_many_kinds() -> None:
    assert sum(bool(quotations(draft.text)) for draft in EVERY) >= 45
    assert sum(bool(draft.speaker) for draft in EVERY) >= 90
    assert sum(len(draft.cites) > 1 for draft in EVERY) >= 60
    assert sum(len(draft.article_ids) > 1 for draft in EVERY) >= 3


def test_they_are_no_copies() -> None:
    cited = {draft.id: " ".join(cite.quote for cite in draft.cites) for draft in EVERY}
    assert not [draft.id for draft in EVERY if draft.text.rstrip(".") in cited[draft.id]]


def test_about_half_are_held_and_no_article_is_in_one_half_only() -> None:
    assert 90 <= Counter(draft.half for draft in EVERY)["held"] <= 110
    for half in ("dev", "held"):
        assert len({draft.article_ids[0] for draft in EVERY if draft.half == half}) >= 14


# -- the loader -----------------------------------------------------------------------------------


def test_a_draft_is_read_with_its_quotes(tmp_path: Path) -> None:
    first, second = read(tmp_path, id="pier-02", speaker="")
    assert (first.id, first.speaker, first.article_ids) == ("pier-01", "Ada Pell", ("pier",))
    assert first.cites[0].quote == QUOTE
    assert second.speaker == ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cites": []}, "cites nothing"),
        ({"cites": [{"article_id": "quay", "quote": QUOTE}]}, "no sentence of 'quay'"),
        ({"cites": [{"article_id": "pier", "quote": QUOTE[:-1]}]}, "no sentence of 'pier'"),
        ({"text": 'Ada Pell said, "The pier will fall."'}, "'The pier will fall' is in no quote"),
        ({"speaker": "Bo Ray"}, "the speaker 'Bo Ray' is not in the text"),
    ],
)
def test_a_draft_that_does_not_fit_its_articles_is_refused_by_line(tmp_path: Path, changed: Any, reason: str) -> None:
    with pytest.raises(UsageError, match=f"drafts.jsonl, line 3: .*{reason}"):
        read(tmp_path, **changed)


def test_a_half_depends_on_the_id_alone(tmp_path: Path) -> None:
    first, second = read(tmp_path, question="Another?")
    assert first.half == second.half
    halves = {SoundDraft(f"pier-{n}", "", "", ()).half for n in range(20)}
    assert halves == {"dev", "held"}


def test_quotations_are_compared_without_curls_and_last_marks() -> None:
    assert quotations("“It’s here,” she said; \"and 'there.'\" Not 'this'.") == ["It's here", "and 'there"]
    assert quotations("Nothing is quoted here.") == []
