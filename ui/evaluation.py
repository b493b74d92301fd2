"""``pullquote eval``: run measurements, look at their reports, compare two of them.

What is heavy is imported where it is used: the parser is built for every verb.
"""

from __future__ import annotations

import argparse
import os
import sys
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.errors import ItemError, UsageError
from pullquote.ui.arguments import path, positive, two_prices
from pullquote.ui.tables import print_json, table, text_width

if TYPE_CHECKING:
    from pullquote.eval.judge import JudgeMaker
    from pullquote.eval.tasks.base import Task
    from pullquote.eval.types import EvalReport

REGRESSED = 1

_EXAMPLES = """\
  pullquote eval list                                   which tasks there are, and whether their data is here
  pullquote eval run attribution --data DIR --sample 50 a first look at one of them
  pullquote eval run --all --data DIR --out new.json    all of them, with a report to keep
  pullquote eval run --cases mine.jsonl --store DIR     questions of your own over your own articles
  pullquote eval show new.json --failures 5             a report in the terminal, with what went wrong
  pullquote eval compare old.json new.json              what got better and worse: exits with 1 if something got worse
"""
_RUN = """\
Run tasks and print what they come to: every number with its 95 % interval and what trivial systems reach.

A task asks questions of which the right answer is known. Its data is a folder or file below --data; a task whose data is
not there is skipped. Cases are shared between processes, and finished ones are kept: when a run is interrupted or killed,
the same command goes on where it was. Results do not depend on the number of processes.
"""
_RUN_MORE = """\
A line of a --cases file is a question with what is right; reference_answer null says that nothing answers it:

  {"question": "Who reopened the bridge?", "reference_answer": "Ada Pell", "tags": ["desk"]}
  {"question": "What did it cost?", "gold": [{"article_id": "bridge", "start": 120, "end": 171}]}
  {"question": "Who painted it?", "reference_answer": null}

--judge asks the language model that OPENAI_API_KEY, or OPENAI_BASE_URL, leads to, once a WiCE claim in the task grounding and
for each cited sentence in the task citation. What it says decides nothing, and is reported apart, as judge_*.

exit codes: 0 done · 2 usage or settings · 3 some cases failed, or no task had its data · 4 a store cannot be used
            5 a model cannot be used · 130 interrupted
"""
_COMPARE = """\
Compare two reports case by case and print what got better and worse in B, with tests for pairs and all of them taken
together. Exits with 1 if something got worse and chance does not explain it, so it can guard a branch:

  pullquote eval run --all --data DIR --out new.json && pullquote eval compare main.json new.json

exit codes: 0 nothing got worse · 1 something did · 2 the reports cannot be compared · 3 a task of A was not run for B
"""


def add_actions(parser: argparse.ArgumentParser) -> None:
    """Give the verb ``eval`` its actions."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"examples:\n{_EXAMPLES}"
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)

    def action(name: str, text: str, described: str = "", more: str = "") -> argparse.ArgumentParser:
        sub = actions.add_parser(
            name,
            help=text,
            description=described or f"{text[0].upper()}{text[1:]}.",
            epilog=more,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        # No defaults: those would overrule what stands before the action.
        store = "the store that --cases asks" if name == "run" else argparse.SUPPRESS
        sub.add_argument("--store", metavar="DIR", type=path, default=argparse.SUPPRESS, help=store)
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
        return sub

    data = "folder of the data sets (default: PULLQUOTE_DATA)"
    run = action("run", "run tasks and print what they come to", _RUN, _RUN_MORE)
    run.add_argument(
        "tasks", metavar="TASK", nargs="*", help="a name from pullquote eval list, or module:name of a task of yours"
    )
    run.add_argument("--all", action="store_true", help="run all tasks")
    run.add_argument("--data", metavar="DIR", type=path, help=data)
    run.add_argument("--cases", metavar="FILE", type=path, help="run the questions in a JSONL file of yours")
    run.add_argument("--out", metavar="FILE", type=path, help="write the report as JSON: for show and compare")
    run.add_argument("--html", metavar="FILE", type=path, help="write the report as one HTML page")
    run.add_argument("--markdown", metavar="FILE", type=path, help="write the report as Markdown")
    run.add_argument("--summary", metavar="FILE", type=path, help="write the numbers alone as JSON: no text of any article")
    run.add_argument("--sample", metavar="N", type=positive, help="only so many cases of each task, evenly spread")
    run.add_argument("--workers", metavar="N", type=positive, help="processes that share the cases (default: one per core)")
    run.add_argument("--fresh", action="store_true", help="start over: drop the finished cases that were kept")
    run.add_argument(
        "--engine", metavar="NAME", default="extractive", help="what is measured: extractive, llm, or module:function"
    )
    run.add_argument("--judge", action="store_true", help="ask a language model about support, too: the one in the environment")
    run.add_argument(
        "--usd-per-million", metavar="PROMPT,COMPLETION", type=two_prices, help="prices of a million tokens: costs are reported"
    )
    run.add_argument("--build", metavar="DIR", type=path, help="where stores and finished cases are kept between runs")
    listing = action("list", "list the tasks, and whether their data is here")
    listing.add_argument("--data", metavar="DIR", type=path, help=data)
    show = action("show", "show a report in the terminal")
    show.add_argument("report", metavar="REPORT", type=path, help="a file written with --out")
    show.add_argument("--task", metavar="TASK", help="only this task")
    show.add_argument("--failures", metavar="N", type=positive, default=0, help="show so many failed cases of each task, too")
    compare = action("compare", "compare two reports; exit with 1 if something got worse", _COMPARE)
    compare.add_argument("first", metavar="A", type=path, help="the report to compare with")
    compare.add_argument("second", metavar="B", type=path, help="the report that should be no worse")
    compare.add_argument("--force", action="store_true", help="compare even though the reports are of different data")


def evaluate(options: Namespace) -> int:
    """Do what the action says."""
    return {"run": _run, "list": _list, "show": _show, "compare": _compare}[options.action](options)


# -- run ------------------------------------------------------------------------------------------


def _run(options: Namespace) -> int:
    from pullquote.eval.engines import find_engine
    from pullquote.eval.metrics.costs import Prices
    from pullquote.eval.progress import progress_on_stderr
    from pullquote.eval.runner import run
    from pullquote.eval.tasks.base import Setup

    with redirect_stdout(sys.stderr):  # whatever an engine prints: stdout is the report's
        engine, tasks, build = find_engine(options.engine), _chosen(options), _build_folder(options.build)
        for file in filter(None, (options.out, options.summary, options.html, options.markdown)):
            _check_writable(file)
        setup = Setup(_data(options.data), build / "stores", engine, options.sample, judge=_judge(options))
        prices, work = Prices(*options.usd_per_million) if options.usd_per_million else None, build / "eval"
        progress = progress_on_stderr()
        report = run(tasks, setup, work=work, workers=options.workers, progress=progress, fresh=options.fresh, prices=prices)
    written = _write(report, options)
    if options.json:
        from pullquote.eval.report import report_to_json

        print_json(report_to_json(report))
    else:
        from pullquote.ui.scores import report_lines

        print("\n".join([*report_lines(report, text_width()), *(["", *written] if written else [])]))
    failed = any(case.error is not None for task in report.tasks for case in task.cases)
    return ItemError.exit_code if failed or all(task.skipped is not None for task in report.tasks) else 0


def _judge(options: Namespace) -> JudgeMaker | None:
    """Return what makes the language model's judge, if one is wanted. Raises ``UsageError`` when the environment has none."""
    if not options.judge:
        return None
    from pullquote.eval.judging import environment_judge  # loads libraries that nothing else here needs

    return environment_judge()


def _chosen(options: Namespace) -> list[Task]:
    """Return the tasks that the command line names."""
    from pullquote.eval.tasks import TASKS

    tasks = dict(TASKS) if options.all else {}
    tasks |= {name: _task(name) for name in options.tasks}
    chosen = list(tasks.values())
    if options.cases:
        chosen.append(_case_file(options.cases.absolute(), options.store))
    if not chosen:
        raise UsageError(f"nothing to run: name a task ({', '.join(TASKS)}), or --all, or --cases FILE")
    names = [task.name for task in chosen]
    if len(set(names)) < len(names):
        raise UsageError(f"two of the tasks are called {max(names, key=names.count)}: run them apart")
    return chosen


def _case_file(cases: Path, store: Path | None) -> Task:
    """Return the task of a case file, once both can be read."""
    from pullquote.eval.cases import read_cases
    from pullquote.index.settings import default_store
    from pullquote.qa.newsroom import Newsroom

    folder = (store or default_store()).absolute()
    read_cases(cases)
    Newsroom.open(folder, create=False).close()
    from pullquote.eval.tasks.casefile import CaseFileTask

    return CaseFileTask(cases, folder)


def _task(name: str) -> Task:
    from pullquote.eval.engines import load_object
    from pullquote.eval.tasks import TASKS

    hint = f"there are {', '.join(TASKS)}, and module:name of a task of yours"
    task: Task
    if name in TASKS:
        return TASKS[name]
    if ":" not in name:
        raise UsageError(f"there is no task {name!r}: {hint}")
    task = load_object(name, "the task", hint)
    if not all(hasattr(task, part) for part in ("name", "title", "needs", "version", "cases", "prepare", "session", "report")):
        raise UsageError(f"{name!r} is no task: {hint}")
    return task


def _data(given: Path | None) -> Path:
    from pullquote.eval.datasets.files import data_folder

    if given is not None and not given.is_dir():
        raise UsageError(f"there is no folder {given}: name the one with the data sets")
    return data_folder(given).absolute()


def _build_folder(given: Path | None) -> Path:
    """Return where stores and finished cases are kept: in a checkout its build folder, else the user's cache."""
    from platformdirs import user_cache_path

    house = Path(__file__).resolve().parent.parent
    own = house / "build" if (house / "pyproject.toml").is_file() else user_cache_path("pullquote")
    return given.absolute() if given else own


def _check_writable(file: Path) -> None:
    """Refuse now what could not be written at the end of a long run."""
    folder = next(place for place in file.absolute().parents if place.exists())
    if file.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(f"cannot write {file}: name a file in a folder you may write to")


def _write(report: EvalReport, options: Namespace) -> list[str]:
    """Write the files that were asked for; return a line for each."""
    from pullquote.eval.html import report_html
    from pullquote.eval.markdown import report_markdown
    from pullquote.eval.report import report_text, summary_text, write_text

    formats = (
        (options.out, report_text),
        (options.summary, summary_text),
        (options.html, report_html),
        (options.markdown, report_markdown),
    )
    asked = [(file, text) for file, text in formats if file]
    for file, text in asked:
        write_text(file, text(report))
    return [f"wrote {file}" for file, _ in asked]


# -- list, show, compare --------------------------------------------------------------------------


def _list(options: Namespace) -> int:
    from pullquote.eval.tasks import TASKS

    data = _data(options.data)
    lacking = {name: [need for need in task.needs if not (data / need).exists()] for name, task in TASKS.items()}
    if options.json:
        tasks = [
            {"name": name, "title": TASKS[name].title, "needs": TASKS[name].needs, "missing": lacking[name]} for name in TASKS
        ]
        print_json({"data": str(data), "tasks": tasks})
    else:
        rows = [(name, f"needs {', '.join(gone)}" if gone else "here", TASKS[name].title) for name, gone in lacking.items()]
        print("\n".join([*table([("TASK", "DATA", "WHAT IT MEASURES"), *rows]), "", f"data folder: {data}"]))
    return 0


def _show(options: Namespace) -> int:
    from pullquote.eval.report import read_report, report_to_json
    from pullquote.ui.scores import only_task, report_lines

    report = only_task(read_report(options.report), options.task)
    if options.json:
        print_json(report_to_json(report))
    else:
        print("\n".join(report_lines(report, text_width(), options.failures)))
    return 0


def _compare(options: Namespace) -> int:
    from pullquote.eval.compare import compare_reports, comparison_markdown, comparison_to_json
    from pullquote.eval.report import read_report

    comparison = compare_reports(read_report(options.first), read_report(options.second), force=options.force)
    if options.json:
        print_json(comparison_to_json(comparison))
    else:
        print(comparison_markdown(comparison).rstrip())
    if comparison.significant_regressions:
        return REGRESSED
    return ItemError.exit_code if comparison.lost_tasks else 0
