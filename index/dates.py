"""Publication dates as found in the wild, to aware UTC datetimes; what cannot be read stays unknown."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST_YEAR = 1600
LATEST_YEAR = 2200
AHEAD = timedelta(days=1)
"""A date that is not further ahead of the clock is no error: outlets are in all zones, and clocks are slow."""

_MAX_DATE_CHARS = 64
_MILLISECONDS_FROM = 1e11
_EPOCH = re.compile(r"[+-]?\d{9,14}(?:\.\d+)?", re.ASCII)
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?!\d)", re.ASCII)
_MAIL = re.compile(
    r"(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3,9} [1-9]\d{3} \d{1,2}:\d\d(?::\d\d)?(?: ?[+-]\d{4})?(?: ?\([^()]*\))?", re.ASCII
)
# Names that mean one offset wherever news is written; others (IST, CST in China) would be a guess.
_ZONES = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), "+0000"),
    **dict.fromkeys(("BST", "WEST", "CET", "MEZ"), "+0100"),
    **dict.fromkeys(("CEST", "MESZ", "EET"), "+0200"),
    **dict.fromkeys(("EEST", "MSK"), "+0300"),
    **{"JST": "+0900", "KST": "+0900", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300"},
    **{"ADT": "-0300", "AST": "-0400", "EDT": "-0400", "EST": "-0500", "CDT": "-0500", "CST": "-0600"},
    **{"MDT": "-0600", "MST": "-0700", "PDT": "-0700", "PST": "-0800", "AKDT": "-0800", "AKST": "-0900", "HST": "-1000"},
}
_ZONE_NAME = re.compile(r" ?([A-Za-z]+)$", re.ASCII)
_NAMED_OFFSET = re.compile(r" ?(?:GMT|UTC|UT) ?(?=[+-]\d)", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=\d\d:\d\d):60(?!\d)", re.ASCII)
_NO_DATE = datetime(1970, 1, 1)


def parse_date(value: object) -> datetime | None:
    """Return the moment meant by an ISO 8601 or RFC 2822 string or an epoch number, else ``None``: rather unknown than wrong.

    A date alone means midnight UTC, and a time without an offset means UTC; one in a zone that has no offset here is unknown.
    The first second of 1970 is how programs write that they know none. The clock is never asked.
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
    except (ValueError, TypeError, LookupError, OverflowError, OSError):
        return None
    return moment if EARLIEST_YEAR <= moment.year <= LATEST_YEAR else None


def is_future(moment: datetime, now: datetime) -> bool:
    """Whether a publication date is so far ahead of the clock that it cannot be true."""
    return moment - now > AHEAD


def earliest_first(moment: datetime | None, now: datetime) -> tuple[bool, bool, datetime]:
    """Return what publication dates are sorted by: the earliest first, then unknown ones, then those in the future."""
    return moment is not None and is_future(moment, now), moment is None, moment or now


def _from_epoch(number: float) -> datetime:
    if not math.isfinite(number) or not number:
        raise ValueError("not a moment")
    seconds = number / 1000 if abs(number) > _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, tz=UTC)


def _from_string(text: str) -> datetime:
    if _EPOCH.fullmatch(text):
        return _from_epoch(float(text))
    text = _LEAP_SECOND.sub(":59", text)
    if _ISO.match(text):
        moment = datetime.fromisoformat(_with_offset(text))
    elif _MAIL.fullmatch(mail := _with_offset(text)):
        moment = parsedate_to_datetime(mail)
    else:
        raise ValueError("no known form")
    if moment.replace(tzinfo=None) == _NO_DATE and ":" in text:
        raise ValueError("no date was known")
    return moment


def _with_offset(text: str) -> str:
    """Return a date with a time with its zone, where it has one, as in ``+0100``."""
    if ":" not in text:  # a bare date ends in "-04-21", which must not be taken for an offset
        return text
    text = _ZONE_NAME.sub(lambda match: _ZONES[match[1].upper()], text)
    return re.sub(r" ?([+-]\d\d):?(\d\d)$", r"\1\2", _NAMED_OFFSET.sub("", text))
