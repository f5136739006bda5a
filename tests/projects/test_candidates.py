"""Lists that are cut short on the way are the lists that comparing everything gives."""

from io import StringIO

import pytest
from django.core.management import call_command

from marketplace.ground import clock
from projects.matching import candidates, queries, vocabulary
from projects.matching.models import MatchWeights, ProjectMatch, StudentMatch

pytestmark = pytest.mark.django_db
COUNT = 10


@pytest.fixture
def market():
    call_command("make_market", projects=150, students=120, open=150, seed=5, stdout=StringIO())


def rarities_move() -> None:
    """Since the rows were written, every second skill has become common."""
    weights = MatchWeights.objects.get()
    weights.skills = {pk: weights.students if int(pk) % 2 else 0 for pk in weights.skills}
    weights.at = clock.now()
    weights.save()


@pytest.mark.parametrize("moved", [False, True])
def test_the_first_projects_for_a_student_are_those_that_the_whole_fit_of_all_puts_first(market, moved):
    if moved:
        rarities_move()
    known, lists = vocabulary.current(), 0
    for row in StudentMatch.objects.order_by("pk"):
        everything = candidates.projects(row, known, queries.POOL)
        scored = zip(everything, queries.fits(row, everything, known), strict=True)
        whole = sorted(
            ((-round(found.score, 9), one.apply_by, one.pk) for one, found in scored if found.speaks),
        )
        listed = [
            (-round(found.score, 9), one.apply_by, one.pk)
            for one, found in queries.fitting_projects(row, COUNT)
        ]
        assert listed == whole[:COUNT]
        lists += len(everything) > 3 * COUNT
    assert lists > 20  # there was something to cut


def test_asking_for_students_in_stages_finds_whom_the_plain_query_finds(market, monkeypatch):
    monkeypatch.setattr(candidates, "WORTH_STAGES", 0)
    known, full = vocabulary.current(), 0
    for row in ProjectMatch.objects.order_by("pk"):
        staged, plain = (
            [one.pk for one in candidates.students(row, known, COUNT, 0.1, staged=staged)]
            for staged in (True, False)
        )
        assert staged == plain
        full += len(staged) == COUNT
    assert full > 20
