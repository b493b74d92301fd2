"""The vector index, and the rules that keep chromadb and SQL where they belong."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pullquote
from pullquote.index.errors import IndexDamaged
from pullquote.index.testing import HashEmbedder
from pullquote.index.vectors import VectorIndex

SOURCES = [path for room in ("index", "qa", "ui", "eval") for path in (Path(pullquote.__file__).parent / room).rglob("*.py")]


def rows(*texts: str) -> np.ndarray:
    return HashEmbedder().embed(texts)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    opened = VectorIndex(tmp_path / "index")
    yield opened
    opened.close()


def test_the_nearest_comes_first_with_its_cosine(index: VectorIndex) -> None:
    index.add([7, 8, 9], rows("the mayor resigned", "prices rose", "the mayor spoke"))
    found = index.search(rows("the mayor resigned")[0], 3)
    assert [chunk for chunk, _ in found] == [7, 9, 8]
    assert found[0][1] == pytest.approx(1, abs=1e-6)
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)


def test_equal_cosines_come_in_the_order_of_their_ids(index: VectorIndex) -> None:
    index.add([30, 4, 12], rows("same words", "same words", "same words"))
    assert [chunk for chunk, _ in index.search(rows("same words")[0], 3)] == [4, 12, 30]


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.search(rows("anything")[0], 10) == []
    assert index.count() == 0
    assert index.ids() == set()


def test_more_than_chroma_takes_at_once_is_taken_in_parts(index: VectorIndex) -> None:
    vectors = np.random.default_rng(1).normal(size=(12_000, 8)).astype(np.float32)
    index.add(range(12_000), vectors)
    assert index.count() == 12_000
    index.delete(range(6_000))
    assert index.ids() == set(range(6_000, 12_000))


def test_the_odd_one_out_is_found_among_chunks_that_are_nearly_the_same(index: VectorIndex) -> None:
    odd = "The mayor resigned on Tuesday after a long dispute over the harbour."
    same = [f"Witness {n} told the inquiry on that day about exhibit number {n * 17} and about the letters." for n in range(300)]
    index.add(range(301), HashEmbedder(128).embed([odd, *same]))
    assert index.search(HashEmbedder(128).embed([odd])[0], 1)[0][0] == 0


def test_nearly_all_of_the_ten_nearest_are_found(index: VectorIndex) -> None:
    vectors = np.random.default_rng(1).normal(size=(3000, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index.add(range(3000), vectors)
    hits = 0
    for question in np.random.default_rng(2).normal(size=(50, 128)).astype(np.float32):
        hits += len({chunk for chunk, _ in index.search(question, 10)} & set(np.argsort(vectors @ question)[-10:].tolist()))
    assert hits / 500 > 0.98


def test_deleted_chunks_are_not_found(index: VectorIndex) -> None:
    index.add([1, 2], rows("the mayor resigned", "prices rose"))
    index.delete([1])
    assert [chunk for chunk, _ in index.search(rows("the mayor resigned")[0], 5)] == [2]


def test_what_was_added_is_there_after_reopening(index: VectorIndex, tmp_path: Path) -> None:
    index.add([1], rows("the mayor resigned"))
    index.close()
    again = VectorIndex(tmp_path / "index")
    assert again.ids() == {1}
    again.close()
    again.close()


def test_a_vector_of_another_dimension_is_our_error(index: VectorIndex) -> None:
    index.add([1], rows("the mayor resigned"))
    with pytest.raises(IndexDamaged):
        index.add([2], HashEmbedder(32).embed(["other"]))
    with pytest.raises(IndexDamaged):
        index.search(HashEmbedder(32).embed(["other"])[0], 1)


def test_an_index_without_its_graph_is_damaged_not_empty(index: VectorIndex, tmp_path: Path) -> None:
    index.add(range(2000), np.random.default_rng(1).normal(size=(2000, 8)).astype(np.float32))
    index.close()
    for part in (tmp_path / "index").iterdir():
        if part.is_dir():
            shutil.rmtree(part)
    again = VectorIndex(tmp_path / "index")
    with pytest.raises(IndexDamaged):
        again.search(np.ones(8, np.float32), 10)
    again.close()


def test_a_folder_that_is_no_index_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexDamaged) as caught:
        VectorIndex(tmp_path / "index")
    assert "\n" not in str(caught.value)


# -- the house rules ----------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_only_one_module_imports_chromadb() -> None:
    assert [path.name for path in SOURCES if "chromadb" in imported(path)] == ["vectors.py"]


def test_only_one_module_imports_sqlite3() -> None:
    assert [path.name for path in SOURCES if "sqlite3" in imported(path)] == ["database.py"]


def test_sql_is_in_the_catalog_modules_only() -> None:
    starts = ("SELECT ", "INSERT ", "DELETE FROM", "UPDATE ", "CREATE ", "PRAGMA ", "BEGIN IMMEDIATE")
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith(starts):
                found.add(path.name)
    assert found == {"catalog.py", "catalog_report.py", "catalog_search.py", "catalog_versions.py", "schema.py", "database.py"}


def test_only_embeddings_go_in_and_out_of_chroma() -> None:
    tree = ast.parse(Path(pullquote.index.vectors.__file__).read_text())
    keywords = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not keywords & {"query_texts", "documents", "metadatas", "uris", "images"}
    assert not attributes & {"configuration", "schema", "modify", "peek", "upsert", "_embedding_function"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (made,) = [node for node in calls if getattr(node.func, "attr", "") == "get_or_create_collection"]
    functions = {word.arg: word.value for word in made.keywords}
    assert isinstance(functions["embedding_function"], ast.Constant)
    assert functions["embedding_function"].value is None


def test_no_module_reads_a_pickle_or_opens_a_server() -> None:
    for path in SOURCES:
        assert not imported(path) & {"pickle", "marshal", "shelve"}, path
        assert "HttpClient" not in path.read_text(), path
