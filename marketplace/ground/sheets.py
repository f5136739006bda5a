"""CSV files that open in a spreadsheet as what they are: text stays text, and never becomes a formula."""

import csv
from collections.abc import Iterable
from decimal import Decimal

from django.http import StreamingHttpResponse

from .money import exponent

# A cell that begins like this is run as a formula by spreadsheets (OWASP, "CSV injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, line: str) -> str:
        return line


def cell(value) -> str:
    """One cell. Numbers as they are; text that would be a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return "'" + text if text.startswith(FORMULA) else text


def amount(minor: int, currency: str) -> Decimal:
    """Minor units as a plain decimal: `64000, "USD"` -> 640.00; `640, "JPY"` -> 640."""
    return Decimal(minor).scaleb(-exponent(currency))


def lines(rows: Iterable[Iterable]) -> Iterable[str]:
    writer = csv.writer(_Echo())
    return (writer.writerow([cell(value) for value in row]) for row in rows)


def download(rows: Iterable[Iterable], name: str) -> StreamingHttpResponse:
    """`rows` as the file `name`, row by row as they are made (UTF-8 with the mark that spreadsheets look for)."""

    def stream():
        yield "\ufeff"
        yield from lines(rows)

    response = StreamingHttpResponse(stream(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
