"""Server-sent events out of bytes, however they are cut; see https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def data_of_events(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each event; one that the end of the stream cut off too, as servers forget the last blank line.

    Lines end with LF, CRLF or CR; a byte order mark, comments and other fields are skipped.
    """
    data: list[bytes] = []
    for number, line in enumerate(_lines(chunks)):
        name, _, value = (line if number else line.removeprefix(_BYTE_ORDER_MARK)).partition(b":")
        if not line and data:
            yield b"\n".join(data).decode(errors="replace")
            data = []
        elif name == b"data":
            data.append(value.removeprefix(b" "))
    if data:
        yield b"\n".join(data).decode(errors="replace")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends; what follows the last end is a line too."""
    rest = bytearray()
    for chunk in chunks:
        if not (rest.endswith(b"\r") or b"\n" in chunk or b"\r" in chunk):
            rest += chunk
            continue
        parts = bytes(rest + chunk).splitlines(keepends=True)
        # A CR at the very end may be half a CRLF.
        rest = bytearray(b"" if parts[-1].endswith(b"\n") else parts.pop())
        yield from (part.rstrip(b"\r\n") for part in parts)
    if rest:
        yield bytes(rest).rstrip(b"\r")
