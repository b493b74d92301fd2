"""An answer as JSON values: what ``pullquote ask --json`` prints."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pullquote.index.types import ArticleMeta
from pullquote.qa.scope import Scope
from pullquote.qa.types import Answer, AnswerSentence, Conflict, Evidence

_PERHAPS_UNSEEN = re.compile(r"[^\x20-\x7e\n]")


def answer_dict(answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON-ready values: times in ISO 8601 with Z, scores with four digits."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "status": answer.status,
        "short": answer.short,
        "engine": answer.engine,
        "model": answer.model,
        "sentences": [_sentence_dict(sentence) for sentence in answer.sentences],
        "evidence": [_evidence_dict(evidence) for evidence in answer.evidence],
        "as_of": {name: iso_time(moment) for name, moment in asdict(answer.as_of).items()},
        "usage": asdict(answer.usage),
        "timings_s": {step: _rounded(seconds) for step, seconds in answer.timings_s.items()},
        "settings_hash": answer.settings_hash,
        "confidence": _rounded(answer.confidence),
        "coverage": {
            "articles": answer.coverage.articles,
            "sources": [{"source": name, "articles": n} for name, n in answer.coverage.sources],
            "oldest": iso_time(answer.coverage.oldest),
            "newest": iso_time(answer.coverage.newest),
            "future": answer.coverage.future,
        },
        "scope": scope_fields(answer.scope),
        "complete": answer.complete,
        "fallback": answer.fallback,
        "reports": None if answer.reports is None else asdict(answer.reports),
        "conflicts": [_conflict_dict(conflict) for conflict in answer.conflicts],
    }


def json_text(value: Any, ascii_only: bool = False) -> str:
    """Return indented JSON in which every character can be seen: the others are escaped, as JSON allows."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2, allow_nan=False)
    return _PERHAPS_UNSEEN.sub(lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1], text)


def article_fields(meta: ArticleMeta) -> dict[str, Any]:
    """Return of an article what every citation of it says."""
    return {
        "article_id": meta.id,
        "version": meta.version,
        "title": meta.title,
        "source": meta.source,
        "url": meta.url,
        "published_at": iso_time(meta.published_at),
    }


def scope_fields(scope: Scope) -> dict[str, Any]:
    """Return which articles are asked."""
    since, until = (None if day is None else day.isoformat() for day in (scope.since, scope.until))
    return {"outlets": list(scope.sources), "since": since, "until": until}


def iso_time(moment: datetime | None) -> str | None:
    """Return a moment as ``2026-10-09T07:30:00Z``."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _sentence_dict(sentence: AnswerSentence) -> dict[str, Any]:
    support = sentence.support
    return {
        "text": sentence.text,
        "speakers": [asdict(speaker) for speaker in sentence.speakers],
        "support": {"verdict": support.verdict, "score": _rounded(support.score), "reason": support.reason},
        "citations": [
            {
                "n": c.n,
                **article_fields(c.article),
                "start": c.span.start,
                "end": c.span.end,
                "quote": c.quote,
                "also_in": [{**article_fields(copy.article), "start": copy.span.start, "end": copy.span.end} for copy in c.also],
            }
            for c in sentence.citations
        ],
    }


def _conflict_dict(conflict: Conflict) -> dict[str, Any]:
    sides = [
        {
            "value": side.value,
            "citations": [c.n for c in side.citations],
            "published_at": iso_time(side.published_at),
            "start": side.span.start,
            "end": side.span.end,
            "later": side.later,
        }
        for side in conflict.sides
    ]
    return {"kind": conflict.kind, "about": conflict.about, "sides": sides}


def _evidence_dict(evidence: Evidence) -> dict[str, Any]:
    span = evidence.sentence.span
    return {
        "number": evidence.number,
        **article_fields(evidence.article),
        "start": span.start,
        "end": span.end,
        "quote": evidence.sentence.text,
        "score": _rounded(evidence.score),
    }


def _rounded(score: float) -> float | None:
    return round(float(score), 4) if math.isfinite(score) else None  # JSON has no NaN
