"""Claims made of annotated news: true ones, and ones with a fault each."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from pullquote.eval.datasets.grounding import ClaimCase
from pullquote.eval.datasets.swaps import KINDS, PER_ARTICLE, TEMPLATES, Template, swap_claims
from pullquote.index.errors import UsageError
from pullquote.qa.quantities import numbers_of

ARTICLE = [
    "The harbour board met in Ostby on Monday.",
    "Mayor Ana Ruiz said the bridge was closed for 30 days after the storm.",
    "Ferries ran twice as often as before.",
    "“The council will pay for the repairs, whatever happens,” said Bo Lund, the treasurer.",
    "He left early.",
    "According to Greta Holm, more than 40 percent of the drivers can't reach their work.",
    "Nobody from the ministry came to the meeting that evening.",
    "Experts say the storm damaged parts of the old wall.",
    "Lund would not say whether Holm was right about it.",
]
ATTRIBUTIONS = [
    ("Mayor Ana Ruiz", "said", "the bridge was closed for 30 days after the storm"),
    ("Bo Lund, the treasurer", "said", "“The council will pay for the repairs, whatever happens,”"),
    ("Greta Holm", "According to", "more than 40 percent of the drivers can't reach their work"),
    ("Experts", "say", "the storm damaged parts of the old wall"),
    ("He", "left", "early"),
    ("Lund", "would not say", "whether Holm was right about it"),
]


def write_article(folder: Path, name: str, sentences: list[str], attributions: list[tuple[str, str, str]]) -> None:
    text = "\r\n".join(sentences) + "\r\n"
    lines = []
    for number, parts in enumerate(attributions):
        sentence = next(s for s in sentences if all(part in s for part in parts))
        roles = ["Source", "Cue", "Content"]
        for place, (role, part) in enumerate(zip(roles, parts, strict=True)):
            start = text.index(sentence) + sentence.index(part)
            lines.append(f"T{4 * number + place}\t{role} {start} {start + len(part)}\t{part}")
        lines.append(f"T{4 * number + 3}\tAttribution 0 1\t")
        named = " ".join(f"{role}:T{4 * number + place}" for place, role in enumerate(roles))
        lines.append(f"E{number}\tAttribution:T{4 * number + 3} {named}")
    for path, content in {f"text/{name}.txt": text, f"attributions/{name}_0a1b.ann": "\n".join(lines) + "\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_article(tmp_path / "dev", "bridge", ARTICLE, ATTRIBUTIONS)
    (tmp_path / "dev/text/unread.txt").write_text("Nobody annotated this.")
    return tmp_path


def claims_with(folder: Path, pattern: str, is_quoting: bool = False) -> dict[tuple[str, str], ClaimCase]:
    """Return the claims by kind and first evidence."""
    claims = swap_claims(folder, templates=(Template("only", pattern, is_quoting),))
    return {(case.tags[0], case.id.split("-")[1]): case for case in claims}


def of_kind(folder: Path, kind: str, pattern: str = "{Source} stated that {content}.") -> list[str]:
    return [case.claim for (its_kind, _), case in claims_with(folder, pattern).items() if its_kind == kind]


def test_a_true_claim_says_a_statement_again_in_other_words(folder: Path) -> None:
    assert of_kind(folder, "true") == [
        "Mayor Ana Ruiz stated that the bridge was closed for 30 days after the storm.",
        "Bo Lund stated that the council will pay for the repairs, whatever happens.",
        "Greta Holm stated that over 40 percent of the drivers cannot reach their work.",
    ]


def test_its_evidence_is_the_sentence_that_was_annotated(folder: Path) -> None:
    evidence = [case.evidence for case in swap_claims(folder) if case.tags[0] == "true"]
    assert evidence == [(ARTICLE[1],), (ARTICLE[3],), (ARTICLE[5],)]


def test_only_a_whole_quotation_is_quoted_and_word_for_word(folder: Path) -> None:
    (case,) = [c for c in claims_with(folder, '{Source}: "{Content}"', is_quoting=True).values() if c.supported]
    assert case.claim == 'Bo Lund: "The council will pay for the repairs, whatever happens"'


def test_a_statement_is_not_said_again_by_its_own_verb(folder: Path) -> None:
    said = swap_claims(folder, templates=[template for template in TEMPLATES if template.name == "said_that"])
    assert {case.evidence for case in said if case.supported} == {(ARTICLE[5],)}


@pytest.mark.parametrize(
    "attribution",
    [
        ("He", "said", "the bridge was closed for 30 days"),
        ("Ana Ruiz", "denied", "the bridge was closed for 30 days"),
        ("Ana Ruiz", "said", "whether the bridge was closed for 30 days"),
        ("Ana Ruiz", "said", "nothing much"),
        ("Ana Ruiz", "said", "we closed the bridge for 30 days"),
        ("Ana Ruiz’s", "claim", "the bridge was closed for 30 days"),
    ],
)
def test_what_cannot_be_said_again_is_left_out(tmp_path: Path, attribution: tuple[str, str, str]) -> None:
    write_article(tmp_path / "dev", "a", [" ".join(attribution) + "."], [attribution])
    assert swap_claims(tmp_path) == []


@pytest.mark.parametrize("before", ["did not", "would", "wants to", "denied without"])
def test_what_nobody_said_is_no_statement(tmp_path: Path, before: str) -> None:
    attribution = ("Ana Ruiz", "say", "the bridge was closed for 30 days")
    write_article(tmp_path / "dev", "a", [f"Ana Ruiz {before} say the bridge was closed for 30 days."], [attribution])
    assert swap_claims(tmp_path) == []


def test_a_swapped_speaker_is_another_one_and_the_content_stays(folder: Path) -> None:
    claims = claims_with(folder, "{Source} stated that {content}.")
    swapped = {place: case for (kind, place), case in claims.items() if kind == "speaker_swapped"}
    assert len(swapped) == 3
    for place, case in swapped.items():
        speaker, _, content = case.claim.partition(" stated that ")
        own, _, true = claims["true", place].claim.partition(" stated that ")
        assert content == true
        assert speaker in {"Mayor Ana Ruiz", "Bo Lund", "Greta Holm"} - {own}
        assert case.evidence == claims["true", place].evidence


def test_nobody_is_swapped_for_himself_under_another_name(tmp_path: Path) -> None:
    sentences = ["Ana Ruiz said the bridge was closed for 30 days.", "Mayor Ruiz said the bridge would open on Monday again."]
    attributions = [
        ("Ana Ruiz", "said", "the bridge was closed for 30 days"),
        ("Mayor Ruiz", "said", "the bridge would open on Monday again"),
    ]
    write_article(tmp_path / "dev", "a", sentences, attributions)
    assert Counter(case.tags[0] for case in swap_claims(tmp_path))["speaker_swapped"] == 0


def test_a_changed_number_is_all_that_is_changed(folder: Path) -> None:
    claims = claims_with(folder, "{Source} stated that {content}.")
    changed = {place: case for (kind, place), case in claims.items() if kind == "number_changed"}
    assert len(changed) == 2
    for place, case in changed.items():
        true = claims["true", place]
        words = zip(case.claim.split(), true.claim.split(), strict=True)
        ((made, own),) = [(a, b) for a, b in words if a != b]
        assert made.isdecimal()
        assert own.isdecimal()
        assert not numbers_of(made) & numbers_of(true.claim)


def test_a_verb_is_negated_or_no_longer_negated(folder: Path) -> None:
    assert of_kind(folder, "negated") == [
        "Mayor Ana Ruiz stated that the bridge was not closed for 30 days after the storm.",
        "Bo Lund stated that the council will not pay for the repairs, whatever happens.",
        "Greta Holm stated that over 40 percent of the drivers can reach their work.",
    ]


def test_a_moved_citation_is_a_neighbour_that_does_not_hold_the_claim(folder: Path) -> None:
    claims = claims_with(folder, "{Source} stated that {content}.")
    moved = {case.claim: case.evidence for (kind, _), case in claims.items() if kind == "moved"}
    assert set(moved) == {case.claim for case in claims.values() if case.supported}
    assert moved["Mayor Ana Ruiz stated that the bridge was closed for 30 days after the storm."][0] in (ARTICLE[0], ARTICLE[2])
    assert moved["Bo Lund stated that the council will pay for the repairs, whatever happens."] == (ARTICLE[2],)


def test_cases_name_their_article_kind_and_template(folder: Path) -> None:
    cases = swap_claims(folder)
    assert {case.cluster for case in cases} == {"bridge"}
    assert all(case.supported == (case.tags[0] == "true") for case in cases)
    assert {case.tags[0] for case in cases} == set(KINDS)
    assert {case.tags[1] for case in cases} <= {template.name for template in TEMPLATES}


def test_the_same_seed_makes_the_same_claims_and_another_one_others(folder: Path) -> None:
    assert swap_claims(folder, seed=3) == swap_claims(folder, seed=3)
    made = [[case.claim for case in swap_claims(folder, seed=seed)] for seed in range(5)]
    assert any(one != other for one, other in pairwise(made))


def test_templates_can_be_held_out(folder: Path) -> None:
    kept = [template for template in TEMPLATES if template.name not in ("colon", "according_to")]
    assert {case.tags[1] for seed in range(9) for case in swap_claims(folder, seed=seed, templates=kept)}.isdisjoint(
        {"colon", "according_to"}
    )
    assert swap_claims(folder, templates=()) == []


def test_a_folder_without_annotated_articles_is_no_empty_data_set(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no annotated articles"):
        swap_claims(tmp_path)


@pytest.fixture(scope="module")
def real(data_folder: Path) -> list[ClaimCase]:
    return swap_claims(data_folder / "polnear")


def test_real_claims_are_many_of_each_kind(real: list[ClaimCase]) -> None:
    counts = Counter(case.tags[0] for case in real)
    least = {"true": 180, "speaker_swapped": 125, "number_changed": 48, "negated": 75, "moved": 170}
    assert all(counts[kind] >= n for kind, n in least.items()), counts
    assert max(Counter(case.cluster for case in real if case.supported).values()) == PER_ARTICLE


def test_real_ids_are_unique_and_stay(real: list[ClaimCase], data_folder: Path) -> None:
    assert len({case.id for case in real}) == len(real)
    assert swap_claims(data_folder / "polnear") == real


def test_real_claims_are_clean(real: list[ClaimCase]) -> None:
    for case in real:
        assert case.evidence
        assert all(case.evidence)
        assert not re.search(r"[{}\n\t“”]|  |\.\.|^\W*[a-z]| ,", case.claim), case.claim


def test_real_faults_differ_from_their_true_claims(real: list[ClaimCase]) -> None:
    true = {case.id.removesuffix("-true"): case for case in real if case.supported}
    for case in real:
        own = true[case.id.removesuffix(f"-{case.tags[0]}")]
        assert (case.claim == own.claim) == (case.tags[0] in ("true", "moved"))
        assert (case.evidence == own.evidence) == (case.tags[0] != "moved")
