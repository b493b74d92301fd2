"""What tasks share: from scores of cases to metrics of a report, floors, and what a reader of failures wants to see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pullquote.eval.statistics import auroc_interval, balanced_interval, scored_metric
from pullquote.eval.types import CaseResult, EvalCase, Gold, Metric
from pullquote.index.store import Store
from pullquote.index.types import ALL_ARTICLES, Sentence, Span
from pullquote.qa.citations import stands
from pullquote.qa.quotations import CUE
from pullquote.qa.types import Answer
from pullquote.qa.words import question_words

_DEPTH = 10


def with_tag(results: Iterable[CaseResult], tag: str) -> list[CaseResult]:
    """Return the results of cases with a tag."""
    return [result for result in results if tag in result.tags]


def mean(results: Sequence[CaseResult], score: str) -> Metric:
    """Return the mean of a score; cases that do not have it are not asked, failed ones and None are unscored."""
    asked = [r for r in results if score in r.scores or r.error is not None]
    return scored_metric([r.scores.get(score) for r in asked], [cluster_of(r) for r in asked])


def floors(results: Sequence[CaseResult], score: str) -> dict[str, Metric]:
    """Return the means of all ``score@floor``, by floor."""
    names = sorted({name for r in results for name in r.scores if name.startswith(f"{score}@")})
    return {name.partition("@")[2]: mean(results, name) for name in names}


def area(results: Sequence[CaseResult], score: str, label: str) -> Metric:
    """Return the AUROC of a score for a label (1 or 0), cases drawn by cluster."""
    rows = [(r.scores.get(label), r.scores.get(score), cluster_of(r)) for r in results if label in r.scores or r.error]
    kept = [(bool(truth), value, cluster) for truth, value, cluster in rows if truth is not None and value is not None]
    labels = [truth for truth, _, _ in kept]
    if len(set(labels)) < 2:
        return Metric(None, None, None, 0, len(rows))
    found = auroc_interval(labels, [value for _, value, _ in kept], clusters=[cluster for _, _, cluster in kept])
    return Metric(found.value, found.low, found.high, len(kept), len(rows) - len(kept))


def balanced(results: Sequence[CaseResult], scores: Sequence[str]) -> Metric:
    """Return the mean of the means of several scores, such as balanced accuracy; not scored when one of them is nowhere."""
    asked = [r for r in results if r.error is not None or any(score in r.scores for score in scores)]
    columns = [[r.scores.get(score) for r in asked] for score in scores]
    if any(all(value is None for value in column) for column in columns):
        return Metric(None, None, None, 0, len(asked))
    found = balanced_interval(columns, [cluster_of(r) for r in asked])
    return Metric(found.value, found.low, found.high, found.n, len(asked) - found.n)


def cluster_of(result: CaseResult) -> str:
    """Return the cluster of a result; a case without one is its own."""
    return result.cluster or result.case_id


def scored(
    case: EvalCase, scores: Mapping[str, float | None], answer: Answer | None = None, *, kind: str = "", **more: Any
) -> CaseResult:
    """Return a case's result, with what is needed to understand a failure; ``kind`` names the kind of failure."""
    detail: dict[str, Any] = {"question": case.question, "expected": case.reference_answer} | dict(more)
    if answer is not None:
        detail |= answer_detail(answer, case.gold)
    if kind:
        detail["kind"] = kind
    return CaseResult(case.id, case.cluster, case.tags, scores, detail)


def answer_detail(answer: Answer, gold: Collection[Gold]) -> dict[str, Any]:
    """Return an answer as a report shows it."""
    citations = [
        {
            "article_id": c.article.id,
            "title": c.article.title,
            "quote": c.quote,
            "gold": is_gold(c.article.id, c.span, gold),
        }
        for citation in answer.citations
        for c in (citation, *citation.also)
    ]
    return {
        "status": answer.status,
        "confidence": round(answer.confidence, 6),
        "answer": [s.text for s in answer.sentences],
        "citations": citations,
    }


def gold_quotes(store: Store, gold: Iterable[Gold]) -> list[dict[str, str]]:
    """Return the gold places with their text."""
    texts = {g.article_id: store.catalog.article(g.article_id) for g in gold}
    return [
        {"article_id": g.article_id, "quote": article.text[g.span.start : g.span.end]}
        for g in gold
        if (article := texts[g.article_id]) is not None
    ]


def is_verbatim(store: Store, answer: Answer) -> float | None:
    """Return whether every quote of an answer is its article's text, to the character; None: nothing is cited."""
    return float(all(stands(store, c) for c in answer.citations)) if answer.citations else None


# -- trivial systems ------------------------------------------------------------------------------


def bm25_sentences(store: Store, question: str, depth: int = _DEPTH, leave_out: Collection[str] = ()) -> list[Sentence]:
    """Return BM25's best sentences, best first."""
    found = store.catalog.search_sentences(question_words(question).terms, depth, ALL_ARTICLES.without(leave_out))
    sentences = store.catalog.sentences(i for i, _ in found)
    return [sentences[i] for i, _ in found if i in sentences]


def cue_sentence(sentences: Sequence[Sentence]) -> Sentence | None:
    """Return the first sentence with a verb of saying, else the first."""
    return next((s for s in sentences if CUE.search(s.text)), sentences[0] if sentences else None)


def lead_sentences(store: Store, sentences: Sequence[Sentence], n: int = 1) -> list[Sentence]:
    """Return the first ``n`` sentences of the article that the best sentence is in."""
    return store.catalog.sentences_of(sentences[0].article_id)[:n] if sentences else []


def hits(sentence: Sentence | None, gold: Collection[Gold]) -> bool:
    """Whether a sentence overlaps a gold place."""
    return sentence is not None and is_gold(sentence.article_id, sentence.span, gold)


def is_gold(article_id: str, span: Span, gold: Collection[Gold]) -> bool:
    """Whether a place overlaps a gold one."""
    return any(g.article_id == article_id and g.span.overlaps(span) for g in gold)
