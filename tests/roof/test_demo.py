"""The demo world is lived through by the verbs that people use, and afterwards the clock is real again."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import User
from marketplace.demo import cast, world
from marketplace.demo.agenda import Agenda
from marketplace.ground import clock
from marketplace.ground.models import StateChange
from payments.holds.models import Release
from payments.ledger.models import LedgerEntry
from payments.reconciling import actions as reconcile
from projects.models import Application, Credential, Dispute, Draw, Engagement, Project, Review

pytestmark = pytest.mark.xdist_group("demo")


@pytest.mark.django_db(transaction=True)
def test_the_world_stands_with_work_behind_it_and_before_it(sandbox, settings, client):  # noqa: F811
    settings.DEMO = True
    said = []
    world.build(said.append, small=True)

    assert not [line for line in said if "ended early" in line]
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    amara = User.objects.get(email=cast.NAMED["student"][0])
    states = Counter(Engagement.objects.values_list("state", flat=True))
    assert states["completed"] >= 2
    assert states["active"] >= 2
    disputes = Counter(Dispute.objects.values_list("state", flat=True))
    assert (disputes["settled"], disputes.total() - disputes["settled"]) == (1, 1)
    assert Dispute.objects.get(state="settled").how == "decided"
    assert Engagement.objects.exclude(disputed_at=None).get().student == amara
    assert Credential.objects.filter(student=amara).count() == 2
    assert Release.objects.exclude(sent_at=None).exists()
    assert Review.objects.exclude(public_at=None).exists()
    assert {"draft", "published", "closed"} <= set(Project.objects.values_list("state", flat=True))
    assert (
        StateChange.objects.filter(kind="projects.application").count()
        >= Application.objects.exclude(state="draft").count()
    )
    assert sum(LedgerEntry.objects.values_list("amount", flat=True)) == 0
    assert Draw.objects.filter(state="used", used__gt=0).count() >= 2
    assert {"asked", "approved", "declined", "used"} <= set(Draw.objects.values_list("state", flat=True))
    assert reconcile.run(timedelta(0)).differences == []

    for who in cast.NAMED.values():
        client.force_login(User.objects.get(email=who[0]))
        assert client.get(reverse("home"), follow=True).status_code == 200


@pytest.mark.django_db
def test_it_is_only_made_in_an_empty_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="FOOTHOLD_DEMO"):
        call_command("demo")
    settings.DEMO = True
    User.objects.create_user("somebody@example.com", "x" * 12, name="Somebody")
    with pytest.raises(CommandError, match="empty"):
        call_command("demo")


@pytest.mark.django_db
def test_the_whole_world_has_eighty_projects_to_tell_of():
    whole = world.World()
    whole.amara = whole.jonas = None
    whole.employers = [(None, None, None)] * len(cast.EMPLOYERS)
    now = datetime.now(UTC)
    agenda = Agenda(now - timedelta(days=80), now)
    whole.plan(agenda)
    assert len(agenda._heap) >= 80
