"""What decides the numbers of a run, as hashes: for reports, and to tell which finished cases still hold."""

from __future__ import annotations

import hashlib
import inspect
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullquote import __version__
from pullquote.eval.datasets.files import folder_hash
from pullquote.eval.engines import engine_name
from pullquote.index import models
from pullquote.index.errors import SettingsError
from pullquote.index.settings import IndexSettings
from pullquote.qa.llm.choice import NO_MODEL
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.settings import AskSettings
from pullquote.qa.verification import support_hash
from pullquote.qa.weights import weights_hash

if TYPE_CHECKING:  # tasks may ask for hashes themselves
    from pullquote.eval.tasks.base import Setup, Task

_PACKAGE = Path(__file__).resolve().parent
_HOUSE = _PACKAGE.parent
_ROOMS = ("index", "qa", "eval")
# These work on finished cases.
_AFTERWARDS = ("report.py", "html.py", "markdown.py", "plots.py", "wording.py", "compare.py", "pairing.py")
_LIBRARIES = ("onnxruntime", "tokenizers", "numpy", "chromadb", "nupunkt", "tiktoken")
# What is in the stamp for people: the code's own hash says more than a commit, the other tasks decide nothing.
_FOR_PEOPLE = ("commit", "changes", "data", "tasks")


def stamp(setup: Setup, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return what decides the results of these tasks, as JSON values; data that is not there is left out.

    ``commit`` is None outside a git checkout; ``changes`` is a hash over what was not committed, None if nothing.
    """
    commit, changes = git_state()
    engine = engine_name(setup.engine)
    needs = sorted({need for task in tasks for need in task.needs if (setup.data / need).exists()})
    return {
        "version": __version__,
        "commit": commit,
        "changes": changes,
        "code": code_hash(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "engine": engine,
        "engine_code": _source_hash(setup.engine),
        "weights": weights_hash(),
        "support": support_hash(),
        "models": {m.name: m.onnx_sha256[:16] for m in vars(models).values() if isinstance(m, models.ModelFiles)},
        "settings": AskSettings.from_env().hash(json.dumps(asdict(IndexSettings.from_env()), sort_keys=True)),
        "data": {need_label(need): folder_hash(setup.data / need) for need in needs},
        "tasks": {task.name: task.version for task in tasks},
        "sample": setup.sample,
        "seed": setup.seed,
    } | _models_asked(setup, engine)


def _models_asked(setup: Setup, engine: str) -> dict[str, str]:
    """Return which language models have a say, if any. Raises ``SettingsError`` when one is wanted and none is set."""
    asked = {"judge": setup.judge.label} if setup.judge else {}
    if engine == "llm":
        named = ModelSettings.from_env()
        if named is None:
            raise SettingsError(NO_MODEL)
        asked["model"] = f"{named.model or 'the first one'} {named.hash()}"
    return asked


def task_key(stamped: Mapping[str, Any], task: Task) -> str:
    """Return 16 hex digits over what decides the results of one task of a run."""
    shared = {name: value for name, value in stamped.items() if name not in _FOR_PEOPLE}
    data = {label: stamped["data"].get(label) for label in map(need_label, task.needs)}
    return _short(json.dumps([shared, data, task.name, task.version, _source_hash(task)], sort_keys=True).encode())


def need_label(need: str) -> str:
    """Return a task's need as it is called in a stamp: never a path of one machine."""
    return Path(need).name if Path(need).is_absolute() else need


def code_hash() -> str:
    """Return 16 hex digits over all code and data files of the package that can decide the result of a case."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((_HOUSE / room).rglob("*")):
            ours = path.suffix == ".py" if room == "eval" else path.is_file() and path.suffix != ".pyc"
            if ours and not (path.parent == _PACKAGE and path.name in _AFTERWARDS):
                digest.update(path.relative_to(_HOUSE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _source_hash(thing: object) -> str | None:
    """Return a hash of the file that a function, a class or the class of a value is written in, if it is not ours."""
    try:
        source = inspect.getsourcefile(thing if inspect.isroutine(thing) or inspect.isclass(thing) else type(thing))
    except TypeError:  # built in
        return None
    path = Path(source).resolve() if source else None
    return _short(path.read_bytes()) if path and path.is_file() and not path.is_relative_to(_PACKAGE) else None


def git_state() -> tuple[str | None, str | None]:
    """Return the commit of the checkout that this package is in, and a hash of what differs from it."""
    if _git("ls-files", "--error-unmatch", "eval/__init__.py") is None:  # installed, perhaps below somebody's checkout
        return None, None
    head = _git("rev-parse", "--short=12", "HEAD")
    code = (*_ROOMS, ".src", "pyproject.toml", "uv.lock", ":!eval/RESULTS.*")
    changed = _git("diff", "HEAD", "--", *code) or ""
    new = _git("ls-files", "--others", "--exclude-standard", "--", *code) or ""
    return head and head.strip(), _short((changed + new).encode()) if changed + new else None


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(_HOUSE), *words], capture_output=True, check=False)  # noqa: S607
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
