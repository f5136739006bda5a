"""People, organisations and postings for the tests of posting, searching and reporting."""

import itertools
from datetime import timedelta
from decimal import Decimal

from accounts.employers.models import Membership, Organisation
from accounts.students.models import StudentProfile
from accounts.users.models import User
from marketplace.ground import clock
from projects.posting import actions
from projects.posting.models import Project
from projects.search import reading

_numbers = itertools.count(1)


def person(name: str = "Ines Halden", **fields) -> User:
    email = fields.pop("email", f"person{next(_numbers)}@example.com")
    return User.objects.create_user(email, "a-long-passphrase", name=name, **fields)


def moderator() -> User:
    return person("Mo Derator", is_staff=True)


def student(name: str = "Amara Okafor") -> User:
    user = person(name)
    StudentProfile.objects.create(user=user)
    return user


def organisation(*members: User, name: str = "Halden Bikes", proven: bool = True, **fields) -> Organisation:
    proven_at = clock.now() if proven else None
    row = Organisation.objects.create(name=name, proven_at=proven_at, **fields)
    for user in members:
        Membership.objects.create(organisation=row, user=user, role=Membership.Role.OWNER)
    return row


def brief(**changes) -> dict:
    """The data of a draft with which the brief check finds no fault."""
    start = (clock.now() + timedelta(days=20)).date()
    data = {
        "title": "Find out why first-time riders do not come back",
        "function": "research",
        "summary": "About 2,900 people hired a bike from us for the first time last summer, and fewer than one in five "
        "came back. We have guesses (the app, the hills, the helmets) and no evidence. Write and send a short "
        "survey to 120 riders who said that we could contact them, ring ten of them for a longer talk, group "
        "what they say into themes, and tell our Monday meeting what would bring people back.",
        "outcome": "We have a findings deck of six slides with three ranked changes and the evidence for each.",
        "deliverables": [
            "A survey of 8 to 12 questions",
            "Notes from ten calls, one page each",
            "A findings deck of six slides",
        ],
        "good_to_know": "We book the calls for you and send the survey from our own address.",
        "hours": Decimal("30"),
        "price": 75_000,
        "start_on": start,
        "due_on": start + timedelta(days=24),
        "zone": "America/New_York",
        "location_mode": "remote",
        "ai_rule": "disclose",
        "show_right": "full",
        "must_skills": ["Survey design", "Interviewing"],
        "nice_skills": ["Presenting"],
        "milestones": [
            {
                "title": "Survey written and tested",
                "outcome": "A survey that three people have tried out",
                "done_when": ["The survey has 8 to 12 questions", "Three people have tested it"],
                "hours": "10",
            },
            {
                "title": "Calls made and findings shown",
                "outcome": "A deck of six slides",
                "done_when": ["Notes of ten calls are in the shared folder", "The deck has six slides"],
                "hours": "20",
            },
        ],
        "questions": ["Which question would you ask a rider first, and why?"],
    }
    return data | changes


def draft(by: User, of: Organisation, **changes) -> Project:
    project = actions.start_project(by=by, organisation=of)
    return actions.save_draft(by=by, project=project, data=brief(**changes))


def in_review(by: User, of: Organisation, **changes) -> Project:
    return actions.send_project(by=by, project=draft(by, of, **changes))


def published(by: User, of: Organisation, reader: User | None = None, **changes) -> Project:
    reader = reader or moderator()
    return actions.publish_project(by=reader, project=in_review(by, of, **changes))


def rows(number: int, of: Organisation, **fields) -> list[Project]:
    """Many open postings at once, straight into the table and what the lists read."""
    now = clock.now()
    plain = {
        "organisation": of,
        "state": "published",
        "function": "data",
        "outcome": "A table with one row for each order",
        "summary": "Clean the orders.",
        "hours": Decimal(20),
        "apply_by": now + timedelta(days=5),
        "answer_by": now + timedelta(days=12),
        "closes_silently_at": now + timedelta(days=15),
    }
    made = Project.objects.bulk_create(
        Project(
            **plain
            | {
                "title": f"Project number {i}",
                "price": 50_000 + i,
                "published_at": now - timedelta(minutes=i),
            }
            | fields
        )
        for i in range(number)
    )
    reading.refresh([project.pk for project in made])
    return made
