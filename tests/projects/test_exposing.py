"""What was shown is remembered once, fades with time, and adds up to figures that can be checked by hand."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.schools.models import School
from accounts.students.models import StudentProfile
from marketplace.ground import clock
from projects.exposing import actions, queries, weeks
from projects.exposing.models import ExposureWeek, ShownList, StudentExposure
from projects.exposing.weeks import gini
from tests.projects import people


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60))
def test_the_gini_lies_between_nothing_and_one_and_does_not_change_with_the_unit(values):
    found = gini(values)
    assert -1e-9 <= found < 1
    assert gini([v * 3 for v in values]) == pytest.approx(found, abs=1e-6)


def test_the_gini_of_one_who_has_all_and_of_equals():
    assert gini([1, 1, 1, 1]) == pytest.approx(0)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)
    assert gini([]) is None


@pytest.mark.django_db
def test_a_list_that_is_looked_at_again_the_same_day_counts_once(django_assert_max_num_queries):
    amara, bela = people.student(), people.student("Bela")
    shown = [(amara.pk, 0.9), (bela.pk, 0.7)]
    with django_assert_max_num_queries(2):
        first = actions.log_list("fitting", about=1, shown=shown, pool=shown, reader=5)
    assert actions.log_list("fitting", about=1, shown=shown, pool=shown, reader=5) == first
    assert ShownList.objects.count() == 1
    clock.advance(timedelta(days=1))
    assert actions.log_list("fitting", about=1, shown=shown, pool=shown, reader=5) != first
    assert queries.at_place(first, 1, about=1, kind="fitting") == bela.pk
    assert queries.at_place(first, 2, about=1, kind="fitting") is None
    assert queries.at_place(first, 0, about=2, kind="fitting") is None


@pytest.mark.django_db
def test_being_seen_is_counted_once_and_halves_in_twelve_weeks():
    amara, bela = people.student(), people.student("Bela")
    actions.log_list("notice", about=1, shown=[(amara.pk, 0.9), (bela.pk, 0.7)])
    actions.log_list("for_you", about=amara.pk, shown=[(1, 0.9)])  # a list of projects shows no student
    assert (actions.count_lists(), actions.count_lists()) == (2, 0)
    assert queries.recent([amara.pk, bela.pk]) == pytest.approx({amara.pk: 1, bela.pk: 0.6309}, abs=1e-3)
    clock.advance(timedelta(days=84))
    assert queries.recent([amara.pk]) == pytest.approx({amara.pk: 0.5}, abs=1e-3)
    actions.log_list("notice", about=2, shown=[(amara.pk, 0.9)])
    actions.count_lists()
    assert queries.recent([amara.pk]) == pytest.approx({amara.pk: 1.5}, abs=1e-3)


@pytest.mark.django_db
def test_a_person_who_is_gone_is_left_out_of_the_count():
    actions.log_list("notice", about=1, shown=[(987_654, 0.9)])
    assert actions.count_lists() == 1
    assert not StudentExposure.objects.exists()


@pytest.mark.django_db
def test_the_week_adds_up_as_on_paper():
    north, south = School.objects.create(name="North"), School.objects.create(name="South")
    users = [people.student(f"Student {n}") for n in range(4)]
    StudentProfile.objects.filter(user__in=users[:2]).update(school=north)
    StudentProfile.objects.filter(user__in=users[2:]).update(school=south)
    pool = [(user.pk, fit) for user, fit in zip(users, (1.0, 0.8, 0.7, 0.2), strict=True)]
    actions.log_list("notice", about=1, function="data", shown=[pool[1], pool[0]], pool=pool)
    weeks.write_recent()
    row = ExposureWeek.objects.get(scope="all")
    assert (row.lists, row.qualified) == (1, 3)  # 0.2 is too far from the best
    assert row.seen == pytest.approx(2 / 3)
    assert row.newcomers_top == row.newcomers_qualified == 1
    best = 1.0 * 1 + 0.8 * 0.63093
    assert row.fit_kept == pytest.approx((0.8 * 1 + 1.0 * 0.63093) / best, abs=1e-4)
    assert row.gini == pytest.approx(gini([0, 0.63093, 1]), abs=1e-4)
    assert ExposureWeek.objects.get(scope="function").value == "data"
    seen = {w.value: w.seen for w in ExposureWeek.objects.filter(scope="school")}
    assert seen == {str(north.pk): 1.0, str(south.pk): 0.0}
    weeks.write_recent()
    assert ExposureWeek.objects.count() == 4


@pytest.mark.django_db
def test_old_lists_go_and_their_figures_stay():
    amara = people.student()
    actions.log_list("notice", about=1, shown=[(amara.pk, 0.9)])
    actions.count_lists()
    weeks.write_recent()
    clock.advance(timedelta(days=85))
    assert actions.forget_old() == 1
    assert ExposureWeek.objects.filter(scope="all").count() == 1
    assert StudentExposure.objects.exists()  # half of it still counts
    clock.advance(timedelta(days=336))
    actions.forget_old()
    assert not StudentExposure.objects.exists()


@pytest.mark.django_db
def test_the_switch_and_the_slider_are_the_operators():
    from marketplace.ground import policy

    assert queries.fair_order().strength == 0.1
    rules = policy.current()
    rules.fair_order = False
    rules.save()
    assert queries.fair_order().strength == 0
