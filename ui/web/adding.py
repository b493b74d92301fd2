"""Articles that a reader drops on the page or pastes into it: read, checked, stored, with a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.articles import Item, bundled_articles, bundled_paths, read_articles
from pullquote.index.errors import PullquoteError, UsageError
from pullquote.index.types import IngestRow, SkippedItem
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.html import text
from pullquote.ui.web.library import article_button
from pullquote.ui.web.uploads import KINDS, LIMITS, NAME_CHARS, AddLimits, read_files, read_pasted

_REASON_CHARS = 300
_TOGETHER = 8
"""Articles that are stored at once; then the page hears of it."""


@dataclass(frozen=True, slots=True)
class AddState:
    """How far adding has come."""

    done: int = 0
    total: int | None = None
    """None: not known yet."""
    current: str = ""
    """What is being worked on; empty at the end."""
    rows: tuple[IngestRow, ...] = ()
    """One for each article, or for what could not become one, in the order they came."""
    problem: str = ""
    """Why it ended early, or what is wrong with the request; may be empty."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return not self.current

    def failed(self, problem: str) -> AddState:
        """Return the state as it ends with a problem; what was stored before stays."""
        return replace(self, problem=problem, current="")


def added(room: Newsroom, request: Any, limits: AddLimits = LIMITS) -> Iterator[str]:
    """Yield, as HTML, how far the page's request has come: ``{"kind": "files" | "text" | "bundled" | "refused", …}``."""
    known: Mapping[str, Any] = request if isinstance(request, dict) else {}
    states: Iterator[AddState]
    match known.get("kind"):
        case "files":
            states = add_files(room, known.get("files"), limits)
        case "text":
            states = add_text(room, known.get("fields"), limits)
        case "bundled":
            states = load_bundled(room)
        case "refused":
            states = add_files(room, [{"name": known.get("name")}], limits)
        case _:
            states = iter([AddState(problem="The page asked for something unknown: load it again.")])
    yield from map(rows_html, states)


def add_files(room: Newsroom, payload: Any, limits: AddLimits = LIMITS) -> Iterator[AddState]:
    """Take in files, ``[{"name": "a.md", "data": "<base64>"}]``, and yield how far it has come.

    One that is too large may stand there without its data. Nothing raises: what cannot be read becomes a row with the
    reason, what cannot be stored a state with the problem.
    """
    if not isinstance(payload, list) or not payload:
        yield AddState(problem="There was no file: drop text, Markdown, HTML or JSONL files here.")
        return
    yield from _stored(room, islice(read_files(payload, limits), limits.articles + 1), limits.articles)


def add_text(room: Newsroom, fields: Any, limits: AddLimits = LIMITS) -> Iterator[AddState]:
    """Take in a pasted text, ``{"title", "outlet", "url", "date", "authors", "text"}``, and yield how far it has come.

    Nothing raises, as in ``add_files``.
    """
    try:
        item = next(read_pasted(fields, limits))
    except UsageError as error:
        yield AddState(problem=f"Nothing was added: {error}.")
        return
    yield from _stored(room, iter([item]), 1)


def load_bundled(room: Newsroom) -> Iterator[AddState]:
    """Take in the articles that come with the package, and yield how far it has come; nothing raises."""
    yield from _stored(room, read_articles(bundled_paths(), bundled_articles()), LIMITS.articles)


# -- storing ------------------------------------------------------------------------------------------


def _stored(room: Newsroom, items: Iterator[Item], most: int) -> Iterator[AddState]:
    """Store the articles few by few, and yield a state before and after each few."""
    state = AddState(current="the files")
    yield state
    read: list[Item] = []
    for where, item in items:
        if len(read) == most:
            read.append((where, SkippedItem(where, f"at most {most} articles at once: this and what follows was left out")))
            break
        read.append((where, item))
    for start in range(0, len(read), _TOGETHER):
        part = read[start : start + _TOGETHER]
        state = replace(state, total=len(read), current=part[0][0])
        yield state
        try:
            rows = _rows(room, part)
        except (PullquoteError, OSError) as error:
            yield state.failed(f"Adding ended early: {error}. What was added before stays.")
            return
        state = replace(state, done=start + len(part), rows=(*state.rows, *rows))
    yield replace(state, total=len(read), current="", problem="" if read else "There was nothing to read in it.")


def _rows(room: Newsroom, part: Sequence[Item]) -> list[IngestRow]:
    """Store articles and return a row for each item, skipped ones among them, in their order."""
    articles = [item for _, item in part if not isinstance(item, SkippedItem)]
    report = iter(room.add(*articles).rows if articles else ())
    return [
        IngestRow("skipped", item.where, reason=item.reason)
        if isinstance(item, SkippedItem)
        else replace(next(report), where=where)
        for where, item in part
    ]


# -- showing ------------------------------------------------------------------------------------------


def rows_html(state: AddState) -> str:
    """Return how far adding has come: one line, and a row for each article."""
    rows = "".join(map(_row, state.rows))
    listed = f'<ul class="pq-added" aria-label="Added articles">{rows}</ul>' if rows else ""
    problem = f'<p class="pq-problem" role="alert">{text(state.problem, _REASON_CHARS)}</p>' if state.problem else ""
    return f"{_progress(state)}{problem}{listed}"


def _progress(state: AddState) -> str:
    if state.is_done:
        return f'<p class="pq-counts" role="status">{_summary(state.rows)}</p>' if state.rows else ""
    far = "" if state.total is None else f" {state.done:,} of {state.total:,}"
    measure = "" if state.total is None else f' value="{state.done}" max="{state.total}"'
    return (
        f'<p class="pq-status" role="status">Adding{far}: {text(state.current, NAME_CHARS)}</p>'
        f'<progress class="pq-progress" aria-label="Articles added"{measure}></progress>'
    )


def _summary(rows: Sequence[IngestRow]) -> str:
    statuses = ("added", "updated", "unchanged", "skipped", "failed")
    counts = [(status, sum(row.status == status for row in rows)) for status in statuses]
    return ", ".join(f"{count:,} {status}" for status, count in counts if count)


def _row(row: IngestRow) -> str:
    if row.article_id is None or row.status in ("skipped", "failed"):
        what = text(row.title or row.where, NAME_CHARS)
    else:
        what = article_button(row.article_id, row.title or row.where)
    more = text(row.reason, _REASON_CHARS) or (count_text(row.sentences, "sentence") if row.sentences else "")
    note = f' <span class="pq-note" dir="auto">{more}</span>' if more else ""
    status = f'<span class="pq-kind">{text(row.status)}</span>'
    return f'<li data-status="{text(row.status)}">{status} <span dir="auto">{what}</span>{note}</li>'


# -- the form -----------------------------------------------------------------------------------------

_FIELDS = (
    ("title", "Title", "text", ""),
    ("outlet", "Outlet", "text", ""),
    ("url", "Web address", "url", ' placeholder="https://"'),
    ("date", "Date of publication", "date", ""),
    ("authors", "Authors", "text", ""),
)
ADD_FORM = (
    '<section class="pq-add" aria-labelledby="pq-add"><h2 id="pq-add">Add articles</h2>'
    '<div class="pq-drop"><label for="pq-files">Drop files here, or choose them</label>'
    f'<input type="file" id="pq-files" multiple accept="{",".join(KINDS)}" aria-describedby="pq-files-note">'
    f'<p class="pq-note" id="pq-files-note">Text, Markdown, HTML or JSONL; at most {LIMITS.files} files and'
    f" {LIMITS.size_bytes // 1024**2} MB at once.</p></div>"
    '<details class="pq-paste"><summary>Paste a text</summary><form data-act="add-text">'
    + "".join(
        f'<div class="pq-field"><label for="pq-add-{name}">{label}</label>'
        f'<input type="{kind}" id="pq-add-{name}" name="{name}" maxlength="{LIMITS.field_chars}" autocomplete="off"{more}></div>'
        for name, label, kind, more in _FIELDS
    )
    + '<div class="pq-field pq-wide"><label for="pq-add-text">Text</label>'
    '<textarea id="pq-add-text" name="text" rows="8" required></textarea></div>'
    '<button type="submit" class="pq-button">Add the article</button></form></details></section>'
)
"""The place for files and the form for a text; always the same."""
