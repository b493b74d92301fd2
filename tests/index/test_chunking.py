"""Chunks: whole sentences, all of them, none too long for the model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.chunking import chunk_sentences, count_tokens
from pullquote.index.embedding import OnnxEmbedder, open_embedder
from pullquote.index.ingest import prepare
from pullquote.index.onnx import MAX_WORD_PIECES
from pullquote.index.settings import DEFAULT_EMBEDDING, IndexSettings
from pullquote.index.types import Article, ArticleMeta

SENTENCES = st.lists(st.text(min_size=1, max_size=120), max_size=40)
READABLE = st.characters(codec="utf-8", categories=["L", "M", "N", "S", "P", "Zs"])

SCRIPTS = {
    "english": "The council of the harbour town adjourned after midnight. ",
    "hangul": "시의회는 어젯밤 늦게 회의를 마치고 다리 건설을 승인했다. ",
    "rare hangul": "뷁쀍 뙗쓩 쬃쮋 꿹뒑 쉛쒧. ",
    "chinese": "市议会昨晚很晚才休会、批准了新桥的建设计划。",
    "japanese": "市議会は昨夜遅くに閉会し、新しい橋の建設を承認しました。",
    "emoji": "🙂 👩‍👩‍👧‍👦 🏳️‍🌈 🇪🇺 🙃 🎉. ",
    "thai": "สภาเมืองปิดประชุมหลังเที่ยงคืน. ",
    "marks": "Ḉ̸̢ŗ̷͝ä̵́z̶̛y̸͋ ṃ̶́a̵͠r̴̐k̵̈́s̶̚. ",
    "digits": "1 2 3 4 5 6 7 8 9 0 % $ # @ ! & * ( ) - + = 1 2 3. ",
}


@pytest.fixture(scope="module")
def model() -> OnnxEmbedder:
    embedder = open_embedder(DEFAULT_EMBEDDING)
    assert isinstance(embedder, OnnxEmbedder)
    return embedder


def flat(chunks: tuple[tuple[int, int], ...]) -> list[int]:
    return [number for first, last in chunks for number in range(first, last + 1)]


@given(SENTENCES, st.integers(32, 400), st.integers(8, 300))
def test_chunks_hold_every_sentence_once_and_in_order(sentences: list[str], tokens: int, window: int) -> None:
    chunks = chunk_sentences(sentences, tokens, len, window)
    assert flat(chunks) == list(range(1, len(sentences) + 1))
    assert all(first <= last for first, last in chunks)


@given(SENTENCES, st.integers(32, 400), st.integers(8, 300))
def test_only_a_sentence_that_is_too_long_by_itself_exceeds_a_limit(sentences: list[str], tokens: int, window: int) -> None:
    for first, last in chunk_sentences(sentences, tokens, lambda text: len(text.encode()), window):
        if first < last:
            part = sentences[first - 1 : last]
            assert sum(count_tokens(part)) <= tokens
            assert len(" ".join(part).encode()) <= window


@given(SENTENCES, st.integers(32, 400))
def test_a_chunk_ends_only_where_the_next_sentence_would_not_fit(sentences: list[str], tokens: int) -> None:
    chunks = chunk_sentences(sentences, tokens, lambda _: 1)
    sizes = [sum(count_tokens(sentences[first - 1 : last])) for first, last in chunks]
    for before, (first, _) in zip(sizes, chunks[1:], strict=False):
        assert before + count_tokens(sentences[first - 1 : first])[0] > tokens


def test_no_sentences_make_no_chunks() -> None:
    assert chunk_sentences([], 160, len) == ()


def test_an_overlong_sentence_stands_alone() -> None:
    sentences = ["Short one.", "word " * 300, "Short two.", "Short three."]
    assert chunk_sentences(sentences, 160, lambda text: len(text.split())) == ((1, 1), (2, 2), (3, 4))


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("tokens", [160, 400])
def test_every_chunk_fits_the_real_models_window(model: OnnxEmbedder, script: str, tokens: int) -> None:
    text = "\n\n".join([(SCRIPTS[script] * 3).strip()] * 30)
    item = prepare(Article(ArticleMeta("a"), text), model, IndexSettings(chunk_tokens=tokens))
    assert flat(item.chunks) == list(range(1, len(item.sentences) + 1))
    for chunk in item.chunks:
        assert chunk[0] == chunk[1] or model.length(item.chunk_text(chunk)) <= MAX_WORD_PIECES


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(READABLE, min_size=1, max_size=200), max_size=12))
def test_any_text_fits_the_real_models_window(model: OnnxEmbedder, paragraphs: list[str]) -> None:
    item = prepare(Article(ArticleMeta("a"), "\n\n".join(paragraphs)), model, IndexSettings(chunk_tokens=400))
    for chunk in item.chunks:
        assert chunk[0] == chunk[1] or model.length(item.chunk_text(chunk)) <= MAX_WORD_PIECES


def test_a_hangul_syllable_counts_for_the_pieces_it_becomes(model: OnnxEmbedder) -> None:
    sentences = ["가나다 라마바 사아자 차카타."] * 24
    text = " ".join(sentences)
    assert len(text) + 2 <= MAX_WORD_PIECES < model.length(text)
    chunks = chunk_sentences(sentences, 10_000, model.length)
    assert len(chunks) > 1
    assert all(model.length(" ".join(sentences[first - 1 : last])) <= MAX_WORD_PIECES for first, last in chunks)
