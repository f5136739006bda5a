"""Applying: drafts, sending, caps, what an employer answers, and how everybody gets an answer in the end."""

from datetime import timedelta

import pytest

from accounts.notifications.models import Mail, Notification
from accounts.students import access
from accounts.students.models import StudentProfile
from marketplace.ground import calendar, clock, policy
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.models import Policy, StateChange
from projects.applying import actions, lot, queries, tasks
from projects.applying.models import Answer, Application
from projects.applying.records import AnswerRecord, answer_record, answer_records
from projects.applying.states import ApplicationState, DeclineReason
from projects.applying.story import story
from projects.posting import actions as posting
from projects.posting.models import Project
from projects.posting.states import ClosedReason, ProjectState

from .people import apply, later, member_of, offer, open_project, student
from .postings import moderator, organisation, person, published

pytestmark = pytest.mark.django_db
S = ApplicationState
TOO_LONG = "word " * 121


def told(user, kind: str = "") -> list[str]:
    rows = Notification.objects.filter(user=user)
    return list((rows.filter(kind=kind) if kind else rows).order_by("id").values_list("title", flat=True))


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def set_policy(**values):
    policy.current()
    Policy.objects.update(**values)


def many(project, number: int) -> list[Application]:
    """So many applications at once, straight into the table, as if each had been sent."""
    start = project.application_count
    users = [student(f"Student Number{start + i}") for i in range(number)]
    rows = Application.objects.bulk_create(
        Application(
            project=project,
            student=user,
            state=S.SUBMITTED,
            number=start + i + 1,
            pitch="I like bikes.",
            submitted_at=clock.now(),
            first_timer=True,
        )
        for i, user in enumerate(users)
    )
    Project.objects.filter(pk=project.pk).update(application_count=start + number)
    project.application_count = start + number
    return rows


# --- drafts ----------------------------------------------------------------------------------------------
def test_what_is_typed_is_kept_as_a_draft_that_only_the_student_sees():
    project, amara = open_project(), student()
    question = project.questions.get()
    kept = actions.save_application(
        by=amara, project=project, pitch="I\r\nlike", answers={question.public_id: "Half a"}
    )
    assert (kept.state, kept.pitch, kept.answers.get().text) == (S.DRAFT, "I\nlike", "Half a")
    actions.save_application(
        by=amara, project=project, answers={question.public_id: "Half a sentence", "nosuch": "x"}
    )
    assert [a.text for a in Answer.objects.all()] == ["Half a sentence"]
    assert list(queries.visible_to(amara)) == [kept]
    assert not queries.visible_to(member_of(project)).exists()
    assert fresh(project).application_count == 0


def test_a_draft_is_kept_even_when_it_could_not_be_sent_now():
    project, amara = open_project(), student()
    set_policy(open_applications=0)
    assert actions.save_application(by=amara, project=project, pitch="later").state == S.DRAFT
    with pytest.raises(WrongMoment, match="Your draft is kept"):
        apply(project, amara)


@pytest.mark.parametrize("text", ["x" * 6001, TOO_LONG * 20])
def test_a_draft_of_sheer_size_is_refused_beside_the_field(text):
    project, amara = open_project(), student()
    key = project.questions.get().public_id
    with pytest.raises(Invalid) as refused:
        actions.save_application(by=amara, project=project, pitch=text, answers={key: text})
    assert set(refused.value.message_dict) == {"pitch", f"answer_{key}"}
    assert not Application.objects.exists()


def test_somebody_who_is_no_student_cannot_even_draft():
    project = open_project()
    with pytest.raises(NotAllowed, match="Only students"):
        actions.save_application(by=person("Nobody"), project=project, pitch="hello")


# --- sending ---------------------------------------------------------------------------------------------
def test_sending_tells_the_employer_without_the_name_and_counts():
    project, amara = open_project(), student()
    application = apply(project, amara)
    assert (application.state, application.number, application.first_timer) == (S.SUBMITTED, 1, True)
    assert fresh(project).application_count == 1
    assert told(member_of(project), "application-received") == [f"A new application for “{project.title}”"]
    assert not Notification.objects.filter(user=member_of(project), body__contains="Amara").exists()
    assert queries.hears_by(application) == project.answer_by


def test_numbers_are_never_given_twice():
    project = open_project()
    first = apply(project)
    apply(project)
    actions.withdraw_application(by=first.student, application=first)
    assert apply(project).number == 3


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Write a few sentences"),
        ("   \n", "Write a few sentences"),
        (TOO_LONG, "121 words"),
        ("x" * 1501, "1501 characters"),
        ("\x00", "Write a few sentences"),
    ],
)
def test_an_answer_that_is_missing_or_too_long_is_refused_beside_its_question(typed, problem):
    project, amara = open_project(), student()
    key = project.questions.get().public_id
    with pytest.raises(Invalid) as refused:
        actions.submit_application(by=amara, project=project, pitch="x", answers={key: typed})
    assert problem in refused.value.message_dict[f"answer_{key}"][0]
    assert not Application.objects.exists()


def test_exactly_120_words_are_fine():
    project, amara = open_project(), student()
    key = project.questions.get().public_id
    actions.submit_application(by=amara, project=project, answers={key: "word " * 120})
    assert Application.objects.get().state == S.SUBMITTED


def test_without_questions_the_reason_why_is_asked_for():
    project, amara = open_project(questions=[]), student()
    with pytest.raises(Invalid) as refused:
        actions.submit_application(by=amara, project=project, pitch=" ")
    assert "pitch" in refused.value.message_dict
    assert actions.submit_application(by=amara, project=project, pitch="Because").state == S.SUBMITTED


def test_sending_twice_is_one_application():
    project, amara = open_project(), student()
    apply(project, amara)
    with pytest.raises(WrongMoment, match="applied already"):
        apply(project, amara)
    assert fresh(project).application_count == 1


def test_the_organisations_own_people_cannot_apply():
    project = open_project()
    member = member_of(project)
    StudentProfile.objects.create(user=member)
    with pytest.raises(NotAllowed, match="You belong to the organisation"):
        apply(project, member)


@pytest.mark.parametrize(
    ("answers", "may"),
    [
        ({"may_work": "yes", "needs_sponsor": "no"}, True),
        ({"may_work": "yes"}, True),
        ({}, False),
        ({"may_work": "no"}, False),
        ({"may_work": "yes", "needs_sponsor": "yes"}, False),
    ],
)
def test_work_permission_opens_or_closes_the_door_and_is_never_shown(answers, may):
    project, amara = open_project(work_authorisation=True), student(**answers)
    if may:
        assert apply(project, amara).eligible
    else:
        with pytest.raises(NotAllowed, match="may work in this country"):
            apply(project, amara)
    assert queries.why_not_apply(amara, open_project()) is None


@pytest.mark.parametrize("state", ["draft", "in_review", "closed", "paused", "over"])
def test_nobody_can_apply_outside_the_window(state):
    project, amara = open_project(), student()
    if state == "paused":
        posting.pause_project(by=moderator(), project=project, reasons="A report")
    elif state == "over":
        later(days=8)
    elif state == "closed":
        posting.close_project(by=member_of(project), project=project, reason=ClosedReason.CANCELLED)
    else:
        Project.objects.filter(pk=project.pk).update(state=state)
    with pytest.raises(WrongMoment):
        apply(fresh(project), amara)


def test_ten_open_applications_are_the_most_and_closed_windows_do_not_count():
    set_policy(open_applications=2)
    amara = student()
    first, second, third = open_project(), open_project(), open_project()
    apply(first, amara)
    Project.objects.filter(pk=first.pk).update(apply_by=clock.now() - timedelta(minutes=1))
    apply(second, amara)
    apply(third, amara)
    assert queries.open_count(amara) == 2
    fourth = open_project()
    with pytest.raises(WrongMoment, match="You have 2 applications"):
        apply(fourth, amara)
    actions.withdraw_application(by=amara, application=Application.objects.get(project=second))
    assert apply(fourth, amara).state == S.SUBMITTED


# --- withdrawing -----------------------------------------------------------------------------------------
def test_a_withdrawn_application_is_gone_for_the_employer_and_may_be_sent_again():
    project, amara = open_project(), student()
    application = apply(project, amara)
    actions.open_application(by=member_of(project), application=application)
    actions.withdraw_application(by=amara, application=application)
    assert fresh(project).application_count == 0
    assert not queries.visible_to(member_of(project)).exists()
    again = apply(project, amara, pitch="Better words")
    assert (again.pk, again.state, again.opened_at, again.number) == (application.pk, S.SUBMITTED, None, 1)
    later(days=8)
    actions.withdraw_application(by=amara, application=again)
    with pytest.raises(WrongMoment):
        apply(project, amara)


def test_nobody_else_can_withdraw_it():
    application = apply(open_project())
    for other in (student("Other"), member_of(application.project), moderator()):
        with pytest.raises(NotAllowed):
            actions.withdraw_application(by=other, application=application)
    assert fresh(application).state == S.SUBMITTED


def test_an_accepted_offer_is_not_withdrawn_but_cancelled():
    from .people import engaged

    application = apply(open_project())
    engaged(application)
    with pytest.raises(WrongMoment, match="cancel the work instead"):
        actions.withdraw_application(by=application.student, application=application)


# --- what the employer answers ---------------------------------------------------------------------------
def test_opening_is_remembered_once_and_only_for_the_employer():
    application = apply(open_project())
    actions.open_application(by=moderator(), application=application)
    assert fresh(application).opened_at is None
    actions.open_application(by=member_of(application.project), application=application)
    first = fresh(application).opened_at
    later(hours=1)
    actions.open_application(by=member_of(application.project), application=fresh(application))
    assert fresh(application).opened_at == first
    assert queries.status(fresh(application)) == "Being read"


def test_the_shortlist_lifts_the_name_and_tells_the_student():
    application = apply(open_project())
    assert (queries.face(application).name, queries.face(application).school) == (
        "Applicant 1",
        "Name and school hidden",
    )
    application = actions.shortlist(by=member_of(application.project), application=application)
    assert queries.face(application).name == "Amara Okafor"
    assert told(application.student, "application-shortlisted") == [
        "You are on the shortlist of Halden Bikes"
    ]
    actions.unshortlist(by=member_of(application.project), application=application)
    again = fresh(application)
    assert (again.state, queries.face(again).name) == (S.SUBMITTED, "Amara Okafor")


def test_a_no_comes_with_a_reason_and_a_note():
    application = apply(open_project())
    actions.decline_application(
        by=member_of(application.project),
        application=application,
        reason="answers",
        note="A story would have told more.",
    )
    row = fresh(application)
    assert (row.state, row.decline_reason, row.decline_note) == (
        S.DECLINED,
        "answers",
        "A story would have told more.",
    )
    assert row.answered_at == row.decided_at is not None
    notice = Notification.objects.get(user=row.student, kind="application-declined")
    assert "did not show enough" in notice.body
    assert "A story would have told more." in notice.body


@pytest.mark.parametrize(
    ("reason", "note"), [("", ""), ("lot", ""), ("silent", ""), ("nonsense", ""), ("skills", "x" * 601)]
)
def test_a_no_without_a_reason_of_the_list_or_with_a_long_note_is_refused(reason, note):
    application = apply(open_project())
    with pytest.raises(Invalid):
        actions.decline_application(
            by=member_of(application.project), application=application, reason=reason, note=note
        )
    assert fresh(application).state == S.SUBMITTED


@pytest.mark.parametrize(
    "act",
    [
        lambda by, a: actions.shortlist(by=by, application=a),
        lambda by, a: actions.unshortlist(by=by, application=a),
        lambda by, a: actions.decline_application(by=by, application=a, reason="skills"),
        lambda by, a: actions.hide_names(by=by, project=a.project, hide=False),
    ],
)
def test_only_people_of_the_employer_answer(act):
    application = apply(open_project())
    stranger = person("Other Employer")
    organisation(stranger, name="Lantern Clinics")
    for other in (application.student, stranger, moderator()):
        with pytest.raises(NotAllowed):
            act(other, application)
    assert fresh(application).state == S.SUBMITTED


def acts(application, user=None):
    user = user or member_of(application.project)
    return {
        name for name, reason in queries.allowed_actions(user, fresh(application)).items() if reason is None
    }


def test_each_state_allows_its_own_acts_and_gives_reasons_for_the_rest():
    application = apply(open_project())
    member, amara = member_of(application.project), application.student
    assert acts(application) == {"open", "shortlist", "decline"}
    assert acts(application, amara) == {"withdraw"}
    actions.shortlist(by=member, application=application)
    assert acts(application) == {"open", "unshortlist", "decline"}
    assert acts(application, amara) == {"withdraw", "agree_reserve"}
    made = offer(fresh(application))
    assert acts(application) == {"open"}
    assert "Withdraw the offer first" in queries.allowed_actions(member, fresh(application))["decline"]
    from projects.hiring.actions import withdraw_offer

    withdraw_offer(by=member, offer=made)
    actions.decline_application(by=member, application=application, reason="skills")
    assert acts(application) == {"open"}
    assert acts(application, amara) == set()
    assert acts(application, person("Stranger")) == set()
    with pytest.raises(WrongMoment):
        actions.shortlist(by=member, application=application)


def test_nothing_is_shortlisted_in_a_closed_project():
    application = apply(open_project())
    posting.close_project(
        by=member_of(application.project), project=application.project, reason=ClosedReason.CANCELLED
    )
    with pytest.raises(WrongMoment, match="closed"):
        actions.shortlist(by=member_of(application.project), application=application)


def test_turning_the_names_on_is_recorded_and_shows_them():
    application = apply(open_project())
    project = actions.hide_names(by=member_of(application.project), project=application.project, hide=False)
    assert queries.face(fresh(application)).name == "Amara Okafor"
    assert StateChange.of(project).filter(reason="names_shown", by=member_of(project)).exists()


# --- the reserve -----------------------------------------------------------------------------------------
def test_three_of_the_shortlist_can_stay_in_reserve():
    project = open_project()
    rows = [actions.shortlist(by=member_of(project), application=apply(project)) for _ in range(4)]
    for row in rows[:3]:
        actions.agree_reserve(by=row.student, application=row)
    with pytest.raises(WrongMoment, match="3 people"):
        actions.agree_reserve(by=rows[3].student, application=rows[3])
    actions.agree_reserve(by=rows[0].student, application=rows[0], agree=False)
    assert actions.agree_reserve(by=rows[3].student, application=rows[3]).in_reserve


def test_only_the_shortlisted_person_can_agree():
    application = apply(open_project())
    with pytest.raises(WrongMoment, match="shortlist"):
        actions.agree_reserve(by=application.student, application=application)
    actions.shortlist(by=member_of(application.project), application=application)
    with pytest.raises(NotAllowed):
        actions.agree_reserve(by=member_of(application.project), application=application)


# --- everybody gets an answer ----------------------------------------------------------------------------
def test_closing_the_posting_answers_everybody_in_the_same_breath():
    project = open_project()
    first, second = apply(project), apply(project)
    actions.shortlist(by=member_of(project), application=second)
    posting.close_project(by=member_of(project), project=project, reason=ClosedReason.CANCELLED)
    assert {fresh(a).state for a in (first, second)} == {S.DECLINED}
    assert fresh(first).decline_reason == DeclineReason.CANCELLED
    assert told(first.student, "application-declined") == [f"“{project.title}” was cancelled"]


def test_a_posting_that_a_moderator_removes_answers_everybody_too():
    project = open_project()
    application = apply(project)
    posting.remove_project(by=moderator(), project=project, reasons="Not what it seemed")
    assert fresh(application).decline_reason == DeclineReason.CANCELLED


# --- the window and the lot ------------------------------------------------------------------------------
def test_a_full_project_stays_open_for_72_hours_and_then_closes_at_25():
    project = open_project()
    many(project, 25)
    tasks.answer_clock()
    assert fresh(project).apply_by > clock.now() + timedelta(days=6)
    apply(fresh(project))  # a 26th within the first 72 hours is welcome
    later(hours=72, minutes=1)
    with pytest.raises(WrongMoment, match="does not take any more"):
        apply(fresh(project))  # even before the clock has run
    tasks.answer_clock()
    row = fresh(project)
    assert row.apply_by <= clock.now()
    assert Application.objects.filter(project=project, state=S.SUBMITTED).count() == 25
    out = Application.objects.get(project=project, decline_reason=DeclineReason.LOT)
    assert out.answered_at is None
    assert told(out.student, "application-declined") == [
        f"“{project.title}” had more applications than it takes"
    ]
    tasks.answer_clock()
    assert Application.objects.filter(decline_reason=DeclineReason.LOT).count() == 1


def test_after_72_hours_the_25th_application_closes_the_window_at_once():
    project = open_project()
    many(project, 24)
    later(hours=73)
    apply(fresh(project))
    row = fresh(project)
    assert row.apply_by <= clock.now()
    assert row.answer_by == calendar.after_quiet(row.apply_by + timedelta(days=7), row.zone)


def test_whoever_was_shortlisted_stays_out_of_the_lot():
    project = open_project()
    rows = many(project, 40)
    for row in rows[:5]:
        actions.shortlist(by=member_of(project), application=row)
    later(hours=73)
    tasks.answer_clock()
    assert all(fresh(row).state == S.SHORTLISTED for row in rows[:5])
    assert Application.objects.filter(project=project, state=S.SUBMITTED).count() == 20
    assert StateChange.of(project).get(reason="lot_drawn").note.startswith("35 took part, 20 places")


def test_the_lot_keeps_the_share_of_first_timers():
    firsts, others = list(range(10)), list(range(100, 130))
    for _ in range(50):
        kept = lot.draw(firsts, others, 25)
        assert len(kept) == 25
        assert len(kept & set(firsts)) == 7  # 10 of 40 are a quarter: 6.25 places of 25, rounded up
    assert lot.draw(firsts, [], 25) == set(firsts)
    assert lot.draw([], others, 30) == set(others)


def test_the_lot_is_fair_among_equals():
    counts = dict.fromkeys(range(40), 0)
    for _ in range(2000):
        for kept in lot.draw([], list(counts), 25):
            counts[kept] += 1
    assert all(abs(n - 1250) < 150 for n in counts.values())


def test_a_window_that_runs_out_overfull_draws_lots_too():
    set_policy(application_window_min_hours=168)
    project = open_project()
    many(project, 27)
    later(days=7, hours=12)
    tasks.answer_clock()
    assert Application.objects.filter(project=project, state=S.SUBMITTED).count() == 25


# --- the employer's clock --------------------------------------------------------------------------------
def test_reminders_come_on_days_3_and_6_and_only_while_somebody_waits():
    project = open_project()
    waiting, answered = apply(project), apply(project)
    member = member_of(project)
    actions.decline_application(by=member, application=answered, reason="skills")
    start = project.answer_by - timedelta(days=7)
    clock.advance(start + timedelta(days=3, minutes=-5) - clock.now())
    tasks.reminders()
    assert told(member, "answer-due") == []
    later(minutes=10)
    for _ in range(3):
        tasks.reminders()
    assert told(member, "answer-due") == [f"1 person waits for your answer: “{project.title}”"]
    later(days=3)
    tasks.reminders()
    assert len(told(member, "answer-due")) == 2
    actions.decline_application(by=member, application=waiting, reason="skills")
    assert (
        Mail.objects.filter(user=member, kind="answer-due", subject__startswith="[Action needed]").count()
        == 2
    )


def test_a_worker_that_slept_sends_only_the_later_reminder():
    project = open_project()
    apply(project)
    clock.advance(project.answer_by - timedelta(hours=12) - clock.now())
    tasks.reminders()
    assert len(told(member_of(project), "answer-due")) == 1


def test_on_day_10_silence_closes_everything_and_the_record_shows_it():
    project = open_project()
    first, second = apply(project), apply(project)
    actions.shortlist(by=member_of(project), application=second)
    clock.advance(project.closes_silently_at - timedelta(minutes=1) - clock.now())
    tasks.answer_clock()
    assert fresh(project).state == ProjectState.PUBLISHED
    assert queries.hears_by(fresh(first)) == project.closes_silently_at
    later(minutes=2)
    tasks.answer_clock()
    tasks.answer_clock()
    row = fresh(project)
    assert (row.state, row.closed_reason) == (ProjectState.CLOSED, ClosedReason.SILENT)
    assert {fresh(a).state for a in (first, second)} == {S.EXPIRED}
    assert queries.status(fresh(first)) == "Employer did not respond"
    assert told(first.student, "application-expired") == ["Halden Bikes did not respond"]
    assert len(told(member_of(project), "closed-silently")) == 1
    assert answer_record(project.organisation).silent_closings == 1


def test_an_open_offer_pauses_silence_and_the_time_comes_back():
    project = open_project()
    chosen, other = apply(project), apply(project)
    clock.advance(project.answer_by - timedelta(hours=1) - clock.now())
    made = offer(chosen)
    paused = fresh(project)
    assert paused.answer_by >= made.expires_at + timedelta(minutes=59)
    clock.advance(paused.closes_silently_at + timedelta(minutes=1) - clock.now())
    tasks.answer_clock()
    assert (
        fresh(other).state == S.SUBMITTED
    )  # the offer's own clock has not run yet: nothing is closed over it
    from projects.hiring import tasks as hiring_tasks

    hiring_tasks.offer_clock()
    assert fresh(chosen).state == S.SHORTLISTED
    assert fresh(project).closes_silently_at > clock.now() + timedelta(days=2)


def test_an_offer_that_ends_early_gives_the_rest_of_the_pause_back():
    project = open_project()
    chosen = apply(project)
    clock.advance(project.apply_by + timedelta(days=3, hours=2) - clock.now())
    before = project.answer_by
    made = offer(chosen)
    assert fresh(project).answer_by > before
    later(hours=1)
    from projects.hiring.actions import withdraw_offer

    withdraw_offer(by=member_of(project), offer=made)
    gained = fresh(project).answer_by - before
    assert timedelta(minutes=55) < gained < timedelta(hours=10)  # an hour, and at most a night on top


def test_an_offer_inside_the_window_moves_no_clock():
    project = open_project()
    made = offer(apply(project))
    assert made.expires_at < project.apply_by
    assert fresh(project).answer_by == project.answer_by


def test_a_project_where_everybody_has_an_answer_closes_by_itself():
    project = open_project()
    application = apply(project)
    actions.decline_application(by=member_of(project), application=application, reason="skills")
    tasks.answer_clock()
    assert fresh(project).state == ProjectState.PUBLISHED  # the window is still open
    later(days=7, hours=12)
    tasks.answer_clock()
    assert (fresh(project).state, fresh(project).closed_reason) == (ProjectState.CLOSED, ClosedReason.EXPIRED)


def test_one_project_that_cannot_be_settled_does_not_keep_the_others_waiting(monkeypatch):
    stuck, fine = open_project(), open_project()
    first, second = apply(stuck), apply(fine)
    real = tasks.close_project

    def close(*, by, project, reason):
        if project.pk == stuck.pk:
            raise WrongMoment("stuck")
        return real(by=by, project=project, reason=reason)

    monkeypatch.setattr(tasks, "close_project", close)
    clock.advance(fine.closes_silently_at + timedelta(minutes=1) - clock.now())
    tasks.answer_clock()
    assert (fresh(first).state, fresh(second).state) == (S.SUBMITTED, S.EXPIRED)


def test_a_paused_posting_is_not_closed_over_its_employers_head():
    project = open_project()
    application = apply(project)
    posting.pause_project(by=moderator(), project=project, reasons="A report")
    later(days=30)
    tasks.answer_clock()
    tasks.reminders()
    assert fresh(application).state == S.SUBMITTED


# --- what is public --------------------------------------------------------------------------------------
def test_figures_below_five_cases_are_not_shown():
    project = open_project()
    for _ in range(4):
        actions.decline_application(by=member_of(project), application=apply(project), reason="skills")
    assert answer_record(project.organisation) == AnswerRecord(cases=4)


def test_the_answer_rate_counts_what_a_person_opened_and_answered_in_time():
    project = open_project()
    member = member_of(project)
    rows = [apply(project) for _ in range(6)]
    later(hours=10)
    for row in rows[:3]:
        actions.open_application(by=member, application=row)
        actions.shortlist(by=member, application=row)
    actions.decline_application(by=member, application=rows[3], reason="skills")  # nobody read it
    actions.withdraw_application(by=rows[4].student, application=rows[4])  # not a case
    clock.advance(project.answer_by + timedelta(hours=1) - clock.now())
    actions.open_application(by=member, application=rows[5])
    actions.decline_application(by=member, application=rows[5], reason="skills")  # too late
    record = answer_record(project.organisation)
    assert (record.answer_rate, record.median_hours, record.cases) == (60, 10, 5)


def test_a_choice_that_fills_the_project_answers_those_who_were_read():
    from .people import engaged, fund

    project = open_project()
    rows = [apply(project) for _ in range(5)]
    for row in rows[:4]:
        actions.open_application(by=member_of(project), application=row)
    fund(engaged(rows[0]))
    assert fresh(rows[1]).decline_reason == DeclineReason.FILLED
    assert answer_record(project.organisation).answer_rate == 80


def test_records_of_many_employers_cost_the_same_two_queries(django_assert_max_num_queries):
    organisations = [open_project().organisation for _ in range(3)]
    policy.current()
    with django_assert_max_num_queries(3):
        assert set(answer_records(organisations)) == {o.pk for o in organisations}


# --- who sees what ---------------------------------------------------------------------------------------
def test_an_application_is_seen_by_its_two_sides_and_moderators():
    application = apply(open_project())
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    assert list(queries.visible_to(application.student)) == [application]
    assert list(queries.visible_to(member_of(application.project))) == [application]
    assert list(queries.visible_to(moderator())) == [application]
    for other in (stranger, student("Other")):
        assert not queries.visible_to(other).exists()
    from django.contrib.auth.models import AnonymousUser

    assert not queries.visible_to(AnonymousUser()).exists()


def test_a_second_member_does_not_double_the_rows():
    application = apply(open_project())
    from accounts.employers.models import Membership

    for name in ("A", "B"):
        Membership.objects.create(
            organisation=application.project.organisation, user=person(name), role="manager"
        )
    assert queries.visible_to(application.student).count() == 1


def test_the_resume_opens_for_the_employer_once_the_name_is_known():
    application = apply(open_project())
    profile, member = application.student.student, member_of(application.project)
    assert not access.may_read_resume(member, profile)  # a résumé carries the name
    application = actions.shortlist(by=member, application=application)
    assert access.may_read_resume(member, profile)
    stranger = person("Stranger")
    organisation(stranger, name="Other")
    assert not access.may_read_resume(stranger, profile)
    actions.withdraw_application(by=application.student, application=application)
    assert not access.may_read_resume(member, profile)


def test_the_story_names_the_organisation_to_the_student_and_the_number_to_the_employer():
    application = apply(open_project())
    member = member_of(application.project)
    actions.open_application(by=member, application=application)
    actions.decline_application(
        by=member, application=application, reason="dates", note="Too late in the term."
    )
    row = fresh(application)
    mine = story(row, for_student=True)
    assert [(s.said, s.by.name) for s in mine] == [
        ("Draft begun", "you"),
        ("Application sent", "you"),
        ("Opened by a person", "Halden Bikes"),
        ("Declined", "Halden Bikes"),
    ]
    assert mine[-1].note == "Too late in the term."
    theirs = story(row, for_student=False)
    assert [(s.said, s.by.name) for s in theirs] == [
        ("Application sent", "Applicant 1"),
        ("Opened by a person", member.name),
        ("Declined", member.name),
    ]


def test_the_board_is_shuffled_differently_for_each_reader_and_stays_put():
    project = open_project()
    many(project, 12)
    a, b = person("A"), person("B")
    orders = [[row.pk for row in queries.board(project, reader)] for reader in (a, b)]
    assert orders[0] != orders[1]
    assert orders[0] == [row.pk for row in queries.board(project, a)]


def test_answers_are_kept_as_typed_in_any_script():
    project, amara = open_project(), student("Zoë O’Brien")
    key = project.questions.get().public_id
    text = "مرحبا <script>alert(1)</script> O'Brien 🚲"
    actions.submit_application(by=amara, project=project, answers={key: text})
    assert Answer.objects.get().text == text


def test_a_published_copy_takes_applications_of_the_same_student():
    project, amara = open_project(), student()
    apply(project, amara)
    member = member_of(project)
    assert apply(published(member, project.organisation), amara).state == S.SUBMITTED
