"""Who comes in: a password in a header, a form or a cookie, and no guessing."""

from __future__ import annotations

import base64

import pytest

from pullquote.index.errors import SettingsError
from pullquote.ui.web.auth import Doorkeeper, Login
from pullquote.ui.web.rules import Head, Refusal


def head(*headers: tuple[str, str], address: str = "10.0.0.1") -> Head:
    return Head("GET", "/", headers, 1, address)


def basic(user: str, password: str, address: str = "10.0.0.1") -> Head:
    code = base64.b64encode(f"{user}:{password}".encode()).decode()
    return head(("authorization", f"Basic {code}"), address=address)


@pytest.fixture
def door() -> Doorkeeper:
    return Doorkeeper(Login("ada", "päss:word"))


def status(refusal: Refusal | str | None) -> int | None:
    assert not isinstance(refusal, str)
    return refusal.status if refusal else None


@pytest.mark.parametrize("text", ["", "ada", ":secret", "ada:", " : "])
def test_a_login_needs_a_user_and_a_password(text: str) -> None:
    with pytest.raises(SettingsError, match="--auth must be USER:PASSWORD"):
        Login.read(text, {})


def test_a_login_comes_from_the_command_line_else_from_the_environment() -> None:
    env = {"PULLQUOTE_AUTH": "env:secret"}
    assert Login.read("ada:a:b", env) == Login("ada", "a:b")
    assert Login.read(None, env) == Login("env", "secret")
    assert Login.read(None, {}) is None
    assert Login.read(None, {"PULLQUOTE_AUTH": ""}) is None
    with pytest.raises(SettingsError, match="PULLQUOTE_AUTH must be"):
        Login.read(None, {"PULLQUOTE_AUTH": "secret"})


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(Login("ada", "secret"))


def test_only_the_right_user_with_the_right_password_comes_in(door: Doorkeeper) -> None:
    assert door.refusal(basic("ada", "päss:word"), 0.0) is None
    for wrong in (basic("ada", "päss"), basic("bob", "päss:word"), basic("ad", "a:päss:word"), basic("", "")):
        assert status(door.refusal(wrong, 0.0)) == 401


@pytest.mark.parametrize("value", ["", "Basic", "Basic !!", "Basic YWRh", "Bearer x", "Basic \xff\xfe", "Digest a=b"])
def test_a_header_that_cannot_be_read_is_a_wrong_password(door: Doorkeeper, value: str) -> None:
    assert status(door.refusal(head(("authorization", value)), 0.0)) == 401


def test_without_a_password_the_browser_is_told_to_ask_for_one(door: Doorkeeper) -> None:
    refusal = door.refusal(head(), 0.0)
    assert refusal is not None
    assert dict(refusal.headers)["www-authenticate"].startswith("Basic realm=")


def test_asking_without_a_password_is_no_guess(door: Doorkeeper) -> None:
    for _ in range(100):
        assert status(door.refusal(head(), 0.0)) == 401
    assert door.refusal(basic("ada", "päss:word"), 0.0) is None


def test_the_eleventh_guess_of_a_minute_is_not_looked_at_even_if_right(door: Doorkeeper) -> None:
    for second in range(10):
        assert status(door.refusal(basic("ada", "wrong"), float(second))) == 401
    refusal = door.refusal(basic("ada", "päss:word"), 9.5)
    assert status(refusal) == 429
    assert refusal is not None
    assert refusal.headers == (("retry-after", "51"),)
    assert door.refusal(basic("ada", "päss:word", address="10.0.0.2"), 9.5) is None
    assert door.refusal(basic("ada", "päss:word"), 60.0) is None


def test_a_form_brings_a_cookie_that_lets_in_and_that_scripts_and_other_sites_cannot_use(door: Doorkeeper) -> None:
    cookie = door.signed_in(head(), b"username=ada&password=p%C3%A4ss%3Aword", 0.0)
    assert isinstance(cookie, str)
    pair, *rules = cookie.split("; ")
    assert set(rules) == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert door.refusal(head(("cookie", f"other=1; {pair}")), 0.0) is None
    assert status(door.refusal(head(("cookie", pair[:-1])), 0.0)) == 401
    assert status(Doorkeeper(Login("ada", "päss:word")).refusal(head(("cookie", pair)), 0.0)) == 401


def test_a_cookie_that_came_over_tls_stays_there(door: Doorkeeper) -> None:
    cookie = door.signed_in(head(("x-forwarded-proto", "https")), "username=ada&password=päss:word".encode(), 0.0)
    assert isinstance(cookie, str)
    assert "Secure" in cookie.split("; ")


def test_guesses_in_forms_and_headers_count_together(door: Doorkeeper) -> None:
    for _ in range(5):
        assert status(door.signed_in(head(), b"username=ada&password=wrong", 0.0)) == 401
        assert status(door.refusal(basic("ada", "wrong"), 0.0)) == 401
    assert status(door.signed_in(head(), b"username=ada&password=wrong", 0.0)) == 429


def test_what_is_remembered_of_guesses_does_not_grow_for_ever(door: Doorkeeper) -> None:
    for number in range(30_000):
        door.refusal(basic("ada", "wrong", address=str(number)), float(number))
    assert len(door._wrong) < 10_100
