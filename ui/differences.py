"""What changed between two versions of an article, as it reads in a terminal: ``[-old words-]{+new words+}``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pullquote.qa.differences import Difference, Piece
from pullquote.qa.render import date_text, display_text, wrapped_text

_AROUND = 12
"""Words of what is the same that are shown before and after a change."""
_MAX_CHARS = 100_000
_MARKS = {"old": ("\x01\x01", "\x02\x02"), "new": ("\x03\x03", "\x04\x04")}  # as wide as what they become; no shown text has them
_PLAIN = {"\x01\x01": "[-", "\x02\x02": "-]", "\x03\x03": "{+", "\x04\x04": "+}"}
_COLORS = {"\x01\x01": "\x1b[31m[-", "\x02\x02": "-]\x1b[0m", "\x03\x03": "\x1b[32m{+", "\x04\x04": "+}\x1b[0m"}


def difference_lines(difference: Difference, width: int, color: bool) -> Iterator[str]:
    """Yield which versions are compared, what changed in the metadata, and each change in the text among its neighbours."""
    old, new = difference.old, difference.new
    yield wrapped_text(display_text(new.id, 200), width)
    yield " -> ".join(f"version {meta.version}, stored {date_text(meta.fetched_at)}" for meta in (old, new))
    changes = [f"{field.name}: {_marked(_of_field(field.old, field.new))}" for field in difference.fields]
    changes += [_marked(pieces) for pieces in _hunks(difference.pieces)]
    for change in changes or ["The words are the same."]:
        yield ""
        yield _with_marks(wrapped_text(change, width), color)


def marked_lines(pieces: Sequence[Piece], width: int, color: bool, first: str = "") -> Iterator[str]:
    """Yield pieces as wrapped lines with marks; ``first`` stands before the first line, the others are indented by its length."""
    yield from _with_marks(wrapped_text(_marked(list(pieces)), width, first), color).splitlines()


def _of_field(old: str | None, new: str | None) -> list[Piece]:
    return [Piece("old", old or "none"), Piece("new", new or "none")]


def _hunks(pieces: tuple[Piece, ...]) -> Iterator[list[Piece]]:
    """Yield changes that are near each other together, with some words around them."""
    hunk: list[Piece] = []
    for n, piece in enumerate(pieces):
        words = piece.text.split()
        first, last = n == 0, n == len(pieces) - 1
        if piece.kind != "same" or len(words) <= (_AROUND if first or last else 2 * _AROUND):
            hunk.append(piece)
            continue
        if not first:
            yield [*hunk, Piece("same", f"{_blank(piece.text[:1])}{' '.join(words[:_AROUND])} …")]
        hunk = [] if last else [Piece("same", f"… {' '.join(words[-_AROUND:])}{_blank(piece.text[-1:])}")]
    if any(piece.kind != "same" for piece in hunk):
        yield hunk


def _blank(char: str) -> str:
    return " " if char.isspace() else ""


def _marked(pieces: list[Piece]) -> str:
    parts = []
    for n, piece in enumerate(pieces):
        shown = display_text(piece.text, _MAX_CHARS)
        before, after = _blank(piece.text[:1]), _blank(piece.text[-1:])
        if piece.kind != "same":
            opening, closing = _MARKS[piece.kind]
            shown = f"{opening}{shown or '¶'}{closing}"
            if piece.kind == "old" and n + 1 < len(pieces) and pieces[n + 1].kind == "new":
                after = ""  # what stands in its place follows at once
        parts.append(f"{before}{shown}{after}" if shown else after)
    return "".join(parts)


def _with_marks(text: str, color: bool) -> str:
    for mark, shown in (_COLORS if color else _PLAIN).items():
        text = text.replace(mark, shown)
    return text
