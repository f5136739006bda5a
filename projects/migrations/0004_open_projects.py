"""The tables that the search reads: made by hand, because how their columns are stored is what makes them fast.

The statements stand here as they were when this migration was written.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.search
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

UP = """
CREATE TABLE projects_openproject (
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
) WITH (
  toast_tuple_target = 256, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE projects_openproject
  ALTER tsv SET STORAGE EXTERNAL, ALTER card_html SET STORAGE EXTERNAL,
  ALTER rtsv SET STORAGE MAIN, ALTER skill_ids SET STORAGE MAIN;
ALTER TABLE projects_openproject ADD CONSTRAINT projects_openproject_pkey PRIMARY KEY (id);
CREATE INDEX projects_openproject_newest ON projects_openproject (published_at DESC, id DESC);
CREATE INDEX projects_openproject_pay ON projects_openproject (net_pay DESC, id DESC);
CREATE INDEX projects_openproject_rate ON projects_openproject (net_hourly DESC, id DESC);
CREATE INDEX projects_openproject_closing ON projects_openproject (apply_by, id);
CREATE INDEX projects_openproject_fewest ON projects_openproject (application_count, published_at, id);
CREATE INDEX projects_openproject_cell ON projects_openproject (cell, published_at DESC, id DESC)
  INCLUDE (listed_until);
CREATE INDEX projects_openproject_cell_pay ON projects_openproject (cell, net_pay DESC, id DESC)
  INCLUDE (listed_until);
CREATE INDEX projects_openproject_cell_rate ON projects_openproject (cell, net_hourly DESC, id DESC)
  INCLUDE (listed_until);
CREATE INDEX projects_openproject_cell_closing ON projects_openproject (cell, apply_by, id)
  INCLUDE (listed_until);
CREATE INDEX projects_openproject_cell_fewest ON projects_openproject (cell, application_count, published_at, id)
  INCLUDE (listed_until);
CREATE INDEX projects_openproject_organisation ON projects_openproject (organisation_id);
CREATE INDEX projects_openproject_skills ON projects_openproject USING gin (skill_ids);
CREATE INDEX projects_openproject_tsv ON projects_openproject USING gin (tsv);
CREATE INDEX projects_openproject_rtsv ON projects_openproject USING gin (rtsv);

CREATE TABLE projects_searchword (
  word text PRIMARY KEY, stem text NOT NULL, documents int NOT NULL, stem_documents int NOT NULL
);
CREATE INDEX projects_searchword_prefix ON projects_searchword (word text_pattern_ops);
CREATE INDEX projects_searchword_stem ON projects_searchword (stem);
CREATE INDEX projects_searchword_slips ON projects_searchword USING gin (word gin_trgm_ops);
"""
DOWN = "DROP TABLE projects_openproject; DROP TABLE projects_searchword;"


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_matching_both_ways")]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="OpenProject",
            fields=[
                ("published_at", models.DateTimeField()),
                ("apply_by", models.DateTimeField()),
                ("listed_until", models.DateTimeField()),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("organisation_id", models.BigIntegerField()),
                ("net_pay", models.IntegerField()),
                ("net_hourly", models.IntegerField()),
                ("tenths", models.IntegerField()),
                ("cell", models.SmallIntegerField()),
                ("application_count", models.IntegerField()),
                (
                    "skill_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
                ("rtsv", django.contrib.postgres.search.SearchVectorField()),
                ("tsv", django.contrib.postgres.search.SearchVectorField()),
                ("card_html", models.TextField()),
            ],
            options={"db_table": "projects_openproject", "managed": False},
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.TextField(primary_key=True, serialize=False)),
                ("stem", models.TextField()),
                ("documents", models.IntegerField()),
                ("stem_documents", models.IntegerField()),
            ],
            options={"db_table": "projects_searchword", "managed": False},
        ),
        migrations.RunSQL(UP, DOWN),
    ]
