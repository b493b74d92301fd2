"""Data sets that users download themselves: RAGTruth, SQuAD 2.0 and the files of ALCE (``multihop`` is apart)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pullquote.eval.datasets.files import Row, json_records, jsonl_records, text_id
from pullquote.eval.datasets.grounding import ClaimCase, sentences_of
from pullquote.eval.types import EvalCase, Gold
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, ArticleMeta, Span

_PASSAGE = re.compile(r"^\s*passage \d+:", re.MULTILINE)


def ragtruth_claims(folder: Path, split: str = "test", *, whole: bool = False) -> list[ClaimCase]:
    """Return what models wrote over given evidence: sentence by sentence, or ``whole``, as most published figures.

    What overlaps an annotated fault is unsupported. A cluster is the evidence of one question. Truncated answers
    and wrong refusals are left out, as the authors of the data set do.
    """
    sources = dict(jsonl_records(folder / "source_info.jsonl", lambda row: (row["source_id"], row)))
    responses = jsonl_records(folder / "response.jsonl", lambda row: _ragtruth(row, sources, split, whole))
    return list(chain.from_iterable(responses))


def squad_articles(path: Path) -> list[Article]:
    """Return the paragraphs of a SQuAD 2.0 file as articles, once each."""
    return _once(article for article, _ in _squad(path))


def squad_cases(path: Path) -> list[EvalCase]:
    """Return the questions of a SQuAD 2.0 file, in file order.

    A cluster is a page; ``extra`` has the ``article_id`` of the paragraph that a question is about, and all ``answers``.
    """
    return [case for _, cases in _squad(path) for case in cases]


def alce_articles(path: Path) -> list[Article]:
    """Return the passages found for any question of an ALCE file as articles, once each."""
    return _once(chain.from_iterable(json_records(path, lambda row: [_alce_article(found) for found in row["docs"]])))


def alce_cases(path: Path) -> list[EvalCase]:
    """Return the questions of an ALCE file: ASQA, QAMPARI or ELI5, whichever it holds.

    ``extra`` has ``article_ids``, best first, and what correctness is measured by: ``answers`` with a list of
    aliases for each (ASQA, QAMPARI), or ``claims`` (ELI5).
    """
    return list(json_records(path, lambda pair: _alce_case(*pair), lambda rows: enumerate(rows, 1)))


def _ragtruth(row: Row, sources: Mapping[str, Row], split: str, whole: bool) -> list[ClaimCase]:
    if row["split"] != split or row["quality"] != "good":
        return []
    text, source = row["response"], sources[row["source_id"]]
    faults = [Span(label["start"], label["end"]) for label in row["labels"]]
    spans = (Span(0, len(text)),) if whole else split_sentences(text)
    evidence = tuple(_ragtruth_evidence(source["source_info"]))
    tags = (source["task_type"], row["model"])
    return [
        ClaimCase(
            f"ragtruth-{row['id']}" + ("" if whole else f"-{number}"),
            text[span.start : span.end],
            evidence,
            not any(span.overlaps(fault) for fault in faults),
            f"ragtruth-{row['source_id']}",
            tags,
        )
        for number, span in enumerate(spans, 1)
    ]


def _ragtruth_evidence(given: str | Row) -> Iterator[str]:
    """Yield the sentences of an article or of passages, or a line for every field of a business's record."""
    if isinstance(given, str):
        yield from sentences_of(given)
    elif "passages" in given:
        yield from sentences_of(_PASSAGE.sub("", given["passages"]))
    else:
        yield from _fields(given, "")


def _fields(value: Any, name: str) -> Iterator[str]:
    """Yield ``hours Monday: 9:0-22:30`` and the like; what is unknown says nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _fields(inner, f"{name} {key}".strip())
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, name)
    elif value is not None:
        yield from sentences_of(f"{name}: {value}")


def _squad(path: Path) -> Iterator[tuple[Article, list[EvalCase]]]:
    """Yield each paragraph with its questions."""
    yield from chain.from_iterable(json_records(path, _squad_page, lambda whole: whole["data"]))


def _squad_page(page: Row) -> list[tuple[Article, list[EvalCase]]]:
    articles = [_squad_article(page["title"], paragraph["context"]) for paragraph in page["paragraphs"]]
    questions = [paragraph["qas"] for paragraph in page["paragraphs"]]
    return [(a, [_squad_case(qa, a) for qa in qas]) for a, qas in zip(articles, questions, strict=True)]


def _squad_article(title: str, text: str) -> Article:
    meta = ArticleMeta(text_id("squad", title, text), title=title.replace("_", " "), source="Wikipedia", language="en")
    return Article(meta, text)


def _squad_case(row: Row, article: Article) -> EvalCase:
    # Files of version 1 have no is_impossible: every question has an answer.
    answers = [] if row.get("is_impossible") else row["answers"]
    spans = dict.fromkeys(Span(a["answer_start"], a["answer_start"] + len(a["text"])) for a in answers)
    texts = list(dict.fromkeys(a["text"] for a in answers))
    return EvalCase(
        f"squad-{row['id']}",
        row["question"],
        texts[0] if texts else None,
        tuple(Gold(article.meta.id, span) for span in spans),
        cluster=article.meta.title or "",
        extra={"article_id": article.meta.id, "answers": texts},
    )


def _alce_case(number: int, row: Row) -> EvalCase:
    article_ids = [_alce_article(found).meta.id for found in row["docs"]]
    # The files share one layout: what a set has not got may be there and null.
    gold: dict[str, Any]
    if row.get("qa_pairs"):
        kind, gold = "asqa", {"answers": [pair["short_answers"] for pair in row["qa_pairs"]]}
    elif row.get("claims"):
        kind, gold = "eli5", {"claims": row["claims"]}
    else:
        kind, gold = "qampari", {"answers": row["answers"]}
    reference = row.get("answer") or "; ".join(names[0] for names in gold["answers"])
    case_id = row.get("sample_id") or row.get("id") or number
    extra = {"article_ids": article_ids, **gold}
    return EvalCase(f"alce-{kind}-{case_id}", row["question"], reference, tags=(kind,), extra=extra)


def _alce_article(found: Row) -> Article:
    title, text = found.get("title") or "", found["text"]
    return Article(ArticleMeta(text_id("alce", title, text), url=found.get("url"), title=title or None), text)


def _once(articles: Iterable[Article]) -> list[Article]:
    return list({article.meta.id: article for article in articles}.values())
