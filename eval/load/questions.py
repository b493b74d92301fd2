"""What the readers ask, what is answered to it without a server, and articles that say nothing in particular."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from pullquote.eval.cases import read_cases
from pullquote.eval.examples import reported_cases
from pullquote.eval.stores import open_store, polnear_room, reading
from pullquote.eval.tasks.smoke import CASES, smoke_articles
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings

Plain = Mapping[str, Any]
"""An answer as ``pullquote ask --json`` prints it."""
_WORDS = (4, 5, 6)
_WORD = re.compile(r"[^\W\d_]{5,}")
_SUBJECTS = "council harbour ministry hospital railway university orchestra museum reservoir airport parliament shipyard".split()
_ACTIONS = "approved postponed rejected reviewed announced cancelled extended questioned published defended".split()
_MATTERS = "budget timetable contract inquiry extension merger concession survey restoration licence levy boycott".split()


def make_store(folder: Path, build: Path, data: Path | None, seed: int) -> list[str]:
    """Make a store of the bundled articles, or of PolNeAR's where ``data`` has them; return questions about them, shuffled."""
    if data is None:
        with open_store(folder, smoke_articles) as room:
            questions = [case.question for case in read_cases(CASES)] + _keyword_questions(room)
    else:
        polnear_room(build / "stores", data).close()
        shutil.copytree(build / "stores" / "polnear", folder)
        questions = [question for case in reported_cases(data / "polnear") for question in case.questions.values()]
    return random.Random(seed).sample(questions, len(questions))


def _keyword_questions(room: Newsroom) -> list[str]:
    """Return a few long words in a row, from every sentence and every place in it that has so many."""
    rows = [_WORD.findall(sentence.text) for meta in room.articles() for sentence in room.sentences(meta.id)]
    every = [" ".join(row[start : start + size]) for row in rows for size in _WORDS for start in range(len(row) - size + 1)]
    return list(dict.fromkeys(every))


def expected_answers(folder: Path, questions: Sequence[str]) -> dict[str, Plain]:
    """Return what the extractive engine answers in this process."""
    with reading(folder) as room:
        room.settings = AskSettings(engine="extractive")
        return {question: room.ask(question).to_dict() for question in questions}


def article_count(folder: Path) -> int:
    """Return how many articles a store holds now."""
    with reading(folder) as room:
        return room.coverage().articles


def same_answer(one: Plain, other: Plain) -> bool:
    """Whether two answers say the same and cite the same."""
    return _said(one) == _said(other)


def _said(answer: Plain) -> list[Any]:
    parts = [(s["text"], [(c["article_id"], c["start"], c["end"]) for c in s["citations"]]) for s in answer["sentences"]]
    return [answer["question"], answer["status"], parts]


def shared_out(questions: Sequence[str], readers: int) -> list[Iterator[str]]:
    """Return what each reader asks, one after the other and over again; no two have a question in common."""
    return [cycle(questions[number::readers]) for number in range(readers)]


def made_up_articles(n: int) -> str:
    """Return so many articles as JSONL, a dozen sentences each."""
    draw = random.Random(n)
    lines = []
    for number in range(n):
        text = " ".join(_made_up_sentence(draw) for _ in range(12))
        record = {"id": f"load-{number}", "title": f"Notes of day {number}", "source": "Load Gazette", "text": text}
        lines.append(json.dumps({**record, "published_at": f"2026-01-{number % 28 + 1:02}"}))
    return "\n".join(lines)


def _made_up_sentence(draw: random.Random) -> str:
    subject, action, matter = draw.choice(_SUBJECTS), draw.choice(_ACTIONS), draw.choice(_MATTERS)
    return f"The {subject} of district {draw.randrange(900)} {action} the {matter} by {draw.randrange(2, 90)} votes on Monday."
