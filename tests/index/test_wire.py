"""Frames come out of a pipe as they went in, or not at all."""

from __future__ import annotations

import io
import json
import os
import struct
import threading
import time
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pullquote.index.errors import IndexDamaged
from pullquote.index.wire import MOST_HEADER_BYTES, MOST_IDS, Frame, packed, read_frame, reader_by, write_by

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FRAMES = st.builds(
    Frame,
    st.dictionaries(st.text(), JSON),
    arrays.arrays(np.int64, st.integers(0, 40)),
    arrays.arrays(np.float32, st.tuples(st.integers(0, 12), st.integers(0, 12))),
)
SAMPLE = b"".join(packed(Frame({"verb": "add"}, np.arange(3), np.ones((3, 4), np.float32))))


def same(one: Frame, other: Frame) -> bool:
    ids = one.ids.tolist() == other.ids.tolist()
    return one.head == other.head and ids and one.rows.shape == other.rows.shape and one.rows.tobytes() == other.rows.tobytes()


@given(st.lists(FRAMES, max_size=3), st.integers(1, 50))
def test_frames_come_out_as_they_went_in_however_they_are_cut_up(frames: list[Frame], at_once: int) -> None:
    file = io.BytesIO(b"".join(part for frame in frames for part in packed(frame)))

    def read(size: int) -> bytes:
        return file.read(min(size, at_once))

    for frame in frames:
        read_back = read_frame(read)
        assert read_back is not None
        assert same(read_back, frame)
    assert read_frame(read) is None


@given(FRAMES, st.data())
def test_a_frame_that_is_cut_is_an_error(frame: Frame, data: st.DataObject) -> None:
    whole = b"".join(packed(frame))
    with pytest.raises(IndexDamaged, match="cut"):
        read_frame(io.BytesIO(whole[: data.draw(st.integers(1, len(whole) - 1))]).read)


@given(FRAMES, st.data())
def test_a_frame_in_which_one_byte_is_another_is_an_error(frame: Frame, data: st.DataObject) -> None:
    whole = bytearray(b"".join(packed(frame)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IndexDamaged):
        read_frame(io.BytesIO(whole).read)


@given(st.binary(min_size=1, max_size=200))
def test_what_is_no_frame_is_an_error(noise: bytes) -> None:
    with pytest.raises(IndexDamaged):
        read_frame(io.BytesIO(noise).read)


@pytest.mark.parametrize("lengths", [(2**32 - 1, 0, 0, 0), (2, 2**32 - 1, 0, 0), (2, 0, 2**32 - 1, 2**32 - 1)])
def test_lengths_without_measure_are_refused_before_anything_is_read(lengths: tuple[int, ...]) -> None:
    file = io.BytesIO(struct.pack("<4sIIII", b"pqf1", *lengths) + bytes(1000))
    with pytest.raises(IndexDamaged, match="too large"):
        read_frame(file.read)
    assert file.tell() == 20


@pytest.mark.parametrize(
    "frame", [Frame({"x": "a" * MOST_HEADER_BYTES}), Frame({}, np.broadcast_to(np.int64(0), MOST_IDS + 1))], ids=["head", "ids"]
)
def test_what_the_other_side_would_refuse_is_not_sent(frame: Frame) -> None:
    with pytest.raises(IndexDamaged, match="too large"):
        packed(frame)


@pytest.mark.parametrize("head", [b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_a_header_that_is_no_json_object_is_an_error(head: bytes) -> None:
    lengths = struct.pack("<4sIIII", b"pqf1", len(head), 0, 0, 0)
    with pytest.raises(IndexDamaged, match="garbled"):
        read_frame(io.BytesIO(lengths + struct.pack("<I", crc32(head, crc32(lengths))) + head).read)


def test_a_header_holds_what_json_can() -> None:
    frame = read_frame(io.BytesIO(b"".join(packed(Frame({"seal": [["a/ü", 1, 2]], "full": False})))).read)
    assert frame is not None
    assert json.dumps(frame.head) == '{"seal": [["a/\\u00fc", 1, 2]], "full": false}'


@pytest.mark.parametrize("sent", [b"", SAMPLE[:10], SAMPLE[:-1]], ids=["nothing", "a part of the lengths", "all but a byte"])
def test_reading_ends_when_its_time_is_over(sent: bytes) -> None:
    there, here = os.pipe()
    os.write(here, sent)
    with pytest.raises(TimeoutError):
        read_frame(reader_by(there, time.monotonic() + 0.1))
    os.close(there)
    os.close(here)


def test_writing_ends_when_its_time_is_over_or_nobody_reads() -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    with pytest.raises(TimeoutError):
        write_by(here, [bytes(1 << 20)], time.monotonic() + 0.1)
    os.close(there)
    with pytest.raises(BrokenPipeError):
        write_by(here, [b"x"], time.monotonic() + 0.1)
    os.close(here)


def test_more_than_a_pipe_holds_goes_through_it() -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    frame = Frame({}, np.arange(1000), np.random.default_rng(1).normal(size=(1000, 384)).astype(np.float32))
    writing = threading.Thread(target=write_by, args=(here, packed(frame), time.monotonic() + 60))
    writing.start()
    read_back = read_frame(reader_by(there, time.monotonic() + 60))
    writing.join()
    assert read_back is not None
    assert same(read_back, frame)
    os.close(there)
    os.close(here)
