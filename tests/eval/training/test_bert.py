"""The trained network against the ONNX file that it comes from and goes back to; needs the dependency group ``train``."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from pullquote.eval.training.__main__ import train  # noqa: E402
from pullquote.eval.training.bert import OnnxBert, logits  # noqa: E402
from pullquote.eval.training.pairs import Pair  # noqa: E402
from pullquote.index.models import MS_MARCO_L12, bundled_model  # noqa: E402
from pullquote.qa.rerank import OnnxCrossEncoder  # noqa: E402

QUESTION = "What is the capital of France?"
TEXTS = ["Paris is the capital of France.", "Berlin is the capital of Germany."]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    found = Tokenizer.from_file(str(bundled_model(MS_MARCO_L12) / "tokenizer.json"))
    found.no_truncation()
    found.enable_padding()
    return found


def test_the_weights_give_what_the_file_gives_there_and_back(tmp_path: Path, tokenizer: Tokenizer) -> None:
    folder = bundled_model(MS_MARCO_L12)
    model = OnnxBert(folder / "model.onnx")
    weights = model.weights()
    found = tokenizer.encode_batch([(QUESTION, text) for text in TEXTS])
    parts = (torch.tensor([getattr(one, part) for one in found]) for part in ("ids", "attention_mask", "type_ids"))
    expected = OnnxCrossEncoder(folder).scores(QUESTION, TEXTS)
    assert logits(weights, *parts).tolist() == pytest.approx(expected, abs=0.4)
    model.save(weights, tmp_path / "model.onnx")
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    assert OnnxCrossEncoder(tmp_path).scores(QUESTION, TEXTS) == pytest.approx(expected, abs=0.4)


def test_training_learns_what_it_is_shown(tokenizer: Tokenizer) -> None:
    weights = OnnxBert(bundled_model(MS_MARCO_L12) / "model.onnx").weights()
    frozen = weights["embeddings.word_embeddings.weight"].clone()
    pairs = [
        Pair("Ida said that it rains.", f"{who} said that it rains.", who == "Ida", "speaker") for who in ("Ida", "Olaf")
    ] * 128
    kept = []
    train(weights, tokenizer, pairs, pairs[:2], kept.append)
    assert kept
    assert torch.equal(weights["embeddings.word_embeddings.weight"], frozen)
    found = tokenizer.encode_batch([(pair.claim, pair.evidence) for pair in pairs[:2]])
    parts = (torch.tensor([getattr(one, part) for one in found]) for part in ("ids", "attention_mask", "type_ids"))
    true, false = logits(weights, *parts).tolist()
    assert true > false + 1
