"""What is sent to each page and operation of the access table: input that is good, so that only the person decides."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.notifications.kinds import KINDS
from marketplace.ground import clock

from .world import PDF, World, picture

BRIEF = {
    "title": "Count our bikes",
    "function": "data",
    "summary": "Many bikes.",
    "outcome": "A list",
    "deliverables_0": "A list",
    "must_skills": "",
    "nice_skills": "",
    "good_to_know": "",
    "do": "save",
}
ORGANISATION = {
    "name": "Somebody's Company",
    "website": "",
    "about": "",
    "sector": "",
    "size": "",
    "place": "",
}


def _answers(world: World) -> dict[str, str]:
    return {
        f"answer_{question.public_id}": "I would ask what nearly stopped them on the day."
        for question in world.things["fresh"].questions.all()
    }


def query_of(name: str, world: World) -> dict:
    """The query string of a page that needs one."""
    chosen = {
        "applying:compare": {"with": [world.ids["app-blind"], world.ids["app-blind-bela"]]},
        "students:skill-suggest": {"name": "Sur"},
        "api:skills": {"q": "Sur"},
        "api:statements": {"organisation": world.ids["halden"], "month": "2026-01"},
    }
    return chosen.get(name, {})


def form_of(name: str, world: World) -> dict:
    """What the form of a page posts."""
    start = (clock.now() + timedelta(days=3)).date()
    due = start + timedelta(days=20)
    later = world.things["third"].due_at.date() + timedelta(days=1)
    return {
        "theme": {"theme": "dark"},
        "users:choose": {"role": "student"},
        "users:delete": {"sure": "on"},
        "users:settings": {"name": "Another Name", "zone": "Europe/Berlin"},
        "students:edit": {"headline": "Another line", "hours_free": "7"},
        "students:private": {"may_work": "no", "needs_sponsor": "no"},
        "students:visibility": {"portfolio_on": "on"},
        "students:invitations": {"answer": "yes"},
        "students:skills": {"name": "Interviewing", "level": "able"},
        "students:resume": {"resume": SimpleUploadedFile("new.pdf", PDF)},
        "students:school": {"email": "somebody@berkeley.edu"},
        "students:school-code": {"code": "000000"},
        "employers:new": ORGANISATION,
        "employers:switch": {"organisation": world.ids["halden"]},
        "employers:organisation": ORGANISATION,
        "employers:logo": {"logo": SimpleUploadedFile("logo.png", picture())},
        "employers:verify": {"kind": "registry", "detail": "Companies House 0987"},
        "employers:members": {"email": "another@halden.example", "role": "manager"},
        "employers:invite": {"email": "another@halden.example", "role": "manager"},
        "employers:member-role": {"role": "owner"},
        "payments:billing_details": {"name": "Halden Bikes LLC", "address": "1 Mill Road"},
        "notifications:settings": {kind.slug: "app" for kind in KINDS.values() if not kind.always},
        "posting:new": {"template": ""},
        "posting:edit": BRIEF,
        "suggesting:dismiss": {"why": "hours"},
        "alerting:new": {"name": "Everything", "how": "weekly"},
        "alerting:change": {"name": "Something", "how": "off"},
        "inviting:invite": {"note": "Your surveys would help us."},
        "inviting:decline": {"reason": "time"},
        "applying:apply": {"pitch": "I like bikes.", **_answers(world)},
        "applying:save": {"pitch": "I like bikes.", **_answers(world)},
        "applying:reserve": {"agree": "yes"},
        "applying:names": {"hide": "no"},
        "applying:decline": {"reason": "skills", "note": ""},
        "hiring:offer": {"start_on": start, "due_on": due, "message": "", "confirm": "1"},
        "hiring:ask": {"why": "She knows our riders by now."},
        "hiring:accept": {"read": "on"},
        "working:cancel": {"note": "", "sure": "on"},
        "working:submit": {"note": "Here it is.", "ai_note": "none"},
        "working:changes": {"points": "The second table is missing"},
        "working:extension": {"until": later, "reason": "An exam"},
        "working:answer_extension": {"grant": "yes", "note": ""},
        "disputing:new": {"amount": "40", "text": "It is all there."},
        "disputing:answer": {"amount": "40.50", "text": "Half of it is missing."},
        "disputing:accept": {"amount": world.things["dispute-asked"].asked},
        "disputing:appeal": {"text": "The second half is there, too."},
        "talking:thread": {"text": "Hello", "form_token": "one-of-the-table"},
        "reviewing:review": {"score": "5", "again": "yes", "text": "Good"},
        "reviewing:show": {"show": "no"},
        "sponsoring:open": {"sponsor": "nobody"},
        "sponsoring:top_up": {"amount": "0"},
        "sponsoring:pay_back": {"amount": "1"},
        "sponsoring:low_mark": {"low_at": "500"},
        "sponsoring:decline": {"reason": "Not this term"},
        "sponsoring:ask": {"programme": world.ids["programme"], "note": ""},
        "reporting:new": {"reason": "unsafe", "text": "It is not right."},
    }.get(name, {})


def json_of(name: str, method: str, world: World) -> dict:
    """What a program sends to an operation."""
    questions = {key.removeprefix("answer_"): text for key, text in _answers(world).items()}
    later = world.things["third"].due_at.date() + timedelta(days=1)
    return {
        ("api:token", "POST"): {"email": "amara@private.example", "password": "not her password"},
        ("api:projects-list", "POST"): {"employer": world.ids["halden"], "title": "Count our bikes"},
        ("api:projects-detail", "PATCH"): {"title": "Count our bikes"},
        ("api:applications-list", "POST"): {
            "project": world.ids["fresh"],
            "pitch": "I like bikes.",
            "answers": questions,
        },
        ("api:invitations-list", "POST"): {
            "project": world.ids["fresh"],
            "list": world.ids["list"],
            "place": 0,
            "note": "Come",
        },
        ("api:saved-searches-list", "POST"): {"query": "function=data", "how": "weekly"},
        ("api:saved-searches-detail", "PATCH"): {"how": "off"},
        ("api:draws-list", "POST"): {"project": world.ids["seen"], "programme": world.ids["programme"]},
        ("api:draws-decline", "POST"): {"reason": "Not this term"},
        ("api:applications-decline", "POST"): {"reason": "skills"},
        ("api:engagements-messages", "POST"): {"text": "Hello"},
        ("api:engagements-reviews", "POST"): {"score": 5, "again": True, "text": "Good"},
        ("api:milestones-submissions", "POST"): {"note": "Here it is.", "ai_note": "none"},
        ("api:milestones-request-changes", "POST"): {"points": ["The second table is missing"]},
        ("api:milestones-disputes", "POST"): {"amount": 4_000, "text": "It is all there."},
        ("api:disputes-answer", "POST"): {"amount": 4_050, "text": "Half of it is missing."},
        ("api:disputes-accept", "POST"): {"amount": world.things["dispute-asked"].asked},
        ("api:disputes-appeal", "POST"): {"text": "The second half is there, too."},
        ("api:milestones-extensions", "POST"): {"until": later.isoformat(), "reason": "An exam"},
    }.get((name, method), {})
