"""Train the support model: ``python -m pullquote.eval.training [--data DIR] [--out DIR]``; about half an hour on two cores.

The weights of the bundled cross-encoder are trained on, all but the embeddings and the lowest layers, to tell whether
evidence supports a claim.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from pullquote.eval.datasets import data_folder
from pullquote.eval.statistics import auroc
from pullquote.eval.training.bert import OnnxBert, logits
from pullquote.eval.training.pairs import Pair, texts_of, training_pairs
from pullquote.index.models import MS_MARCO_L12, bundled_model

SEED = 1
OUT = Path(__file__).resolve().parents[2] / "qa" / "support_model"
_RATE = 5e-5
_DECAY = 0.01
_CLIP = 1.0
_BATCH = 32
_BUCKET = 20  # batches that are sorted by length together
_WARM_UP = 0.06
_MOST_PIECES = 160
_FROZEN = ("embeddings.", *(f"encoder.layer.{number}." for number in range(4)))
"""What stays as it was: word meanings are known, and it saves a quarter of the time."""
_CHECKS = (0.5, 0.75, 1.0)
"""After which share of the steps the held-out pairs are judged; the best weights are kept."""
_HELD_SHARE = 0.05

Weights = Mapping[str, Tensor]


def main(argv: Sequence[str] | None = None) -> int:
    """Train, choose the best state, write ``model.onnx`` and ``tokenizer.json``."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--share", type=float, default=1.0, help="train on this share of the pairs")
    options = parser.parse_args(argv)
    torch.manual_seed(SEED)
    data = data_folder(options.data)
    held = training_pairs(texts_of(data, is_held=True), SEED, _HELD_SHARE * min(1.0, options.share))
    pairs = training_pairs(texts_of(data, is_held=False), SEED, options.share)
    folder = bundled_model(MS_MARCO_L12)
    model, tokenizer = OnnxBert(folder / "model.onnx"), _tokenizer(folder)
    options.out.mkdir(parents=True, exist_ok=True)
    train(model.weights(), tokenizer, pairs, held, lambda best: model.save(best, options.out / "model.onnx"))
    shutil.copyfile(folder / "tokenizer.json", options.out / "tokenizer.json")
    for name in ("model.onnx", "tokenizer.json"):
        print(hashlib.sha256((options.out / name).read_bytes()).hexdigest(), name)
    return 0


def train(
    weights: Weights, tokenizer: Tokenizer, pairs: Sequence[Pair], held: Sequence[Pair], keep: Callable[[Weights], None]
) -> None:
    """Train ``weights`` in place on the pairs, once through; ``keep`` those that told the held-out pairs best so far."""
    trained = [tensor.requires_grad_() for name, tensor in weights.items() if not name.startswith(_FROZEN)]
    matrices, vectors = [t for t in trained if t.dim() > 1], [t for t in trained if t.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": _DECAY}, {"params": vectors, "weight_decay": 0.0}], lr=_RATE
    )
    batches = list(_batches(pairs))
    steps, begin, best = len(batches), time.monotonic(), -1.0
    checks = {round(share * steps) for share in _CHECKS}
    mean = 0.0
    for step, batch in enumerate(batches, 1):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * min(step / (_WARM_UP * steps), (steps - step + 1) / ((1 - _WARM_UP) * steps))
        wanted = torch.tensor([float(pair.supported) for pair in batch])
        loss = functional.binary_cross_entropy_with_logits(_judged(weights, tokenizer, batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, _CLIP)
        optimizer.step()
        mean += 0.02 * (loss.item() - mean)
        if step % 20 == 0:
            _say(f"step {step} of {steps}: loss {mean / (1 - 0.98**step):.3f}, {time.monotonic() - begin:.0f} s")
        if step in checks:
            area = _area(weights, tokenizer, held)
            if area > best:
                best = area
                keep(weights)


def _judged(weights: Weights, tokenizer: Tokenizer, batch: Sequence[Pair]) -> Tensor:
    found = tokenizer.encode_batch([(pair.claim, pair.evidence) for pair in batch])
    ids, mask, types = (torch.tensor([getattr(one, part) for one in found]) for part in ("ids", "attention_mask", "type_ids"))
    return logits(weights, ids, mask, types)


def _batches(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Yield batches of about equally long pairs, in random order."""
    rng = random.Random(SEED)
    for start in range(0, len(pairs), _BATCH * _BUCKET):
        some = sorted(pairs[start : start + _BATCH * _BUCKET], key=lambda pair: len(pair.claim) + len(pair.evidence))
        made = [some[at : at + _BATCH] for at in range(0, len(some), _BATCH)]
        rng.shuffle(made)
        yield from made


def _area(weights: Weights, tokenizer: Tokenizer, held: Sequence[Pair]) -> float:
    """Return the AUROC over the held-out pairs, and print it by kind: each kind's false pairs against all true ones."""
    with torch.no_grad():
        scores = [s for batch in _batches(held) for s in _judged(weights, tokenizer, batch).tolist()]
    pairs = [pair for batch in _batches(held) for pair in batch]
    for kind in sorted({pair.kind for pair in pairs if not pair.supported}):
        some = [(pair.supported, s) for pair, s in zip(pairs, scores, strict=True) if pair.supported or pair.kind == kind]
        _say(f"  held out, {kind}: {auroc([label for label, _ in some], [s for _, s in some]):.3f}")
    area = auroc([pair.supported for pair in pairs], scores)
    _say(f"  held out: AUROC {area:.4f} over {len(pairs)} pairs")
    return area


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(_MOST_PIECES)
    tokenizer.enable_padding()
    return tokenizer


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
