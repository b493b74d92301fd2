"""pullquote's parts as llama-index knows them: a retriever, a query engine, a node parser.

>>> from llama_index.core.query_engine import RetrieverQueryEngine
>>> from pullquote import Newsroom
>>> from pullquote.qa.llamaindex import PullquoteQueryEngine, PullquoteRetriever
>>> room = Newsroom.open("store")
>>> PullquoteQueryEngine(room).query("Who called for restraint?").source_nodes  # checked citations, no LLM
>>> RetrieverQueryEngine.from_args(PullquoteRetriever(room), llm=my_llm)        # your LLM over our sentences

Importing this module imports llama-index (about three seconds); nothing else in pullquote imports it.
No model is taken from llama-index's global settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.bridge.pydantic import Field
from llama_index.core.callbacks import CallbackManager
from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import build_nodes_from_splits
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import (
    BaseNode,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)
from llama_index.core.utils import get_tqdm_iterable

from pullquote.index.chunking import chunk_sentences
from pullquote.index.sentences import split_sentences
from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.json_form import iso_time
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pipeline import find_evidence
from pullquote.qa.types import Answer, Citation, Evidence

_FOR_READERS = ("title", "source", "published_at")  # what an LLM or an embedding model is shown of the metadata


class PullquoteRetriever(BaseRetriever):  # type: ignore[misc]
    """Retrieves the sentences that answer best, one node each, best first.

    Every node carries ``article_id, version, start, end, title, source, url, published_at`` (ISO 8601, or
    None) as metadata, and is the article's text from ``start_char_idx`` to ``end_char_idx``.
    Scores are those of pullquote's ranking: comparable within one question only.
    """

    def __init__(
        self, room: Newsroom, *, top_k: int = 8, neighbours: int = 0, callback_manager: CallbackManager | None = None
    ) -> None:
        """Retrieve from an open newsroom.

        Args:
            room: where the articles are; it stays the caller's to close.
            top_k: most nodes to return.
            neighbours: sentences to add on each side; a sentence inside a better node gets none of its own.
            callback_manager: llama-index's.
        """
        if top_k < 1 or neighbours < 0:
            raise ValueError(f"top_k must be at least 1 and neighbours at least 0, not {top_k} and {neighbours}")
        super().__init__(callback_manager=callback_manager or CallbackManager([]))
        self._room = room
        self._top_k = top_k
        self._neighbours = neighbours

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = find_evidence(self._room.store, query_bundle.query_str, self._room.settings, self._top_k)
        if not self._neighbours:
            return [NodeWithScore(node=_node(e.article, e.sentence.span, e.sentence.text), score=e.score) for e in found]
        return list(self._widened(found))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)

    def _widened(self, found: Sequence[Evidence]) -> Iterator[NodeWithScore]:
        taken: dict[str, list[Span]] = {}
        for evidence in found:
            meta, hit = evidence.article, evidence.sentence
            spans = taken.setdefault(meta.id, [])
            article = self._room.article(meta.id, hit.version)
            if article is None or any(span.overlaps(hit.span) for span in spans):
                continue
            near = [s.span for s in self._room.sentences(meta.id) if abs(s.number - hit.number) <= self._neighbours]
            span = Span(near[0].start, near[-1].end)
            spans.append(span)
            yield NodeWithScore(node=_node(meta, span, article.text[slice(*span)]), score=evidence.score)


class PullquoteQueryEngine(BaseQueryEngine):  # type: ignore[misc]
    """Answers with cited sentences, or refuses.

    The response's ``source_nodes`` are the citations in the order of their numbers (none with a refusal), each
    scored with the support of the sentence that it carries; its ``metadata`` is what ``pullquote ask --json`` prints.
    """

    def __init__(self, room: Newsroom, *, callback_manager: CallbackManager | None = None) -> None:
        """Answer from an open newsroom, which stays the caller's to close."""
        super().__init__(callback_manager=callback_manager or CallbackManager([]))
        self._room = room

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(self._room.ask(query_bundle.query_str))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return _response(await self._room.aask(query_bundle.query_str))

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


class SentenceNodeParser(NodeParser):  # type: ignore[misc]
    """Splits at pullquote's sentence boundaries, with exact offsets.

    Every node is the text of its source from ``start_char_idx`` to ``end_char_idx``, repeated passages included.
    """

    max_tokens: int | None = Field(
        default=None, gt=0, description="Most cl100k tokens of a node of several sentences; None: a node for each sentence."
    )

    @classmethod
    def class_name(cls) -> str:
        """Return the name it is stored under."""
        return "PullquoteSentenceNodeParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            text = node.get_content(metadata_mode=MetadataMode.NONE)
            spans = _grouped(text, split_sentences(text), self.max_tokens)
            # What was itself cut from a document gives nodes of that document.
            shift = (node.start_char_idx or 0) if isinstance(node, TextNode) and node.source_node else 0
            parts = build_nodes_from_splits([text[a:b] for a, b in spans], node, id_func=self.id_func)
            for span, part in zip(spans, parts, strict=True):
                part.start_char_idx, part.end_char_idx = shift + span.start, shift + span.end
                parsed.append(part)
        return parsed

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]) -> list[BaseNode]:
        """Do what every parser does, and keep our offsets: the base class looks for the text and may find another place."""
        spans = [(node.start_char_idx, node.end_char_idx) for node in nodes]
        done: list[BaseNode] = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, (start, end) in zip(done, spans, strict=True):
            node.start_char_idx, node.end_char_idx = start, end
        return done


def _grouped(text: str, sentences: Sequence[Span], max_tokens: int | None) -> list[Span]:
    if max_tokens is None:
        return list(sentences)
    # Only cl100k tokens count here: which embedding model comes after is not known.
    chunks = chunk_sentences([text[a:b] for a, b in sentences], max_tokens, length=lambda _: 0)
    return [Span(sentences[first - 1].start, sentences[last - 1].end) for first, last in chunks]


def _node(meta: ArticleMeta, span: Span, text: str, **more: Any) -> TextNode:
    metadata = {
        "article_id": meta.id,
        "version": meta.version,
        "start": span.start,
        "end": span.end,
        "title": meta.title,
        "source": meta.source,
        "url": meta.url,
        "published_at": iso_time(meta.published_at),
        **more,
    }
    hidden = [name for name, value in metadata.items() if name not in _FOR_READERS or value is None]
    return TextNode(
        id_=f"{meta.id}:{meta.version}:{span.start}-{span.end}",
        text=text,
        start_char_idx=span.start,
        end_char_idx=span.end,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=meta.id)},
    )


def _response(answer: Answer) -> Response:
    scores = {c.n: s.support.score for s in reversed(answer.sentences) for c in s.citations}
    nodes = [NodeWithScore(node=_citation_node(c), score=scores[c.n]) for c in answer.citations]
    return Response(response=_text(answer), source_nodes=nodes, metadata=answer.to_dict())


def _citation_node(citation: Citation) -> TextNode:
    return _node(citation.article, citation.span, citation.quote, n=citation.n)


def _text(answer: Answer) -> str:
    """Return the sentences with the numbers of their citations, or what a refusal says first."""
    if not answer.sentences:
        return " ".join(str(answer).partition("\n\n")[0].split())
    return "\n".join(f"{s.text} {''.join(f'[{c.n}]' for c in s.citations)}" for s in answer.sentences)
