"""What happens in the demo world: one story per posting, told in acts of the people in it."""

import re
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import StudentProfile
from marketplace.ground.errors import Refused
from payments.connect.queries import payee_of
from projects.applying import actions as applying
from projects.applying.models import Application
from projects.disputing import actions as disputing
from projects.disputing import queries as disputes
from projects.hiring import actions as hiring
from projects.hiring.models import Engagement, Milestone
from projects.hiring.queries import suggested_dates
from projects.posting import actions as posting
from projects.posting.models import Project
from projects.posting.states import ProjectState
from projects.reviewing import actions as reviewing
from projects.talking import actions as talking
from projects.working import actions as working

from . import bank, cast

hours, days = (lambda n: timedelta(hours=n)), (lambda n: timedelta(days=n))
BLANK = re.compile(r"\[([^\]]+)\]")


def fill(text: str, who: cast.Employer) -> str:
    """A template's text with this employer's words in its blanks."""
    words = {"what": who.what, "who": who.who, "place": who.place, "name": who.name}
    return BLANK.sub(lambda blank: cast.BLANKS.get(blank[1], blank[1]).format(**words), text)


class Story:
    """One posting of one employer. `ending` says how far it gets; `hired` may name who gets it."""

    def __init__(
        self, world, who, owner, organisation, template, ending, *, applicants=6, hired=None, sponsored=None
    ):
        self.world, self.seed, self.people = world, world.seed, world.people
        self.who, self.owner, self.organisation, self.template = who, owner, organisation, template
        self.ending, self.wanted, self.hired = ending, applicants, hired
        self.sponsored = sponsored  # (programme, answer) of the school

    def tell(self):
        """The whole story; ends where `ending` says."""
        project = self.write()
        if self.ending == "draft":
            return
        yield hours(2)
        try:
            project = posting.send_project(by=self.owner, project=project)
        except (Refused, ValidationError):
            return  # its employer has as many open as it may: the draft waits
        if self.ending == "in_review":
            return
        yield hours(5)
        project.refresh_from_db()
        if project.state == ProjectState.IN_REVIEW:
            if self.ending == "sent_back":
                posting.send_back(
                    by=self.people.moderator,
                    project=project,
                    reasons=(
                        "Please say in the outcome how both sides will see that it is done, and name who answers questions."
                    ),
                )
                return
            posting.publish_project(by=self.people.moderator, project=project)
        if self.sponsored:
            self.world.sponsor.asked(self.owner, project, *self.sponsored)
        yield from self.applications(project)
        yield from self.choice(project)

    def write(self) -> Project:
        project = posting.start_project(
            by=self.owner, organisation=self.organisation, template_slug=self.template.slug
        )
        data = {
            name: fill(getattr(project, name), self.who)
            for name in ("title", "summary", "outcome", "good_to_know")
        }
        data["deliverables"] = [fill(line, self.who) for line in project.deliverables]
        data["questions"] = [fill(q.text, self.who) for q in project.questions.all()]
        data["milestones"] = [
            {
                "title": fill(m.title, self.who),
                "outcome": fill(m.outcome, self.who),
                "hours": m.hours,
                "done_when": [fill(line, self.who) for line in m.done_when],
            }
            for m in project.milestones.all()
        ]
        data["names_hidden"] = self.seed.random() < 0.6
        return posting.save_draft(by=self.owner, project=project, data=data)

    # --- applying -------------------------------------------------------------------------------------------
    def applications(self, project):
        students = self.people.fitting(project.function, self.wanted)
        if self.hired and self.hired not in students:
            students = [self.hired, *students]
        for student in students[: self.wanted]:
            yield hours(self.seed.choice([2, 5, 9, 14]))
            try:
                applying.submit_application(by=student, project=project, **self.words(project, student))
            except (Refused, ValidationError):
                continue  # too many open, not eligible, or the window has closed

    def words(self, project, student) -> dict:
        profile = StudentProfile.objects.get(user=student)
        skill = profile.skills.select_related("skill").first()
        return {
            "pitch": self.seed.choice(cast.PITCHES).format(
                skill=skill.skill.name.lower() if skill else "careful work", hours=profile.hours_free
            ),
            "answers": {q.public_id: self.seed.choice(cast.ANSWERS) for q in project.questions.all()},
        }

    # --- choosing -------------------------------------------------------------------------------------------
    def choice(self, project):
        if self.ending in ("published", "silent"):
            return
        if self.ending == "cancelled":
            yield days(2)
            posting.close_project(by=self.owner, project=project, reason="cancelled")
            return
        yield days(1)
        rows = list(Application.objects.filter(project=project, state="submitted").order_by("pk"))
        if not rows:
            return
        others = [
            row for row in rows if row.student != self.world.jonas
        ] or rows  # his first job is still to come
        chosen = next((row for row in rows if row.student == self.hired), None) or self.seed.choice(others)
        yield from self.read(rows, chosen)
        if self.ending == "shortlist":
            return
        yield from self.offer(chosen)

    def read(self, rows, chosen):
        for row in rows:
            applying.open_application(by=self.owner, application=row)
        yield hours(3)
        short = [chosen, *[row for row in rows if row != chosen][:2]]
        for row in short:
            row.refresh_from_db()
            if row.state == "submitted":
                applying.shortlist(by=self.owner, application=row)
        for row in rows:
            if row not in short and self.seed.random() < 0.4:
                reason, note = self.seed.choice(cast.DECLINES)
                row.refresh_from_db()
                applying.decline_application(by=self.owner, application=row, reason=reason, note=note)

    def offer(self, application):
        application.refresh_from_db()
        project = application.project
        start_on, due_on = suggested_dates(project)
        try:
            offer = hiring.make_offer(
                by=self.owner,
                application=application,
                start_on=start_on,
                due_on=due_on,
                message=self.seed.choice(cast.OFFERS),
            )
        except (Refused, ValidationError):
            return
        if self.ending == "offered":
            return
        yield hours(self.seed.choice([3, 8, 20]))
        offer.refresh_from_db()
        try:
            if self.ending == "turned_down":
                hiring.decline_offer(
                    by=application.student, offer=offer, note="My exams were moved to the same weeks."
                )
                return
            engagement = hiring.accept_offer(by=application.student, offer=offer)
        except Refused:
            return
        if self.ending in ("accepted", "no_funds"):
            return
        yield hours(6)
        if engagement.due:
            bank.pay(self.owner, engagement)
        yield from self.work(engagement)

    # --- working --------------------------------------------------------------------------------------------
    def work(self, engagement: Engagement):
        student = engagement.student
        if not payee_of(student).can_receive:
            bank.onboard(student)
        if self.ending == "funded":
            return
        yield days(1)
        engagement.refresh_from_db()
        engagement = working.kick_off(by=student, engagement=engagement)
        yield from self.talk(engagement, self.seed.randint(2, len(cast.MESSAGES)))
        milestones = list(Milestone.objects.filter(engagement=engagement))
        for place, milestone in enumerate(milestones):
            last = place == len(milestones) - 1
            yield days(self.seed.choice([2, 3, 4]))
            self.hand_in(milestone, student)
            if self.ending == "review" and last or self.ending == "first_review":
                return
            if self.ending in ("disputed", "dispute_decided") and place == 0:
                yield from self.dispute(milestone, student)
                if self.ending == "disputed":
                    return
                continue
            yield from self.judge(milestone, student, place)
            if self.ending == "changes" or self.ending == "working" and not last:
                return
            if self.ending == "stopped":
                yield days(2)
                engagement.refresh_from_db()
                working.cancel_engagement(
                    by=self.owner,
                    engagement=engagement,
                    note="We have sold this part of the business. Thank you for the list, which the buyer keeps.",
                )
                return
        yield from self.say_how_it_was(engagement)

    def hand_in(self, milestone, student, version: int = 1):
        milestone.refresh_from_db()
        name = re.sub(r"[^a-z0-9]+", "-", milestone.title.lower()).strip("-")[:40]
        upload = SimpleUploadedFile(
            f"{name}-v{version}.txt", f"{milestone.title}\n\n{milestone.outcome}\n".encode()
        )
        working.submit_work(
            by=student,
            milestone=milestone,
            note=self.seed.choice(cast.NOTES),
            files=[upload],
            ai_note="A language tool checked the spelling.",
            hours=milestone.hours,
        )

    def judge(self, milestone, student, place: int):
        yield hours(self.seed.choice([6, 22, 30]))
        milestone.refresh_from_db()
        if (
            place == 0
            and self.ending in ("changes", "completed_after_changes")
            and milestone.state == "submitted"
        ):
            working.request_changes(by=self.owner, milestone=milestone, points=self.seed.choice(cast.CHANGES))
            if self.ending == "changes":
                return
            yield days(1)
            self.hand_in(milestone, student, 2)
            yield hours(9)
            milestone.refresh_from_db()
        if self.ending == "completed_by_silence":
            yield days(9)
            return
        if milestone.state == "submitted":
            working.approve_milestone(by=self.owner, milestone=milestone)

    def dispute(self, milestone, student):
        """The employer asks for less; the student answers; a moderator decides, and both live with it."""
        yield hours(20)
        milestone.refresh_from_db()
        whole = milestone.net // 100 * 100
        dispute = disputing.open_dispute(
            by=self.owner, milestone=milestone, amount=whole // 2, text=cast.DISPUTE["opening"]
        )
        if self.ending == "disputed":
            return
        yield hours(30)
        disputing.answer_dispute(
            by=student, dispute=dispute, amount=whole * 9 // 10, text=cast.DISPUTE["answer"]
        )
        yield days(6)
        dispute.refresh_from_db()
        disputing.decide(
            by=self.people.moderator,
            dispute=dispute,
            amount=disputes.suggested(dispute),
            text=cast.DISPUTE["decision"],
        )
        for party in (student, self.owner):
            yield hours(9)
            disputing.accept_decision(by=party, dispute=dispute)

    def talk(self, engagement, count: int):
        for number, (side, text) in enumerate(cast.MESSAGES[:count]):
            author = self.owner if side == "employer" else engagement.student
            talking.post_message(
                by=author, engagement=engagement, text=text, form_token=f"{engagement.public_id}-{number}"
            )
            yield hours(self.seed.choice([1, 4, 11]))

    def say_how_it_was(self, engagement):
        yield days(1)
        engagement.refresh_from_db()
        if engagement.state != "completed":
            return
        score, text = self.seed.choice(cast.PRAISE)
        reviewing.write_review(by=self.owner, engagement=engagement, score=score, again=True, text=text)
        if self.seed.random() < 0.8:
            yield days(1)
            score, text = self.seed.choice(cast.THANKS)
            reviewing.write_review(
                by=engagement.student, engagement=engagement, score=score, again=True, text=text
            )
