"""The demo: the bundled articles, four questions, and how to go on."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path

from pullquote.index.articles import bundled_articles, bundled_paths
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import answer_text, coverage_text, wrapped_text
from pullquote.ui.commands import row_printer
from pullquote.ui.tables import may_color, print_json, text_width

QUESTIONS = (
    "Who called for restraint?",
    "How many people died in the ferry fire?",
    "How much will the new bridge cost?",
    "Who won the football cup final?",
)
GO_ON = """\
Now with your own articles: text, Markdown, HTML or JSONL files, or folders of them.

  pullquote add FOLDER
  pullquote ask "your question"

The same in Python:

  from pullquote import Newsroom

  room = Newsroom.open("store")
  room.add("FOLDER")
  print(room.ask("your question"))

pullquote --help lists all verbs; the README says more."""


def demo_store() -> Path:
    """Return the folder of the demo's own store, apart from the user's articles."""
    return user_cache_path("pullquote") / "demo"


def run_demo(folder: Path | None, as_json: bool) -> int:
    """Take in the bundled articles, ask the questions, print the answers."""
    with Newsroom.open(folder or demo_store()) as room:
        with row_printer(list(bundled_paths()), quiet=True) as take:
            report = room.add(*bundled_paths(), relative_to=bundled_articles(), progress=take)
        if folder is None:  # articles that an earlier version came with would change the answers
            for meta in room.articles():
                if meta.id not in {row.article_id for row in report.rows}:
                    room.remove(meta.id)
        answers = (room.ask(question) for question in QUESTIONS)
        if as_json:
            print_json({"store": str(room.store.folder), "answers": [answer.to_dict() for answer in answers]})
            return 0
        print(wrapped_text(coverage_text(room.coverage()), text_width()))
        for answer in answers:
            print(f'\n$ pullquote ask "{answer.question}"\n')
            print(answer_text(answer, text_width(), may_color()), flush=True)
    print(f"\n{GO_ON}")
    return 0
