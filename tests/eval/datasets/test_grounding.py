"""The readers of claims with evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.eval.datasets.grounding import attributionbench_claims, qags_claims, sentences_of, wice_claims
from pullquote.index.errors import UsageError

Write = Callable[..., Path]
CLAIM = {
    "label": "supported", "supporting_sentences": [[0, 2], []], "claim": "The bridge is open.", "evidence": ["A.", "B.", "C."],
    "meta": {"id": "dev1", "claim_title": "Bridge"},
}  # fmt: skip


def test_only_full_support_counts_in_wice(write: Write, tmp_path: Path) -> None:
    write("claims_dev.jsonl", *(CLAIM | {"label": label} for label in ("supported", "partially_supported", "not_supported")))
    claims = wice_claims(tmp_path)
    assert [claim.supported for claim in claims] == [True, False, False]
    assert [claim.tags for claim in claims] == [("supported",), ("partially_supported",), ("not_supported",)]
    assert (claims[0].id, claims[0].cluster) == ("dev1", "Bridge")
    assert (claims[0].evidence, claims[0].supporting) == (("A.", "B.", "C."), ((0, 2),))


def test_an_unknown_label_is_not_taken_for_no(write: Write, tmp_path: Path) -> None:
    write("claims_dev.jsonl", CLAIM, CLAIM | {"label": "yes"})
    with pytest.raises(UsageError, match=r"line 2: .*unknown label 'yes'"):
        wice_claims(tmp_path)
    write("dev.jsonl", {"references": [], "attribution_label": "maybe"})
    with pytest.raises(UsageError, match="line 1: there is no 'maybe'"):
        attributionbench_claims(tmp_path)


@pytest.mark.parametrize(
    ("reference", "evidence"),
    [
        ("It opened. It holds.", ("It opened.", "It holds.")),
        ("Title: Bridge\n\nIt opened.", ("Bridge", "It opened.")),
        ("Title: Bridge\nSection: Cost\n\nIt cost 3 crowns.", ("Bridge", "Cost", "It cost 3 crowns.")),
        ("Title: Bridge (a.example)\nText: It opened.", ("Bridge (a.example)", "It opened.")),
        ("[12] https://a.example/x?y\n\n It opened.", ("It opened.",)),
    ],
)
def test_a_reference_is_its_title_and_its_sentences(
    write: Write, tmp_path: Path, reference: str, evidence: tuple[str, ...]
) -> None:
    row = {
        "id": "1", "question": "Is it open?", "claim": "Yes.", "references": [reference, "It is new."],
        "attribution_label": "attributable", "src_dataset": "LFQA",
    }  # fmt: skip
    write("dev.jsonl", row, row | {"id": "2", "attribution_label": "not attributable"})
    first, second = attributionbench_claims(tmp_path)
    assert first.evidence == (*evidence, "It is new.")
    assert (first.supported, second.supported) == (True, False)
    assert (first.cluster, first.tags) == ("Is it open?", ("LFQA",))


def test_most_votes_decide_in_qags(write: Write, tmp_path: Path) -> None:
    def summary(*votes: str) -> dict[str, object]:
        return {"sentence": "It is open.", "responses": [{"worker_id": 1, "response": vote} for vote in votes]}

    first = {
        "article": "The bridge opened. It holds.",
        "summary_sentences": [summary("yes", "no", "yes"), summary("no", "no", "yes")],
    }
    second = {"article": "It closed.", "summary_sentences": [summary("yes", "no")]}
    write("mturk_cnndm.jsonl", first, second)
    claims = qags_claims(tmp_path)
    assert [(claim.id, claim.cluster, claim.supported) for claim in claims] == [
        ("qags-1-1", "qags-1", True), ("qags-1-2", "qags-1", False), ("qags-2-1", "qags-2", False),
    ]  # fmt: skip
    assert claims[0].evidence == ("The bridge opened.", "It holds.")


def test_sentences_are_the_text_of_their_spans() -> None:
    assert sentences_of(" Dr. Pell came.  She left. ") == ("Dr. Pell came.", "She left.")
    assert sentences_of("") == ()


def test_the_real_claims_are_as_many_as_expected(data_folder: Path) -> None:
    wice = wice_claims(data_folder / "wice")
    assert (len(wice), sum(claim.supported for claim in wice), len({claim.cluster for claim in wice})) == (349, 115, 308)
    assert all(0 <= at < len(claim.evidence) for claim in wice for positions in claim.supporting for at in positions)
    attribution = attributionbench_claims(data_folder / "attributionbench")
    assert (len(attribution), sum(claim.supported for claim in attribution)) == (1198, 599)
    qags = qags_claims(data_folder / "qags")
    assert (len(qags), len({claim.cluster for claim in qags})) == (714, 235)
    for claims in (wice, attribution, qags):
        assert len({claim.id for claim in claims}) == len(claims)
        assert all(claim.claim.strip() and claim.evidence for claim in claims)
