"""The indexes of the words also know the quarter of an hour in which a project was published: see `search/schema.py`.

At a million open projects this takes a few minutes, during which nothing can be published.
"""

from django.db import migrations

QUARTER = "(ARRAY[floor(date_part('epoch', published_at AT TIME ZONE 'UTC') / 900)::int])"
INDEXES = f"""
SET LOCAL statement_timeout = 0;
DROP INDEX projects_openproject_tsv, projects_openproject_rtsv;
CREATE INDEX projects_openproject_tsv ON projects_openproject USING gin (tsv, {QUARTER});
CREATE INDEX projects_openproject_rtsv ON projects_openproject USING gin (rtsv, {QUARTER});
ANALYZE projects_openproject;
"""
OLD_INDEXES = """
SET LOCAL statement_timeout = 0;
DROP INDEX projects_openproject_tsv, projects_openproject_rtsv;
CREATE INDEX projects_openproject_tsv ON projects_openproject USING gin (tsv);
CREATE INDEX projects_openproject_rtsv ON projects_openproject USING gin (rtsv);
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_browsed_lists_and_past_meaning")]
    operations = [migrations.RunSQL(INDEXES, OLD_INDEXES)]
