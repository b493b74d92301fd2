"""The statement ledger: who says what in an article, against annotators, and whom the speakers are resolved to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pullquote.eval.datasets.attributions import GoldStatement, gold_statements
from pullquote.eval.datasets.polnear import polnear_articles
from pullquote.eval.datasets.wikinews import SpeakerCase, wikinews_articles, wikinews_cases
from pullquote.eval.metrics.statements import Pair, edge_free, right_pairs
from pullquote.eval.statistics import ratio_interval
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.plain_statements import plain_statements
from pullquote.eval.tasks.resolved import is_credit, is_held_out, resolved_speaker
from pullquote.eval.tasks.scoring import cluster_of, scored
from pullquote.eval.types import CaseResult, EvalCase, Metric, TaskReport
from pullquote.index.sentences import split_sentences
from pullquote.index.statements.places import Quoted, kind_of
from pullquote.index.statements.quotations import find_quotations
from pullquote.index.statements.reader import BundledReader
from pullquote.index.statements.types import RawStatement
from pullquote.index.types import Article, Span

BARS = {"recall": 0.72, "precision": 0.72, "resolved_speaker": 0.60}
KINDS = ("direct", "indirect", "mixed")
_FLOOR = "@plain"
# What each metric divides, by the names of the counts in a case's scores.
_RATIOS = {
    "recall": ("hit", "wanted"),
    "precision": ("right", "found"),
    "recall_iou": ("hit_iou", "wanted"),
    "precision_iou": ("right_iou", "found"),
    "recall_with_implicit": ("hit_all", "wanted_all"),
    **{f"recall_{kind}": (f"hit_{kind}", f"wanted_{kind}") for kind in KINDS},
    **{f"precision_{kind}": (f"right_{kind}", f"found_{kind}") for kind in KINDS},
    **{f"exact_f1_{part}": (f"both_{part}", f"size_{part}") for part in ("source", "cue", "content")},
    "resolved_speaker": ("resolved", "asked"),
    "resolved_of_found": ("resolved", "asked_found"),
    "resolved_speaker_reported": ("resolved_reported", "asked_reported"),
    "resolved_speaker_held_out": ("resolved_held_out", "asked_held_out"),
}


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of PolNeAR dev, and resolved speakers of Wikinews."""

    name: str = "statements"
    title: str = "The ledger: who says what (content and speaker), and who the speaker is"
    needs: tuple[str, ...] = ("polnear", "gum_wikinews")
    version: int = 2

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return a case per article, of both data sets."""
        polnear = [
            EvalCase(f"polnear/{name}", name, None, tags=("polnear",)) for name in gold_statements(setup.data / "polnear/dev")
        ]
        names = dict.fromkeys(case.article_id for case in wikinews_cases(setup.data / "gum_wikinews"))
        return spread([*polnear, *(EvalCase(f"wikinews/{name}", name, None, tags=("wikinews",)) for name in names)], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Nothing: articles are read one by one."""

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that reads one article."""
        gold = gold_statements(setup.data / "polnear/dev")
        speakers = wikinews_cases(setup.data / "gum_wikinews")
        articles = {
            "polnear": {article.meta.id: article for article in polnear_articles(setup.data / "polnear", ("dev",))},
            "wikinews": {article.meta.id: article for article in wikinews_articles(setup.data / "gum_wikinews")},
        }
        reader = BundledReader()

        def run(case: EvalCase) -> CaseResult:
            article = articles[case.tags[0]][case.question]
            if case.tags[0] == "wikinews":
                return _resolved(case, article, [one for one in speakers if one.article_id == case.question], reader)
            return _extracted(case, article, gold[case.question], reader)

        yield run

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up the counts of all articles."""
        metrics = {name: _ratio(results, *counts) for name, counts in _RATIOS.items()}
        trivial = {
            name: {"plain": _ratio(results, counts[0] + _FLOOR, counts[1] + _FLOOR)}
            for name, counts in _RATIOS.items()
            if "resolved" not in name
        }
        notes = (
            "PolNeAR dev, one unit per statement (coordinated speakers are one). Right: the content holds at least half of the "
            "characters of an annotated one, and the head word of each speaker lies in its source; of a quotation carried over, "
            "the speaker's before. The iou numbers ask that the shared characters be half of both together.",
            "An attribution without a source is not asked for by recall, but by recall_with_implicit; a statement without a "
            "speaker is right when such an attribution has its content.",
            "Of articles with several annotators the first file by name counts. exact_f1 compares pieces of sources, cues and "
            "contents span by span, punctuation and quotation marks at their edges left off.",
            "Rules and cues were chosen on train. Floor: a verb of saying, the capitalised name nearest, and what is quoted "
            "in the sentence, else what follows the verb.",
            "resolved_speaker: Wikinews, of all gold statements those in the ledger under a gold name; of_found: of those in it; "
            "reported: without the credit lines of pictures, which the ledger leaves out; "
            "held_out: the half of the articles whose failures were never looked at.",
        )
        return TaskReport(self.name, self.title, metrics, trivial, BARS, notes, ())


def _extracted(case: EvalCase, article: Article, gold: Sequence[GoldStatement], reader: BundledReader) -> CaseResult:
    spans = split_sentences(article.text)
    _, raws = next(reader.read_raw([(article, spans)]))
    quoted = Quoted(article.text, find_quotations(article.text))
    scores, missed, wrong = counts_of(article.text, quoted, raws, gold)
    plain, _, _ = counts_of(article.text, quoted, plain_statements(article.text, spans, quoted), gold)
    floor = {name + _FLOOR: value for name, value in plain.items()}
    return scored(case, scores | floor, missed=missed, wrong=wrong)


def _resolved(case: EvalCase, article: Article, speakers: Sequence[SpeakerCase], reader: BundledReader) -> CaseResult:
    (statements,) = reader.read([(article, split_sentences(article.text))])
    named = [resolved_speaker(one, statements) for one in speakers]
    found = [one for one in named if one is not None]
    reported = [one for one, asked in zip(named, speakers, strict=True) if not is_credit(asked, article.text)]
    scores = {
        "asked": float(len(named)),
        "asked_found": float(len(found)),
        "resolved": float(sum(found)),
        "asked_reported": float(len(reported)),
        "resolved_reported": float(sum(filter(None, reported))),
    }
    if is_held_out(article.meta.id):
        scores |= {"asked_held_out": scores["asked"], "resolved_held_out": scores["resolved"]}
    return scored(case, scores, wrong=[one.answer for one, right in zip(speakers, named, strict=True) if not right])


def counts_of(
    text: str, quoted: Quoted, raws: Sequence[RawStatement], gold: Sequence[GoldStatement]
) -> tuple[dict[str, float | None], list[str], list[str]]:
    """Return what the metrics divide, with the contents that were missed and those that are wrong."""
    found = [Pair(raw.content_spans, _heads(raw, raws)) for raw in raws]
    asked = [Pair(one.content, one.source) for one in gold]
    pairs, strict = right_pairs(found, asked), right_pairs(found, asked, symmetric=True)
    wanted = {j for j, one in enumerate(gold) if one.source}
    right, hit = {i for i, _ in pairs}, {j for _, j in pairs}
    kinds = [kind_of(quoted, one.content) for one in gold]
    counts: dict[str, int] = {
        "found": len(raws),
        "right": len(right),
        "wanted": len(wanted),
        "hit": len(hit & wanted),
        "wanted_all": len(gold),
        "hit_all": len(hit),
        "right_iou": len({i for i, _ in strict}),
        "hit_iou": len({j for _, j in strict} & wanted),
    }
    for kind in KINDS:
        of_kind = {j for j in wanted if kinds[j] == kind}
        mine = {i for i, raw in enumerate(raws) if raw.kind == kind}
        counts |= {f"wanted_{kind}": len(of_kind), f"hit_{kind}": len(hit & of_kind)}
        counts |= {f"found_{kind}": len(mine), f"right_{kind}": len(right & mine)}
    for part, (ours, theirs) in _parts(raws, gold).items():
        mine_spans, gold_spans = edge_free(text, ours), edge_free(text, theirs)
        counts |= {f"both_{part}": 2 * len(mine_spans & gold_spans), f"size_{part}": len(mine_spans) + len(gold_spans)}
    missed = [_words(text, gold[j].content) for j in sorted(wanted - hit)]
    wrong = [_words(text, raw.content_spans) for i, raw in enumerate(raws) if i not in right]
    return {name: float(value) for name, value in counts.items()}, missed, wrong


def _heads(raw: RawStatement, raws: Sequence[RawStatement]) -> tuple[Span, ...]:
    return raw.speaker_heads if raw.carried_from is None else raws[raw.carried_from].speaker_heads


def _parts(raws: Sequence[RawStatement], gold: Sequence[GoldStatement]) -> Mapping[str, tuple[list[Span], list[Span]]]:
    def all_of(pick: Callable[[GoldStatement], Iterable[Span]]) -> list[Span]:
        return [span for one in gold for span in pick(one)]

    return {
        "source": ([span for raw in raws for span in raw.speaker_spans], all_of(lambda one: one.source)),
        "cue": ([raw.cue_span for raw in raws if raw.cue_span], all_of(lambda one: one.cue)),
        "content": ([span for raw in raws for span in raw.content_spans], all_of(lambda one: one.content)),
    }


def _words(text: str, spans: Sequence[Span]) -> str:
    return " … ".join(text[slice(*span)] for span in spans)


def _ratio(results: Sequence[CaseResult], part: str, whole: str) -> Metric:
    """Return the sum of one count over the sum of another, articles drawn."""
    failed = sum(result.error is not None for result in results)
    rows = [
        (r.scores[part] or 0.0, r.scores[whole] or 0.0, cluster_of(r)) for r in results if part in r.scores and whole in r.scores
    ]
    total = sum(count for _, count, _ in rows)
    if not total:
        return Metric(None, None, None, 0, failed)
    found = ratio_interval([a for a, _, _ in rows], [b for _, b, _ in rows], [c for *_, c in rows])
    return Metric(found.value, found.low, found.high, int(total), failed)
