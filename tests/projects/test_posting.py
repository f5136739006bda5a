"""The life of a posting: drafting, sending, what a moderator decides, the window, and the end."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.skills.models import Skill
from marketplace.ground import clock, money, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from projects.catalog import library
from projects.posting import actions, queries
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .postings import brief, draft, in_review, moderator, organisation, person, published

pytestmark = pytest.mark.django_db


# --- drafts ----------------------------------------------------------------------------------------------
def test_a_member_starts_a_draft_and_a_stranger_cannot():
    member, stranger = person(), person()
    halden = organisation(member)
    project = actions.start_project(by=member, organisation=halden)
    assert (project.state, project.organisation, project.created_by) == (ProjectState.DRAFT, halden, member)
    with pytest.raises(NotAllowed):
        actions.start_project(by=stranger, organisation=halden)
    assert Project.objects.count() == 1


def test_a_template_fills_a_draft_and_its_blanks_keep_it_back():
    member = person()
    template = library.get("spreadsheet-sense")
    project = actions.start_project(by=member, organisation=organisation(member), template_slug=template.slug)
    assert (project.title, project.hours, project.price) == (
        template.title,
        template.hours,
        template.suggested_price,
    )
    assert (project.due_on - project.start_on).days == template.duration_days
    assert [m.title for m in project.milestones.all()] == [m.title for m in template.milestones]
    assert any("blank" in f.what for f in queries.findings(project) if f.stops)


@pytest.mark.parametrize("template", library.all_templates(), ids=lambda t: t.slug)
def test_every_template_can_be_stored_and_needs_only_its_blanks_filled(template):
    member = person()
    project = actions.start_project(by=member, organisation=organisation(member), template_slug=template.slug)
    assert {f.rule for f in queries.findings(project) if f.stops} <= {"template-blank"}


def test_another_template_takes_the_place_of_the_first_and_dates_stay():
    member = person()
    project = draft(member, organisation(member))
    start = project.start_on
    actions.use_template(by=member, project=project, template_slug="spreadsheet-sense")
    assert (project.title, project.start_on) == (library.get("spreadsheet-sense").title, start)
    actions.use_template(by=member, project=project, template_slug="")
    assert (project.title, project.milestones.count(), project.start_on) == ("", 0, start)
    with pytest.raises(Invalid):
        actions.use_template(by=member, project=project, template_slug="no-such-template")


def test_a_suspended_organisation_starts_nothing():
    member = person()
    halden = organisation(member, suspended_at=clock.now())
    with pytest.raises(WrongMoment, match="suspended"):
        actions.start_project(by=member, organisation=halden)


def test_a_draft_keeps_what_was_written_and_leaves_the_rest_alone():
    member = person()
    project = draft(member, organisation(member))
    actions.save_draft(by=member, project=project, data={"title": "  Count   the bikes  "})
    stored = Project.objects.get()
    assert stored.title == "Count the bikes"
    assert stored.deliverables == brief()["deliverables"]
    assert [m.hours for m in stored.milestones.all()] == [Decimal("10"), Decimal("20")]


def test_empty_rows_are_dropped_from_lists():
    member = person()
    project = draft(
        member,
        organisation(member),
        deliverables=["", "A map", "   "],
        questions=["", "Why?"],
        milestones=[{"title": "", "outcome": "", "done_when": [], "hours": ""}, {"title": "Map drawn"}],
    )
    assert project.deliverables == ["A map"]
    assert [q.text for q in project.questions.all()] == ["Why?"]
    assert [m.title for m in project.milestones.all()] == ["Map drawn"]


def test_skills_are_understood_by_their_other_names_and_new_ones_are_proposed():
    Skill.objects.create(
        slug="spreadsheets", name="Spreadsheets", function="data", aliases=["Excel"], state="accepted"
    )
    member = person()
    project = draft(
        member, organisation(member), must_skills=["excel", "Oyster counting"], nice_skills=["Spreadsheets"]
    )
    asked = {
        row.skill.name: (row.must, row.skill.state) for row in project.project_skills.select_related("skill")
    }
    assert asked == {"Spreadsheets": (True, "accepted"), "Oyster counting": (True, "pending")}


BAD = [
    ("title", "x" * 121, "at most 120 characters"),
    ("title", 7, "as text"),
    ("title", "a\x00b", "cannot be stored"),
    ("outcome", "x" * 301, "at most 300"),
    ("summary", "x" * 4001, "4,000"),
    ("summary", ["a"], "as text"),
    ("good_to_know", "x" * 1501, "1,500"),
    ("location", "x" * 121, "at most 120"),
    ("function", "astrology", "Choose one of"),
    ("location_mode", "", "Choose one of"),
    ("ai_rule", 3, "Choose one of"),
    ("show_right", "perhaps", "Choose one of"),
    ("names_hidden", "perhaps", "yes or no"),
    ("hours", "many", "as a number"),
    ("hours", "-1", "between 0"),
    ("hours", "1e9", "between 0"),
    ("hours", "NaN", "as a number"),
    ("hours", "Infinity", "as a number"),
    ("hours", "7.25", "one digit"),
    ("hours", True, "as a number"),
    ("hours", "٣٢", "as a number"),
    ("hours", "9" * 400, "as a number"),
    ("price", "640", "whole number"),
    ("price", -1, "at most"),
    ("price", 10**12, "at most"),
    ("price", True, "whole"),
    ("price", 64.5, "whole number"),
    ("start_on", "soon", "year, month, day"),
    ("due_on", "0001-01-01", "too far"),
    ("due_on", 20260101, "year, month, day"),
    ("zone", "Mars/Olympus", "time zone"),
    ("zone", None, "time zone"),
    ("deliverables", "one", "a list"),
    ("deliverables", ["x"] * 9, "At most 8"),
    ("step", 9, "five steps"),
    ("questions", ["a?", "b?", "c?", "d?"], "At most 3"),
    ("must_skills", ["s"] * 13, "At most 12"),
    ("must_skills", ["<script>"], "in words"),
    ("nothing", "x", "no such field"),
    ("milestones", [{"title": "a"}] * 9, "At most 8"),
    ("milestones", "one", "a list"),
]


@pytest.mark.parametrize(("field", "value", "message"), BAD)
def test_a_value_that_cannot_be_kept_is_named_and_nothing_changes(field, value, message):
    member = person()
    project = draft(member, organisation(member))
    before = Project.objects.values().get()
    with pytest.raises(Invalid) as refused:
        actions.save_draft(
            by=member,
            project=project,
            data={field: value, "good_to_know": "Changed"} if field != "good_to_know" else {field: value},
        )
    assert message in " ".join(refused.value.message_dict[field])
    assert Project.objects.values().get() == before


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ({"deliverables": ["fine", "x" * 201]}, "deliverables.1"),
        ({"questions": ["fine", "fine", 3]}, "questions.2"),
        ({"milestones": [{"title": "x" * 121}]}, "milestones.0.title"),
        ({"milestones": [{"title": "Fine"}, {"outcome": "A thing without a name"}]}, "milestones.1.title"),
        ({"milestones": [{"title": "Fine", "hours": "ten"}]}, "milestones.0.hours"),
        ({"milestones": [{"title": "Fine", "done_when": ["ok", "x" * 201]}]}, "milestones.0.done_when.1"),
        ({"milestones": ["Fine"]}, "milestones.0"),
    ],
)
def test_a_problem_in_a_row_carries_the_place_of_the_row(rows, field):
    member = person()
    project = draft(member, organisation(member))
    with pytest.raises(Invalid) as refused:
        actions.save_draft(by=member, project=project, data=rows)
    assert list(refused.value.message_dict) == [field]


def test_natural_text_is_kept_as_it_was_written():
    member = person()
    text = "O’Brien & Söhne <b>اسأل الزبائن</b> 🚲\n\nSecond paragraph"
    project = draft(member, organisation(member), summary=text)
    assert Project.objects.get(pk=project.pk).summary == text


def test_only_a_draft_can_be_changed_and_only_by_members():
    member, reader = person(), moderator()
    halden = organisation(member)
    project = draft(member, halden)
    with pytest.raises(NotAllowed):
        actions.save_draft(by=person(), project=project, data={"title": "Mine now"})
    actions.send_project(by=member, project=project)
    with pytest.raises(WrongMoment, match="Take it back"):
        actions.save_draft(by=member, project=project, data={"title": "Other"})
    actions.publish_project(by=reader, project=project)
    with pytest.raises(WrongMoment, match="stay as they are"):
        actions.save_draft(by=member, project=project, data={"title": "Other"})
    assert Project.objects.get().title == brief()["title"]


# --- numbers ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("price", [1, 5, 15, 25, 33_333, 50_005, 75_000, 99_999_999])
@pytest.mark.parametrize("fee_bp", [0, 1, 333, 1000, 3000])
@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD"])
def test_the_database_computes_the_same_net_as_the_money_type(price, fee_bp, currency):
    price = price - price % money.step(currency) or money.step(currency)
    project = Project.objects.create(
        organisation=organisation(), price=price, fee_bp=fee_bp, hours=Decimal("7.5"), currency=currency
    )
    project.refresh_from_db()
    assert project.net_pay == queries.net(project) == price - money.fee(price, fee_bp, currency)
    assert project.net_pay % money.step(currency) == 0
    assert project.net_hourly == queries.hourly_net(project)


def test_without_hours_there_is_no_hourly_rate():
    project = Project.objects.create(organisation=organisation(), price=1000)
    project.refresh_from_db()
    assert (project.net_hourly, queries.hourly_net(project)) == (None, None)


def test_the_shares_of_the_milestones_add_up_to_the_cent():
    member = person()
    project = draft(
        member,
        organisation(member),
        price=70_001,
        milestones=[
            {"title": name, "done_when": ["It is there"], "hours": "10"} for name in ("One", "Two", "Three")
        ],
    )
    shares = queries.shares(project)
    assert sum(price for _, price, _ in shares) == 70_001
    assert sum(fee for _, _, fee in shares) == queries.fee(project)


# --- sending ---------------------------------------------------------------------------------------------
def test_a_good_draft_goes_to_a_moderator():
    member = person()
    project = in_review(member, organisation(member))
    assert (project.state, bool(project.sent_at)) == (ProjectState.IN_REVIEW, True)
    assert [c.reason for c in StateChange.of(project)] == ["started", "sent"]


def test_sending_refuses_what_the_brief_check_stops_and_names_the_fields():
    member = person()
    project = draft(member, organisation(member), title="", outcome="", deliverables=[])
    with pytest.raises(Invalid) as refused:
        actions.send_project(by=member, project=project)
    assert {"title", "outcome", "deliverables"} <= set(refused.value.message_dict)
    assert Project.objects.get().state == ProjectState.DRAFT


def test_pay_below_the_floor_goes_out_only_when_a_moderator_says_so():
    member, reader = person(), moderator()
    project = draft(member, organisation(member), price=60_000)
    actions.send_project(by=member, project=project)
    assert project.state == ProjectState.IN_REVIEW
    with pytest.raises(Invalid) as refused:
        actions.publish_project(by=reader, project=project)
    assert "floor" in " ".join(refused.value.message_dict["price"])
    actions.publish_project(by=reader, project=project, below_floor=True)
    assert project.state == ProjectState.PUBLISHED
    assert project.decisions.get().approves_below_floor


def test_more_hours_than_usual_need_a_moderator_and_far_more_are_refused():
    member, reader = person(), moderator()
    halden = organisation(member)
    long = [
        {"title": "One", "done_when": ["It is there"], "hours": "20"},
        {"title": "Two", "done_when": ["It is there"], "hours": "20"},
        {"title": "Three", "done_when": ["It is there"], "hours": "20"},
    ]
    start = brief()["start_on"]
    project = draft(
        member, halden, hours="60", price=150_000, milestones=long, due_on=start + timedelta(days=31)
    )
    actions.send_project(by=member, project=project)
    with pytest.raises(Invalid):
        actions.publish_project(by=reader, project=project)
    actions.publish_project(by=reader, project=project, hours=True)
    assert project.decisions.get().approves_hours
    too_long = draft(member, halden, hours="90", price=225_000)
    with pytest.raises(Invalid) as refused:
        actions.send_project(by=member, project=too_long)
    assert "hours" in refused.value.message_dict


def test_the_first_project_of_an_unproven_employer_has_a_highest_price():
    member = person()
    halden = organisation(member, proven=False)
    ten = [{"title": "All of it", "done_when": ["It is there"], "hours": "20"}]
    project = draft(member, halden, price=50_001, hours="20", milestones=ten)
    with pytest.raises(Invalid) as refused:
        actions.send_project(by=member, project=project)
    assert "at most $500.00" in " ".join(refused.value.message_dict["price"])
    actions.save_draft(by=member, project=project, data={"price": 50_000})
    actions.send_project(by=member, project=project)
    assert project.state == ProjectState.IN_REVIEW
    assert queries.release_delay_days(project) == policy.current().unproven_release_days


def small(member, halden, **changes):
    one = [{"title": "All of it", "done_when": ["The map is in the folder"], "hours": "16"}]
    return draft(
        member,
        halden,
        hours="16",
        price=40_000,
        milestones=one,
        deliverables=["A map of one page"],
        **changes,
    )


def test_a_new_employer_has_two_open_projects_and_drafts_do_not_count():
    member = person()
    halden = organisation(member, proven=False)
    for _ in range(2):
        actions.send_project(by=member, project=small(member, halden))
    third = small(member, halden)
    with pytest.raises(WrongMoment, match="2 open projects"):
        actions.send_project(by=member, project=third)
    halden.open_projects_lifted = True
    halden.save()
    third = Project.objects.get(pk=third.pk)
    assert actions.send_project(by=member, project=third).state == ProjectState.IN_REVIEW


def test_silence_towards_applicants_stops_new_postings():
    member = person()
    halden = organisation(member)
    for _ in range(2):
        project = published(member, halden)
        actions.close_project(by=None, project=project, reason=ClosedReason.SILENT)
    with pytest.raises(WrongMoment, match="without an answer"):
        actions.send_project(by=member, project=draft(member, halden))


def test_two_silent_closings_among_many_projects_are_not_a_strike():
    member = person()
    halden = organisation(member)
    Project.objects.bulk_create(
        Project(organisation=halden, state="closed", closed_reason=reason, published_at=clock.now())
        for reason in ["silent"] * 2 + ["filled"] * 18
    )
    assert queries.caps(halden) is None


def test_sending_twice_is_refused_the_second_time():
    member = person()
    project = in_review(member, organisation(member))
    with pytest.raises(WrongMoment, match="sent already"):
        actions.send_project(by=member, project=project)


def test_an_employer_takes_a_posting_back_and_sends_it_again():
    member = person()
    project = in_review(member, organisation(member))
    actions.take_back(by=member, project=project)
    assert (project.state, project.sent_at) == (ProjectState.DRAFT, None)
    actions.save_draft(by=member, project=project, data={"title": "Ask why riders do not come back"})
    assert actions.send_project(by=member, project=project).state == ProjectState.IN_REVIEW
