"""Rows written by COPY, a block at a time."""

import io
import json
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection, models, transaction
from django.db.utils import ProgrammingError

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def text(value) -> str:
    """`value` as COPY reads it. Strings inside lists have to be free of quotes and backslashes."""
    match value:
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case list() | tuple():
            return "{" + ",".join(f'"{one}"' if isinstance(one, str) else str(one) for one in value) + "}"
        case dict():
            return json.dumps(value).translate(ESCAPES)
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return f"\\\\x{bytes(value).hex()}"
        case _:
            return str(value).translate(ESCAPES)


class Copy:
    """Takes lines of `names` (fields of `model`, tabs between); every other column gets the default of its field."""

    def __init__(self, model: type[models.Model], *names: str):
        given = [model._meta.get_field(name) for name in names]
        rest = [
            f for f in model._meta.concrete_fields if not getattr(f, "generated", False) and f not in given
        ]
        columns = ", ".join(f'"{f.column}"' for f in (*given, *rest))
        self.model = model
        self.sql = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self.tail = "".join("\t" + text(f.get_default()) for f in rest) + "\n"

    def write(self, lines: Iterable[str]) -> None:
        block = io.StringIO(self.tail.join(lines) + self.tail)
        with connection.cursor() as cursor:
            cursor.copy_expert(self.sql, block)

    def next_id(self) -> int:
        return 1 + (self.model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)

    def settle(self) -> None:
        """Let the next row made by hand come after the copied ones."""
        table = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, 'id'), greatest(1, (SELECT max(id) FROM \"{table}\")))",
                [table],
            )


@contextmanager
def unchecked():
    """Inside a transaction: foreign keys are not looked up row by row where the database lets us say so.

    They hold by construction.
    """
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL session_replication_role = replica")
        except ProgrammingError:  # an ordinary account: slower, nothing else
            yield
            return
        yield  # what goes wrong is rolled back, and the setting with it
        cursor.execute("SET LOCAL session_replication_role = origin")


@contextmanager
def without_indexes(*tables: str, when: bool = True):
    """Drop what is not needed for uniqueness while the block runs, and build it again from the whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid) FROM pg_index x "
            "WHERE x.indrelid = ANY(SELECT unnest(%s::text[])::regclass) AND NOT x.indisunique "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid)",
            [list(tables)],
        )
        found = cursor.fetchall() if when else []
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _, definition in found:
            cursor.execute(definition)
