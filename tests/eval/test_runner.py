"""A run ends well whatever happens on the way: cases that raise or kill, runs that are killed, processes side by side."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pullquote.eval.progress import Progress
from pullquote.eval.runner import run
from pullquote.eval.tasks.base import Setup, spread
from pullquote.eval.testing import FakeTask, fake_setup
from pullquote.eval.types import EvalReport, TaskReport
from pullquote.eval.workers import TaskFailed
from pullquote.index.errors import UsageError

RUN = """
import signal
import sys
from pathlib import Path
from pullquote.eval.progress import Lines
from pullquote.eval.runner import run
from pullquote.eval.testing import FakeTask, fake_setup

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs tests in the background may ignore it
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    task = FakeTask(n=20, seconds=0.15)
    report = run([task], fake_setup(folder), work=folder / "work", workers=workers, progress=Lines(sys.stderr))
    print(report.tasks[0].metrics["score"].n)
"""


def run_one(task: FakeTask, folder: Path, workers: int = 1, setup: Setup | None = None, **options: bool) -> TaskReport:
    report = run([task], setup or fake_setup(folder), work=folder / "work", workers=workers, **options)
    assert isinstance(report, EvalReport)
    return report.tasks[0]


def ran(folder: Path) -> list[str]:
    """The cases that were run, in order, over all runs in this folder."""
    log = folder / "build" / "ran.log"
    return log.read_text(encoding="utf-8").split() if log.exists() else []


def journal_of(folder: Path) -> Path:
    (found,) = (folder / "work").rglob("*.jsonl")
    return found


# -- results --------------------------------------------------------------------------------------


def test_every_case_has_a_result_in_the_order_of_the_cases(tmp_path: Path) -> None:
    report = run_one(FakeTask(), tmp_path)
    assert [case.case_id for case in report.cases] == [f"case-{i:02}" for i in range(12)]
    assert report.metrics["score"].n == 12
    assert all(case.error is None and case.seconds > 0 for case in report.cases)


def test_results_are_the_same_for_one_process_and_for_several(tmp_path: Path) -> None:
    task = FakeTask(failing=("case-05",), seconds=0.01)
    alone = run_one(task, tmp_path / "alone")
    together = run_one(task, tmp_path / "together", workers=3)
    assert together == alone
    assert ran(tmp_path / "alone") == sorted(ran(tmp_path / "together"))


def test_a_case_that_raises_is_a_result_with_its_error_in_one_line(tmp_path: Path) -> None:
    report = run_one(FakeTask(failing=("case-02",)), tmp_path)
    failed = report.cases[2]
    assert failed.error == "ValueError: nothing known of Question 2?"
    assert failed.scores == {}
    assert failed.cluster == "cluster-0"
    assert failed.detail["raised_at"].startswith("testing.py:")
    assert (report.metrics["score"].n, report.metrics["score"].n_unscored) == (11, 1)


def test_timings_have_the_seconds_of_the_task_and_percentiles_of_its_cases(tmp_path: Path) -> None:
    report = run([FakeTask(n=4, seconds=0.02)], fake_setup(tmp_path), work=tmp_path / "work", workers=1)
    timing = report.timings["fake"]
    assert 0.02 <= timing["p50_s"] <= timing["p95_s"] <= timing["seconds"]


def test_a_task_without_its_data_is_skipped_and_says_what_it_needs(tmp_path: Path) -> None:
    tasks = [FakeTask("needy", needs=("news", "quiz.jsonl")), FakeTask("other")]
    (tmp_path / "data" / "news").mkdir(parents=True)
    report = run(tasks, fake_setup(tmp_path), work=tmp_path / "work", workers=1)
    assert [task.skipped for task in report.tasks] == ["needs quiz.jsonl in the folder named with --data", None]
    assert list(report.timings) == ["other"]


def test_a_sample_is_spread_evenly_and_keeps_the_order() -> None:
    assert spread(range(100), 4) == [0, 25, 50, 75]
    assert spread(range(5), 3) == [0, 1, 3]
    assert spread(range(3), 8) == [0, 1, 2]
    assert spread(range(3), None) == [0, 1, 2]


# -- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path, workers: int) -> None:
    script = tmp_path / "script.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path), str(workers)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while len(ran(tmp_path)) < 6:
            time.sleep(0.02)
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    kept = {json.loads(line)["result"]["case_id"] for line in journal_of(tmp_path).read_text().splitlines()}
    assert 3 <= len(kept) < 20
    time.sleep(0.5)  # processes that are left over see that they are alone
    before = len(ran(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "20\n"
    assert kept.isdisjoint(ran(tmp_path)[before:])
    assert len(ran(tmp_path)[before:]) == 20 - len(kept)
    assert done.stderr.startswith("fake: 20 of 20 cases")
    whole = run_one(FakeTask(n=20, seconds=0.15), tmp_path)
    assert whole == run_one(FakeTask(n=20), tmp_path / "other")


def test_a_run_that_is_done_runs_nothing_again(tmp_path: Path) -> None:
    first = run_one(FakeTask(), tmp_path)
    assert run_one(replace(FakeTask(), broken="prepare"), tmp_path) == first
    assert len(ran(tmp_path)) == 12


def test_a_torn_last_line_is_run_again_and_the_next_line_is_whole(tmp_path: Path) -> None:
    first = run_one(FakeTask(), tmp_path)
    journal = journal_of(tmp_path)
    journal.write_bytes(journal.read_bytes()[:-40])
    assert run_one(FakeTask(), tmp_path) == first
    assert ran(tmp_path)[12:] == ["case-11"]
    assert run_one(FakeTask(), tmp_path) == first
    assert len(ran(tmp_path)) == 13


def test_rubbish_in_the_kept_cases_is_passed_over(tmp_path: Path) -> None:
    first = run_one(FakeTask(), tmp_path)
    journal = journal_of(tmp_path)
    journal.write_text('[]\n{}\n{"elapsed_s": "long"}\n\n' + journal.read_text(), encoding="utf-8")
    assert run_one(FakeTask(), tmp_path) == first
    assert len(ran(tmp_path)) == 12


def test_cases_that_failed_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        run_one(FakeTask(failing=("case-03",)), tmp_path)
    assert ran(tmp_path)[12:] == ["case-03"]


def test_fresh_starts_over(tmp_path: Path) -> None:
    for _ in range(2):
        run_one(FakeTask(), tmp_path, fresh=True)
    assert len(ran(tmp_path)) == 24


@pytest.mark.parametrize("what", ["seed", "sample", "version", "data", "engine"])
def test_results_are_not_kept_when_something_changes_that_decides_them(tmp_path: Path, what: str) -> None:
    task, setup = FakeTask(needs=("news.txt",)), fake_setup(tmp_path)
    setup.data.mkdir()
    (setup.data / "news.txt").write_text("old")
    run_one(task, tmp_path, setup=setup)
    if what == "data":
        (setup.data / "news.txt").write_text("new")
    changed = {"seed": {"seed": 2}, "sample": {"sample": 11}, "engine": {"engine": run_one}}.get(what, {})
    run_one(replace(task, version=2) if what == "version" else task, tmp_path, setup=replace(setup, **changed))
    assert len(ran(tmp_path)) == (23 if what == "sample" else 24)


def test_an_edited_case_runs_again_and_the_others_do_not(tmp_path: Path) -> None:
    first = run_one(FakeTask(), tmp_path)
    journal = journal_of(tmp_path)
    lines = journal.read_text().splitlines()
    edited = json.loads(lines[4]) | {"digest": "0" * 16}
    journal.write_text("\n".join([*lines[:4], json.dumps(edited), *lines[5:]]) + "\n")
    assert run_one(FakeTask(), tmp_path) == first
    assert ran(tmp_path)[12:] == ["case-04"]


def test_an_interrupt_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    told: list[str] = []

    class Impatient(Progress):
        def __init__(self) -> None:
            self.steps = 0

        def say(self, line: str) -> None:
            told.append(line)

        def step(self) -> None:
            self.steps += 1
            if self.steps == 5:
                raise KeyboardInterrupt

    for workers in (1, 2):
        folder = tmp_path / str(workers)
        with pytest.raises(KeyboardInterrupt):
            run([FakeTask()], fake_setup(folder), work=folder / "work", workers=workers, progress=Impatient())
        assert told.pop() == "fake: 5 of 12 cases are done and kept: the same command goes on there"
        assert run_one(FakeTask(), folder).metrics["score"].n == 12


def test_ctrl_c_ends_all_processes_at_once_and_without_a_trace(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(RUN.replace("0.15", "30.0"), encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path), "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while len(ran(tmp_path)) < 2:
            time.sleep(0.02)
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, err = process.communicate(timeout=25)  # a case would take 30 seconds
    assert "fake: 0 of 20 cases are done and kept: the same command goes on there" in err
    assert err.count("Traceback") == 1  # the script's own: it lets the interrupt through


# -- processes that die ---------------------------------------------------------------------------


def test_a_case_whose_process_dies_once_is_run_again_in_another(tmp_path: Path) -> None:
    report = run_one(FakeTask(fragile=("case-04",)), tmp_path, workers=2)
    assert all(case.error is None for case in report.cases)
    assert sorted(ran(tmp_path)) == sorted([*(f"case-{i:02}" for i in range(12)), "case-04"])


def test_a_case_that_kills_every_process_is_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    report = run_one(FakeTask(deadly=("case-00", "case-11")), tmp_path, workers=2)
    errors = {case.case_id: case.error for case in report.cases if case.error}
    assert list(errors) == ["case-00", "case-11"]
    assert set(errors.values()) == {"ProcessDied: the process ended twice while it ran this case (killed by signal 9)"}
    assert report.metrics["score"].n == 10


def test_processes_that_die_while_they_are_set_up_end_the_task(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match=r"its processes end while they are set up \(killed by signal 9\): if memory is short"):
        run_one(FakeTask(broken="start"), tmp_path, workers=2)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_cannot_be_set_up_is_named_with_the_reason(tmp_path: Path, workers: int) -> None:
    for broken, reason in (("prepare", "ValueError: nothing to build from"), ("session", "LookupError: no such model")):
        with pytest.raises(TaskFailed) as caught:
            run_one(FakeTask(broken=broken), tmp_path, workers=workers)
        assert str(caught.value).startswith(f"the task fake cannot be run: {reason} (at testing.py:")


def test_an_engine_that_cannot_travel_to_other_processes_is_a_usage_error(tmp_path: Path) -> None:
    setup = replace(fake_setup(tmp_path), engine=lambda store, without: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(UsageError, match="make it a function or class of a module, or use one worker"):
        run_one(FakeTask(), tmp_path, workers=2, setup=setup)
    assert run_one(FakeTask(), tmp_path, setup=setup).metrics["score"].n == 12


def test_two_cases_of_one_id_are_refused(tmp_path: Path) -> None:
    class Twins(FakeTask):
        def cases(self, setup: Setup):  # type: ignore[no-untyped-def]
            return [*super().cases(setup)[:1] * 2]

    with pytest.raises(TaskFailed, match="two cases have the id 'case-00'"):
        run_one(Twins(), tmp_path)
