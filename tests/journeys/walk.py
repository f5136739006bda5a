"""Steps of the road as people take them: by labels and buttons, as a reader of the page would."""

import re
from urllib.parse import urlparse

BLANK = re.compile(r"\[[^\]]*\]")
PASSWORD = "correct-horse-battery-9"
CARD = "4242 4242 4242 4242"


def join(person, role: str, name: str, email: str) -> None:
    """Sign up, fetch the code from the mail, confirm."""
    page = person.go("/account/signup/")
    page.get_by_label(re.compile("student looking" if role == "student" else "project to give")).check()
    page.get_by_label("Full name").fill(name)
    page.get_by_label("E-mail", exact=False).first.fill(email)
    page.get_by_label("Date of birth").fill("2003-05-14")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_label(re.compile("I agree to the terms")).check()
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url("**/confirm-email/**")
    text = person.site.mail_to(email).get_body(("plain",)).get_content()
    code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z0-9]{6,8})\b", text).group(1)
    page.get_by_label("Code", exact=False).first.fill(code)
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.wait_for_url(lambda url: "/account/" not in url)


def sign_in(person, email: str, password: str) -> None:
    page = person.go("/account/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/login" not in url)


def make_organisation(person, name: str, website: str) -> None:
    page = person.page
    if "/organisations/new" not in page.url:
        person.go("/organisations/new/")
    page.locator("#id_name").fill(name)
    page.locator("#id_website").fill(website)
    page.locator("#id_about").fill(
        "We repair and rent bicycles by the river, and teach people to fix their own."
    )
    page.locator("main form").filter(has=page.locator("#id_name")).get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/organisations/new" not in url)


def _fill_blanks(page) -> None:
    """Replace what a template leaves open in square brackets, in every field of the step."""
    for field in page.locator("main input[type=text], main input:not([type]), main textarea").all():
        text = field.input_value()
        if BLANK.search(text):
            field.fill(BLANK.sub("one small thing", text))


def post_project(person, template: str) -> str:
    """From the template to the moderators; returns the address of the posting's page."""
    page = person.go("/posting/new/")
    page.get_by_role("button", name=template).click()
    page.wait_for_url("**/posting/*/*/")
    for _ in range(6):
        if page.get_by_role("button", name="Send to a moderator").count():
            break
        _fill_blanks(page)
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_load_state()
    page.get_by_role("button", name="Send to a moderator").click()
    page.wait_for_url(re.compile(r"/posting/[0-9a-z]{12}/$"))
    return urlparse(page.url).path


def publish(moderator, title: str) -> None:
    page = moderator.go("/admin/projects/project/?state__exact=in_review")
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Publish: done.").wait_for()


def fill_profile(person, skills) -> None:
    page = person.go("/profile/edit/")
    page.locator("#id_headline").fill("Statistics student who likes tidy tables")
    page.locator("main form").filter(has=page.locator("#id_headline")).get_by_role(
        "button", name=re.compile("Save")
    ).first.click()
    page.wait_for_load_state()
    for skill in skills:
        page = person.go("/profile/skills/")
        page.locator("#id_name").fill(skill)
        page.locator("#id_evidence").fill("A course project")
        page.locator("main form").filter(has=page.locator("#id_name")).get_by_role(
            "button", name=re.compile("Add|Save")
        ).first.click()
        page.wait_for_load_state()
    assert person.page.get_by_text(skills[0]).first.is_visible()


def apply(person, title: str) -> str:
    """Find the project by a word of its title, read it, apply; returns the address of the application."""
    page = person.go("/projects/?q=" + title.split()[-1])
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url(re.compile(r"/projects/[0-9a-z]{12}/$"))
    page.locator("a:visible", has_text="Apply").first.click()
    page.wait_for_url("**/apply/")
    for area in page.locator("main textarea").all():
        area.fill(
            "I would look at ten rows by hand before I touch the file, and write down what surprises me."
        )
    page.get_by_role("button", name="Send application").click()
    page.wait_for_url(re.compile(r"/applications/[0-9a-z]{12}/"))
    return urlparse(page.url).path


def shortlist_and_offer(person, project_id: str) -> None:
    page = person.go(f"/projects/{project_id}/applicants/")
    page.get_by_role("link", name="Read", exact=True).first.click()
    page.get_by_role("button", name=re.compile("Shortlist")).first.click()
    page.wait_for_load_state()
    applicant = page.url if "/applicants/" in page.url and project_id not in page.url else None
    if not applicant:
        page = person.go(f"/projects/{project_id}/applicants/?show=shortlist")
    page.locator("a:visible", has_text="offer").first.click()
    page.wait_for_url("**/offer/")
    page.get_by_role("button", name="Read the agreement").click()
    page.get_by_role("button", name="Make the offer").click()
    page.wait_for_url(lambda url: not url.endswith("/offer/"))


def accept(person) -> None:
    """From the front page: the offer stands there as the next thing to do."""
    page = person.go("/home/")
    page.get_by_role("link", name=re.compile("Read it")).first.click()
    page.wait_for_url("**/offers/**")
    page.get_by_label(re.compile("I have read the agreement")).check()
    page.get_by_role("button", name="Accept the offer").click()
    page.wait_for_url(lambda url: "/offers/" not in url)


def pay(person, engagement_id: str, card: str = CARD) -> None:
    page = person.go(f"/work/{engagement_id}/fund/")
    page.get_by_role("button", name=re.compile("Pay .* with Stripe")).click()
    page.get_by_label("Card number").fill(card)
    page.get_by_role("button", name=re.compile("^Pay")).first.click()
    page.wait_for_url("**/fund/return/**")


def set_up_payouts(person) -> None:
    page = person.go("/payments/payouts/")
    page.get_by_role("button", name="Set up payouts with Stripe").click()
    page.get_by_label("Bank account number").fill("000123456789")
    page.get_by_role("button", name="Finish set-up").click()
    page.wait_for_url(f"{person.site.url}/payments/**")


def hand_in(person, milestone_id: str, folder) -> None:
    page = person.go(f"/milestones/{milestone_id}/hand-in/")
    file = folder / "findings.txt"
    file.write_text("Quiet days are Tuesday and Wednesday.\n")
    page.locator("input[type=file]").set_input_files(str(file))
    page.locator("#id_note").fill("Everything on the list is in the file.")
    if page.locator("#id_ai_note").count():
        page.locator("#id_ai_note").fill("None was used.")
    page.get_by_role("button", name="Hand in for review").click()
    page.wait_for_url(lambda url: "hand-in" not in url)


def approve(person, milestone_id: str) -> None:
    page = person.go(f"/milestones/{milestone_id}/")
    page.get_by_role("button", name="Approve", exact=True).first.click()
    page.locator("#approve").get_by_role("button", name=re.compile("Approve|Yes")).first.click()
    page.wait_for_load_state()


def review(person, engagement_id: str, text: str) -> None:
    page = person.go(f"/work/{engagement_id}/review/")
    page.locator("input[name=score][value='5']").check(force=True)
    page.locator("input[name=again]").first.check(force=True)
    page.locator("#id_text").fill(text)
    page.locator("main form").filter(has=page.locator("#id_text")).get_by_role("button").first.click()
    page.wait_for_load_state()
