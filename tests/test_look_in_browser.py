"""The look in a real browser: both themes, both sizes, the smallest phone, and life without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import sync_playwright

from tests.browser import launch_options


@pytest.fixture(scope="module")
def chromium():
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
        browser = play.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    opened = []

    def visit(path: str, width=1280, theme="light", script=True):
        view = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(view)
        page = view.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield visit
    for view in opened:
        view.close()


AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["styleguide", "landing", "account_signup"])
def test_axe_finds_nothing(open_page, name, width, theme):
    page = open_page(reverse(name), width, theme)
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found] == []
    assert page.complaints == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name", ["styleguide", "landing", "how", "for_employers", "account_login", "account_signup"]
)
def test_nothing_scrolls_sideways_on_the_smallest_phone(open_page, name):
    page = open_page(reverse(name), 320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.django_db(transaction=True)
def test_the_theme_switch_works_with_and_without_script(open_page):
    page = open_page(reverse("how"))
    page.get_by_label("Dark").check()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    plain = open_page(reverse("how"), script=False)
    plain.get_by_label("Dark").check()
    plain.get_by_role("button", name="Apply").click()
    assert 'data-theme="dark"' in plain.content()


@pytest.mark.django_db(transaction=True)
def test_a_sheet_opens_by_keyboard_and_without_script(open_page):
    for script in (True, False):
        page = open_page(reverse("styleguide"), script=script)
        page.locator("[popovertarget=demo-sheet]").first.press("Enter")
        assert page.get_by_role("dialog").is_visible()
        page.keyboard.press("Escape")
        assert not page.get_by_role("dialog").is_visible()


@pytest.mark.django_db(transaction=True)
def test_the_counter_counts_words_down(open_page):
    page = open_page(reverse("styleguide"))
    page.locator("#id_ok-answer").fill("three words here")
    assert page.locator("#id_ok-answer_count").inner_text() == "117 words left"
