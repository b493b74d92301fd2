"""Frames between this process and the children that run Chroma: a header in JSON, chunk ids, vectors."""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pullquote.index.errors import IndexDamaged

Read = Callable[[int], bytes]
"""Returns at least one byte and at most as many as asked for; none at the end."""
MOST_HEADER_BYTES = 1 << 20
MOST_IDS = 1 << 24
MOST_ROW_BYTES = 1 << 28
_MARK = b"pqf1"
_LENGTHS = struct.Struct("<4sIIII")  # the mark, bytes of the header, ids, rows, numbers in a row
_SUM = struct.Struct("<I")  # CRC-32 of all the rest
_PIECE = 1 << 20  # read at once: a length that is too large takes no memory before the bytes are there


def _no_ids() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _no_rows() -> NDArray[np.float32]:
    return np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Frame:
    """One request or reply."""

    head: Mapping[str, Any]
    """What JSON can hold: the verb of a request, the error of a reply."""
    ids: NDArray[np.int64] = field(default_factory=_no_ids)
    """Shape ``(n,)``."""
    rows: NDArray[np.float32] = field(default_factory=_no_rows)
    """Shape ``(m, dim)``."""


def packed(frame: Frame) -> list[bytes]:
    """Return the frame as bytes, in pieces that follow each other.

    Raises:
        IndexDamaged: it is larger than what the other side takes.
    """
    head = json.dumps(frame.head).encode()
    _check_lengths(len(head), len(frame.ids), frame.rows.size * 4)
    lengths = _LENGTHS.pack(_MARK, len(head), len(frame.ids), *frame.rows.shape)
    parts = [lengths, head, frame.ids.astype("<i8").tobytes(), frame.rows.astype("<f4").tobytes()]
    return [lengths, _SUM.pack(_sum_of(parts)), *parts[1:]]


def read_frame(read: Read) -> Frame | None:
    """Return the next frame; None when the other side has ended.

    Raises:
        IndexDamaged: it is cut, garbled or too large.
    """
    lengths = _taken(read, _LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise IndexDamaged("a message of the vector index is cut")
    mark, head_bytes, count, rows, dim = _LENGTHS.unpack(lengths)
    if mark != _MARK:
        raise IndexDamaged("a message of the vector index is garbled")
    _check_lengths(head_bytes, count, rows * dim * 4)
    sizes = (_SUM.size, head_bytes, count * 8, rows * dim * 4)
    parts = [_taken(read, size) for size in sizes]
    if any(len(part) < size for part, size in zip(parts, sizes, strict=True)):
        raise IndexDamaged("a message of the vector index is cut")
    if _SUM.unpack(parts[0])[0] != _sum_of([lengths, *parts[1:]]):
        raise IndexDamaged("a message of the vector index is garbled")
    return Frame(_head_of(parts[1]), np.frombuffer(parts[2], "<i8"), np.frombuffer(parts[3], "<f4").reshape(rows, dim))


def _check_lengths(head_bytes: int, ids: int, row_bytes: int) -> None:
    if head_bytes > MOST_HEADER_BYTES or ids > MOST_IDS or row_bytes > MOST_ROW_BYTES:
        raise IndexDamaged("a message of the vector index is too large")


def _sum_of(parts: list[bytes]) -> int:
    value = 0
    for part in parts:
        value = crc32(part, value)
    return value


def _taken(read: Read, size: int) -> bytes:
    """Return as many bytes as asked for, fewer only at the end."""
    taken = bytearray()
    while len(taken) < size and (piece := read(min(size - len(taken), _PIECE))):
        taken += piece
    return bytes(taken)


def _head_of(text: bytes) -> Mapping[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise IndexDamaged("a message of the vector index is garbled") from error
    if not isinstance(head, dict):
        raise IndexDamaged("a message of the vector index is garbled")
    return head


def write_by(descriptor: int, parts: list[bytes], deadline: float) -> None:
    """Write to a non-blocking pipe until a time of the monotonic clock.

    Raises:
        TimeoutError: the other side does not read in time.
        OSError: the other side has ended.
    """
    for part in parts:
        rest = memoryview(part)
        while rest:
            _wait(descriptor, select.POLLOUT, deadline)
            rest = rest[os.write(descriptor, rest) :]


def reader_by(descriptor: int, deadline: float) -> Read:
    """Return what ``read_frame`` needs to read from a non-blocking pipe; it raises ``TimeoutError`` when the time is over."""

    def read(size: int) -> bytes:
        _wait(descriptor, select.POLLIN, deadline)
        return os.read(descriptor, size)

    return read


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
