"""One line of JSON per event, whatever it is about."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from pullquote.ui.web.log import JsonLines

NASTY = 'A title\nwith lines\r\nand \x1b[31mcolour\x1b[0m \u202e\u2028"quotes"'


def lines(verbosity: int, code: str) -> list[dict[str, str]]:
    begin = f"import logging\nfrom pullquote.ui.web.log import note, start_logging\nstart_logging({verbosity})\n"
    done = subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_line_ends_and_terminal_codes_in_a_title_make_one_line_of_ascii() -> None:
    record = logging.LogRecord("pullquote.ui.web", logging.INFO, "", 0, NASTY, None, None)
    record.facts = {"title": NASTY}
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["title"] == NASTY


def test_by_default_only_errors_are_told() -> None:
    told = lines(0, "note('started')\nnote('bad', logging.ERROR, reason='no disk')")
    assert [(line["event"], line["level"], line["reason"]) for line in told] == [("bad", "error", "no disk")]


def test_questions_are_told_only_at_the_second_degree() -> None:
    code = "note('started')\nnote('question', logging.DEBUG, text='who?')"
    assert [line["event"] for line in lines(1, code)] == ["started"]
    assert [line.get("text") for line in lines(2, code)] == [None, "who?"]


def test_an_exception_is_one_line_with_its_reason() -> None:
    code = "log = logging.getLogger('uvicorn.error')\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed')\n"
    assert [(line["event"], line["reason"]) for line in lines(0, code)] == [("failed", "ZeroDivisionError: division by zero")]
