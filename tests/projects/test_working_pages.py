"""The pages of the work: what each side sees and can press, files, bad input, and a constant number of queries."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.ground import clock
from projects.hiring.models import Engagement, Milestone, Offer
from projects.talking.models import Message
from projects.working import actions
from projects.working.models import Submission, SubmissionFile

from . import engagements as world

pytestmark = pytest.mark.django_db
MONDAY = "2027-03-01 10:00"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00"
    b"\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def monday():
    world.go_to(MONDAY)


@pytest.fixture
def amara():
    return world.student("Amara Okafor")


@pytest.fixture
def hana():
    return world.person("Hana Reyes")


@pytest.fixture
def engagement(amara, hana):
    return world.active(amara, hana, world.organisation(hana))


@pytest.fixture
def steps(engagement):
    return world.milestones(engagement)


def page(name: str, *args) -> str:
    return reverse(f"working:{name}", args=args)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- looking --------------------------------------------------------------------------------------------------
def test_the_list_says_what_comes_next_for_either_side(client, engagement, amara, hana):
    client.force_login(amara)
    mine = words(client.get(page("mine")))
    assert "<b>You:</b> Hand in “Step 1”" in mine
    assert "$270" in mine
    client.force_login(hana)
    theirs = words(client.get(page("mine")))
    assert "Amara: Hand in “Step 1”" in theirs
    assert "$300" in theirs


def test_an_empty_list_says_what_will_be_there(client, amara, hana):
    client.force_login(amara)
    assert "No work going on" in words(client.get(page("mine")))
    assert "Nothing has ended yet" in words(client.get(page("mine") + "?show=ended"))


@pytest.mark.parametrize("state", ["accepted", "funded", "active", "completed"])
@pytest.mark.parametrize("who", ["student", "employer", "moderator"])
def test_the_workspace_opens_in_every_state_for_everybody_concerned(client, amara, hana, state, who):
    engagement = getattr(world, state)(amara, hana, world.organisation(hana))
    user = {"student": amara, "employer": hana, "moderator": world.person("Mo", is_staff=True)}[who]
    client.force_login(user)
    response = client.get(page("workspace", engagement.public_id))
    assert response.status_code == 200
    text = words(response)
    assert engagement.title in text
    assert ("Start the project</button>" in text) is (state == "funded" and who != "moderator")
    assert ("Secure the funds</a>" in text) is (state == "accepted" and who == "employer")


def test_a_step_of_the_money_without_a_day_says_its_rule(client, amara, engagement):
    client.force_login(amara)
    text = words(client.get(page("workspace", engagement.public_id)))
    for rule in (
        "within 3 business days of the hand-in",
        "within 5 business days of the hand-in",
        "within an hour of approval",
        "Stripe names the day once it is sent",
    ):
        assert rule in text


def test_a_cancelled_workspace_says_what_it_came_to(client, amara, hana, engagement):
    actions.cancel_engagement(by=hana, engagement=engagement, note="Our plans changed.")
    client.force_login(amara)
    assert "is ending this project" in words(client.get(page("workspace", engagement.public_id)))
    clock.advance(timedelta(days=3))
    actions.settle_cancellation(engagement.cancellation)
    text = words(client.get(page("workspace", engagement.public_id)))
    assert "$67.50 went to you beyond what was approved" in text
    assert "Our plans changed." in text
    client.force_login(hana)
    assert "$225 went back to you" in words(client.get(page("workspace", engagement.public_id)))


def test_students_see_their_net_and_employers_the_price(client, engagement, steps, amara, hana):
    for user, amount, other in ((amara, "$90", "$100"), (hana, "$100", "$90")):
        client.force_login(user)
        text = words(client.get(page("workspace", engagement.public_id)))
        assert f"{amount}, due" in text
        assert f"{other}, due" not in text


PAGES = ["workspace", "receipt", "cancel"]
OF_A_STEP = ["milestone", "submit", "changes", "extension"]


def test_strangers_find_nothing_and_visitors_sign_in(client, engagement, steps, amara):
    world.hand_in(amara, steps[0], files=[upload("a.pdf", PDF)])
    file = SubmissionFile.objects.get()
    addresses = (
        [page(name, engagement.public_id) for name in PAGES]
        + [page(name, steps[0].public_id) for name in OF_A_STEP]
        + [page("file", file.public_id)]
    )
    posts = [page(name, engagement.public_id) for name in ("kick_off", "approve_all", "cancel")] + [
        page(name, steps[0].public_id) for name in ("approve", "changes", "submit", "extension")
    ]
    for address in addresses + posts:
        assert client.post(address).status_code == 302
    other = world.person("Other boss")
    world.organisation(other, name="Elsewhere")
    before = list(Milestone.objects.values())
    for user in (world.student("Bo"), other):
        client.force_login(user)
        assert [client.get(address).status_code for address in addresses] == [404] * len(addresses)
        assert [client.post(address).status_code for address in posts] == [404] * len(posts)
    assert list(Milestone.objects.values()) == before


def test_the_other_sides_acts_are_forbidden_and_ones_own_have_their_moment(
    client, engagement, steps, amara, hana
):
    client.force_login(amara)
    assert client.post(page("approve", steps[0].public_id)).status_code == 403
    assert client.post(page("approve_all", engagement.public_id)).status_code == 403
    assert client.get(page("changes", steps[0].public_id)).status_code == 403
    assert client.get(page("submit", steps[1].public_id)).status_code == 409
    client.force_login(hana)
    assert client.get(page("submit", steps[0].public_id)).status_code == 403
    response = client.post(page("approve", steps[0].public_id))
    assert response.status_code == 409
    assert "Nothing has been handed in to approve." in words(response)
    client.force_login(world.person("Mo", is_staff=True))
    assert client.post(page("approve", steps[0].public_id)).status_code == 403


def test_acts_are_posts(client, engagement, steps, hana):
    client.force_login(hana)
    for name, thing in (("approve", steps[0]), ("kick_off", engagement), ("approve_all", engagement)):
        assert client.get(page(name, thing.public_id)).status_code == 405


# --- handing in -----------------------------------------------------------------------------------------------
def test_a_version_with_files_links_and_a_note_is_handed_in_and_read(client, engagement, steps, amara, hana):
    client.force_login(amara)
    assert "Hand in for review" in words(client.get(page("submit", steps[0].public_id)))
    response = client.post(
        page("submit", steps[0].public_id),
        {
            "files": [upload("waste table.pdf", PDF), upload("chart.png", PNG)],
            "note": "Look at page 3 first.",
            "links": "https://example.com/one\n\nhttps://example.com/two",
            "ai_note": "none",
            "hours": "6.5",
        },
        follow=True,
    )
    assert response.status_code == 200
    assert "Handed in. Civic Kitchen answers by Thu 4 March, 10:0" in words(response)
    client.force_login(hana)
    text = words(client.get(page("milestone", steps[0].public_id)))
    for part in (
        "waste table.pdf",
        "chart.png",
        "Look at page 3 first.",
        "https://example.com/two",
        "6.5 hours",
        "AI tools:</b> none",
        "Approving releases $100: $90 to Amara and $10 platform fee.",
    ):
        assert part in text, part


def test_what_was_typed_stays_when_something_is_wrong(client, steps, amara):
    client.force_login(amara)
    response = client.post(
        page("submit", steps[0].public_id),
        {"note": "I typed this.", "links": "not an address", "ai_note": "", "hours": "lots"},
    )
    assert response.status_code == 422
    text = words(response)
    for part in ("I typed this.", "not an address", "lots", "Say where you used AI tools"):
        assert part in text
    response = client.post(
        page("submit", steps[0].public_id),
        {"note": "I typed this.", "links": "not an address", "ai_note": "none", "hours": "lots"},
    )
    text = words(response)
    assert response.status_code == 422
    assert "“not an address” is not a web address" in text
    assert "between 0.1 and 200" in text
    assert "I typed this." in text
    assert not Submission.objects.exists()


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("report.pdf", b"MZ\x90\x00 this is a program", "The content of this file is not pdf"),
        ("picture.png", b"<script>alert(1)</script>", "The content of this file is not png"),
        ("photo.jpg", PNG, "The content of this file is not jpg"),
        ("notes.txt", b"\x00\x01\x02 binary", "The content of this file is not txt"),
        ("table.xlsx", b"PK\x03\x04 nothing more", "The content of this file is not xlsx"),
        ("page.html", b"<p>hello</p>", "We cannot take this kind of file"),
        ("run.exe", b"MZ\x90\x00", "We cannot take this kind of file"),
        ("setup.pdf.exe", PDF, "We cannot take this kind of file"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "We cannot take this kind of file"),
        ("nothing.pdf", b"", "empty"),
        ("noextension", PDF, "We cannot take this kind of file"),
    ],
)
def test_files_are_judged_by_their_content(client, steps, amara, name, content, why):
    client.force_login(amara)
    response = client.post(
        page("submit", steps[0].public_id),
        {"files": [upload("good.pdf", PDF), upload(name, content)], "ai_note": "none"},
    )
    assert response.status_code == 422
    assert why in words(response)
    assert not Submission.objects.exists()
    assert not SubmissionFile.objects.exists()


def test_a_file_may_be_twenty_megabytes_and_no_more(client, steps, amara, settings):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    client.force_login(amara)
    big = upload("big.pdf", PDF + b"x" * 1024 * 1024)
    response = client.post(page("submit", steps[0].public_id), {"files": [big], "ai_note": "none"})
    assert response.status_code == 422
    assert "larger than 1 MB" in words(response)


def test_ten_files_at_most(client, steps, amara):
    client.force_login(amara)
    response = client.post(
        page("submit", steps[0].public_id),
        {"files": [upload(f"{n}.pdf", PDF) for n in range(11)], "ai_note": "none"},
    )
    assert response.status_code == 422
    assert "At most 10 files" in words(response)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..\\..\\boot.pdf",
        "/etc/cron.d/job.pdf",
        "a\x00b.pdf",
        "evil\r\nSet-Cookie: a=b.pdf",
        "Bericht für Ömer – 日本.pdf",
    ],
)
def test_names_are_for_reading_and_never_for_paths(client, steps, amara, hana, name, settings):
    made = upload("x.pdf", PDF)
    made._name = name  # past Django's own cleaning, as a hand-made request could
    world.hand_in(amara, steps[0], files=[made])
    row = SubmissionFile.objects.get()
    assert "/" not in row.name
    assert "\\" not in row.name
    stored = Path(row.file.path).resolve()
    assert stored.parent == Path(settings.MEDIA_ROOT).resolve() / "work"
    assert stored.suffix == ".pdf"
    assert row.name.removesuffix(".pdf") not in stored.name
    client.force_login(hana)
    response = client.get(page("file", row.public_id))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in response
    assert response["X-Content-Type-Options"] == "nosniff"


def test_files_go_to_the_parties_and_moderators_only(client, engagement, steps, amara, hana):
    world.hand_in(amara, steps[0], files=[upload("table.pdf", PDF)])
    address = page("file", SubmissionFile.objects.get().public_id)
    assert client.get(address).status_code == 302
    for user, status in (
        (amara, 200),
        (hana, 200),
        (world.person("Mo", is_staff=True), 200),
        (world.student("Bo"), 404),
        (world.person("Nobody"), 404),
    ):
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == status
        assert not response.streaming or b"".join(response.streaming_content) == PDF


def test_a_refused_version_leaves_no_file_behind(steps, amara, settings, monkeypatch):
    folder = Path(settings.MEDIA_ROOT) / "work"
    before = set(folder.glob("*"))
    monkeypatch.setattr("projects.working.notices.tell_submitted", lambda submission: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        world.hand_in(amara, steps[0], files=[upload("a.pdf", PDF), upload("b.pdf", PDF)])
    assert set(folder.glob("*")) == before
    assert world.again(steps[0]).state == "in_progress"


# --- answering ------------------------------------------------------------------------------------------------
def test_changes_are_asked_for_line_by_line(client, steps, amara, hana):
    world.hand_in(amara, steps[0])
    client.force_login(hana)
    address = page("changes", steps[0].public_id)
    assert "This is round 1 of 2" in words(client.get(address))
    response = client.post(address, {"points": " \n "})
    assert (response.status_code, "one point at a time" in words(response)) == (422, True)
    response = client.post(address, {"points": "Kept " + "x" * 501})
    assert (response.status_code, "Kept xxx" in words(response)) == (422, True)
    response = client.post(address, {"points": "Show cost\nSplit out December"}, follow=True)
    assert "Amara has your changes and answers by Sat 6 March, 23:59." in words(response)
    client.force_login(amara)
    text = words(client.get(page("submit", steps[0].public_id)))
    assert "Split out December" in text


def test_approving_from_the_page(client, engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    client.force_login(hana)
    response = client.post(page("approve", steps[0].public_id), follow=True)
    assert "“Step 1” is approved, and its pay is on its way." in words(response)
    client.force_login(amara)
    text = words(client.get(page("workspace", engagement.public_id)))
    assert "Approved, waiting for payout set-up" in text or "waiting for payout set-up" in text.lower()
    assert "Set up payouts" in text


def test_more_time_is_asked_for_and_answered(client, engagement, steps, amara, hana):
    client.force_login(amara)
    address = page("extension", steps[0].public_id)
    text = words(client.get(address))
    assert "From 12 March to" in text
    response = client.post(address, {"until": "2029-01-01", "reason": "The supplier is late."})
    assert response.status_code == 422
    assert "The supplier is late." in words(response)
    assert client.post(address, {"until": "never", "reason": ""}).status_code == 422
    response = client.post(address, {"until": "2027-03-13", "reason": "The supplier is late."}, follow=True)
    assert "You asked for more time" in words(response)
    extension = steps[0].extensions.get()
    client.force_login(hana)
    assert "Amara asks for more time" in words(client.get(page("workspace", engagement.public_id)))
    answer = page("answer_extension", extension.public_id)
    response = client.post(answer, {"note": "y" * 501, "grant": "yes"})
    assert (response.status_code, "y" * 100 in words(response)) == (422, True)
    response = client.post(answer, {"note": "Fine", "grant": "yes"}, follow=True)
    assert "More time is granted." in words(response)
    assert client.post(answer, {"grant": "no"}).status_code == 409


def test_cancelling_shows_what_it_comes_to_before_anything_happens(client, engagement, steps, amara, hana):
    client.force_login(hana)
    address = page("cancel", engagement.public_id)
    text = words(client.get(address))
    for part in ("At least this much more goes to Amara", "$67.50", "$7.50", "$225.00", "a quarter"):
        assert part in text, part
    response = client.post(address, {"note": "Plans changed"})
    assert (response.status_code, "Plans changed" in words(response)) == (422, True)
    assert world.again(engagement).state == "active"
    assert not hasattr(world.again(engagement), "cancellation")
    response = client.post(address, {"note": "Plans changed", "sure": "on"}, follow=True)
    assert "The project ends on Wed 3 March" in words(response)
    assert client.get(address).status_code == 409


def test_a_student_is_told_what_is_lost_by_cancelling(client, engagement, steps, amara):
    world.hand_in(amara, steps[0])
    client.force_login(amara)
    text = words(client.get(page("cancel", engagement.public_id)))
    assert "Something of yours is being looked at" in text


def test_the_receipt_can_be_read_by_both_sides(client, amara, hana):
    engagement = world.accepted(amara, hana, world.organisation(hana))
    client.force_login(hana)
    assert client.get(page("receipt", engagement.public_id)).status_code == 409
    engagement = world.secure(engagement, hana)
    text = words(client.get(page("receipt", engagement.public_id)))
    assert "$300.00" in text
    assert "Step 2" in text
    client.force_login(amara)
    text = words(client.get(page("receipt", engagement.public_id)))
    assert "$270.00" in text
    assert "Receipt 2027-" in text


# --- growing ----------------------------------------------------------------------------------------------------
def count(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def grow(engagement: Engagement, number: int) -> None:
    """Milestones, versions, messages and timeline straight into the tables: for counting queries only."""
    start = engagement.milestones.count() + 1
    rows = Milestone.objects.bulk_create(
        Milestone(
            engagement=engagement,
            order=n,
            title=f"More {n}",
            price=10,
            fee=1,
            due_at=clock.now(),
            state="submitted",
            submitted_at=clock.now(),
            review_ends_at=clock.now() + timedelta(days=3),
        )
        for n in range(start, start + number)
    )
    Submission.objects.bulk_create(Submission(milestone=row, version=1, note="x") for row in rows)
    Message.objects.bulk_create(
        Message(engagement=engagement, author=engagement.student, text="x", form_token=f"{start}-{n}")
        for n in range(number)
    )


@pytest.mark.parametrize("who", ["amara", "hana"])
def test_the_workspace_costs_the_same_with_many_milestones_and_messages(client, engagement, who, request):
    client.force_login(request.getfixturevalue(who))
    grow(engagement, 10)
    few = count(client, page("workspace", engagement.public_id))
    grow(engagement, 190)
    assert count(client, page("workspace", engagement.public_id)) == few
    assert few <= 40


def test_the_list_costs_the_same_with_many_engagements_and_shows_twenty(client, engagement, amara, hana):
    def copy(number):
        for _ in range(number):
            new = Engagement.objects.get(pk=engagement.pk)
            new.pk, new.hold, new.public_id = (
                None,
                None,
                Engagement._meta.get_field("public_id").get_default(),
            )
            new.project = world.project(engagement.organisation)
            offer = Offer.objects.get(pk=engagement.offer_id)
            offer.pk, offer.public_id = None, Offer._meta.get_field("public_id").get_default()
            offer.save()
            new.offer = offer
            new.due_on += timedelta(days=1)  # below the one that has money to be counted
            new.save()
            Milestone.objects.create(
                engagement=new, order=1, title="One", price=10, fee=1, due_at=clock.now()
            )

    client.force_login(hana)
    copy(9)
    few = count(client, page("mine"))
    copy(30)
    assert count(client, page("mine")) == few
    assert words(client.get(page("mine"))).count("Find out which recipes waste the most</a>") == 20


def test_starting_and_approving_everything_from_the_page(client, amara, hana):
    engagement = world.funded(amara, hana, world.organisation(hana))
    client.force_login(amara)
    response = client.post(page("kick_off", engagement.public_id), follow=True)
    assert "The project has started." in words(response)
    assert client.post(page("kick_off", engagement.public_id)).status_code == 409
    for step in world.milestones(engagement)[:2]:
        world.hand_in(amara, step)
    client.force_login(hana)
    assert "Approve all" in words(client.get(page("workspace", engagement.public_id)))
    response = client.post(page("approve_all", engagement.public_id), follow=True)
    assert "Approved: “Step 1”, “Step 2”. The pay is on its way." in words(response)


def test_dates_that_move_take_an_open_question_about_time_along(client, engagement, steps, amara, hana):
    world.hand_in(amara, steps[0])
    extension = actions.ask_extension(
        by=amara,
        milestone=steps[2],
        until=steps[2].due_at.date() + timedelta(days=1),
        reason="The supplier is late.",
    )
    clock.advance(timedelta(hours=20))
    actions.approve_milestone(by=hana, milestone=steps[0])
    moved = world.again(extension)
    assert moved.until - extension.until == moved.due_before - extension.due_before == timedelta(days=1)
