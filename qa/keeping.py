"""A newsroom's store as a whole: copied, put back, moved, made anew, made smaller. What needs no question to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.errors import UsageError
from pullquote.index.settings import IndexSettings, default_store
from pullquote.index.store import Store
from pullquote.index.types import IngestReport, IngestRow

if TYPE_CHECKING:
    from pullquote.index.backup import Kept, Restored
    from pullquote.index.exporting import Exported
    from pullquote.index.removing import Sizes


class StoreKeeper:
    """What can be done with an open store besides asking."""

    store: Store

    def backup(self, file: Path | str, *, replace: bool = False) -> Kept:
        """Write all that the store holds at one moment to one file, also while somebody adds articles; return how much it is.

        Raises:
            UsageError: the file is there and ``replace`` is not set, or it is no place for a backup.
            StoreError: the store is damaged, or the file cannot be written; none is left.
        """
        from pullquote.index.backup import backup

        return backup(self.store.folder, Path(file), replace=replace)

    @staticmethod
    def restore(file: Path | str, folder: Path | str | None = None, *, settings: IndexSettings | None = None) -> Restored:
        """Put a backup in the place of a store, or where none is; what was there is kept beside it.

        Raises:
            UsageError: the file is not there.
            StoreError: it is no sound backup, or somebody is writing to the store; nothing is changed.
        """
        from pullquote.index.backup import restore

        place = default_store() if folder is None else Path(folder)
        return restore(Path(file), place, (settings or IndexSettings.from_env()).lock_wait_s)

    def export(self, file: Path | str, *, replace: bool = False) -> Exported:
        """Write all articles with all their versions to a file of JSON lines, also while somebody adds articles.

        Raises:
            UsageError: the file is there and ``replace`` is not set, or it is no place for an export.
            StoreBusy: an article was deleted meanwhile.
            StoreError: the store is damaged, or the file cannot be written; none is left.
        """
        from pullquote.index.exporting import export_file

        return export_file(self.store, Path(file), replace=replace)

    def import_from(self, file: Path | str, progress: Callable[[IngestRow], None] | None = None) -> IngestReport:
        """Take in the articles of an export, with all their versions; those that are there already stay as they are.

        Raises:
            UsageError: the file cannot be read, is no whole export, or the store has other versions of one of its articles.
            StoreError: the store cannot be written to.
            ModelError: the embedding model failed; what was stored before stays, and the same import goes on there.
        """
        from pullquote.index.exporting import import_lines

        return import_lines(self.store, lines_of(Path(file)), str(file), progress)

    def rebuild(self) -> int:
        """Make all that is derived anew from the articles, without embedding: word index, vector index; return its chunks.

        Articles are read for who says what where that was done otherwise than it would be now.

        Raises:
            StoreBusy: another process is writing to the store.
            StoreDamaged: the catalog lacks vectors.
            IndexDamaged: it cannot be made (a full disk); the articles are safe.
        """
        from pullquote.index.ledger import keep_ledger

        with self.store.writing("rebuild"):
            self.store.catalog.rederive()
            chunks = self.store.rebuild_index()
            keep_ledger(self.store, self.store.reading)
            return chunks

    def reindex(self, embedding: str | None = None, progress: Callable[[int, int], None] | None = None) -> int:
        """Make all vectors anew, with another embedding model where one is named; return how many texts were embedded.

        The old vectors answer until the new ones are complete. ``progress`` is called with how many of how many articles are
        done. A run that was cut off goes on where it was.

        Raises:
            StoreBusy: another process is writing to the store.
            SettingsError: there is no such model.
            ModelError: the model failed; the old vectors stay.
        """
        from pullquote.index.reindexing import reindex

        return reindex(self.store, embedding, progress)

    def compact(self, progress: Callable[[str], None] | None = None) -> Sizes:
        """Give back the room of what was deleted; ``progress`` is called with what is done next.

        Raises:
            StoreBusy: another process is writing to the store.
            StoreDamaged: the catalog is not sound; nothing of it was replaced.
            StoreUnwritable, IndexDamaged: the system refuses (a full disk); the store is as good as before.
        """
        from pullquote.index.removing import compact

        return compact(self.store, progress)


def lines_of(file: Path) -> Iterator[str]:
    """Yield the lines of an export in a file, with their ends.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with file.open(encoding="utf-8", newline="\n") as opened:
            yield from opened
    except OSError as error:
        raise UsageError(f"cannot read {file} ({error.strerror}): name a file that pullquote export wrote") from None
