"""One small world for the access table: a thing in every state between one student and one employer.

Amara (a student) and Ines (an owner of Halden Bikes) are the parties of everything. Bela studies too, and what ties
her to Ines is a single application to a project that hides names. Otto has a company of his own; Maya has an account
and no role yet, as a mentor has before that role exists; Ruth works for Amara's school; Mo moderates.
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.employers import actions as employers
from accounts.employers.models import Membership, Organisation
from accounts.notifications.actions import unsubscribe_url
from accounts.schools.models import School, SchoolStaff
from accounts.students import actions as students
from accounts.students.models import StudentProfile
from accounts.users.models import User
from marketplace.ground import clock, policy
from marketplace.ground.models import Heartbeat
from payments.holds import actions as holds
from payments.payers import actions as payers
from payments.wallets import actions as wallets
from projects.alerting import actions as alerting
from projects.applying import actions as applying
from projects.disputing import actions as disputing
from projects.disputing.models import Dispute
from projects.exposing import actions as exposing
from projects.inviting import actions as inviting
from projects.inviting.models import Block
from projects.posting import actions as posting
from projects.posting.states import ClosedReason
from projects.reporting import actions as reporting
from projects.reviewing import actions as reviewing
from projects.search import actions as searching
from projects.sponsoring import actions as sponsoring
from projects.talking import actions as talking
from projects.working import actions as working
from tests.projects import engagements as work
from tests.projects import people, postings, sponsors

COLUMNS = ("anon", "amara", "bela", "ines", "otto", "maya", "ruth", "mo")
BORN = date(2001, 2, 3)
PDF = b"%PDF-1.7\n1 0 obj\n<</Title (amara-resume-inside)>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass
class World:
    """people: by the name of the column. ids: what stands in addresses, by the names that the table uses.

    private: `{text: the columns that may read it}`; whoever else finds it in an answer has found a leak.
    clients and cookies: the browsers of the columns, and what they held when people had just signed in. before: a
    digest of each table, before anybody has done anything.
    """

    people: dict[str, User] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    things: dict[str, object] = field(default_factory=dict)
    private: dict[str, set[str]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, object] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, thing):
        self.things[name], self.ids[name] = thing, thing.public_id
        return thing

    def only(self, columns: str, *texts: str) -> None:
        self.private |= {text: set(columns.split()) for text in texts}


def person(name: str, email: str, **fields) -> User:
    fields = {
        "zone": "America/New_York",
        "date_of_birth": date(1990, 1, 1),
        "terms_accepted_at": clock.now(),
        **fields,
    }
    user = User.objects.create_user(email, None, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def build() -> World:
    world = World()
    # So that one student can have an engagement in every state at once, and still accept an offer.
    rules = policy.current()
    rules.live_engagements, rules.weekly_hours_max, rules.chain_projects, rules.chain_hours = (
        20,
        400,
        90,
        9000,
    )
    rules.save()
    _people(world)
    _organisations(world)
    _postings(world)
    _applications(world)
    _engagements(world)
    _disputes(world)
    _sponsor(world)
    _rest(world)
    return world


def _people(world: World) -> None:
    for column, name, email, more in (
        ("amara", "Amara Okafor", "amara@private.example", {"date_of_birth": BORN}),
        ("bela", "Bela Hidden", "bela@private.example", {}),
        ("ines", "Ines Halden", "ines@halden.example", {}),
        ("otto", "Otto Lantern", "otto@private.example", {}),
        ("maya", "Maya Lind", "maya@private.example", {}),
        ("ruth", "Ruth Park", "ruth@private.example", {}),
        ("mo", "Mo Derator", "mo@private.example", {"is_staff": True}),
    ):
        world.people[column] = world.keep(column, person(name, email, **more))
        world.only(f"{column} mo", email)
    world.keep("kofi", person("Kofi Mensah", "kofi@halden.example"))
    world.keep("cleo", person("Cleo Open", "cleo@private.example"))
    world.only("ines mo", "kofi@halden.example")
    world.only("mo", "cleo@private.example")
    school = School.objects.create(name="Northgate University", domains=["northgate.example"])
    SchoolStaff.objects.create(user=world.people["ruth"], school=school)
    for name in ("amara", "bela", "cleo"):
        students.create_profile(
            by=world.things[name],
            may_work="yes",
            needs_sponsor="no",
            needs_school_sign_off=True,
            headline=f"{name} reads data",
        )
        StudentProfile.objects.filter(user=world.things[name]).update(
            school=school, school_email=f"{name}@northgate.example", school_verified_at=clock.now()
        )
        world.only(name, f"{name}@northgate.example")
    students.update_profile(by=world.things["cleo"], portfolio_on=True)
    amara = world.people["amara"]
    world.keep("skill", students.add_skill(by=amara, name="Survey design", level="able").skill)
    students.set_resume(by=amara, upload=SimpleUploadedFile("amara.pdf", PDF))
    students.set_resume(
        by=world.people["bela"], upload=SimpleUploadedFile("bela.pdf", PDF.replace(b"amara", b"bela"))
    )
    world.only("amara ines mo", "amara-resume-inside")
    world.only("bela mo", "bela-resume-inside", "Bela Hidden")


def _organisations(world: World) -> None:
    ines, otto, kofi = world.people["ines"], world.people["otto"], world.things["kofi"]
    halden = world.keep(
        "halden",
        employers.create_organisation(by=ines, name="Halden Bikes", website="https://halden.example"),
    )
    lantern = world.keep("lantern", employers.create_organisation(by=otto, name="Lantern Clinics"))
    Organisation.objects.update(proven_at=clock.now())
    Membership.objects.create(organisation=halden, user=kofi, role=Membership.Role.MANAGER)
    halden = employers.set_logo(
        by=ines, organisation=halden, upload=SimpleUploadedFile("logo.png", picture())
    )
    world.ids["logo"] = halden.logo.name.removeprefix("logos/").removesuffix(".webp")
    employers.submit_proof(by=ines, organisation=halden, kind="registry", detail="secret-registry 0123")
    invite = employers.invite_member(by=ines, organisation=halden, email="newcomer@halden.example")
    world.ids["token"] = world.keep("invite", invite).token
    world.ids["otto-token"] = employers.invite_member(
        by=ines, organisation=halden, email="otto@private.example"
    ).token
    world.private["otto@private.example"] = {"otto", "ines", "mo"}  # Ines has just written it herself
    world.only("ines mo", "newcomer@halden.example", "secret-registry")
    world.things["halden"], world.things["lantern"] = halden, lantern


def _postings(world: World) -> None:
    ines, otto, mo = world.people["ines"], world.people["otto"], world.people["mo"]
    halden, lantern = world.things["halden"], world.things["lantern"]
    for name in ("blind", "seen", "past", "fresh", "offered"):
        world.keep(
            name,
            postings.published(
                ines,
                halden,
                mo,
                title=f"Survey riders, part {name}",
                names_hidden=name not in ("seen", "offered"),
            ),
        )
    world.keep("draft", postings.draft(ines, halden, title="Nobody knows this draft yet"))
    world.keep("review", postings.in_review(ines, halden, title="A moderator reads this one"))
    world.keep("lantern-project", postings.published(otto, lantern, mo, title="Count the lanterns"))
    world.only("ines mo", "Nobody knows this draft yet", "A moderator reads this one")


def _applications(world: World) -> None:
    amara, bela, ines = (world.people[name] for name in ("amara", "bela", "ines"))
    for name, who in (
        ("blind", amara),
        ("seen", amara),
        ("past", amara),
        ("offered", amara),
        ("blind-bela", bela),
    ):
        project = world.things[name.removesuffix("-bela")]
        row = people.apply(project, who, pitch=f"{who.get_short_name().lower()}-pitch for {name}")
        world.keep(f"app-{name}", row)
    world.keep(
        "app-draft",
        applying.save_application(by=bela, project=world.things["seen"], pitch="bela-draft-pitch"),
    )
    applying.shortlist(by=ines, application=world.things["app-seen"])
    applying.decline_application(
        by=ines, application=world.things["app-past"], reason="skills", note="declined-for-this-reason"
    )
    posting.close_project(by=ines, project=world.things["past"], reason=ClosedReason.CANCELLED)
    world.keep("offer", people.offer(world.things["app-offered"], message="offer-words"))
    world.only("amara ines mo", "amara-pitch", "declined-for-this-reason", "offer-words")
    world.only("bela ines mo", "bela-pitch")
    world.only("bela mo", "bela-draft-pitch")


def _engagements(world: World) -> None:
    amara, ines, halden = world.people["amara"], world.people["ines"], world.things["halden"]
    waiting = world.keep("waiting", work.accepted(amara, ines, halden, title="Work that waits for money"))
    world.keep(
        "funding",
        holds.start_checkout(
            by=ines,
            hold=waiting.hold,
            success_url="http://testserver/yes/",
            cancel_url="http://testserver/no/",
        ),
    )
    funded = world.keep("funded", work.funded(amara, ines, halden, title="Work that can start"))
    world.keep("document", funded.hold.documents.get())
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}
    payer = payers.prepare(halden.public_id)
    payers.apply_methods(payer, [{"id": "pm_world", "type": "card", "card": card}])
    world.keep("card", payer.methods.get())
    active = world.keep("active", work.active(amara, ines, halden, title="Work that goes on"))
    first, second, third = work.milestones(active)
    handed = work.hand_in(
        amara,
        first,
        note="submission-note",
        links=["https://private.example/submission-link"],
        files=[SimpleUploadedFile("notes.txt", b"submission-file-inside")],
    )
    world.keep("file", handed.files.get())
    for name, row in (("handed", first), ("third", third)):
        world.keep(name, row)
    world.keep(
        "extension",
        working.ask_extension(
            by=amara,
            milestone=second,
            until=second.due_at.date() + timedelta(days=1),
            reason="extension-reason",
        ),
    )
    world.keep("words", talking.post_message(by=amara, engagement=active, text="message-of-amara"))
    talking.post_message(by=ines, engagement=active, text="message-of-ines")
    started = world.keep(
        "started", work.active(amara, ines, halden, milestones=1, title="Work that has begun")
    )
    world.keep("open-milestone", work.milestones(started)[0])
    ended = world.keep("ended", work.completed(amara, ines, halden, milestones=1, title="Work that is done"))
    reviewing.write_review(by=ines, engagement=ended, score=4, again=True, text="review-still-hidden")
    world.keep("record", ended.credential)
    world.only(
        "amara ines mo",
        "submission-note",
        "submission-link",
        "submission-file-inside",
        "extension-reason",
        "message-of-amara",
        "message-of-ines",
    )
    world.only("ines mo", "review-still-hidden")


def _disputes(world: World) -> None:
    """Amara waits for an answer in one, and in the other a moderator has decided."""
    amara, ines, halden = world.people["amara"], world.people["ines"], world.things["halden"]
    judge = person("Ada Judge", "ada@private.example", is_staff=True)
    for name in ("asked", "judged"):
        engagement = work.active(amara, ines, halden, milestones=1, title=f"Work that is disputed, {name}")
        [step] = work.milestones(engagement)
        work.hand_in(amara, step)
        dispute = disputing.open_dispute(
            by=amara,
            milestone=work.again(step),
            amount=step.net,
            text=f"dispute-words of {name}",
            files=[SimpleUploadedFile("proof.txt", b"dispute-file-inside")],
        )
        world.keep(f"dispute-{name}", dispute)
    world.keep("dispute-file", dispute.statements.get().files.get())
    Dispute.objects.filter(pk=dispute.pk).update(answer_by=clock.now())
    disputing.pass_to_moderator(dispute)
    disputing.decide(by=judge, dispute=dispute, amount=1_000, text="dispute-decision")
    world.only("amara ines mo", "dispute-words", "dispute-file-inside", "dispute-decision")


def _sponsor(world: World) -> None:
    """Ruth's school has money for projects."""
    ruth, mo = world.people["ruth"], world.people["mo"]
    school = School.objects.get(name="Northgate University")
    wallet = world.keep("wallet", wallets.open_wallet(by=ruth, school=school))
    wallets.record_transfer(
        by=mo, wallet=wallet, amount=900_000, received_on=clock.now().date(), reference="sponsor-reference"
    )
    urls = {"success_url": "http://testserver/yes/", "cancel_url": "http://testserver/no/"}
    world.keep("lot", wallets.start_top_up(by=ruth, wallet=wallet, amount=10_000, **urls))
    data = sponsors.rules(schools=[school], name="First steps")
    programme = sponsoring.save_programme(by=ruth, wallet=wallet, data=data)
    world.keep("programme", programme)
    ines = world.people["ines"]
    for name, project in (("asked", "fresh"), ("asked-2", "blind")):
        row = sponsoring.ask_sponsorship(
            by=ines, project=world.things[project], programme=programme, note="draw-note-of-ines"
        )
        world.keep(f"draw-{name}", row)
    world.only("ruth mo", "sponsor-reference")
    world.only("ines ruth mo", "draw-note-of-ines")


def _finding(world: World) -> None:
    """A saved search of Amara, Bela invited by Ines and shutting out Otto, and Amara in a list that Ines saw."""
    amara, bela, ines = (world.people[name] for name in ("amara", "bela", "ines"))
    world.keep("search", alerting.save_search(by=amara, params={"q": "bikes"}, name="search-of-amara"))
    Organisation.objects.update(verified_at=clock.now())
    for user in (amara, bela):
        students.update_profile(by=user, open_to_invitations=True)
    invited = world.things["offered"]
    world.keep(
        "invitation",
        inviting.invite(by=ines, project=invited, student=bela.student, note="words-of-the-invitation"),
    )
    Block.objects.create(student=bela, organisation=world.things["lantern"])
    world.ids["list"] = exposing.log_list("fitting", about=world.things["fresh"].pk, shown=[(amara.pk, 0.8)])
    world.only("amara", "search-of-amara")
    world.only("bela ines mo", "words-of-the-invitation")
    world.private["Bela Hidden"].add("ines")  # who has invited her by name


def _rest(world: World) -> None:
    alive = datetime.now(UTC) + timedelta(hours=1)  # as if worker and beat ran, however long this takes
    Heartbeat.objects.bulk_create(Heartbeat(part=part, seen_at=alive) for part in ("worker", "beat"))
    amara = world.people["amara"]
    searching.save_project(by=amara, project=world.things["blind"])
    _finding(world)
    reporting.make_report(
        by=amara,
        kind="posting",
        target=world.things["lantern-project"],
        reason="other",
        text="report-of-amara",
    )
    world.keep("notice", amara.notifications.first())
    url = unsubscribe_url(amara, "message")
    world.ids["unsubscribe"] = url.split("/unsubscribe/")[1].split("/")[0]
    world.only("amara mo", "report-of-amara")
    world.only(
        "amara", *(BORN.strftime(form) for form in ("%Y-%m-%d", "%-d %B %Y", "%B %-d, %Y", "%d/%m/%Y"))
    )
    world.only("amara bela", "may_work", "needs_sponsor", "needs_school_sign_off")
