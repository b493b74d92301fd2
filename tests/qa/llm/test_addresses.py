"""Base URLs as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.errors import SettingsError
from pullquote.qa.llm.addresses import clean_base_url, is_loopback


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        (" http://127.0.0.1:8080//\n", "http://127.0.0.1:8080/v1"),
        ("https://Router.Example/api/v1", "https://router.example/api/v1"),
        ("https://router.example/openai", "https://router.example/openai"),
        ("http://127.0.0.1:8080/v1/chat/completions", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/v1/models/", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_slashes_endpoints_and_a_missing_v1_are_mended(written: str, meant: str) -> None:
    assert clean_base_url(written) == (meant, "")


def test_credentials_are_taken_out() -> None:
    assert clean_base_url("http://desk:open%40sesame@host.example/v1") == ("http://host.example/v1", "desk:open@sesame")
    assert clean_base_url("http://desk@host.example/v1") == ("http://host.example/v1", "desk")


@pytest.mark.parametrize(
    "written",
    [
        "127.0.0.1:8080",
        "localhost",
        "ftp://host.example/v1",
        "http://",
        "http://host.example:99999/v1",
        "http://host.example:0/v1",
        "http://host.example/v1?key=secret-word",
        "http://host.example/v1#secret-word",
        "http://ho st.example/v1",
        "http://host.example/\x00",
        "http://[::1/v1",
        "http://host.example/" + "v" * 3000,
    ],
)
def test_what_is_no_base_url_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL") as caught:
        clean_base_url(written)
    assert "secret-word" not in str(caught.value)
    assert len(str(caught.value)) <= 200


@given(st.text(max_size=60) | st.text(max_size=30).map("http://".__add__))
def test_any_text_is_an_address_or_refused(written: str) -> None:
    try:
        cleaned, _ = clean_base_url(written)
    except SettingsError:
        return
    assert "@" not in cleaned.partition("://")[2].partition("/")[0]
    assert clean_base_url(cleaned) == (cleaned, "")


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://[::1]/v1", True),
        ("http://localhost/v1", True),
        ("http://LOCALHOST./v1", True),
        ("http://model.localhost/v1", True),
        ("http://127.0.0.1.evil.example/v1", False),
        ("http://localhost.evil.example/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, near: bool) -> None:
    assert is_loopback(url) is near
