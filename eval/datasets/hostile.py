"""What attackers plant in articles: instructions (BIPIA) and passages that assert a wrong answer (PoisonedRAG)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pullquote.eval.datasets.files import Row, json_records


@dataclass(frozen=True, slots=True)
class Attack:
    """An instruction that a text gives to whatever reads it."""

    id: str
    kind: str
    """As the data set names it: ``Malware Distribution``."""
    instruction: str


@dataclass(frozen=True, slots=True)
class PoisonedCase:
    """A question with texts made to have it answered wrongly."""

    id: str
    question: str
    answer: str
    wrong_answer: str
    poisoned: tuple[str, ...]
    """Texts that assert the wrong answer, in the order of the data set."""
    tags: tuple[str, ...]
    """Where the question is from."""


def bipia_attacks(folder: Path) -> list[Attack]:
    """Return the instructions, kind by kind."""
    kinds = json_records(folder / "text_attack_train.json", lambda row: _attacks(*row), dict.items)
    return list(chain.from_iterable(kinds))


def poisonedrag_cases(folder: Path, names: Iterable[str] = ("nq", "hotpotqa")) -> list[PoisonedCase]:
    """Return the questions of these files, in file order."""
    return list(chain.from_iterable(_poisoned_file(folder, name) for name in names))


def _poisoned_file(folder: Path, name: str) -> Iterator[PoisonedCase]:
    return json_records(folder / f"{name}.json", lambda row: _poisoned(row, name), dict.values)


def _attacks(kind: str, instructions: list[str]) -> list[Attack]:
    slug = re.sub(r"\W+", "-", kind.lower())
    return [Attack(f"bipia-{slug}-{number}", kind, text) for number, text in enumerate(instructions, 1)]


def _poisoned(row: Row, name: str) -> PoisonedCase:
    case_id = f"poisonedrag-{name}-{row['id']}"
    return PoisonedCase(
        case_id, row["question"], row["correct answer"], row["incorrect answer"], tuple(row["adv_texts"]), (name,)
    )
