"""The reader of NAnCo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pullquote.eval.datasets.nanco import nanco_articles, nanco_cases


def answer(number: int, url: str, paragraph: str, cluster: int) -> dict[str, object]:
    return {
        "Paragraph Id": f"p{number}", "Paragraph": paragraph, "Answer": paragraph.split()[-1], "Article URL": url, "qid": "Q2",
        "cluster_global": cluster,
    }  # fmt: skip


def test_paragraphs_of_one_address_are_one_article(write: Callable[..., Path], tmp_path: Path) -> None:
    near, far = "https://www.near.example/1", "https://far.example/2"
    answers = [
        answer(1, near, "It cost three.", 0),
        answer(2, far, "It cost four.", 1),
        answer(3, near, "It may cost four.", 1),
        answer(4, near, "It cost three.", 0),
    ]
    write("nanco_dataset.json", [{"question": "What did it cost?", "Created On": "04/13/2022 17:13", "answers": answers}])
    articles = {article.meta.id: article for article in nanco_articles(tmp_path)}
    (case,) = nanco_cases(tmp_path)
    assert [article.text for article in articles.values()] == ["It cost three.\n\nIt may cost four.", "It cost four."]
    assert [articles[p.article_id].text[slice(*p.span)] for p in case.paragraphs] == [row["Paragraph"] for row in answers]
    assert [(p.id, p.outlet, p.cluster) for p in case.paragraphs[:2]] == [("p1", "near.example", 0), ("p2", "far.example", 1)]
    assert (case.id, case.question, case.paragraphs[0].answer) == ("nanco-Q2", "What did it cost?", "three.")
    assert case.asked_at == datetime(2022, 4, 13, 17, 13, tzinfo=UTC)
    assert {(a.meta.url, a.meta.source, a.meta.published_at) for a in articles.values()} == {
        (near, "near.example", None), (far, "far.example", None),
    }  # fmt: skip


def test_the_real_answers_are_in_their_paragraphs(data_folder: Path) -> None:
    articles = {article.meta.id: article.text for article in nanco_articles(data_folder / "nanco")}
    cases = nanco_cases(data_folder / "nanco")
    paragraphs = [paragraph for case in cases for paragraph in case.paragraphs]
    assert (len(articles), len({case.id for case in cases}), len({p.id for p in paragraphs})) == (148, 8, 230)
    inside = [p.answer in articles[p.article_id][p.span.start : p.span.end] for p in paragraphs]
    assert sum(inside) == 229  # one joins two parts of its paragraph
