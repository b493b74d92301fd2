"""The stamp of a run names what decides its numbers, and nothing of the machine it ran on."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pullquote import __version__
from pullquote.eval.engines import extractive, llm
from pullquote.eval.judge import Judge
from pullquote.eval.stamp import stamp, task_key
from pullquote.eval.testing import FakeTask, fake_setup
from pullquote.eval.types import AnswerFn
from pullquote.index.errors import SettingsError
from pullquote.index.store import Store
from pullquote.qa.weights import weights_hash


def other_engine(store: Store, leave_out: Collection[str]) -> AnswerFn:
    raise NotImplementedError


@dataclass(frozen=True)
class Maker:
    label: str

    def __call__(self) -> Judge:
        raise NotImplementedError


def test_a_judge_decides_results_and_nothing_changes_without_one(tmp_path: Path) -> None:
    plain, task = fake_setup(tmp_path), FakeTask()
    found = [stamp(replace(plain, judge=judge), [task]) for judge in (None, Maker("x (judge-1)"), Maker("y (judge-1)"))]
    assert ["judge" in one for one in found] == [False, True, True]
    assert found[1]["judge"] == "x (judge-1)"
    assert len({task_key(one, task) for one in found}) == 3


def test_the_language_model_that_answers_decides_results_and_its_key_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup, task = replace(fake_setup(tmp_path), engine=llm), FakeTask()
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        stamp(setup, [task])
    found = []
    for model, key in (("small", "sk-1234567890"), ("small", "sk-0987654321"), ("large", "sk-1234567890")):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        monkeypatch.setenv("PULLQUOTE_MODEL", model)
        found.append(stamp(setup, [task]))
    assert found[0]["model"].startswith("small ")
    assert "sk-" not in json.dumps(found)
    assert task_key(found[0], task) == task_key(found[1], task) != task_key(found[2], task)


def test_a_stamp_names_code_data_models_settings_and_seed(tmp_path: Path) -> None:
    (tmp_path / "data" / "news").mkdir(parents=True)
    (tmp_path / "data" / "news" / "a.txt").write_text("a")
    found = stamp(replace(fake_setup(tmp_path, 5), engine=extractive), [FakeTask(needs=("news",)), FakeTask("b", needs=("no",))])
    assert (found["version"], found["weights"], found["engine"]) == (__version__, weights_hash(), "extractive")
    assert (found["sample"], found["seed"], found["tasks"]) == (5, 1, {"fake": 1, "b": 1})
    assert list(found["data"]) == ["news"]
    assert "bge-small-en-v1.5-int8" in found["models"]
    assert all(found[name] for name in ("code", "settings", "libraries"))


def test_a_stamp_is_the_same_again_and_holds_no_path_of_the_machine(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text("{}\n")
    task, setup = FakeTask(needs=(str(cases),)), fake_setup(tmp_path)
    text = json.dumps(stamp(setup, [task]), sort_keys=True)
    assert text == json.dumps(stamp(setup, [task]), sort_keys=True)
    assert str(tmp_path) not in text
    assert '"cases.jsonl"' in text


def test_tasks_of_one_run_do_not_share_a_key_and_do_not_decide_each_others(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "quiz.jsonl").write_text("{}\n")
    setup, one, two = fake_setup(tmp_path), FakeTask("one"), FakeTask("two", needs=("quiz.jsonl",))
    both = stamp(setup, [one, two])
    assert task_key(both, one) == task_key(stamp(setup, [one]), one)
    assert len({task_key(both, one), task_key(both, two), task_key(both, replace(one, version=2))}) == 3
    assert task_key(stamp(replace(setup, engine=other_engine), [one]), one) != task_key(both, one)
