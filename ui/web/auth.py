"""Who may come in: one user with a password, where the server has one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from pullquote.index.errors import SettingsError
from pullquote.ui.web.rules import Head, Refusal

COOKIE = "pullquote"
_WRONG_PER_MINUTE = 10
_WINDOW_S = 60.0
_MOST_ADDRESSES = 10_000
_HOW = (("www-authenticate", 'Basic realm="pullquote", charset="UTF-8"'),)


@dataclass(frozen=True, slots=True)
class Login:
    """A user's name and password, never shown."""

    user: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, given: str | None, env: Mapping[str, str] | None = None) -> Login | None:
        """Read ``USER:PASSWORD`` from the command line, else from ``PULLQUOTE_AUTH``; None where there is neither.

        Raises:
            SettingsError: it is not of that form.
        """
        named = "--auth" if given is not None else "PULLQUOTE_AUTH"
        text = (os.environ if env is None else env).get("PULLQUOTE_AUTH") if given is None else given
        if not text and given is None:
            return None
        user, colon, password = (text or "").partition(":")
        if not colon or not user.strip() or not password.strip():
            raise SettingsError(f"{named} must be USER:PASSWORD, with neither of them blank")
        return cls(user, password)

    def fits(self, user: str, password: str) -> bool:
        """Compare in a time that says nothing about how near the guess was."""
        guess, truth = _digest(user, password), _digest(self.user, self.password)
        return hmac.compare_digest(guess, truth)


class Doorkeeper:
    """Lets in who knows the password, and nobody for a minute who guesses."""

    def __init__(self, login: Login) -> None:
        """Keep the door with a login; cookies are good for as long as this process runs."""
        self._login = login
        self._token = secrets.token_urlsafe(32)
        self._wrong: dict[str, deque[float]] = {}

    def refusal(self, head: Head, now_s: float | None = None) -> Refusal | None:
        """Return why a request is not let in. ``now_s`` is a monotonic clock's time."""
        now = time.monotonic() if now_s is None else now_s
        if (told := head.one("authorization")) is not None:
            return self._tried(head.address, _basic(told), now)
        return None if self._has_cookie(head) else Refusal(401, "a user and a password are needed", _HOW)

    def signed_in(self, head: Head, form: bytes, now_s: float | None = None) -> Refusal | str:
        """Return the cookie for a login form, as ``gradio_client`` sends it with ``auth=``, or why there is none."""
        now = time.monotonic() if now_s is None else now_s
        fields = parse_qs(form.decode("utf-8", "replace"), max_num_fields=10)
        refusal = self._tried(head.address, (fields.get("username", [""])[0], fields.get("password", [""])[0]), now)
        secure = "; Secure" if head.one("x-forwarded-proto") == "https" else ""
        return refusal or f"{COOKIE}={self._token}; Path=/; HttpOnly; SameSite=Strict{secure}"

    def _tried(self, address: str, told: tuple[str, str], now: float) -> Refusal | None:
        if (wait_s := self._wait_s(address, now)) is not None:
            return Refusal(429, f"too many wrong passwords: try again in {wait_s} seconds", (("retry-after", str(wait_s)),))
        if self._login.fits(*told):
            return None
        self._wrong.setdefault(address, deque()).append(now)
        return Refusal(401, "wrong user or password", _HOW)

    def _wait_s(self, address: str, now: float) -> int | None:
        """Return how long an address has to wait; right passwords wait, too, or waiting would tell which one is right."""
        if len(self._wrong) > _MOST_ADDRESSES:
            self._wrong = {name: times for name, times in self._wrong.items() if times and times[-1] > now - _WINDOW_S}
        times = self._wrong.get(address, deque())
        while times and times[0] <= now - _WINDOW_S:
            times.popleft()
        return int(times[0] + _WINDOW_S - now) + 1 if len(times) >= _WRONG_PER_MINUTE else None

    def _has_cookie(self, head: Head) -> bool:
        try:
            found = SimpleCookie(head.one("cookie") or "").get(COOKIE)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._token.encode())


def _basic(told: str) -> tuple[str, str]:
    kind, _, code = told.partition(" ")
    try:
        user, _, password = base64.b64decode(code.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (user, password) if kind.lower() == "basic" else ("", "")


def _digest(user: str, password: str) -> bytes:
    return hashlib.sha256(f"{user}\0{password}".encode("utf-8", "replace")).digest()
