"""The pages of hiring: the offer, the answer, the agreement, and the way to Stripe and back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.employers.models import Membership
from marketplace.ground import clock
from payments.holds.models import Funding
from projects.applying import actions as applying
from projects.applying.states import ApplicationState
from projects.hiring import actions
from projects.hiring.models import Engagement, Offer
from projects.hiring.queries import suggested_dates
from projects.hiring.states import EngagementState, OfferState

from .people import apply, begin_to_pay, engaged, fund, member_of, offer, open_project, stripe_says, student
from .postings import moderator, organisation, person

pytestmark = pytest.mark.django_db


def url(name: str, thing) -> str:
    return reverse(f"hiring:{name}", args=[thing.public_id])


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def sign_in(client, user):
    client.force_login(user)
    return client


def typed(project, **more) -> dict:
    start_on, due_on = suggested_dates(project)
    return {"start_on": start_on.isoformat(), "due_on": due_on.isoformat(), "message": "Welcome", **more}


@pytest.fixture
def chosen(db):
    project = open_project()
    return applying.shortlist(by=member_of(project), application=apply(project))


# --- making it -------------------------------------------------------------------------------------------
def test_dates_first_then_the_agreement_then_the_offer(client, chosen):
    sign_in(client, member_of(chosen.project))
    page = client.get(url("offer", chosen))
    assert page.status_code == 200
    assert "Make the offer" not in text(page)
    read = client.post(url("offer", chosen), typed(chosen.project))
    assert read.status_code == 200
    assert "independent contractor" in text(read)
    assert not Offer.objects.exists()
    made = client.post(url("offer", chosen), typed(chosen.project, confirm="1"))
    one = Offer.objects.get()
    assert made.url == url("answer", one)
    assert one.message == "Welcome"
    assert f"Offer sent to {chosen.student.name}" in text(client.get(made.url))


@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("start_on", "soon", "Write the date"),
        ("start_on", "", "Choose a date"),
        ("start_on", "2020-01-01", "still to come"),
        ("due_on", "2099-01-01", "at most 31 days"),
        ("due_on", "31/31/2026", "Write the date"),
        ("message", "m" * 1201, "The most is"),
    ],
)
def test_bad_input_stands_beside_its_field_and_nothing_is_offered(
    client, chosen, field, value, problem, confirm
):
    sign_in(client, member_of(chosen.project))
    answer = client.post(url("offer", chosen), typed(chosen.project, **{field: value}, **confirm))
    assert answer.status_code == 422
    assert problem in text(answer)
    if field != "message":
        assert "Welcome" in answer.content.decode()
    assert not Offer.objects.exists()


def test_why_no_offer_can_be_made_stands_on_the_page(client, chosen):
    other = apply(chosen.project)
    offer(other)
    sign_in(client, member_of(chosen.project))
    assert "There is an offer to somebody else" in text(client.get(url("offer", chosen)))
    assert client.post(url("offer", chosen), typed(chosen.project, confirm="1")).status_code == 409


def test_the_offer_page_is_for_people_of_the_employer(client, chosen):
    for user, status in ((chosen.student, 404), (student("Other"), 404), (moderator(), 403)):
        sign_in(client, user)
        assert client.get(url("offer", chosen)).status_code == status
        assert client.post(url("offer", chosen), typed(chosen.project, confirm="1")).status_code == status
    assert not Offer.objects.exists()


def test_a_repeat_hire_is_asked_for_and_decided_in_the_admin(client):
    from projects.hiring.models import ContractorCheck

    from .postings import published
    from .test_hiring import chained

    member, halden, amara = chained(2)
    application = apply(published(member, halden), amara)
    sign_in(client, member)
    assert "Ask a moderator" in text(client.get(url("offer", application)))
    wrong = client.post(url("ask", application), {"why": "w" * 601})
    assert wrong.status_code == 422
    assert "w" * 601 in wrong.content.decode()
    client.post(url("ask", application), {"why": "She knows our data."})
    assert "A moderator is looking" in text(client.get(url("offer", application)))
    check = ContractorCheck.objects.get()
    sign_in(client, moderator())
    assert client.get(reverse("admin:projects_contractorcheck_changelist")).status_code == 200
    assert "She knows our data." in text(
        client.get(reverse("admin:projects_contractorcheck_change", args=[check.pk]))
    )
    act = reverse("admin:projects_contractorcheck_act", args=[check.pk, "refuse"])
    assert client.post(act, {"note": ""}).status_code == 422
    client.post(act.replace("refuse", "allow"), {"note": ""})
    assert ContractorCheck.objects.get().state == "allowed"
    sign_in(client, member)
    assert "Ask a moderator" not in text(client.get(url("offer", application)))


# --- answering it ----------------------------------------------------------------------------------------
def test_the_student_reads_the_whole_text_before_saying_yes(client, chosen):
    made = offer(chosen, message="Your questions were the sharpest.")
    sign_in(client, chosen.student)
    page = text(client.get(url("answer", made)))
    for words in (
        "Halden Bikes offers you this work",
        "independent contractor",
        "payment agent",
        "$675",
        "sharpest",
        "I have read the agreement",
        "Survey written and tested",
    ):
        assert words in page
    assert client.post(url("accept", made)).url == url("answer", made)  # without the tick
    assert Offer.objects.get().state == OfferState.OPEN
    answer = client.post(url("accept", made), {"read": "yes"})
    engagement = Engagement.objects.get()
    assert answer.url == url("agreement", engagement)
    assert client.post(url("accept", made), {"read": "yes"}).url == answer.url  # the second click
    assert Engagement.objects.count() == 1
    assert "You have accepted" in text(client.get(answer.url))


def test_a_full_week_is_a_warning_and_too_full_a_reason(client, chosen):
    from .test_hiring import live

    live(chosen.student, 1, hours="20", start=4, length=13)
    made = offer(chosen)
    sign_in(client, chosen.student)
    assert "beside their studies" not in text(client.get(url("answer", made)))
    live(chosen.student, 2, hours="10", start=4, length=13)
    page = text(client.get(url("answer", made)))
    assert "You cannot accept it now" in page
    assert "Accept the offer" not in page
    assert client.post(url("accept", made), {"read": "yes"}).status_code == 409


def test_saying_no_keeps_a_note_that_is_too_long_on_the_page(client, chosen):
    made = offer(chosen)
    sign_in(client, chosen.student)
    answer = client.post(url("decline", made), {"note": "n" * 601})
    assert answer.status_code == 422
    assert "n" * 601 in answer.content.decode()
    assert "<details" in answer.content.decode()
    assert Offer.objects.get().state == OfferState.OPEN
    gone = client.post(url("decline", made), {"note": "Exams"})
    assert gone.url == chosen.get_absolute_url()
    assert Offer.objects.get().decline_note == "Exams"
    sign_in(client, member_of(chosen.project))
    assert "Exams" in text(client.get(url("answer", made)))


def test_holding_an_offer_for_the_school(client):
    amara = student(needs_school_sign_off=True)
    made = offer(apply(open_project(), amara))
    sign_in(client, amara)
    assert "Hold it for my school" in text(client.get(url("answer", made)))
    assert client.post(url("hold", made)).url == url("answer", made)
    assert "Hold it for my school" not in text(client.get(url("answer", made)))
    assert client.post(url("hold", made)).status_code == 409
    sign_in(client, member_of(made.project))
    assert (
        "school"
        not in text(client.get(url("answer", made))).split("The agreement")[0].replace("Schools", "").lower()
    )


def test_the_employer_sees_the_offer_and_takes_it_back(client, chosen):
    made = offer(chosen)
    sign_in(client, member_of(chosen.project))
    page = text(client.get(url("answer", made)))
    assert "Your offer to Amara Okafor" in page
    assert "I have read the agreement" not in page
    assert client.post(url("accept", made), {"read": "yes"}).status_code == 403
    assert client.post(url("withdraw", made)).status_code == 302
    assert Offer.objects.get().state == OfferState.WITHDRAWN
    assert client.post(url("withdraw", made)).status_code == 409


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "expired"])
def test_an_offer_that_is_over_says_how_it_ended(client, chosen, state):
    made = offer(chosen)
    Offer.objects.update(state=state, answered_at=clock.now())
    for user in (chosen.student, member_of(chosen.project)):
        page = client.get(url("answer", made)) if sign_in(client, user) else None
        assert page.status_code == 200
        assert "Accept the offer" not in text(page)


def test_an_offer_is_not_there_for_anybody_else(client, chosen):
    made = offer(chosen)
    for other in (student("Other"), person("Nobody")):
        sign_in(client, other)
        assert client.get(url("answer", made)).status_code == 404
        for name in ("accept", "decline", "withdraw"):
            assert client.post(url(name, made), {"read": "yes"}).status_code == 404
    for name in ("accept", "decline", "withdraw"):
        assert client.get(url(name, made)).status_code == 405
    assert Offer.objects.get().state == OfferState.OPEN


# --- the agreement ---------------------------------------------------------------------------------------
def test_the_agreement_shows_names_beside_the_frozen_text(client, chosen):
    engagement = engaged(chosen)
    for user, words in (
        (chosen.student, "Waiting for the funds"),
        (member_of(chosen.project), "Secure $750 by"),
        (moderator(), "Fingerprint"),
    ):
        page = text(sign_in(client, user).get(url("agreement", engagement)))
        for part in (words, "Amara Okafor", "through Ines Halden", engagement.agreement.digest):
            assert part in page
    sign_in(client, student("Other"))
    assert client.get(url("agreement", engagement)).status_code == 404


def test_the_agreement_survives_its_people(client, chosen):
    engagement = engaged(chosen)
    type(engagement.agreement).objects.update(employer_accepted_by=None)
    Offer.objects.update(made_by=None)
    assert sign_in(client, chosen.student).get(url("agreement", engagement)).status_code == 200


# --- paying ----------------------------------------------------------------------------------------------
def test_the_page_to_pay_adds_up_and_leads_to_the_payment(client, chosen):
    engagement = engaged(chosen)
    sign_in(client, member_of(chosen.project))
    page = text(client.get(url("fund", engagement)))
    for words in ("$250.00", "$500.00", "$675.00", "$75.00", "Pay $750.00 with Stripe"):
        assert words in page
    assert "Nothing was paid" in text(client.get(url("fund", engagement) + "?cancelled=1"))
    answer = client.post(url("fund", engagement))
    funding = Funding.objects.get()
    assert answer.status_code == 302
    assert funding.success_url == f"http://testserver{url('funding-return', engagement)}"
    assert funding.cancel_url.endswith("/fund/?cancelled=1")
    client.post(url("fund", engagement))
    assert Funding.objects.count() == 1


def test_a_manager_reads_who_can_pay_and_a_student_has_no_business_there(client, chosen):
    engagement = engaged(chosen)
    manager = person("Mana Ger")
    Membership.objects.create(organisation=engagement.organisation, user=manager, role="manager")
    sign_in(client, manager)
    assert "Ines Halden can pay" in text(client.get(url("fund", engagement)))
    assert client.post(url("fund", engagement)).status_code == 403
    sign_in(client, chosen.student)
    for name in ("fund", "funding-return"):
        assert client.get(url(name, engagement)).status_code == 403
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    sign_in(client, stranger)
    for name in ("fund", "funding-return"):
        assert client.get(url(name, engagement)).status_code == 404
    assert not Funding.objects.exists()


def test_coming_back_says_checking_until_the_truth_is_known(client, chosen, monkeypatch):
    from payments.holds.actions import funding as module

    monkeypatch.setattr(
        module, "sync_funding", lambda funding, session=None: None
    )  # Stripe does not know yet
    engagement = engaged(chosen)
    funding = begin_to_pay(engagement)
    sign_in(client, member_of(chosen.project))
    here = url("funding-return", engagement)
    page = client.get(here)
    assert "Waiting for Stripe’s word" in text(page)
    assert 'hx-trigger="every 3s"' in page.content.decode()
    assert Engagement.objects.get().state == EngagementState.AWAITING_FUNDS
    fragment = client.get(here, headers={"HX-Request": "true", "HX-Target": "funds"})
    assert fragment.content.decode().lstrip().startswith('<div id="funds"')
    monkeypatch.undo()
    stripe_says(funding)
    done = client.get(here)
    assert "$750.00 is secured" in text(done)
    assert "every 3s" not in done.content.decode()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"payment": "unpaid", "intent": "processing"}, "Your bank is sending the money"),
        (
            {"payment": "unpaid", "intent": "requires_payment_method", "error": "The card was refused."},
            "The card was refused.",
        ),
    ],
)
def test_coming_back_tells_what_became_of_it(client, chosen, told, words):
    engagement = engaged(chosen)
    stripe_says(begin_to_pay(engagement), **told)
    sign_in(client, member_of(chosen.project))
    assert words in text(client.get(url("funding-return", engagement)))
    assert client.get(url("fund", engagement)).status_code == 200
    assert client.get(url("agreement", engagement)).status_code == 200


def lapsed(engagement):
    clock.advance(engagement.fund_by + timedelta(minutes=1) - clock.now())
    actions.lapse_engagement(engagement)


#: What happened: (the heading of the page to pay, what else it says, whether it has the button to pay).
FUND_PAGES = {
    "nothing yet": (lambda e: None, "Secure the funds", "Pay by", True),
    "left the page": (begin_to_pay, "Secure the funds", "Pay by", True),
    "refused": (
        lambda e: stripe_says(
            begin_to_pay(e), payment="unpaid", intent="requires_payment_method", error="The card was refused."
        ),
        "Secure the funds",
        "The card was refused.",
        True,
    ),
    "on its way": (
        lambda e: stripe_says(begin_to_pay(e), payment="unpaid", intent="processing"),
        "Your payment is on its way",
        "You cannot pay now",
        False,
    ),
    "secured": (fund, "The funds are secured", "Go to the workspace", False),
    "lapsed": (lapsed, "Nothing is to be paid", "this engagement has ended", False),
}


@pytest.mark.parametrize("what", FUND_PAGES)
def test_the_page_to_pay_says_how_it_stands_in_every_state(client, chosen, what):
    happened, heading, words, payable = FUND_PAGES[what]
    engagement = engaged(chosen)
    happened(engagement)
    sign_in(client, member_of(chosen.project))
    answer = client.get(url("fund", engagement))
    assert answer.status_code == 200
    assert re.search(rf"<h1[^>]*>\s*{heading}", answer.content.decode())
    assert words in text(answer)
    assert ("with Stripe" in text(answer)) is payable
    if not payable:
        before = Funding.objects.count()
        assert client.post(url("fund", engagement)).status_code == 409
        assert Funding.objects.count() == before


def test_coming_back_too_late_says_so(client, chosen):
    engagement = engaged(chosen)
    clock.advance(engagement.fund_by + timedelta(minutes=1) - clock.now())
    actions.lapse_engagement(engagement)
    sign_in(client, member_of(chosen.project))
    assert "This engagement has ended" in text(client.get(url("funding-return", engagement)))
    assert "this engagement has ended" in text(client.get(url("fund", engagement)))
    assert "Ended: pay not secured" in text(sign_in(client, chosen.student).get(chosen.get_absolute_url()))


def test_once_secured_there_is_nothing_left_to_pay(client, chosen):
    engagement = fund(engaged(chosen))
    sign_in(client, member_of(chosen.project))
    assert "the funds are secured" in text(client.get(url("fund", engagement)))
    assert client.post(url("fund", engagement)).status_code == 409
    chosen.refresh_from_db()
    assert chosen.state == ApplicationState.HIRED


@pytest.mark.parametrize("name", ["answer", "agreement", "fund"])
def test_every_page_has_a_bounded_cost(client, chosen, name):
    engagement = engaged(chosen)
    sign_in(client, member_of(chosen.project))
    thing = engagement.offer if name == "answer" else engagement
    client.get(url(name, thing))
    with CaptureQueriesContext(connection) as captured:
        client.get(url(name, thing))
    assert len(captured) < 25
