"""The front page, and what makes the site the operator's: name, colours, logo, legal pages, theme."""

import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from marketplace import colours
from marketplace.ground import clock, policy
from marketplace.ground.models import colour as colour_rule
from tests.projects import postings


# --- the front page -------------------------------------------------------------------------------------
def front(client):
    return client.get(reverse("landing")).content.decode()


@pytest.mark.django_db
def test_the_front_page_shows_what_closes_first_and_figures_of_enough_cases(client):
    halden = postings.organisation(postings.person(), verified_at=clock.now())
    postings.rows(4, halden)
    page = front(client)
    assert "See 4 open projects" in page
    assert page.count("Halden Bikes · Remote") == 4
    assert "median hourly rate of open projects" not in page
    postings.rows(8, halden)
    page = front(client)
    assert page.count("Halden Bikes · Remote") == 5
    assert "median hourly rate of open projects" in page


@pytest.mark.django_db
def test_the_front_page_costs_the_same_with_ten_and_with_two_hundred_projects(client):
    halden = postings.organisation(postings.person())
    front(client)
    counts = []
    for number in (10, 200):
        postings.rows(number, halden)
        with CaptureQueriesContext(connection) as queries:
            front(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


@pytest.mark.django_db
def test_the_front_page_without_projects_says_when_to_come_back(client):
    assert "Nothing is open right now" in front(client)


# --- theme, brand, legal ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_theme_is_kept_in_a_cookie_without_javascript(client):
    response = client.post(reverse("theme"), {"theme": "dark", "next": "/how-it-works/"})
    assert response.status_code == 302
    assert response.url == "/how-it-works/"
    assert 'data-theme="dark"' in client.get(reverse("how")).content.decode()
    client.post(reverse("theme"), {"theme": "system"})
    assert "data-theme=" not in client.get(reverse("how")).content.decode().split("<main")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_theme_switch_leads_nowhere_else(client, target):
    assert client.post(reverse("theme"), {"theme": "dark", "next": target}).url == "/"


@pytest.mark.django_db
def test_another_site_cannot_switch_the_theme(client):
    response = client.post(reverse("theme"), {"theme": "dark"}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "theme" not in response.cookies


@pytest.mark.django_db
def test_an_unknown_theme_is_not_kept(client):
    assert client.post(reverse("theme"), {"theme": "<b>"}).cookies["theme"].value == ""


@pytest.mark.django_db
def test_an_operator_makes_the_site_theirs(client):
    brand = policy.brand()
    brand.name, brand.operator, brand.colour_light = "Northgate Works", "Northgate Careers Co-op", "#ffcc00"
    brand.terms = "# Our terms\n\nBe **kind**. <script>alert(1)</script>"
    brand.save()
    page = client.get(reverse("how")).content.decode()
    assert "Northgate Works" in page
    assert "Northgate Careers Co-op" in page
    assert "brand.css?v=" in page
    sheet = client.get(reverse("brand_css"))
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "--pine: light-dark(#" in sheet.content.decode()
    terms = client.get(reverse("terms")).content.decode()
    assert "<strong>kind</strong>" in terms
    assert "<script>alert" not in terms


@pytest.mark.parametrize("colour", ["#ffcc00", "#ffffff", "#000000", "#14463a", "#e4007c", "#777777"])
def test_whatever_colour_an_operator_picks_stays_readable(colour):
    sheet = colours.stylesheet(colour, "")
    pairs = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", sheet))
    light, dark = pairs["pine"].split(", ")
    on_light, on_dark = pairs["on-pine"].split(", ")
    soft_light, soft_dark = pairs["pine-soft"].split(", ")
    assert colours.contrast(light, "#f0ede5") >= 4.5
    assert colours.contrast(dark, "#232826") >= 4.5
    assert colours.contrast(on_light, light) >= 4.5
    assert colours.contrast(on_dark, dark) >= 4.5
    assert colours.contrast(light, soft_light) >= 4.5
    assert colours.contrast(dark, soft_dark) >= 4.5


def test_a_colour_that_could_smuggle_css_is_refused():
    with pytest.raises(ValidationError):
        colour_rule("#fff;}*{}")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["terms", "privacy", "imprint"])
def test_the_legal_pages_stand_before_the_operator_writes_theirs(client, name):
    assert "help@example.com" in client.get(reverse(name)).content.decode()


@pytest.mark.django_db
def test_an_operators_logo_is_shown_and_a_lost_one_is_a_missing_page(client):
    brand = policy.brand()
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "#14463a").save(picture, "PNG")
    brand.logo.save("logo.png", ContentFile(picture.getvalue()))
    answer = client.get(reverse("brand_logo"))
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content == picture.getvalue()
    assert reverse("brand_logo") in client.get(reverse("how")).content.decode()
    brand.logo.storage.delete(brand.logo.name)
    assert client.get(reverse("brand_logo")).status_code == 404


@pytest.mark.django_db
def test_there_is_no_logo_until_there_is_one(client):
    assert client.get(reverse("brand_logo")).status_code == 404
