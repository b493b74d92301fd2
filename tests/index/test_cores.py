"""How many cores models use is chosen from outside; what somebody waits for comes first, and nothing waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from pullquote.index.cores import Cores, available_cores, shared_cores, threads_to_use
from pullquote.index.errors import SettingsError


def test_models_use_all_cores_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads_to_use() == available_cores() >= 1
    monkeypatch.setenv("PULLQUOTE_THREADS", "3")
    assert threads_to_use() == 3


@pytest.mark.parametrize("text", ["0", "-1", "all", "1.5", "٣", "257"])
def test_a_number_of_threads_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PULLQUOTE_THREADS", text)
    with pytest.raises(SettingsError, match="PULLQUOTE_THREADS must be a whole number from 1 to 256"):
        threads_to_use()


def test_all_models_of_a_process_share_its_cores() -> None:
    assert shared_cores() is shared_cores()


def in_threads(*calls: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def test_results_come_in_the_order_of_the_items_and_an_error_is_told() -> None:
    cores = Cores(3)
    assert cores.map(lambda n: n * n, range(50), urgent=True) == [n * n for n in range(50)]
    assert cores.map(lambda n: n, [], urgent=False) == []
    with pytest.raises(ZeroDivisionError):
        cores.map(lambda n: 1 // n, [1, 0, 2], urgent=True)
    assert cores.map(lambda n: n, [7], urgent=False) == [7]


@pytest.mark.parametrize("count", [1, 2])
def test_no_more_texts_are_read_at_once_than_there_are_cores_whoever_asks(count: int) -> None:
    cores, lock = Cores(count), threading.Lock()
    now, most = 0, 0

    def read(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1

    calls = [lambda urgent=urgent: cores.map(read, range(20), urgent=urgent) for urgent in (True, False, True, False)]
    for thread in in_threads(*calls):
        thread.join()
    assert most == count


def test_what_somebody_waits_for_overtakes_what_is_being_added_and_leaves_it_a_share() -> None:
    cores, order, begun, go = Cores(1), list[str](), threading.Event(), threading.Event()

    def read(item: str) -> None:
        begun.set()
        go.wait()
        order.append(item)

    adding = in_threads(lambda: cores.map(read, ["added"] * 6, urgent=False))
    assert begun.wait(5)
    asking = in_threads(lambda: cores.map(read, ["asked"] * 24, urgent=True))
    while cores._asking == 0:
        time.sleep(0.001)
    go.set()
    for thread in adding + asking:
        thread.join()
    asked = ["asked"] * 10
    assert order == ["added", *asked, "added", *asked, "added", *asked[:4], "added", "added", "added"]


def test_what_is_nearly_done_overtakes_what_has_just_begun() -> None:
    cores, order, begun, go = Cores(1), list[str](), threading.Event(), threading.Event()

    def read(item: str) -> None:
        begun.set()
        go.wait()
        order.append(item)

    first = in_threads(lambda: cores.map(read, ["first"] * 3, urgent=True))
    assert begun.wait(5)
    second = in_threads(lambda: cores.map(read, ["long"] * 5, urgent=True))
    third = in_threads(lambda: cores.map(read, ["short"], urgent=True))
    while cores._asking < 3:
        time.sleep(0.001)
    go.set()
    for thread in first + second + third:
        thread.join()
    assert order == ["first", "short", "first", "first", *["long"] * 5]
