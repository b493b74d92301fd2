"""Claims with their evidence, supported or not: WiCE, AttributionBench and QAGS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.index.sentences import split_sentences

_WICE_LABELS = ("supported", "partially_supported", "not_supported")
_ATTRIBUTION_LABELS = {"attributable": True, "not attributable": False}
# How references begin: "[3] https://a.example/b", "Title: T", "Title: T\nSection: S", "Title: T\nText: ".
_ADDRESS = re.compile(r"\[\d+\] https?://\S+\s+")
_TITLE = re.compile(r"Title: (?P<title>.*)\n+(?:Section: (?P<section>.*)\n+)?(?:Text: )?")


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A claim, and what it is to be checked against."""

    id: str
    claim: str
    evidence: tuple[str, ...]
    """Sentences, in order; titles stand before the sentences that they head."""
    supported: bool
    cluster: str
    """Claims of one cluster are about the same thing, and not independent."""
    tags: tuple[str, ...] = ()
    supporting: tuple[tuple[int, ...], ...] = ()
    """Sets of positions in ``evidence``, from 0: each set supports the claim, or as much of it as has support."""


def wice_claims(folder: Path) -> list[ClaimCase]:
    """Return the claims of Wikipedia with the sentences of the pages they cite; partly supported is not supported."""
    return list(jsonl_records(folder / "claims_dev.jsonl", _wice))


def attributionbench_claims(folder: Path) -> list[ClaimCase]:
    """Return sentences of generated answers with the references they cite; a cluster is a question."""
    return list(jsonl_records(folder / "dev.jsonl", _attributionbench))


def qags_claims(folder: Path) -> list[ClaimCase]:
    """Return sentences of generated summaries with their news articles; most of three people's votes decide."""
    articles = jsonl_records(folder / "mturk_cnndm.jsonl", lambda row: row)
    # The data set has no ids: an article's is its place in the file.
    return list(chain.from_iterable(_qags(row, f"qags-{number}") for number, row in enumerate(articles, 1)))


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the text's sentences as strings."""
    return tuple(text[start:end] for start, end in split_sentences(text))


def _wice(row: Row) -> ClaimCase:
    label, meta = row["label"], row["meta"]
    if label not in _WICE_LABELS:
        raise ValueError(f"unknown label {label!r}")
    supporting = tuple(tuple(positions) for positions in row["supporting_sentences"] if positions)
    tags = (label,)
    return ClaimCase(
        meta["id"], row["claim"], tuple(row["evidence"]), label == "supported", meta["claim_title"], tags, supporting
    )


def _attributionbench(row: Row) -> ClaimCase:
    evidence = tuple(chain.from_iterable(map(_reference, row["references"])))
    supported = _ATTRIBUTION_LABELS[row["attribution_label"]]
    return ClaimCase(row["id"], row["claim"], evidence, supported, row["question"], (row["src_dataset"],))


def _reference(text: str) -> Iterator[str]:
    """Yield title and section, which often name what the text is about, and the sentences; an address says nothing."""
    if head := _ADDRESS.match(text) or _TITLE.match(text):
        yield from (part.strip() for part in head.groupdict().values() if part and part.strip())
        text = text[head.end() :]
    yield from sentences_of(text)


def _qags(row: Row, cluster: str) -> list[ClaimCase]:
    evidence = sentences_of(row["article"])
    return [
        ClaimCase(f"{cluster}-{number}", sentence["sentence"], evidence, _is_majority(sentence["responses"]), cluster)
        for number, sentence in enumerate(row["summary_sentences"], 1)
    ]


def _is_majority(responses: list[Row]) -> bool:
    return 2 * [response["response"] for response in responses].count("yes") > len(responses)
