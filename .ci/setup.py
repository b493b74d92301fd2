"""Make the virtual environment from the lock, with nothing but a Python and a package registry.

The first run installs a pinned uv of its own under ``build/``, then every package that ``uv.lock`` names, by hash.
Later runs compare a stamp and do nothing. The registry is whichever pip and uv are configured to use here.
"""

# ruff: noqa: S310, S606  (programs and addresses are this file's own, or the user's configuration)

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ((3, 11), (3, 13))
UV_VERSION = "0.13.9"
UV_HOME = ROOT / "build" / "uv"
# Only fetched where Python came without pip and without ensurepip, as on plain Debian.
PIP_VERSION = "26.3"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PUBLIC_INDEX = "https://pypi.org/simple"
QUIET_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


class SetupError(Exception):
    """Something that only the user can change."""


def main() -> int:
    """Bring the environment in step with the lock; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the virtual environment from uv.lock.")
    parser.add_argument("--venv", default=".venv", help="folder of the environment (default: .venv)")
    parser.add_argument("--fresh", action="store_true", help="throw away the environment that is there")
    parser.add_argument("--browser", action="store_true", help="only see to it that there is a Chromium for the browser tests")
    parser.add_argument("--uv", nargs=argparse.REMAINDER, help="only run the pinned uv with these arguments")
    options = parser.parse_args()
    use_fitting_python()
    venv = ROOT / options.venv
    try:
        if options.uv is not None:
            return subprocess.run([uv(), *options.uv], env=environment(venv), cwd=ROOT).returncode
        if options.browser:
            find_browser()
            return 0
        set_up(venv, options.fresh)
    except SetupError as error:
        print(f"set-up failed: {error}", file=sys.stderr)
        return 1
    return 0


def use_fitting_python() -> None:
    """Go on in a Python of a version that the lock covers."""
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return
    for minor in range(PYTHONS[1][1], PYTHONS[0][1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"set-up failed: Python 3.11, 3.12 or 3.13 is needed, this is {found}: install one, or name it (make PYTHON=...)")


def set_up(venv: Path, fresh: bool) -> None:
    """Install what the lock names, unless that was done before."""
    stamp, wanted = venv / ".pullquote-lock", fingerprint(venv)
    if not fresh and stamp.is_file() and stamp.read_text() == wanted and succeeds([str(python_in(venv)), "-c", ""]):
        return
    begin = time.monotonic()
    say(f"setting up {venv.relative_to(ROOT)}: about 170 packages from the package registry, once; a minute or two ...")
    stamp.unlink(missing_ok=True)
    if fresh:
        shutil.rmtree(venv, ignore_errors=True)
    uv()
    mirror = mirror_in_use()
    if mirror or not sync(environment(venv)):
        install_through_index(venv, {**environment(venv), **({"UV_DEFAULT_INDEX": mirror} if mirror else {})})
    stamp.write_text(wanted)
    say(f"set up in {time.monotonic() - begin:.0f} s")


def fingerprint(venv: Path) -> str:
    """Return a digest of all that decides what the environment holds."""
    files = (ROOT / "uv.lock", ROOT / "pyproject.toml", Path(__file__))
    parts = [str(venv), sys.version, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def sync(env: dict[str, str]) -> bool:
    """Install straight from the addresses in the lock; return whether that worked."""
    done = subprocess.run([uv(), "sync", "--frozen", "--quiet", "--python", sys.executable], env=env, cwd=ROOT)
    if done.returncode:
        say("the addresses in uv.lock did not do: trying the same files, by hash, through the configured index ...")
    return done.returncode == 0


def install_through_index(venv: Path, env: dict[str, str]) -> None:
    """Install the same files by name and hash from an index other than the public one."""
    with tempfile.TemporaryDirectory() as folder:
        names, into = f"{folder}/requirements.txt", ("--quiet", "--python", str(python_in(venv)))
        run([uv(), "export", "--frozen", "--quiet", "--no-emit-project", "--output-file", names], env)
        run([uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)], env)
        run([uv(), "pip", "sync", *into, "--require-hashes", names], env)
        run([uv(), "pip", "install", *into, "--no-deps", "--editable", "."], env)


def mirror_in_use() -> str | None:
    """Return the index that pip or uv were told to use, unless it is the public one."""
    named = [os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")]
    found = next((url for url in (*named, pip_setting("index-url")) if url), PUBLIC_INDEX)
    return None if urllib.parse.urlsplit(found).hostname == urllib.parse.urlsplit(PUBLIC_INDEX).hostname else found


def environment(venv: Path) -> dict[str, str]:
    """Return the environment uv runs in: this Python, this folder, the user's own certificates."""
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    env |= {"UV_PROJECT_ENVIRONMENT": str(venv), "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
    certificates = os.environ.get("PIP_CERT") or pip_setting("cert")
    if certificates:
        env.setdefault("SSL_CERT_FILE", certificates)
    if not os.access(Path.home(), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(ROOT / "build" / "uv-cache"))
    return env


def pip_setting(name: str) -> str | None:
    """Return a setting of the user's pip configuration."""
    for section in ("global", "install"):
        value = output_of([str(python_in(UV_HOME)), *QUIET_PIP, "config", "get", f"{section}.{name}"])
        if value:
            return value.strip()
    return None


# -- uv, and pip to install it with ---------------------------------------------------------------


def uv() -> str:
    """Return the path of the pinned uv, installed first if need be."""
    path = UV_HOME / "bin" / "uv"
    if f"uv {UV_VERSION}" not in output_of([str(path), "--version"]):
        make_venv(UV_HOME)
        run([str(python_in(UV_HOME)), *QUIET_PIP, "install", f"uv=={UV_VERSION}"], dict(os.environ))
    return str(path)


def make_venv(folder: Path) -> None:
    """Make a virtual environment that has pip, wherever pip has to come from."""
    for attempt in (venv_by_itself, venv_with_pip_from_here, venv_with_pip_from_index, venv_from_debian):
        shutil.rmtree(folder, ignore_errors=True)
        if attempt(folder):
            return
    raise SetupError("this Python cannot make a virtual environment (on Debian: apt-get install python3-venv)")


def venv_by_itself(folder: Path) -> bool:
    """Do it the usual way; plain Debian has no ensurepip."""
    return succeeds([sys.executable, "-m", "venv", str(folder)])


def venv_with_pip_from_here(folder: Path) -> bool:
    """Let this Python's pip install pip."""
    pip = [sys.executable, *QUIET_PIP, "--python", str(python_in(folder)), "install", f"pip=={PIP_VERSION}"]
    return venv_without_pip(folder) and succeeds(pip)


def venv_with_pip_from_index(folder: Path) -> bool:
    """Fetch pip's pinned wheel, and let it install itself: a wheel can be run as it is."""
    if not venv_without_pip(folder):
        return False
    wheel = folder / f"pip-{PIP_VERSION}-py3-none-any.whl"
    index = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or PUBLIC_INDEX
    page = f"{index.rstrip('/')}/pip/"
    try:
        link = re.search(rf'href="([^"#]*{re.escape(wheel.name)})[#"]', fetched(page).decode())
        if link is None:
            return False
        wheel.write_bytes(fetched(urllib.parse.urljoin(page, link[1])))
    except OSError as error:
        say(f"pip could not be had from {page}: {error}")
        return False
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != PIP_SHA256:
        raise SetupError(f"{wheel.name} from {page} is not the file it should be")
    return succeeds([str(python_in(folder)), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])


def venv_from_debian(folder: Path) -> bool:
    """Install what is missing, where we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say("installing python3-venv and ca-certificates with apt-get ...")
    succeeds(["apt-get", "-qq", "update"])
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "python3-venv", "ca-certificates"]
    return succeeds(install) and venv_by_itself(folder)


def venv_without_pip(folder: Path) -> bool:
    """Make one that has an interpreter and nothing else."""
    return succeeds([sys.executable, "-m", "venv", "--without-pip", str(folder)])


def fetched(url: str) -> bytes:
    """Return what is at an address."""
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    with urllib.request.urlopen(url, timeout=60, context=context) as reply:
        return bytes(reply.read())


# -- a browser for the tests of the page -----------------------------------------------------------


def find_browser() -> None:
    """Install Debian's Chromium where there is none and we may; without it the browser tests are skipped, and say so."""
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say("no chromium here, and no right to install it: the tests of the page in a browser will be skipped")
        return
    say("installing chromium for the tests of the page ...")
    succeeds(["apt-get", "-qq", "update"])
    if not succeeds(["apt-get", "-qq", "-y", "--no-install-recommends", "install", "chromium", "fonts-noto-core"]):
        say("chromium could not be installed: the tests of the page in a browser will be skipped")


# -- small tools ----------------------------------------------------------------------------------


def python_in(venv: Path) -> Path:
    """Return an environment's interpreter."""
    return venv / "bin" / "python"


def run(command: list[str], env: dict[str, str]) -> None:
    """Run a command that has to succeed."""
    if subprocess.run(command, env=env, cwd=ROOT).returncode:
        raise SetupError(f"{Path(command[0]).name} {' '.join(command[1:])} did not succeed (see above)")


def succeeds(command: list[str]) -> bool:
    """Run a command, without its output, that may fail."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT).returncode == 0
    except OSError:
        return False


def output_of(command: list[str]) -> str:
    """Return what a command prints; nothing if it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout
    except OSError:
        return ""


def say(line: str) -> None:
    """Tell the user, apart from what a target prints."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
