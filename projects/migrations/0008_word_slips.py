"""Slips of the finger are found by what is left of a word when one letter goes, and words are looked up in one call."""

from django.db import migrations

UP = """
DROP INDEX projects_searchword_slips;

-- A word and all that is left of it when one letter goes: two words that share one of these are one slip apart.
CREATE FUNCTION search_keys(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT array_agg(DISTINCT key) FROM (
    SELECT word AS key
    UNION ALL SELECT overlay(word PLACING '' FROM i FOR 1) FROM generate_series(1, length(word)) i
     WHERE length(word) BETWEEN 4 AND 30) keys
$$;

ALTER TABLE projects_searchword ADD COLUMN keys text[] NOT NULL GENERATED ALWAYS AS (search_keys(word)) STORED;
CREATE INDEX projects_searchword_keys ON projects_searchword USING gin (keys);

-- What the open projects know of each word; a function, so that its plans are made once for each connection.
CREATE FUNCTION search_look(typed text[]) RETURNS TABLE (documents int, longer text[], near text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  w text;
  stemmed text[];
BEGIN
  FOREACH w IN ARRAY typed LOOP
    longer := NULL;
    near := NULL;
    SELECT max(s.stem_documents) INTO documents FROM projects_searchword s WHERE s.word = w;
    IF documents IS NULL THEN
      stemmed := ts_lexize('english_stem', w);
      SELECT max(s.stem_documents) INTO documents FROM projects_searchword s WHERE s.stem = stemmed[1];
      IF stemmed = '{}' THEN documents := 0; END IF;
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
DOWN = """
DROP FUNCTION search_look(text[]);
ALTER TABLE projects_searchword DROP COLUMN keys;
DROP FUNCTION search_keys(text);
CREATE INDEX projects_searchword_slips ON projects_searchword USING gin (word gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_sponsoring")]
    operations = [migrations.RunSQL(UP, DOWN)]
