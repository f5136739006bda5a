"""The demo world: about 30 employers, 150 students, 3 schools and 80 projects in every state, lived through in 80 days."""

from datetime import timedelta
from random import Random

from django.conf import settings

from accounts.models import Notification, Proof, User
from accounts.notifications.actions import mark_read
from accounts.skills.actions import load_skills
from accounts.skills.functions import Function
from marketplace.ground import clock
from projects.catalog.library import all_templates

from . import cast
from .agenda import Agenda, at_hour
from .people import People
from .sponsor import ALL, SHARE, Sponsor
from .stories import Story

DAYS = 80
STUDENTS, EARLY = 148, 90  # and two by name; the others join as the weeks go by
# How the stories of the other employers end, with the day on which they are written, counted back from today.
FIRST = [
    ("completed", 78),
    ("completed", 76),
    ("completed_after_changes", 74),
    ("completed", 72),
    ("completed_by_silence", 70),
    ("completed", 69),
    ("completed", 67),
    ("completed_after_changes", 66),
    ("completed", 64),
    ("completed", 63),
    ("completed", 61),
    ("completed", 60),
    ("completed", 58),
    ("completed_after_changes", 57),
    ("completed", 56),
    ("completed", 55),
    ("silent", 50),
    ("no_funds", 40),
    ("cancelled", 34),
    ("published", 6),
    ("published", 5),
    ("in_review", 1),
    ("published", 4),
    ("shortlist", 9),
    ("sent_back", 5),
    ("offered", 4),
    ("published", 3),
    ("draft", 3),
]
LATER = [
    ("completed", 38),
    ("completed", 36),
    ("working", 24),
    ("working", 22),
    ("changes", 21),
    ("first_review", 18),
    ("review", 28),
    ("working", 20),
    ("funded", 8),
    ("accepted", 7),
    ("turned_down", 12),
    ("shortlist", 10),
    ("published", 6),
    ("published", 5),
    ("published", 5),
    ("published", 4),
    ("published", 4),
    ("published", 3),
    ("published", 3),
    ("published", 2),
    ("published", 2),
    ("published", 2),
    ("published", 1),
    ("published", 1),
    ("offered", 5),
    ("in_review", 1),
    ("draft", 2),
    ("published", 3),
    ("published", 2),
    ("published", 4),
    ("draft", 1),
    ("published", 1),
    ("in_review", 1),
    ("cancelled", 15),
    ("completed", 33),
    ("completed", 31),
    ("published", 4),
    ("published", 2),
    ("shortlist", 8),
    ("working", 19),
    ("published", 1),
    ("published", 3),
    ("dispute_decided", 39),
    ("disputed", 17),
]


class World:
    """`small` leaves out all but the stories of the people one can sign in as: enough for a test, in a tenth of the time."""

    def __init__(self, seed: int = 7, *, small: bool = False):
        self.seed, self.small = Random(seed), small
        self.people = People(self.seed)

    def build(self, say) -> None:
        """Live through the days; afterwards the clock is real again."""
        end = clock.now()
        start = end - timedelta(days=DAYS)
        clock.advance(start - clock.now())
        try:
            say("People and organisations ...")
            load_skills()
            self.people.__init__(self.seed)
            self.make_people()
            say("Eighty days of work ...")
            agenda = Agenda(start, end)
            self.sponsor = Sponsor(self.people)
            agenda.add(self.sponsor.begin(), start + timedelta(minutes=5))
            self.plan(agenda)
            if not self.small:
                agenda.add(self._join(), start + timedelta(days=2))
            agenda.run(say)
        finally:
            clock.reset()
        read = Notification.objects.filter(created_at__lt=end - timedelta(days=2))
        for user in User.objects.filter(notifications__in=read).distinct():
            mark_read(by=user, notifications=read)

    def make_people(self) -> None:
        people = self.people
        people.make_staff()
        self.joining = people.students(STUDENTS)
        for _ in range(24 if self.small else EARLY):
            next(self.joining)
        self.amara = people.make_student(*cast.NAMED["student"], Function.DATA)
        self.jonas = people.make_student(*cast.NAMED["newcomer"], Function.WRITING, thin=True)
        self.employers = []
        for number, who in enumerate(cast.EMPLOYERS[:3] if self.small else cast.EMPLOYERS):
            owner, organisation = people.make_employer(who)
            if number % 5 < 3:
                people.prove(owner, organisation, Proof.Kind.VOUCHED if number % 2 else Proof.Kind.REGISTRY)
            elif number % 5 == 3:
                people.prove(owner, organisation, "waiting")
            people.bill(owner, organisation, who)
            self.employers.append((who, owner, organisation))

    def plan(self, agenda: Agenda) -> None:
        small = [t for t in all_templates() if t.suggested_price <= 50_000]
        others = [t for t in all_templates() if t not in small]
        self.seed.shuffle(small)
        self.seed.shuffle(others)
        self._named(agenda)
        if self.small:
            return
        rest = self.employers[2:]
        for number, (ending, back) in enumerate(FIRST):
            self._story(agenda, rest[number % len(rest)], small[number % len(small)], ending, back)
        for number, (ending, back) in enumerate(LATER):
            self._story(agenda, rest[number % 16], others[number % len(others)], ending, back)

    def _story(
        self, agenda, employer, template, ending, back, *, applicants=None, hired=None, sponsored=None
    ) -> None:
        story = Story(
            self,
            *employer,
            template,
            ending,
            hired=hired,
            sponsored=sponsored,
            applicants=self.seed.randint(2, 9) if applicants is None else applicants,
        )
        begin = at_hour(agenda.end - timedelta(days=back), 14, self.seed.randint(0, 50))
        agenda.add(story.tell(), max(begin, agenda.start + timedelta(minutes=30)))

    def _join(self):
        for _ in self.joining:
            yield timedelta(hours=self.seed.randint(12, 46))

    def _named(self, agenda) -> None:
        """What the people one can sign in as have behind and before them."""
        halden, kitchen = self.employers[:2]
        pick = {t.slug: t for t in all_templates()}
        for employer, slug, ending, back, more in [
            (halden, "spreadsheet-sense", "completed", 79, {"hired": self.amara, "applicants": 7}),
            (
                kitchen,
                "spend-review",
                "completed_after_changes",
                66,
                {"hired": self.amara, "applicants": 6, "sponsored": (ALL, "approved")},
            ),
            (
                kitchen,
                "comment-themes",
                "changes",
                20,
                {"hired": self.amara, "applicants": 5, "sponsored": (SHARE, "approved")},
            ),
            (halden, "customer-interviews", "completed", 50, {"applicants": 8}),
            (halden, "supplier-comparison", "stopped", 34, {"applicants": 5}),
            (halden, "page-usability-test", "first_review", 17, {"applicants": 6}),
            (halden, "newsletter-four-issues", "accepted", 5, {"applicants": 4}),
            (
                halden,
                "social-posts-one-month",
                "published",
                3,
                {"applicants": 9, "hired": self.jonas, "sponsored": (SHARE, "declined")},
            ),
            (
                halden,
                "kpi-dashboard",
                "offered",
                5,
                {"applicants": 4, "hired": self.amara, "sponsored": (SHARE, "approved")},
            ),
            (halden, "help-articles", "draft", 2, {}),
            (
                kitchen,
                "visitor-survey",
                "published",
                2,
                {"applicants": 5, "hired": self.amara, "sponsored": (ALL, "waiting")},
            ),
            (self.employers[2], "lead-list", "disputed", 15, {"hired": self.amara, "applicants": 4}),
            (halden, "price-check", "dispute_decided", 44, {"applicants": 6}),
        ]:
            self._story(agenda, employer, pick[slug], ending, back, **more)


def build(say, *, small: bool = False) -> World:
    """Make the world in an empty database; the offline Stripe has to be running."""
    if not settings.DEMO:
        raise RuntimeError("The demo world is only made where FOOTHOLD_DEMO is on.")
    world = World(small=small)
    world.build(say)
    return world
