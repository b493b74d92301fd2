"""The spans of a statement as a few bytes: numbers of seven bits each, counted from where the statement begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pullquote.index.types import Span

Spans = tuple[Span | None, Span | None, tuple[Span, ...]]
"""Of the speaker, the cue, and the pieces of the content."""


def pack_spans(speaker: Span | None, cue: Span | None, content: tuple[Span, ...]) -> bytes:
    """Return the spans of a statement as bytes, about two for each number.

    Raises:
        ValueError: a span begins before the text, or ends before it begins.
    """
    known = [span for span in (speaker, cue, *content) if span is not None]
    base = min((span.start for span in known), default=0)
    numbers = [base]
    for span in (speaker, cue):
        numbers += [0] if span is None else [span.start - base + 1, span.end - span.start]
    for span in content:
        numbers += [span.start - base, span.end - span.start]
    if min(numbers) < 0:
        raise ValueError(f"no spans of a text: {known}")
    return bytes(byte for number in numbers for byte in _bytes(number))


def unpack_spans(packed: bytes) -> Spans:
    """Return the spans that ``pack_spans`` made bytes of.

    Raises:
        ValueError: it did not.
    """
    numbers = _numbers(packed)
    try:
        base = next(numbers)
        speaker, cue = _optional(base, numbers), _optional(base, numbers)
    except StopIteration:
        raise ValueError("the spans are cut off") from None
    return speaker, cue, tuple(_pieces(base, list(numbers)))


def _optional(base: int, numbers: Iterator[int]) -> Span | None:
    start = base - 1 + next(numbers)
    return None if start < base else Span(start, start + next(numbers))


def _pieces(base: int, numbers: list[int]) -> Iterator[Span]:
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        yield Span(base + start, base + start + length)


def _bytes(number: int) -> Iterator[int]:
    while number > 127:
        yield number & 127 | 128
        number >>= 7
    yield number


def _numbers(packed: Iterable[int]) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("the spans are cut off")
