"""What is made once stays what it is, however many ask for it at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pullquote.index.once import once


def test_all_who_come_at_once_get_the_same_which_is_made_once() -> None:
    made = []

    @once
    def thing() -> object:
        """Be made."""
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: thing(), range(8)))
    assert len(made) == 1
    assert all(one is made[0] for one in found)
    assert thing.__doc__ == "Be made."


def test_what_could_not_be_made_is_tried_again() -> None:
    tries = []

    @once
    def thing() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("not now")
        return 7

    with pytest.raises(OSError, match="not now"):
        thing()
    assert thing() == thing() == 7
    assert len(tries) == 2
