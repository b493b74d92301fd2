"""Ours beside llama-index's tutorial over Chroma and its CitationQueryEngine: ``python -m pullquote.eval.peers --python PYTHON``.

The same PolNeAR articles, questions and embedding model for all; a mock language model, which costs no time. Each runs in a
process of its own, one after the other. ``ours_quick`` keeps no ledger of statements and re-ranks four sentences, not 24.
Prints a table and writes the numbers to a file.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pullquote.eval.datasets import AttributionCase, data_folder, polnear_articles, polnear_cases
from pullquote.eval.peers.ours import SETTINGS
from pullquote.eval.report import write_text
from pullquote.eval.stamp import code_hash, git_state
from pullquote.eval.statistics import quantile, rate_interval
from pullquote.index.models import BGE_SMALL, bundled_model
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article

SEED = 1
_HIGHER = {"add_per_s": True, "search_p50_s": False, "ask_p50_s": False, "memory_mb": False, "gold_cited": True}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    options = _options(argv)
    data = data_folder(options.data)
    if not (data / "polnear").is_dir():
        print(f"no PolNeAR at {data}: name the data folder with --data or PULLQUOTE_DATA", file=sys.stderr)
        return 2
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    clusters = write_task(options.work, data / "polnear", options.articles, options.questions)
    tutorial = Path(__file__).with_name("tutorial.py")
    ours = [sys.executable, "-m", "pullquote.eval.peers.ours", str(options.work)]
    found = {name: _told([*ours, name]) for name in SETTINGS}
    found |= _told([str(options.python), str(tutorial), str(options.work), str(bundled_model(BGE_SMALL))])
    rows = {name: row_of(numbers, clusters) for name, numbers in found.items()}
    print(table(rows))
    commit, changes = git_state()
    about = {"commit": commit, "changes": changes, "code": code_hash(), "seed": SEED, "cores": os.cpu_count()}
    added = len((options.work / "articles.jsonl").read_text(encoding="utf-8").splitlines())
    sizes = {"articles": added, "questions": len(clusters)}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_text(options.out, json.dumps({**about, **sizes, "results": rows, "behind": behind(rows)}, indent=1) + "\n")
    print(f"behind: {', '.join(behind(rows)) or 'nowhere'}; commit {commit}, seed {SEED}; wrote {options.out}")
    shutil.rmtree(options.work)
    return 0


def write_task(work: Path, polnear: Path, articles: int, questions: int) -> list[str]:
    """Write some articles, the development ones first, and questions about these; return the article of each question."""
    chosen = {article.meta.id: article for article in islice(polnear_articles(polnear, ("dev", "train")), articles)}
    cases = [case for case in polnear_cases(polnear, "dev") if case.article_id in chosen]
    cases = random.Random(SEED).sample(cases, min(questions, len(cases)))
    _write(work / "articles.jsonl", ({"id": name, "text": article.text} for name, article in chosen.items()))
    _write(work / "questions.jsonl", (_question(case, chosen[case.article_id]) for case in cases))
    return [case.article_id for case in cases]


def _question(case: AttributionCase, article: Article) -> dict[str, Any]:
    gold = [s for s in split_sentences(article.text) if any(s.overlaps(span) for span in case.content_spans)]
    texts = [" ".join(article.text[span.start : span.end].split()) for span in gold]
    starts = [span.start for span in gold]
    return {"question": case.questions["question"], "article_id": case.article_id, "gold": texts, "starts": starts}


def row_of(numbers: dict[str, Any], clusters: Sequence[str]) -> dict[str, Any]:
    """Return the row of a table; ``search_p50_s`` is without what re-ranks, writes and checks: the others have nothing of it."""
    gold = rate_interval([float(hit) for hit in numbers["gold_cited"]], clusters)
    return {
        "add_per_s": round(numbers["add_per_s"], 2),
        "search_p50_s": round(quantile(numbers.get("search_s", numbers["ask_s"]), 0.5), 4),
        "ask_p50_s": round(quantile(numbers["ask_s"], 0.5), 4),
        "ask_p95_s": round(quantile(numbers["ask_s"], 0.95), 4),
        "memory_mb": round(numbers["memory_mb"], 1),
        "gold_cited": round(gold.value, 3),
        "gold_interval": [round(gold.low, 3), round(gold.high, 3)],
    }


def behind(rows: dict[str, dict[str, Any]]) -> list[str]:
    """Return on which rows ours is not ahead of every other."""
    others = [row for name, row in rows.items() if not name.startswith("ours")]
    return [
        f"{name} ({mine})"
        for mine, ours in rows.items()
        if mine.startswith("ours")
        for name, higher in _HIGHER.items()
        if not all((ours[name] > row[name]) if higher else (ours[name] < row[name]) for row in others)
    ]


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Return the rows side by side."""
    lines = [f"{'':<11}" + "".join(f"{name:>17}" for name in rows)]
    lines += [f"{name:<11}" + "".join(f"{row[name]:>17}" for row in rows.values()) for name in (*_HIGHER, "ask_p95_s")]
    return "\n".join(lines)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.peers", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="the Python that has the packages of requirements.txt")
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument(
        "--work", type=Path, default=Path("build/peers/work"), help="where articles and indexes are kept meanwhile"
    )
    parser.add_argument("--out", type=Path, default=Path("build/bench/peers.json"), help="where the numbers go")
    parser.add_argument("--articles", type=int, default=1000, help="how many are added")
    parser.add_argument("--questions", type=int, default=200, help="how many are asked")
    return parser.parse_args(argv)


def _told(command: Sequence[str]) -> dict[str, Any]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PULLQUOTE_", "OPENAI_", "PYTHON"))}
    env |= {"ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    numbers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return numbers


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
