"""Choose how much support the gate asks of a sentence: ``python -m pullquote.eval.fit_gate [--build DIR]``.

Behind the gate's rules, the verifier's own threshold harms too much: it was chosen for claims that nobody else looks at. Chosen
on the half ``dev`` of the scripted drafts (``eval.datasets.drafts``), whose other half is only measured:

* ``part``, of a part of a sentence that shares no word with what is cited: what tells added parts from parts in other words
  best, in the middle of the gap
* ``whole``, of a sentence: the most that leaves ``MAX_HARM`` of the sound drafts harmed, by the rules and by both limits

To be run again when ``qa/support.json`` changes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pullquote.eval.datasets import folder_hash
from pullquote.eval.datasets.drafts import DRAFTS
from pullquote.eval.stores import open_store
from pullquote.eval.tasks.gated import SOUND, Desk, draft_cases, run_draft
from pullquote.eval.tasks.smoke import smoke_articles
from pullquote.qa.gate.examine import examine
from pullquote.qa.gate.numbers import resolve
from pullquote.qa.gate.sentences import split_draft
from pullquote.qa.gate.support import LIMITS_FILE, Judge, support_scores
from pullquote.qa.gate.types import Draft, GateReport
from pullquote.qa.types import Evidence
from pullquote.qa.verification import built_in_verifier, support_hash

SEED = 1
MAX_HARM = 0.03
"""Share of the sound drafts: half of what the whole gate may harm, as drafts that were not looked at do worse."""


class Scores(NamedTuple):
    """What the verifier says of one draft by its own citations."""

    kind: str
    """``sound``, or the fault."""
    stands: bool
    """Whether the rules have nothing against it."""
    whole: float
    """The least of its sentences."""
    parts: tuple[float, ...]
    """Of the parts that share no word with what is cited."""

    def is_harmed(self, whole: float, part: float) -> bool:
        """Whether limits, or the rules, stop it."""
        return not self.stands or self.whole < whole or min(self.parts, default=1.0) < part


class _Listener(Desk):
    """Keeps what a draft was written from."""

    def check(self, draft: Draft, evidence: Sequence[Evidence]) -> GateReport:
        self.heard = draft, evidence
        return GateReport(())


def part_limit(sound: Iterable[float], added: Iterable[float]) -> float:
    """Return the limit with the fewest on the wrong side, as shares of their kind, in the middle of its gap; 0 without both."""
    sound, added = sorted(sound), sorted(added)
    if not (sound and added):
        return 0.0
    edges = [0.0, *sorted({*sound, *added}), 1.0]
    middles = [((low + high) / 2, high - low) for low, high in pairwise(edges)]

    def wrong(limit: float) -> float:
        return sum(s < limit for s in sound) / len(sound) + sum(a >= limit for a in added) / len(added)

    return round(min(middles, key=lambda pair: (wrong(pair[0]), -pair[1]))[0], 2)


def whole_limit(drafts: Sequence[Scores], part: float, max_harm: float = MAX_HARM) -> float:
    """Return the greatest limit, in hundredths, that leaves so many sound drafts harmed; 0 when the rules alone harm more."""
    sound = [draft for draft in drafts if draft.kind == SOUND]
    limits = (hundredths / 100 for hundredths in range(100, 0, -1))
    fit = (limit for limit in limits if sum(d.is_harmed(limit, part) for d in sound) <= max_harm * len(sound))
    return next(fit, 0.0)


def dev_scores(build: Path, verifier: Judge) -> list[Scores]:
    """Return the scores of all drafts of the half ``dev``, the faulty ones too; makes the store of the bundled articles."""
    desk, found = _Listener(), []
    with open_store(build / "smoke", smoke_articles) as room:
        for case in draft_cases(SEED):
            if "dev" in case.tags:
                run_draft(case, room.store, desk, SEED)
                found.append(_scores(*desk.heard, case.extra["kind"], verifier))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Choose both limits and write ``qa/gate/limits.json``."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.fit_gate", description=__doc__)
    parser.add_argument("--build", type=Path, help="where the store of the bundled articles is kept (default: nowhere)")
    parser.add_argument("--out", type=Path, default=LIMITS_FILE)
    options = parser.parse_args(argv)
    with TemporaryDirectory() as folder:
        drafts = dev_scores(options.build or Path(folder), built_in_verifier())
    part = part_limit(*([p for d in drafts if d.kind == kind for p in d.parts] for kind in (SOUND, "unsupported_addition")))
    whole = whole_limit(drafts, part)
    report = {
        "made_by": "python -m pullquote.eval.fit_gate",
        "drafts": folder_hash(DRAFTS),
        "verifier": support_hash(),
        "whole": whole,
        "part": part,
    }
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    harmed = [sum(d.is_harmed(*limits) for d in drafts if d.kind == SOUND) for limits in ((whole, part), (0.0, 0.0))]
    print(f"wrote {options.out}: {harmed[0]} sound drafts harmed, {harmed[1]} of them by the rules", file=sys.stderr)
    return 0


def _scores(draft: Draft, evidence: Sequence[Evidence], kind: str, verifier: Judge) -> Scores:
    sentences = split_draft(draft)
    examined = [examine(s.text, resolve(s.numbers, evidence)[0], evidence) for s in sentences]
    wholes = support_scores([(one.text, one.cited) for one in examined if one.cited], verifier)
    parts = support_scores([(part, one.cited) for one in examined for part in one.doubts], verifier)
    return Scores(kind, not any(one.reason for one in examined), min(wholes, default=0.0), tuple(parts))


if __name__ == "__main__":
    sys.exit(main())
