"""Timings of the whole line, as ratios to what they cannot be faster than: ``python -m pullquote.eval.speed [--data DIR]``.

Numerator and denominator are taken within one run on one machine. Prints every ratio and writes them to a file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pullquote.eval.datasets import data_folder, polnear_articles
from pullquote.eval.examples import SEED, reported_cases
from pullquote.eval.report import write_text
from pullquote.eval.stamp import code_hash
from pullquote.eval.statistics import quantile
from pullquote.eval.stores import polnear_room
from pullquote.index.models import MS_MARCO_L12, bundled_model
from pullquote.index.settings import DEFAULT_EMBEDDING
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.ranking import rank
from pullquote.qa.rerank import OnnxCrossEncoder, cross_encoder
from pullquote.qa.retrieval import retrieve
from pullquote.qa.weights import shipped_weights
from pullquote.qa.words import question_words

WARM_QUESTIONS = 60
_COLD_ROUNDS = 5
# What a cold question cannot do without: the two libraries and the two models.
_BARE_START = """
import chromadb, onnxruntime
from pullquote.index.models import BGE_SMALL, MS_MARCO_L12, bundled_model
for files in (BGE_SMALL, MS_MARCO_L12):
    onnxruntime.InferenceSession(str(bundled_model(files) / "model.onnx"), providers=["CPUExecutionProvider"])
"""
_ADD = """
import sys, time
from pathlib import Path
from pullquote.eval.datasets import polnear_articles
from pullquote.eval.scale.memory import Peak
from pullquote.qa.newsroom import Newsroom
start = time.perf_counter()
with Peak() as memory, Newsroom.open(sys.argv[1]) as room:
    room.add(*polnear_articles(Path(sys.argv[2])))
print(time.perf_counter() - start, memory.peak_mb)
"""
_EMBED = """
import sys, time
from pullquote.index.embedding import open_embedder
from pullquote.index.settings import DEFAULT_EMBEDDING, IndexSettings
from pullquote.index.store import Store
from pathlib import Path
catalog = Store(Path(sys.argv[1]), IndexSettings()).catalog
chunks = catalog.chunks(catalog.chunk_ids())
embedder = open_embedder(DEFAULT_EMBEDDING)
texts = [chunk.text for chunk in chunks.values()]
start = time.perf_counter()
for i in range(0, len(texts), 64):
    embedder.embed(texts[i : i + 64])
print(time.perf_counter() - start)
"""


def measure_speed(room: Newsroom, questions: Sequence[str], data: Path, build: Path) -> dict[str, dict[str, Any]]:
    """Measure adding, warm and cold questions; ``room`` holds the PolNeAR articles."""
    results = {
        **_warm(room, questions[:: max(1, len(questions) // WARM_QUESTIONS)][:WARM_QUESTIONS]),
        **_cold(room),
        **_adding(data, build),
    }
    for name, result in results.items():
        print(f"  {name:<28} {result['value']:.3f}" + "".join(f"  {k} {v}" for k, v in result.items() if k != "value"))
    return results


def _warm(room: Newsroom, questions: Sequence[str]) -> dict[str, dict[str, Any]]:
    encoder, reader = cross_encoder(), OnnxCrossEncoder(bundled_model(MS_MARCO_L12))  # one remembers, one reads anew
    room.ask(questions[0])
    whole, bare = [], []
    for question in questions:
        whole.append(_seconds(lambda q=question: room.ask(q)))  # type: ignore[misc]
        words = question_words(question)
        ranked = rank(words, retrieve(room.store, words), shipped_weights().of(words.kind), encoder, room.settings.candidates)
        texts = [r.candidate.sentence.text for r in ranked]
        bare.append(_seconds(lambda q=question, t=texts: reader.scores(q, t)))  # type: ignore[misc]
    ratio = quantile([a / b for a, b in zip(whole, bare, strict=True)], 0.5)
    return {
        "warm_ask_ratio": {
            "value": round(ratio, 3),
            "bar": 1.5,
            "n": len(questions),
            "to": "the cross-encoder over the same candidates",
        },
        "warm_ask_p50_s": {"value": round(quantile(whole, 0.5), 4), "bar": 0.35, "p95": round(quantile(whole, 0.95), 4)},
    }


def _cold(room: Newsroom) -> dict[str, dict[str, Any]]:
    ask = [sys.executable, "-m", "pullquote.ui.cli", "ask", "--store", str(room.store.folder), "who called for restraint?"]
    bare = [sys.executable, "-c", _BARE_START]
    pairs = [(_process(ask), _process(bare)) for _ in range(_COLD_ROUNDS)]
    ratio = quantile([a for a, _ in pairs], 0.5) / quantile([b for _, b in pairs], 0.5)
    seconds = quantile([a for a, _ in pairs], 0.5)
    return {
        "cold_ask_ratio": {
            "value": round(ratio, 3),
            "bar": 1.5,
            "n": _COLD_ROUNDS,
            "seconds": round(seconds, 2),
            "to": "imports and models",
        }
    }


def _adding(data: Path, build: Path) -> dict[str, dict[str, Any]]:
    folder = build / "stores" / "timed"
    add = [sys.executable, "-c", _ADD, str(folder), str(data / "polnear")]
    shutil.rmtree(folder, ignore_errors=True)
    without, _ = _numbers(add, PULLQUOTE_STATEMENTS="off")
    shutil.rmtree(folder)
    whole, memory = _numbers(add)
    (bare,) = _numbers([sys.executable, "-c", _EMBED, str(folder)])
    n = sum(1 for _ in polnear_articles(data / "polnear"))
    return {
        "add_ratio": {
            "value": round(without / bare, 3),
            "bar": 1.25,
            "articles": n,
            "seconds": round(without, 1),
            "to": "embedding the same chunks, nobody reading who says what",
        },
        "add_ledger_ratio": {
            "value": round(whole / without, 3),
            "bar": 1.6,
            "articles": n,
            "seconds": round(whole, 1),
            "to": "adding without the ledger",
        },
        "add_peak_mb": {"value": round(memory, 1), "bar": 900, "of": "its processes together"},
    }


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _process(command: Sequence[str]) -> float:
    return _seconds(lambda: subprocess.run(command, check=True, capture_output=True, env=_env()))


def _numbers(command: Sequence[str], **more: str) -> list[float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=_env() | more)
    return [float(word) for word in done.stdout.split()]


def _env() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("PULLQUOTE_")} | {"PULLQUOTE_EMBEDDING": DEFAULT_EMBEDDING}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.speed", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where stores are kept")
    parser.add_argument("--out", type=Path, default=Path("build/bench/speed.json"), help="where the numbers go")
    options = parser.parse_args(argv)
    data = data_folder(options.data)
    if not (data / "polnear").is_dir():
        print(f"no PolNeAR at {data}: name the data folder with --data or PULLQUOTE_DATA", file=sys.stderr)
        return 2
    questions = [case.questions["question"] for case in reported_cases(data / "polnear")]
    with polnear_room(options.build / "stores", data) as room:
        results = measure_speed(room, questions, data, options.build)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_text(options.out, json.dumps({"code": code_hash(), "seed": SEED, "results": results}, indent=1) + "\n")
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
