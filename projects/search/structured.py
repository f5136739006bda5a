"""A project as schema.org's JobPosting, for search engines (https://schema.org/JobPosting).

Pay is the student's net per estimated hour, before tax: the figure that people see on the page.
"""

import json
from decimal import Decimal

from babel.core import get_global
from django.conf import settings
from django.urls import reverse
from django.utils.html import escape, linebreaks
from django.utils.safestring import mark_safe

from marketplace.ground import money
from projects.posting.models import LocationMode
from projects.posting.showing import Shown

HOURS_NOTE = "{hours} hours in total, as an independent contractor"


def job_posting(shown: Shown) -> dict:
    """The JobPosting of an open project as plain data."""
    project = shown.project
    organisation = project.organisation
    data = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": project.title,
        "description": _description(shown),
        "identifier": {"@type": "PropertyValue", "name": organisation.name, "value": project.public_id},
        "url": settings.SITE_URL + reverse("search:project", args=[project.public_id]),
        "datePosted": project.published_at.date().isoformat(),
        "validThrough": project.apply_by.isoformat(),
        "employmentType": ["CONTRACTOR", "INTERN", "TEMPORARY"],
        "hiringOrganization": {"@type": "Organization", "name": organisation.name},
        "directApply": True,
        "workHours": HOURS_NOTE.format(hours=f"{project.hours.normalize():f}"),
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": project.currency,
            "value": {
                "@type": "QuantitativeValue",
                "value": _plain(shown.hourly, project.currency),
                "unitText": "HOUR",
            },
        },
    }
    if organisation.website:
        data["hiringOrganization"]["sameAs"] = organisation.website
    if project.start_on:
        data["jobStartDate"] = project.start_on.isoformat()
    if shown.must:
        data["skills"] = ", ".join(skill.name for skill in shown.must)
    return data | _where(project)


def _where(project) -> dict:
    country = _country(project.zone)
    if project.location_mode == LocationMode.REMOTE:
        where = {"jobLocationType": "TELECOMMUTE"}
        if country:
            where["applicantLocationRequirements"] = {"@type": "Country", "name": country}
        return where
    address = {"@type": "PostalAddress", "addressLocality": project.location}
    if country:
        address["addressCountry"] = country
    return {"jobLocation": {"@type": "Place", "address": address}}


def _country(zone: str) -> str:
    """The two-letter country that a time zone lies in; empty for zones of no country."""
    country = get_global("zone_territories").get(zone, "")
    return country if len(country) == 2 and country.isalpha() else ""


def _description(shown: Shown) -> str:
    """HTML, as the vocabulary asks for; everything that people wrote is escaped."""
    project = shown.project
    parts = [linebreaks(project.summary, autoescape=True), f"<p>{escape(project.outcome)}</p>"]
    if project.deliverables:
        parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in project.deliverables) + "</ul>")
    return "".join(parts)


def _plain(amount: int | None, currency: str) -> str:
    """Minor units as a decimal number in text: 2050 -> "20.50"."""
    return f"{Decimal(amount or 0).scaleb(-money.exponent(currency)):f}"


def script(data: dict) -> str:
    """`data` as JSON that can stand inside a `<script type="application/ld+json">` whatever people wrote."""
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(text)  # noqa: S308 - the characters that could end the element are escaped above
