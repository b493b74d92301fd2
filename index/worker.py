"""The child process in which Chroma runs: it answers the frames on its standard input, and ends with it.

Started by ``remote`` as ``python -m pullquote.index.worker``. Whatever a damaged index does, a crash, a hang or a file without
end, happens to this process alone.
"""

from __future__ import annotations

import os
import signal
from functools import partial


def main() -> None:
    """Serve whoever started this process, until they end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for them
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.umask(0o077)
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # what a library prints must not come between the frames
        os.dup2(nothing, standard)
    os.chdir("/")  # chromadb reads a file of settings where it is imported
    code = 1
    try:
        from pullquote.index.serving import serve

        with os.fdopen(replies, "wb") as file:
            serve(partial(os.read, requests), file)
        code = 0
    finally:
        os._exit(code)  # nothing that Chroma does on leaving is needed, and it may hang


if __name__ == "__main__":
    main()
