"""Every state has one writer: legal moves win once, illegal ones and late ones change nothing."""

import threading

import pytest
from django.db import connection

from accounts.models import Organisation, Proof
from marketplace.ground.models import StateChange
from marketplace.ground.states import IllegalMove, Stale, move


def tables():
    """Each table of moves in the house, with the states it should cover."""
    from django.apps import apps

    for model in apps.get_models():
        if isinstance(getattr(model, "MOVES", None), dict):
            yield model


@pytest.mark.parametrize("model", list(tables()), ids=lambda m: m._meta.label)
def test_a_table_of_moves_covers_every_state_and_no_other(model):
    states = {value for value, _ in model._meta.get_field("state").choices}
    assert set(map(str, model.MOVES)) == states
    assert {str(to) for targets in model.MOVES.values() for to in targets} <= states


@pytest.fixture
def proof(db):
    return Proof.objects.create(organisation=Organisation.objects.create(name="Halden"), kind="registry")


def test_every_pair_outside_the_table_is_refused(proof):
    for old in Proof.MOVES:
        for new in Proof.MOVES:
            if new in Proof.MOVES[old]:
                continue
            Proof.objects.filter(pk=proof.pk).update(state=old)
            proof.refresh_from_db()
            with pytest.raises(IllegalMove):
                move(proof, new)
            proof.refresh_from_db()
            assert proof.state == old
    assert not StateChange.objects.exists()


def test_a_move_is_written_down_with_who_and_why(proof):
    move(proof, "accepted", reason="registry", note="Found in the register.", detail="42")
    row = StateChange.of(proof).get()
    assert (row.from_state, row.to_state, row.reason, row.note) == (
        "pending",
        "accepted",
        "registry",
        "Found in the register.",
    )
    proof.refresh_from_db()
    assert (proof.state, proof.detail) == ("accepted", "42")


def test_somebody_who_read_an_older_state_is_told_so(proof):
    late = Proof.objects.get(pk=proof.pk)
    move(proof, "accepted")
    with pytest.raises(Stale):
        move(late, "refused")
    assert StateChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_move_at_once_one_wins():
    made = Proof.objects.create(organisation=Organisation.objects.create(name="Halden"), kind="registry")
    barrier, outcomes = threading.Barrier(8), []

    def attempt(to):
        try:
            mine = Proof.objects.get(pk=made.pk)
            barrier.wait()
            move(mine, to)
            outcomes.append("won")
        except Stale:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[to]) for to in ["accepted", "refused"] * 4]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(outcomes) == ["late"] * 7 + ["won"]
    assert StateChange.of(made).count() == 1


def test_the_page_of_states_shows_the_tables_as_they_are(settings):
    from marketplace import state_pages

    assert (settings.BASE_DIR / "docs" / "states.md").read_text() == state_pages.page(), (
        "run manage.py write_states"
    )
