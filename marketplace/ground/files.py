"""Uploads: judged by content, named by us, kept outside the web root, handed out only as attachments."""

from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse
from PIL import Image, UnidentifiedImageError

from . import ids

# extension -> the content types that puremagic may find for it
DOCUMENTS = {
    ".pdf": ("application/pdf",),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/zip"),
    ".odt": ("application/vnd.oasis.opendocument.text", "application/zip"),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", "application/zip"),
    ".zip": ("application/zip",),
}
# the part without which a packed document is not what its name says
PARTS = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
}
MAX_PARTS, MAX_UNPACKED_BYTES = 10_000, 500 * 1024 * 1024
IMAGES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
TEXTS = {".txt", ".md", ".csv", ".json", ".py", ".ipynb", ".sql", ".r"}
WORK = [*DOCUMENTS, *IMAGES, *TEXTS]
RESUME = [".pdf", ".docx", ".odt"]
LOGO = [".png", ".webp", ".jpg", ".jpeg"]
CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".zip": "application/zip",
}


def check_upload(upload, allowed=WORK) -> str:
    """The cleaned display name of `upload` (an `UploadedFile`), judged by its content.

    allowed: extensions with the dot. Raises `ValidationError` with a sentence: too large, empty, a kind that is
    not taken, or a content that is not what the name says.
    """
    name = PurePath(upload.name.replace("\\", "/")).name.replace("\x00", "").strip()[-120:] or "file"
    extension = PurePath(name).suffix.lower()
    if upload.size > settings.MAX_UPLOAD_BYTES:
        raise ValidationError(f"This file is larger than {settings.MAX_UPLOAD_BYTES // 1024 // 1024} MB.")
    if not upload.size:
        raise ValidationError("This file is empty.")
    if extension not in allowed:
        kinds = ", ".join(e.lstrip(".") for e in allowed)
        raise ValidationError(f"We cannot take this kind of file. These work: {kinds}.")
    if not _is_what_it_says(upload, extension):
        raise ValidationError(
            f"The content of this file is not {extension.lstrip('.')}. Export it again and retry."
        )
    upload.seek(0)
    return name


def _is_what_it_says(upload, extension: str) -> bool:
    upload.seek(0)
    head = upload.read(64 * 1024)
    upload.seek(0)
    if extension in IMAGES:
        try:
            with Image.open(upload) as picture:
                kind = picture.format
                picture.verify()
            return kind == IMAGES[extension]
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return False
    if extension in TEXTS:
        return b"\x00" not in head and _decodes(head)
    if extension == ".pdf":
        return head[:1024].lstrip().startswith(b"%PDF-")
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        found = {match.mime_type for match in puremagic.magic_string(head, filename=f"x{extension}")}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & set(DOCUMENTS[extension])) and _unpacks(upload, extension)


def _unpacks(upload, extension: str) -> bool:
    """Whether a packed document can be opened, holds the part that makes it what it says, and is no bomb."""
    try:
        with ZipFile(upload) as archive:
            names = archive.namelist()
            size = sum(part.file_size for part in archive.infolist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    finally:
        upload.seek(0)
    return (
        len(names) <= MAX_PARTS
        and size <= MAX_UNPACKED_BYTES
        and (extension not in PARTS or PARTS[extension] in names)
    )


def _decodes(head: bytes) -> bool:
    for cut in range(4):  # the last character may be cut in half
        try:
            head[: len(head) - cut].decode("utf-8")
            return True
        except UnicodeDecodeError:
            continue
    return False


def stored_name(folder: str, name: str) -> str:
    """A random name of ours under `folder` that keeps only the extension."""
    return f"{folder}/{ids.secret()}{PurePath(name).suffix.lower()}"


def send(file, name: str, *, inline_image: bool = False) -> FileResponse:
    """`file` (a `FieldFile` that the caller has authorised) as an attachment called `name`."""
    extension = PurePath(name).suffix.lower()
    kind = CONTENT_TYPES.get(extension, "application/octet-stream")
    response = FileResponse(
        file.open("rb"),
        as_attachment=not (inline_image and extension in IMAGES),
        filename=name,
        content_type=kind,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
