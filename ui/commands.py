"""What each verb of the terminal does: one function per verb, each returns its exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pullquote.index.articles import count_items
from pullquote.index.errors import ItemError
from pullquote.index.types import IngestReport, IngestRow
from pullquote.qa.json_form import iso_time
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import answer_text, date_text, display_text
from pullquote.ui.arguments import ask_settings, chosen_scope
from pullquote.ui.checking import check
from pullquote.ui.evaluation import evaluate
from pullquote.ui.keeping import backup, compact, export, import_articles, rebuild, reindex, restore
from pullquote.ui.listing import list_articles, remove, show
from pullquote.ui.progress import reading
from pullquote.ui.quoting import find_quote
from pullquote.ui.saying import said
from pullquote.ui.tables import MAX_ID_CHARS, may_color, padded, print_json, text_width

_STATUSES, _ID_COLUMNS = ("added", "updated", "unchanged", "skipped"), 49

# -- articles in and out --------------------------------------------------------------------------


def add(options: Namespace) -> int:
    """Take in articles; print a row for each and a summary."""
    empty = [IngestRow("skipped", p, reason=f"no articles found in {p}") for p in options.paths if count_items([p]) == 0]
    with (
        Newsroom.open(options.store) as room,
        row_printer(options.paths, options.json) as take,
        reading(room.store),
    ):
        for row in empty:
            take(row)
        report = IngestReport.joined([IngestReport(tuple(empty)), room.add(*options.paths, progress=take)])
    if options.json:
        counts = {status: report.count(status) for status in _STATUSES}
        print_json({"rows": [asdict(row) for row in report.rows], **counts, "embedded_chunks": report.embedded_chunks})
    else:
        print(_summary(report))
    return ItemError.exit_code if report.count("skipped") or not report.rows else 0


@contextmanager
def row_printer(paths: list[Any], quiet: bool) -> Iterator[Callable[[IngestRow], None]]:
    """Give a function that prints a row: at once, or after the progress bar where stderr is a terminal."""

    def show_row(row: IngestRow) -> None:
        if not quiet:
            print(_row_line(row))

    if not sys.stderr.isatty():
        yield show_row
        return
    from rich.console import Console
    from rich.progress import Progress

    held: list[IngestRow] = []
    try:
        with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
            task = bar.add_task("adding articles", total=count_items(paths))

            def hold(row: IngestRow) -> None:
                held.append(row)
                bar.advance(task)

            yield hold
    finally:
        for row in held:
            show_row(row)


def _row_line(row: IngestRow) -> str:
    if row.status in ("skipped", "failed"):
        reason = row.reason or "no reason given"
        what = reason if row.where in reason else f"{row.where}: {reason}"
        return f"{row.status:<9}  {display_text(what, 1000)}"
    count = f"{row.sentences:>4} sentence{' ' if row.sentences == 1 else 's'}" if row.sentences else " " * 14
    title = display_text(row.title or "", 60)
    return f"{row.status:<9}  {padded(display_text(row.article_id or '', MAX_ID_CHARS), _ID_COLUMNS)}  {count}  {title}".rstrip()


def _summary(report: IngestReport) -> str:
    counts = [f"{report.count(status):,} {status}" for status in _STATUSES if report.count(status)]
    embedded = report.embedded_chunks
    return f"{', '.join(counts) or 'no articles found'}; {embedded:,} chunk{'' if embedded == 1 else 's'} embedded"


# -- questions ------------------------------------------------------------------------------------


def ask(options: Namespace) -> int:
    """Answer a question, or show what a language model would be told."""
    question, scope = " ".join(options.question), chosen_scope(options)
    with Newsroom.open(options.store, create=False, asking=ask_settings(options)) as room:
        if options.show_prompt:
            request = room.prompt(question, scope=scope)
            print(f"{request.system}\n\n{request.user}")
            return 0
        answer = room.ask(question, room.conversation(options.after, scope=scope), scope=scope)
        if options.pack:
            from pullquote.ui.packs import write_pack

            write_pack(room, answer, options.pack)
    if options.json:
        print_json(answer.to_dict())
    else:
        print(answer_text(answer, text_width(), may_color(), options.evidence))
    return 1 if options.fail_on_abstain and answer.status == "abstained" else 0


def verify(options: Namespace) -> int:
    """Check an evidence pack."""
    from pullquote.ui.packs import verify as check_pack

    return check_pack(options)


# -- the store as a whole -------------------------------------------------------------------------


def stats(options: Namespace) -> int:
    """Count what the store holds."""
    with Newsroom.open(options.store, create=False) as room:
        store, counted = room.store, room.store.catalog.stats()
        model = store.catalog.model()
        size_bytes, unread = store.size_bytes(), store.catalog.unread_among()
    if options.json:
        names = "articles", "sentences", "chunks", "versions", "statements", "undated", "future"
        facts = {name: getattr(counted, name) for name in names} | {"unread": unread}
        times = {name: iso_time(getattr(counted, name)) for name in ("oldest", "newest", "last_ingest")}
        sources = [{"source": name, "articles": n} for name, n in counted.sources]
        print_json({"store": str(store.folder), **facts, "sources": sources, **times, "model": model, "size_bytes": size_bytes})
        return 0
    numbers = {name: f"{getattr(counted, name):,}" for name in ("articles", "versions", "sentences", "chunks", "statements")}
    rows = {
        "store": str(store.folder),
        **numbers,
        **({"unread": f"{unread:,} articles not read for statements yet"} if unread else {}),
        "published": f"{date_text(counted.oldest)} to {date_text(counted.newest)}" if counted.newest else "-",
        "undated": f"{counted.undated:,}",
        **({"future": f"{counted.future:,} dated in the future"} if counted.future else {}),
        "last added": date_text(counted.last_ingest) if counted.last_ingest else "-",
        "embedding": model or "-",
        "size": f"{size_bytes / 1e6:,.1f} MB",
        "outlets": f"{len(counted.sources):,}",
    }
    lines = [f"{name:<10}  {display_text(value)}" for name, value in rows.items()]
    print("\n".join([*lines, *(f"{n:>10,}  {display_text(name, 60)}" for name, n in counted.sources)]))
    return 0


def demo(options: Namespace) -> int:
    """Ask four questions over the bundled articles."""
    from pullquote.ui.demo import run_demo

    return run_demo(options.store, options.json)


def ui(options: Namespace) -> int:
    """Open the store in the browser."""
    from pullquote.ui.web.server import serve

    return serve(options)


VERBS: dict[str, Callable[[Namespace], int]] = {
    "add": add,
    "ask": ask,
    "verify": verify,
    "said": said,
    "find-quote": find_quote,
    "ui": ui,
    "list": list_articles,
    "show": show,
    "remove": remove,
    "stats": stats,
    "check": check,
    "backup": backup,
    "restore": restore,
    "export": export,
    "import": import_articles,
    "rebuild": rebuild,
    "reindex": reindex,
    "compact": compact,
    "eval": evaluate,
    "demo": demo,
}
