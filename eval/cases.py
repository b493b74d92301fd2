"""Case files: questions with what is right, as JSONL that a person writes by hand.

One object a line; blank lines and lines that begin with ``#`` are passed over. Only ``question`` must be there::

    # What our desk asks every morning
    {"question": "Who reopened the bridge?", "reference_answer": "Ada Pell", "as_of": "2026-01-31", "tags": ["desk"]}
    {"question": "What did it cost?", "gold": [{"article_id": "bridge", "start": 120, "end": 171}]}
    {"question": "Who painted it?"}

* ``reference_answer``: null or left out when the right thing is to abstain, or when ``gold`` alone is known.
* ``gold``: places that a right answer cites: half-open character offsets into the article's text.
* ``as_of``: later articles are treated as not there. A day means to its end, a time without an offset means UTC.
* ``tags``: kinds that are reported apart.
* ``id``: what reports call the case, ``line-3`` and the like where it is left out.
* ``cluster``: cases of one cluster are not independent; left out, it is the first article of ``gold``; "" is none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pullquote.eval.types import EvalCase, Gold
from pullquote.index.dates import parse_date
from pullquote.index.errors import UsageError
from pullquote.index.types import Span

_KEYS = ("id", "question", "reference_answer", "gold", "as_of", "tags", "cluster")
_GOLD_KEYS = ("article_id", "start", "end")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(rf"{_DAY.pattern}[T ]\d\d:\d\d.*", re.ASCII)


def read_cases(path: Path) -> list[EvalCase]:
    """Return the cases of a file, in order.

    Raises ``UsageError`` naming file, line and what to do when anything in it is not as described above, when two
    cases have the same id, or when there is no case in it.
    """
    cases: dict[str, EvalCase] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(_bytes(path).split(b"\n"), 1):
        try:
            case = _case(line, number)
            if case and case.id in cases:
                raise ValueError(f"line {lines[case.id]} has the id {case.id!r}, too; give each case its own, or none")
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: {error}") from error
        if case:
            cases[case.id], lines[case.id] = case, number
    if not cases:
        raise UsageError(f'{path} holds no cases; write one a line, such as {{"question": "Who reopened the bridge?"}}')
    return list(cases.values())


def write_cases(path: Path, cases: Iterable[EvalCase]) -> None:
    """Write a file from which ``read_cases`` returns the same cases.

    Raises ``UsageError`` when a file cannot hold them: none at all, two with one id, or one with ``extra``; then
    nothing is written.
    """
    cases = list(cases)
    ids = Counter(case.id for case in cases)
    if len(ids) < len(cases):
        raise UsageError(f"two cases have the id {ids.most_common(1)[0][0]!r}; give each its own")
    if not cases:
        raise UsageError(f"there are no cases to write to {path}; give at least one")
    lines = [_checked_line(case) for case in cases]
    try:
        path.write_bytes(b"".join(lines))
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({_reason(error)}); name a file in a folder of yours") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except FileNotFoundError as error:
        raise UsageError(f"there is no case file {path}; write one, or name another") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({_reason(error)}); name a file of cases") from error


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _case(line: bytes, number: int) -> EvalCase | None:
    """Return the case of a line, or None for a blank line or a comment. Raises ``ValueError`` saying what to change."""
    if not line.strip() or line.lstrip().startswith(b"#"):
        return None
    record = _object(_parsed(line), _KEYS, "the line")
    if "question" not in record:
        raise ValueError('there is no question; write it as {"question": "..."}')
    gold = tuple(_gold(item) for item in _list(record, "gold"))
    return EvalCase(
        id=_text(record, "id") or f"line-{number}",
        question=_required(record, "question"),
        reference_answer=_text(record, "reference_answer"),
        gold=gold,
        as_of=_moment(_text(record, "as_of")),
        tags=tuple(_string(tag, "a tag") for tag in _list(record, "tags")),
        cluster=_cluster(record, gold),
    )


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise ValueError("this is not UTF-8; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON ({error.msg} at character {error.pos + 1}); write one object on one line") from error
    except RecursionError as error:
        raise ValueError("this is nested too deeply; write one object on one line") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is there twice; keep one")
    return record


def _object(value: Any, keys: tuple[str, ...], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is {_shown(value)}; write an object with the keys {', '.join(keys)}")
    if unknown := [key for key in value if key not in keys]:
        raise ValueError(f"unknown key {unknown[0]!r} in {what}; known are {', '.join(keys)}")
    return value


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key} is {_shown(value)}; write a list")
    return value


def _text(record: dict[str, Any], key: str) -> str | None:
    return None if record.get(key) is None else _required(record, key)


def _required(record: dict[str, Any], key: str) -> str:
    return _string(record.get(key), key)


def _string(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is {_shown(value)}; write a text in quotation marks")
    if not value.strip():
        raise ValueError(f"{what} is blank; fill it in, or leave it out")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"{what} has half a character (\\ud800 to \\udfff) in it; write the character itself")
    return value


def _gold(item: Any) -> Gold:
    record = _object(item, _GOLD_KEYS, "an item of gold")
    article_id = _required(record, "article_id")
    start, end = (_offset(record, key) for key in ("start", "end"))
    if not 0 <= start < end:
        raise ValueError(f"gold from {start} to {end} is no span; start counts characters from 0, and end is greater")
    return Gold(article_id, Span(start, end))


def _cluster(record: dict[str, Any], gold: tuple[Gold, ...]) -> str:
    if record.get("cluster") == "":
        return ""
    return _text(record, "cluster") or (gold[0].article_id if gold else "")


def _offset(record: dict[str, Any], key: str) -> int:
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key} of gold is {_shown(value)}; write a whole number")
    return value


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    is_day = _DAY.fullmatch(value) is not None
    moment = parse_date(value) if is_day or _TIME.fullmatch(value) else None
    if moment is None:
        raise ValueError(f"as_of is {_shown(value)}; write a day (2026-01-31) or a time (2026-01-31T18:00:00+01:00)")
    return moment + timedelta(days=1, microseconds=-1) if is_day else moment


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 40 else f"{text[:40]}…"


def _checked_line(case: EvalCase) -> bytes:
    record: dict[str, Any] = {"id": case.id, "question": case.question, "reference_answer": case.reference_answer}
    if case.gold:
        record["gold"] = [{"article_id": g.article_id, "start": g.span.start, "end": g.span.end} for g in case.gold]
    if case.as_of:
        record["as_of"] = case.as_of.isoformat()
    if case.tags:
        record["tags"] = list(case.tags)
    if case.cluster != _cluster({}, case.gold):
        record["cluster"] = case.cluster
    try:
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        is_same = _case(line, 0) == case
    except ValueError as error:
        raise UsageError(f"the case {case.id!r} cannot be written: {error}") from error
    if not is_same:
        raise UsageError(
            f"the case {case.id!r} cannot be written: a case file has no place for all of it (extra, or naive times)"
        )
    return line
