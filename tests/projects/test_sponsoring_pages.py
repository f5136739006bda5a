"""The pages of sponsoring: what a sponsor, an employer and a student read and do there."""

import re

import pytest
from django.urls import reverse

from payments.wallets import queries as wallets
from projects.sponsoring import actions, figures, queries
from projects.sponsoring.models import Draw

from . import engagements as work
from . import sponsors
from .test_sponsoring import Scene

pytestmark = pytest.mark.django_db
BAD_AMOUNTS = ["", "0", "-5", "NaN", "1e3", "10" * 9, "12.345", "1,50", "€ 500", "١٢"]


def at(name, *things):
    return reverse(f"sponsoring:{name}", args=[getattr(thing, "public_id", thing) for thing in things])


@pytest.fixture
def scene(client):
    found = Scene()
    client.force_login(found.ruth)
    return found


def test_the_wallet_says_what_is_free_and_how_it_goes_down(client, scene):
    scene.approved()
    scene.hired()
    page = client.get(at("wallet", scene.wallet)).content.decode()
    assert "$9,838 is free for projects" in page
    assert "it lasts until about" in page
    assert "What stood in the wallet, over time" in page
    assert "First steps" in page


def test_figures_add_up_to_what_came_in():
    scene = Scene(amounts=(20_000, 30_000))
    scene.approved()
    work.secure(scene.hired(), scene.ines)
    actions.ask_money_back(by=scene.ruth, wallet=scene.wallet, amount=1_000)
    found = figures.figures_of(scene.wallet)
    assert found.received == found.pool + found.with_projects + found.spent + found.paid_back == 50_000
    assert found.with_projects == 16_200
    assert wallets.pool(scene.wallet) == sum(wallets.remains(scene.wallet.lots.all()).values())
    assert figures.by_day(scene.wallet)[-1][1] == found.pool


def test_asking_back_twice_by_one_form_sends_once(client, scene):
    page = client.get(at("money", scene.wallet)).content.decode()
    token = re.search(r'name="form_token" value="([^"]+)"', page)[1]
    for _ in range(2):
        answer = client.post(at("pay_back", scene.wallet), {"amount": "30", "form_token": token})
        assert answer.status_code == 302
    assert scene.pool() == 997_000


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_amounts_that_cannot_be_are_refused_beside_the_field(client, scene, amount):
    for name, field in (("top_up", "amount"), ("pay_back", "amount")):
        answer = client.post(at(name, scene.wallet), {field: amount})
        assert answer.status_code == 422
        assert "error" in answer.content.decode()
    assert scene.pool() == 1_000_000
    assert scene.wallet.lots.count() == 1


@pytest.mark.parametrize("amount", [bad for bad in BAD_AMOUNTS if bad != "0" and bad] + ["0"])
def test_a_budget_that_cannot_be_is_refused(client, scene, amount):
    rules = sponsors.rules()
    form = {
        **{
            name: rules[name]
            for name in ("name", "starts_on", "ends_on", "approval", "hours_min", "hours_max")
        },
        "share": "60",
        "budget": amount,
    }
    answer = client.post(at("programme_new", scene.wallet), form)
    assert answer.status_code == 422
    assert scene.wallet.programmes.count() == 1
    assert client.post(at("programme_new", scene.wallet), {**form, "budget": "2,500"}).status_code == 302
    assert scene.wallet.programmes.first().budget == 250_000


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e3", "10" * 9, "12.345"])
def test_the_admin_refuses_amounts_that_cannot_be(client, scene, amount):
    from . import postings

    client.force_login(postings.person("Su Peruser", is_staff=True, is_superuser=True))
    url = reverse("admin:payments_wallet_act", args=[scene.wallet.pk, "record"])
    form = {"amount": amount, "received_on": "2026-11-20", "reference": "GIFT"}
    assert client.post(url, form).status_code == 422
    assert scene.wallet.lots.count() == 1


def test_an_employer_asks_on_the_projects_page_and_the_school_answers(client, scene):
    client.force_login(scene.ines)
    manage = client.get(reverse("posting:manage", args=[scene.project.public_id])).content.decode()
    assert at("ask", scene.project) in manage
    assert "60%" in client.get(at("ask", scene.project)).content.decode()
    answer = client.post(at("ask", scene.project), {"programme": scene.programme.public_id, "note": "Please"})
    draw = Draw.objects.get()
    assert answer["Location"] == at("draw", draw)

    client.force_login(scene.ruth)
    assert scene.project.title in client.get(at("requests", scene.wallet)).content.decode()
    assert client.post(at("decline", draw), {"reason": ""}).status_code == 422
    assert client.post(at("approve", draw)).status_code == 302
    client.force_login(scene.ines)
    assert "$162" in client.get(at("draw", draw)).content.decode()


def test_a_student_reads_who_sponsors_before_applying_and_only_when_it_is_true(client, scene):
    page = reverse("search:project", args=[scene.project.public_id])
    client.force_login(scene.amara)
    draw = scene.asked()
    assert "Sponsored:" not in client.get(page).content.decode()
    actions.approve_draw(by=scene.ruth, draw=draw)
    assert "pays up to 60%" in client.get(page).content.decode()
    scene.programme.refresh_from_db()
    actions.pause_programme(by=scene.ruth, programme=scene.programme)
    assert "Sponsored:" not in client.get(page).content.decode()


def test_both_sides_read_the_shares_in_the_offer(client, scene):
    scene.approved()
    application = work.apply(scene.amara, scene.project)
    client.force_login(scene.ines)
    page = client.get(reverse("hiring:offer", args=[application.public_id])).content.decode()
    assert "$162.00" in page
    assert "$120.00" in page
    application.delete()
    offer = scene.offer()
    client.force_login(scene.amara)
    page = client.get(reverse("hiring:answer", args=[offer.public_id])).content.decode()
    assert f"Sponsored by {scene.school.name}" in page


def test_the_employer_is_asked_for_its_share_only(client, scene):
    scene.approved()
    engagement = scene.hired()
    client.force_login(scene.ines)
    page = client.get(reverse("hiring:fund", args=[engagement.public_id])).content.decode()
    assert "Pay $120.00 with Stripe" in page


def test_a_school_reads_the_names_of_its_own_students_only(client, scene):
    scene.approved()
    scene.hired()
    assert "Amara Okafor" in client.get(at("sponsored", scene.wallet)).content.decode()
    other = sponsors.school("Elsewhere")
    sponsors.enrol(scene.amara, other)
    page = client.get(at("sponsored", scene.wallet)).content.decode()
    assert "Amara Okafor" not in page


def test_the_export_lists_every_movement_and_starts_no_formula(client, scene):
    scene.project.title = "=HYPERLINK(1)"
    scene.project.save()
    scene.approved()
    scene.hired()
    text = b"".join(client.get(at("movements", scene.wallet)).streaming_content).decode()
    assert "Bank transfer" in text
    assert text.count("Given to a project") == 3
    assert text.count("-54.00") == 3
    assert "'=HYPERLINK" in text


def test_lists_take_the_same_number_of_queries_however_long(client, scene, django_assert_max_num_queries):
    def load():
        for name in ("requests", "sponsored", "wallet", "money"):
            client.get(at(name, scene.wallet))

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(name):
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(at(name, scene.wallet))
        return len(found)

    def more(number):
        for _ in range(number):
            project = work.project(scene.halden)
            scene.approved(project)
            scene.hired(project=project, student=scene.student())
            scene.asked(work.project(scene.halden))

    more(1)
    load()
    before = {name: count(name) for name in ("requests", "sponsored", "wallet", "money")}
    more(4)
    assert {name: count(name) for name in before} == before


def test_a_programme_is_paused_opened_again_and_ended(client, scene):
    for act, state in (("pause", "paused"), ("resume", "open"), ("end", "ended")):
        assert client.post(at("programme_act", scene.programme, act)).status_code == 302
        scene.programme.refresh_from_db()
        assert scene.programme.state == state
    assert client.post(at("programme_act", scene.programme, "pause")).status_code == 409


def test_a_request_for_a_project_that_stopped_fitting_is_not_approved(client, scene):
    draw = scene.asked()
    data = sponsors.rules(schools=[scene.school], functions=["design"])
    actions.save_programme(by=scene.ruth, wallet=scene.wallet, data=data, programme=scene.programme)
    assert "It does not fit the rules any more" in client.get(at("draw", draw)).content.decode()
    assert client.post(at("approve", draw)).status_code == 409
    assert queries.free(scene.wallet) == 1_000_000
