"""Finding each other through the browser: a saved search that tells, a list of one's own, and an invitation."""

import re

from . import walk

SETUP = """
import django; django.setup()
from datetime import timedelta
from allauth.account.models import EmailAddress
from accounts.models import Organisation, Skill, StudentProfile, StudentSkill, User
from accounts.employers.models import Membership
from accounts.students.actions import create_profile
from marketplace.ground import clock
from projects.matching import keeping
from tests.projects import postings
NOON = "Etc/GMT" + format(clock.now().hour - 12, "+d")  # where it is noon now: mail waits for the morning where it is night
def person(name, email, **more):
    user, new = User.objects.get_or_create(email=email, defaults=dict(name=name, zone=NOON, terms_accepted_at=clock.now(), **more))
    if new:
        user.set_password("foothold-demo"); user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user
"""
PEOPLE = (
    SETUP
    + """
student = person("Finn Finder", "finn@example.com")
profile = create_profile(by=student, hours_free=30, open_to_invitations=True)
for name in ("Survey design", "Interviewing"):
    StudentSkill.objects.get_or_create(student=profile, skill=Skill.objects.get(name=name))
keeping.keep_students([profile.pk])
searcher = person("Sara Searcher", "sara@example.com")
create_profile(by=searcher)
employer = person("Edda Employer", "edda@example.com")
organisation, _ = Organisation.objects.get_or_create(name="Edda Works", defaults=dict(
    proven_at=clock.now(), verified_at=clock.now()))
Membership.objects.get_or_create(organisation=organisation, user=employer, defaults=dict(role="owner"))
"""
)
PUBLISH = (
    SETUP
    + """
from accounts.models import User, Organisation
moderator = User.objects.get(email="moderator@example.com")
project = postings.published(User.objects.get(email="edda@example.com"), Organisation.objects.get(name="Edda Works"),
    moderator, title={title!r})
print(project.public_id)
"""
)


def publish(site, title: str) -> str:
    return site.python(PUBLISH.format(title=title)).split()[-1]


def test_a_saved_search_tells_of_a_new_project_and_one_click_stops_it(site, person):
    site.python(PEOPLE)
    sara = person()
    walk.sign_in(sara, "sara@example.com", "foothold-demo")
    page = sara.go("/projects/?q=riders&function=research")
    page.get_by_role("link", name="Save this search").first.click()
    page.get_by_label("Name").fill("Riders, please")
    page.get_by_label("At once").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Riders, please").first.wait_for()
    publish(site, "Ask riders why they stay away")
    mail = site.mail_to("sara@example.com", "Ask riders why they stay away")
    stop = str(mail["List-Unsubscribe"]).strip("<> ")
    sara.go("/inbox/unsubscribe/" + stop.split("/unsubscribe/")[1])
    page.get_by_role("button", name="Stop these e-mails").click()
    page.get_by_role("heading", name="Stopped").wait_for()
    page = sara.go("/searches/")
    page.get_by_text("Off", exact=True).wait_for()


def test_not_for_me_takes_a_card_away_without_a_new_page(site, person):
    site.python(PEOPLE)
    publish(site, "Ring riders and write down what they say")
    finn = person(phone=True)
    walk.sign_in(finn, "finn@example.com", "foothold-demo")
    page = finn.go("/for-you/")
    card = page.locator("li.project", has_text="Ring riders and write down").first
    card.get_by_text("You have").first.wait_for()
    card.get_by_text("Not for me").click()
    card.get_by_role("button", name="The dates do not suit me").click()
    page.get_by_text("is off your list").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator("li.project", has_text="Ring riders and write down").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_employer_invites_a_student_whose_name_it_does_not_know(site, person):
    site.python(PEOPLE)
    public_id = publish(site, "Find out why riders return")
    edda, finn = person(), person(javascript=False)
    walk.sign_in(edda, "edda@example.com", "foothold-demo")
    page = edda.go(f"/projects/{public_id}/students/")
    page.get_by_text("Student 1", exact=True).wait_for()
    assert "Finn" not in page.content()
    page.get_by_role("link", name=re.compile("Invite")).first.click()
    page.get_by_label(re.compile("A note")).fill("Your interviewing would help us.")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("Finn Finder").first.wait_for()
    site.mail_to("finn@example.com", "Your interviewing would help us.")
    walk.sign_in(finn, "finn@example.com", "foothold-demo")
    page = finn.go("/invitations/")
    page.get_by_role("link", name="Find out why riders return").click()
    page.get_by_role("link", name="Apply", exact=True).first.click()
    for box in page.locator("main textarea").all():
        box.fill("I would ask what nearly stopped them on the day.")
    page.get_by_role("button", name=re.compile("Send")).first.click()
    page.wait_for_url(re.compile("/applications/"))
    page = edda.go(f"/projects/{public_id}/students/")
    page.get_by_text("Has applied").wait_for()
