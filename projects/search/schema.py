"""The tables of the search by hand. `docs/search.md` says what each clause is for."""

COLUMNS = """
  published_at timestamptz NOT NULL,
  apply_by timestamptz NOT NULL,
  listed_until timestamptz NOT NULL,
  id bigint NOT NULL,
  organisation_id bigint NOT NULL,
  net_pay int NOT NULL,
  net_hourly int NOT NULL,
  tenths int NOT NULL,
  cell smallint NOT NULL,
  application_count int NOT NULL,
  skill_ids int[] NOT NULL,
  rtsv tsvector NOT NULL,
  tsv tsvector NOT NULL,
  card_html text NOT NULL
"""

TABLE = f"""
CREATE TABLE {{table}} ({COLUMNS}) WITH (
  toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE {{table}}
  ALTER tsv SET STORAGE EXTERNAL, ALTER card_html SET STORAGE EXTERNAL,
  ALTER rtsv SET STORAGE MAIN, ALTER skill_ids SET STORAGE MAIN;
"""

# The quarter of an hour in which a project was published, counted from 1970. Beside the words it lets PostgreSQL leap
# over most of a frequent word's list (`plans.QUARTERS`). The same words have to stand in a statement as in the index.
QUARTER_SECONDS = 900
QUARTER = f"ARRAY[floor(date_part('epoch', published_at AT TIME ZONE 'UTC') / {QUARTER_SECONDS})::int]"

# name -> what it is on; the names get the table's own name in front, so that a second table can be filled beside it
INDEXES = {
    # What a walk compares is in the index of the order itself.
    "newest": "(published_at DESC, id DESC) INCLUDE (cell, listed_until, skill_ids)",
    "pay": "(net_pay DESC, id DESC) INCLUDE (cell, listed_until, skill_ids)",
    "rate": "(net_hourly DESC, id DESC) INCLUDE (cell, listed_until, skill_ids)",
    "closing": "(apply_by, id) INCLUDE (cell, listed_until, skill_ids)",
    "fewest": "(application_count, published_at, id) INCLUDE (cell, listed_until, skill_ids)",
    "cell": "(cell)",
    "listed": "(listed_until)",
    "organisation": "(organisation_id)",
    "skills": "USING gin (skill_ids)",
    "tsv": f"USING gin (tsv, ({QUARTER}))",
    "rtsv": f"USING gin (rtsv, ({QUARTER}))",
}

# What changes is written down for `tally.py`.
TRIGGERS = (
    "CREATE OR REPLACE TRIGGER tally_moved AFTER INSERT OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION search_open_changed()",
    "CREATE OR REPLACE TRIGGER tally_changed AFTER UPDATE ON {table} "
    "FOR EACH ROW WHEN ((OLD.cell, OLD.skill_ids) IS DISTINCT FROM (NEW.cell, NEW.skill_ids)) "
    "EXECUTE FUNCTION search_open_changed()",
)


def make(table: str) -> str:
    """The statements that make an empty table like the one the lists read, without its indexes."""
    return TABLE.format(table=table)


def index(table: str) -> list[str]:
    """The statements that give `table` its key, indexes and triggers; after filling it they take far less time."""
    return [
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id)",
        *(f"CREATE INDEX {table}_{name} ON {table} {on}" for name, on in INDEXES.items()),
        *(trigger.format(table=table) for trigger in TRIGGERS),
    ]


def rename(old: str, new: str) -> list[str]:
    """The statements that give table `old`, its key and its indexes the name `new`."""
    return [
        f"ALTER TABLE {old} RENAME TO {new}",
        *(f"ALTER INDEX {old}_{name} RENAME TO {new}_{name}" for name in ("pkey", *INDEXES)),
    ]
