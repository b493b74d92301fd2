"""Case files, written by hand and by us."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.cases import read_cases, write_cases
from pullquote.eval.types import EvalCase, Gold
from pullquote.index.errors import UsageError
from pullquote.index.types import Span

CASE = EvalCase("1", "Who reopened the bridge?", "Ada Pell", (Gold("bridge", Span(3, 9)),), cluster="bridge")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_question_is_enough(tmp_path: Path) -> None:
    assert read_cases(written(tmp_path, '{"question": "Who reopened the bridge?"}')) == [
        EvalCase("line-1", "Who reopened the bridge?", None)
    ]


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    record = {
        "id": "desk-1", "question": "Who reopened the bridge?", "reference_answer": "Ada Pell",
        "as_of": "2026-01-31T18:00:00+01:00",
        "gold": [{"article_id": "bridge", "start": 3, "end": 9}], "tags": ["desk", "who"], "cluster": "bridges",
    }  # fmt: skip
    (case,) = read_cases(written(tmp_path, json.dumps(record)))
    assert case == EvalCase(
        "desk-1", "Who reopened the bridge?", "Ada Pell", (Gold("bridge", Span(3, 9)),),
        datetime(2026, 1, 31, 17, tzinfo=UTC), ("desk", "who"), "bridges",
    )  # fmt: skip


def test_comments_and_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "# ours", "", '{"question": "Who?"}', "   ", "  # theirs", ' {"question": "When?"} ', "")
    assert [(case.id, case.question) for case in read_cases(path)] == [("line-3", "Who?"), ("line-6", "When?")]


def test_files_of_other_editors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes('\ufeff{"question": "Who?"}\r\n{"question": "Wer öffnete\u2028die Brücke?"}\r\n'.encode())
    assert [case.question for case in read_cases(path)] == ["Who?", "Wer öffnete\u2028die Brücke?"]


def test_null_means_left_out(tmp_path: Path) -> None:
    record = dict.fromkeys(("id", "reference_answer", "as_of", "cluster"))
    assert read_cases(written(tmp_path, json.dumps(record | {"question": "Who?"}))) == [EvalCase("line-1", "Who?", None)]


def test_gold_alone_makes_a_case_answerable_and_clusters_it(tmp_path: Path) -> None:
    gold = '"gold": [{"article_id": "b", "start": 0, "end": 1}, {"article_id": "a", "start": 0, "end": 1}]'
    lone, grouped = read_cases(
        written(tmp_path, f'{{"question": "Who?", {gold}, "cluster": ""}}', f'{{"question": "Who?", {gold}}}')
    )
    assert grouped.answerable
    assert (lone.cluster, grouped.cluster) == ("", "b")


@pytest.mark.parametrize(
    ("as_of", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, 23, 59, 59, 999999, UTC)),  # the day's own articles are there
        ("2026-01-31T18:00", datetime(2026, 1, 31, 18, tzinfo=UTC)),
        ("2026-01-31 18:00:30Z", datetime(2026, 1, 31, 18, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_day_is_meant_to_its_end(tmp_path: Path, as_of: str, moment: datetime) -> None:
    (case,) = read_cases(written(tmp_path, json.dumps({"question": "Who?", "as_of": as_of})))
    assert case.as_of == moment


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", r"this is not JSON \(.* at character 2\); write one object on one line"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("3", "the line is 3; write an object with the keys id, question,"),
        ('{"reference_answer": "Ada"}', "there is no question; write it"),
        ('{"question": null}', "question is null; write a text"),
        ('{"question": " "}', "question is blank; fill it in"),
        ('{"question": ["Who?"]}', r'question is \["Who\?"\]; write a text in quotation marks'),
        ('{"question": "Who\\ud800?"}', "question has half a character"),
        ('{"question": "Who?", "answer": "Ada"}', "unknown key 'answer' in the line; known are id, question,"),
        ('{"question": "Who?", "question": "When?"}', "the key 'question' is there twice; keep one"),
        ('{"question": "Who?", "reference_answer": ""}', "reference_answer is blank"),
        ('{"question": "Who?", "reference_answer": false}', "reference_answer is false; write a text"),
        ('{"question": "Who?", "id": 7}', "id is 7; write a text"),
        ('{"question": "Who?", "tags": "desk"}', 'tags is "desk"; write a list'),
        ('{"question": "Who?", "tags": ["desk", 1]}', "a tag is 1; write a text"),
        ('{"question": "Who?", "gold": {}}', "gold is {}; write a list"),
        (
            '{"question": "Who?", "gold": ["bridge"]}',
            'an item of gold is "bridge"; write an object with the keys article_id, start, end',
        ),
        ('{"question": "Who?", "gold": [{"article_id": "b", "from": 1}]}', "unknown key 'from' in an item of gold"),
        ('{"question": "Who?", "gold": [{"start": 0, "end": 1}]}', "article_id is null; write a text"),
        ('{"question": "Who?", "gold": [{"article_id": "b", "start": 0}]}', "end of gold is null; write a whole number"),
        (
            '{"question": "Who?", "gold": [{"article_id": "b", "start": 0.0, "end": 1}]}',
            "start of gold is 0.0; write a whole number",
        ),
        ('{"question": "Who?", "gold": [{"article_id": "b", "start": true, "end": 2}]}', "start of gold is true"),
        ('{"question": "Who?", "gold": [{"article_id": "b", "start": 9, "end": 9}]}', "gold from 9 to 9 is no span"),
        ('{"question": "Who?", "gold": [{"article_id": "b", "start": -1, "end": 9}]}', "gold from -1 to 9 is no span"),
        ('{"question": "Who?", "as_of": "31.1.2026"}', r'as_of is "31\.1\.2026"; write a day \(2026-01-31\) or a time'),
        ('{"question": "Who?", "as_of": "2026-02-30"}', "as_of is .*; write a day"),
        ('{"question": "Who?", "as_of": "2026-01-31T25:00"}', "as_of is .*; write a day"),
        ('{"question": "Who?", "as_of": 1769817600}', "as_of is 1769817600; write a text"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, '{"question": "Who?"}', "", line)
    with pytest.raises(UsageError, match=said) as told:
        read_cases(path)
    assert str(told.value).startswith(f"{path}, line 3: ")
    assert len(str(told.value).splitlines()) == 1


def test_two_cases_cannot_have_one_id(tmp_path: Path) -> None:
    path = written(tmp_path, '{"question": "Who?", "id": "line-3"}', "", '{"question": "When?"}')
    with pytest.raises(UsageError, match="line 3: line 1 has the id 'line-3', too; give each case its own, or none"):
        read_cases(path)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes('{"question": "Wer öffnete die Brücke?"}'.encode("latin-1"))
    with pytest.raises(UsageError, match="line 1: this is not UTF-8; save the file as UTF-8"):
        read_cases(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.jsonl", r"there is no case file .*absent\.jsonl"),
        (".", "cannot be read"),
        ("cases.jsonl", "holds no cases; write one"),
    ],
)
def test_a_file_without_cases_is_told(tmp_path: Path, name: str, said: str) -> None:
    written(tmp_path, "# nothing yet")
    with pytest.raises(UsageError, match=said):
        read_cases(tmp_path / name)


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([], "there are no cases to write"),
        ([CASE, CASE], "two cases have the id '1'"),
        ([EvalCase("1", " ", None)], "the case '1' cannot be written: question is blank"),
        ([EvalCase("1", "Who\ud800?", None)], "the case '1' cannot be written"),
        ([EvalCase("1", "Who?", None, extra={"choices": ["Ada"]})], "no place for all of it"),
        ([EvalCase("1", "Who?", None, as_of=datetime(2026, 1, 31))], "no place for all of it"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(tmp_path: Path, cases: list[EvalCase], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        write_cases(tmp_path / "cases.jsonl", cases)
    assert not (tmp_path / "cases.jsonl").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_cases(tmp_path / "absent" / "cases.jsonl", [CASE])


def test_what_is_written_is_easy_to_edit(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases.jsonl", [EvalCase("0", "Wer öffnete die Brücke?", None), CASE])
    assert (tmp_path / "cases.jsonl").read_text(encoding="utf-8").splitlines() == [
        '{"id": "0", "question": "Wer öffnete die Brücke?", "reference_answer": null}',
        '{"id": "1", "question": "Who reopened the bridge?", "reference_answer": "Ada Pell", '
        '"gold": [{"article_id": "bridge", "start": 3, "end": 9}]}',
    ]


texts = st.text(min_size=1).filter(lambda text: bool(text.strip()))
spans = st.tuples(st.integers(0, 10**6), st.integers(1, 10**4)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
zones = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1601, 1, 1), datetime(2199, 12, 30), timezones=zones)
eval_cases = st.builds(
    EvalCase,
    id=texts,
    question=texts,
    reference_answer=st.none() | texts,
    gold=st.lists(st.builds(Gold, article_id=texts, span=spans), max_size=3).map(tuple),
    as_of=st.none() | moments,
    tags=st.lists(texts, max_size=3).map(tuple),
    cluster=st.just("") | texts,
    extra=st.just({}),
)


@given(st.lists(eval_cases, min_size=1, max_size=4, unique_by=lambda case: case.id))
def test_what_is_written_is_read_back(cases: list[EvalCase]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_cases(Path(folder) / "cases.jsonl", cases)
        assert read_cases(Path(folder) / "cases.jsonl") == cases


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(["id", "question", "reference_answer", "gold", "as_of", "tags", "cluster", "article_id", "start", "end"])


@given(st.lists(st.dictionaries(keys, json_values, max_size=5).map(json.dumps) | st.text(), max_size=3))
def test_whatever_a_file_holds_it_is_read_or_refused(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.jsonl"
        path.write_bytes("\n".join(lines).encode())
        try:
            cases = read_cases(path)
        except UsageError:
            return
        assert all(case.question.strip() for case in cases)
