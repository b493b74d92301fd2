"""The folder of saved reports: what is in it, and one of them read; nothing outside it can be named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from pullquote.eval.report import report_from_text
from pullquote.eval.types import EvalReport
from pullquote.index.errors import UsageError
from pullquote.qa.render import display_text

MAX_BYTES = 64 * 2**20
"""Of one report."""
_MAX_NAME_CHARS = 200
_REMEMBERED = 100
_CASE = b'   {"'  # how the line of a case begins, and no other line of a report as it is written


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A JSON file of the folder as it was when it was looked at."""

    folder: Path
    name: str
    changed_ns: int
    size_bytes: int

    @property
    def made(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.changed_ns // 10**9, UTC)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list says of a file."""

    file: ReportFile
    report: EvalReport | None
    """Without its cases; None: it is no report."""
    questions: int = 0
    problem: str = ""
    """Why it is none."""


def report_files(folder: Path) -> list[ReportFile]:
    """Return the JSON files that lie in the folder itself, newest first; links are left out, wherever they lead.

    Raises:
        UsageError: the folder cannot be read; one that is not there holds nothing.
    """
    try:
        with os.scandir(folder) as entries:
            files = [file for entry in entries if (file := _file(folder, entry)) is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"the folder of reports cannot be read: {error.strerror}; check its permissions") from None
    return sorted(files, key=lambda file: (-file.changed_ns, file.name))


def _file(folder: Path, entry: os.DirEntry[str]) -> ReportFile | None:
    if entry.name.startswith(".") or not entry.name.endswith(".json"):
        return None
    with suppress(OSError):  # gone meanwhile
        if entry.is_file(follow_symlinks=False):
            known = entry.stat(follow_symlinks=False)
            return ReportFile(folder, entry.name, known.st_mtime_ns, known.st_size)
    return None


def read_file(file: ReportFile) -> EvalReport:
    """Return the whole report.

    Raises:
        UsageError: it is none, or cannot be read.
    """
    with _opened(file) as lines:
        text = lines.read()
    return report_from_text(text, file.name)


@lru_cache(maxsize=_REMEMBERED)
def summary(file: ReportFile) -> Summary:
    """Return what a list says of a file. The cases, nearly all of a large report, are counted without being parsed."""
    kept: list[bytes] = []
    passed = 0
    try:
        with _opened(file) as lines:
            for line in lines:
                if line.startswith(_CASE):
                    passed += 1
                else:
                    kept.append(line)
        report = report_from_text(b"".join(kept), file.name)
    except UsageError as error:
        return Summary(file, None, problem=str(error))
    questions = passed + sum(len(task.cases) for task in report.tasks)
    return Summary(file, replace(report, tasks=tuple(replace(task, cases=()) for task in report.tasks)), questions)


@contextmanager
def _opened(file: ReportFile) -> Iterator[BinaryIO]:
    if file.name != display_text(file.name, _MAX_NAME_CHARS):
        raise UsageError(f"{file.name} has a name that cannot be shown: rename it")
    if file.size_bytes > MAX_BYTES:
        raise UsageError(f"{file.name} is larger than {MAX_BYTES // 2**20} MB: look at it with pullquote eval show")
    try:
        with (file.folder / file.name).open("rb") as lines:
            yield lines
    except OSError as error:
        raise UsageError(f"{file.name} cannot be read: {error.strerror}; check its permissions") from None
