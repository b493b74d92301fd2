"""README shows what really happens: its commands and its Python are run, what it shows as output is compared.

A fenced block marked ``console`` holds lines ``$ command``, each with the output that should follow (none: not compared;
a line ``…``: anything). A block marked ``python`` is run. A comment ``<!-- not run: reason -->`` before a block excuses it.
All of it happens in one folder, in order, with one store.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ANYTHING = "…"
DEMO = "make demo"
MAIN = "from pullquote.ui.cli import main; raise SystemExit(main())"
# Commands that a reader runs and a test does not: they fetch, set up, or test.
READERS_OWN = ("git clone ", "cd ", "make", "pip install ", "python3 -m venv ", "export ")


@dataclass(frozen=True)
class Step:
    """Something README tells its reader to run."""

    line: int
    kind: str
    """``console`` or ``python``."""
    text: str
    output: tuple[str, ...] = ()


def steps(markdown: str) -> list[Step]:
    """Return what is to be run, in order."""
    found: list[Step] = []
    lines = markdown.splitlines()
    at = 0
    while at < len(lines):
        fence = re.fullmatch(r"(```+)(\w*)\s*", lines[at])
        if not fence:
            at += 1
            continue
        end = next(n for n in range(at + 1, len(lines)) if lines[n].rstrip() == fence[1])
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        if not re.fullmatch(r"<!-- not run: \S.*-->", before.strip()):
            found += _of_block(fence[2], lines[at + 1 : end], at + 2)
        at = end + 1
    return found


def _of_block(kind: str, body: list[str], first: int) -> list[Step]:
    if kind == "python":
        return [Step(first, kind, "\n".join(body))]
    if kind != "console":
        return []
    assert body, f"line {first}: a console block without a command"
    assert body[0].startswith("$ "), f"line {first}: output before the first command"
    starts = [n for n, line in enumerate(body) if line.startswith("$ ")]
    if body[0].endswith(DEMO):  # the demo prints commands itself: they are its output
        starts = starts[:1]
    return [
        Step(first + start, kind, body[start][2:].strip(), tuple(body[start + 1 : end]))
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True)
    ]


def agrees(expected: tuple[str, ...], printed: str) -> bool:
    """Return whether a command printed what is shown; blanks at the ends of lines and of the whole do not count."""
    shown = [line.rstrip() for line in "\n".join(expected).strip().splitlines()]
    pattern = "".join("(?:.*\n)*" if line == ANYTHING else re.escape(line) + "\n" for line in shown)
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


class Desk:
    """A folder in which README's steps are taken one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # README speaks from the checkout; what its commands read is here as well.
        shutil.copytree(ROOT / "index" / "sample_articles", folder / "index" / "sample_articles")
        shutil.copytree(ROOT / "index" / "sample_articles", folder / "articles")
        (folder / "home").mkdir()
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("PULLQUOTE_", "OPENAI_", "PYTHON"))}
        self.env = {**keep, "HOME": str(folder / "home"), "PULLQUOTE_STORE": str(folder / "my-store")}

    def take(self, step: Step) -> str | None:
        """Take one step and return what is wrong with it, if anything."""
        if step.kind == "python":
            done = self._python("-c", step.text)
            return None if done.returncode == 0 else f"line {step.line}: the Python fails: {done.stderr[-800:]}"
        words = self._words(step.text)
        if words is None:
            return None
        if not words:
            return f"line {step.line}: a test can neither run nor leave out {step.text!r}"
        done = self._python("-c", MAIN, *words)
        if done.returncode:
            return f"line {step.line}: {step.text!r} exits with {done.returncode}: {done.stderr[-800:]}"
        if any(line.strip() for line in step.output) and not agrees(step.output, done.stdout):
            return f"line {step.line}: {step.text!r} prints something else:\n{done.stdout}"
        return None

    def _words(self, command: str) -> list[str] | None:
        """Return the words for pullquote; none when it is no command of ours, None when it is the reader's own."""
        if command.endswith(DEMO):
            return ["demo", "--store", str(self.folder / "demo-store")]
        if command.startswith(READERS_OWN):
            return None
        words = shlex.split(command)
        ours = words[0] in ("pullquote", ".venv/bin/pullquote") and not {"|", ">", "&&", ";"} & set(words)
        return words[1:] if ours else []

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=200
        )


def test_readme_shows_what_happens(tmp_path: Path) -> None:
    found = steps(README.read_text(encoding="utf-8"))
    desk = Desk(tmp_path)
    assert [problem for step in found if (problem := desk.take(step))] == []


def test_readme_shows_both_commands_the_demos_output_and_python() -> None:
    found = steps(README.read_text(encoding="utf-8"))
    demos = [step for step in found if step.text == "make demo"]
    assert any(len(step.output) > 10 for step in demos), "README does not show what make demo prints"
    assert any(step.text.startswith("make test") for step in found), "README does not show make test"
    assert any(step.kind == "python" for step in found), "README does not show any Python"


# -- the checks themselves ------------------------------------------------------------------------

SAMPLE = """# Sample

```console
$ git clone somewhere
$ make demo
```

<!-- not run: needs a key -->
```console
$ pullquote ask "with a model"
```

```text
$ not a step
```

```console
$ pullquote --version
pullquote {version}
$ pullquote stats --help
usage: pullquote stats [-h] [--store DIR] [--json]
…
```

```python
import pullquote
assert pullquote.__version__
```
"""


def sample() -> str:
    import pullquote

    return SAMPLE.replace("{version}", pullquote.__version__)


def test_steps_are_found_with_their_output() -> None:
    found = steps(sample())
    assert [step.text.split("\n")[0] for step in found] == [
        "git clone somewhere", "make demo", "pullquote --version", "pullquote stats --help", "import pullquote",
    ]  # fmt: skip
    assert [len(step.output) for step in found] == [0, 0, 1, 2, 0]


def test_a_demo_may_print_commands() -> None:
    (step,) = steps('```console\n$ make demo\n15 articles\n$ pullquote ask "who?"\nThe Union. [1]\n```\n')
    assert step.output == ("15 articles", '$ pullquote ask "who?"', "The Union. [1]")


def test_what_happens_as_shown_passes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert [desk.take(step) for step in steps(sample()) if step.text != "make demo"] == [None] * 4


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ pullquote --version\npullquote 99\n```",
        "```console\n$ pullquote ask --store nowhere who\n```",
        "```console\n$ curl something\n```",
        "```console\n$ pullquote --version | cat\n```",
        "```python\nraise SystemExit(1)\n```",
    ],
)
def test_what_does_not_happen_as_shown_is_found(tmp_path: Path, block: str) -> None:
    (step,) = steps(block)
    assert Desk(tmp_path).take(step)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("a", "b"), "a\nb\n", True),
        (("a  ", "", "b", ""), "\na\n\nb  \n", True),
        (("a", "b"), "a\nc\nb\n", False),
        (("a", "…", "b"), "a\nc\nd\nb\n", True),
        (("a", "…"), "a\n", True),
        (("…", "b"), "a\nc\n", False),
        (("a.c",), "abc\n", False),
    ],
)
def test_output_is_compared_line_by_line(shown: tuple[str, ...], printed: str, same: bool) -> None:
    assert agrees(shown, printed) is same


@pytest.mark.parametrize("block", ["```console\n```", "```console\noutput first\n$ make\n```"])
def test_a_console_block_begins_with_a_command(block: str) -> None:
    with pytest.raises(AssertionError, match="line 2"):
        steps(block)
