"""What people hand in, judged once for pages and API. Raises `Invalid` with the fields; nothing is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from marketplace.ground import files as uploads
from marketplace.ground.errors import Invalid
from marketplace.ground.text import written
from projects.posting.models import AiRule

MAX_FILES, MAX_LINKS, MAX_POINTS = 10, 10, 10
MAX_NOTE, MAX_AI_NOTE, MAX_POINT, MAX_LINK = 3000, 500, 500, 500
MAX_HOURS = Decimal(200)
is_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Work:
    """`facts` are the columns of a submission; `files` are (display name, upload)."""

    facts: dict
    files: list


def clean_text(field: str, text: str, most: int, needed: str = "") -> str:
    """The stripped text. needed: what to say when it is empty (empty is fine without)."""
    text = written(str(text or ""))
    if needed and not text:
        raise Invalid({field: [needed]})
    if len(text) > most:
        raise Invalid({field: [f"At most {most:,} characters; this has {len(text):,}."]})
    return text


def clean_work(rule: AiRule, *, note, links: Sequence[str], files: Sequence, ai_note, hours) -> Work:
    """One version of a milestone: something has to be in it, and where AI tools were used when the rule asks for it."""
    errors: dict[str, list[str]] = {}

    def check(function, *args):
        try:
            return function(*args)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                errors.setdefault(field, []).extend(messages)
            return None

    needed = "Say where you used AI tools, or write that you used none." if rule == AiRule.DISCLOSE else ""
    facts = {
        "note": check(clean_text, "note", note, MAX_NOTE),
        "ai_note": check(clean_text, "ai_note", ai_note, MAX_AI_NOTE, needed),
        "links": check(clean_links, links),
        "hours": check(clean_hours, hours),
    }
    named = check(clean_files, files)
    if not errors and not (facts["note"] or facts["links"] or named):
        errors["note"] = ["Add a file, a link or a note: something that can be looked at."]
    if errors:
        raise Invalid(errors)
    return Work(facts, named)


def clean_links(links: Sequence[str]) -> list[str]:
    links = [str(link).strip() for link in links or () if str(link).strip()]
    if len(links) > MAX_LINKS:
        raise Invalid({"links": [f"At most {MAX_LINKS} links."]})
    for link in links:
        if len(link) > MAX_LINK:
            raise Invalid(
                {"links": [f"A link can have at most {MAX_LINK} characters; this has {len(link):,}."]}
            )
        try:
            is_address(link)
        except ValidationError:
            shown = link if len(link) <= 60 else link[:60] + "…"
            raise Invalid({"links": [f"“{shown}” is not a web address. Start it with https://."]}) from None
    return links


def clean_files(files: Sequence) -> list:
    files = list(files or ())
    if len(files) > MAX_FILES:
        raise Invalid({"files": [f"At most {MAX_FILES} files in one version. Put them into one zip file."]})
    named, errors = [], []
    for upload in files:
        try:
            named.append((uploads.check_upload(upload), upload))
        except ValidationError as error:
            errors += [f"{upload.name}: {message}" for message in error.messages]
    if errors:
        raise Invalid({"files": errors})
    return named


def clean_hours(hours) -> Decimal | None:
    if hours in (None, ""):
        return None
    try:
        value = Decimal(str(hours)).quantize(Decimal("0.1"))
    except (InvalidOperation, ValueError):
        value = None
    if value is None or not value.is_finite() or not 0 < value <= MAX_HOURS:
        raise Invalid(
            {"hours": [f"Write the hours as a number between 0.1 and {MAX_HOURS}, for example 6.5."]}
        )
    return value


def clean_changes(points: Sequence[str]) -> list[str]:
    """The points of a round of changes, empty lines left out."""
    points = [text for text in (written(str(point)) for point in points or ()) if text]
    if not points:
        raise Invalid({"points": ["Say what to change, one point at a time."]})
    if len(points) > MAX_POINTS:
        raise Invalid({"points": [f"At most {MAX_POINTS} points in one round."]})
    long = [n for n, point in enumerate(points, 1) if len(point) > MAX_POINT]
    if long:
        raise Invalid({"points": [f"Point {long[0]} is longer than {MAX_POINT} characters."]})
    return points
