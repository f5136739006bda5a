"""What every test may use. The servers come from `tests/services.py`, which is loaded before the settings."""

import os

import hypothesis
import pytest
from django.test import TransactionTestCase

# A busy machine is no failure: what is tested is what comes out, not how long it took.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")

# Made by the migrations, the same for every test: emptying and making them again costs seconds.
KEPT = ("django_migrations", "django_content_type", "auth_permission")

EMPTY = """
DO $$
DECLARE name text; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (%s) LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %%I)', name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %%I', name); END IF;
  END LOOP;
END $$"""


def _empty_the_tables(self):
    """After a test that committed: delete the rows of every table that has some.

    Django's own flush truncates, which the ledger's triggers refuse (rightly: tests/payments shows it), so the
    triggers are off for this one statement.
    """
    from django.db import connection

    connection.close()  # whatever the test left open
    with connection.cursor() as cursor:
        cursor.execute(EMPTY, [list(KEPT)])


TransactionTestCase._fixture_teardown = _empty_the_tables


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Make each worker's database as a copy of the migrated one instead of running every migration again."""
    from django.db import connection

    if os.environ["FOOTHOLD_TEST_TEMPLATE"]:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ["FOOTHOLD_TEST_TEMPLATE"]


@pytest.fixture(autouse=True)
def _real_time_at_first(settings):
    """No test inherits the clock that another one moved."""
    yield
    try:
        os.unlink(os.environ["FOOTHOLD_CLOCK_FILE"])
    except FileNotFoundError:
        pass
