"""Run a small BERT-like ONNX model on text, each text by itself, on all cores.

The bundled models are dynamically quantised: in a batch, the largest activation of any text
changes the numbers of all (cosine 0.993 alone against in a batch of 8). So every text is a
batch of its own, and the cores are shared out between texts: same numbers whatever else is
asked, and twice as fast as one text on two cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from pullquote.index.cores import shared_cores
from pullquote.index.errors import ModelDamaged

MAX_WORD_PIECES = 512
"""The model's window, its two or three special pieces included."""


class OnnxModel:
    """A tokenizer and a session; safe to call from several threads."""

    def __init__(self, folder: Path) -> None:
        """Load ``model.onnx`` and ``tokenizer.json`` from ``folder``.

        Raises:
            ModelDamaged: one of them cannot be loaded.
            SettingsError: the environment names no usable number of cores.
        """
        import onnxruntime as ort  # half a second that looking at a store does not need

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            self.tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise bare exceptions of their own
            reason = " ".join(str(error).split())[:160]
            raise ModelDamaged(f"the model in {folder} cannot be loaded ({reason}): copy its files there again") from error
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._cores = shared_cores()

    def run(self, encodings: Sequence[Encoding], *, urgent: bool = True) -> list[NDArray[np.float32]]:
        """Return the first output for each encoding, without its batch axis.

        An encoding must fit the window (``MAX_WORD_PIECES``). What nobody waits for is not urgent: it comes behind what is.
        """
        # Longest first: no core is left alone with a long text at the end.
        order = sorted(range(len(encodings)), key=lambda i: -len(encodings[i].ids))
        outputs = self._cores.map(lambda i: self._run_one(encodings[i]), order, urgent=urgent)
        by_index = dict(zip(order, outputs, strict=True))
        return [by_index[i] for i in range(len(encodings))]

    def _run_one(self, encoding: Encoding) -> NDArray[np.float32]:
        columns = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {name: np.array([column], np.int64) for name, column in columns.items() if name in self._inputs}
        output: NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return output
