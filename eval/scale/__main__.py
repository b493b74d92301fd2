"""What grows with a store: ``python -m pullquote.eval.scale [--sizes 1000 10000] [--keep]``.

Stores of articles that a grammar grows from PolNeAR's, with vectors that cost next to nothing, are asked, filtered and deleted
from, each in a process of its own. Prints a table and writes the numbers to a file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pullquote.eval.datasets import data_folder
from pullquote.eval.report import write_text
from pullquote.eval.scale.summary import COLUMNS, broken_bars, row_of, rows_per_article
from pullquote.eval.stamp import code_hash, git_state

SEED = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write; return 1 when a bar was not reached."""
    options = _options(argv)
    data = data_folder(options.data)
    if not (data / "polnear").is_dir():
        print(f"no PolNeAR at {data}: name the data folder with --data or PULLQUOTE_DATA", file=sys.stderr)
        return 2
    print("  ".join(COLUMNS))
    rows: list[dict[str, Any]] = []
    for size in sorted(options.sizes):
        rows.append(row_of(_measured(options, data, size), rows[0] if rows else None))
        print("  ".join(f"{rows[-1].get(name, ''):>{len(name)}}" for name in COLUMNS), flush=True)
    rows_per_article(rows)
    broken = broken_bars(rows)
    commit, changes = git_state()
    about = {"commit": commit, "changes": changes, "code": code_hash(), "seed": SEED, "cores": os.cpu_count()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_text(options.out, json.dumps({**about, "n": options.questions, "sizes": rows, "broken": broken}, indent=1) + "\n")
    print("".join(f"NOT REACHED: {bar}\n" for bar in broken) + f"commit {commit}, seed {SEED}; wrote {options.out}")
    return 1 if broken else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.scale", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--build", type=Path, default=Path("build/scale"), help="where the stores are made")
    parser.add_argument("--out", type=Path, default=Path("build/bench/scale.json"), help="where the numbers go")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000], metavar="N", help="articles in each store")
    parser.add_argument("--questions", type=int, default=60, help="how many are asked of each store")
    parser.add_argument("--keep", action="store_true", help="leave the stores there, for the next time")
    return parser.parse_args(argv)


def _measured(options: argparse.Namespace, data: Path, size: int) -> dict[str, Any]:
    """Fill a store and measure it, in processes of their own: what they hold in memory is theirs alone."""
    folder: Path = options.build / str(size)
    print(f"growing {size:,} articles ...", file=sys.stderr, flush=True)
    grown = _told("growing", folder, size, data, SEED)
    print(f"asking among {size:,} articles ...", file=sys.stderr, flush=True)
    asked = _told("asking", folder, data, SEED, options.questions)
    if not options.keep:
        shutil.rmtree(folder)
    return {"grown": grown, **asked}


def _told(module: str, *words: object) -> dict[str, Any]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PULLQUOTE_", "OPENAI_"))}
    command = [sys.executable, "-m", f"pullquote.eval.scale.{module}", *map(str, words)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    numbers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return numbers


if __name__ == "__main__":
    sys.exit(main())
