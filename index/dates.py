"""Publication dates as found in the wild, to aware UTC datetimes; what cannot be read stays unknown."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

EARLIEST_YEAR = 1600
LATEST_YEAR = 2200

_MAX_DATE_CHARS = 64
_MILLISECONDS_FROM = 1e11
_EPOCH = re.compile(r"[+-]?\d{9,14}(?:\.\d+)?", re.ASCII)
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?!\d)", re.ASCII)
_MAIL = re.compile(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}\s+\d", re.ASCII)


def parse_date(value: object) -> datetime | None:
    """Return the moment meant by an ISO 8601 or RFC 2822 string or an epoch number, else ``None``.

    A date alone means midnight UTC, and a time without an offset means UTC. The clock is never asked.
    """
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, int | float):
            moment = _from_epoch(float(value))
        elif isinstance(value, str) and len(value) <= _MAX_DATE_CHARS:
            moment = _from_string(" ".join(value.split()))
        else:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
    return moment if EARLIEST_YEAR <= moment.year <= LATEST_YEAR else None


def _from_epoch(number: float) -> datetime:
    if not math.isfinite(number):
        raise ValueError("not a moment")
    seconds = number / 1000 if abs(number) > _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, tz=UTC)


def _from_string(text: str) -> datetime:
    if _EPOCH.fullmatch(text):
        return _from_epoch(float(text))
    if _ISO.match(text):
        # "2026-04-21 13:05 +01:00" is common, and fromisoformat wants no gap before the offset
        return datetime.fromisoformat(re.sub(r" ?(Z|UTC|GMT|[+-]\d\d:?\d\d)$", _joined_offset, text))
    if _MAIL.match(text):
        return parsedate_to_datetime(text)
    raise ValueError("no known form")


def _joined_offset(match: re.Match[str]) -> str:
    offset = match[1]
    # a bare date ends in "-04-21", which must not be taken for an offset
    if offset[0] in "+-":
        return offset if ":" in match.string else match[0]
    return "+00:00"
