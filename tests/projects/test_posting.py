"""The life of a posting: drafting, sending, what a moderator decides, the window, and the end."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from accounts.notifications.models import Notification
from accounts.skills.models import Skill
from marketplace.ground import clock, money, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import StateChange
from projects.catalog import library
from projects.posting import actions, queries, signals, tasks
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .postings import brief, draft, in_review, moderator, organisation, person, published, student

pytestmark = pytest.mark.django_db


def titles(user):
    return list(Notification.objects.filter(user=user).values_list("title", flat=True))


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
    assert (project.title, project.hours, project.price) == (template.title, template.hours, template.suggested_price)
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
    project = draft(member, organisation(member), deliverables=["", "A map", "   "], questions=["", "Why?"],
                    milestones=[{"title": "", "outcome": "", "done_when": [], "hours": ""}, {"title": "Map drawn"}])
    assert project.deliverables == ["A map"]
    assert [q.text for q in project.questions.all()] == ["Why?"]
    assert [m.title for m in project.milestones.all()] == ["Map drawn"]


def test_skills_are_understood_by_their_other_names_and_new_ones_are_proposed():
    Skill.objects.create(slug="spreadsheets", name="Spreadsheets", function="data", aliases=["Excel"], state="accepted")
    member = person()
    project = draft(member, organisation(member), must_skills=["excel", "Oyster counting"], nice_skills=["Spreadsheets"])
    asked = {row.skill.name: (row.must, row.skill.state) for row in project.project_skills.select_related("skill")}
    assert asked == {"Spreadsheets": (True, "accepted"), "Oyster counting": (True, "pending")}


BAD = [
    ("title", "x" * 121, "at most 120 characters"), ("title", 7, "as text"), ("title", "a\x00b", "cannot be stored"),
    ("outcome", "x" * 301, "at most 300"), ("summary", "x" * 4001, "4,000"), ("summary", ["a"], "as text"),
    ("good_to_know", "x" * 1501, "1,500"), ("location", "x" * 121, "at most 120"),
    ("function", "astrology", "Choose one of"), ("location_mode", "", "Choose one of"), ("ai_rule", 3, "Choose one of"),
    ("show_right", "perhaps", "Choose one of"), ("names_hidden", "perhaps", "yes or no"),
    ("hours", "many", "as a number"), ("hours", "-1", "between 0"), ("hours", "1e9", "between 0"),
    ("hours", "NaN", "as a number"), ("hours", "Infinity", "as a number"), ("hours", "7.25", "one digit"),
    ("hours", True, "as a number"), ("hours", "٣٢", "as a number"), ("hours", "9" * 400, "as a number"),
    ("price", "640", "whole number"), ("price", -1, "at most"), ("price", 10**12, "at most"), ("price", True, "whole"),
    ("price", 64.5, "whole number"), ("start_on", "soon", "year, month, day"), ("due_on", "0001-01-01", "too far"),
    ("due_on", 20260101, "year, month, day"), ("zone", "Mars/Olympus", "time zone"), ("zone", None, "time zone"),
    ("deliverables", "one", "a list"), ("deliverables", ["x"] * 9, "At most 8"), ("step", 9, "five steps"),
    ("questions", ["a?", "b?", "c?", "d?"], "At most 3"), ("must_skills", ["s"] * 13, "At most 12"),
    ("must_skills", ["<script>"], "in words"), ("nothing", "x", "no such field"),
    ("milestones", [{"title": "a"}] * 9, "At most 8"), ("milestones", "one", "a list"),
]


@pytest.mark.parametrize(("field", "value", "message"), BAD)
def test_a_value_that_cannot_be_kept_is_named_and_nothing_changes(field, value, message):
    member = person()
    project = draft(member, organisation(member))
    before = Project.objects.values().get()
    with pytest.raises(Invalid) as refused:
        actions.save_draft(by=member, project=project, data={field: value, "good_to_know": "Changed"} if
                           field != "good_to_know" else {field: value})
    assert message in " ".join(refused.value.message_dict[field])
    assert Project.objects.values().get() == before


@pytest.mark.parametrize(("rows", "field"), [
    ({"deliverables": ["fine", "x" * 201]}, "deliverables.1"),
    ({"questions": ["fine", "fine", 3]}, "questions.2"),
    ({"milestones": [{"title": "x" * 121}]}, "milestones.0.title"),
    ({"milestones": [{"title": "Fine"}, {"outcome": "A thing without a name"}]}, "milestones.1.title"),
    ({"milestones": [{"title": "Fine", "hours": "ten"}]}, "milestones.0.hours"),
    ({"milestones": [{"title": "Fine", "done_when": ["ok", "x" * 201]}]}, "milestones.0.done_when.1"),
    ({"milestones": ["Fine"]}, "milestones.0"),
])
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
def test_the_database_computes_the_same_net_as_the_money_type(price, fee_bp):
    halden = organisation()
    project = Project.objects.create(organisation=halden, price=price, fee_bp=fee_bp, hours=Decimal("7.5"))
    project.refresh_from_db()
    assert project.net_pay == queries.net(project) == price - money.fee(price, fee_bp)
    assert project.net_hourly == queries.hourly_net(project)


def test_without_hours_there_is_no_hourly_rate():
    project = Project.objects.create(organisation=organisation(), price=1000)
    project.refresh_from_db()
    assert (project.net_hourly, queries.hourly_net(project)) == (None, None)


def test_the_shares_of_the_milestones_add_up_to_the_cent():
    member = person()
    project = draft(member, organisation(member), price=70_001, milestones=[
        {"title": name, "done_when": ["It is there"], "hours": "10"} for name in ("One", "Two", "Three")])
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
    long = [{"title": "One", "done_when": ["It is there"], "hours": "20"},
            {"title": "Two", "done_when": ["It is there"], "hours": "20"},
            {"title": "Three", "done_when": ["It is there"], "hours": "20"}]
    start = brief()["start_on"]
    project = draft(member, halden, hours="60", price=150_000, milestones=long, due_on=start + timedelta(days=31))
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
    return draft(member, halden, hours="16", price=40_000, milestones=one,
                 deliverables=["A map of one page"], **changes)


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
        for reason in ["silent"] * 2 + ["filled"] * 18)
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


# --- the moderator ---------------------------------------------------------------------------------------
def test_publication_sets_the_window_the_fee_and_the_search_and_tells_the_employer():
    member, heard = person(), []

    def listen(sender, project, **_):
        heard.append(project.pk)

    signals.project_published.connect(listen)
    try:
        project = published(member, organisation(member))
    finally:
        signals.project_published.disconnect(listen)
    rules = policy.current()
    assert heard == [project.pk]
    assert project.apply_by - project.published_at >= timedelta(days=rules.application_window_days)
    assert project.answer_by > project.apply_by
    assert project.closes_silently_at > project.answer_by
    assert (project.fee_bp, project.application_cap) == (rules.fee_bp, rules.application_cap)
    assert Project.objects.filter(search="riders").exists()
    assert f"Your project is open: {project.title}" in titles(member)


def test_no_end_of_a_window_falls_into_the_night():
    from zoneinfo import ZoneInfo

    member = person()
    project = published(member, organisation(member))
    for name in ("apply_by", "answer_by", "closes_silently_at"):
        local = getattr(project, name).astimezone(ZoneInfo(project.zone))
        assert 7 <= local.hour < 22, name


def test_a_moderator_sends_a_posting_back_with_reasons_and_it_can_be_mended():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    with pytest.raises(Invalid):
        actions.send_back(by=reader, project=project, reasons="  ")
    actions.send_back(by=reader, project=project, reasons="Say who sends the survey.")
    assert project.state == ProjectState.DRAFT
    assert queries.mine(member).get().last_reasons == "Say who sends the survey."
    assert "Please change a few things" in titles(member)[0]
    assert actions.send_project(by=member, project=project).state == ProjectState.IN_REVIEW


def test_only_another_moderator_decides():
    member = person(is_staff=True)
    halden = organisation(member)
    project = in_review(member, halden)
    with pytest.raises(WrongMoment, match="another moderator"):
        actions.publish_project(by=member, project=project)
    outsider = person()
    for act in (actions.publish_project, actions.remove_project, actions.send_back):
        with pytest.raises(NotAllowed):
            act(by=outsider, project=project, reasons="Because")
    assert Project.objects.get().state == ProjectState.IN_REVIEW


def test_what_became_wrong_while_it_waited_is_found_again_at_publication():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    Project.objects.update(start_on=(clock.now() - timedelta(days=3)).date())
    with pytest.raises(Invalid) as refused:
        actions.publish_project(by=reader, project=project)
    assert "start_on" in refused.value.message_dict


def test_an_employer_whose_work_went_well_is_published_at_once_but_one_in_ten_is_read(monkeypatch):
    member = person()
    halden = organisation(member)
    monkeypatch.setattr(actions, "_is_trusted", lambda organisation: True)
    states = set()
    for _ in range(40):
        project = draft(member, halden)
        states.add((actions.send_project(by=member, project=project).state, actions._is_sampled(project)))
    assert states == {(ProjectState.PUBLISHED, False), (ProjectState.IN_REVIEW, True)}


def test_a_removed_posting_is_closed_for_that_reason_and_its_search_is_empty():
    member, reader, heard = person(), moderator(), []
    project = published(member, organisation(member), reader)

    def listen(sender, reason, by, **_):
        heard.append((reason, by))

    signals.project_closed.connect(listen)
    try:
        actions.remove_project(by=reader, project=project, reasons="It asks for unpaid work.")
    finally:
        signals.project_closed.disconnect(listen)
    assert heard == [(ClosedReason.REMOVED, reader)]
    project.refresh_from_db()
    assert (project.state, project.closed_reason, project.search) == ("closed", "removed", None)
    assert any("removed" in title for title in titles(member))


def test_pausing_hides_and_resuming_gives_the_time_back():
    member, reader = person(), moderator()
    project = published(member, organisation(member), reader)
    before = project.apply_by, project.answer_by, project.closes_silently_at
    actions.pause_project(by=reader, project=project, reasons="We are looking at a report.")
    assert not queries.open_now().exists()
    clock.advance(timedelta(days=2))
    actions.resume_project(by=reader, project=project)
    after = project.apply_by, project.answer_by, project.closes_silently_at
    assert all(timedelta(days=2) <= b - a < timedelta(days=2, minutes=1) for a, b in zip(before, after, strict=True))
    assert queries.open_now().exists()
    with pytest.raises(WrongMoment):
        actions.resume_project(by=reader, project=project)


# --- the window and the end ------------------------------------------------------------------------------
def test_the_window_can_be_extended_once_while_it_is_open():
    member = person()
    project = published(member, organisation(member))
    before = project.apply_by
    actions.extend_window(by=member, project=project)
    assert project.apply_by - before >= timedelta(days=7)
    assert project.answer_by > project.apply_by
    with pytest.raises(WrongMoment, match="once"):
        actions.extend_window(by=member, project=project)


@pytest.mark.parametrize(("change", "reason"), [
    ({"application_count": 25}, "places"), ({"paused_at": "now"}, "hidden"), ({"apply_by": "past"}, "has ended")])
def test_a_window_that_is_full_hidden_or_over_is_not_extended(change, reason):
    member = person()
    project = published(member, organisation(member))
    values = {"now": clock.now(), "past": clock.now() - timedelta(hours=1)}
    Project.objects.update(**{name: values.get(value, value) for name, value in change.items()})
    with pytest.raises(WrongMoment, match=reason):
        actions.extend_window(by=member, project=project)


def test_a_posting_nobody_applied_to_is_closed_by_the_clock_and_only_once():
    member = person()
    project = published(member, organisation(member))
    assert tasks.close_due() == 0
    clock.advance(timedelta(days=9))
    assert tasks.close_due() == 1
    assert tasks.close_due() == 0
    project.refresh_from_db()
    assert (project.state, project.closed_reason) == (ProjectState.CLOSED, ClosedReason.EXPIRED)
    assert titles(member).count(f"Nobody applied to {project.title}") == 1


def test_a_posting_that_somebody_applied_to_is_left_to_the_answer_clock():
    member = person()
    published(member, organisation(member))
    Project.objects.update(application_count=1)
    clock.advance(timedelta(days=9))
    assert tasks.close_due() == 0


def test_a_copy_has_the_same_words_and_no_dates():
    member = person()
    project = published(member, organisation(member))
    copy = actions.duplicate_project(by=member, project=project)
    assert (copy.state, copy.start_on, copy.apply_by, copy.application_count) == (ProjectState.DRAFT, None, None, 0)
    assert copy.public_id != project.public_id
    same = queries.brief_of(copy), queries.brief_of(project)
    assert same[0].milestones == same[1].milestones
    assert (same[0].title, same[0].questions, same[0].must_skills) == (
        same[1].title, same[1].questions, same[1].must_skills)


def test_a_project_with_an_offer_out_cannot_be_closed():
    from projects.applying.models import Application

    member = person()
    project = published(member, organisation(member))
    Application.objects.create(project=project, student=student(), state="offered")
    with pytest.raises(WrongMoment, match="Withdraw the offer"):
        actions.close_project(by=member, project=project, reason=ClosedReason.CANCELLED)


# --- two at once -----------------------------------------------------------------------------------------
def at_once(*acts):
    """Run the functions in threads of their own that start together; returns what each raised, or None."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait(10)
            act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_send_sends_once():
    member = person()
    project = draft(member, organisation(member))
    outcomes = at_once(*[lambda: actions.send_project(by=member, project=Project.objects.get(pk=project.pk))] * 2)
    assert [type(o) for o in outcomes].count(type(None)) == 1
    assert any(isinstance(o, WrongMoment) for o in outcomes)
    assert StateChange.of(project).filter(reason="sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_drafts_sent_at_once_do_not_pass_the_cap_together():
    member = person()
    halden = organisation(member, proven=False)
    actions.send_project(by=member, project=small(member, halden))
    drafts = [small(member, halden) for _ in range(2)]
    outcomes = at_once(*[
        lambda pk=d.pk: actions.send_project(by=member, project=Project.objects.get(pk=pk)) for d in drafts])
    assert sum(isinstance(o, WrongMoment) for o in outcomes) == 1
    assert Project.objects.filter(state=ProjectState.IN_REVIEW).count() == 2


@pytest.mark.django_db(transaction=True)
def test_publishing_and_withdrawing_at_once_leave_one_story():
    member, reader = person(), moderator()
    project = in_review(member, organisation(member))
    at_once(
        lambda: actions.publish_project(by=reader, project=Project.objects.get(pk=project.pk)),
        lambda: actions.close_project(
            by=member, project=Project.objects.get(pk=project.pk), reason=ClosedReason.CANCELLED))
    project.refresh_from_db()
    moves = [c.to_state for c in StateChange.of(project)]
    assert project.state == ProjectState.CLOSED
    assert moves[-1] == "closed"
    assert moves in (["draft", "in_review", "published", "closed"], ["draft", "in_review", "closed"])
    assert project.search is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_close_an_empty_posting_once():
    member = person()
    project = published(member, organisation(member))
    clock.advance(timedelta(days=9))
    at_once(tasks.close_due, tasks.close_due)
    assert StateChange.of(project).filter(to_state="closed").count() == 1
    assert titles(member).count(f"Nobody applied to {project.title}") == 1
