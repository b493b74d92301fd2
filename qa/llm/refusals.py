"""What a server means by a status and the error object that came with it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pullquote.index.errors import (
    ContextTooLong,
    ModelBusy,
    ModelError,
    ModelKeyRefused,
    ModelQuota,
    ModelRequestRefused,
    ModelUnknown,
    ModelUnreachable,
)
from pullquote.qa.llm.place import Place

_MAX_SAID = 70
_MAX_RETRY_AFTER_S = 86400.0
_TOO_LONG = re.compile(r"context (length|size|window)|maximum context|prompt is too long|too many (input )?tokens", re.IGNORECASE)
_SIZE = re.compile(r"(?:maximum context length is|context size \()\s*(\d{3,7})")
_QUOTA = re.compile(r"insufficient_quota|billing|exceeded your current quota|insufficient (credit|balance)", re.IGNORECASE)


def refusal(status: int, body: Mapping[str, Any], place: Place, wait_s: float | None = None) -> ModelError:
    """Return the documented error for an HTTP status and the server's error object; ``wait_s`` is its ``Retry-After``."""
    message = body.get("message") or body.get("detail") or ""
    message = message if isinstance(message, str) else json.dumps(message, default=str)[:500]
    codes = f"{body.get('code')} {body.get('type')}"
    said = place.shown(message, _MAX_SAID)
    what = f"answers {status}" + (f' "{said}"' if said else "")
    if status == 402 or (status == 429 and _QUOTA.search(f"{codes} {message}")):
        return ModelQuota(place.say(what, "the quota is used up, see the provider's billing page"))
    if status in (400, 413, 422) and (re.search(r"context_length|context_size", codes) or _TOO_LONG.search(message)):
        return _too_long(body, message, place)
    if status in (429, 529) or (status == 503 and wait_s is not None):
        return _busy(what, place, wait_s)
    if status in (401, 403):
        return ModelKeyRefused(place.say(what, "check OPENAI_API_KEY"))
    if status in (404, 405):
        return ModelUnknown(place.say(what, "check PULLQUOTE_MODEL and OPENAI_BASE_URL"))
    if status in (408, 409, 425) or status >= 500:
        return ModelUnreachable(place.say(what, "try again later"))
    remedy = "check OPENAI_BASE_URL" if status < 400 else "check PULLQUOTE_MODEL and the model's settings"
    return ModelRequestRefused(place.say(what, remedy))


def reported(body: Mapping[str, Any], place: Place) -> ModelError:
    """Return the documented error for an error object that came with status 200 or inside a stream."""
    code = str(body.get("code") or body.get("status"))
    if re.fullmatch(r"[45]\d\d", code):
        return refusal(int(code), body, place)
    rate = re.search(r"rate_limit|insufficient_quota", f"{code} {body.get('type')}")
    long = re.search(r"context_length|context_size", f"{code} {body.get('type')}")
    return refusal(429 if rate else 400 if long else 502, body, place)


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for; None where it says nothing sensible, or more than a day."""
    if value is None:
        return None
    try:
        seconds = float(value) if re.fullmatch(r"\s*\d{1,12}(\.\d{1,6})?\s*", value) else _until(value, now or datetime.now(UTC))
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if 0 <= seconds <= _MAX_RETRY_AFTER_S else None


def _until(date: str, now: datetime) -> float:
    moment = parsedate_to_datetime(date)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _busy(what: str, place: Place, wait_s: float | None) -> ModelBusy:
    remedy = "try again later" if wait_s is None else f"it asks to wait {math.ceil(wait_s)} s, try again then"
    error = ModelBusy(place.say(what, remedy))
    error.retry_after_s = wait_s
    return error


def _too_long(body: Mapping[str, Any], message: str, place: Place) -> ContextTooLong:
    named = _SIZE.search(message)
    size = body.get("n_ctx") or (named and int(named[1]))
    what = f"cannot read so long a prompt ({size} tokens at most)" if size else "cannot read so long a prompt"
    error = ContextTooLong(place.say(what, "set PULLQUOTE_CONTEXT_TOKENS"))
    error.context_tokens = size if isinstance(size, int) and size > 0 else None
    return error
