"""PolNeAR: US political news of 2015 and 2016 with "who said it" questions over its annotated attributions."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets.files import Row, jsonl_records, read_file
from pullquote.index.dates import parse_date
from pullquote.index.errors import UsageError
from pullquote.index.types import Article, ArticleMeta, Span

FORMS = ("question", "question_kw", "question_kw3")


@dataclass(frozen=True, slots=True)
class AttributionCase:
    """A "who said it" question with its gold spans."""

    id: str
    article_id: str
    questions: dict[str, str]
    """The question in its forms: ``question`` (verbatim), ``question_kw`` (5 keywords), ``question_kw3`` (3)."""
    answer: str
    """The source as people marked it."""
    answer_head: str
    content_spans: tuple[Span, ...]
    split: str


def polnear_articles(folder: Path, splits: tuple[str, ...] = ("train", "dev")) -> Iterator[Article]:
    """Yield the news articles; their ids are the file stems."""
    table = io.StringIO(read_file(folder / "metadata.tsv").decode("utf-8"), newline="")
    rows = {row["filename"]: row for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)}
    for split in splits:
        for path in _texts(folder / split / "text"):
            # Not read_text(): the annotations count every carriage return.
            yield Article(_meta(path.stem, rows.get(path.stem, {})), read_file(path).decode("utf-8"))


def polnear_cases(folder: Path, split: str, source_kinds: Collection[str] = ("named", "nominal")) -> list[AttributionCase]:
    """Return the self-contained questions whose source is of these kinds (the third is ``pronoun``), in file order."""
    path = folder / f"polnear_attribution_qa.{split}.jsonl"
    cases = jsonl_records(path, lambda row: _case(row, split) if _is_wanted(row, source_kinds) else None)
    return [case for case in cases if case is not None]


def _texts(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise UsageError(f"{folder} holds no articles; name the folder of the data sets, or get PolNeAR")
    return paths


def _is_wanted(row: Row, source_kinds: Collection[str]) -> bool:
    return bool(row["self_contained"]) and row["source_kind"] in source_kinds


def _case(row: Row, split: str) -> AttributionCase:
    spans = tuple(Span(start, end) for start, end in row["content_spans"])
    questions = {form: row[form] for form in FORMS if row.get(form)}
    return AttributionCase(row["id"], row["doc"], questions, row["answer"], row["answer_head"], spans, split)


def _meta(stem: str, row: dict[str, str]) -> ArticleMeta:
    author = row.get("author") or ""
    return ArticleMeta(
        stem,
        title=row.get("title") or None,
        source=row.get("publisher") or None,
        authors=(author,) if author and author != "None" else (),
        published_at=parse_date(row.get("publication_date")),
    )
