"""Where the data sets are, their hash, and what is said of records that are not as expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pullquote.eval.datasets import data_folder, folder_hash
from pullquote.eval.datasets.files import json_records, jsonl_records, text_id
from pullquote.index.errors import UsageError


def claim(row: dict[str, str]) -> str:
    return row["claim"].strip()


def test_the_folder_is_the_one_given_then_the_one_in_the_environment(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.delenv("PULLQUOTE_DATA", raising=False)
    assert data_folder() == checkout.parent / "shared" / "data"
    monkeypatch.setenv("PULLQUOTE_DATA", "elsewhere")
    assert data_folder() == Path("elsewhere")
    assert data_folder(Path("here")) == Path("here")


def test_a_hash_changes_with_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = folder_hash(tmp_path)
    assert before == folder_hash(tmp_path)
    (tmp_path / "a").write_text("2")
    assert folder_hash(tmp_path) != before
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "b").write_text("1")
    assert folder_hash(tmp_path) != before


def test_the_same_parts_get_the_same_id() -> None:
    assert text_id("set", "a", "b") == text_id("set", "a", "b")
    assert len({text_id("set", "a", "b"), text_id("set", "ab"), text_id("other", "a", "b")}) == 3


def test_records_come_in_order_without_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"claim": " A is one. "}\r\n\n{"claim": "B\xe2\x80\xa8is two."}')
    assert list(jsonl_records(path, claim)) == ["A is one.", "B\u2028is two."]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b'{"text": "x"}', "there is no 'claim'"),
        (b'{"claim": 3}', "has no attribute 'strip'"),
        (b"[]", "not as expected"),
        (b'{"claim": "\xff"}', "codec can't decode"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"claim": "A is one."}\n' + line + b"\n")
    with pytest.raises(UsageError) as told:
        list(jsonl_records(path, claim))
    assert str(told.value).startswith(f"{path}, line 2: ")
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_wrong_record_of_a_json_file_is_counted_from_one(write: Callable[..., Path]) -> None:
    path = write("a.json", {"data": [{"claim": "A is one."}, {}]})
    with pytest.raises(UsageError, match=r"a\.json, record 2: there is no 'claim'"):
        list(json_records(path, claim, lambda whole: whole["data"]))
    with pytest.raises(UsageError, match=r"a\.json: there is no 'rows'"):
        list(json_records(path, claim, lambda whole: whole["rows"]))


@pytest.mark.parametrize("name", ["", "absent.jsonl"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be read .*; name the folder of the data sets"):
        list(jsonl_records(tmp_path / name, claim))
