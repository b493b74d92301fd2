"""Finished cases on disk, one JSON line each, so that a run that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from pullquote.eval.types import CaseResult, EvalCase


def encode_result(result: CaseResult) -> str:
    """Return a result as one line of JSON; numpy's numbers are numbers.

    Raises:
        ValueError, TypeError: something in it is no JSON value (NaN is none).
    """
    return json.dumps(asdict(result), sort_keys=True, allow_nan=False, default=_plain)


def decode_result(text: str) -> CaseResult:
    """Return the result in a line made by ``encode_result``."""
    return _result(json.loads(text))


def case_digest(case: EvalCase) -> str:
    """Return 16 hex digits over everything in a case: one that was edited is another case."""
    text = json.dumps(asdict(case), sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Journal:
    """The file with the finished cases of one task."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made with the first line."""
        self.path = path

    def clear(self) -> None:
        """Forget all."""
        self.path.unlink(missing_ok=True)

    def read(self, cases: Sequence[EvalCase]) -> tuple[dict[str, CaseResult], float]:
        """Return the kept results of these cases by id, and the seconds that were spent on them.

        A torn line (the run was killed while it wrote) is passed over, and so is the result of a case that failed or was
        edited since: it runs again.
        """
        digests = {case.id: case_digest(case) for case in cases}
        kept: dict[str, CaseResult] = {}
        elapsed_s = 0.0
        for line in self._lines():
            with suppress(KeyError, TypeError, ValueError):  # not a line of ours
                elapsed_s = max(elapsed_s, float(line["elapsed_s"]))
                result = _result(line["result"])
                if digests.get(result.case_id) == line["digest"] and result.error is None:
                    kept[result.case_id] = result
        return kept, elapsed_s

    def append(self, case: EvalCase, encoded: str, elapsed_s: float) -> None:
        """Write down a finished case; once this returns, no kill of this process can lose it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"digest": case_digest(case), "elapsed_s": round(elapsed_s, 3)})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f'{head[:-1]}, "result": {encoded}}}\n')

    def _lines(self) -> Iterator[Any]:
        if not self.path.is_file():
            return
        with self.path.open("rb+") as file:
            for raw in file:
                if raw.endswith(b"\n"):
                    with suppress(ValueError):
                        yield json.loads(raw)
                else:  # what comes next must not be added to it
                    file.write(b"\n")


def _result(value: dict[str, Any]) -> CaseResult:
    return CaseResult(**(value | {"tags": tuple(value["tags"])}))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON value")
