"""Keeping what was handed in: a row and a stored file each, and no stored file without its row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath

from marketplace.ground import files as uploads

from .models import SubmissionFile


@contextmanager
def kept_files(model=SubmissionFile, owner: str = "submission") -> Iterator[Callable]:
    """`keep(row, name, upload)` stores a file of `row`; when the block fails, what it stored is taken away again.

    model: with `file`, `name`, `size`, and the row that it belongs to in its field `owner`.
    """
    stored: list = []

    def keep(of, name: str, upload):
        row = model(**{owner: of}, name=name, size=upload.size)
        stored.append(row)
        row.file.save(PurePath(uploads.stored_name("work", name)).name, upload, save=False)
        row.save()
        return row

    try:
        yield keep
    except BaseException:
        for row in stored:
            if row.file:
                row.file.storage.delete(row.file.name)
        raise
