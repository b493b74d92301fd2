"""How far a long run is: on stderr, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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


def tell(what: str) -> None:
    """Say what is done next."""
    if sys.stderr.isatty():
        print(f"{what} ...", file=sys.stderr)
