"""A day's tokens, counted over processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pullquote.index.errors import BudgetExceeded, SettingsError
from pullquote.qa.llm.budget import BudgetedModel
from pullquote.qa.llm.types import Completion, Deadline, Request
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings
from pullquote.qa.testing import ScriptedModel

REQUEST = Request("Answer.", "Who?")
SAID = Completion("Ada Brandt.", "complete", 90, 10)


def budgeted(folder: Path, limit: int = 250) -> BudgetedModel:
    return BudgetedModel(ScriptedModel([SAID]), folder / "spending", limit)


def test_the_model_is_asked_until_the_day_s_tokens_are_spent(tmp_path: Path) -> None:
    model = budgeted(tmp_path)
    for _ in range(3):
        assert model.complete(REQUEST, Deadline(5)).text == "Ada Brandt."
    with pytest.raises(BudgetExceeded, match="300 tokens were spent today, and PULLQUOTE_TOKENS_PER_DAY is 250"):
        model.complete(REQUEST, Deadline(5))
    with pytest.raises(BudgetExceeded):
        next(budgeted(tmp_path).stream(REQUEST, Deadline(5)))
    assert budgeted(tmp_path, 301).complete(REQUEST, Deadline(5)).text == "Ada Brandt."


def test_streams_count_too_also_those_that_nobody_reads_to_the_end(tmp_path: Path) -> None:
    model = budgeted(tmp_path)
    assert "".join(model.stream(REQUEST, Deadline(5))) == "Ada Brandt."
    assert model.spent() == 100
    stream = model.stream(REQUEST, Deadline(5))
    next(stream)
    stream.close()
    assert 100 < model.spent() < 200


def test_threads_count_together_and_yesterday_is_forgotten(tmp_path: Path) -> None:
    model = budgeted(tmp_path, 10_000)
    (tmp_path / "spending").mkdir()
    (tmp_path / "spending" / "2001-02-03.txt").write_text("999\n")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: model.complete(REQUEST, Deadline(5)), range(40)))
    assert model.spent() == 4_000
    assert len(list((tmp_path / "spending").iterdir())) == 1


def test_what_cannot_be_counted_is_not_spent(tmp_path: Path) -> None:
    (tmp_path / "spending").write_text("a file")
    model = budgeted(tmp_path)
    with pytest.raises(BudgetExceeded, match="cannot be counted"):
        model.complete(REQUEST, Deadline(5))


def test_a_room_keeps_to_its_budget_and_answers_from_the_articles_then(tmp_path: Path) -> None:
    settings = AskSettings.from_env({"PULLQUOTE_TOKENS_PER_DAY": "100"})
    with Newsroom.open(tmp_path / "store", asking=settings, model=ScriptedModel([SAID])) as room:
        assert isinstance(room.model, BudgetedModel)
        assert room.model.name == "scripted"
        room.model.complete(REQUEST, Deadline(5))
        with pytest.raises(BudgetExceeded):
            room.model.complete(REQUEST, Deadline(5))
    with pytest.raises(SettingsError, match="PULLQUOTE_TOKENS_PER_DAY"):
        AskSettings.from_env({"PULLQUOTE_TOKENS_PER_DAY": "0"})
