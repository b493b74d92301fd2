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
from pullquote.index.seal import seal_of
from pullquote.index.testing import HashEmbedder
from pullquote.index.vectors import VectorIndex, pack

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


def test_whoever_reads_makes_no_index_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    for _ in range(2):
        with pytest.raises(IndexDamaged):
            VectorIndex(tmp_path / "index", make_for=None)


def test_the_files_of_the_graph_are_written_once_for_as_many_chunks_as_were_announced(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(2500, 8)).astype(np.float32)
    made = VectorIndex(tmp_path / "index", make_for=2500)
    made.add(range(2499), vectors[:2499])
    assert not list(tmp_path.rglob("index_metadata.pickle"))
    made.add([2499], vectors[2499:])
    seal = seal_of(tmp_path / "index")
    assert {Path(name).name for name, _, _ in seal} >= {"data_level0.bin", "index_metadata.pickle"}
    made.close()
    again = VectorIndex(tmp_path / "index", make_for=None)
    assert again.search(vectors[7], 1)[0][0] == 7
    assert again.count() == 2500
    again.close()
    assert seal_of(tmp_path / "index") == seal


def test_a_packed_index_holds_its_vectors_in_the_graph_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    vectors = np.random.default_rng(1).normal(size=(500, 128)).astype(np.float32)
    made = VectorIndex(tmp_path / "index", make_for=500)
    made.add(range(500), vectors)
    made.close()
    catalog = tmp_path / "index" / "chroma.sqlite3"
    before, seal = catalog.read_bytes(), seal_of(tmp_path / "index")
    pack(tmp_path / "index")
    after = catalog.read_bytes()
    assert sum(row.tobytes() in before for row in vectors) > 100
    assert sum(row.tobytes() in after for row in vectors) <= 1  # Chroma keeps what was added last
    assert len(after) < len(before) * 0.6
    assert seal_of(tmp_path / "index") == seal
    again = VectorIndex(tmp_path / "index", make_for=None)
    assert again.ids() == set(range(500))
    assert [again.search(row, 1)[0][0] for row in vectors[:50]] == list(range(50))
    again.close()
    pack(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    assert "acuum" in capfd.readouterr().out  # it talks: not between frames


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
    assert [path.name for path in SOURCES if any(name.startswith("chroma") for name in imported(path))] == ["vectors.py"]


def test_chroma_runs_in_the_child_process_only() -> None:
    assert [path.name for path in SOURCES if "pullquote.index.vectors" in path.read_text()] == ["serving.py"]
    assert [path.name for path in SOURCES if "pullquote.index.serving" in path.read_text()] == ["worker.py"]


def test_only_one_module_imports_sqlite3() -> None:
    assert [path.name for path in SOURCES if "sqlite3" in imported(path)] == ["database.py"]


def test_sql_is_in_the_catalog_modules_only() -> None:
    starts = ("SELECT ", "INSERT ", "DELETE FROM", "UPDATE ", "CREATE ", "PRAGMA ", "BEGIN IMMEDIATE")
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith(starts):
                found.add(path.name)
    parts = "changes", "check", "copying", "index", "near", "quotes", "report", "search", "speakers", "statements", "versions"
    assert found == {"catalog.py", *(f"catalog_{part}.py" for part in parts), "database.py", "migrations.py", "schema.py"}


def test_only_embeddings_go_in_and_out_of_chroma() -> None:
    tree = ast.parse(Path(pullquote.index.vectors.__file__).read_text())
    keywords = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not keywords & {"query_texts", "documents", "metadatas", "uris", "images"}
    assert not attributes & {"configuration", "schema", "modify", "peek", "upsert", "_embedding_function"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    opened = [node for node in calls if getattr(node.func, "attr", "") in ("get_collection", "get_or_create_collection")]
    assert len(opened) == 2
    for call in opened:
        functions = {word.arg: word.value for word in call.keywords}
        assert isinstance(functions["embedding_function"], ast.Constant)
        assert functions["embedding_function"].value is None


def test_no_module_reads_a_pickle_or_opens_a_server() -> None:
    for path in SOURCES:
        assert not imported(path) & {"pickle", "marshal", "shelve"}, path
        assert "HttpClient" not in path.read_text(), path
