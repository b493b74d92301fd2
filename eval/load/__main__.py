"""The command: makes a store, serves it, lets readers in, prints a table and writes the numbers."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from pullquote.eval.load.questions import make_store
from pullquote.eval.load.readers import meet
from pullquote.eval.load.scenarios import ANSWER_S, Measured, adding, crowd, overload, steady, stopping
from pullquote.eval.load.served import Served
from pullquote.eval.load.slow_model import SlowModel
from pullquote.eval.report import write_text
from pullquote.eval.stamp import git_state

SEED = 1
_IN_FLIGHT = 8
_COLUMNS = ("p50_s", "p95_s", "queue_p95_s", "per_second", "errors", "mixed_up")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write; return 1 when a bar was not reached."""
    options = _options(argv)
    with tempfile.TemporaryDirectory(prefix="pullquote-load-") as folder:
        print(f"{'scenario':<9} {'n':>5}  {'  '.join(_COLUMNS)}")
        found = []
        for one in _measured(options, Path(folder)):
            print("\n".join(_lines(one)), flush=True)
            found.append(one)
    commit, changes = git_state()
    about = {"commit": commit, "changes": changes, "seed": SEED, "cores": os.cpu_count(), "seconds": options.seconds}
    write_text(options.out, json.dumps({**about, "scenarios": [asdict(one) for one in found]}, indent=1) + "\n")
    changed = " with changes" if changes else ""
    print(f"commit {commit}{changed}, seed {SEED}, {os.cpu_count()} cores; wrote {options.out}")
    return 1 if any(one.broken for one in found) else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.load", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets: the articles of PolNeAR instead of the bundled ones")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where stores are kept")
    parser.add_argument("--out", type=Path, default=Path("build/bench/load.json"), help="where the numbers go")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the readers ask one question after the other")
    parser.add_argument("--readers", type=int, nargs=3, default=(20, 50, 200), metavar="N", help="steady, at once, too many")
    parser.add_argument("--articles", type=int, default=500, help="how many are added meanwhile")
    return parser.parse_args(argv)


def _measured(options: argparse.Namespace, folder: Path) -> Iterator[Measured]:
    store, logs = folder / "store", options.out.parent
    left = iter(make_store(store, options.build, options.data, SEED))  # no question is asked twice: answers are remembered
    few, many, too_many = options.readers
    with SlowModel() as model, Served(store, logs / "load-llm.log", model.settings) as served:
        _say(f"{too_many} readers come in")
        readers = meet(served.url, too_many, ANSWER_S)
        crowd(readers[:few], list(islice(left, few)))  # to warm up
        yield crowd(readers[:many], list(islice(left, many)))
        yield overload(readers, list(islice(left, too_many + 1)))
        yield stopping(served, readers[:_IN_FLIGHT], list(islice(left, _IN_FLIGHT)), model)
    with Served(store, logs / "load.log", {"PULLQUOTE_ENGINE": "extractive"}) as served:
        readers, rest = meet(served.url, few, ANSWER_S), list(left)
        calm = steady(served, readers, rest[::2], options.seconds)
        yield calm
        yield adding(served, readers, rest[1::2], calm.numbers.get("p95_s", ANSWER_S), options.articles)


def _lines(one: Measured) -> Iterator[str]:
    """Yield a row of the table, and below it what only this scenario has."""
    cells = [f"{one.numbers.get(name, ''):>{len(name)}}" for name in _COLUMNS]
    yield f"{one.name:<9} {one.n:>5}  {'  '.join(cells)}  {one.title}"
    if more := [f"{name} {value:g}" for name, value in one.numbers.items() if name not in _COLUMNS]:
        yield f"{'':<17}{', '.join(more)}"
    yield from (f"{'':<17}NOT REACHED: {bar}" for bar in one.broken)


def _say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # gradio_client's threads would keep the process
