"""Drafts with one fault each."""

from __future__ import annotations

from collections import Counter

import pytest

from pullquote.eval.datasets.drafts import quotations, sentence_texts, sound_drafts, straight
from pullquote.eval.datasets.planted import ADDITIONS, FAULTS, FaultyDraft, faulty_drafts
from pullquote.eval.tasks.smoke import smoke_articles

ARTICLES = smoke_articles()
SENTENCES = {article.meta.id: sentence_texts(article) for article in ARTICLES}
SOUND = sound_drafts(ARTICLES)
EVERY = faulty_drafts(SOUND, ARTICLES)


def of_kind(kind: str) -> list[FaultyDraft]:
    return [faulty for faulty in EVERY if faulty.kind == kind]


def test_there_are_two_hundred_in_equal_shares_and_both_halves() -> None:
    assert len({faulty.id for faulty in EVERY}) == len(EVERY) == 200
    assert sorted(Counter(faulty.kind for faulty in EVERY).values()) == [33, 33, 33, 33, 34, 34]
    assert all({faulty.half for faulty in of_kind(kind)} == {"dev", "held"} for kind in FAULTS)


def test_the_same_seed_makes_the_same_and_another_makes_others() -> None:
    assert faulty_drafts(SOUND, ARTICLES) == EVERY
    assert [faulty.text for faulty in faulty_drafts(SOUND, ARTICLES, seed=2)] != [faulty.text for faulty in EVERY]


def test_words_at_fault_stand_in_the_text_and_not_in_the_base() -> None:
    for faulty in EVERY:
        if faulty.planted:
            assert faulty.planted in faulty.text
            assert faulty.planted not in faulty.base.text
            assert faulty.cites == faulty.base.cites
        else:
            assert faulty.text == faulty.base.text


def test_a_wrong_number_is_the_only_change() -> None:
    for faulty in of_kind("wrong_number"):
        pairs = zip(faulty.text.split(), faulty.base.text.split(), strict=True)
        assert sum(made != base for made, base in pairs) == 1


def test_a_wrong_speaker_speaks_in_the_same_article() -> None:
    for faulty in of_kind("wrong_speaker"):
        surname = faulty.planted.split()[-1]
        assert any(surname in sentence for name in faulty.base.article_ids for sentence in SENTENCES[name])
        assert faulty.base.speaker.split()[-1] not in faulty.planted
        assert faulty.text == faulty.base.text.replace(faulty.base.speaker, faulty.planted)


def test_an_altered_quotation_stands_in_no_article() -> None:
    spoken = straight(" ".join(sentence for texts in SENTENCES.values() for sentence in texts))
    for faulty in of_kind("altered_quote"):
        assert [inside for inside in quotations(faulty.text) if inside not in spoken]
    assert {faulty.within_marks for faulty in of_kind("altered_quote")} == {True, False}


def test_an_addition_stands_behind_the_whole_sentence() -> None:
    for faulty in of_kind("unsupported_addition"):
        assert faulty.text.startswith(faulty.base.text[:-1])
    assert len({faulty.planted for faulty in of_kind("unsupported_addition")}) == len(ADDITIONS) >= 20


def test_no_article_says_what_is_added() -> None:
    spoken = " ".join(sentence for texts in SENTENCES.values() for sentence in texts)
    assert not [addition for addition in ADDITIONS if addition.strip(",. ") in spoken]


def test_a_wrong_citation_is_another_sentence_of_the_same_article_or_of_another() -> None:
    same = Counter[bool]()
    for faulty in of_kind("wrong_citation"):
        (cite,) = faulty.cites
        assert cite.quote in SENTENCES[cite.article_id]
        assert cite.quote not in {right.quote for right in faulty.base.cites}
        same[cite.article_id in faulty.base.article_ids] += 1
    assert min(same[True], same[False]) >= 8


def test_an_invented_citation_stands_alone_or_beside_the_right_ones() -> None:
    alone = Counter(faulty.cites == () for faulty in of_kind("invented_citation"))
    assert min(alone[True], alone[False]) >= 8
    assert all(faulty.cites in ((), faulty.base.cites) for faulty in of_kind("invented_citation"))


@pytest.mark.parametrize("n", [0, 1, 6])
def test_where_few_drafts_fit_there_are_fewer(n: int) -> None:
    found = faulty_drafts([draft for draft in SOUND if not draft.speaker][:n], ARTICLES)
    assert len(found) <= n
    assert "wrong_speaker" not in {faulty.kind for faulty in found}
