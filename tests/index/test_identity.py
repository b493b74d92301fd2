"""One story has one id, whatever its address looks like today."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.identity import article_id, canonical_url, slug, usable_id, web_url

ANY_URL = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS", "ftp"]),
    st.sampled_from(["example.org", "WWW.m.Example.org", "münchen.example", "[::1]", "a.b:80", "m.x", ""]),
    st.text(max_size=20).map(lambda t: f"/{t}"),
    st.text(max_size=20).map(lambda t: f"?{t}"),
    st.text(max_size=5).map(lambda t: f"#{t}"),
)


@pytest.mark.parametrize(
    "same",
    [
        "http://gazette.example/news/bridge",
        "https://www.gazette.example/news/bridge/",
        "https://m.gazette.example/news/bridge",
        "https://amp.gazette.example/news/bridge",
        "https://gazette.example/news/bridge/amp/",
        "HTTPS://Mobile.Gazette.Example:443/news/bridge?utm_source=mail&utm_medium=x#top",
        "http://gazette.example:80/news/bridge?fbclid=1&gclid=2&UTM_Campaign=y&utm%5Fid=4",
        "  https://gazette.example/news/%62ridge  ",
        "https://gazette.example./news/bridge?&",
    ],
)
def test_addresses_of_one_story_are_one(same: str) -> None:
    assert canonical_url(same) == "https://gazette.example/news/bridge"
    expected = article_id(url="https://gazette.example/news/bridge")
    assert article_id(url=same) == expected
    assert expected.startswith("bridge-")


@pytest.mark.parametrize(
    "other",
    [
        "https://gazette.example/news/Bridge",
        "https://gazette.example/news/bridge?page=2",
        "https://gazette.example/news/bridge%2Fdetails",
        "https://blog.gazette.example/news/bridge",
        "https://gazette.example:8443/news/bridge",
    ],
)
def test_other_addresses_stay_apart(other: str) -> None:
    assert canonical_url(other) != canonical_url("https://gazette.example/news/bridge")


def test_remaining_parameters_are_sorted_and_spelled_one_way() -> None:
    assert canonical_url("http://a.example/x?b=2&a=%c3%a9&") == "https://a.example/x?a=%C3%A9&b=2"
    assert canonical_url("http://a.example/é") == canonical_url("http://a.example/%C3%A9")


def test_international_hosts_become_punycode() -> None:
    assert canonical_url("https://münchen.example/x") == "https://xn--mnchen-3ya.example/x"
    assert canonical_url("https://xn--mnchen-3ya.example/x") == "https://xn--mnchen-3ya.example/x"


def test_a_short_host_keeps_its_name() -> None:
    assert canonical_url("https://m.example/") == "https://m.example"


@pytest.mark.parametrize(
    "none",
    ["", "ftp://a.example/x", "javascript:alert(1)", "/relative", "https://", "https://a b/", "http://[::1",
     "http://a.example:99999/", "file:///etc/passwd", "https://a<b>.example/"],
)  # fmt: skip
def test_what_is_no_web_address_has_none(none: str) -> None:
    assert canonical_url(none) is None
    assert web_url(none) is None


def test_the_kept_address_is_the_given_one_trimmed() -> None:
    assert web_url(" http://WWW.a.example/x?utm_source=y#z\n") == "http://WWW.a.example/x?utm_source=y#z"
    assert web_url("https://a.example/" + "x" * 2048) is None
    assert web_url("https://a.example/x y") is None
    assert web_url("https://a.example/\x1b[31m") is None


@given(ANY_URL | st.text(max_size=60))
def test_canonical_url_is_total_and_idempotent(url: str) -> None:
    once = canonical_url(url)
    if once is not None:
        assert canonical_url(once) == once
        assert once.isascii()
    assert article_id(url=url, text="x").isprintable()


@given(st.text(max_size=80))
def test_slugs_are_short_ascii_words(text: str) -> None:
    words = slug(text)
    assert len(words) <= 40
    assert words == slug(words)
    assert all(c.islower() or c.isdigit() or c == "-" for c in words)


def test_slugs_drop_accents_and_end_at_a_word() -> None:
    assert slug("Élections à Liège") == "elections-a-liege"
    assert slug("council-backs-budget-with-tax-rise-and-new-bridge") == "council-backs-budget-with-tax-rise-and"
    assert slug("x" * 60) == "x" * 40


def test_generic_last_segments_give_way() -> None:
    assert article_id(url="https://a.example/bridge-opens/index.html").startswith("bridge-opens-")
    assert article_id(url="https://a.example/").startswith("a-example-")
    assert article_id(url="https://a.example/%D8%AE%D8%A8%D8%B1").startswith("article-")


def test_a_given_id_wins_and_bad_ones_are_refused() -> None:
    assert article_id(given="afp-1", url="https://a.example/x") == "afp-1"
    assert usable_id("  afp 1 ") == "afp 1"
    for bad in ("", " ", "a\nb", "a\u202eb", "x" * 201, "\ud800"):
        assert usable_id(bad) is None


def test_a_file_is_known_by_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "Storm Ilka.txt"
    assert article_id(path=file, text="a") == article_id(path=tmp_path / "x" / ".." / file.name, text="b")
    assert article_id(path=file).startswith("storm-ilka-")
    assert article_id(path=file) != article_id(path=tmp_path / "x" / file.name)


def test_a_relative_id_survives_moving_the_root(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert article_id(path=here / "a.txt", relative_to=here) == article_id(path=there / "a.txt", relative_to=there)
    assert article_id(path=there / "a.txt", relative_to=here) == article_id(path=there / "a.txt")


def test_headline_source_and_date_tell_stories_apart() -> None:
    date = datetime(2026, 5, 1, tzinfo=UTC)
    one = article_id(title="Storm nears", source="Wire", published_at=date, text="old")
    assert one == article_id(title="Storm nears", source="Wire", published_at=date, text="new")
    assert one != article_id(title="Storm nears", source="Wire", text="old")
    assert one != article_id(title="Storm nears", source="Herald", published_at=date)


def test_without_anything_else_the_text_decides() -> None:
    assert article_id(text="a") == article_id(text="a") != article_id(text="b")
    assert len(article_id(text="a")) == len("article-") + 16
