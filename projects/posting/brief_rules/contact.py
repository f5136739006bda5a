"""Rules that keep contact and money where both sides are protected."""

import re
from collections.abc import Iterator

from .base import Finding, Reading, finding, place, rule
from .phrases import Text

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
HIDDEN_EMAIL = re.compile(
    r"\b[\w.-]{2,40} ?[(\[{]? ?\b(?:at)\b ?[)\]}]? ?[\w-]{2,40} ?[(\[{]? ?\b(?:dot)\b ?[)\]}]? "
    r"?(?:com|org|net|edu|io|co|gmail)\b"
    r"|\b[\w.-]{2,40} ?[(\[{] ?at ?[)\]}] ?[\w-]{2,40}",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?<![\w.,$€£-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{2,4}[ .-])\d{2,4}[ "
    r".-]\d{2,4}(?:[ .-]\d{2,4}){0,2}(?![\w-])"
)
PLUS_PHONE = re.compile(r"(?<!\w)\+\d{8,15}(?!\w)")
NOT_PHONE = re.compile(
    r"^(?:19|20)\d{2}[ .-]\d{1,2}[ .-]\d{1,2}$|^\d{1,2}[ .-]\d{1,2}[ .-](?:19|20)\d{2}$|^(?:\d{1,3} "
    r")(?:\d{3} ){1,3}\d{3}$|^97[89]|"
    r"^(?:19|20)\d{2}[ .-](?:19|20)\d{2}"
)
FORM = re.compile(
    r"(?:docs\.google\.com/forms|forms\.gle|forms\.office\.com|typeform\.com|jotform\.com|airtable\.com/(?:shr|app)|tally\.so|"
    r"surveymonkey\.com|cognitoforms\.com|wa\.me|t\.me|m\.me|discord\.gg|chat\.whatsapp\.com|calendly\.com|bit\.ly|tinyurl\.com|"
    r"linktr\.ee)/?[\w/?=.-]{0,60}",
    re.IGNORECASE,
)
WHY_CONTACT = (
    "Contact opens inside the engagement once somebody is hired. Until then applicants stay on "
    "this site, where every "
    "one of them gets an answer and nobody's address is passed around."
)


@rule("contact-details")
def contact_details(reading: Reading) -> Iterator[Finding]:
    """E-mail addresses, phone numbers and forms elsewhere."""
    for name, text in reading.texts:
        hit = contact_in(text)
        if hit:
            yield finding(
                name,
                f"{place(name)} has a way around this site in it: “{hit[:80]}”.",
                WHY_CONTACT,
                "Delete it. Students can ask you questions on the project page, and apply there.",
            )


def contact_in(text: Text) -> str:
    """The first e-mail address, phone number or outside form in `text`, or an empty string."""
    raw = text.raw
    if "@" in raw and (found := EMAIL.search(raw)):
        return found.group()
    if "at" in text and (found := HIDDEN_EMAIL.search(raw)) and _hidden(found.group()):
        return found.group()
    if "." in raw and (found := FORM.search(raw)):
        return found.group()
    if found := PLUS_PHONE.search(raw):
        return found.group()
    for found in PHONE.finditer(raw):
        digits = sum(c.isdigit() for c in found.group())
        if 9 <= digits <= 15 and not NOT_PHONE.search(found.group().strip()):
            return found.group().strip()
    return ""


def _hidden(found: str) -> bool:
    """`jo at acme dot com` and `jo (at) acme`, not `look at acme`."""
    return bool(re.search(r"[(\[{] ?at|\bdot\b", found, re.IGNORECASE))


@rule("place-missing")
def place_missing(reading: Reading) -> Iterator[Finding]:
    """Work that happens somewhere says where."""
    brief = reading.brief
    if brief.location_mode and brief.location_mode != "remote" and len(brief.location.strip()) < 3:
        yield finding(
            "location",
            "The project is not remote, but has no place.",
            "A student has to know whether they can get there, and how long it takes.",
            "Give the town and the part of it. The exact address can wait until somebody is hired.",
        )
