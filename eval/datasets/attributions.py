"""PolNeAR's attributions: who says or thinks what, as annotators marked it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets.files import read_file
from pullquote.index.types import Span

# Annotation files are named after their article plus an underscore and four hexadecimal digits.
_NAME = re.compile(r"(?P<article>.+?)(?:_[0-9a-f]{4})?\.ann")
_ROLE = re.compile(r"(Source|Cue|Content)\d*:(T\d+)")


@dataclass(frozen=True, slots=True)
class GoldStatement:
    """One annotated attribution; each part may be in several pieces."""

    source: tuple[Span, ...]
    """Empty: nobody is named ("reportedly")."""
    cue: tuple[Span, ...]
    content: tuple[Span, ...]


def gold_statements(folder: Path) -> dict[str, tuple[GoldStatement, ...]]:
    """Return the attributions of ``folder/attributions`` by article, those with a content.

    Of an article that several people annotated, those of the first file by name.
    """
    found: dict[str, tuple[GoldStatement, ...]] = {}
    for path in sorted((folder / "attributions").glob("*.ann")):
        match = _NAME.fullmatch(path.name)
        article = match["article"] if match else path.stem
        if article not in found:
            found[article] = parse_attributions(read_file(path).decode("utf-8"))
    return found


def parse_attributions(standoff: str) -> tuple[GoldStatement, ...]:
    """Return the attributions of one standoff file, in file order; lines of other kinds are passed over."""
    lines = [line.split("\t") for line in standoff.split("\n")]
    places = {line[0]: tuple(_spans(line[1])) for line in lines if line[0].startswith("T") and len(line) > 2}
    events = (_ROLE.findall(line[1]) for line in lines if line[0].startswith("E") and len(line) > 1)
    return tuple(gold for roles in events if (gold := _gold(roles, places)).content)


def _gold(roles: list[tuple[str, str]], places: dict[str, tuple[Span, ...]]) -> GoldStatement:
    parts = {
        role: tuple(sorted(span for kind, name in roles if kind == role for span in places.get(name, ())))
        for role in ("Source", "Cue", "Content")
    }
    return GoldStatement(parts["Source"], parts["Cue"], parts["Content"])


def _spans(field: str) -> Iterator[Span]:
    """Yield the spans of ``Source 11 19;30 35``."""
    for piece in field.partition(" ")[2].split(";"):
        start, _, end = piece.partition(" ")
        yield Span(int(start), int(end))
