"""The pages of sponsoring: what a sponsor, an employer and a student read and do there."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.schools.models import School, SchoolStaff
from marketplace.ground import clock
from marketplace.ground.money import show
from payments.stripe.models import Call
from payments.wallets import actions as money
from payments.wallets import queries as wallets
from payments.wallets.actions import topping_up
from payments.wallets.models import Lot
from projects.search import reading, tasks
from projects.search.models import OpenProject
from projects.sponsoring import actions, figures, queries, rules
from projects.sponsoring.forms import ProgrammeForm
from projects.sponsoring.models import Draw
from projects.working import actions as working

from . import engagements as work
from . import people, sponsors
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
    assert "Sponsored by" not in client.get(page).content.decode()
    actions.approve_draw(by=scene.ruth, draw=draw)
    assert "pays up to 60%" in client.get(page).content.decode()
    scene.programme.refresh_from_db()
    actions.pause_programme(by=scene.ruth, programme=scene.programme)
    assert "Sponsored by" not in client.get(page).content.decode()


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


def test_what_goes_to_the_sponsor_stands_in_the_receipt_and_in_a_cancellation(client, scene):
    scene.approved()
    engagement = work.secure(scene.hired(), scene.ines)
    working.kick_off(by=scene.ines, engagement=engagement)
    client.force_login(scene.amara)
    page = client.get(reverse("working:receipt", args=[engagement.public_id])).content.decode()
    pay = show(engagement.net)
    for words in ("The employer paid", "$120.00", "A sponsor pays", "$162.00", pay):
        assert words in page
    client.force_login(scene.ines)
    page = client.get(reverse("working:cancel", args=[engagement.public_id])).content.decode()
    listed = page.split('id="comes-h"')[1].split("</dl>")[0]
    amounts = [int(n.replace(",", "").replace(".", "")) for n in re.findall(r"\$([\d,]+\.\d\d)", listed)]
    assert "goes back to the sponsor" in listed
    assert sum(amounts) == engagement.price


def test_work_that_a_school_pays_for_altogether_offers_no_receipt(client):
    scene = Scene(share_bp=10_000)
    scene.approved()
    engagement = scene.hired()
    for person in (scene.amara, scene.ines):
        client.force_login(person)
        page = client.get(reverse("working:workspace", args=[engagement.public_id])).content.decode()
        assert reverse("hiring:agreement", args=[engagement.public_id]) in page
        assert reverse("working:receipt", args=[engagement.public_id]) not in page


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


def test_the_export_and_the_chart_have_the_days_of_the_page(client, scene):
    """It is the next day in UTC already."""
    scene.ruth.zone = work.ZONE
    scene.ruth.save()
    work.go_to("2031-03-05 22:30")
    school = sponsors.school("Harbour")
    SchoolStaff.objects.create(user=scene.ruth, school=school)
    wallet = sponsors.wallet(scene.ruth, school, 7_700)
    client.force_login(scene.ruth)
    text = b"".join(client.get(at("movements", wallet)).streaming_content).decode()
    assert "2031-03-05,Bank transfer" in text
    assert "2031-03-06" not in text
    assert ">5 Mar</text>" in client.get(at("wallet", wallet)).content.decode()


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


# --- who may draw, and how much is left to lower ------------------------------------------------------------
def form_of(programme, **changes) -> dict:
    """The form of a programme as its page shows it, with `changes`."""
    form = ProgrammeForm(wallet=programme.wallet, programme=programme)
    shown = {name: value for name, value in form.initial.items() if value is not False and value is not None}
    return {**shown, **changes}


def test_a_sponsor_says_for_which_schools_it_pays(client, scene):
    other = School.objects.create(name="Harbor Institute", domains=["harbor.example"])
    page = at("programme", scene.programme)
    assert f">\n{scene.school.name}</textarea>" in client.get(page).content.decode()

    both = f" {scene.school.name.upper()} \r\n\r\n@harbor.example\r\nHarbor Institute"
    assert client.post(page, form_of(scene.programme, schools=both)).status_code == 302
    assert set(scene.programme.schools.all()) == {scene.school, other}
    theirs = people.student("Noor Haddad")
    assert rules.why_not_student(scene.programme, theirs)
    sponsors.enrol(theirs, other)
    assert rules.why_not_student(scene.programme, theirs) is None

    assert client.post(page, form_of(scene.programme, schools="")).status_code == 302
    assert not scene.programme.schools.exists()


def test_a_school_that_nobody_knows_is_named_beside_the_field_and_kept(client, scene):
    answer = client.post(
        at("programme", scene.programme), form_of(scene.programme, schools="Nowhere College")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "no school called “Nowhere College”" in page
    assert ">\nNowhere College</textarea>" in page
    assert list(scene.programme.schools.all()) == [scene.school]


def test_a_real_academic_domain_makes_the_school_known(client, scene):
    answer = client.post(at("programme", scene.programme), form_of(scene.programme, schools="berkeley.edu"))
    assert answer.status_code == 302
    assert scene.programme.schools.get().domains == ["berkeley.edu"]


def test_a_budget_is_not_lowered_below_what_is_given_or_promised(client, scene):
    scene.approved()
    scene.hired()  # 162.00 of it is with a project
    scene.approved(work.project(scene.halden))  # and as much is promised to another
    page = at("programme", scene.programme)
    answer = client.post(page, form_of(scene.programme, budget="323.99"))
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert (
        "$162.00 is with projects or spent and $162.00 is promised, so the budget is at least $324.00."
        in text
    )
    assert 'value="323.99"' in text
    scene.programme.refresh_from_db()
    assert scene.programme.budget == 500_000
    assert client.post(page, form_of(scene.programme, budget="324")).status_code == 302
    scene.programme.refresh_from_db()
    assert scene.programme.budget == 32_400


# --- the mark on cards --------------------------------------------------------------------------------------
def card_of(project) -> str:
    return OpenProject.objects.get(pk=project.pk).card_html


def listed(project):
    reading.refresh([project.pk])
    return project


def test_the_card_says_who_sponsors_from_the_yes_until_it_is_withdrawn(client, scene):
    project = listed(scene.project)
    mark = f"Sponsored by {scene.school.name}"
    draw = scene.asked()
    assert mark not in card_of(project)
    draw = actions.approve_draw(by=scene.ruth, draw=draw)
    assert mark in card_of(project)
    assert mark in client.get(reverse("search:browse")).content.decode()
    assert mark in client.get(reverse("search:project", args=[project.public_id])).content.decode()

    actions.withdraw_request(by=scene.ines, draw=draw)
    assert mark not in card_of(project)


def test_a_paused_programme_and_a_frozen_wallet_take_the_mark_away(scene, monkeypatch):
    project = listed(scene.project)
    scene.approved()
    woken = []
    monkeypatch.setattr("projects.search.listeners.nudge", lambda *told: woken.append(told))

    actions.pause_programme(by=scene.ruth, programme=scene.programme)
    assert woken.pop() == ("search.refresh", [project.pk])
    tasks.refresh([project.pk])
    assert "Sponsored by" not in card_of(project)
    actions.resume_programme(by=scene.ruth, programme=scene.programme)
    tasks.refresh(woken.pop()[1])
    assert "Sponsored by" in card_of(project)
    money.freeze_wallet(by=None, wallet=scene.wallet, why="looking at it")
    tasks.refresh(woken.pop()[1])
    assert "Sponsored by" not in card_of(project)
    money.thaw_wallet(by=None, wallet=scene.wallet)
    assert woken == [("search.refresh", [project.pk])]


def test_a_programme_that_ends_with_the_day_and_a_new_name_are_mended_by_the_clock(scene):
    project = listed(scene.project)
    scene.approved()
    assert tasks.mend_sponsors() == 0
    School.objects.filter(pk=scene.school.pk).update(name="Northgate <College> & Friends")
    assert tasks.mend_sponsors() == 1
    assert "Sponsored by Northgate &lt;College&gt; &amp; Friends<" in card_of(project)
    assert tasks.mend_sponsors() == 0
    scene.programme.ends_on = clock.now().date() - timedelta(days=1)
    scene.programme.starts_on = scene.programme.ends_on
    scene.programme.save()
    assert tasks.mend_sponsors() == 1
    assert "Sponsored by" not in card_of(project)
    assert tasks.mend_sponsors() == 0


def test_a_rebuilt_list_and_the_other_cards_carry_the_mark_too(client, scene):
    project = listed(scene.project)
    scene.approved()
    reading.refresh([project.pk])
    assert "Sponsored by" in card_of(project)
    client.force_login(scene.amara)
    client.post(reverse("search:bookmark", args=[project.public_id]))
    assert "Sponsored by" in client.get(reverse("search:saved")).content.decode()


# --- payment pages that nobody has paid on ------------------------------------------------------------------
@pytest.fixture
def unpaid(scene):
    """A payment page that is open at Stripe."""
    urls = {"success_url": "http://localhost/yes/", "cancel_url": "http://localhost/no/"}
    lot = money.start_top_up(by=scene.ruth, wallet=scene.wallet, amount=60_000, **urls)
    topping_up.session_made(lot, {"id": "cs_test_1", "url": "https://checkout.example/cs_test_1"})
    return lot


def test_an_unpaid_page_is_listed_with_its_date_and_closed_by_the_sponsor(client, scene, unpaid):
    page = client.get(at("money", scene.wallet)).content.decode()
    assert "https://checkout.example/cs_test_1" in page
    assert "Begun " in page
    assert "closes by itself" in page
    close = reverse("sponsoring:close_top_up", args=[scene.wallet.public_id, unpaid.public_id])
    assert close in page

    assert client.post(close).status_code == 302
    unpaid.refresh_from_db()
    assert unpaid.state == "expired"
    assert Call.objects.get(operation="checkout_expire").params == {"session": "cs_test_1"}
    assert close not in client.get(at("money", scene.wallet)).content.decode()
    assert client.post(close).status_code == 409  # it is closed


def test_nobody_closes_the_page_of_another_wallet_or_one_that_was_paid_on(client, scene, unpaid):
    other = Scene()
    client.force_login(other.ruth)
    for wallet in (scene.wallet, other.wallet):
        url = reverse("sponsoring:close_top_up", args=[wallet.public_id, unpaid.public_id])
        assert client.post(url).status_code == 404
    client.force_login(scene.ruth)
    Lot.objects.filter(pk=unpaid.pk).update(state="processing")
    url = reverse("sponsoring:close_top_up", args=[scene.wallet.public_id, unpaid.public_id])
    assert client.post(url).status_code == 409
    unpaid.refresh_from_db()
    assert unpaid.state == "processing"


def test_a_page_that_stripe_makes_after_it_was_closed_here_is_closed_there_too(scene):
    urls = {"success_url": "http://localhost/yes/", "cancel_url": "http://localhost/no/"}
    lot = money.start_top_up(by=scene.ruth, wallet=scene.wallet, amount=60_000, **urls)
    lot = money.close_top_up(by=scene.ruth, lot=lot)
    topping_up.session_made(lot, {"id": "cs_test_2", "url": "https://checkout.example/cs_test_2"})
    assert lot.state == "expired"
    assert Call.objects.get(operation="checkout_expire").params == {"session": "cs_test_2"}


def test_the_clock_closes_pages_whose_time_is_over(scene, unpaid):
    topping_up.expire_old_lots()
    unpaid.refresh_from_db()
    assert unpaid.state == "open"
    clock.advance(timedelta(hours=23, minutes=11))
    topping_up.expire_old_lots()
    unpaid.refresh_from_db()
    assert unpaid.state == "expired"
