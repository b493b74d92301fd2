"""Readers for the public data sets that pullquote is measured on; the data itself is named by a path.

The rest is imported from its module: ``wikinews``, ``grounding``, ``conversations``, ``hostile``, ``nanco``, ``downloads``.
"""

from __future__ import annotations

from pullquote.eval.datasets.clapnq import PassageCase, clapnq_articles, clapnq_cases
from pullquote.eval.datasets.files import data_folder, folder_hash
from pullquote.eval.datasets.polnear import FORMS, AttributionCase, polnear_articles, polnear_cases
from pullquote.eval.datasets.realtimeqa import QuizCase, realtimeqa_articles, realtimeqa_cases

__all__ = [
    "FORMS",
    "AttributionCase",
    "PassageCase",
    "QuizCase",
    "clapnq_articles",
    "clapnq_cases",
    "data_folder",
    "folder_hash",
    "polnear_articles",
    "polnear_cases",
    "realtimeqa_articles",
    "realtimeqa_cases",
]
