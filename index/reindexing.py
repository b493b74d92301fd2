"""Another embedding model: chunks and vectors made beside the old ones, then one small step from those to these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pullquote.index.chunking import chunk_sentences
from pullquote.index.embedding import Embedder, open_embedder, text_key
from pullquote.index.failpoints import failpoint
from pullquote.index.ingest import BATCH_CHUNKS, finish, missing_vectors
from pullquote.index.ledger import LedgerKeeper
from pullquote.index.records import PreparedArticle
from pullquote.index.settings import lasting
from pullquote.index.store import Store

Progress = Callable[[int, int], None]
"""Called with how many of how many articles are done."""


def reindex(store: Store, embedding: str | None = None, progress: Progress | None = None) -> int:
    """Make all chunks and vectors anew, and return how many texts were embedded for it.

    ``embedding`` names the model as ``IndexSettings.embedding`` does, and the store remembers it; by default it is the model at
    hand. The old vectors answer until the new ones are complete, also for other processes. A run that was cut off goes on
    where it was; articles that came or changed in between are taken as they are now.

    Raises:
        StoreBusy: another process is writing to the store.
        SettingsError: there is no such model.
        ModelError: the model failed; the old vectors stay.
        IndexDamaged, StoreUnwritable: the new index cannot be made (a full disk); the old vectors stay.
    """
    with store.writing("reindex"):
        name, embedder = _chosen(store, embedding)
        catalog, model = store.catalog, embedder.fingerprint
        cut = catalog.begin_cut(model, store.settings.chunk_tokens)
        embedded = _stage(store, cut, embedder, progress)
        catalog.switch_cut(cut, model, name, store.build_beside(cut, model))
        failpoint("cut-switched")
        with LedgerKeeper(store) as ledger:
            finish(store, ledger)
    return embedded


def _chosen(store: Store, embedding: str | None) -> tuple[str, Embedder]:
    """Return a model and the setting by which the store is to remember it."""
    if embedding is None:
        return store.embedding, store.embedder
    replace(store.settings, embedding=embedding)  # refuses what is no model
    return lasting(embedding), open_embedder(embedding)


def _stage(store: Store, cut: int, embedder: Embedder, progress: Progress | None) -> int:
    """Make the chunks and vectors that a cut lacks; return how many texts were embedded."""
    catalog, embedded, done = store.catalog, 0, 0
    lacking = catalog.lacking(cut)
    for batch in _batches(store, lacking, embedder):
        texts = {text_key(text): text for item in batch for text in map(item.chunk_text, item.chunks)}
        vectors = missing_vectors(store, texts, embedder)
        catalog.stage_chunks(cut, batch, vectors, embedder.fingerprint)
        failpoint("cut-staged")
        embedded, done = embedded + len(vectors), done + len(batch)
        if progress is not None:
            progress(done, len(lacking))
    return embedded


def _batches(store: Store, ids: Sequence[str], embedder: Embedder) -> Iterator[list[PreparedArticle]]:
    batch: list[PreparedArticle] = []
    for article_id in ids:
        batch += _recut(store, article_id, embedder)
        if sum(len(item.chunks) for item in batch) >= BATCH_CHUNKS:
            yield batch
            batch = []
    if batch:
        yield batch


def _recut(store: Store, article_id: str, embedder: Embedder) -> list[PreparedArticle]:
    """Cut the stored sentences of an article into chunks for a model; they do not depend on it, and stay as they are."""
    article, sentences = store.catalog.article(article_id), store.catalog.sentences_of(article_id)
    if article is None:
        return []
    chunks = chunk_sentences([sentence.text for sentence in sentences], store.settings.chunk_tokens, embedder.length)
    return [PreparedArticle(article, tuple(sentence.span for sentence in sentences), chunks)]
