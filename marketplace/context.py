"""What every page knows about the site and the person: lazy, so that a page pays only for what it shows."""

import re

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property

from marketplace.ground import policy

THEMES = ("light", "dark")
# (label, name of the page, which other addresses belong to it)
VISITOR = [
    ("Find projects", "search:browse", r"^/employers/"),
    ("For employers", "for_employers", ""),
    ("How it works", "how", ""),
]
STUDENT = [
    ("Home", "home:student", ""),
    ("Find projects", "search:browse", r"^/(saved|employers)/"),
    ("Applications", "applying:mine", r"^/offers/|^/projects/[^/]+/apply/"),
    ("My work", "working:mine", r"^/(milestones|extensions|records)/"),
    ("Payouts", "payments:payouts", ""),
]
EMPLOYER = [
    ("Home", "home:employer", ""),
    ("Projects", "posting:mine", r"^/applicants/|^/projects/[^/]+/applicants/"),
    ("Work", "working:mine", r"^/(milestones|extensions)/"),
    ("Organisation", "employers:mine", ""),
]
SCHOOL = [("Home", "home:school", ""), ("Find projects", "search:browse", ""), ("How it works", "how", "")]
NOBODY_YET = [
    ("Get started", "users:choose", ""),
    ("Find projects", "search:browse", ""),
    ("How it works", "how", ""),
]
ACCOUNT = [  # (label, page, icon, for whom)
    ("Profile and skills", "students:profile", "user", "student"),
    ("Saved projects", "search:saved", "bookmark", "student"),
    ("Organisation", "employers:mine", "building", "employer"),
    ("Settings and security", "users:settings", "settings", ""),
    ("Your reports", "reporting:mine", "flag", ""),
    ("Moderation", "admin:index", "gavel", "staff"),
    ("How it works", "how", "help", ""),
]
SETTINGS = [
    ("Name and time zone", "users:settings", "user"),
    ("Notifications", "notifications:settings", "bell"),
    ("E-mail addresses", "account_email", "mail"),
    ("Password", "account_change_password", "lock"),
    ("Two-step sign-in", "mfa_index", "shield"),
]
DEMO_PEOPLE = [
    ("Student", "student"),
    ("Newcomer", "newcomer"),
    ("Employer", "employer"),
    ("Mentor", "mentor"),
    ("School", "school"),
    ("Moderator", "moderator"),
]
FOOTER = [
    ("Students", [("Find projects", "search:browse"), ("How it works", "how"), ("Join", "account_signup")]),
    ("Employers", [("Post a project", "posting:new"), ("What it costs", "for_employers")]),
    (
        "This site",
        [
            ("Terms of use", "terms"),
            ("Privacy", "privacy"),
            ("About the operator", "imprint"),
            ("API", "api:docs"),
        ],
    ),
]


def site(request):
    """Context processor: `site`, for every template."""
    return {"site": Site(request)}


class Site:
    """`site.brand`, `site.theme`, `site.nav`, `site.unread`, `site.is_student` ... in templates."""

    def __init__(self, request):
        self.request = request
        self.user = getattr(request, "user", None)  # not there when an early middleware answers
        self.demo = settings.DEMO
        self.has_styleguide = settings.PLAYGROUND

    @cached_property
    def brand(self):
        return policy.brand()

    @cached_property
    def policy(self):
        return policy.current()

    @cached_property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def signed_in(self) -> bool:
        return bool(self.user and self.user.is_authenticated)

    @cached_property
    def _facts(self) -> dict:
        return facts_of(self.user) if self.signed_in else {}

    @property
    def is_student(self) -> bool:
        return bool(self._facts.get("is_student"))

    @property
    def is_employer(self) -> bool:
        return bool(self._facts.get("organisation"))

    @property
    def is_school(self) -> bool:
        return bool(self._facts.get("school"))

    @property
    def unread(self) -> int:
        return self._facts.get("unread", 0)

    @property
    def roles_in_words(self) -> str:
        """What stands under the name in the account menu."""
        roles = [
            self._facts.get("organisation"),
            self._facts.get("school"),
            "Student" if self.is_student else "",
            "Moderator" if self.signed_in and self.user.is_staff else "",
        ]
        return ", ".join(role for role in roles if role)

    @cached_property
    def home(self) -> str:
        return address("home") if self.signed_in else address("landing")

    @cached_property
    def nav(self) -> list[dict]:
        """The main navigation of this person; `current` marks the one that this page belongs to."""
        path = self.request.path
        items = [
            {"label": label, "url": url, "own": own}
            for label, name, own in self._menu()
            if (url := address(name))
        ]
        here = next((i for i in items if i["own"] and re.search(i["own"], path)), None) or max(
            (i for i in items if path.startswith(i["url"])), key=lambda i: len(i["url"]), default=None
        )
        return [{**item, "current": item is here} for item in items]

    @cached_property
    def buttons(self) -> list[dict]:
        """The one act that this person comes for most, in the header."""
        url = address("posting:new") if self.is_employer else ""
        return [{"label": "Post a project", "url": url, "icon": "plus"}] if url else []

    @cached_property
    def inbox_url(self) -> str:
        return address("notifications:inbox")

    @cached_property
    def browse_url(self) -> str:
        return address("search:browse")

    @cached_property
    def signup_url(self) -> str:
        return address("account_signup")

    @cached_property
    def account_menu(self) -> list[dict]:
        mine = {
            "": True,
            "student": self.is_student,
            "employer": self.is_employer,
            "staff": self.signed_in and self.user.is_staff,
        }
        return [
            {"label": label, "url": url, "icon": icon}
            for label, name, icon, whom in ACCOUNT
            if mine[whom] and (url := address(name))
        ]

    @cached_property
    def account_nav(self) -> list[dict]:
        """The pages about one's own account, for the side."""
        rows = [
            *SETTINGS,
            *(
                [("Other ways to sign in", "socialaccount_connections", "link")]
                if settings.SOCIAL_SIGN_IN
                else []
            ),
        ]
        return [
            {"label": label, "url": url, "icon": icon, "current": self.request.path.startswith(url)}
            for label, name, icon in rows
            if (url := address(name))
        ]

    @property
    def demo_people(self) -> list[dict]:
        """The one-click sign-ins of the demo world; nothing unless the demo setting is on."""
        return (
            [
                {"label": label, "email": f"{name}@example.com", "password": "foothold-demo"}
                for label, name in DEMO_PEOPLE
            ]
            if settings.DEMO
            else []
        )

    @cached_property
    def footer(self) -> list[dict]:
        columns = [
            {
                "title": title,
                "links": [{"label": label, "url": url} for label, name in links if (url := address(name))],
            }
            for title, links in FOOTER
        ]
        return [column for column in columns if column["links"]]

    def _menu(self) -> list[tuple]:
        if not self.signed_in:
            return VISITOR
        if self.is_employer and self.is_student:
            return [*EMPLOYER[:3], *STUDENT[1:3], *STUDENT[4:]]
        if self.is_employer:
            return EMPLOYER
        if self.is_student:
            return STUDENT
        return SCHOOL if self.is_school else NOBODY_YET


def facts_of(user) -> dict:
    """Roles and unread notifications of a person, in one query."""
    from accounts.models import Membership, SchoolStaff, StudentProfile, User

    mine = {"user": OuterRef("pk")}
    return (
        User.objects.filter(pk=user.pk)
        .annotate(
            is_student=Exists(StudentProfile.objects.filter(**mine)),
            organisation=Subquery(
                Membership.objects.filter(**mine).order_by("joined_at").values("organisation__name")[:1]
            ),
            school=Subquery(SchoolStaff.objects.filter(**mine).order_by("pk").values("school__name")[:1]),
            unread=Count("notifications", filter=Q(notifications__read_at=None)),
        )
        .values("is_student", "organisation", "school", "unread")
        .first()
        or {}
    )


def address(name: str) -> str:
    """The address of a page by its name; empty when this site has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
