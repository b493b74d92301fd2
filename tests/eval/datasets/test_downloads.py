"""The readers of RAGTruth, SQuAD 2.0 and ALCE, on records of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.eval.datasets.downloads import alce_articles, alce_cases, ragtruth_claims, squad_articles, squad_cases
from pullquote.index.errors import UsageError

Write = Callable[..., Path]

RESPONSE = {
    "id": "7", "source_id": "1", "model": "m", "temperature": 0.7, "split": "test", "quality": "good",
    "response": "The bridge opened. It cost nine crowns.",
    "labels": [{"start": 27, "end": 31, "text": "nine", "label_type": "Evident Conflict"}],
}  # fmt: skip
PASSAGES = "passage 1:The bridge opened. It cost three crowns.\n\npassage 2:It holds.\n\n"
SHOP = {
    "name": "Pell's",
    "hours": {"Monday": "9:0-22:30"},
    "attributes": {"Music": None, "Lot": True},
    "reviews": [{"text": "Good. Cheap."}],
}
SOURCES = [
    {"source_id": "1", "task_type": "Summary", "source": "CNN/DM", "source_info": "The bridge opened. It cost three crowns."},
    {"source_id": "2", "task_type": "QA", "source": "MARCO", "source_info": {"question": "q", "passages": PASSAGES}},
    {"source_id": "3", "task_type": "Data2txt", "source": "Yelp", "source_info": SHOP},
]

MAY, IN_MAY = {"text": "May", "answer_start": 21}, {"text": "in May", "answer_start": 18}
WHEN = {"id": "a", "question": "When did it open?", "is_impossible": False, "answers": [MAY, IN_MAY, MAY]}
WHO = {"id": "b", "question": "Who sang?", "is_impossible": True, "answers": [], "plausible_answers": [MAY]}
HOLDS = {"id": "c", "question": "Does it hold?", "answers": [{"text": "holds", "answer_start": 3}]}
PARAGRAPHS = [{"context": "The bridge opened in May.", "qas": [WHEN, WHO]}, {"context": "It holds.", "qas": [HOLDS]}]

FOUND = {"id": "9", "title": "Bridge", "text": "It opened in May.", "score": 1.5}


def test_a_sentence_with_a_fault_is_unsupported(write: Write, tmp_path: Path) -> None:
    write("source_info.jsonl", *SOURCES)
    write("response.jsonl", RESPONSE)
    first, second = ragtruth_claims(tmp_path)
    assert (first.id, first.claim, first.supported) == ("ragtruth-7-1", "The bridge opened.", True)
    assert (second.id, second.claim, second.supported) == ("ragtruth-7-2", "It cost nine crowns.", False)
    assert second.evidence == ("The bridge opened.", "It cost three crowns.")
    assert (second.cluster, second.tags) == ("ragtruth-1", ("Summary", "m"))


def test_a_whole_answer_with_a_fault_is_unsupported(write: Write, tmp_path: Path) -> None:
    write("source_info.jsonl", *SOURCES)
    write("response.jsonl", RESPONSE, RESPONSE | {"id": "8", "labels": []})
    claims = ragtruth_claims(tmp_path, whole=True)
    assert [(claim.id, claim.supported) for claim in claims] == [("ragtruth-7", False), ("ragtruth-8", True)]
    assert claims[0].claim == RESPONSE["response"]


def test_evidence_is_what_the_model_was_given(write: Write, tmp_path: Path) -> None:
    write("source_info.jsonl", *SOURCES)
    write("response.jsonl", RESPONSE | {"source_id": "2"}, RESPONSE | {"source_id": "3"})
    passages, _, shop, _ = ragtruth_claims(tmp_path)
    assert passages.evidence == ("The bridge opened.", "It cost three crowns.", "It holds.")
    assert shop.evidence == ("name: Pell's", "hours Monday: 9:0-22:30", "attributes Lot: True", "reviews text: Good.", "Cheap.")


def test_other_splits_and_answers_of_no_use_are_left_out(write: Write, tmp_path: Path) -> None:
    write("source_info.jsonl", *SOURCES)
    write("response.jsonl", RESPONSE | {"split": "train"}, RESPONSE | {"quality": "truncated"})
    assert ragtruth_claims(tmp_path) == []
    assert len(ragtruth_claims(tmp_path, "train")) == 2


def test_an_answer_over_unknown_evidence_is_told(write: Write, tmp_path: Path) -> None:
    write("source_info.jsonl", SOURCES[1])
    write("response.jsonl", RESPONSE)
    with pytest.raises(UsageError, match=r"response\.jsonl, line 1: there is no '1'"):
        ragtruth_claims(tmp_path)


def test_squad_gold_is_every_annotated_span_once(write: Write) -> None:
    path = write("dev-v2.0.json", {"version": "v2.0", "data": [{"title": "Old_bridge", "paragraphs": PARAGRAPHS}]})
    texts = {article.meta.id: article.text for article in squad_articles(path)}
    when, who, holds = squad_cases(path)
    assert [texts[gold.article_id][gold.span.start : gold.span.end] for gold in when.gold] == ["May", "in May"]
    assert (when.id, when.reference_answer, when.extra["answers"]) == ("squad-a", "May", ["May", "in May"])
    assert not who.answerable
    assert who.extra == {"article_id": when.gold[0].article_id, "answers": []}
    assert holds.reference_answer == "holds"
    assert {case.cluster for case in (when, who, holds)} == {"Old bridge"}
    assert list(texts.values()) == ["The bridge opened in May.", "It holds."]


def test_asqa_has_aliases_for_every_reading(write: Write) -> None:
    pairs = [
        {"question": "When first?", "short_answers": ["May", "in May"]},
        {"question": "When again?", "short_answers": ["June"]},
    ]
    row = {
        "sample_id": "-1",
        "question": "When did it open?",
        "qa_pairs": pairs,
        "answer": "In May and in June.",
        "docs": [FOUND, FOUND],
    }
    (case,) = alce_cases(path := write("asqa.json", [row]))
    (article,) = alce_articles(path)
    assert (case.id, case.reference_answer, case.tags) == ("alce-asqa--1", "In May and in June.", ("asqa",))
    assert case.extra == {"article_ids": [article.meta.id] * 2, "answers": [["May", "in May"], ["June"]]}
    assert (article.meta.title, article.text) == ("Bridge", "It opened in May.")


def test_qampari_answers_are_a_list(write: Write) -> None:
    row = {
        "id": "1__dev",
        "question": "Which bridges opened?",
        "qa_pairs": None,
        "answers": [["Old", "The Old"], ["New"]],
        "docs": [FOUND],
    }
    (case,) = alce_cases(write("qampari.json", [row]))
    assert (case.id, case.reference_answer) == ("alce-qampari-1__dev", "Old; New")
    assert case.extra["answers"] == [["Old", "The Old"], ["New"]]


def test_eli5_has_claims(write: Write) -> None:
    page = {"title": "", "text": "It holds.", "url": "https://a.example"}
    row = {"question": "Why does it hold?", "answer": "It is new.", "claims": ["It is new."], "answers": None, "docs": [page]}
    (case,) = alce_cases(path := write("eli5.json", [row]))
    assert (case.id, case.reference_answer, case.extra["claims"]) == ("alce-eli5-1", "It is new.", ["It is new."])
    (article,) = alce_articles(path)
    assert (article.meta.title, article.meta.url) == (None, "https://a.example")


def test_another_file_is_not_taken_for_alce(write: Write) -> None:
    with pytest.raises(UsageError, match="record 1: there is no 'answers'"):
        alce_cases(write("other.json", [{"question": "q", "docs": []}]))
