"""The terminal: ``pullquote VERB``, its parser, its exit codes and its one-line errors."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from pullquote import __version__
from pullquote.index.errors import PullquoteError, StoreError, UsageError
from pullquote.ui.arguments import STORE_HELP, Parser, add_scope, pack_path, path, port, positive, two_versions
from pullquote.ui.evaluation import add_actions

ENGINES = ("auto", "extractive", "llm")
SHOW_UNSUPPORTED = "mark sentences that are not supported instead of leaving them out"
INTERRUPTED = 130
BROKEN_PIPE = 141

_ABOUT = """\
Ask a pile of news articles a question; get an answer whose every sentence points at the sentences that carry it.

  pullquote demo                              try it on the bundled articles
  pullquote add articles/ story.md feed.jsonl take articles in: text, Markdown, HTML, JSONL, folders of them
  pullquote ask "Who called for restraint?"   answer with numbered citations, or say that nothing answers
  pullquote said "restraint" --by Oldane      look up who said what
"""
_MORE = """\
The store is the folder named with --store, else by PULLQUOTE_STORE, else one in your user data folder.
JSON goes to stdout alone; progress and errors go to stderr. pullquote VERB --help says more about a verb.

exit codes: 0 done · 1 no answer, with --fail-on-abstain; no carrier, with --fail-on-missing; worse, with eval compare
            2 usage or settings · 3 some items failed · 4 the store cannot be used · 5 a model cannot be used
"""

_UI_MORE = """\
A --host that other machines can reach needs a user and a password. PULLQUOTE_AUTH=USER:PASSWORD keeps them out of the
list of processes, where --auth shows them. What is sent is readable on its way: put a server that speaks TLS in front.
A browser is answered only if it calls the server by a name of this machine for itself, by --host, or by --allow-host.

PULLQUOTE_QUESTIONS_PER_MINUTE limits the questions of one reader (default: 20; 0: no limit); one address may ask three
times as many. For programs: gradio_client's Client(URL).predict("a question", api_name="/ask") returns what
pullquote ask --json prints. /healthz and /readyz say whether it runs, and whether it takes questions.

Ctrl-C, or SIGTERM: answers in flight are given, for up to 30 s, then it ends with 0; a second one ends it at once.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    parser = Parser(
        prog="pullquote",
        description=_ABOUT,
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"pullquote {__version__}")
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)

    def verb(name: str, text: str, more: str = "") -> argparse.ArgumentParser:
        described = f"{text[0].upper()}{text[1:]}. {more}".strip()
        sub = verbs.add_parser(name, help=text, description=described, allow_abbrev=False)
        sub.add_argument("--store", metavar="DIR", type=path, help=STORE_HELP)
        sub.add_argument("--json", action="store_true", help="print JSON")
        return sub

    add = verb("add", "take in articles", "Adding an article again changes nothing; a changed one becomes a new version.")
    add.add_argument("paths", metavar="PATH", nargs="+", help="a .txt, .md, .html or .jsonl file, or a folder of them")
    ask = verb("ask", "answer a question from the articles", "Every sentence of the answer is cited.")
    ask.add_argument("question", metavar="QUESTION", nargs="+", help="the question; its words are joined")
    add_scope(ask)
    ask.add_argument("--evidence", action="store_true", help="show the sentences that were read and not cited, too")
    ask.add_argument(
        "--engine",
        choices=ENGINES,
        help="who writes: a language model, the articles' own sentences (extractive), or auto: a model where one is set",
    )
    ask.add_argument(
        "--no-fallback", action="store_true", help="fail when the language model does, instead of answering without it"
    )
    ask.add_argument("--show-unsupported", action="store_true", help=SHOW_UNSUPPORTED)
    ask.add_argument(
        "--after", metavar="QUESTION", action="append", default=[], help="a question asked before this one; may be repeated"
    )
    either = ask.add_mutually_exclusive_group()
    either.add_argument("--show-prompt", action="store_true", help="print what a language model would be told, and do not ask it")
    either.add_argument(
        "--pack", metavar="FILE", type=pack_path, help="write an evidence pack, .html or .json: pullquote verify checks it later"
    )
    ask.add_argument("--fail-on-abstain", action="store_true", help="exit with 1 when the articles do not answer")
    pack = verb("verify", "check an evidence pack", "Quotes are looked up in the store, where there is one. No model is loaded.")
    pack.add_argument("pack", metavar="PACK", type=path, help="a file of pullquote ask --pack, or of ask --json")
    saying = verb("said", "look up who said what", "By words of what was said, by who said it, or both.")
    saying.add_argument("words", metavar="WORDS", nargs="*", help="words of what was said; without any, --by is needed")
    saying.add_argument("--by", metavar="NAME", help='only what NAME said: "Aker", "Tove Aker" or a role, "chief engineer"')
    add_scope(saying)
    saying.add_argument("-n", metavar="N", type=positive, default=20, dest="limit", help="show so many at most (default: 20)")
    quoting = verb("find-quote", "look up who carries a quotation", "To the letter, edited, or stitched of pieces.")
    quoting.add_argument("quote", metavar="QUOTE", nargs="+", help="the quotation; its words are joined; - reads it from stdin")
    add_scope(quoting)
    quoting.add_argument("-n", metavar="N", type=positive, default=20, dest="limit", help="show so many at most (default: 20)")
    quoting.add_argument("--fail-on-missing", action="store_true", help="exit with 1 when no article carries it")
    _add_ui(verb("ui", "ask and read in a browser", "It listens on this machine alone and needs no network."))
    listing = verb("list", "list the articles, newest first")
    add_scope(listing)
    listing.add_argument("--search", metavar="WORDS", default="", help="only articles with these words in title, outlet or id")
    show = verb("show", "show an article with its sentences numbered")
    show.add_argument("id", metavar="ID", help="an id from pullquote list")
    version = show.add_mutually_exclusive_group()
    version.add_argument("--version", metavar="N", type=positive, dest="number", help="an earlier version (default: the newest)")
    version.add_argument(
        "--diff",
        metavar="N[..M]",
        nargs="?",
        type=two_versions,
        const=(None, None),
        help="what changed from version N to M, word by word (default: to the newest, from the one before)",
    )
    remove = verb("remove", "delete articles with all their versions", "They are looked for afterwards, and must not be found.")
    remove.add_argument("--purge", action="store_true", help="leave no byte of them in the store's folder; this takes longer")
    remove.add_argument("ids", metavar="ID", nargs="+", help="ids from pullquote list")
    verb("stats", "count what the store holds")
    verb("check", "look for damage in the store")
    backup = verb("backup", "write the whole store to one file", "Others may use the store meanwhile, also to add articles.")
    backup.add_argument("file", metavar="FILE", type=path, help="the file to write")
    backup.add_argument("--force", action="store_true", help="replace a file that is there")
    restore = verb("restore", "put a backup in the store's place", "The catalog that was there is kept under another name.")
    restore.add_argument("file", metavar="FILE", type=path, help="a file that pullquote backup wrote")
    export = verb("export", "write all articles, with all versions, as lines of JSON", "Others may use the store meanwhile.")
    export.add_argument(
        "file", metavar="FILE", type=path, nargs="?", default=path("-"), help="the file to write (default: stdout)"
    )
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    importing = verb(
        "import", "take in an export", "All of it is checked first. Articles that are there already stay as they are."
    )
    importing.add_argument("file", metavar="FILE", type=path, help="a file that pullquote export wrote, or -, stdin")
    verb("rebuild", "make word and vector index anew, without embedding")
    reindex = verb("reindex", "make all vectors anew", "The old ones answer until the new ones are complete.")
    reindex.add_argument(
        "--model", metavar="NAME", help="the embedding model; the store remembers it (default: the one that is set)"
    )
    verb("compact", "give back the room of what was deleted")
    add_actions(verb("eval", "measure how well questions are answered", "No network, no key; the same numbers on every run."))
    verb("demo", "ask four questions over the bundled articles", "Without --store, its articles go to a store of their own.")
    return parser


def _add_ui(ui: argparse.ArgumentParser) -> None:
    ui.formatter_class, ui.epilog = argparse.RawDescriptionHelpFormatter, _UI_MORE
    ui.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    ui.add_argument("--port", metavar="N", type=port, default=7860, help="the port, 0 for any that is free (default: 7860)")
    ui.add_argument("--auth", metavar="USER:PASSWORD", help="let in only who knows these; better set PULLQUOTE_AUTH (see below)")
    ui.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="a name under which browsers call it; may be repeated"
    )
    ui.add_argument("--reports", metavar="DIR", type=path, help="a folder of reports of pullquote eval run, to look at")
    ui.add_argument("--mcp", action="store_true", help="serve ask as an MCP tool, too, at /gradio_api/mcp/")
    ui.add_argument("--open", action="store_true", help="open a browser")
    ui.add_argument("--engine", choices=ENGINES, help="who writes the answers, as with ask")
    ui.add_argument("--show-unsupported", action="store_true", help=SHOW_UNSUPPORTED)
    ui.add_argument(
        "-v", "--verbose", action="count", default=0, help="write events to stderr, a line of JSON each; twice: questions, too"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    with suppress(AttributeError, ValueError):  # stdout may be replaced by something simpler
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(words)
        sys.stdout.flush()
    except PullquoteError as error:
        return _failed(error, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # what is still buffered has nowhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        reason = error.strerror or str(error)
        return _failed(StoreError(f"cannot use{place}: {reason}: check the path, its permissions and the free space"), words)
    return code


def _run(words: list[str]) -> int:
    if not words:
        build_parser().print_help()
        return UsageError.exit_code
    try:
        options = build_parser().parse_args(words)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    from pullquote.ui.commands import VERBS  # not before --help: it loads the models' libraries

    return VERBS[options.verb](options)


def _failed(error: PullquoteError, words: list[str]) -> int:
    from pullquote.qa.render import display_text
    from pullquote.ui.tables import print_json

    message = display_text(str(error), 1000)
    with suppress(OSError):  # nobody is left to read it
        if "--json" in words:
            print_json({"error": {"type": type(error).__name__, "message": message}})
        print(f"pullquote: {message}", file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
