"""Pictures of the main pages of the running demo: light and dark, desktop and phone, into docs/screenshots/."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from PIL import Image

from projects.models import Credential, Engagement, Project

from . import cast

SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
OVERVIEW = ("browse", "board", "workspace")


@dataclass(frozen=True)
class Picture:
    name: str
    who: str  # a key of cast.NAMED, or "" for a visitor
    path: str


def pages() -> list[Picture]:
    """The pages worth a look, at the addresses they have in this demo world."""
    work = Engagement.objects.filter(student__email=cast.NAMED["student"][0], state="active").first()
    board = (
        Project.objects.filter(organisation__name="Halden Bikes", state="published")
        .order_by("-application_count")
        .first()
    )
    record = Credential.objects.filter(student__email=cast.NAMED["student"][0]).first()
    draft = Project.objects.filter(organisation__name="Halden Bikes", state="draft").first()
    return [
        Picture("landing", "", reverse("landing")),
        Picture("browse", "", reverse("search:browse")),
        Picture("project", "student", reverse("search:project", args=[board.public_id])),
        Picture("student", "student", reverse("home:student")),
        Picture("employer", "employer", reverse("home:employer")),
        Picture("post", "employer", reverse("posting:edit", args=[draft.public_id, 3])),
        Picture("board", "employer", reverse("applying:board", args=[board.public_id])),
        Picture("workspace", "student", reverse("working:workspace", args=[work.public_id])),
        Picture("record", "", reverse("reviewing:record", args=[record.public_id])),
        Picture("moderation", "moderator", reverse("admin:index")),
    ]


def take(chromium, launch_options: dict, folder: Path, say) -> None:
    """Take them all. `chromium` is Playwright's browser type."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = pages()
    browser = chromium.launch(**launch_options)
    for size, viewport in SIZES.items():
        for theme in ("light", "dark"):
            say(f"{size}, {theme}")
            _round(browser, plan, viewport, theme, folder, size)
    browser.close()
    _overview(folder)


def _round(browser, plan, viewport, theme, folder, size) -> None:
    tabs: dict = {}
    for picture in plan:
        if picture.who not in tabs:
            context = browser.new_context(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
            tabs[picture.who] = _sign_in(context.new_page(), picture.who)
        page = tabs[picture.who]
        page.goto(settings.SITE_URL + picture.path)
        page.wait_for_load_state()
        path = folder / f"{picture.name}-{size}-{theme}.png"
        page.screenshot(path=path)
        with Image.open(path) as shot:  # a quarter of the size, and nobody sees the difference
            shot.convert("RGB").quantize(200).save(path, optimize=True)
    for page in tabs.values():
        page.context.close()


def _sign_in(page, who: str):
    if who:
        page.goto(settings.SITE_URL + reverse("account_login"))
        page.locator("#id_login").fill(cast.NAMED[who][0])
        page.locator("#id_password").fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state()
    return page


def _overview(folder: Path) -> None:
    """Three of them side by side, for the first screen of the README."""
    shots = [Image.open(folder / f"{name}-desktop-light.png").convert("RGB") for name in OVERVIEW]
    width, height, gap = 620, 416, 16
    board = Image.new("RGB", (len(shots) * (width + gap) - gap, height), "white")
    for place, shot in enumerate(shots):
        board.paste(shot.resize((width, height), Image.Resampling.LANCZOS), (place * (width + gap), 0))
    board.quantize(128).save(folder / "overview.png", optimize=True)
