"""Keeping what was handed in: a row and a stored file each, and no stored file without its row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath

from marketplace.ground import files as uploads

from .models import Submission, SubmissionFile


@contextmanager
def kept_files() -> Iterator[Callable]:
    """`keep(submission, name, upload)` stores a file; when the block fails, what it stored is taken away again."""
    stored: list[SubmissionFile] = []

    def keep(submission: Submission, name: str, upload) -> SubmissionFile:
        row = SubmissionFile(submission=submission, name=name, size=upload.size)
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
