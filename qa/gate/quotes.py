"""Every string in quotation marks is looked up: it stands in a cited sentence, or what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pullquote.qa.claims import TextWords, text_words
from pullquote.qa.features import common_subsequence
from pullquote.qa.gate.quotation_marks import Quoted, outside, quotations
from pullquote.qa.gate.speakers import wrongly_named
from pullquote.qa.gate.types import QuoteVerdict
from pullquote.qa.gate.wordings import denied_before, denies, normal, parts_of, place_of, stands, wordings
from pullquote.qa.quantities import has_number, numbers_of
from pullquote.qa.types import Evidence

_CLOSE = 0.6
"""Share of a quotation's words that stand in a sentence, in order, when it is that sentence's words altered."""
_LEAST_PIECE = 3  # words of a piece that was stitched to another
_MOST_PIECES = 3
_MOST_WORDS = 80  # of a quotation whose pieces are looked for

INVENTED = "the quotation is not in any article"
ALTERED = "the quotation is not what the article says"
STITCHED = "the quotation was put together from different sentences"
ELSEWHERE = "the quotation is in an article that is not cited"
TORN = "the quotation leaves out that it is denied"
OTHER_SPEAKER = "said by another"


@dataclass(frozen=True, slots=True)
class Finding:
    """One quotation and what became of it."""

    quote: Quoted
    verdict: QuoteVerdict
    reason: str = ""
    """Why it does not stand; empty when it does."""
    places: tuple[Evidence, ...] = ()
    """Where its words stand."""
    is_paraphrase: bool = False
    """Without its marks it says nothing that the article does not say."""


def check_quotes(text: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[Finding, ...]:
    """Look up every quotation of a drafted sentence in what it cites, then in all evidence."""
    quotes = quotations(text)
    return tuple(_finding(text, quote, quotes, cited, evidence) for quote in quotes)


def places_of(quote: str, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence in whose sentence, or article's title, a quotation stands to the letter."""
    wanted = normal(quote)
    return tuple(piece for piece in evidence if any(stands(wanted, wording) for wording in _wordings(piece)))


def runs(evidence: Iterable[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    """Yield sentences that follow each other in their article."""
    by_place = {piece.sentence.place: piece for piece in evidence}
    for (article, number), piece in by_place.items():
        if (article, number + 1) in by_place:
            yield piece, by_place[article, number + 1]


def _finding(
    text: str, quote: Quoted, quotes: Sequence[Quoted], cited: Sequence[Evidence], evidence: Sequence[Evidence]
) -> Finding:
    around = outside(text, quotes)
    if places := places_of(quote.text, cited) or _across(quote.text, cited):
        if _is_torn(quote.text, around, places):
            return Finding(quote, "altered", TORN, places)
        if all(wrongly_named(around, place, evidence, (quote.start, quote.end)) for place in places):
            return Finding(quote, "wrong speaker", OTHER_SPEAKER, places)
        return Finding(quote, "verbatim", places=places)
    if places := places_of(quote.text, evidence) or _across(quote.text, evidence):
        return Finding(quote, "wrong article", ELSEWHERE, places)
    if places := _stitched(quote.text, evidence):
        return Finding(quote, "stitched", STITCHED, places, all(piece in cited for piece in places))
    return _altered(quote, cited) or _altered(quote, evidence) or Finding(quote, "altered", INVENTED)


def _wordings(piece: Evidence) -> tuple[str, ...]:
    return (*wordings(piece.sentence.text), normal(piece.article.title or ""))


def _across(quote: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return two neighbours when a quotation runs over from one to the other without a gap."""
    wanted = normal(quote).strip(" .,;:!?-")
    for left, right in runs(evidence):
        joined = wordings(f"{left.sentence.text} {right.sentence.text}")
        if wanted and any(place_of(wanted, wording) >= 0 for wording in joined):
            return left, right
    return ()


def _is_torn(quote: str, around: str, places: Sequence[Evidence]) -> bool:
    wanted = normal(quote)
    return not denies(around) and all(denied_before(wanted, normal(piece.sentence.text)) for piece in places)


# -- what does not stand so --------------------------------------------------------------------------


def _stitched(quote: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the sentences, two at least, whose pieces were put together, or nothing."""
    parts = parts_of(quote)
    if len(parts) == 1:
        parts = _pieces(parts[0].split()[: _MOST_WORDS + 1], evidence)
    found = [places_of(part, evidence) for part in parts]
    firsts = {places[0].sentence.place: places[0] for places in found if places}
    return tuple(firsts.values()) if all(found) and len(firsts) > 1 else ()


def _pieces(words: Sequence[str], evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Cut words into the longest pieces that stand somewhere, from the left; nothing when that takes too many."""
    pieces: list[str] = []
    if len(words) > _MOST_WORDS:
        return ()
    while words and len(pieces) < _MOST_PIECES:
        ends = range(len(words), _LEAST_PIECE - 1, -1)
        end = next((end for end in ends if places_of(" ".join(words[:end]), evidence)), 0)
        if not end:
            return ()
        pieces.append(" ".join(words[:end]))
        words = words[end:]
    return () if words else tuple(pieces)


def _altered(quote: Quoted, evidence: Sequence[Evidence]) -> Finding | None:
    """Return what is known of a quotation most of whose words stand in one sentence."""
    own = text_words(quote.text)
    if not own.stems or not evidence:
        return None
    words = [(text_words(piece.sentence.text), piece) for piece in evidence]
    best, piece = max(words, key=lambda pair: common_subsequence(own.stems, pair[0].stems))
    if common_subsequence(own.stems, best.stems) < _CLOSE * len(own.stems):
        return None
    return Finding(quote, "altered", ALTERED, (piece,), _says_the_same(own, best))


def _says_the_same(own: TextWords, other: TextWords) -> bool:
    """Whether no word that carries meaning, no number and no negation was put in or turned round."""
    known = numbers_of(other.text)
    turned = (own.negated - own.affirmed) & (other.affirmed - other.negated)
    turned |= (own.affirmed - own.negated) & (other.negated - other.affirmed)
    return not turned and set(own.content) <= other.present and all(has_number(n, known) for n in numbers_of(own.text))
