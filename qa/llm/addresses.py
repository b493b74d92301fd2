"""A server's base URL: made whole, kept apart from what is secret in it, and known to be near or far."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from pullquote.index.errors import SettingsError

_ENDPOINT = re.compile(r"/(chat/completions|completions|models|responses)/*$")
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f]")
MAX_CHARS = 2048


def clean_base_url(text: str) -> tuple[str, str]:
    """Return the base URL without credentials, and ``user:password`` where it held them, else "".

    A trailing slash and the path of an endpoint are taken off; ``/v1`` is added where there is no path at all.

    Raises:
        SettingsError: it is no http(s) URL, or has a query or a fragment; the text is not repeated, as it may hold a password.
    """
    parts = _split(text.strip())
    path = _ENDPOINT.sub("", re.sub(r"/{2,}", "/", parts.path)).rstrip("/") or "/v1"
    host = parts.netloc.rpartition("@")[2].lower()
    user = ":".join(unquote(part) for part in parts.netloc.rpartition("@")[0].split(":", 1))
    return f"{parts.scheme}://{host}{path}", user


def is_loopback(base_url: str) -> bool:
    """Tell whether the server is on this machine."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(text: str) -> SplitResult:
    remedy = "OPENAI_BASE_URL must be like http://127.0.0.1:8080/v1"
    if len(text) > MAX_CHARS or _UNFIT.search(text):
        raise SettingsError(f"{remedy}, of at most {MAX_CHARS} characters and without blanks")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsError(f"{remedy}: this is no URL, or the port is no number up to 65535") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise SettingsError(f"{remedy}: it begins with http:// or https:// and names a host")
    if parts.query or parts.fragment:
        raise SettingsError(f"{remedy}: without anything behind ? or #")
    return parts
