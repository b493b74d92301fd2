"""The pipeline of llama-index's tutorial over Chroma, and its CitationQueryEngine: run by path, where pullquote is not installed.

Usage: ``python tutorial.py WORK MODEL``. Reads ``articles.jsonl`` and ``questions.jsonl`` below WORK, and prints numbers as JSON.
Whatever is no choice of the tutorial's is a default: chunks of 1,024 tokens, two of them for a question, sources of 512 tokens.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module  # no module of this package may depend on the libraries
from pathlib import Path
from typing import Any

_PIECES = 512


def embedding_model(folder: Path) -> Any:
    """Return the model file as llama-index wants its models: vectors of the first piece, of length 1."""
    np, runtime = import_module("numpy"), import_module("onnxruntime")
    base = import_module("llama_index.core.base.embeddings.base").BaseEmbedding
    tokenizer = import_module("tokenizers").Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_PIECES)
    session = runtime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    names = {node.name for node in session.get_inputs()}

    def vector(text: str) -> list[float]:
        encoding = tokenizer.encode(text)
        columns = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
        feed = {name: np.array([column], np.int64) for name, column in columns.items() if name in names}
        first = session.run(None, feed)[0][0][0]
        found: list[float] = (first / np.linalg.norm(first)).tolist()
        return found

    class Bundled(base):  # type: ignore[misc, valid-type]
        def _get_text_embedding(self, text: str) -> list[float]:
            return vector(text)

        def _get_query_embedding(self, query: str) -> list[float]:
            return vector(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return vector(query)

    return Bundled(model_name=folder.name)


def indexed(work: Path, model: Any) -> tuple[Any, float]:
    """Return the tutorial's index of all articles, and the seconds that it took."""
    core, chroma = import_module("llama_index.core"), import_module("chromadb")
    store = import_module("llama_index.vector_stores.chroma").ChromaVectorStore
    documents = [core.Document(text=row["text"], doc_id=row["id"]) for row in _rows(work / "articles.jsonl")]
    start = time.perf_counter()
    collection = chroma.PersistentClient(str(work / "chroma")).get_or_create_collection("articles")
    storage = core.StorageContext.from_defaults(vector_store=store(chroma_collection=collection))
    splitter = import_module("llama_index.core.node_parser").SentenceSplitter()
    index = core.VectorStoreIndex.from_documents(
        documents, storage_context=storage, embed_model=model, transformations=[splitter]
    )
    return index, time.perf_counter() - start


def asked(query: Callable[[str], Any], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the seconds of each answer, and whether a source of it holds a gold sentence, blanks apart."""
    seconds, gold = [], []
    query(questions[0]["question"])
    for row in questions:
        start = time.perf_counter()
        response = query(row["question"])
        seconds.append(time.perf_counter() - start)
        sources = [" ".join(node.get_content().split()) for node in response.source_nodes]
        gold.append(any(sentence in source for sentence in row["gold"] for source in sources))
    return {"ask_s": seconds, "gold_cited": gold}


def main(argv: Sequence[str]) -> int:
    """Measure both; memory is the most that the process held."""
    work, model_folder = map(Path, argv)
    questions = _rows(work / "questions.jsonl")
    articles = len(_rows(work / "articles.jsonl"))
    index, add_s = indexed(work, embedding_model(model_folder))
    mock = import_module("llama_index.core.llms").MockLLM(max_tokens=64)
    cited = import_module("llama_index.core.query_engine").CitationQueryEngine
    found = {
        "tutorial": asked(index.as_query_engine(llm=mock).query, questions),
        "citation_engine": asked(cited.from_args(index, llm=mock).query, questions),
    }
    unit = 1 if sys.platform == "darwin" else 1024
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    shared = {"add_per_s": articles / add_s, "memory_mb": peak_mb}
    print(json.dumps({name: {**shared, **numbers} for name, numbers in found.items()}))
    return 0


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
