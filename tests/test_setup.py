"""How the environment is made: nothing twice, the user's own registry, and a way around a missing pip."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The set-up script, with a uv folder of its own and no registry configured."""
    if not (ROOT / ".ci" / "setup.py").is_file():
        pytest.skip("NOT CHECKED: there is no .ci/setup.py here")
    spec = importlib.util.spec_from_file_location("pullquote_setup", ROOT / ".ci" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "UV_HOME", tmp_path / "uv")
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def index() -> Iterator[str]:
    """A registry on this machine that has a pip that nobody pinned."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = f"pip-{self.server.pip}-py3-none-any.whl"  # type: ignore[attr-defined]
            body = f'<a href="{name}#sha256=00">{name}</a>'.encode() if self.path.endswith("/pip/") else b"not the wheel"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.pip = "26.3"  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index"
    server.shutdown()
    server.server_close()


def test_nothing_is_done_where_the_stamp_fits(setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = tmp_path / "venv"
    assert setup.venv_without_pip(venv)
    (venv / ".pullquote-lock").write_text(setup.fingerprint(venv))
    monkeypatch.setattr(setup, "uv", lambda: pytest.fail("something was installed"))
    setup.set_up(venv, fresh=False)


def test_the_stamp_is_of_this_place_and_lock(setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = setup.fingerprint(tmp_path)
    assert here == setup.fingerprint(tmp_path) != setup.fingerprint(tmp_path / "elsewhere")
    (tmp_path / "uv.lock").write_text("another lock")
    (tmp_path / "pyproject.toml").write_text("another project")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    assert setup.fingerprint(tmp_path) != here


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
def test_a_registry_that_the_user_named_is_used(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert setup.mirror_in_use() is None
    monkeypatch.setenv(name, "https://pypi.org/simple/")
    assert setup.mirror_in_use() is None
    monkeypatch.setenv(name, "https://packages.example/simple")
    assert setup.mirror_in_use() == "https://packages.example/simple"


def test_uv_runs_in_this_folder_with_the_users_certificates(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CERT", "own.pem")
    monkeypatch.setenv("VIRTUAL_ENV", "another")
    env = setup.environment(tmp_path)
    assert (env["UV_PROJECT_ENVIRONMENT"], env["UV_PYTHON_DOWNLOADS"]) == (str(tmp_path), "never")
    assert env["SSL_CERT_FILE"] == "own.pem"
    assert "VIRTUAL_ENV" not in env


def test_a_home_that_is_not_writable_is_left_alone(setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    assert setup.environment(tmp_path)["UV_CACHE_DIR"].startswith(str(ROOT / "build"))


def test_a_pip_other_than_the_pinned_one_is_refused(
    setup: ModuleType, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setattr(setup, "PIP_VERSION", "26.3")
    with pytest.raises(setup.SetupError, match="not the file it should be"):
        setup.venv_with_pip_from_index(tmp_path / "venv")


def test_a_registry_without_pip_or_without_an_answer_is_no_way(
    setup: ModuleType, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "PIP_VERSION", "0.0")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    assert not setup.venv_with_pip_from_index(tmp_path / "venv")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    assert not setup.venv_with_pip_from_index(tmp_path / "venv")
    assert "pip could not be had" in capsys.readouterr().err


def test_where_no_way_leads_to_pip_the_user_is_told_what_to_install(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "succeeds", lambda command: False)
    with pytest.raises(setup.SetupError, match="apt-get install python3-venv"):
        setup.make_venv(tmp_path / "venv")


def test_another_python_is_looked_for_and_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PYTHONS", ((3, 99), (3, 99)))
    monkeypatch.setenv("PATH", "nowhere")
    with pytest.raises(SystemExit, match="is needed, this is 3"):
        setup.use_fitting_python()
