"""The adapters, driven by llama-index's own parts."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core import Document, MockEmbedding, VectorStoreIndex
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine, RouterQueryEngine
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.selectors import LLMSingleSelector
from llama_index.core.tools import QueryEngineTool

from pullquote.qa.llamaindex import PullquoteQueryEngine, PullquoteRetriever, SentenceNodeParser
from pullquote.qa.newsroom import Newsroom

RESTRAINT = "Who called for restraint?"
UNANSWERED = "Who won the football cup final?"
METADATA = {"article_id", "version", "start", "end", "title", "source", "url", "published_at"}


@pytest.fixture(autouse=True)
def no_global_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where llama-index would fall back to the models of its global settings."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a global model was asked for")

    monkeypatch.setattr("llama_index.core.settings.resolve_llm", refuse)
    monkeypatch.setattr("llama_index.core.settings.resolve_embed_model", refuse)


def stands_where_it_says(room: Newsroom, found: NodeWithScore) -> bool:
    node = found.node
    assert isinstance(node, TextNode)
    article = room.article(node.metadata["article_id"], node.metadata["version"])
    assert article is not None
    assert (node.start_char_idx, node.end_char_idx) == (node.metadata["start"], node.metadata["end"])
    return article.text[node.start_char_idx : node.end_char_idx] == node.text


# -- the retriever --------------------------------------------------------------------------------


def test_a_retriever_returns_sentences_best_first_with_exact_offsets(sample_room: Newsroom) -> None:
    found = PullquoteRetriever(sample_room, top_k=5).retrieve(RESTRAINT)
    assert len(found) == 5
    assert "restraint" in found[0].text
    assert [n.score for n in found] == sorted((n.score for n in found), reverse=True)
    assert all(stands_where_it_says(sample_room, n) for n in found)
    assert all(set(n.metadata) == METADATA for n in found)
    assert len({n.node_id for n in found}) == 5
    assert {n.node.ref_doc_id for n in found} == {n.metadata["article_id"] for n in found}


def test_a_retriever_finds_what_the_newsroom_calls_evidence(sample_room: Newsroom) -> None:
    evidence = sample_room.ask(RESTRAINT).evidence
    found = PullquoteRetriever(sample_room, top_k=len(evidence)).retrieve(RESTRAINT)
    assert [(n.metadata["article_id"], n.metadata["start"]) for n in found] == [
        (e.article.id, e.sentence.span.start) for e in evidence
    ]


def test_neighbours_widen_a_node_and_never_overlap(sample_room: Newsroom) -> None:
    plain = PullquoteRetriever(sample_room, top_k=8).retrieve(RESTRAINT)
    wide = PullquoteRetriever(sample_room, top_k=8, neighbours=1).retrieve(RESTRAINT)
    assert plain[0].text in wide[0].text
    assert len(wide[0].text) > len(plain[0].text)
    assert wide[0].score == plain[0].score
    assert all(stands_where_it_says(sample_room, n) for n in wide)
    assert len({n.metadata["article_id"] for n in wide}) > 1
    places = [(n.metadata["article_id"], n.metadata["start"], n.metadata["end"]) for n in wide]
    assert not any(a[0] == plain[0].metadata["article_id"] and a[1] <= plain[0].metadata["start"] < a[2] for a in places[1:])


def test_retrieving_asynchronously_finds_the_same(sample_room: Newsroom) -> None:
    retriever = PullquoteRetriever(sample_room)
    both = asyncio.run(retriever.aretrieve(RESTRAINT)), retriever.retrieve(QueryBundle(RESTRAINT))
    assert both[0] == both[1]


def test_a_model_is_shown_title_outlet_and_date_and_no_numbers(sample_room: Newsroom) -> None:
    node = PullquoteRetriever(sample_room, top_k=1).retrieve(RESTRAINT)[0].node
    for mode in (MetadataMode.LLM, MetadataMode.EMBED):
        shown = node.get_content(mode)
        assert node.metadata["title"] in shown
        assert node.metadata["published_at"] in shown
        assert "article_id" not in shown
        assert "start:" not in shown


@pytest.mark.parametrize("wrong", [{"top_k": 0}, {"neighbours": -1}])
def test_a_retriever_refuses_sizes_that_make_no_sense(sample_room: Newsroom, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        PullquoteRetriever(sample_room, **wrong)


def test_llama_index_writes_answers_over_our_sentences(sample_room: Newsroom) -> None:
    engine = RetrieverQueryEngine.from_args(PullquoteRetriever(sample_room, top_k=3), llm=MockLLM())
    response = engine.query(RESTRAINT)
    assert len(response.source_nodes) == 3
    assert "restraint" in str(response)  # MockLLM repeats its prompt: our sentences were in it


def test_llama_index_fuses_our_sentences_with_other_retrievers(sample_room: Newsroom) -> None:
    retrievers = [PullquoteRetriever(sample_room, top_k=5), PullquoteRetriever(sample_room, top_k=3)]
    fused = QueryFusionRetriever(
        retrievers, mode="reciprocal_rerank", num_queries=1, similarity_top_k=5, llm=MockLLM(), use_async=False
    )
    found = fused.retrieve(RESTRAINT)
    assert len(found) == 5
    assert "restraint" in found[0].text


# -- the query engine -----------------------------------------------------------------------------


def test_a_query_engine_answers_with_its_citations_as_sources(sample_room: Newsroom) -> None:
    response = PullquoteQueryEngine(sample_room).query(RESTRAINT)
    answer = sample_room.ask(RESTRAINT)
    assert answer.status == "answered"
    assert [n.text for n in response.source_nodes] == [c.quote for c in answer.citations]
    assert [n.metadata["n"] for n in response.source_nodes] == [c.n for c in answer.citations]
    assert all(stands_where_it_says(sample_room, n) for n in response.source_nodes)
    assert all(0 <= (n.score or 0) <= 1 for n in response.source_nodes)
    assert all(s.text in str(response) for s in answer.sentences)
    assert "[1]" in str(response)


def test_the_metadata_of_a_response_is_the_answer_as_json(sample_room: Newsroom) -> None:
    metadata = PullquoteQueryEngine(sample_room).query(RESTRAINT).metadata
    expected = sample_room.ask(RESTRAINT).to_dict()
    assert metadata is not None
    assert {**metadata, "timings_s": None} == {**expected, "timings_s": None}


def test_a_refusal_has_no_sources_and_says_so(sample_room: Newsroom) -> None:
    response = PullquoteQueryEngine(sample_room).query(UNANSWERED)
    assert response.source_nodes == []
    assert str(response).startswith("No answer")
    assert response.metadata is not None
    assert response.metadata["status"] == "abstained"


def test_querying_asynchronously_answers_the_same(sample_room: Newsroom) -> None:
    engine = PullquoteQueryEngine(sample_room)
    there, here = asyncio.run(engine.aquery(RESTRAINT)), engine.query(RESTRAINT)
    assert str(there) == str(here)
    assert there.source_nodes == here.source_nodes


def test_a_router_can_choose_our_engine(sample_room: Newsroom) -> None:
    class ChoosesFirst(MockLLM):
        def predict(self, *_: Any, **__: Any) -> str:
            return '[{"choice": 1, "reason": "news"}]'

    tool = QueryEngineTool.from_defaults(PullquoteQueryEngine(sample_room), name="news", description="News articles.")
    llm = ChoosesFirst()
    router = RouterQueryEngine(LLMSingleSelector.from_defaults(llm=llm), [tool], llm=llm)
    response = router.query(RESTRAINT)
    assert "restraint" in str(response)
    assert all(stands_where_it_says(sample_room, n) for n in response.source_nodes)


# -- the node parser ------------------------------------------------------------------------------

REPEATED = (
    'Lt. Gov. Dan Ostrow spoke. "No," he said.\n\nNo," he said.\n\n"No," he said. The U.S. Senate met at 5 p.m. "No," he said.'
)


@pytest.mark.parametrize("max_tokens", [None, 12, 200])
def test_every_node_is_its_document_between_its_offsets_even_where_text_repeats(max_tokens: int | None) -> None:
    document = Document(text=REPEATED, metadata={"title": "Repeats"})
    nodes = SentenceNodeParser(max_tokens=max_tokens).get_nodes_from_documents([document])
    spans = [(n.start_char_idx, n.end_char_idx) for n in nodes]
    assert all(REPEATED[a:b] == n.get_content(MetadataMode.NONE) for (a, b), n in zip(spans, nodes, strict=True))
    assert spans == sorted(set(spans))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(n.metadata == {"title": "Repeats"} and n.ref_doc_id == document.id_ for n in nodes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), max_size=3), st.sampled_from([None, 1, 30]))
def test_offsets_are_exact_on_any_text(texts: list[str], max_tokens: int | None) -> None:
    documents = [Document(text=text, id_=str(n)) for n, text in enumerate(texts)]
    for node in SentenceNodeParser(max_tokens=max_tokens).get_nodes_from_documents(documents):
        assert isinstance(node, TextNode)
        text = texts[int(node.ref_doc_id or "")]
        assert text[node.start_char_idx : node.end_char_idx] == node.text


def test_sentences_are_joined_up_to_the_size_asked_for() -> None:
    document = Document(text=REPEATED)
    one, small, large = (SentenceNodeParser(max_tokens=n).get_nodes_from_documents([document]) for n in (None, 12, 200))
    assert len(one) > len(small) > len(large) == 1


def test_nodes_know_their_neighbours() -> None:
    nodes = SentenceNodeParser().get_nodes_from_documents([Document(text="Rain fell. Snow came. Ice stayed.")])
    assert [n.prev_node.node_id if n.prev_node else None for n in nodes] == [None, nodes[0].node_id, nodes[1].node_id]


def test_splitting_nodes_again_keeps_offsets_into_the_document() -> None:
    document = Document(text=REPEATED)
    paragraphs = SentenceNodeParser(max_tokens=25)([document])
    sentences = SentenceNodeParser()(paragraphs)
    assert len(sentences) > len(paragraphs) > 1
    assert all(n.ref_doc_id == document.id_ for n in sentences)
    assert all(REPEATED[n.start_char_idx : n.end_char_idx] == n.get_content(MetadataMode.NONE) for n in sentences)


def test_a_parser_describes_itself() -> None:
    described = SentenceNodeParser(max_tokens=40).to_dict()
    assert (described["class_name"], described["max_tokens"]) == ("PullquoteSentenceNodeParser", 40)


def test_a_parser_works_in_a_pipeline_and_an_index() -> None:
    nodes = IngestionPipeline(transformations=[SentenceNodeParser()], disable_cache=True).run(documents=[Document(text=REPEATED)])
    index = VectorStoreIndex(nodes, embed_model=MockEmbedding(8))
    found = index.as_retriever(similarity_top_k=2).retrieve("Senate")
    assert all(REPEATED[n.node.start_char_idx : n.node.end_char_idx] == n.text for n in found)
