"""What changes in the lists is written down for those who count, indexes answer walks by themselves, titles are counted.

The statements stand here as they were when this migration was written.
"""

from django.db import migrations

INDEXES = """
DROP INDEX projects_openproject_newest, projects_openproject_pay, projects_openproject_rate,
  projects_openproject_closing, projects_openproject_fewest, projects_openproject_cell, projects_openproject_cell_pay,
  projects_openproject_cell_rate, projects_openproject_cell_closing, projects_openproject_cell_fewest;
CREATE INDEX projects_openproject_newest ON projects_openproject (published_at DESC, id DESC)
  INCLUDE (cell, listed_until, skill_ids);
CREATE INDEX projects_openproject_pay ON projects_openproject (net_pay DESC, id DESC)
  INCLUDE (cell, listed_until, skill_ids);
CREATE INDEX projects_openproject_rate ON projects_openproject (net_hourly DESC, id DESC)
  INCLUDE (cell, listed_until, skill_ids);
CREATE INDEX projects_openproject_closing ON projects_openproject (apply_by, id)
  INCLUDE (cell, listed_until, skill_ids);
CREATE INDEX projects_openproject_fewest ON projects_openproject (application_count, published_at, id)
  INCLUDE (cell, listed_until, skill_ids);
CREATE INDEX projects_openproject_cell ON projects_openproject (cell);
CREATE INDEX projects_openproject_listed ON projects_openproject (listed_until);
"""
OLD_INDEXES = """
DROP INDEX projects_openproject_newest, projects_openproject_pay, projects_openproject_rate,
  projects_openproject_closing, projects_openproject_fewest, projects_openproject_cell, projects_openproject_listed;
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
"""

CHANGES = """
CREATE TABLE projects_openchange (
  source oid NOT NULL, -- the table: while one is made anew beside it there are two
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  made timestamptz NOT NULL DEFAULT clock_timestamp(),
  cell smallint NOT NULL,
  sign smallint NOT NULL,
  skill_ids int[] NOT NULL
);
CREATE INDEX projects_openchange_xact ON projects_openchange (xact);
CREATE INDEX projects_openchange_made ON projects_openchange (made);

CREATE FUNCTION search_open_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO projects_openchange (source, cell, sign, skill_ids) VALUES (TG_RELID, OLD.cell, -1, OLD.skill_ids);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO projects_openchange (source, cell, sign, skill_ids) VALUES (TG_RELID, NEW.cell, 1, NEW.skill_ids);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_moved AFTER INSERT OR DELETE ON projects_openproject
  FOR EACH ROW EXECUTE FUNCTION search_open_changed();
CREATE TRIGGER tally_changed AFTER UPDATE ON projects_openproject
  FOR EACH ROW WHEN ((OLD.cell, OLD.skill_ids) IS DISTINCT FROM (NEW.cell, NEW.skill_ids))
  EXECUTE FUNCTION search_open_changed();
"""
NO_CHANGES = """
DROP TRIGGER tally_moved ON projects_openproject;
DROP TRIGGER tally_changed ON projects_openproject;
DROP FUNCTION search_open_changed();
DROP TABLE projects_openchange;
"""

LOOK = """
CREATE FUNCTION search_look(typed text[])
RETURNS TABLE (documents int, {titles} longer text[], near text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  w text;
  stemmed text[];
BEGIN
  FOREACH w IN ARRAY typed LOOP
    longer := NULL;
    near := NULL;
    SELECT {found} FROM projects_searchword s WHERE s.word = w;
    IF documents IS NULL THEN
      stemmed := ts_lexize('english_stem', w);
      SELECT {found} FROM projects_searchword s WHERE s.stem = stemmed[1];
      IF stemmed = '{{}}' THEN documents := 0; END IF;
    END IF;
    IF documents IS NULL AND length(w) >= 3 THEN
      SELECT array_agg(x.word) INTO longer FROM (
        SELECT s.word FROM projects_searchword s WHERE s.word ~>=~ w AND s.word ~<~ (w || chr(1114111))
         ORDER BY s.documents DESC, s.word LIMIT 5) x;
      IF length(w) BETWEEN 4 AND 30 THEN
        SELECT array_agg(x.word) INTO near FROM (
          SELECT s.word FROM projects_searchword s WHERE s.keys && search_keys(w)
           ORDER BY s.documents DESC, s.word LIMIT 40) x;
      END IF;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;
"""
WITH_TITLES = {
    "titles": "titles int,",
    "found": "max(s.stem_documents), max(s.title_documents) INTO documents, titles",
}
WITHOUT = {"titles": "", "found": "max(s.stem_documents) INTO documents"}
TITLES = (
    "ALTER TABLE projects_searchword ADD COLUMN title_documents int NOT NULL DEFAULT 0; "
    "DROP FUNCTION search_look(text[]);" + LOOK.format(**WITH_TITLES)
)
NO_TITLES = (
    "DROP FUNCTION search_look(text[]); ALTER TABLE projects_searchword DROP COLUMN title_documents;"
    + LOOK.format(**WITHOUT)
)


class Migration(migrations.Migration):
    dependencies = [("projects", "0011_disputes_between_parties")]
    operations = [
        migrations.RunSQL(INDEXES, OLD_INDEXES),
        migrations.RunSQL(CHANGES, NO_CHANGES),
        migrations.RunSQL(TITLES, NO_TITLES),
    ]
