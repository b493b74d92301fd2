"""An aid for tests: named places at which a process can be made to end itself, as ``kill -9`` would end it.

``PULLQUOTE_FAILPOINT=NAME`` in the environment ends the process when it comes to the place of that name, ``NAME:3`` when it
does so for the third time. Without it, nothing happens anywhere.
"""

from __future__ import annotations

import itertools
import os
import signal
from typing import Literal, get_args

Name = Literal[
    "catalog-begun",
    "catalog-article",
    "catalog-chunks",
    "catalog-before-commit",
    "catalog-committed",
    "ledger-batch",
    "schema-step",
    "remove-parts",
    "remove-committed",
    "purge-removed",
    "compact-written",
    "compact-replaced",
    "cut-staged",
    "cut-before-commit",
    "cut-switched",
    "cut-dropped",
    "index-numbered",
    "index-batch",
    "index-before-mark",
    "build-half",
    "swap-before-sweep",
    "index-damaged",
]
NAMES: tuple[Name, ...] = get_args(Name)


def _read(wanted: str) -> tuple[str, int]:
    name, _, times = wanted.partition(":")
    return name, int(times) if times.isdecimal() else 1


_wanted, _last = _read(os.environ.get("PULLQUOTE_FAILPOINT", ""))
_passed = itertools.count(1)


def arm(wanted: str) -> None:
    """Do from now on what ``PULLQUOTE_FAILPOINT=wanted`` does from the start, in a process that was forked to be killed."""
    global _wanted, _last, _passed
    _wanted, _last, _passed = *_read(wanted), itertools.count(1)


def failpoint(name: Name) -> None:
    """End the process here, without any clearing up, if the environment asks for it."""
    if name == _wanted and next(_passed) == _last:
        os.kill(os.getpid(), signal.SIGKILL)
