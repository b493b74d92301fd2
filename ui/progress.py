"""How far a long run is: on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pullquote.index.store import Store

_MANY = 500
"""So many articles take some time to be read for statements."""


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Give a function that is called with how many are done, of how many if that is known by then."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done, known: progress.update(task, completed=done, total=known or total)


@contextmanager
def reading(store: Store) -> Iterator[None]:
    """Tell of articles that are read for statements when a write ends, where they are many: an earlier version left them."""
    due = 1

    def told(done: int, total: int) -> None:
        nonlocal due
        if total >= _MANY and (done >= due or done == total):
            print(f"reading who said what: {done:,} of {total:,} articles", file=sys.stderr)
            due = done + _MANY

    store.reading = told if sys.stderr.isatty() else None
    try:
        yield
    finally:
        store.reading = None


def tell(what: str) -> None:
    """Say what is done next."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr)
