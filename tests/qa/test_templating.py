"""Pages from templates: nothing that is put into one is markup, and nothing unseen gets in."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from pullquote.qa.templating import page_environment, source_hash


def rendered(folder: Path, source: str, **values: object) -> str:
    (folder / "page.html").write_text(source, encoding="utf-8")
    return page_environment(folder).get_template("page.html").render(**values)


def test_a_text_is_escaped_put_on_one_line_and_rid_of_what_cannot_be_seen(tmp_path: Path) -> None:
    assert rendered(tmp_path, '<p title="{{ x }}">{{ x }}</p>', x='<b>"a"\n\u202eb\x1b[31m') == (
        '<p title="&lt;b&gt;&#34;a&#34; b">&lt;b&gt;&#34;a&#34; b</p>'
    )


def test_numbers_stay_numbers_and_a_missing_value_is_an_error(tmp_path: Path) -> None:
    assert rendered(tmp_path, "{{ n + 1 }}", n=1) == "2"
    with pytest.raises(UndefinedError):
        rendered(tmp_path, "{{ missing }}")


def test_a_style_is_named_by_its_hash_as_browsers_do() -> None:
    assert source_hash("a") == "sha256-" + base64.b64encode(hashlib.sha256(b"a").digest()).decode()
