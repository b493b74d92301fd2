"""A BERT cross-encoder as a function of its weights, taken from an int8 ONNX file and put back into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

LAYERS = 12
HEADS = 12
_EPSILON = 1e-12
_QUANTISED = "_quantized"
_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings")


class OnnxBert:
    """An ONNX file made by dynamic quantisation: integer matrices with a scale each, the rest in float32."""

    def __init__(self, path: Path) -> None:
        """Read the file."""
        self._model = onnx.load(str(path))
        self._initializers = {one.name: one for one in self._model.graph.initializer}
        self._matrices = dict(self._named_matrices())

    def weights(self) -> dict[str, Tensor]:
        """Return all weights as float32, by the names of the layers; a matrix is ``(in, out)``."""
        found = {name: torch.from_numpy(self._dequantised(stored)) for name, stored in self._matrices.items()}
        for name in self._initializers:
            if name.startswith(("bert.", "classifier.")) and not name.endswith((_QUANTISED, "_scale", "_zero_point")):
                found[name.removeprefix("bert.")] = torch.from_numpy(self._array(name).copy())
        return found

    def save(self, weights: Mapping[str, Tensor], path: Path) -> None:
        """Write the file with other weights: 8 bits, symmetric, a scale for each output of a matrix; embeddings as they were."""
        for name, tensor in weights.items():
            array: NDArray[np.float32] = tensor.detach().numpy().astype(np.float32)
            if name not in self._matrices:
                self._put(f"bert.{name}" if f"bert.{name}" in self._initializers else name, array)
            elif not any(part in name for part in _EMBEDDINGS):
                self._put_quantised(self._matrices[name], array)
        onnx.save(self._model, str(path))

    def _named_matrices(self) -> Iterator[tuple[str, str]]:
        for part in _EMBEDDINGS:
            yield f"embeddings.{part}.weight", f"bert.embeddings.{part}.weight"
        for node in self._model.graph.node:
            if node.op_type == "MatMulInteger":
                # "/bert/encoder/layer.0/attention/self/query/MatMul_quant"
                name = ".".join(node.name.strip("/").split("/")[:-1])
                yield f"{name.removeprefix('bert.')}.weight", node.input[1].removesuffix(_QUANTISED)

    def _array(self, name: str) -> NDArray[np.float32]:
        array: NDArray[np.float32] = numpy_helper.to_array(self._initializers[name])
        return array

    def _dequantised(self, stored: str) -> NDArray[np.float32]:
        steps = self._array(stored + _QUANTISED).astype(np.float32) - self._array(f"{stored}_zero_point").astype(np.float32)
        return np.asarray(steps * self._array(f"{stored}_scale"), np.float32)

    def _put_quantised(self, stored: str, array: NDArray[np.float32]) -> None:
        scale = np.asarray(np.abs(array).max(axis=0) / 127 + 1e-12, np.float32)
        self._put(stored + _QUANTISED, np.clip(np.rint(array / scale), -127, 127).astype(np.int8))
        self._put(f"{stored}_scale", scale)
        self._put(f"{stored}_zero_point", np.zeros((), np.int8))

    def _put(self, name: str, array: NDArray[np.float32] | NDArray[np.int8]) -> None:
        self._initializers[name].CopyFrom(numpy_helper.from_array(array, name))


def logits(weights: Mapping[str, Tensor], ids: Tensor, mask: Tensor, types: Tensor, dropout: float = 0.0) -> Tensor:
    """Return one logit per row; ``ids``, ``mask`` and ``types`` are ``(rows, word pieces)``, int64, mask 0 for padding."""
    hidden = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.token_type_embeddings.weight"][types]
    hidden = hidden + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    hidden = functional.dropout(_norm(weights, "embeddings.LayerNorm", hidden), dropout)
    seen = mask.bool()[:, None, None, :]
    for number in range(LAYERS):
        hidden = _layer(weights, f"encoder.layer.{number}", hidden, seen, dropout)
    pooled = functional.dropout(torch.tanh(_linear(weights, "pooler.dense", hidden[:, 0])), dropout)
    return _linear(weights, "classifier", pooled)[:, 0]


def _layer(weights: Mapping[str, Tensor], name: str, hidden: Tensor, seen: Tensor, dropout: float) -> Tensor:
    rows, pieces, width = hidden.shape
    heads = (
        _linear(weights, f"{name}.attention.self.{part}", hidden).view(rows, pieces, HEADS, width // HEADS).transpose(1, 2)
        for part in ("query", "key", "value")
    )
    mixed = functional.scaled_dot_product_attention(*heads, attn_mask=seen).transpose(1, 2).reshape(rows, pieces, width)
    mixed = functional.dropout(_linear(weights, f"{name}.attention.output.dense", mixed), dropout)
    hidden = _norm(weights, f"{name}.attention.output.LayerNorm", hidden + mixed)
    inner = functional.gelu(_linear(weights, f"{name}.intermediate.dense", hidden))
    inner = functional.dropout(_linear(weights, f"{name}.output.dense", inner), dropout)
    return _norm(weights, f"{name}.output.LayerNorm", hidden + inner)


def _linear(weights: Mapping[str, Tensor], name: str, inputs: Tensor) -> Tensor:
    return functional.linear(inputs, weights[f"{name}.weight"].t(), weights[f"{name}.bias"])


def _norm(weights: Mapping[str, Tensor], name: str, inputs: Tensor) -> Tensor:
    return functional.layer_norm(inputs, inputs.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], _EPSILON)
