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
    "remove-parts",
    "remove-committed",
    "cut-staged",
    "cut-before-commit",
    "cut-switched",
    "index-behind",
    "index-batch",
    "index-before-mark",
    "build-half",
    "swap-before-sweep",
]
NAMES: tuple[Name, ...] = get_args(Name)

_WANTED, _, _TIMES = os.environ.get("PULLQUOTE_FAILPOINT", "").partition(":")
_LAST = int(_TIMES) if _TIMES.isdecimal() else 1
_passed = itertools.count(1)


def failpoint(name: Name) -> None:
    """End the process here, without any clearing up, if the environment asks for it."""
    if name == _WANTED and next(_passed) == _LAST:
        os.kill(os.getpid(), signal.SIGKILL)
