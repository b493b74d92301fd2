"""Files and folders to articles; what cannot become one is reported with a reason, never raised."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePath
from typing import BinaryIO

from pullquote.index.cleaning import UnreadableError
from pullquote.index.formats import Draft, read_markdown, read_page, read_record, read_text
from pullquote.index.identity import article_id
from pullquote.index.types import Article, ArticleMeta, SkippedItem

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Of one text, Markdown or HTML file; a JSONL file may have any size."""
MAX_LINE_BYTES = 8 * 1024 * 1024
"""Of one line of a JSONL file."""

Item = tuple[str, Article | SkippedItem]
_Reader = Callable[[bytes, str], Draft]

_READERS: dict[str, _Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_page,
    ".htm": read_page,
}
_RECORDS = frozenset({".jsonl", ".ndjson"})
_KNOWN = frozenset(_READERS) | _RECORDS
_NOT_HERE = "not found: check the path"
_SPECIAL = "not a regular file (a pipe, socket or device): give a file or a folder"
_LEADS_OUT = "a link that leads out of the folder, so it was not followed: add its target by name"
_FROM_THE_WEB = "fetching from the web is not supported yet: save the page and add the file"
_UNKNOWN_KIND = "this kind of file is not read: give text, Markdown, HTML or JSONL"
_TOO_LARGE = f"larger than {MAX_FILE_BYTES // 1024**2} MB: split it, or make it a .jsonl file"
_TOO_LONG = f"the line is longer than {MAX_LINE_BYTES // 1024**2} MB: split its text"
_OTHER_FORMATS = {
    b"%PDF": "PDF is not supported: save its text as a .txt file",
    b"PK\x03\x04": "a zip or office file is not supported: save its text as a .txt file",
    b"{\\rtf": "RTF is not supported: save its text as a .txt file",
}
_BLOCK_BYTES = 1024 * 1024
# a pipe must not block the open, nor a link swapped in after the check be followed
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def bundled_articles() -> Path:
    """Return the folder of the articles that come with the package."""
    return Path(__file__).parent / "sample_articles"


def bundled_paths() -> tuple[Path, ...]:
    """Return the bundled article files, sorted; read them with ``relative_to=bundled_articles()``."""
    files = (path for path in bundled_articles().glob("*") if path.is_file())
    return tuple(sorted(path for path in files if path.suffix.lower() in _KNOWN))


def read_articles(paths: Iterable[Path | str], relative_to: Path | None = None) -> Iterator[Item]:
    """Yield ``(where, article)`` or ``(where, skipped item)`` for every item, lazily and in a fixed order.

    Folders are walked recursively, names sorted; hidden and unknown files in them are passed over.
    An article without id and address is identified by its absolute path, or by its path below
    ``relative_to`` where that is given.
    """
    for path in paths:
        for where, source in _files(path):
            if isinstance(source, SkippedItem):
                yield where, source
            else:
                yield from _read_file(source, where, relative_to)


def read_bytes(name: str, data: bytes) -> Iterator[Item]:
    """Yield ``(where, article)`` or ``(where, skipped item)`` for what a file of this name holds; no file is opened.

    An article without id and address is identified by the name, as a file directly in the folder that others are
    read ``relative_to``.
    """
    path = PurePath(name)
    try:
        if path.suffix.lower() in _RECORDS:
            yield from _read_records(BytesIO(data), _shown(name))
        elif path.suffix.lower() in _READERS:
            yield _shown(name), _article(_read_whole(path, path.stem, data), file_name=path.name)
        else:
            yield _shown(name), SkippedItem(_shown(name), _UNKNOWN_KIND)
    except UnreadableError as error:
        yield _shown(name), SkippedItem(_shown(name), str(error))
    except (ValueError, RuntimeError):
        yield _shown(name), SkippedItem(_shown(name), "could not be read: save its text as a .txt file")


def count_items(paths: Iterable[Path | str]) -> int | None:
    """Return about how many items ``read_articles`` will yield, or ``None`` when that cannot be told."""
    total = 0
    for path in paths:
        for _, source in _files(path):
            if isinstance(source, Path) and source.suffix.lower() in _RECORDS:
                try:
                    total += _count_lines(source)
                except (OSError, UnreadableError):
                    return None
            else:
                total += 1
    return total


def _files(path: Path | str) -> Iterator[tuple[str, Path | SkippedItem]]:
    """Yield the files a path stands for, folders opened up."""
    where = _shown(path)
    if re.match(r"https?:/", str(path), re.IGNORECASE):
        yield where, SkippedItem(where, _FROM_THE_WEB)
        return
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(Path(path))
        elif stat.S_ISREG(mode):
            yield where, Path(path)
        else:
            yield where, SkippedItem(where, _SPECIAL)
    except (OSError, ValueError, RuntimeError) as error:
        yield where, SkippedItem(where, _why(error))


def _walk(root: Path) -> Iterator[tuple[str, Path | SkippedItem]]:
    inside = root.resolve()
    waiting = [root]  # a stack of our own: folders may be nested deeper than calls
    while waiting:
        path = waiting.pop()
        where = _shown(path)
        try:
            # what a link inside the root points at is met at its own place, unless its name hides it there
            mode = os.lstat(path).st_mode if path != root else stat.S_IFDIR
            if stat.S_ISLNK(mode):
                target = path.resolve()
                if not target.is_relative_to(inside):
                    yield where, SkippedItem(where, _LEADS_OUT)
                    continue
                mode = os.lstat(target).st_mode
                if stat.S_ISDIR(mode) or target.suffix.lower() in _KNOWN:
                    continue
            if stat.S_ISDIR(mode):
                names = sorted(name for name in os.listdir(path) if not name.startswith("."))
                waiting.extend(path / name for name in reversed(names))
            elif path.suffix.lower() in _KNOWN:
                regular = stat.S_ISREG(mode)
                yield where, path if regular else SkippedItem(where, _SPECIAL)
        except (OSError, ValueError, RuntimeError) as error:
            yield where, SkippedItem(where, _why(error))


def _read_file(path: Path, where: str, relative_to: Path | None) -> Iterator[Item]:
    try:
        with _opened(path) as file:
            if path.suffix.lower() in _RECORDS:
                yield from _read_records(file, where)
                return
            data = file.read(MAX_FILE_BYTES + 1)
        yield where, _article(_read_whole(path, path.resolve().stem, data), path, relative_to)
    except UnreadableError as error:
        yield where, SkippedItem(where, str(error))
    except (OSError, ValueError, RuntimeError) as error:
        yield where, SkippedItem(where, _why(error))


def _read_whole(path: PurePath, stem: str, data: bytes) -> Draft:
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError(_TOO_LARGE)
    if not data.strip():
        raise UnreadableError("empty: there is no text in it")
    reason = next((why for start, why in _OTHER_FORMATS.items() if data.startswith(start)), None)
    if reason:
        raise UnreadableError(reason)
    suffix = path.suffix.lower()
    if suffix == ".json":
        raise UnreadableError("JSON is read as .jsonl, one object a line: convert it")
    return (_READERS.get(suffix) or _sniffed(data))(data, stem)


def _sniffed(data: bytes) -> _Reader:
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return read_page if re.match(rb"<(?:!doctype|!--|\?xml|[a-zA-Z])", head, re.IGNORECASE) else read_text


def _read_records(file: BinaryIO, where: str) -> Iterator[Item]:
    for number, line in enumerate(_lines(file), start=1):
        if line is not None and not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            if line is None:
                raise UnreadableError(_TOO_LONG)
            if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise UnreadableError("the file is UTF-16: save it as UTF-8")
            result: Article | SkippedItem = _article(read_record(line))
        except UnreadableError as error:
            result = SkippedItem(place, str(error))
        yield place, result
        if isinstance(result, SkippedItem) and "UTF-16" in result.reason:
            return


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line, ``None`` for one over the limit, which never is in memory as a whole."""
    first = True
    while line := file.readline(MAX_LINE_BYTES + 1):
        too_long = len(line) > MAX_LINE_BYTES
        part = line
        while too_long and part and not part.endswith(b"\n"):
            part = file.readline(_BLOCK_BYTES)
        yield None if too_long else line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _article(draft: Draft, path: Path | None = None, relative_to: Path | None = None, file_name: str | None = None) -> Article:
    identity = article_id(
        given=draft.id,
        url=draft.url,
        path=path,
        relative_to=relative_to,
        file_name=file_name,
        source=draft.source,
        title=draft.title,
        published_at=draft.published_at,
        text=draft.text,
    )
    meta = ArticleMeta(
        id=identity,
        url=draft.url,
        title=draft.title,
        source=draft.source,
        authors=draft.authors,
        published_at=draft.published_at,
        language=draft.language,
    )
    return Article(meta, draft.text)


def _opened(path: Path) -> BinaryIO:
    # the link itself was judged before; from here on only its target may be read
    descriptor = os.open(os.path.realpath(path), _OPEN_FLAGS | _NO_FOLLOW)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise UnreadableError(_SPECIAL)
    return file


def _count_lines(path: Path) -> int:
    lines, last = 0, b"\n"
    with _opened(path) as file:
        while block := file.read(_BLOCK_BYTES):
            lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


def _shown(path: Path | str) -> str:
    """Return the path with line breaks, escapes and undecodable bytes made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(path))


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _NOT_HERE
    if isinstance(error, PermissionError):
        return "may not be read: change its permissions"
    if isinstance(error, OSError):
        return f"could not be read ({error.strerror or 'input/output error'}): check the file"
    return "could not be read: the path or a link in it is not valid"
