"""The Evaluation tab: which reports are saved, and the page of one of them, or of two compared."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from pullquote.eval.compare import compare_reports
from pullquote.eval.html import comparison_html, report_html
from pullquote.eval.report import headline_metrics, lower_is_better, metrics_of
from pullquote.eval.types import EvalReport, Metric, TaskReport
from pullquote.eval.wording import bar_text, bars_reached, count_text, interval_text, number_text, verdict_text
from pullquote.index.errors import UsageError
from pullquote.qa.render import date_text
from pullquote.ui.web.html import text
from pullquote.ui.web.report_files import ReportFile, Summary, read_file, report_files, summary

LISTED = 50
"""Files of a folder that are looked into: the newest."""
_TASKS, _SHORT = 3, 3
"""Tasks whose numbers a list shows, and metrics that it names as short of their bars."""
_NAME_CHARS, _TITLE_CHARS, _FACT_CHARS, _PROBLEM_CHARS = 200, 160, 80, 500
_OLDER = 8
"""Reports that one is offered to be compared with."""
_TO = ":"
_RENDERED = 2
_one_at_a_time = threading.Lock()  # a large report takes a second: who asks for it meanwhile gets the same page

_EMPTY = (
    '<p class="pq-empty">No reports are saved yet. To make one, run '
    "<code>pullquote eval run smoke --out build/eval/smoke.json</code> where pullquote ui was started:"
    " it takes under two minutes and needs no data.</p>"
)
_HEAD = (
    '<thead><tr><th scope="col">metric</th><th scope="col" class="pq-number">value</th>'
    '<th scope="col" class="pq-number">95 % interval</th><th scope="col">bar</th></tr></thead>'
)
_FRAME = (  # what is in it may run its own script, and reaches nothing of the page around it
    '<iframe id="pq-report" class="pq-frame" title="The report" sandbox="allow-scripts" referrerpolicy="no-referrer" hidden>'
    "</iframe>"
)
_REASON = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    "<title>pullquote: evaluation</title></head><body>{}</body></html>"
)


# -- the list -------------------------------------------------------------------------------------


def reports_html(folder: Path | None) -> str:
    """Return the saved reports of a folder, newest first, and the empty frame that one of them is read in."""
    try:
        files = [] if folder is None else report_files(folder)
    except UsageError as error:
        return _problem(str(error))
    found = [summary(file) for file in files[:LISTED]]
    good = [(one, one.report) for one in found if one.report is not None]
    items = "".join(
        _item(one, report, [older for older, _ in good[place:]], unfolded=place == 1)
        for place, (one, report) in enumerate(good, 1)
    )
    older = len(files) - len(found)
    more = f'<p class="pq-more">{count_text(older, "older file")} not listed.</p>' if older else ""
    listed = f'<h2>Saved reports</h2><ul class="pq-reports">{items}</ul>' if good else _EMPTY
    return f"{listed}{more}{_no_reports([one for one in found if one.report is None])}{_FRAME if good else ''}"


def _item(one: Summary, report: EvalReport, older: Sequence[Summary], unfolded: bool) -> str:
    name, address = text(one.file.name, _NAME_CHARS), quote(one.file.name, safe="")
    return (
        f'<li class="pq-report"><h3>{name}</h3><p class="pq-facts">{_facts(one, report)}</p>{_bars(report)}'
        f'<div class="pq-tools" role="group" aria-label="{name}">{_open_button(one.file.name, "Read")}'
        f'<a class="pq-link" href="/reports/{address}" target="_blank" rel="noopener">open in its own tab</a></div>'
        f"{_numbers(report, unfolded)}{_comparisons(one, older)}</li>"
    )


def _open_button(name: str, label: str) -> str:
    shown = text(label, _NAME_CHARS)
    return f'<button type="button" data-act="open-report" data-name="{text(name, 2 * _NAME_CHARS)}">{shown}</button>'


def _comparisons(one: Summary, older: Sequence[Summary]) -> str:
    """Return what a report can be compared with, case by case: those before it."""
    others = [other.file.name for other in older if other.questions and one.questions][:_OLDER]
    if not others:
        return ""
    buttons = "".join(f"<li>{_open_button(f'{other}{_TO}{one.file.name}', other)}</li>" for other in others)
    return f'<details class="pq-compare"><summary>Compare with an older one</summary><ul>{buttons}</ul></details>'


def _facts(one: Summary, report: EvalReport) -> str:
    made, written_by = one.file.made, [who for key in ("engine", "model") if isinstance(who := report.stamp.get(key), str)]
    when = f'<time datetime="{made:%Y-%m-%dT%H:%M:%SZ}">{date_text(made)}, {made:%H:%M} UTC</time>'
    ran = sum(task.skipped is None for task in report.tasks)
    asked = count_text(one.questions, "question") if one.questions else "numbers alone"
    return " · ".join([when, *(text(who, _FACT_CHARS) for who in written_by), count_text(ran, "task"), asked])


def _bars(report: EvalReport) -> str:
    """Return how many bars were reached, and which were not."""
    done, short = bars_reached(report)
    if not done and not short:
        return ""
    total = count_text(done + len(short), "bar")
    if not short:
        return f'<p class="pq-bars" data-verdict="reached">All of {total} reached</p>'
    named = ", ".join(text(f"{name.replace('_', ' ')} ({task.name})", _FACT_CHARS) for task, name in short[:_SHORT])
    more = f" and {len(short) - _SHORT} more" if len(short) > _SHORT else ""
    return f'<p class="pq-bars" data-verdict="short">{done} of {total} reached; short: {named}{more}</p>'


def _numbers(report: EvalReport, unfolded: bool) -> str:
    """Return the metrics that sum up the first tasks."""
    run = [task for task in report.tasks if task.skipped is None]
    rows = "".join(row for task in run[:_TASKS] for row in _rows(task))
    if not rows:
        return ""
    rest = f'<p class="pq-more">{count_text(len(run) - _TASKS, "more task")} in the report.</p>' if len(run) > _TASKS else ""
    table = f"<table>{_HEAD}{rows}</table>"
    return f'<details class="pq-numbers"{" open" if unfolded else ""}><summary>Main numbers</summary>{table}{rest}</details>'


def _rows(task: TaskReport) -> Iterator[str]:
    known = dict(metrics_of(task))
    yield f'<tbody><tr><th scope="rowgroup" colspan="4" dir="auto">{text(task.title, _TITLE_CHARS)}</th></tr>'
    for name in headline_metrics(task):
        yield _row(task, name, known[name])
    yield "</tbody>"


def _row(task: TaskReport, name: str, metric: Metric) -> str:
    low = ' <abbr title="better low">↓</abbr>' if lower_is_better(name) else ""
    bar = task.bars.get(name)
    verdict = "" if bar is None else verdict_text(name, metric.value, bar)
    reached = "" if bar is None else f"{bar_text(name, bar)} {verdict}"
    return (
        f'<tr><th scope="row">{text(name.replace("_", " "), _FACT_CHARS)}{low}</th>'
        f'<td class="pq-number">{number_text(metric.value)}</td><td class="pq-number">{interval_text(metric)}</td>'
        f'<td data-verdict="{verdict}">{reached}</td></tr>'
    )


def _no_reports(found: Sequence[Summary]) -> str:
    if not found:
        return ""
    items = "".join(f"<li>{text(one.problem, _PROBLEM_CHARS)}</li>" for one in found)
    title = f"{count_text(len(found), 'JSON file')} of the folder cannot be read as a report"
    return f'<details class="pq-unread"><summary>{title}</summary><ul>{items}</ul></details>'


# -- what the frame shows -------------------------------------------------------------------------


def report_page(folder: Path | None, name: str) -> str | None:
    """Return a saved report as a whole HTML page, or two compared where the name is ``BEFORE:AFTER``.

    Where they cannot be read or compared, the page says why; None where the folder has no file of that name.
    """
    try:
        files = _named(folder, name)
        with _one_at_a_time:
            return _page(files) if files else None
    except UsageError as error:
        return _REASON.format(_problem(str(error)))


def _named(folder: Path | None, name: str) -> tuple[ReportFile, ...]:
    """Return the file of that name, or the two whose names it is made of; none where the folder lists no such files."""
    files = {} if folder is None else {file.name: file for file in report_files(folder)}
    if name in files:
        return (files[name],)
    before, _, after = name.partition(_TO)
    return (files[before], files[after]) if before in files and after in files else ()


@lru_cache(maxsize=_RENDERED)
def _page(files: tuple[ReportFile, ...]) -> str:
    try:
        reports = [read_file(file) for file in files]
        if len(reports) == 1:
            return report_html(reports[0])
        return comparison_html(compare_reports(*reports), *(file.name for file in files))
    except (OverflowError, RecursionError):  # a number or a depth that no report of ours has
        named = " or ".join(file.name for file in files)
        raise UsageError(f"{named} is a damaged report: write it anew with pullquote eval run") from None


def _problem(reason: str) -> str:
    return f'<p class="pq-problem" role="alert">{text(reason, _PROBLEM_CHARS)}</p>'
