"""``pullquote eval``: what it prints, writes and refuses, and how it exits; with tasks that need no models."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pullquote.eval.report import read_report, write_report
from pullquote.eval.tasks import TASKS
from pullquote.eval.types import CaseResult, EvalReport, Metric, TaskReport
from pullquote.ui.cli import main

QUICK, SHAKY, NEEDY = (f"pullquote.eval.testing:{name}" for name in ("QUICK", "SHAKY", "NEEDY"))
HEAVY = {"llama_index.core", "gradio", "chromadb", "numpy", "onnxruntime", "tokenizers", "rich", "jinja2", "openai"}

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PULLQUOTE_DATA", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def evaluate(*words: str) -> int:
    return main(["eval", *words])


def run(*words: str) -> int:
    return evaluate("run", *words, "--build", "build", "--workers", "1")


def refusal(capsys: Captured, *words: str) -> str:
    """Return what a request that cannot be met says."""
    assert evaluate(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pullquote: ")
    assert captured.err.count("\n") == 1
    return captured.err


def report(scores: Sequence[float], error: str | None = None) -> EvalReport:
    cases = tuple(
        CaseResult(f"c{i}", f"a{i}", ("kw",), {"correct": s}, {"question": f"Who is {i}?", "expected": "Ida", "answer": "Olaf"})
        for i, s in enumerate(scores)
    )
    if error:
        cases += (CaseResult("c-bad", "a-bad", (), {}, {"question": "Who else?"}, error),)
    mean = sum(scores) / len(scores)
    metric = Metric(mean, mean - 0.1, mean + 0.1, len(scores), 1 if error else 0)
    floors = {"correct": {"lead_sentence": Metric(0.25, 0.2, 0.3, len(scores))}}
    task = TaskReport("quiz", "Who is who", {"correct": metric}, floors, {"correct": 0.5}, ("Made by hand.",), cases)
    skipped = TaskReport("other", "Not here", {}, {}, {}, (), (), skipped="needs other.jsonl")
    return EvalReport((task, skipped), {"commit": "abc", "seed": 1, "data": {"quiz.jsonl": "123"}}, {"quiz": {"seconds": 1.5}})


def saved(name: str, scores: Sequence[float], error: str | None = None) -> str:
    write_report(Path(name), report(scores, error))
    return name


# -- run ------------------------------------------------------------------------------------------


def test_run_prints_a_table_per_task_and_the_progress_apart(capsys: Captured) -> None:
    assert run(QUICK, NEEDY) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "fake: Scores by chance, for tests"
    assert lines[1].split() == ["METRIC", "VALUE", "95", "%", "INTERVAL", "CASES", "BAR", "TRIVIAL", "SYSTEMS"]
    assert lines[2].split() == ["score", "0.458", "0.020", "–", "0.906", "12", "≥", "0.400", "reached", "half", "0.500"]
    assert "  not run: needs nowhere in the folder named with --data" in lines
    assert captured.err.splitlines()[0].startswith("fake: 12 of 12 cases")
    assert captured.err.splitlines()[1].startswith("needy: skipped: needs nowhere")


def test_run_as_json_prints_the_report_alone(capsys: Captured) -> None:
    assert run(QUICK, "--json", "--sample", "4", "--out", "report.json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["results"]["fake"]["score"]["n"] == 4
    assert value["stamp"]["sample"] == 4
    assert value == json.loads(Path("report.json").read_text(encoding="utf-8"))


def test_run_writes_json_html_and_markdown_and_says_so(capsys: Captured) -> None:
    assert run(QUICK, "--out", "new/report.json", "--html", "new/report.html", "--markdown", "new/report.md") == 0
    assert capsys.readouterr().out.splitlines()[-3:] == ["wrote new/report.json", "wrote new/report.html", "wrote new/report.md"]
    assert read_report(Path("new/report.json")).tasks[0].name == "fake"
    assert "<html" in Path("new/report.html").read_text(encoding="utf-8")
    assert Path("new/report.md").read_text(encoding="utf-8").startswith("# ")


def test_two_runs_write_the_same_results(capsys: Captured) -> None:
    assert run(QUICK, "--out", "one.json") == 0
    assert run(QUICK, "--out", "two.json", "--fresh") == 0
    one, two = (json.loads(Path(name).read_text(encoding="utf-8")) for name in ("one.json", "two.json"))
    assert {**one, "timings": None} == {**two, "timings": None}
    assert Path("build/stores/ran.log").read_text(encoding="utf-8").count("\n") == 24


def test_run_exits_with_3_when_cases_fail_and_names_an_error(capsys: Captured) -> None:
    assert run(QUICK, SHAKY) == 3
    assert "! 1 case failed with an error, such as ValueError: nothing known of Question 3?" in capsys.readouterr().out


def test_run_exits_with_3_when_no_task_has_its_data(capsys: Captured) -> None:
    assert run(NEEDY) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a task"),
        (["nonsense"], "there is no task 'nonsense': there are"),
        (["nowhere:TASK"], "'nowhere:TASK' cannot be loaded (ModuleNotFoundError"),
        (["pullquote.eval.testing:fake_engine"], "is no task"),
        ([QUICK, "pullquote.eval.testing:FakeTask"], "two of the tasks are called"),
        ([QUICK, "--engine", "magic"], "there is no engine 'magic': give extractive or llm, or module:function"),
        ([QUICK, "--engine", "nowhere:engine"], "'nowhere:engine' cannot be loaded"),
        ([QUICK, "--engine", "pullquote.eval.testing:QUICK"], "is not a function"),
        ([QUICK, "--data", "nowhere"], "there is no folder nowhere"),
        ([QUICK, "--out", "file/report.json"], "cannot write file/report.json"),
        ([QUICK, "--html", "."], "cannot write ."),
        (["--cases", "absent.jsonl"], "there is no case file"),
        (["--cases", "file"], "holds no cases"),
        ([QUICK, "--workers", "0"], "--workers"),
        ([QUICK, "--sample", "few"], "--sample"),
        ([QUICK, "--usd-per-million", "0.15"], "not two prices, such as 0.15,0.60"),
        ([QUICK, "--usd-per-million", "-1,2"], "--usd-per-million"),
        ([QUICK, "--judge"], "set OPENAI_API_KEY, or OPENAI_BASE_URL"),
    ],
)
def test_a_run_that_cannot_be_is_refused_in_one_line(capsys: Captured, words: list[str], said: str) -> None:
    Path("file").write_text("", encoding="utf-8")
    if "pullquote.eval.testing:FakeTask" in words:
        words = [QUICK, "mine:TASK"]
        Path("mine.py").write_text("from pullquote.eval.testing import FakeTask\nTASK = FakeTask()\n", encoding="utf-8")
    assert said in refusal(capsys, "run", *words)
    assert not Path("build").exists()


def test_cases_over_a_store_that_is_not_there_exit_with_4(capsys: Captured) -> None:
    Path("cases.jsonl").write_text('{"question": "Who reopened the bridge?"}\n', encoding="utf-8")
    assert run("--cases", "cases.jsonl", "--store", "nowhere") == 4
    assert "there is no store at" in capsys.readouterr().err


def test_an_engine_and_a_task_of_ones_own_are_found_in_the_current_folder(capsys: Captured) -> None:
    source = (
        "from pullquote.eval.testing import FakeTask\nTASK = FakeTask('own')\ndef engine(store, leave_out): ...\nprint('hello')\n"
    )
    Path("my_evaluation.py").write_text(source, encoding="utf-8")
    assert run("my_evaluation:TASK", "--engine", "my_evaluation:engine", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert list(value["results"]) == ["own"]
    assert value["stamp"]["engine"] == "my_evaluation:engine"


# -- list -----------------------------------------------------------------------------------------


def test_list_names_every_task_and_whether_its_data_is_here(capsys: Captured) -> None:
    Path("empty").mkdir()
    assert evaluate("list", "--data", "empty", "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert [task["name"] for task in value["tasks"]] == list(TASKS)
    assert all(task["missing"] == task["needs"] for task in value["tasks"])
    assert evaluate("list", "--data", "empty") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["TASK", "DATA", "WHAT", "IT", "MEASURES"]
    assert [line.split()[0] for line in lines[1 : 1 + len(TASKS)]] == list(TASKS)


# -- show -----------------------------------------------------------------------------------------


def test_show_prints_the_tables_of_a_report(capsys: Captured) -> None:
    assert evaluate("show", saved("r.json", [1, 1, 0, 1], "KeyError: 'x'")) == 0
    text = capsys.readouterr().out
    assert "quiz: Who is who" in text
    assert "0.750  0.650 – 0.850  4, 1 not scored  ≥ 0.500 reached  lead sentence 0.250" in text
    assert "! 1 case failed with an error, such as KeyError: 'x'" in text
    assert "· Made by hand." in text
    assert "not run: needs other.jsonl" in text
    assert "commit abc" in text


def test_show_prints_failed_cases_when_asked_to(capsys: Captured) -> None:
    assert evaluate("show", saved("r.json", [1, 0, 0, 0], "KeyError: 'x'"), "--failures", "2", "--task", "quiz") == 0
    text = capsys.readouterr().out
    assert "other" not in text
    assert "    question  Who is 1?\n    expected  Ida\n    answer    Olaf\n    scores    correct 0.000\n" in text
    assert "Who is 2?" in text
    assert "Who is 0?" not in text
    assert "Who is 3?" not in text


def test_show_as_json_prints_the_task_that_is_asked_for(capsys: Captured) -> None:
    assert evaluate("--json", "show", saved("r.json", [1, 0]), "--task", "quiz") == 0
    value = json.loads(capsys.readouterr().out)
    assert list(value["titles"]) == ["quiz"]
    assert len(value["cases"]["quiz"]) == 2


def test_a_report_can_do_nothing_to_the_terminal(capsys: Captured) -> None:
    evil = TaskReport("\x1b[31mquiz", "a\nb\x07", {}, {}, {}, ("\x1b]0;x\x07note",), ())
    write_report(Path("r.json"), EvalReport((evil,), {"commit": "\x1b[2J"}, {}))
    assert evaluate("show", "r.json") == 0
    assert not {"\x1b", "\x07"} & set(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "absent.json"], "absent.json"),
        (["show", "text.json"], "text.json is no report"),
        (["show", "r.json", "--task", "nix"], "the report has no task 'nix': it has other, quiz"),
        (["compare", "r.json", "absent.json"], "absent.json"),
        (["compare", "r.json"], "the following arguments are required: B"),
        (["measure"], "invalid choice: 'measure'"),
        ([], "the following arguments are required: ACTION"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(capsys: Captured, words: list[str], said: str) -> None:
    saved("r.json", [1, 0])
    Path("text.json").write_text("hello", encoding="utf-8")
    assert said in refusal(capsys, *words)


# -- compare --------------------------------------------------------------------------------------


def test_compare_exits_with_1_when_something_got_significantly_worse(capsys: Captured) -> None:
    good, bad = saved("good.json", [1] * 30), saved("bad.json", [0] * 20 + [1] * 10)
    assert evaluate("compare", good, bad) == 1
    assert "correct" in capsys.readouterr().out
    assert evaluate("compare", bad, good) == 0
    assert evaluate("compare", good, good) == 0


def test_compare_exits_with_3_when_a_task_is_not_there_any_more(capsys: Captured) -> None:
    good = report([1] * 30)
    other = TaskReport("other", "Here", {}, {}, {}, (), (CaseResult("x", "x", (), {"correct": 1.0}),))
    write_report(Path("more.json"), EvalReport((good.tasks[0], other), good.stamp, {}))
    assert evaluate("compare", "more.json", saved("less.json", [1] * 30)) == 3
    assert "other was not run for the second report" in capsys.readouterr().out


def test_reports_on_other_data_are_compared_when_forced_only(capsys: Captured) -> None:
    first = saved("first.json", [1, 0] * 10)
    text = Path(first).read_text(encoding="utf-8").replace('"quiz.jsonl": "123"', '"quiz.jsonl": "456"')
    Path("second.json").write_text(text, encoding="utf-8")
    assert "the data of quiz.jsonl is not the same" in refusal(capsys, "compare", first, "second.json")
    assert evaluate("compare", first, "second.json", "--force") == 0


def test_compare_as_json(capsys: Captured) -> None:
    assert evaluate("compare", saved("a.json", [1] * 30), saved("b.json", [0] * 30), "--json") == 1
    value = json.loads(capsys.readouterr().out)
    assert value["significant_regressions"] == [["quiz", "correct"]]


# -- as a whole -----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["run", "list", "show", "compare"])
def test_every_action_has_help_and_takes_json(action: str, capsys: Captured) -> None:
    assert evaluate(action, "--help") == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["eval"], ["eval", "--help"], ["eval", "run", "--help"]], ids=" ".join)
def test_help_and_usage_errors_pull_nothing_heavy(words: list[str]) -> None:
    code = f"import sys\nfrom pullquote.ui.cli import main\nmain({words!r})\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY.intersection(done.stderr.split())


def test_list_show_and_compare_load_no_models() -> None:
    saved("r.json", [1, 0])
    code = (
        "import sys\nfrom pullquote.ui.cli import main\n"
        "main(['eval', 'list'])\nmain(['eval', 'show', 'r.json'])\nmain(['eval', 'compare', 'r.json', 'r.json'])\n"
        "print('onnxruntime' in sys.modules, 'chromadb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
