"""The cross-encoders: the same numbers whoever asks, and nothing is read twice."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from pullquote.index.models import MS_MARCO_L12, bundled_model
from pullquote.qa.rerank import OnnxCrossEncoder, RememberingEncoder, cross_encoder, support_encoder

QUESTION = "Who called for restraint?"
TEXTS = [
    "Marit Oldane called for restraint on Monday.",
    "The bridge will cost $48.6 million.",
    "Nobody in the harbour had called for anything of the kind, the mayor said.",
    "x",
]


class Counted:
    """Gives each pair a number; remembers what it was asked, and waits when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.go = threading.Event()
        self.go.set()
        self.fault: Exception | None = None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked += [(question, text) for text in texts]
        self.go.wait(10)
        if self.fault:
            raise self.fault
        return [float(len(question) * 100 + len(text)) for text in texts]


def test_a_pair_is_read_once_and_its_number_stays() -> None:
    counted = Counted()
    encoder = RememberingEncoder(counted)
    assert encoder.scores("q", ["a", "bb", "a"]) == [101, 102, 101]
    assert encoder.scores("q", ["bb", "ccc", "a"]) == [102, 103, 101]
    assert encoder.scores("other", ["a"]) == [501]
    assert encoder.scores("q", []) == []
    assert counted.asked == [("q", "a"), ("q", "bb"), ("q", "ccc"), ("other", "a")]


def test_where_a_question_ends_and_a_text_begins_is_not_confused() -> None:
    counted = Counted()
    encoder = RememberingEncoder(counted)
    assert encoder.scores("ab", ["c"]) != encoder.scores("a", ["bc"])
    assert encoder.scores("1 2", ["3"]) != encoder.scores("1", [" 23"])
    assert len(counted.asked) == 4


def test_what_was_asked_for_longest_ago_is_forgotten() -> None:
    counted = Counted()
    encoder = RememberingEncoder(counted, pairs=3)
    encoder.scores("q", ["a", "bb", "ccc"])
    encoder.scores("q", ["a"])
    encoder.scores("q", ["dddd"])
    del counted.asked[:]
    assert encoder.scores("q", ["a", "ccc", "dddd"]) == [101, 103, 104]
    assert counted.asked == []
    encoder.scores("q", ["bb"])
    assert counted.asked == [("q", "bb")]
    assert len(encoder._known) == 3
    assert encoder.scores("q", list("vwxyz")) == [101] * 5  # more than are remembered
    assert encoder._being_read == {}


def test_those_who_ask_for_the_same_at_once_wait_for_one_reading() -> None:
    counted = Counted()
    counted.go.clear()
    encoder = RememberingEncoder(counted)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(encoder.scores, "q", ["a", f"{n}{n}"]) for n in range(8)]
        while len(encoder._being_read) < 9:
            pass
        counted.go.set()
        assert [one.result(10) for one in waiting] == [[101, 102]] * 8
    assert counted.asked.count(("q", "a")) == 1
    assert len(counted.asked) == 9


def test_a_reading_that_failed_is_told_to_all_who_waited_and_tried_again() -> None:
    counted = Counted()
    counted.go.clear()
    counted.fault = OSError("no model")
    encoder = RememberingEncoder(counted)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(encoder.scores, "q", ["a"]) for _ in range(3)]
        while not counted.asked:
            pass
        counted.go.set()
        assert all("no model" in str(one.exception(10)) for one in waiting)
    counted.fault = None
    assert encoder.scores("q", ["a"]) == [101]


@pytest.fixture(scope="module")
def plain() -> OnnxCrossEncoder:
    return OnnxCrossEncoder(bundled_model(MS_MARCO_L12))


def test_a_logit_is_the_same_to_the_last_bit_alone_among_others_and_from_many_threads(plain: OnnxCrossEncoder) -> None:
    alone = [plain.scores(QUESTION, [text])[0] for text in TEXTS]
    assert plain.scores(QUESTION, TEXTS) == alone
    assert plain.scores(QUESTION, TEXTS[::-1]) == alone[::-1]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: plain.scores(QUESTION, TEXTS), range(16))) == [alone] * 16
    assert cross_encoder().scores(QUESTION, TEXTS) == alone
    assert cross_encoder().scores(QUESTION, TEXTS[1:3]) == alone[1:3]


def test_each_model_is_there_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len({id(one) for one in pool.map(lambda _: support_encoder(), range(4))}) == 1
    assert cross_encoder() is not support_encoder()
