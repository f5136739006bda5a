"""What every test may use. The servers come from `tests/services.py`, which is loaded before the settings."""

import os

import pytest


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
