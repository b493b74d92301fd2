"""The rules of the house, read off the files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "qa", "ui", "eval")
MAX_LINES = 320
# Which module may import which library; import-linter checks the layers.
ONLY_IN = {
    "chromadb": {"index/vectors.py"},
    "sqlite3": {"index/catalog.py", "index/database.py"},
    "llama_index": {"qa/llamaindex.py", "qa/llm/adapter.py", "qa/llm/endpoints.py"},
    "spacy": {"index/statements/parsing.py"},
    "gradio": {"ui/web/api.py", "ui/web/application.py", "ui/web/mcp.py", "ui/web/page.py"},
    "torch": {"eval/training/__main__.py", "eval/training/bert.py"},
    "onnx": {"eval/training/bert.py"},
}
TEXT_SUFFIXES = {".py", ".md", ".toml", ".txt", ".html", ".jsonl", ".json", ".css", ".js", ".yml", ".yaml", ".cfg", ""}


def modules() -> list[str]:
    return [path.relative_to(ROOT).as_posix() for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def text_files() -> Iterator[Path]:
    """Yield the project's own text files, the lock apart."""
    folders = [path for name in (*PACKAGES, "tests", ".ci") for path in sorted((ROOT / name).rglob("*"))]
    top = [path for path in sorted(ROOT.iterdir()) if path.name not in (".git", "uv.lock")]
    for path in (*top, ROOT / ".src" / "pullquote" / "__init__.py", *folders):
        if path.is_file() and path.suffix in TEXT_SUFFIXES and "__pycache__" not in path.parts:
            yield path


def parsed(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every imported module and how many dots it begins with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


def test_there_are_modules_in_every_package() -> None:
    assert {module.split("/")[0] for module in modules() if not module.endswith("__init__.py")} == set(PACKAGES)


@pytest.mark.parametrize("module", modules())
def test_a_module_is_short_says_what_it_is_for_and_imports_by_full_name(module: str) -> None:
    tree = parsed(module)
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= MAX_LINES
    assert ast.get_docstring(tree), "no docstring"
    for name, dots in imports(tree):
        assert dots == 0, f"relative import of {name}"
        top = name.split(".")[0]
        assert top not in (*PACKAGES, "tests"), f"import pullquote.{name}"
        assert module in ONLY_IN.get(top, {module}), f"{top} belongs in {ONLY_IN[top]}"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is_for_and_does_nothing(package: str) -> None:
    body = parsed(f"{package}/__init__.py").body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import pullquote", ["llama_index", "gradio", "chromadb", "spacy", "numpy", "onnxruntime", "openai"]),
        ("import pullquote.qa.newsroom", ["llama_index", "gradio", "chromadb", "spacy", "openai"]),
        ("from pullquote.ui.cli import main; main(['--help'])", ["llama_index", "gradio", "chromadb", "numpy", "onnxruntime"]),
    ],
)
def test_importing_is_cheap(statement: str, absent: list[str]) -> None:
    code = f"import sys; {statement}; print([n for n in {absent!r} if n in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_no_file_knows_one_machine() -> None:
    places = re.compile(rf"(?<![\w./-])/({'|'.join(['work', 'root', 'home', 'Users', 'opt'])})/\w")
    found = {path.relative_to(ROOT).as_posix(): places.search(path.read_text("utf-8", "replace")) for path in text_files()}
    assert {name: match[0] for name, match in found.items() if match} == {}


def test_no_registry_is_named_but_the_public_one() -> None:
    address = re.compile(r"https?://([\w.:@-]+)/(?:[\w/-]+/)?simple\b")
    hosts = {host for path in text_files() for host in address.findall(path.read_text("utf-8", "replace"))}
    assert {host for host in hosts if not host.endswith(".example")} <= {"pypi.org"}


def test_the_change_log_has_a_section_for_this_version_or_the_next() -> None:
    from pullquote import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert {"Unreleased", __version__} & set(sections)
    assert re.search(r"^### Added\n+- ", text, re.MULTILINE)


def test_the_licence_is_the_one_that_is_declared() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
