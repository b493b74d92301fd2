"""Tokens are counted, offline."""

from __future__ import annotations

import os
import subprocess
import sys

from pullquote.qa.llm.tokens import count_tokens

TEXT = "The council met on Monday and postponed the vote."


def test_known_models_are_counted_exactly() -> None:
    assert count_tokens(TEXT, "gpt-5-mini") == count_tokens(TEXT, "gpt-4") == 10
    assert count_tokens("", "gpt-5-mini") == 0


def test_unknown_models_are_counted_on_the_safe_side() -> None:
    assert count_tokens(TEXT, "some-local-model") == count_tokens(TEXT) == 12


def test_a_model_whose_encoding_would_be_downloaded_counts_as_unknown() -> None:
    assert count_tokens(TEXT, "davinci-002") >= count_tokens(TEXT, "gpt-4")
    assert count_tokens(TEXT, "text-davinci-003") == 12


def test_special_marks_are_text() -> None:
    assert count_tokens("<|endoftext|>", "gpt-4") > 1


def test_a_long_run_of_letters_is_counted() -> None:
    assert count_tokens("a" * 100_000, "gpt-4") > 1000


def test_counting_needs_no_llama_index_and_leaves_the_environment_alone() -> None:
    code = (
        "import os, sys\nfrom pullquote.qa.llm.tokens import count_tokens\nassert count_tokens('a b c', 'gpt-4') == 3\n"
        "assert 'llama_index.core' not in sys.modules and 'openai' not in sys.modules\n"
        "assert 'TIKTOKEN_CACHE_DIR' not in os.environ"
    )
    env = {name: value for name, value in os.environ.items() if name != "TIKTOKEN_CACHE_DIR"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
