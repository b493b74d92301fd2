"""What makes two items the same article: canonical web addresses and stable ids."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import unicodedata
from datetime import datetime
from pathlib import Path, PurePath
from urllib.parse import quote, unquote, urlsplit

import idna

MAX_URL_CHARS = 2048
MAX_ID_CHARS = 200

_MAX_SLUG_CHARS = 40
_HOST_PREFIXES = ("www.", "m.", "mobile.", "amp.")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.ASCII)
_DEFAULT_PORTS = (80, 443)
_TRACKING_PREFIXES = ("utm_", "at_", "mc_", "pk_", "hsa_", "_hs", "ns_")
_TRACKING = frozenset(
    (
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid"),
        *("igshid", "igsh", "li_fat_id", "_ga", "_gl", "ref_src", "ref_url", "cmp", "cmpid", "ocid", "icid"),
        *("ncid", "smid", "smtyp", "ito", "xtor", "ftag", "guccounter", "s_kwcid", "amp", "outputtype"),
    )
)
_GENERIC_SEGMENTS = frozenset({"index", "default", "home", "article", "story", "news", "amp"})
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RELATIVE = b"relative:"
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")


def web_url(url: str) -> str | None:
    """Return the address trimmed when it is a usable http(s) one, else ``None``."""
    trimmed = url.strip()
    if len(trimmed) > MAX_URL_CHARS or not trimmed.isprintable() or " " in trimmed:
        return None
    return trimmed if canonical_url(trimmed) else None


def canonical_url(url: str) -> str | None:
    """Return one spelling for all addresses of the same article, or ``None`` when it is no web address.

    Scheme, ``www.`` and mobile hosts, default ports, fragments, tracking parameters, the order of the
    others, percent-encoding and a trailing slash make no difference. Applying it twice changes nothing.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except (ValueError, UnicodeError):  # idna.IDNAError is a UnicodeError
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    where = host if port is None or port in _DEFAULT_PORTS else f"{host}:{port}"
    query = _query(parts.query)
    return f"https://{where}{_path(parts.path)}" + (f"?{query}" if query else "")


def _host(hostname: str) -> str | None:
    if ":" in hostname:
        return f"[{ipaddress.IPv6Address(hostname).compressed}]"
    host = hostname.rstrip(".")
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    host = host.lower().rstrip(".")
    while prefix := next((p for p in _HOST_PREFIXES if host.startswith(p)), None):
        if "." not in host[len(prefix) :]:
            break  # "m.example" is a site of its own
        host = host[len(prefix) :]
    return host if _HOST.fullmatch(host) else None


def _path(path: str) -> str:
    normal = _percent(path, safe="/%:@!$&'()*+,;=").rstrip("/")
    while normal.endswith("/amp"):
        normal = normal.removesuffix("/amp").rstrip("/")
    return normal


def _query(query: str) -> str:
    pairs = (_percent(pair, safe="/%:@!$'()*+,;=?") for pair in query.split("&"))
    return "&".join(sorted(pair for pair in pairs if pair and not _is_tracking(pair)))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _percent(text: str, safe: str) -> str:
    def normal(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else f"%{match[1].upper()}"

    return quote(_PERCENT.sub(normal, text), safe=safe, errors="replace")


def slug(text: str) -> str:
    """Return lower-case ASCII words joined by dashes, at most 40 characters; may be empty."""
    plain = unicodedata.normalize("NFKD", text[:500]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(words) <= _MAX_SLUG_CHARS:
        return words
    cut = words[: _MAX_SLUG_CHARS + 1]
    return (cut.rpartition("-")[0] or cut[:_MAX_SLUG_CHARS]).strip("-")


def usable_id(given: str) -> str | None:
    """Return an explicit id as it will be kept, or ``None`` when it cannot serve as one."""
    trimmed = unicodedata.normalize("NFC", given.strip())
    fits = 0 < len(trimmed) <= MAX_ID_CHARS and trimmed.isprintable()
    return trimmed if fits else None


def article_id(
    *,
    given: str | None = None,
    url: str | None = None,
    path: Path | None = None,
    relative_to: Path | None = None,
    file_name: str | None = None,
    source: str | None = None,
    title: str | None = None,
    published_at: datetime | None = None,
    text: str = "",
) -> str:
    """Return the id the same article gets every time it is added.

    The first that is known decides: the given id, the web address, the file, the headline with source
    and date, the text. A file keeps its id when its content changes, so an edit becomes a new version.
    ``file_name`` is that of a file without a place: it counts as one in the folder that files are ``relative_to``.
    """
    if given:
        return given
    canonical = canonical_url(url) if url else None
    if canonical:
        return _named(_url_slug(canonical), canonical.encode())
    if path is not None:
        resolved = path.resolve()
        return _named(slug(resolved.stem), _path_key(resolved, relative_to))
    if file_name is not None:
        return _named(slug(PurePath(file_name).stem), _RELATIVE + file_name.encode("utf-8", "replace"))
    if title:
        date = published_at.isoformat() if published_at else ""
        return _named(slug(title), "\x1f".join(("headline", source or "", title, date)).encode())
    return _named("", text.encode("utf-8", "replace"))


def _named(words: str, key: bytes) -> str:
    # without telling words the hash alone must keep 100,000 articles apart
    digits = 8 if words else 16
    return f"{words or 'article'}-{hashlib.sha256(key).hexdigest()[:digits]}"


def _url_slug(canonical: str) -> str:
    parts = urlsplit(canonical)
    for segment in reversed(parts.path.split("/")):
        words = slug(re.sub(r"\.[A-Za-z]{2,5}$", "", unquote(segment)))
        if words and words not in _GENERIC_SEGMENTS:
            return words
    return "" if parts.path else slug(parts.netloc)


def _path_key(resolved: Path, relative_to: Path | None) -> bytes:
    if relative_to is not None:
        root = relative_to.resolve()
        if resolved.is_relative_to(root):
            return _RELATIVE + os.fsencode(resolved.relative_to(root).as_posix())
    return b"file:" + os.fsencode(resolved)
