"""The page answers without a network: no name is looked up and nothing is connected to, from the start to the end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.test_offline import GUARD, Offline, cut_off  # noqa: F401  (a fixture)
from tests.ui.web.serving import running, until

QUESTION = "How many people died in the ferry fire?"
ASK = """
import fcntl, json, socket, struct, subprocess, sys
with socket.socket() as any:  # the loopback of a new namespace is down
    fcntl.ioctl(any, 0x8914, struct.pack("16sh14x", b"lo", 1 | 64))
server = subprocess.Popen([sys.executable, "-m", "pullquote.ui.cli", "ui", "--port", "0", "--json", *sys.argv[2:]], stdout=-1)
url = json.loads(server.stdout.readline())["url"]
from gradio_client import Client
print(json.dumps(Client(url, verbose=False).predict(sys.argv[1], api_name="/ask")))
server.terminate()
sys.exit(server.wait(40))
"""


def test_the_server_connects_to_nothing_and_looks_no_name_up(bundled_store: Path, tmp_path: Path) -> None:
    from gradio_client import Client

    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    attempts = tmp_path / "attempts"
    env = {"PYTHONPATH": str(tmp_path / "guard"), "ATTEMPTS": str(attempts), "HOME": str(tmp_path)}
    with running(bundled_store, tmp_path, env=env) as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        answer = Client(here.url, verbose=False).predict(QUESTION, api_name="/ask")
        assert answer["status"] == "answered"
        here.process.terminate()
        assert here.process.wait(40) == 0
    assert not attempts.exists(), attempts.read_text()


def test_the_page_answers_where_there_is_no_network(cut_off: Offline, bundled_store: Path) -> None:  # noqa: F811
    (cut_off.folder / "guard" / "sitecustomize.py").unlink()
    done = cut_off.run(ASK, QUESTION, "--store", str(bundled_store))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "answered"
