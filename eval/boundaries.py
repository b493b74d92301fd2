"""How often sentence boundaries cut what human annotators marked as one source or one content."""

# ruff: noqa: RUF001  (quotation marks of every kind are meant)

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Span

# A single mark right after a letter or digit is an apostrophe (don't, voters'), so it does not count.
_QUOTE_OR_STOP = re.compile(r"[.\"“”„‟«»‹›‘‚‛]|(?<!\w)['’]")
_LABELS = ("Source", "Content")
# Annotation files are named after their article plus an underscore and four hexadecimal digits.
_ANNOTATION_NAME = re.compile(r"(?P<article>.+?)(?:_[0-9a-f]{4})?\.ann")


class Mark(NamedTuple):
    """One annotated text span; ``pieces`` has more than one part when it is discontinuous."""

    label: str
    pieces: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """Marks that were judged and marks that were cut, over all articles of a folder."""

    n_source: int
    cut_source: int
    n_content: int
    cut_content: int
    n_articles: int

    @property
    def source_rate(self) -> float:
        """Share of judged source marks that were cut, 0..1; 0 when there are none."""
        return self.cut_source / self.n_source if self.n_source else 0.0

    @property
    def content_rate(self) -> float:
        """Share of judged content marks that were cut, 0..1; 0 when there are none."""
        return self.cut_content / self.n_content if self.n_content else 0.0


def parse_marks(standoff: str) -> tuple[Mark, ...]:
    """Return the Source and Content marks of one standoff file, in file order.

    A mark is a line ``T7<TAB>Source 11 19;30 35<TAB>text``; every other line is passed over.
    """
    return tuple(_marks(standoff.split("\n")))


def _marks(lines: Iterable[str]) -> Iterator[Mark]:
    for line in lines:
        name, _, rest = line.partition("\t")
        label, _, offsets = rest.partition("\t")[0].partition(" ")
        if not name.startswith("T") or label not in _LABELS:
            continue
        ends = (piece.split() for piece in offsets.split(";"))
        yield Mark(label, tuple(Span(int(start), int(end)) for start, end in ends))


def annotated_articles(folder: Path) -> Iterator[tuple[str, str, tuple[Mark, ...]]]:
    """Yield name, text and marks of each article that has both files, ordered by name."""
    for path in sorted((folder / "attributions").glob("*.ann")):
        match = _ANNOTATION_NAME.fullmatch(path.name)
        name = match["article"] if match else path.stem
        article = folder / "text" / f"{name}.txt"
        if article.exists():
            yield name, _read(article), parse_marks(_read(path))


def _read(path: Path) -> str:
    """Read without newline translation, which would shift the annotated offsets."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def judged_pieces(text: str, mark: Mark, *, unfiltered: bool = False) -> tuple[Span, ...]:
    """Return the pieces that a right boundary has no reason to cut, narrowed to non-blank edges.

    Those are the pieces without quotation marks and full stops: a quotation or an annotated passage may
    well run over several sentences, and cutting it there is no mistake.
    """
    pieces = (_narrowed(text, piece) for piece in mark.pieces)
    return tuple(piece for piece in pieces if unfiltered or not _QUOTE_OR_STOP.search(text[slice(*piece)]))


def is_cut(piece: Span, sentences: Iterable[Span]) -> bool:
    """Whether the piece is not inside one of the sentences."""
    return not any(sentence.start <= piece.start and piece.end <= sentence.end for sentence in sentences)


def marks_by_article(folder: Path) -> dict[str, tuple[str, tuple[Mark, ...]]]:
    """Return text and marks of each article, by name; one that was annotated twice has the marks of both files."""
    articles: dict[str, tuple[str, tuple[Mark, ...]]] = {}
    for name, text, marks in annotated_articles(folder):
        articles[name] = (text, (*articles.get(name, (text, ()))[1], *marks))
    return articles


def cuts_of(text: str, marks: Iterable[Mark], *, unfiltered: bool = False) -> BoundaryReport:
    """Split one article and count its marks that are judged, and those that are cut.

    A mark is judged when at least one of its contiguous pieces is (``judged_pieces``), and cut when at least one judged
    piece is not inside one sentence. The pieces of a discontinuous mark may lie in different sentences.
    """
    judged, cut = dict.fromkeys(_LABELS, 0), dict.fromkeys(_LABELS, 0)
    sentences = split_sentences(text)
    for mark in marks:
        pieces = judged_pieces(text, mark, unfiltered=unfiltered)
        judged[mark.label] += bool(pieces)
        cut[mark.label] += any(is_cut(piece, sentences) for piece in pieces)
    return BoundaryReport(judged["Source"], cut["Source"], judged["Content"], cut["Content"], 1)


def boundary_cuts(folder: Path, *, unfiltered: bool = False) -> BoundaryReport:
    """Count the marks of ``folder/attributions`` that the sentence boundaries of ``folder/text`` cut.

    The filter applies to sources and contents alike. ``unfiltered`` judges every piece: the stricter measure for sources,
    which never run over a sentence; for contents it counts true boundaries too. Articles without annotations, and
    annotations without an article, do not count.
    """
    counts = [cuts_of(text, marks, unfiltered=unfiltered) for text, marks in marks_by_article(folder).values()]
    columns = zip(*map(astuple, counts), strict=True) if counts else [()] * 5
    return BoundaryReport(*map(sum, columns))


def _narrowed(text: str, piece: Span) -> Span:
    """Leave out blanks at the edges, which no sentence has."""
    inside = text[slice(*piece)]
    start = piece.start + len(inside) - len(inside.lstrip())
    return Span(start, start + len(inside.strip()))
