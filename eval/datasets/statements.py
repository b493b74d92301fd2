"""Gold statements of annotated news: who said what, in which sentences, fit to be said again in other words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets.files import read_file
from pullquote.eval.datasets.speakers import is_one_of_a_kind, is_speaker, may_stand_in, speaker_name
from pullquote.index.errors import UsageError
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Span

_SAYING = (
    r"said|says?|saying|told|tells|tell|noted|notes?|wrote|writes|added|adds|adding|argued|argues?|arguing|claimed|claims?|claiming|"
    r"insisted|insists?|acknowledged|acknowledges?|warned|warns?|explained|explains?|declared|declares?|stated|states?|announced|"
    r"announces|reported|reports?|predicted|predicts?|conceded|concedes?|contended|contends?|maintained|maintains?|observed|observes?|"
    r"remarked|replied|responded|asserted|asserts?|tweeted|testified|stressed|emphasized|emphasizes|admitted|admits?|"
    r"alleged|alleges?|complained|complains?|pointed out|points out|made clear|boasted|bragged|joked|countered|reiterated|"
    r"repeated"
)
_FINDING = (
    r"found|finds|concluded|concludes?|showed|shows?|estimated|estimates?|revealed|reveals?|confirmed|confirms?|suggested|suggests?|"
    r"ruled|rules|recalled|recalls?"
)
_BEFORE = r"(?:(?:has|have|had|also|then|later|recently|previously|repeatedly|once|even|now|still|often|added and) ){0,2}"
_BEHIND = r"(?: (?:(?:on )?\w+day|in an? (?:\w+ )?(?:statement|interview|speech|tweet|email)|in a news release))*:?,?"
_SAID = re.compile(rf"{_BEFORE}(?:{_SAYING}){_BEHIND}|according to", re.IGNORECASE)
_FOUND = re.compile(rf"{_BEFORE}(?:{_FINDING}){_BEHIND}", re.IGNORECASE)

_MARKS = re.compile(r"[\"“”„]|``|''")
_QUOTED = re.compile(r"\W*?[\"“](?P<inside>[^\"“”]+)[\"”]?[.,!]?", re.DOTALL)
_UNFIT = re.compile(
    r"[?()\[\]{}@#*=_;:‘\n\r|]|\.\.|…|--|https?|(?<!\w)['’](?!\d0s)|['’](?!\w)|\w['’]s['’]|(?:[–—].*[–—].*[–—])|! "
)
_BAD_START = re.compile(
    r"(?:(?-i:[a-z]+ing)|that|why|what|how|whether|who|whom|which|to|of|about(?! \d)|as|for|than|because|with|by|from|not|so|let|"
    r"please|too|\W*&|go|vote|thank|thanks|yes|no|yeah|ok|okay|hey|look|well|believe me|again|never|and|or|but|nor)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"\A(?:(?:that(?! (?:is|was|would|will|could|can|has|amounts|means|meant|makes|made)\b)|"
    r"but|and|so(?! (?:far|many|much|long)\b)|yet|well,|look,|now,|however,|meanwhile,|also,)\s+)+",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|am|has|have|had|will|would|can|could|should|must|may|might|does|do|did|cannot|ca|wo)\b|"
    r"\b\w+(?:n['’]t|['’](?:re|ve|ll|d|m))\b|\b(?:he|she|it|that|there|what|who|here)['’]s\b|"
    r"\b(?:he|she|it|they|we|I|you|who|there) (?:also |never |already )?[a-z]+(?:s|ed|t|d|k|w|e)\b|"
    r"\b(?:made|makes?|took|takes|gave|gives|got|gets|went|goes|came|comes|knew|knows|wants|wanted|needs?|needed|lost|won|wins|"
    r"became|becomes|began|begins|left|kept|led|leads|held|met|paid|pays|put|ran|runs|said|saw|sees|set|showed|shows|spent|stood|"
    r"stands|thought|thinks|told|tells|used|uses|voted|called|beats?|expects?|supports|supported|helped|helps|asked|remains|remained|seems|seemed|"
    r"faces|faced|believes|believed|deserves|represents|includes|plans|hopes|works|worked)\b|"
    r"^(?:[\w’'$-]+ ){1,4}\w{2,}ed\b"
)
_PERSON = re.compile(
    r"\b(?:[Ii]|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|us|[Oo]urs?|[Oo]urselves|[Yy]ou|[Yy]ours?|[Yy]ourself|[Ll]et['’]s)\b"
)
_EDGES = " \t\r\n,.!—–-"
_ABBREVIATION = re.compile(r"\b[A-Z]\.[A-Z]$|\b(?:Jr|Sr|Inc|Co|Corp|[ap]\.m)$")
_NOT_SAID = re.compile(
    r"(?:\b(?:not|never|to|without|if|whether|would|could|might|may|should|will|can|let|did|does|do|than)|n['’]t)\s+$",
    re.IGNORECASE,
)
_WORDS = range(5, 41)
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class GoldStatement:
    """Something that an article says that somebody said."""

    article_id: str
    start: int
    """Offset of the content in the article's text."""
    speaker: str
    content: str
    """A clause of one sentence, without quotation marks and punctuation at its ends, spelled as in the article."""
    cue: str
    is_finding: bool
    """Whether somebody (or a study) is said to have found it, not to have said it."""
    is_quoted: bool
    """Whether all of it stands in quotation marks in the article."""
    is_indirect: bool
    """Whether it can follow "that": it speaks of nobody as I, we or you."""
    places: tuple[int, ...]
    """Positions of the sentences with content, cue and speaker."""
    others: tuple[str, ...]
    """Other speakers of the article, who say nothing of it."""


@dataclass(frozen=True, slots=True)
class AnnotatedArticle:
    """An article with what its annotators marked."""

    id: str
    text: str
    sentences: tuple[Span, ...]
    attributions: tuple[dict[str, tuple[Span, ...]], ...]
    """``Source``, ``Cue`` and ``Content`` of each, as far as marked; several pieces when discontinuous."""


def annotated_articles(folder: Path) -> Iterator[AnnotatedArticle]:
    """Yield the annotated articles of one split, by id; one that was annotated twice has the attributions of both files.

    Raises ``UsageError`` when there are none.
    """
    texts = {path.stem: path for path in (folder / "text").glob("*.txt")}
    files: dict[str, list[Path]] = {}
    for path in sorted((folder / "attributions").glob("*.ann")):
        # They are named after their article, mostly with an underscore and four hexadecimal digits.
        files.setdefault(path.stem if path.stem in texts else path.stem.rpartition("_")[0], []).append(path)
    if not texts.keys() & files.keys():
        raise UsageError(f"{folder} holds no annotated articles; name the folder of the data sets, or get PolNeAR")
    for name in sorted(texts.keys() & files.keys()):
        text = read_file(texts[name]).decode("utf-8")
        found = [one for path in files[name] for one in _attributions(read_file(path).decode("utf-8"))]
        yield AnnotatedArticle(name, text, tuple(Span(*span) for span in split_sentences(text)), tuple(found))


def gold_statements(article: AnnotatedArticle) -> list[GoldStatement]:
    """Return the statements whose speaker is named or described, whose cue says that it was said, and whose content is a clause.

    In the order of the text; of two with overlapping contents, the first.
    """
    found: list[GoldStatement] = []
    ends = 0
    for one in sorted(filter(_is_whole, article.attributions), key=lambda one: one["Content"]):
        statement = _statement(article, one)
        if statement is not None and one["Content"][0].start >= ends:
            found.append(statement)
            ends = one["Content"][0].end
    return found


def _attributions(standoff: str) -> Iterator[dict[str, tuple[Span, ...]]]:
    """Read ``T1<TAB>Source 0 8;10 12<TAB>text`` and ``E1<TAB>Attribution:T4 Content:T3 Cue:T2 Source:T1``."""
    rows = [line.rstrip("\r").split("\t") for line in standoff.split("\n")]
    marks = {row[0]: row[1].partition(" ")[2] for row in rows if row[0].startswith("T") and len(row) > 1}
    for row in rows:
        if row[0].startswith("E") and len(row) > 1:
            parts = [part.partition(":") for part in row[1].split()]
            yield {label: _spans(marks[mark]) for label, _, mark in parts if mark in marks}


def _spans(offsets: str) -> tuple[Span, ...]:
    ends = (piece.split() for piece in offsets.split(";"))
    return tuple(Span(int(start), int(end)) for start, end in ends)


def _is_whole(one: dict[str, tuple[Span, ...]]) -> bool:
    """Whether there is one contiguous source, cue and content, and no second one (``Content2``)."""
    return one.keys() == {"Attribution", "Source", "Cue", "Content"} and all(len(spans) == 1 for spans in one.values())


def _statement(article: AnnotatedArticle, one: dict[str, tuple[Span, ...]]) -> GoldStatement | None:
    (source,), (cue,), (whole,) = one["Source"], one["Cue"], one["Content"]
    text = article.text
    speaker, said = speaker_name(text[slice(*source)]), " ".join(text[slice(*cue)].split())
    if not is_speaker(speaker) or not _says(said, text[slice(*whole)]) or _NOT_SAID.search(text[: cue.start][-20:]):
        return None
    if source.overlaps(whole) or not _cut_at_words(text, one):
        return None
    quoted = _QUOTED.fullmatch(text[slice(*whole)].strip())
    for piece in _pieces(whole, article.sentences):
        content = _clause(text[slice(*piece)])
        places = _places(article.sentences, (source, cue, piece))
        if content is not None and len(places) <= _MOST_SENTENCES:
            others = _others(article, speaker, whole)
            indirect = not _PERSON.search(content)
            return GoldStatement(
                article.id, piece.start, speaker, content, said, not _SAID.fullmatch(said), bool(quoted), indirect, places, others
            )
    return None


def _others(article: AnnotatedArticle, speaker: str, content: Span) -> tuple[str, ...]:
    """Return who else says something in the article, by name, but nothing of this content."""
    if is_one_of_a_kind(speaker):
        return ()
    excluded, speaking = {speaker}, set()
    for one in article.attributions:
        names = {speaker_name(article.text[slice(*span)]) for span in one.get("Source", ())}
        if any(span.overlaps(content) for span in one.get("Content", ())):
            excluded |= names
        elif any(_SAID.fullmatch(" ".join(article.text[slice(*span)].split())) for span in one.get("Cue", ())):
            speaking |= names
    return tuple(sorted(name for name in speaking if may_stand_in(name, excluded, article.text)))


def _says(cue: str, content: str) -> bool:
    """Whether the cue says that something was said; studies find, polls show, but what they show must be a clause."""
    return bool(_SAID.fullmatch(cue) or (_FOUND.fullmatch(cue) and content.startswith("that ")))


def _cut_at_words(text: str, one: dict[str, tuple[Span, ...]]) -> bool:
    """Whether no mark begins or ends within a word."""
    edges = [edge for label in ("Source", "Content") for span in one[label] for edge in span]
    return not any(text[max(0, edge - 1) : edge + 1].isalnum() and 0 < edge < len(text) for edge in edges)


def _pieces(whole: Span, sentences: Sequence[Span]) -> list[Span]:
    """Return the part of each sentence that lies in the content."""
    inside = [sentence for sentence in sentences if sentence.overlaps(whole)]
    return [Span(max(whole.start, s.start), min(whole.end, s.end)) for s in inside]


def _places(sentences: Sequence[Span], spans: Sequence[Span]) -> tuple[int, ...]:
    return tuple(place for place, sentence in enumerate(sentences) if any(sentence.overlaps(span) for span in spans))


def _clause(piece: str) -> str | None:
    """Return what a piece says, when it is a plain clause of middling length."""
    bare = re.sub(r"[ \xa0]+", " ", _MARKS.sub("", piece)).strip(_EDGES)
    follows_that = bare.startswith("that ")
    bare = _LEAD.sub("", bare, count=1).strip(_EDGES)
    if _ABBREVIATION.search(bare):
        bare += "."
    if (
        _UNFIT.search(bare)
        or _BAD_START.match(bare)
        or len(bare.split()) not in _WORDS
        or not (follows_that or _FINITE.search(bare))
    ):
        return None
    return bare
