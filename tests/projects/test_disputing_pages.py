"""The pages of a dispute: what each side reads and can press, bad input, the moderator's desk, and the API."""

import html
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.users import export
from marketplace import today
from marketplace.ground import clock
from payments.holds.models import Release
from projects.disputing import actions, tasks
from projects.disputing.models import Dispute, StatementFile
from projects.working.proof import facts

from . import engagements as world

pytestmark = pytest.mark.django_db
WHY = "Two of the three lines are missing."


@pytest.fixture(autouse=True)
def monday():
    world.go_to("2027-03-01 10:00")


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def mo():
    return world.person("Mo Deshmukh", is_staff=True)


@pytest.fixture
def step(amara, hana):
    engagement = world.active(amara, hana, world.organisation(hana))
    first = world.milestones(engagement)[0]
    world.hand_in(amara, first)
    return world.again(first)


@pytest.fixture
def dispute(step, hana):
    return actions.open_dispute(by=hana, milestone=step, amount=3_000, text=WHY)


def page(name: str, thing) -> str:
    return reverse(f"disputing:{name}", args=[thing.public_id])


def words(response) -> str:
    text = html.unescape(response.content.decode())
    for tag in ("b", "/b"):
        text = text.replace(f"<{tag}>", "")
    return " ".join(text.split())


def workspace(client, step) -> str:
    return words(client.get(reverse("working:workspace", args=[step.engagement.public_id])))


def with_moderator(dispute) -> Dispute:
    clock.advance(timedelta(days=5))
    tasks.disputes_clock()
    return world.again(dispute)


# --- opening and answering ---------------------------------------------------------------------------------------
def test_the_workspace_leads_to_the_form_which_keeps_what_was_typed(client, step, hana):
    client.force_login(hana)
    assert page("new", step) in workspace(client, step)
    form = client.get(page("new", step))
    assert "From 0 to $90.00" in words(form)
    token = form.content.decode().split('name="form_token" value="')[1].split('"')[0]
    for amount, problem in (
        ("ninety", "Write the amount in digits"),
        ("90.01", "Name an amount from 0 to $90.00"),
        ("-3", "cannot be below zero"),
        ("", "0 is possible"),
        ("1.005", "digits after the point"),
        ("0e9", "Write the amount in digits"),
    ):
        answer = client.post(page("new", step), {"amount": amount, "text": WHY, "form_token": token})
        assert answer.status_code == 422, amount
        assert problem in words(answer), amount
        assert WHY in words(answer)
    sent = {"amount": "$30", "text": WHY, "form_token": token}
    first = client.post(page("new", step), {**sent, "files": [SimpleUploadedFile("a.txt", b"notes")]})
    second = client.post(page("new", step), sent, follow=True)
    assert (first.status_code, second.status_code) == (302, 200)  # sent twice, opened once
    assert Dispute.objects.get().asked == 3_000
    file = client.get(page("file", StatementFile.objects.get()))
    assert b"".join(file.streaming_content) == b"notes"


def test_nothing_is_an_amount_too(client, step, hana):
    client.force_login(hana)
    client.post(page("new", step), {"amount": "0.00", "text": WHY})
    assert Dispute.objects.get().asked == 0


def test_each_side_reads_what_happens_next_and_by_when(client, dispute, step, amara, hana):
    client.force_login(hana)
    assert "Amara has until Fri 5 March, 10:00" in workspace(client, step)
    client.force_login(amara)
    shown = workspace(client, step)
    assert "Next for you: Answer the dispute about “Step 1”, by" in shown
    assert "Answer by Fri 5 March, 10:00." in shown
    assert "Civic Kitchen names" in shown
    own = words(client.get(page("dispute", dispute)))
    assert WHY in own
    assert "If you accept $30.00" in own
    home = words(client.get(reverse("home:student")))
    assert "Answer the dispute about “Step 1”" in home


def test_a_student_names_another_amount_and_the_employer_takes_it(client, dispute, step, amara, hana):
    client.force_login(amara)
    answer = client.post(page("answer", dispute), {"amount": "100", "text": "All is there."})
    assert answer.status_code == 422
    answer = client.post(page("answer", dispute), {"amount": "70", "text": "All is there."}, follow=True)
    assert "a moderator decides" in words(answer)
    client.force_login(hana)
    shown = words(client.get(page("dispute", dispute)))
    assert "Back to you</dt><dd>$22.22" in shown
    assert "Look at the other amount" in words(client.get(reverse("home:employer")))
    assert client.post(page("accept", dispute), {"amount": "6999"}).status_code == 409
    assert client.post(page("accept", dispute), {"amount": "x"}).status_code == 404
    done = client.post(page("accept", dispute), {"amount": "7000"}, follow=True)
    assert "Settled. The money is on its way." in words(done)
    assert Release.objects.get().net == 7_000
    shown = workspace(client, step)
    assert "The dispute about “Step 1” is settled" in shown
    assert "settled in a dispute" in shown
    assert client.post(page("accept", dispute), {"amount": "7000"}).status_code == 409


def test_a_stranger_finds_nothing_and_a_moderator_cannot_act_for_a_side(client, dispute, mo):
    client.force_login(world.student("Bo Stranger"))
    for name in ("dispute", "answer", "appeal"):
        assert client.get(page(name, dispute)).status_code == 404
    for name in ("accept", "withdraw", "accept_decision", "appeal", "answer"):
        assert client.post(page(name, dispute)).status_code == 404
    client.force_login(mo)
    assert client.get(page("dispute", dispute)).status_code == 200
    for name in ("accept", "withdraw", "accept_decision", "appeal"):
        assert client.post(page(name, dispute), {"amount": "3000", "text": "x"}).status_code == 403, name


def test_it_can_be_withdrawn_from_its_page(client, dispute, step, hana):
    client.force_login(hana)
    done = client.post(page("withdraw", dispute), follow=True)
    assert "Withdrawn. Everything goes on" in words(done)
    assert "A dispute about “Step 1” was withdrawn" in workspace(client, step)


# --- the moderator's desk -------------------------------------------------------------------------------------------
def test_a_moderator_decides_by_the_facts_and_another_hears_the_appeal(client, dispute, amara, hana, mo):
    dispute = with_moderator(
        actions.answer_dispute(by=amara, dispute=dispute, amount=7_000, text="All is there.")
    )
    assert _waiting("Disputes of the two sides to decide") == 1
    assert _waiting("Disputes whose decision is overdue") == 0
    client.force_login(mo)
    row = client.get(reverse("admin:projects_dispute_change", args=[dispute.pk]))
    assert WHY in words(row)
    assert "All is there." in words(row)
    act = reverse("admin:projects_dispute_act", args=[dispute.pk, "decide"])
    asked = words(client.get(act))
    assert 'value="50"' in asked
    for fact in ("$30.00", "$70.00", "$5.56", "$44.44"):
        assert fact in asked
    for sent in ({"amount": "91", "text": "x"}, {"amount": "x", "text": "x"}, {"amount": "5", "text": ""}):
        assert client.post(act, sent).status_code == 422
    clock.advance(timedelta(days=30))
    assert _waiting("Disputes whose decision is overdue") == 1
    assert client.post(act, {"amount": "50", "text": "The middle, because …"}).status_code == 302
    client.force_login(hana)
    assert "The middle, because …" in words(client.get(page("dispute", dispute)))
    client.post(page("accept_decision", dispute))
    assert "You have accepted the decision." in words(client.get(page("dispute", dispute)))
    client.force_login(amara)
    assert client.get(page("appeal", dispute)).status_code == 200
    assert client.post(page("appeal", dispute), {"text": " "}).status_code == 422
    client.post(page("appeal", dispute), {"text": "The third line was there."})
    client.force_login(mo)
    assert client.post(act, {"amount": "50", "text": "Again"}).status_code == 409
    client.force_login(world.person("Nora Lind", is_staff=True))
    assert "The third line was there." in words(
        client.get(reverse("admin:projects_dispute_change", args=[dispute.pk]))
    )
    assert client.post(act, {"amount": "60", "text": "It was, in version 2."}).status_code == 302
    assert Release.objects.get().net == 6_000
    client.force_login(hana)
    assert "another moderator decided on appeal" in words(client.get(page("dispute", dispute)))


def _waiting(label: str) -> int:
    return next(queue["n"] for queue in today.queues() if queue["label"] == label)


# --- what other rooms say of it ----------------------------------------------------------------------------------------
def test_a_bank_that_asks_reads_of_the_dispute_and_a_person_takes_their_words_along(
    dispute, step, amara, hana
):
    actions.accept_amount(by=amara, dispute=dispute, amount=3_000)
    log = facts(step.engagement.hold)["access_activity_log"]
    assert "Step 1: one party opened a dispute under the agreement" in log
    assert "Step 1: the dispute ended: the two sides agreed, $30.00 to the student" in log
    [said] = export.everything(hana)["disputes"]
    assert (said["text"], said["amount"]) == (WHY, 3_000)
    assert export.everything(amara)["disputes"] == []


# --- over HTTP -------------------------------------------------------------------------------------------------------------
def test_the_whole_road_over_the_api(step, amara, hana, mo):
    boss, student = APIClient(), APIClient()
    boss.force_authenticate(hana)
    student.force_authenticate(amara)
    at = f"/api/v1/milestones/{step.public_id}/disputes/"
    assert boss.post(at, {"amount": 9_001, "text": WHY}, format="json").status_code == 400
    made = boss.post(at, {"amount": 3_000, "text": WHY}, format="json")
    assert made.status_code == 201
    one = f"/api/v1/disputes/{made.data['id']}/"
    assert (made.data["state"], made.data["waits_for"], made.data["whole"]) == ("opened", "student", 9_000)
    assert made.data["acts"]["withdraw"] is None
    assert [row["id"] for row in student.get("/api/v1/disputes/?state=opened").data["results"]] == [
        made.data["id"]
    ]
    assert student.get("/api/v1/disputes/?state=lost").status_code == 400
    assert boss.post(f"{one}answer/", {"amount": 1, "text": "x"}, format="json").status_code == 403
    said = student.post(f"{one}answer/", {"amount": 7_000, "text": "All there."}, format="json")
    assert [(s["kind"], s["amount"]) for s in said.data["statements"]] == [
        ("opening", 3_000),
        ("answer", 7_000),
    ]
    assert boss.post(f"{one}accept/", {"amount": 6_000}, format="json").status_code == 409
    assert boss.post(f"{one}accept/", {"amount": 10**30}, format="json").status_code == 409
    done = boss.post(f"{one}accept/", {"amount": 7_000}, format="json")
    assert (done.data["state"], done.data["pays"], done.data["how"]) == ("settled", 7_000, "agreed")
    stranger = APIClient()
    stranger.force_authenticate(world.student("Bo Stranger"))
    assert stranger.get(one).status_code == 404
