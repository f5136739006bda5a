"""A closed or hidden project is gone from everything that shows or tells of projects, in the moment it is."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Notification, Organisation
from accounts.notifications import delivery
from marketplace.ground import clock
from projects.alerting import actions as searches
from projects.inviting import actions as inviting
from projects.matching import actions as matching
from projects.matching import digest, queries, tasks, vocabulary
from projects.matching.models import ProjectMatch, StudentMatch
from projects.posting import actions as posting
from projects.search import actions as saving
from projects.search import generation, kept, rebuilding
from tests.accounts.test_fanout import parsed

from . import people, postings
from .test_matching import at_night, project_for, student_with

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "Count the zeppelins over Halden"  # a word that stands nowhere else
ADDRESSES = {
    "browse": "/projects/",
    "browse, filtered": "/projects/?function=research",
    "browse, searched": "/projects/?q=zeppelins",
    "atom": "/projects.atom?function=research",
    "rss": "/projects.rss?q=zeppelins",
    "api": "/api/v1/projects/",
    "api, searched": "/api/v1/projects/?q=zeppelins",
}
OWN = {
    "for you": "/for-you/",
    "best match": "/projects/?sort=fit",
    "home": "/home/student/",
}


@pytest.fixture(autouse=True)
def kept_pages(settings):
    settings.SEARCH_PAGE_SECONDS = settings.SEARCH_COUNTS_SECONDS = settings.SEARCH_KEPT_SECONDS = 60
    generation.client().flushdb()
    kept.forget()
    yield
    generation.client().flushdb()
    kept.forget()


class World:
    """One project that everything shows, a student whom it fits, and somebody who only keeps a search."""

    def __init__(self, client):
        at_night()  # mails wait for the morning
        self.client = client
        self.amara = student_with("excel", "surveys", open_to_invitations=True)
        self.bela = people.student("Bela Kun")
        self.cleo = student_with("excel", "surveys", name="Cleo Park", open_to_invitations=True)
        self.project = project_for("excel", "surveys", title=TITLE)
        self.other = project_for("excel", title="Another one", member=postings.person())
        Organisation.objects.update(verified_at=clock.now())
        for how in ("instant", "daily"):
            searches.save_search(by=self.bela, params=QueryDict(f"q=zeppelins&hours={how}"), how=how)
        searches.save_search(by=self.bela, params=QueryDict("q=zeppelins"), how="instant")
        searches.save_search(by=self.amara, params=QueryDict("q=zeppelins"), how="daily")
        self.invitation = inviting.invite(
            by=self.project.member, project=self.project, student=self.cleo.student
        )
        searches.run_searches(self.project.pk)
        matching.tell_fitting(self.project.pk)
        saving.save_project(by=self.bela, project=self.project)
        rebuilding.rebuild_words()

    def page(self, address: str, user=None) -> str:
        self.client.logout()
        if user:
            self.client.force_login(user)
        answer = self.client.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def seen_in(self) -> set[str]:
        """The names of everything that shows the project or would tell of it now."""
        found = {name for name, address in ADDRESSES.items() if TITLE in self.page(address)}
        found |= {name for name, address in OWN.items() if TITLE in self.page(address, self.amara)}
        board = digest.board(vocabulary.current())
        students = StudentMatch.objects.filter(pk=self.amara.student.pk).values_list(*digest.STUDENT)
        checks = {
            "autocomplete": "zeppelins" in self.page(reverse("search:words") + "?q=zepp"),
            "similar": TITLE in self.page(reverse("search:project", args=[self.other.public_id])),
            "matching": ProjectMatch.objects.filter(pk=self.project.pk).exists(),
            "students who fit": bool(queries.students_for(self.project, 5)),
            "everybody's digest": any(
                self.project.pk == pk for _, rows in digest.best(board, students) for pk, _ in rows
            ),
            "open invitation": type(self.invitation).objects.filter(state="open").exists(),
            "unread notices": Notification.objects.filter(
                kind__in=("match", "saved-search"), title__contains=TITLE
            ).exists(),
        }
        return found | {name for name, there in checks.items() if there}

    def mails_of_the_morning(self) -> set[str]:
        """Who is written to about it, once the night and a day are over."""
        before = len(outbox.outbox)
        clock.advance(timedelta(days=1, hours=10))
        searches.send_due()
        delivery.send_pending()
        mails = [parsed(mail) for mail in outbox.outbox[before:]]
        return {m["To"] for m in mails if "zeppelins" in m["Subject"] + m.get_body(("plain",)).get_content()}


EVERYTHING = {
    *ADDRESSES,
    *OWN,
    "autocomplete",
    "similar",
    "matching",
    "students who fit",
    "everybody's digest",
    "open invitation",
    "unread notices",
}


def close(project):
    posting.close_project(by=project.member, project=project, reason="cancelled")


def hide(project):
    posting.pause_project(by=postings.moderator(), project=project, reasons="Two people reported it.")


def test_while_it_is_open_everything_shows_it_and_the_morning_brings_it(client):
    world = World(client)
    assert world.seen_in() == EVERYTHING
    assert world.mails_of_the_morning() >= {world.amara.email, world.bela.email, world.cleo.email}


@pytest.mark.parametrize(("how", "stays"), [(close, set()), (hide, {"open invitation"})])
def test_in_the_moment_it_is_closed_or_hidden_nothing_shows_it_and_nobody_is_written_to(client, how, stays):
    world = World(client)
    assert world.seen_in() == EVERYTHING  # and every page that is kept holds it now
    how(world.project)
    assert world.seen_in() == stays
    people_told = {world.amara.email, world.bela.email, world.cleo.email}
    assert world.mails_of_the_morning() & people_told == set()


def test_a_hidden_project_cannot_be_invited_to_and_its_invitation_leads_to_no_application(client):
    world = World(client)
    hide(world.project)
    page = world.page(reverse("inviting:invitation", args=[world.invitation.public_id]), world.cleo)
    assert "A moderator is looking at this project" in page


def test_shown_again_it_is_back_in_every_list_and_told_to_nobody_twice(client):
    world = World(client)
    hide(world.project)
    assert world.seen_in() == {"open invitation"}
    posting.resume_project(by=postings.moderator(), project=world.project)
    tasks.project(world.project.pk)  # which the act has woken
    assert world.seen_in() >= {*ADDRESSES, *OWN, "autocomplete", "similar"}
    assert world.cleo.email in world.mails_of_the_morning()  # who had not heard of the invitation hears now
    assert Notification.objects.filter(kind="invitation", user=world.cleo).count() == 1
