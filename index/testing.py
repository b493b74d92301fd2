"""Small models for tests, of embedding and of statements: no files, no network, the same numbers everywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pullquote.index.types import Article, Polarity, Span, Statement

_WORD = re.compile(r"\w+")
_SAID = re.compile(
    r"(?P<speaker>[A-Z][\w'-]*(?: [\w'-]+){0,2}?) (?P<cue>said|says|denied|denies|declined to say|declines to say)(?: that)?,? "
    r"(?P<content>[\"\u201c]?[^\"\u201c\u201d]*?[\"\u201d]?)[.!?]?$"
)
_POLARITIES: dict[str, Polarity] = {"said": "affirmed", "says": "affirmed", "denied": "denied", "denies": "denied"}

Fault = Literal["raises", "nan", "infinity", "zeros", "too few", "too many", "ragged", "no numbers"]


class HashEmbedder:
    """Counts words in hashed bins: texts that share words are near each other, as with a real model.

    It follows ``pullquote.index.embedding.Embedder`` and counts what it is asked for.
    """

    def __init__(self, dim: int = 64, name: str = "hash") -> None:
        """Make a model with vectors of ``dim`` numbers; another ``name`` gives other vectors and another fingerprint."""
        self.dim = dim
        self.name = name
        self.calls = 0
        """How often ``embed`` was called."""
        self.texts: list[str] = []
        """Every text that was embedded, in order."""
        self._bins: dict[str, tuple[int, float]] = {}

    @property
    def fingerprint(self) -> str:
        """Name and dimension: ``hash-64`` by default."""
        return f"{self.name}-{self.dim}"

    def length(self, text: str) -> int:
        """Return the number of words and two, as if each were one word piece between two special ones."""
        return len(_WORD.findall(text)) + 2

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32."""
        self.calls += 1
        self.texts += texts
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.lower()) or [text]:
                place, sign = self._bin(word)
                row[place] += sign
            if not row.any():  # words that cancel each other out
                row[self._bin(text)[0]] = 1.0
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def _bin(self, word: str) -> tuple[int, float]:
        known = self._bins.get(word)
        if known is None:
            digest = hashlib.sha256(f"{self.name} {word}".encode("utf-8", "surrogatepass")).digest()
            known = self._bins[word] = int.from_bytes(digest[:4]) % self.dim, 1.0 if digest[4] % 2 else -1.0
        return known


class FailingEmbedder(HashEmbedder):
    """A ``HashEmbedder`` of the same fingerprint that goes wrong when it meets a certain word."""

    def __init__(self, fault: Fault, word: str = "") -> None:
        """Go wrong in the way ``fault`` names on texts that hold ``word`` (every text by default)."""
        super().__init__()
        self.fault: Fault = fault
        self.word = word

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, or what ``fault`` asks for.

        Raises:
            ConnectionError: the fault is ``raises``.
        """
        rows = super().embed(texts)
        if not any(self.word in text for text in texts):
            return rows
        if self.fault == "raises":
            raise ConnectionError("the model went away")
        if self.fault == "too few":
            return rows[:-1]
        if self.fault == "too many":
            return np.concatenate([rows, rows[:1]])
        if self.fault == "ragged":
            return [row[: self.dim - n % 2 - 1] for n, row in enumerate([*rows, rows[0]])][: len(texts)]  # type: ignore[return-value]
        if self.fault == "no numbers":
            return [["?"] * self.dim for _ in texts]  # type: ignore[return-value]
        rows[-1] = {"nan": np.nan, "infinity": np.inf, "zeros": 0.0}[self.fault]
        return rows


class FakeStatementReader:
    """Reads sentences such as ``Anna Berg said that it rains.`` and ``Anna Berg denies "it rains".``, and no others.

    It follows ``pullquote.index.statements.reader.StatementReader`` and remembers what it read.
    """

    def __init__(self, name: str = "fake-1", fails_at: str | None = None) -> None:
        """Give it another ``name``, and it is another reader; a text that holds ``fails_at`` makes it raise."""
        self.fingerprint = name
        self.fails_at = fails_at
        self.read_ids: list[str] = []
        """The articles that it read, in order."""

    def read(self, items: Sequence[tuple[Article, Sequence[Span]]]) -> list[tuple[Statement, ...]]:
        """Return the statements of each article, in reading order.

        Raises:
            ValueError: a text holds what it fails at.
        """
        for article, _ in items:
            if self.fails_at is not None and self.fails_at in article.text:
                raise ValueError(f"no statements in {article.meta.id}")
            self.read_ids.append(article.meta.id)
        return [tuple(_statements(article, spans)) for article, spans in items]


def _statements(article: Article, sentences: Sequence[Span]) -> Iterator[Statement]:
    for number, (start, end) in enumerate(sentences, 1):
        found = _SAID.search(article.text[start:end])
        if found is None or not found["content"].strip('"\u201c\u201d '):
            continue
        speaker, cue, content = (
            Span(start + found.start(part), start + found.end(part)) for part in ("speaker", "cue", "content")
        )
        direct = article.text[content.start] in '"\u201c'
        if direct:
            content = Span(content.start + 1, content.end - (article.text[content.end - 1] in '"\u201d'))
        yield Statement(
            article.meta.id, article.meta.version, number, "direct" if direct else "indirect",
            _POLARITIES.get(found["cue"], "declined"), found["speaker"], None, speaker, cue, (content,),
        )  # fmt: skip
