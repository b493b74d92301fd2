"""How the ledger is measured."""

from __future__ import annotations

from typing import Any

import pytest

from pullquote.eval.datasets.attributions import GoldStatement
from pullquote.eval.tasks.plain_statements import plain_statements
from pullquote.eval.tasks.statements import Statements, counts_of
from pullquote.index.sentences import split_sentences
from pullquote.index.statements.places import Quoted
from pullquote.index.statements.quotations import find_quotations
from pullquote.index.statements.types import RawStatement
from pullquote.index.types import Span

TEXT = "Ana Ruiz said the bridge was safe. It rained. “Nobody was hurt,” said Bo."


def span(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def quoted() -> Quoted:
    return Quoted(TEXT, find_quotations(TEXT))


GOLD = [
    GoldStatement((span("Ana Ruiz"),), (span("said"),), (span("the bridge was safe"),)),
    GoldStatement((span("Bo"),), (Span(66, 70),), (span("“Nobody was hurt,”"),)),
    GoldStatement((), (), (span("It rained"),)),
]


def raw(speaker: str | None, words: str, number: int = 1, carried_from: int | None = None) -> RawStatement:
    heads = (span(speaker),) if speaker else ()
    return RawStatement(number, "indirect", "affirmed", heads, None, (span(words),), carried_from, heads)


def counts(*raws: RawStatement) -> dict[str, float | None]:
    return counts_of(TEXT, quoted(), raws, GOLD)[0]


def test_a_statement_is_right_with_content_and_speaker() -> None:
    found = counts(raw("Ruiz", "bridge was safe"), raw("Ruiz", "Nobody was hurt"))
    assert (found["found"], found["right"], found["wanted"], found["hit"]) == (2, 1, 2, 1)
    assert (found["wanted_indirect"], found["hit_indirect"], found["wanted_direct"], found["hit_direct"]) == (1, 1, 1, 0)


def test_nobodys_statement_is_right_but_not_asked_for() -> None:
    found = counts(raw(None, "It rained"))
    assert (found["found"], found["right"], found["wanted"], found["hit"]) == (1, 1, 2, 0)
    assert (found["wanted_all"], found["hit_all"]) == (3, 1)


def test_a_quotation_carried_over_is_the_speakers_before() -> None:
    found = counts(raw("Bo", "It rained"), raw(None, "Nobody was hurt", 3, 0))
    assert (found["right"], found["hit"]) == (1, 1)


def test_contents_that_are_missed_and_wrong_are_told() -> None:
    _, missed, wrong = counts_of(TEXT, quoted(), [raw("Bo", "It rained")], GOLD)
    assert missed == ["the bridge was safe", "“Nobody was hurt,”"]
    assert wrong == ["It rained"]


def test_the_floor_takes_the_nearest_name_and_the_rest_of_the_sentence() -> None:
    found = plain_statements(TEXT, split_sentences(TEXT), quoted())
    assert [[TEXT[slice(*s)] for s in (*one.speaker_spans, *one.content_spans)] for one in found] == [
        ["Ana Ruiz", " the bridge was safe."],
        ["Bo", "Nobody was hurt,"],
    ]


@pytest.fixture(scope="module")
def report(lab: Any) -> Any:
    lab.text("polnear/metadata.tsv", "filename\tpublisher\n")
    lab.text("polnear/dev/text/bridge.txt", "Ana Ruiz said the bridge was safe.\n")
    lab.text(
        "polnear/dev/attributions/bridge_0000.ann",
        "T1\tSource 0 8\tAna Ruiz\nT2\tCue 9 13\tsaid\nT3\tContent 14 33\tthe bridge was safe\n"
        "T4\tAttribution 9 13\tsaid\nE1\tAttribution:T4 Source:T1 Cue:T2 Content:T3\n",
    )
    text = "Lena Voss runs the ferry. She said the propeller was broken."
    row = {"id": "ferry", "title": "Ferry stopped", "text": text, "sentences": [[0, 25], [26, 60]]}
    lab.write("gum_wikinews/gum_docs.json", [row])
    case = {
        "id": "w1", "doc": "ferry", "question": "Who said the propeller was broken?", "answers": ["Lena Voss"],
        "gold_sentences": [1],
        "content_span": [35, 59], "source_span": [26, 29], "source_kind": "pronoun", "needs_coref": True, "genre": "news",
    }  # fmt: skip
    lab.write("gum_wikinews/gum_attribution_qa.jsonl", case)
    return lab.run(Statements())


def test_the_report_sums_up_extraction_and_resolved_speakers(report: Any) -> None:
    values = {name: metric.value for name, metric in report.metrics.items()}
    assert (values["recall"], values["precision"], values["resolved_speaker"]) == (1.0, 1.0, 1.0)
    assert (values["exact_f1_source"], values["exact_f1_cue"], values["exact_f1_content"]) == (1.0, 1.0, 1.0)
    assert values["recall_direct"] is None
    assert report.floors["recall"]["plain"].value == 1.0
