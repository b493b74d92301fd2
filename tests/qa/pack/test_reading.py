"""Reading a pack from a file: what was written comes back, and what is no pack is one clear line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.errors import UsageError
from pullquote.qa.pack.reading import MAX_BYTES, read_pack, saved_pack
from tests.qa.pack.conftest import Town


@pytest.mark.parametrize("name", ["pack", "refused"])
def test_what_was_written_comes_back_from_both_forms(town: Town, name: str, tmp_path: Path) -> None:
    pack = getattr(town, name)
    for text in (pack.json(), pack.html()):
        (tmp_path / "file").write_text(text, encoding="utf-8")
        saved = read_pack(tmp_path / "file")
        assert saved.pack == pack
        assert saved.sha256 == pack.sha256
        assert (saved.page is None) == text.startswith("{")


def test_line_ends_and_a_byte_order_mark_make_no_difference(town: Town, tmp_path: Path) -> None:
    for text in (town.pack.json(), town.pack.html()):
        (tmp_path / "file").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        saved = read_pack(tmp_path / "file")
        assert saved.pack == town.pack
        assert saved.page in (None, town.pack.html())


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for name, part in inside for way in ((*at, name), *paths(part, (*at, name)))]


def changed(content: Any, way: tuple[Any, ...], new: Any, drop: bool = False) -> Any:
    """Return a JSON value in which one value is another one, or gone."""
    copy = json.loads(json.dumps(content))
    place = copy
    for name in way[:-1]:
        place = place[name]
    if drop:
        del place[way[-1]]
    else:
        place[way[-1]] = new
    return copy


ODD = st.sampled_from([None, True, -1, 0, 2**70, 1.5, "", "x", "\ud800", "2026-13-40T25:00:00Z", [], [[]], [None], {}, {"a": 1}])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_kind_of_value_stands_anywhere_it_is_read_or_refused_in_one_line(town: Town, data: st.DataObject) -> None:
    content = json.loads(data.draw(st.sampled_from([town.pack, town.refused])).json())
    way = data.draw(st.sampled_from(paths(content)))
    text = json.dumps(changed(content, way, data.draw(ODD), drop=data.draw(st.booleans())))
    assert "\n" not in reason_against(text)


def reason_against(text: str) -> str:
    """Return why a text is no pack, or that it is one."""
    try:
        saved_pack(text)
    except ValueError as error:
        return str(error)
    return "none"


@pytest.mark.parametrize("way", [
    ("schema",), ("made_at",), ("pullquote",), ("answer",), ("articles",), ("citations",), ("page_sha256",), ("sha256",),
    ("answer", "question"), ("answer", "sentences"), ("answer", "status"), ("answer", "scope"), ("answer", "coverage", "sources"),
    ("answer", "sentences", 0, "support", "verdict"), ("articles", 0, "text_sha256"), ("articles", 0, "authors"),
    ("citations", 0, "start"), ("citations", 0, "quote"), ("citations", 0, "before"),
])  # fmt: skip
def test_what_is_needed_and_missing_or_of_another_kind_is_named(town: Town, way: tuple[Any, ...]) -> None:
    content = json.loads(town.pack.json())
    for text in (json.dumps(changed(content, way, None, drop=True)), json.dumps(changed(content, way, 7.5))):
        with pytest.raises(ValueError, match=str(way[-1])):
            saved_pack(text)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no pack in it"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "it is not UTF-8"),
        (b"<html><p>Hello</p></html>", "there is no pack in it"),
        (b"{", "it is not JSON"),
        (b"{}", "the pack.sha256 is missing"),
        (b"[]", "there is no pack in it"),
        (b'{"question": "who?", "status": "answered"}', "the pack.sha256 is missing"),
        (b'{"sha256": "' + b"0" * 64 + b'", "schema": "pullquote-pack/2"}', "its schema is not pullquote-pack/1"),
        (b'{"a": 1, "a": 2}', "a name stands twice"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b'{"a": -Infinity}', "-Infinity is no number of JSON"),
        (b'{"a": 1e999}', "a number in it is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "4300"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_in_one_line(data: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        read_pack(file)
    assert str(caught.value).startswith(f"{file} is no evidence pack: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_packs_in_one_page_are_none(town: Town) -> None:
    with pytest.raises(ValueError, match="more than one pack"):
        saved_pack(town.pack.html() + town.refused.html())


def test_a_number_of_a_citation_that_is_not_there_is_no_pack(town: Town) -> None:
    content = json.loads(town.pack.json())
    with pytest.raises(ValueError, match="its answer cites 99"):
        saved_pack(json.dumps(changed(content, ("answer", "sentences", 0, "citations", 0, "n"), 99)))
    content["citations"] += content["citations"]
    with pytest.raises(ValueError, match="two of its citations have the same number"):
        saved_pack(json.dumps(content))


def test_a_file_that_cannot_be_read_or_is_far_too_large_is_refused(tmp_path: Path) -> None:
    for file, reason in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory"), (Path("a\0b"), "null")):
        with pytest.raises(UsageError, match=f"cannot read .*{reason}"):
            read_pack(file)
    large = tmp_path / "large"
    with large.open("wb") as handle:
        handle.truncate(MAX_BYTES + 1)
    with pytest.raises(UsageError, match="larger than 20 MB"):
        read_pack(large)
