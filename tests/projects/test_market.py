"""The invented market: the same again for the same seed, whole, and never poured over somebody's data."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Organisation, StudentProfile, StudentSkill, User
from projects.models import Project, ProjectSkill
from projects.posting.queries import open_now

pytestmark = pytest.mark.django_db


def make(**more) -> str:
    said = StringIO()
    call_command("make_market", **{"projects": 60, "students": 80, "open": 40, "stdout": said, **more})
    return said.getvalue()


def fingerprint() -> list:
    return [
        list(Project.objects.order_by("pk").values_list("public_id", "title", "price", "state", "summary")),
        list(StudentSkill.objects.order_by("pk").values_list("student__headline", "skill__slug", "level")),
        list(User.objects.order_by("pk").values_list("public_id", "surrogate", "name", "date_of_birth")),
    ]


def test_a_market_is_what_it_says_and_breaks_no_rule_of_the_database():
    assert "60 postings, 40 of them open" in make()
    assert (Project.objects.count(), StudentProfile.objects.count()) == (60, 80)
    assert open_now().count() == 40
    assert ProjectSkill.objects.filter(project__state="published").values("project").distinct().count() == 40
    assert not StudentProfile.objects.filter(skills=None).exists()
    connection.check_constraints()  # the foreign keys, which were not looked up while copying


def test_the_same_seed_makes_the_same_market_and_another_seed_another():
    prints = []
    for seed in (7, 7, 8):
        for model in (ProjectSkill, StudentSkill, StudentProfile):
            model.objects.all().delete()
        Project.objects.all().delete()
        Organisation.objects.all().delete()
        User.objects.all().delete()
        with connection.cursor() as cursor:
            for model in (Project, StudentSkill, Organisation, User):
                cursor.execute(f'ALTER SEQUENCE "{model._meta.db_table}_id_seq" RESTART')
        make(seed=seed)
        prints.append(fingerprint())
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


def test_it_refuses_a_database_that_is_in_use_unless_asked():
    make(projects=2, students=2, open=1)
    with pytest.raises(CommandError, match="Use an empty one"):
        make()
    make(projects=2, students=3, open=2, force=True, seed=2)
    assert StudentProfile.objects.count() == 5


def test_numbers_below_nothing_are_refused():
    with pytest.raises(CommandError, match="0 or more"):
        make(projects=-1)
