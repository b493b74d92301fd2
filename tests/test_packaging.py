"""What is installed: wheel and source archive, links and lock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement

import pullquote

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "qa", "ui", "eval")
IGNORED = ("*.pyc", "__pycache__")


def uv() -> str | None:
    own = ROOT / "build" / "uv" / "bin" / "uv"
    return str(own) if own.exists() else shutil.which("uv")


def read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel made from it."""
    out = tmp_path_factory.mktemp("dist")
    found = uv()
    ways: list[list[str]] = []
    if found:
        build = [found, "build", "--quiet", "--python", sys.executable, "--out-dir", str(out), str(ROOT)]
        ways += [[*build, "--offline"], build]
    if find_spec("hatchling"):
        ways.append([sys.executable, "-m", "hatchling", "build", "--directory", str(out)])
    errors = []
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for way in ways:
        done = subprocess.run(way, cwd=ROOT, capture_output=True, text=True, timeout=240, env=env)
        if done.returncode == 0:
            return out
        errors.append(done.stderr.strip()[-300:])
    if any("hatchling" not in error for error in errors):
        pytest.fail(f"the build failed: {errors}")
    pytest.skip(f"NOTHING BUILT: hatchling can be had neither from a cache nor from a registry ({errors or 'no uv'})")


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("pullquote-*.whl"))


def sources() -> set[str]:
    """The files that belong in a wheel, named as they are in it."""
    return {
        f"pullquote/{path.relative_to(ROOT).as_posix()}"
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and not any(path.match(pattern) or path.parent.match(pattern) for pattern in IGNORED)
    }


def test_a_wheel_has_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == sources() | {"pullquote/__init__.py", "pullquote/py.typed"}


def test_a_wheel_has_what_is_read_at_run_time(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"pullquote/py.typed", "pullquote/qa/weights.json", "pullquote/ui/cli.py", "pullquote/qa/newsroom.py"} <= names
    assert sum(name.startswith("pullquote/index/sample_articles/") for name in names) >= 12


def test_a_wheel_is_the_same_as_the_files_here(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    for name in sorted(sources()):
        assert archive.read(name) == (ROOT / name.removeprefix("pullquote/")).read_bytes()


def test_a_wheel_names_version_licence_and_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")).removesuffix("METADATA")
    metadata = archive.read(f"{info}METADATA").decode()
    assert f"\nVersion: {pullquote.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert f"{info}licenses/LICENSE" in archive.namelist()
    assert "pullquote = pullquote.ui.cli:main" in archive.read(f"{info}entry_points.txt").decode()


def test_a_source_archive_has_what_the_checkout_has(built: Path) -> None:
    with tarfile.open(next(built.glob("pullquote-*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name.removeprefix("pullquote/") for name in sources()} <= names
    assert {"pyproject.toml", "uv.lock", "Makefile", ".ci/setup.py"} <= names, "make setup would not work"
    assert {"LICENSE", "CHANGELOG.md", "README.md", "tests/test_packaging.py"} <= names
    assert not {name for name in names if name.startswith((".venv", "build", ".git/", "dist"))}


def test_a_wheel_installs_and_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    found = uv()
    if found is None:
        pytest.skip("NOTHING INSTALLED: there is no uv here (make setup installs it)")
    python = tmp_path / "venv" / "bin" / "python"
    quiet = {"check": True, "capture_output": True, "timeout": 120, "cwd": tmp_path}
    subprocess.run([found, "venv", "--quiet", "--python", sys.executable, str(python.parents[1])], **quiet)
    subprocess.run([found, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(wheel)], **quiet)
    version = subprocess.run([str(python.parent / "pullquote"), "--version"], **quiet)
    assert version.stdout.decode().strip() == f"pullquote {pullquote.__version__}"
    where = subprocess.run([str(python), "-c", "import pullquote.qa, sys; print(pullquote.qa.__file__)"], **quiet)
    assert Path(where.stdout.decode().strip()).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_link_of_the_editable_install_is_relative_and_leads_to_its_folder(name: str) -> None:
    link = ROOT / ".src" / "pullquote" / name
    if not link.exists() and not link.is_symlink():
        pytest.skip("NOT CHECKED: a source archive has no links, only a checkout does")
    assert link.is_symlink()
    assert os.readlink(link) == f"../../{name}"
    assert link.resolve() == ROOT / name


def test_the_version_is_said_once_and_again() -> None:
    assert read_toml("pyproject.toml")["project"]["version"] == pullquote.__version__


def test_what_older_pips_leave_out_is_asked_for_by_name() -> None:
    """Debian 12's pip knows no ``lxml[html_clean]``, which a package under trafilatura asks for; without it no page is read."""
    names = {requirement(text)[0] for text in read_toml("pyproject.toml")["project"]["dependencies"]}
    assert "lxml-html-clean" in names


# -- the lock -------------------------------------------------------------------------------------


def locked() -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = read_toml("uv.lock")["package"]
    return packages


def test_every_locked_file_has_a_hash_and_comes_from_the_public_registry() -> None:
    assert len(locked()) > 50
    for package in locked():
        if package["name"] == "pullquote":
            assert package["source"] == {"editable": "."}
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", file["hash"]) for file in files), package["name"]
        assert {urlsplit(file["url"]).hostname for file in files} == {"files.pythonhosted.org"}, package["name"]


def test_the_lock_is_of_this_pyproject() -> None:
    project = read_toml("pyproject.toml")
    metadata = next(package for package in locked() if package["name"] == "pullquote")["metadata"]
    extras = project["project"].get("optional-dependencies", {})
    wanted = {requirement(text) for text in project["project"]["dependencies"]}
    wanted |= {requirement(text) for texts in extras.values() for text in texts}
    assert {requirement(_text(entry)) for entry in metadata["requires-dist"]} == wanted
    for group, texts in project["dependency-groups"].items():
        assert {requirement(_text(entry)) for entry in metadata["requires-dev"][group]} == {requirement(text) for text in texts}


def requirement(text: str) -> tuple[str, str]:
    read = Requirement(text)
    return read.name.lower().replace("_", "-"), str(read.specifier)


def _text(entry: dict[str, Any]) -> str:
    return f"{entry['name']}{entry.get('specifier', '')}"


def test_set_up_installs_one_pinned_uv_and_a_pip_of_known_hash() -> None:
    text = (ROOT / ".ci" / "setup.py").read_text(encoding="utf-8")
    assert re.search(r'^UV_VERSION = "\d+\.\d+\.\d+"$', text, re.MULTILINE)
    assert re.search(r'^PIP_SHA256 = "[0-9a-f]{64}"$', text, re.MULTILINE)


def test_linking_is_by_copy() -> None:
    """Hard links into uv's cache make nltk, which llama-index brings, refuse its own data files."""
    assert read_toml("pyproject.toml")["tool"]["uv"]["link-mode"] == "copy"
