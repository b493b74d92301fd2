"""What the page works with: the room, the folder of reports, and threads to answer in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.drain import Drain, Pace

if TYPE_CHECKING:
    from pullquote.ui.web.examples import Examples

ANSWERS_AT_ONCE = 16
"""More wait in the queue, and see their place in it."""
WAITING = 64
"""More are told to come back."""


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(ANSWERS_AT_ONCE + 4, thread_name_prefix="answer")


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything behind one running page; shared by all who use it."""

    room: Newsroom
    reports: Path | None
    """The folder of saved reports of ``pullquote eval run``."""
    drain: Drain
    pace: Pace
    examples: Examples
    threads: ThreadPoolExecutor = field(default_factory=_threads)
