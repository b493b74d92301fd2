"""What is dropped or pasted: names cleaned, limits kept, every refusal with its reason."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from pullquote.index.articles import read_articles
from pullquote.index.errors import UsageError
from pullquote.index.types import Article, SkippedItem
from pullquote.ui.web.uploads import KINDS, AddLimits, file_name, read_files, read_pasted

TEXT = "Council backs bridge\n\nThe council backed the bridge on Monday. It will cost $3 million."


def file(name: Any, data: str | bytes = TEXT) -> dict[str, Any]:
    raw = data.encode() if isinstance(data, str) else data
    return {"name": name, "data": base64.b64encode(raw).decode()}


def read(payload: list[Any], **limits: int) -> list[Article | SkippedItem]:
    return [item for _, item in read_files(payload, AddLimits(**limits))]


def reasons(payload: list[Any], **limits: int) -> list[str]:
    return [item.reason if isinstance(item, SkippedItem) else "" for item in read(payload, **limits)]


# -- files ----------------------------------------------------------------------------------------


def test_a_dropped_file_is_the_article_that_the_same_file_in_a_folder_is(tmp_path: Any) -> None:
    page = (
        "<html><head><title>T</title></head><body><article><p>"
        + "The bridge opened on Monday. " * 30
        + "</p></article></body></html>"
    )
    files = {
        "a.txt": TEXT,
        "b c.md": "---\ntitle: Bridge\ndate: 2026-06-17\nauthors: Ada Pell\n---\nIt opened.",
        "C.HTML": page,
        "d.jsonl": '{"id": "x", "text": "It opened."}\n\n{"title": "U", "date": "2026-06-18", "text": "It closed."}\n',
    }
    for name, data in files.items():
        (tmp_path / name).write_text(data)
    dropped = read([file(name, data) for name, data in files.items()])
    assert dropped == [item for name in files for _, item in read_articles([tmp_path / name], tmp_path)]
    assert len(dropped) == 5
    assert all(isinstance(item, Article) for item in dropped)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("/etc/passwd", "passwd"),
        ("..\\..\\a.md", "a.md"),
        ("C:\\x\\a.txt", "a.txt"),
        ("../a.txt", "a.txt"),
        ("a\nb\x1b[31m.md", "a b [31m.md"),
        ("\u202etxt.exe", "txt.exe"),
        ("x" * 5000 + ".md", "x" * 120),
        ("", "unnamed"),
        ("///", "unnamed"),
        (None, "unnamed"),
        (7, "unnamed"),
        ("\ud800.md", "\ufffd.md"),
    ],
)
def test_a_name_is_reduced_to_its_last_part_on_one_line(name: Any, kept: str) -> None:
    assert file_name(name) == kept


def test_a_place_in_a_name_makes_no_other_article() -> None:
    one, other = read([file("a.txt"), file("../../tmp/a.txt")])
    assert one == other


@pytest.mark.parametrize("name", ["a.pdf", "a.exe", "a", ".md", "a.md.zip", "a.json", None, {}])
def test_only_known_kinds_are_read(name: Any) -> None:
    assert reasons([file(name)]) == [f"this kind of file is not read: give one that ends in {', '.join(KINDS)}"]


@pytest.mark.parametrize("data", ["%%%", "YQ", "é", "data:text/plain;base64,YQ==", 7, [], {}, True])
def test_what_is_no_base64_did_not_arrive_whole(data: Any) -> None:
    assert reasons([{"name": "a.txt", "data": data}]) == ["it did not arrive whole: drop it again"]


@pytest.mark.parametrize("entry", [None, 7, "a.txt", [], {}])
def test_an_entry_that_is_no_file_is_skipped(entry: Any) -> None:
    assert reasons([entry])[0].startswith("this kind of file is not read")


def test_files_over_the_size_together_are_skipped_and_smaller_ones_behind_them_read() -> None:
    large = "The bridge opened. " * 40_000
    assert [
        bool(reason) for reason in reasons([file("a.txt", large), file("b.txt", large), file("c.txt")], size_bytes=1_000_000)
    ] == [
        False,
        True,
        False,
    ]
    assert reasons([{"name": "huge.txt"}]) == ["at most 4 MB at once: drop it by itself, or use pullquote add"]


def test_files_over_the_number_are_counted_not_read() -> None:
    found = read([file(f"{n}.txt") for n in range(25)])
    assert [isinstance(item, Article) for item in found] == [True] * 20 + [False]
    assert isinstance(found[-1], SkippedItem)
    assert (found[-1].where, found[-1].reason) == ("5 more files", "at most 20 at once: drop these again by themselves")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"\xff\xfe\x00\xd8" * 50, "does not look like text"),
        ("a.md", b"%PDF-1.7", "PDF is not supported"),
        ("a.html", b"<html><body></body></html>", "no article text found"),
        ("a.jsonl", b"[" * 100_000, "nested too deeply"),
        ("a.jsonl", b"{", "not valid JSON"),
        ("a.jsonl", b'{"text": 7}', '"text" should be a string'),
        ("a.html", b"<p " + b"a=1 " * 5000 + b">x", "far too many attributes"),
    ],
)
def test_what_cannot_become_an_article_says_why(name: str, data: bytes, reason: str) -> None:
    assert reason in reasons([file(name, data)])[0]


@pytest.mark.parametrize("part", ["<b>w</b>", "["])
def test_hostile_markup_takes_seconds_at_most(part: str) -> None:
    name = "a.html" if part.startswith("<") else "a.md"
    began = time.monotonic()
    found = read([file(f"{n}{name}", part * (200_000 // len(part))) for n in range(19)])
    assert time.monotonic() - began < 60
    assert len(found) < 19
    assert isinstance(found[-1], SkippedItem)
    assert "too much markup" in found[-1].reason


# -- pasted text ----------------------------------------------------------------------------------

FIELDS = {
    "title": " Council backs <bridge> ",
    "outlet": "Harrow Bay Courier",
    "url": "https://courier.example/hb-1",
    "date": "2026-06-17",
    "authors": "Ada Pell, Bo Reed",
    "text": TEXT,
}


def pasted(**changes: Any) -> Article | SkippedItem:
    ((where, item),) = read_pasted({**FIELDS, **changes}, AddLimits())
    assert where == "the pasted text"
    return item


def test_a_pasted_text_is_an_article_with_the_fields_it_was_given() -> None:
    found = pasted()
    assert isinstance(found, Article)
    meta = found.meta
    assert (meta.title, meta.source, meta.url) == ("Council backs <bridge>", "Harrow Bay Courier", "https://courier.example/hb-1")
    assert (meta.authors, str(meta.published_at)) == (("Ada Pell", "Bo Reed"), "2026-06-17 00:00:00+00:00")
    assert found.text == TEXT


def test_without_a_title_the_first_line_set_apart_is_one_and_what_is_not_known_stays_unknown() -> None:
    found = pasted(title="", outlet="", url=" ", date="", authors="")
    assert isinstance(found, Article)
    meta = found.meta
    assert (meta.title, meta.source, meta.url, meta.published_at, meta.authors) == ("Council backs bridge", None, None, None, ())


def test_the_same_text_pasted_again_is_the_same_article_and_another_one_is_not() -> None:
    bare = {"title": "", "outlet": "", "url": "", "date": ""}
    one, again, other = (pasted(**bare, text=text) for text in ("It opened at last.", "It opened at last.", "It closed again."))
    assert isinstance(one, Article)
    assert isinstance(other, Article)
    assert one == again
    assert one.meta.id != other.meta.id


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": " \n "}, "there is no text"),
        ({"text": None}, "there is no text"),
        ({"text": ["x"]}, "there is no text"),
        ({"text": "é" * 2_200_000}, "larger than 4 MB"),
        ({"url": "javascript:alert(1)"}, "the address is none of the web"),
        ({"url": "ftp://a.example/b"}, "the address is none of the web"),
        ({"url": "https://"}, "the address is none of the web"),
        ({"date": "17.6.2026"}, "the date '17.6.2026' is not a day"),
        ({"date": "2026-02-30"}, "is not a day"),
        ({"title": "x" * 501}, "the field 'title' has more than 500 characters"),
    ],
)
def test_what_the_reader_has_to_change_is_told(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        pasted(**changes)


@pytest.mark.parametrize("fields", [None, 7, [], "x", {}, {"text": 7}])
def test_fields_that_are_none_are_no_text(fields: Any) -> None:
    with pytest.raises(UsageError, match="there is no text"):
        list(read_pasted(fields, AddLimits()))


def test_a_pasted_text_is_never_read_as_json_or_as_a_file() -> None:
    hostile = '"}\n{"id": "stolen", "text": "x"}'
    found = pasted(text=hostile, title="../../etc/passwd", extra="x", id="stolen")
    assert isinstance(found, Article)
    assert found.text == hostile
    assert found.meta.id != "stolen"


def test_signs_alone_and_halves_of_characters_are_no_text() -> None:
    found = pasted(text="\ud800 … !")
    assert isinstance(found, SkippedItem)
    assert found.where == "the pasted text"
    json.dumps(found.reason)
