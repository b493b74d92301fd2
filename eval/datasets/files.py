"""Where the data sets are, what their bytes hash to, and their records, read with errors that say which one is wrong."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pullquote.index.errors import UsageError

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

Made = TypeVar("Made")
Row = dict[str, Any]
"""One record of a data set as JSON has it."""


def data_folder(given: Path | None = None) -> Path:
    """Return the folder of the data sets: the given one, else ``PULLQUOTE_DATA``, else beside the checkout."""
    return given or Path(os.environ.get("PULLQUOTE_DATA") or DEFAULT_DATA)


def folder_hash(*paths: Path) -> str:
    """Return the first 16 hex digits of SHA-256 over the files' names and bytes, folders walked in order."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def text_id(prefix: str, *parts: str) -> str:
    """Return an id for an article that its data set gives none: the same parts always get the same one."""
    return f"{prefix}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


def read_file(path: Path) -> bytes:
    """Return the bytes of a file of a data set. Raises ``UsageError`` when there is none, or it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read ({reason}); name the folder of the data sets, or get the file") from error


def published_file(path: Path, sha256: str) -> Path:
    """Return the path when the file's SHA-256 begins with these hex digits.

    Raises ``UsageError`` otherwise: numbers measured on other data cannot be compared with published ones.
    """
    found = hashlib.sha256(read_file(path)).hexdigest()
    if not found.startswith(sha256):
        raise UsageError(
            f"{path} is not the published file: its SHA-256 begins with {found[: len(sha256)]}, not {sha256}; "
            "get it anew, or read it unchecked (check=False) and compare with no published number"
        )
    return path


def jsonl_records(path: Path, make: Callable[[Row], Made]) -> Iterator[Made]:
    """Yield what ``make`` makes of each line of a JSONL file; blank lines are passed over.

    Raises ``UsageError`` naming file and line for what cannot be read, or is not what ``make`` expects.
    """
    for number, line in enumerate(read_file(path).split(b"\n"), 1):
        if line.strip():
            with _told(f"{path}, line {number}"):
                made = make(json.loads(line))
            yield made


def json_records(
    path: Path, make: Callable[[Any], Made], inside: Callable[[Any], Iterable[Any]] = lambda whole: whole
) -> Iterator[Made]:
    """Yield what ``make`` makes of each record of a JSON file; ``inside`` says where in the file the records are.

    Raises ``UsageError`` naming file and record, counted from 1.
    """
    data = read_file(path)
    with _told(str(path)):
        rows = list(inside(json.loads(data)))
    for number, row in enumerate(rows, 1):
        with _told(f"{path}, record {number}"):
            made = make(row)
        yield made


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Say where a record is not as expected, and how."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: this is not JSON ({error.msg}); get the file anew") from error
    except KeyError as error:
        raise UsageError(f"{where}: there is no {error.args[0]!r}; is it a file of this data set, and whole?") from error
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise UsageError(f"{where}: not as expected ({error}); is it a file of this data set, and whole?") from error
