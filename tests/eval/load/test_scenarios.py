"""How numbers become bars that are reached or not, and what answers may not be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from pullquote.eval.load.readers import BUSY, Asked, all_at_once
from pullquote.eval.load.scenarios import crowd, overload
from pullquote.eval.load.slow_model import SlowModel
from pullquote.qa.llm.choice import chosen_model
from pullquote.qa.llm.types import Deadline, Request
from pullquote.qa.settings import AskSettings


class Scripted:
    """A reader whose questions end as told, one after the other."""

    def __init__(self, number: int, *ends: dict[str, Any]) -> None:
        self.number = number
        self._ends = list(ends)

    def ask(self, question: str) -> Asked:
        end = {"answer": {"question": question, "engine": "llm"}, **self._ends.pop(0)}
        return Asked(self.number, question, 0.0, end.pop("took_s", 1.0), 0.1, **end)


def refused(**more: Any) -> dict[str, Any]:
    return {"answer": None, "error": BUSY, "took_s": 0.2, **more}


def test_a_crowd_that_is_answered_soon_reaches_its_bars() -> None:
    found = crowd([Scripted(i, {"took_s": i / 10}) for i in range(11)], ["Who?"])
    assert (found.n, found.broken) == (11, ())
    assert found.numbers["p50_s"] == 0.5
    assert found.numbers["p95_s"] == pytest.approx(0.95)
    assert found.numbers["queue_p95_s"] == 0.1


@pytest.mark.parametrize(
    ("end", "bar"),
    [
        ({"answer": None, "error": "no such thing"}, "errors: 1, such as 'no such thing'"),
        (refused(), "errors: 1, such as 'busy'"),
        ({"answer": {"question": "Why?", "engine": "llm"}}, "mixed_up: 1, such as 'Who?'"),
        ({"answer": {"question": "Who?", "engine": "extractive"}}, "hardly_asked: 1, such as 'the model wrote 1 answers'"),
        ({"answer": {"question": "Who?", "engine": "llm", "fallback": "no reply"}}, "errors: 1, such as 'no reply'"),
        ({"took_s": 200.0}, "p95_s 190.05 > 6"),
    ],
)
def test_a_crowd_in_which_one_is_not_answered_well_does_not(end: dict[str, Any], bar: str) -> None:
    found = crowd([Scripted(0, {}), Scripted(1, end)], ["Who?"])
    assert found.broken[0] == bar


def test_of_too_many_those_who_are_told_at_once_are_no_error() -> None:
    found = overload([Scripted(0, {}, {}), Scripted(1, refused())], ["Who?"])
    assert found.broken == ()
    assert (found.numbers["taken"], found.numbers["refused"], found.numbers["busy_p95_s"]) == (1, 1, 0.2)


@pytest.mark.parametrize(
    ("readers", "bar"),
    [
        ([Scripted(0, {}, {}), Scripted(1, refused(took_s=3.0))], "busy_p95_s 3.00 > 1"),
        ([Scripted(0, {}, {}), Scripted(1, {})], "busy_p95_s 60.00 > 1"),
        ([Scripted(0, {}, {"took_s": 20.0}), Scripted(1, refused())], "probe_s 20.00 > 6"),
        ([Scripted(0, {}, {"answer": None, "error": "gone"}), Scripted(1, refused())], "errors: 1, such as 'gone'"),
    ],
    ids=["told late", "nobody is refused", "slow afterwards", "gone afterwards"],
)
def test_of_too_many_all_else_is(readers: list[Scripted], bar: str) -> None:
    assert overload(readers, ["Who?"]).broken[0] == bar


def test_a_reader_who_is_never_done_is_an_error_and_holds_nobody_up() -> None:
    def work(reader: Any) -> Iterator[Asked]:
        yield Asked(reader.number, "first", 0.0, 0.0)
        time.sleep(60 if reader.number else 0)

    began = time.monotonic()
    asked = all_at_once([Scripted(0), Scripted(1)], work, 0.5)
    assert time.monotonic() - began < 30
    assert sorted(one.error for one in asked) == ["", "", "not done after 0 s"]


def test_the_slow_model_repeats_the_first_sentence_it_is_shown_and_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with SlowModel(0.3) as slow:
        for name, value in slow.settings.items():
            monkeypatch.setenv(name, value)
        model = chosen_model(AskSettings.from_env(), None)
        request = Request("Rules", "BEGIN x\n[1] (Wire, 1 Oct 2026) The bridge is open.\n[2] (Wire) No.\nEND x")
        began = time.monotonic()
        assert model.complete(request, Deadline(20)).text == "The bridge is open. [1]."
        assert time.monotonic() - began >= 0.3
        assert "".join(model.stream(request, Deadline(20))) == "The bridge is open. [1]."
