"""What every page knows about the site and the person: lazy, so that a page pays only for what it shows."""

import re

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.users import facts
from marketplace import menus
from marketplace.ground import policy

THEMES = ("light", "dark")


def site(request):
    """Context processor: `site`, for every template."""
    return {"site": Site(request)}


class Site:
    """`site.brand`, `site.theme`, `site.nav`, `site.unread`, `site.is_student` ... in templates."""

    def __init__(self, request):
        self.request = request
        self.user = getattr(request, "user", None)  # not there when an early middleware answers
        self.demo = settings.DEMO

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
        return facts.of(self.user) if self.signed_in else {}

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
    def is_staff(self) -> bool:
        return self.signed_in and self.user.is_staff

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
            "Moderator" if self.is_staff else "",
        ]
        return ", ".join(role for role in roles if role)

    @cached_property
    def home(self) -> str:
        return reverse("home" if self.signed_in else "landing")

    @cached_property
    def nav(self) -> list[dict]:
        """The main navigation of this person; `current` marks the entry that this page belongs to."""
        path = self.request.path
        items = [{"label": label, "url": reverse(name), "own": own} for label, name, own in self._menu()]
        here = next((i for i in items if i["own"] and re.search(i["own"], path)), None) or max(
            (i for i in items if path.startswith(i["url"])), key=lambda i: len(i["url"]), default=None
        )
        return [{**item, "current": item is here} for item in items]

    @cached_property
    def buttons(self) -> list[dict]:
        """The one act that this person comes for most, in the header."""
        return [_link(*menus.POST)] if self.is_employer else []

    @cached_property
    def account_menu(self) -> list[dict]:
        mine = {
            "",
            *(
                role
                for role, held in (
                    ("student", self.is_student),
                    ("employer", self.is_employer),
                    ("staff", self.is_staff),
                )
                if held
            ),
        }
        return [_link(*row) for *row, whom in menus.ACCOUNT if whom in mine]

    @cached_property
    def account_nav(self) -> list[dict]:
        """The pages about one's own account, for the side."""
        links = [_link(*row) for row in menus.SETTINGS + (menus.SOCIAL if settings.SOCIAL_SIGN_IN else [])]
        return [{**link, "current": self.request.path.startswith(link["url"])} for link in links]

    @property
    def demo_people(self) -> list[dict]:
        """The one-click sign-ins of the demo world; nothing unless the demo setting is on."""
        people = menus.DEMO_PEOPLE if self.demo else []
        return [
            {"label": label, "email": f"{name}@example.com", "password": "foothold-demo"}
            for label, name in people
        ]

    @cached_property
    def footer(self) -> list[dict]:
        left_out = {menus.JOIN} if self.signed_in else set()
        return [
            {"title": title, "links": [_link(*row) for row in links if row[1] not in left_out]}
            for title, links in menus.FOOTER
        ]

    @property
    def inbox_url(self) -> str:
        return reverse("notifications:inbox")

    @property
    def browse_url(self) -> str:
        return reverse("search:browse")

    @property
    def signup_url(self) -> str:
        return reverse("account_signup")

    def _menu(self) -> list[tuple]:
        if not self.signed_in:
            return menus.VISITOR
        if self.is_employer and self.is_student:
            return menus.BOTH
        if self.is_employer:
            return menus.EMPLOYER
        if self.is_student:
            return menus.STUDENT
        return menus.SCHOOL if self.is_school else menus.NOBODY_YET


def _link(label: str, name: str, icon: str = "") -> dict:
    return {"label": label, "url": reverse(name), "icon": icon}
