"""Many rows at once around the people of `world.py`, straight into the tables: for counting queries, not for rules.

Whatever belongs to the row number 7 is called `crowd-7`, so that a page shows how many of them it lists.
"""

from datetime import timedelta
from decimal import Decimal

from accounts.employers.models import Membership, Organisation, Proof
from accounts.notifications.models import Mail, Notification
from accounts.schools.models import School
from accounts.skills.models import Skill
from accounts.students.models import StudentProfile, StudentSkill
from accounts.users.models import User
from marketplace.ground import clock, policy
from marketplace.ground.models import StateChange
from payments.connect.models import Payout
from payments.connect.queries import payee_of
from payments.holds.models import Hold, Part, Receipt, Release
from payments.payers.models import Payer, PaymentMethod
from projects.applying.models import Answer, Application
from projects.disputing.models import Dispute
from projects.hiring.models import Engagement, Milestone, Offer
from projects.posting.models import Project, ProjectSkill
from projects.reporting.models import Report
from projects.reviewing.claims import claims_of
from projects.reviewing.models import Credential, Review
from projects.search import reading
from projects.search.models import Bookmark
from projects.talking.models import Message

from .world import World


def grow(world: World, start: int, stop: int) -> None:
    """Add the rows `start` to `stop` of everything that pages list."""
    numbers = range(start, stop)
    people = _people(world, numbers)
    posted = _projects(world, numbers, "published")
    _applications(world, numbers, people, posted)
    _disputes(_engagements(world, numbers, "active"))
    _reviews(world, _engagements(world, numbers, "completed"))
    _around(world, numbers, posted)


def _people(world: World, numbers) -> list[User]:
    users = User.objects.bulk_create(
        User(email=f"crowd-{i}@example.com", name=f"crowd-{i} student", password="!") for i in numbers
    )
    school, skill = School.objects.get(), Skill.objects.first()
    profiles = StudentProfile.objects.bulk_create(StudentProfile(user=user, school=school) for user in users)
    StudentSkill.objects.bulk_create(StudentSkill(student=profile, skill=skill) for profile in profiles)
    members = User.objects.bulk_create(
        User(email=f"member-{i}@example.com", name=f"crowd-{i} member", password="!") for i in numbers
    )
    Membership.objects.bulk_create(
        Membership(organisation=world.things["halden"], user=user) for user in members
    )
    made = Organisation.objects.bulk_create(
        Organisation(name=f"crowd-{i} company", created_by=user)
        for i, user in zip(numbers, members, strict=True)
    )
    Proof.objects.bulk_create(Proof(organisation=row, kind="registry", detail="1") for row in made)
    return users


def _projects(world: World, numbers, state: str) -> list[Project]:
    now = clock.now()
    closed = {"closed_reason": "filled", "closed_at": now} if state == "closed" else {}
    made = Project.objects.bulk_create(
        Project(
            organisation=world.things["halden"],
            state=state,
            title=f"crowd-{i} project",
            function="data",
            summary="Clean it.",
            outcome="A table",
            hours=Decimal(20),
            price=50_000 + i,
            published_at=now - timedelta(minutes=i),
            names_hidden=False,
            apply_by=now + timedelta(days=5),
            answer_by=now + timedelta(days=12),
            closes_silently_at=now + timedelta(days=15),
            start_on=now.date(),
            due_on=now.date() + timedelta(days=20),
            **closed,
        )
        for i in numbers
    )
    skill = Skill.objects.first()
    ProjectSkill.objects.bulk_create(ProjectSkill(project=project, skill=skill) for project in made)
    reading.refresh([project.pk for project in made])
    return made


def _applications(world: World, numbers, people, posted) -> None:
    """To one project from everybody, and from Amara to every project, each with an offer."""
    now, seen, amara = clock.now(), world.things["seen"], world.people["amara"]
    rows = Application.objects.bulk_create(
        Application(
            project=seen, student=user, state="submitted", pitch="Yes", number=i + 10, submitted_at=now
        )
        for i, user in zip(numbers, people, strict=True)
    )
    question = seen.questions.get()
    Answer.objects.bulk_create(Answer(application=row, question=question, text="So") for row in rows)
    mine = Application.objects.bulk_create(
        Application(
            project=project, student=amara, state="offered", pitch="Yes", submitted_at=now, shortlisted_at=now
        )
        for project in posted
    )
    Offer.objects.bulk_create(_offer(world, row, "open") for row in mine)


def _offer(world: World, application: Application, state: str) -> Offer:
    now = clock.now()
    return Offer(
        project=application.project,
        application=application,
        state=state,
        made_by=world.people["ines"],
        start_on=now.date(),
        due_on=now.date() + timedelta(days=20),
        expires_at=now + timedelta(days=2),
        terms=world.things["offer"].terms,
    )


def _engagements(world: World, numbers, state: str) -> list[Engagement]:
    now, amara, halden = clock.now(), world.people["amara"], world.things["halden"]
    done = state == "completed"
    applications = Application.objects.bulk_create(
        Application(project=project, student=amara, state="hired", pitch="Yes", submitted_at=now)
        for project in _projects(world, numbers, "closed")
    )
    offers = Offer.objects.bulk_create(_offer(world, row, "accepted") for row in applications)
    payee, rules = payee_of(amara), policy.current().frozen()
    rows = [
        Engagement(
            project=offer.project,
            application=offer.application,
            offer=offer,
            organisation=halden,
            student=amara,
            state=state,
            title=offer.project.title,
            price=50_000,
            fee=5_000,
            currency="USD",
            hours=20,
            policy=rules,
            fund_by=now,
            funded_at=now,
            start_on=offer.start_on,
            due_on=offer.due_on,
            started_at=now,
            ended_at=now if done else None,
            review_until=now + timedelta(days=14) if done else None,
        )
        for offer in offers
    ]
    holds = Hold.objects.bulk_create(
        Hold(
            ref=row.hold_ref,
            payee=payee,
            payer_ref=halden.public_id,
            state="secured",
            currency="USD",
            price=50_000,
            fee=5_000,
            description=row.title,
            secured_at=now,
            hold_days=90,
        )
        for row in rows
    )
    for row, hold in zip(rows, holds, strict=True):
        row.hold = hold
    Engagement.objects.bulk_create(rows)
    parts = Part.objects.bulk_create(
        Part(hold=row.hold, ref=f"{row.public_id}-{n}", payee=payee, position=n, price=25_000, fee=2_500)
        for row in rows
        for n in (1, 2)
    )
    Milestone.objects.bulk_create(
        Milestone(
            engagement=row,
            order=n,
            title=f"{row.title}, step {n}",
            price=25_000,
            fee=2_500,
            due_at=now + timedelta(days=9),
            state="approved" if done else "submitted" if n == 1 else "in_progress",
            review_ends_at=now + timedelta(days=3),
        )
        for row in rows
        for n in (1, 2)
    )
    Release.objects.bulk_create(
        Release(part=part, state="queued", gross=25_000, fee=2_500, net=22_500, currency="USD")
        for part in parts
        if done
    )
    Receipt.objects.bulk_create(
        Receipt(hold=hold, number=f"{state[:3]}-{i}") for i, hold in zip(numbers, holds, strict=True)
    )
    StateChange.objects.bulk_create(
        StateChange(kind="projects.engagement", thing_id=row.pk, to_state=state, by=amara, at=now)
        for row in rows
    )
    return rows


def _disputes(rows: list[Engagement]) -> None:
    """Every other engagement is in dispute, and waits for an answer or for a moderator."""
    now, disputed = clock.now(), rows[::2]
    Engagement.objects.filter(pk__in=[row.pk for row in disputed]).update(disputed_at=now)
    Dispute.objects.bulk_create(
        Dispute(
            engagement_id=step.engagement_id,
            milestone=step,
            side="employer",
            asked=1_000,
            state="deciding" if step.engagement_id % 4 else "opened",
            answer_by=now + timedelta(days=4),
            decide_by=now + timedelta(days=5),
        )
        for step in Milestone.objects.filter(engagement__in=disputed, order=1)
    )


def _reviews(world: World, done: list[Engagement]) -> None:
    now, authors = clock.now(), {"student": world.people["amara"], "employer": world.people["ines"]}
    Review.objects.bulk_create(
        Review(
            engagement=row,
            side=side,
            author=author,
            score=5,
            again=True,
            text=f"About {row.title}",
            public_at=now,
        )
        for row in done
        for side, author in authors.items()
    )
    claims = claims_of(world.things["ended"])
    Credential.objects.bulk_create(
        Credential(engagement=row, student=row.student, claims=claims | {"title": row.title}) for row in done
    )


def _around(world: World, numbers, posted) -> None:
    now, amara, ines = clock.now(), world.people["amara"], world.people["ines"]
    Notification.objects.bulk_create(
        Notification(user=user, kind="message", thing=f"crowd:{i}", title=f"crowd-{i} notice", url="/inbox/")
        for i in numbers
        for user in (amara, ines)
    )
    Mail.objects.bulk_create(
        Mail(
            key=f"crowd-{i}",
            message_id=f"crowd-{i}",
            user=amara,
            to=amara.email,
            kind="message",
            subject="So",
            text="So",
        )
        for i in numbers
    )
    Bookmark.objects.bulk_create(Bookmark(user=amara, project=project) for project in posted)
    Report.objects.bulk_create(
        Report(
            reporter=amara,
            reason="unsafe",
            text=f"crowd-{i} report",
            answer_by=now,
            state="dismissed",
            message=message,
        )
        for i, message in zip(numbers, _messages(world, numbers), strict=True)
    )
    payer, _ = Payer.objects.get_or_create(ref=world.ids["halden"])
    PaymentMethod.objects.bulk_create(
        PaymentMethod(payer=payer, stripe_id=f"pm_crowd_{i}", kind="card", brand=f"crowd-{i}", last4="4242")
        for i in numbers
    )
    Payout.objects.bulk_create(
        Payout(payee=payee_of(amara), stripe_id=f"po_crowd_{i}", amount=100 + i, currency="USD")
        for i in numbers
    )


def _messages(world: World, numbers) -> list[Message]:
    writers = (world.people["amara"], world.people["ines"])
    return Message.objects.bulk_create(
        Message(
            engagement=world.things["active"],
            author=writers[i % 2],
            text=f"crowd-{i} message",
            form_token=f"crowd-{i}",
        )
        for i in numbers
    )
