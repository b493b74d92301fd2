"""What is not needed is not imported: measured in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pullquote.qa.newsroom import Newsroom

HEAVY = (
    *("llama_index.core", "gradio", "fastapi", "uvicorn", "chromadb", "spacy", "numpy", "onnxruntime"),
    *("tiktoken", "rich", "trafilatura", "openai"),
)
TELL = "\nimport sys, json\nprint()\nprint(json.dumps(sorted(sys.modules)))\n"


def modules_after(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", code + TELL], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_pullquote_pulls_nothing_heavy() -> None:
    assert not modules_after("import pullquote").intersection(HEAVY)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["ask", "--help"], ["ui", "--help"], ["ask"], []], ids=" ".join)
def test_help_and_usage_errors_pull_nothing_heavy(words: list[str]) -> None:
    assert not modules_after(f"from pullquote.ui.cli import main\nmain({words!r})").intersection(HEAVY)


def test_rendering_pulls_nothing_heavy() -> None:
    assert not modules_after("import pullquote.qa.render").intersection(HEAVY)


def test_an_extractive_question_pulls_no_llama_index_nor_gradio(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The mayor Ida Brandt called for patience on Monday.", encoding="utf-8")
    store = f"'--store', {str(tmp_path / 'store')!r}"
    added, asked = (
        modules_after(f"from pullquote.ui.cli import main\nassert main([{words}, {store}]) == 0")
        for words in (f"'add', {str(tmp_path / 'a.txt')!r}", "'ask', 'Who called for patience?'")
    )
    with Newsroom.open(tmp_path / "store") as room:
        assert room.store.catalog.stats().statements == 1, "it reads who said what, in a process of its own"
    assert not (added | asked) & {"llama_index.core", "gradio", "openai", "nltk", "pandas", "spacy"}


def test_looking_at_a_store_opens_no_vector_index(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The mayor Ida Brandt called for patience on Monday.", encoding="utf-8")
    store = str(tmp_path / "store")
    words = ["add", str(tmp_path / "a.txt"), "--store", store]
    subprocess.run([sys.executable, "-m", "pullquote.ui.cli", *words], check=True, capture_output=True)
    for verb in ("list", "stats"):
        loaded = modules_after(f"from pullquote.ui.cli import main\nassert main([{verb!r}, '--store', {store!r}]) == 0")
        assert not loaded.intersection({"chromadb", "llama_index.core", "gradio", "rich", "onnxruntime"})


def test_a_server_that_cannot_listen_pulls_nothing_heavy() -> None:
    words = ["ui", "--host", "0.0.0.0"]
    loaded = modules_after(f"from pullquote.ui.cli import main\nassert main({words!r}) == 2")
    assert not loaded.intersection({"gradio", "fastapi", "starlette", "uvicorn", "chromadb", "llama_index.core"})
