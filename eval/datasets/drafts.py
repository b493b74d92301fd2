"""Answer sentences as a good language model would write them over the bundled articles, each with the sentences that carry it.

``drafts.jsonl`` has one object a line, written by hand::

    {"id": "ferry-13", "question": "...", "text": "...", "speaker": "Ebbing", "cites": [{"article_id": "...", "quote": "..."}]}

* ``text``: one sentence, true to the quotes together and needing all of them
* ``speaker``: the words of ``text`` that name who says it; left out where nobody says it, or it is not a person
* ``quote``: a whole sentence of the article, verbatim
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article

Half = Literal["dev", "held"]
DRAFTS = Path(__file__).parents[1] / "drafts.jsonl"
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_QUOTED = re.compile(r'"([^"]+)"')
_LAST_MARK = re.compile(r"[.,?!]'?$")


@dataclass(frozen=True, slots=True)
class Cite:
    """A sentence that a draft cites."""

    article_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class SoundDraft:
    """A true answer sentence with the right citations."""

    id: str
    question: str
    text: str
    cites: tuple[Cite, ...]
    speaker: str = ""

    @property
    def half(self) -> Half:
        """Which half it is in: one may be read while the gate is worked on, the other is only measured. By the id's hash."""
        return "held" if hashlib.sha256(self.id.encode()).digest()[0] % 2 else "dev"

    @property
    def article_ids(self) -> tuple[str, ...]:
        """The cited articles, each once."""
        return tuple(dict.fromkeys(cite.article_id for cite in self.cites))


def sound_drafts(articles: Iterable[Article], path: Path = DRAFTS) -> list[SoundDraft]:
    """Return the drafts in file order; ``articles`` are those that they are about.

    Raises ``UsageError`` naming file and line for a draft that lacks something, whose quote is no sentence of its article, whose
    quotation marks hold words that are in no quote, or whose speaker is not in its text.
    """
    sentences = {article.meta.id: sentence_texts(article) for article in articles}
    return list(jsonl_records(path, partial(_draft, sentences=sentences)))


def sentence_texts(article: Article) -> list[str]:
    """Return the sentences of an article as the store splits it."""
    return [article.text[slice(*span)] for span in split_sentences(article.text)]


def quotations(text: str) -> list[str]:
    """Return what stands in quotation marks, the marks straight, without a last comma or full stop."""
    return [_LAST_MARK.sub("", inside) for inside in _QUOTED.findall(straight(text))]


def straight(text: str) -> str:
    """Return a text with straight quotation marks and apostrophes."""
    return text.translate(_STRAIGHT)


def _draft(row: Row, sentences: Mapping[str, list[str]]) -> SoundDraft:
    cites = tuple(Cite(cite["article_id"], cite["quote"]) for cite in row["cites"])
    draft = SoundDraft(row["id"], row["question"], row["text"], cites, row.get("speaker", ""))
    if not cites:
        raise ValueError("it cites nothing")
    for cite in cites:
        if cite.quote not in sentences.get(cite.article_id, ()):
            raise ValueError(f"no sentence of {cite.article_id!r} is {cite.quote!r}")
    _check_words(draft)
    return draft


def _check_words(draft: SoundDraft) -> None:
    cited = [straight(cite.quote) for cite in draft.cites]
    for quotation in quotations(draft.text):
        if not any(straight(quotation) in quote for quote in cited):
            raise ValueError(f"{quotation!r} is in no quote")
    if draft.speaker not in draft.text:
        raise ValueError(f"the speaker {draft.speaker!r} is not in the text")
