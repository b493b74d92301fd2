"""Texts to vectors: the bundled model, a folder, fastembed, a server, and what each does when it goes wrong."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pullquote.index.embedding import Embedder, FastembedEmbedder, OnnxEmbedder, checked, open_embedder, text_key
from pullquote.index.errors import ModelDamaged, ModelError, ModelMissing, ModelOutputError, ModelUnreachable, SettingsError
from pullquote.index.models import BGE_SMALL, bundled_model, check_model
from pullquote.index.settings import DEFAULT_EMBEDDING, IndexSettings
from pullquote.index.testing import FailingEmbedder, HashEmbedder

IDENTITY = [0.01561, -0.02777, 0.00686, -0.07597, 0.00803]
TEXTS = [
    "hello world",
    "The mayor called for restraint.",
    "Prices rose 4.2 percent in May, the bureau said, after a flat spring.",
    "word " * 300,
    "Who called for restraint?",
]
KEY = "sk-very-secret-0123456789"


@pytest.fixture(scope="module")
def model() -> Embedder:
    return open_embedder(DEFAULT_EMBEDDING)


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    folder = tmp_path / "a model"
    folder.mkdir()
    for file in ("model.onnx", "tokenizer.json", "tokenizer_config.json", "config.json"):
        shutil.copy(bundled_model(BGE_SMALL) / file, folder / file)
    return folder


# -- the bundled model --------------------------------------------------------------------------------


def test_the_bundled_model_is_the_one_that_was_measured(model: Embedder) -> None:
    row = model.embed(["hello world"])[0]
    assert np.allclose(row[:5], IDENTITY, atol=1e-5)
    assert row.dtype == np.float32
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_a_text_gets_the_same_bits_alone_and_in_any_batch(model: Embedder) -> None:
    together = model.embed(TEXTS)
    backwards = model.embed(TEXTS[::-1])[::-1]
    alone = np.concatenate([model.embed([text]) for text in TEXTS])
    assert together.tobytes() == alone.tobytes() == backwards.tobytes()


def test_the_end_of_a_text_longer_than_the_window_counts(model: Embedder) -> None:
    long = "The council debated the budget for hours. " * 120
    assert model.length(long) > 512
    plain, other = model.embed([long, long + "A volcano erupted in Iceland and ash closed all airports. " * 40])
    assert float(plain @ other) < 0.99
    assert np.linalg.norm(other) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["x" * 3000, "한국어" * 700, "a " + "b" * 2500, "🙂" * 1500, "\u200b" * 600, " " * 900, ""])
def test_a_strange_text_still_gets_a_unit_vector(model: Embedder, text: str) -> None:
    row = model.embed([text])[0]
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_rows(model: Embedder) -> None:
    assert len(model.embed([])) == 0
    assert len(HashEmbedder().embed([])) == 0


def test_threads_get_the_same_bits(model: Embedder) -> None:
    expected = model.embed(TEXTS).tobytes()
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(model.embed(TEXTS).tobytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


# -- files --------------------------------------------------------------------------------------------


def test_a_flipped_byte_in_a_model_file_is_noticed(copied_model: Path) -> None:
    assert check_model(BGE_SMALL, copied_model) == copied_model
    for file in ("tokenizer.json", "model.onnx"):
        data = bytearray((copied_model / file).read_bytes())
        data[len(data) // 2] ^= 1
        (copied_model / file).write_bytes(data)
        with pytest.raises(ModelDamaged, match="reinstall") as caught:
            check_model(BGE_SMALL, copied_model)
        assert "\n" not in str(caught.value)


def test_a_missing_model_file_is_named(copied_model: Path) -> None:
    (copied_model / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match=r"tokenizer\.json"):
        check_model(BGE_SMALL, copied_model)
    with pytest.raises(ModelMissing, match=r"tokenizer\.json"):
        open_embedder(f"folder:{copied_model}")


def test_a_folder_with_the_same_files_gives_the_same_vectors(model: Embedder, copied_model: Path) -> None:
    other = open_embedder(f"folder:{copied_model}")
    assert other.embed(TEXTS).tobytes() == model.embed(TEXTS).tobytes()
    assert other.fingerprint.startswith("folder:")


def test_a_folders_fingerprint_depends_on_both_files(copied_model: Path) -> None:
    before = open_embedder(f"folder:{copied_model}").fingerprint
    tokenizer = json.loads((copied_model / "tokenizer.json").read_text())
    (copied_model / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1))
    assert open_embedder(f"folder:{copied_model}").fingerprint != before


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_folder_whose_files_are_no_model_is_told_in_one_line(copied_model: Path, file: str) -> None:
    (copied_model / file).write_bytes(b"this is not it")
    with pytest.raises(ModelDamaged) as caught:
        open_embedder(f"folder:{copied_model}")
    assert "\n" not in str(caught.value)
    assert str(copied_model) in str(caught.value)


@pytest.mark.parametrize("name", ["", "word2vec", "folder:", "fastembed:", "openai:", "hub:some/model"])
def test_an_unknown_embedding_setting_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="not known"):
        IndexSettings(embedding=name)


# -- fastembed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["BAAI/bge-base-en-v1.5", "nobody/nothing"])
def test_a_fastembed_model_that_is_not_there_is_told_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastembed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("FASTEMBED_CACHE_PATH", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(ModelMissing) as caught:
        open_embedder(f"fastembed:{name}")
    assert time.monotonic() - began < 10
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_fastembed_gives_the_bundled_models_vectors_from_its_cache(
    model: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastembed")
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("FASTEMBED_CACHE_PATH", str(tmp_path))
    revision = "0" * 40
    snapshot = tmp_path / "models--pullquote-test--bge" / "snapshots" / revision
    shutil.copytree(bundled_model(BGE_SMALL), snapshot)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text(revision)
    TextEmbedding.add_custom_model(
        model="pullquote-test/bge",
        pooling=PoolingType.CLS,
        normalization=True,
        sources=ModelSource(hf="pullquote-test/bge"),
        dim=384,
        model_file="model.onnx",
    )
    other = open_embedder("fastembed:pullquote-test/bge")
    assert isinstance(other, FastembedEmbedder)
    assert np.allclose(other.embed(TEXTS), model.embed(TEXTS), atol=1e-5)
    long = "The council debated the budget for hours. " * 120
    assert other.length(long) == model.length(long)
    assert np.allclose(other.embed([long]), model.embed([long]), atol=1e-5)


# -- a server -----------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Speaks ``/v1/embeddings``; ``fault`` says how it goes wrong."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = ""
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self.server.fault
        self.server.requests.append(body)
        self.server.keys.append(self.headers.get("Authorization"))
        rows = HashEmbedder().embed(body["input"]) * 3
        data = [{"object": "embedding", "index": n, "embedding": row.tolist()} for n, row in enumerate(rows)][::-1]
        if fault == "too few":
            data = data[1:]
        elif fault in ("nan", "zeros", "infinity"):
            data[0]["embedding"] = [{"nan": float("nan"), "zeros": 0.0, "infinity": float("inf")}[fault]] * 64
        elif fault == "ragged":
            data[0]["embedding"] = data[0]["embedding"][:-1]
        elif fault == "words":
            data[0]["embedding"] = ["a"] * 64
        elif fault == "null rows":
            data = [None, None]  # type: ignore[list-item]
        reply: Any = {"object": "list", "model": body["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        text = json.dumps({"not": "a list"} if fault == "other json" else reply)
        if fault.isdecimal():
            text = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}\nsee the manual", "code": None}})
        text = {"garbage": "<html>\nproxy</html>", "cut": text[:100]}.get(fault, text)
        self.send_response(int(fault) if fault.isdecimal() else 200)
        self.send_header("Content-Type", "text/html" if fault == "garbage" else "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{served.server_address[1]}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield served
        served.shutdown()
        thread.join()


def test_a_servers_vectors_come_as_unit_rows_in_the_order_asked_for(server: Server) -> None:
    rows = open_embedder("openai:some-model").embed(TEXTS)
    assert np.allclose(rows, HashEmbedder().embed(TEXTS), atol=1e-6)
    assert server.requests[0]["model"] == "some-model"
    assert server.keys == [f"Bearer {KEY}"]


def test_many_texts_go_to_the_server_in_parts(server: Server) -> None:
    texts = [f"text number {n}" for n in range(600)]
    rows = open_embedder("openai:some-model").embed(texts)
    assert np.allclose(rows, HashEmbedder().embed(texts), atol=1e-6)
    assert [len(request["input"]) for request in server.requests] == [256, 256, 88]


def test_a_local_server_needs_no_key(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert len(open_embedder("openai:some-model").embed(["text"])) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", ModelUnreachable),
        ("404", ModelUnreachable),
        ("500", ModelUnreachable),
        ("garbage", ModelOutputError),
        ("cut", ModelOutputError),
        ("other json", ModelOutputError),
        ("null rows", ModelOutputError),
        ("too few", ModelOutputError),
        ("ragged", ModelOutputError),
        ("words", ModelOutputError),
        ("nan", ModelOutputError),
        ("infinity", ModelOutputError),
        ("zeros", ModelOutputError),
    ],
)
def test_what_a_server_does_wrong_is_told_in_one_line_without_the_key(
    server: Server, fault: str, error: type[ModelError]
) -> None:
    server.fault = fault
    with pytest.raises(error) as caught:
        open_embedder("openai:some-model").embed(["one text", "another text"])
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.exit_code == 5


def test_a_server_that_is_not_there_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(ModelUnreachable, match="OPENAI_BASE_URL") as caught:
        open_embedder("openai:some-model").embed(["text"])
    assert KEY not in str(caught.value)


def test_openai_without_key_or_server_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_embedder("openai:some-model")


# -- the check that all of them share -----------------------------------------------------------------


@pytest.mark.parametrize("rows", [np.ones((2, 4), np.float16), [[1, 2, 3], [4, 5, 6]], np.ones((2, 4)), [(3.0, 4.0), (0, 1)]])
def test_numbers_of_any_kind_become_unit_float32_rows(rows: Any) -> None:
    unit = checked(rows, 2)
    assert unit.dtype == np.float32
    assert np.allclose(np.linalg.norm(unit, axis=1), 1)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_tiny_and_huge_vectors_become_unit_rows_too(scale: float) -> None:
    assert np.allclose(np.linalg.norm(checked(np.full((1, 4), scale), 1), axis=1), 1)


@pytest.mark.parametrize("fault", ["nan", "infinity", "zeros", "too few", "too many", "ragged", "no numbers"])
def test_what_is_no_set_of_vectors_is_refused(fault: Any) -> None:
    with pytest.raises(ModelOutputError):
        checked(FailingEmbedder(fault).embed(["one text", "two texts"]), 2)


def test_the_hash_embedder_brings_texts_with_shared_words_together() -> None:
    near, far, same = HashEmbedder().embed(["the mayor resigned today", "prices rose in May", "today the mayor resigned"])
    assert float(near @ same) == pytest.approx(1)
    assert float(near @ far) < 0.6
    embedder: Embedder = HashEmbedder()
    assert embedder.fingerprint == "hash-64"


def test_a_text_key_is_the_same_for_the_same_text_alone() -> None:
    assert text_key("a") == text_key("a") != text_key("b")
    assert len(text_key("\ud800")) == 32


def test_the_bundled_model_is_an_onnx_embedder(model: Embedder) -> None:
    assert isinstance(model, OnnxEmbedder)
    assert BGE_SMALL.onnx_sha256[:16] in model.fingerprint
