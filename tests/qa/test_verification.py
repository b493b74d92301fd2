"""Whether evidence supports a claim: the real models on claims of our own, and a stand-in where they do not matter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pullquote.index.errors import ModelDamaged
from pullquote.index.models import check_model
from pullquote.qa.rerank import SUPPORT_MODEL
from pullquote.qa.support_features import FEATURES
from pullquote.qa.verification import (
    SUPPORT_FILE,
    SupportWeights,
    Verifier,
    built_in_verifier,
    read_support,
    shipped_support,
    support_hash,
)

EVIDENCE = (
    "The harbour bridge was closed on Monday after engineers found cracks in three of its cables, the city council said.",
    "Mayor Lena Brandt told reporters that repairs would cost 4.2 million euros and take until October 2024.",
    "Ferries will carry commuters free of charge.",
    "Tourists were not told about the closure, said the hotel owner Paul Weber.",
)
TRUE = "Repairs would cost 4.2 million euros and take until October 2024, said Mayor Lena Brandt."


class WordCounter:
    """A cross-encoder that counts words in common."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(len(set(question.lower().split()) & set(text.lower().split()))) for text in texts]


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return built_in_verifier()


@pytest.fixture
def simple() -> Verifier:
    return Verifier(WordCounter())


@pytest.mark.parametrize("sentence", EVIDENCE)
def test_a_verbatim_copy_is_supported(verifier: Verifier, sentence: str) -> None:
    assert verifier.support(sentence, EVIDENCE) > 0.75
    assert verifier.is_supported(sentence, EVIDENCE)


@pytest.mark.parametrize(
    "claim",
    [
        TRUE,
        "According to Lena Brandt, fixing it will cost €4.2m.",
        "Commuters can take ferries for free.",
        "The bridge was shut because of cracks in its cables.",
        "The bridge was closed after cracks were found, and repairs will last until October 2024.",
    ],
)
def test_a_paraphrase_is_supported(verifier: Verifier, claim: str) -> None:
    assert verifier.is_supported(claim, EVIDENCE)


@pytest.mark.parametrize(
    "claim",
    [
        "The prime minister resigned over a tax scandal.",
        "Repairs would cost 9.7 million euros and take until October 2024, said Mayor Lena Brandt.",
        "Repairs would not cost 4.2 million euros and take until October 2024, said Mayor Lena Brandt.",
        "Commuters cannot take ferries for free.",
        "Tourists were told about the closure, said the hotel owner Paul Weber.",
        'Brandt said that the closure was "a disaster for tourism".',
        "Yes.",
    ],
)
def test_what_the_evidence_does_not_say_is_not_supported(verifier: Verifier, claim: str) -> None:
    assert not verifier.is_supported(claim, EVIDENCE)


def test_another_name_makes_a_claim_less_likely(verifier: Verifier) -> None:
    assert verifier.support(TRUE.replace("Lena Brandt", "Olga Ruiz"), EVIDENCE) < verifier.threshold
    assert verifier.support(TRUE.replace("Mayor Lena Brandt", "Paul Weber"), EVIDENCE) < verifier.support(TRUE, EVIDENCE) - 0.1


def test_another_who_is_named_beside_the_speaker_did_not_say_it(verifier: Verifier) -> None:
    evidence = ["Paul Weber, a former aide to Lena Brandt, said that the harbour bridge had been unsafe for years."]
    claim = "{} said that the bridge had been unsafe for years."
    assert verifier.is_supported(claim.format("Weber"), evidence)
    assert not verifier.is_supported(claim.format("Brandt"), evidence)


def test_a_damaged_support_model_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"weights")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    with pytest.raises(ModelDamaged, match="reinstall pullquote"):
        check_model(SUPPORT_MODEL, tmp_path)


def test_a_citation_moved_to_a_neighbour_does_not_support(verifier: Verifier) -> None:
    assert not verifier.is_supported(TRUE, EVIDENCE[2:])


def test_the_order_of_the_evidence_does_not_matter(verifier: Verifier) -> None:
    assert (
        verifier.support(TRUE, EVIDENCE) == verifier.support(TRUE, EVIDENCE[::-1]) == verifier.support(TRUE, [" ".join(EVIDENCE)])
    )


def test_a_batch_equals_one_by_one(verifier: Verifier) -> None:
    pairs = [(TRUE, EVIDENCE), ("Ferries are free.", EVIDENCE[:1]), ("", EVIDENCE), (TRUE, []), (EVIDENCE[0], EVIDENCE)]
    assert verifier.supports(pairs) == [verifier.support(claim, evidence) for claim, evidence in pairs]
    assert verifier.supports([]) == []


@pytest.mark.parametrize(
    ("claim", "evidence"), [(TRUE, []), (TRUE, ["", " \n"]), ("", EVIDENCE), ("  ", EVIDENCE), ("…", EVIDENCE)]
)
def test_nothing_has_no_support(simple: Verifier, claim: str, evidence: Sequence[str]) -> None:
    assert simple.support(claim, evidence) == 0


def test_an_endless_claim_has_no_support(simple: Verifier) -> None:
    assert simple.support(f"{EVIDENCE[0]} " * 1000, EVIDENCE) == 0


@pytest.mark.parametrize("text", ["word " * 20_000, "x" * 100_000, " " * 100_000, "\0\ud800" * 10, "7 " * 50_000])
def test_hostile_evidence_is_survived(simple: Verifier, text: str) -> None:
    alone, beside = simple.supports([(TRUE, [text]), (TRUE, [*EVIDENCE, text])])
    assert alone < simple.threshold
    assert beside > alone


def test_the_encoder_may_be_another(simple: Verifier) -> None:
    assert 0 < simple.support("Ferries are free.", EVIDENCE) < simple.support(EVIDENCE[2], EVIDENCE) < 1


def test_weights_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "support.json"
    file.write_text(json.dumps({"weights": {"covered": 2.0}, "intercept": -1.0, "threshold": 0.7}), encoding="utf-8")
    verifier = Verifier(WordCounter(), read_support(file))
    assert verifier.threshold == 0.7
    assert verifier.support(EVIDENCE[0], EVIDENCE) == pytest.approx(0.7310586)


def test_any_logit_is_a_probability() -> None:
    weights = SupportWeights({"cross": 1e6}, 0.0, 0.5)
    row = [0.0] * len(FEATURES)
    assert weights.probability(row) == 0.5
    assert 0 < weights.probability([-1e9] * len(FEATURES)) < 1e-20
    assert weights.probability([1e9] * len(FEATURES)) == pytest.approx(1)


def test_the_shipped_weights_name_known_features_and_say_where_they_come_from() -> None:
    shipped = shipped_support()
    assert set(shipped.weights) <= set(FEATURES)
    assert 0.3 < shipped.threshold < 0.8
    assert json.loads(SUPPORT_FILE.read_text(encoding="utf-8"))["made_by"] == "python -m pullquote.eval.fit_support"
    assert len(support_hash()) == 12


def test_the_support_model_is_small_and_its_card_tells_of_these_files() -> None:
    folder = SUPPORT_FILE.parent / SUPPORT_MODEL.folder
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert (folder / "model.onnx").stat().st_size <= 35_000_000
    assert SUPPORT_MODEL.onnx_sha256 in card
    assert SUPPORT_MODEL.tokenizer_sha256 in card
    assert json.loads(SUPPORT_FILE.read_text(encoding="utf-8"))["support_model"] == SUPPORT_MODEL.onnx_sha256[:16]
