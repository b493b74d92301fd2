"""What the support score looks at."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from pullquote.qa.claims import MAX_CHARS
from pullquote.qa.support_features import FEATURES, Reading, reading_of, support_features

EVIDENCE = [
    "The harbour bridge was closed on Monday after engineers found cracks in three of its cables, the city council said.",
    "Mayor Lena Brandt told reporters that repairs would cost 4.2 million euros and take until October 2024.",
    "Ferries will carry commuters free of charge.",
    "Tourists were not told about the closure, said the hotel owner Paul Weber.",
]


def read(claim: str, evidence: Sequence[str] = EVIDENCE) -> Reading:
    reading = reading_of(claim, evidence)
    assert reading is not None
    return reading


def features(claim: str, evidence: Sequence[str] = EVIDENCE) -> dict[str, float]:
    reading = read(claim, evidence)
    row = support_features(reading, *[[0.0] * len(reading.questions)] * 2)
    assert row.shape == (len(FEATURES),)
    return dict(zip(FEATURES, row, strict=True))


def test_a_copied_sentence_is_covered_in_order_and_lacks_nothing() -> None:
    row = features(EVIDENCE[0])
    assert (row["covered"], row["word_pairs"], row["run"]) == (1, 1, 1)
    missing = {name for name in FEATURES if name.startswith(("missing", "only", "altered", "negated"))} - {"only_denied"}
    assert all(row[name] == 0 for name in missing)


def test_an_unrelated_claim_shares_nothing() -> None:
    row = features("Chess players gathered in Reykjavik.")
    assert (row["covered"], row["word_pairs"]) == (0, 0)
    assert row["missing_names"] > 0


def test_a_changed_number_is_missed_and_one_written_out_is_found() -> None:
    assert features("Cracks were found in five cables.")["missing_numbers_share"] == 1
    assert features("Cracks were found in 3 cables.")["missing_numbers"] == 0
    assert features("Repairs would cost €4.2m.")["missing_numbers"] == 0


def test_a_missing_number_tells_more_when_the_rest_is_there() -> None:
    close = features("Engineers found cracks in five of its cables.")["only_number_missing"]
    assert close > features("Five goats ate the hedge of the council.")["only_number_missing"] > 0


def test_a_name_from_another_sentence_is_noticed() -> None:
    said = "Tourists were not told about the closure, said the hotel owner {}."
    assert features(said.format("Paul Weber"))["only_name_elsewhere"] == 0
    swapped = features(said.format("Lena Brandt"))
    assert swapped["missing_names"] == 0
    assert swapped["only_name_elsewhere"] > 0.5


def test_negation_in_one_of_both_only_is_noticed() -> None:
    denied = features("Ferries will not carry commuters free of charge.")
    assert (denied["negated_in_claim"], denied["negated_in_evidence"]) == (1, 0)
    affirmed = features("Tourists were told about the closure.")
    assert (affirmed["negated_in_claim"], affirmed["negated_in_evidence"]) == (0, 1)
    assert affirmed["only_negation_differs"] > 0.9
    assert features("Tourists were not told about the closure.")["only_negation_differs"] == 0


def test_a_sentence_of_a_long_claim_is_compared_with_its_own_evidence() -> None:
    row = features("Ferries will carry commuters free of charge. Tourists were told about the closure.")
    assert row["only_negation_differs"] > 0.9


def test_a_quotation_that_stands_nowhere_is_altered() -> None:
    assert features('Brandt said that "repairs would cost 4.2 million euros".')["altered_quotes"] == 0
    assert features('Brandt said that "repairs will cost a fortune".')["altered_quotes"] == 1


def test_the_parts_of_a_claim_are_asked_for_too() -> None:
    claim = "The harbour bridge was closed on Monday, and ferries will carry commuters free of charge."
    reading = read(claim)
    assert reading.questions == (claim, "The harbour bridge was closed on Monday", "ferries will carry commuters free of charge.")
    row = dict(zip(FEATURES, support_features(reading, [5.0, 3.0, 1.0], [-4.0, 0.0, 3.0]), strict=True))
    assert (row["cross"], row["cross_parts"]) == (5, 2)
    assert (row["trained"], row["trained_parts"]) == (-4, 1.5)


def test_a_denial_tells_most_where_all_words_are_there() -> None:
    def denied(claim: str, logit: float) -> float:
        reading = read(claim)
        logits = [logit] * len(reading.questions)
        return dict(zip(FEATURES, support_features(reading, [0.0] * len(logits), logits), strict=True))["only_denied"]

    assert denied(EVIDENCE[2], -900.0) == pytest.approx(1)
    assert denied(EVIDENCE[2], 900.0) == pytest.approx(0)
    assert denied("Ferries will carry goats to Reykjavik.", -900.0) < 0.6


def test_the_sentences_that_are_read_complete_each_other() -> None:
    reading = read("The bridge was closed on Monday and repairs take until October 2024.", EVIDENCE * 2)
    assert {sentence.text for sentence in reading.few[:2]} == set(EVIDENCE[:2])
    assert len(reading.few) == 3


def test_neither_order_nor_repeats_nor_how_it_is_cut_make_a_difference() -> None:
    claim = "Ferries are free while the bridge is closed, Lena Brandt said."
    expected = reading_of(claim, EVIDENCE)
    shuffled = random.Random(3).sample(EVIDENCE * 2, 2 * len(EVIDENCE))
    for evidence in (shuffled, [" ".join(EVIDENCE)], [*EVIDENCE, " ", ""]):
        assert reading_of(claim, evidence) == expected


@pytest.mark.parametrize("claim", ["", " \n ", "?!…", "a" * (MAX_CHARS + 1)])
def test_what_has_no_words_or_is_too_long_is_not_read(claim: str) -> None:
    assert reading_of(claim, EVIDENCE) is None


@pytest.mark.parametrize("evidence", [[], [""], [" \t", "—"]])
def test_no_evidence_is_nothing_to_read(evidence: list[str]) -> None:
    assert reading_of("Ferries are free.", evidence) is None


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 100_000, "1,2 " * 25_000, 'not "a" ' * 12_000])
def test_hostile_texts_are_read_in_pieces(text: str) -> None:
    reading = read(text[:MAX_CHARS], [text, *EVIDENCE])
    assert len(reading.text) <= MAX_CHARS
    assert np.isfinite(support_features(reading, *[[0.0] * len(reading.questions)] * 2)).all()
