"""The verbs of an organisation: make and change it, its logo, and what a moderator may do to it.

Who belongs to it stands in `members.py`, who it is in `proving.py`; both are opened here, so that callers
need one door.
"""

import io

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from PIL import Image, ImageOps

from accounts.users import rules
from marketplace.ground import clock, files, ids
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.states import record

from . import domains, proving
from .members import (  # noqa: F401
    accept_invite,
    expire_invites,
    invite_member,
    leave,
    lock,
    remove_member,
    set_role,
    withdraw_invite,
)
from .models import Membership, Organisation
from .proving import decide_proof, note_cleared_payment, submit_proof, vouch  # noqa: F401
from .queries import allowed_actions
from .signals import suspension_changed

EDITABLE = frozenset(("name", "website", "about", "sector", "size", "place"))
MADE_AT_MOST = 5
LOGO_SIDE = 512
LOGO_PIXELS = 40_000_000
web_address = URLValidator(schemes=["http", "https"], message="Write a web address like https://example.com.")


def create_organisation(
    *, by, name: str, website: str = "", about: str = "", sector: str = "", size: str = "", place: str = ""
) -> Organisation:
    """Make an organisation; `by` becomes its first owner. A second call with the name gives the first one.

    An address at the website's own domain proves it at once. Raises `Invalid` beside the field.
    """
    organisation = Organisation(created_by=by)
    _fill(
        organisation,
        {"name": name, "website": website, "about": about, "sector": sector, "size": size, "place": place},
    )
    try:
        with transaction.atomic():
            made = Organisation.objects.filter(created_by=by)
            if made.count() >= MADE_AT_MOST and not made.filter(name__iexact=organisation.name).exists():
                raise Invalid(
                    {
                        "name": [
                            f"You have made {MADE_AT_MOST} organisations. Write to us if you need another."
                        ]
                    }
                )
            organisation.save()
            Membership.objects.create(organisation=organisation, user=by, role=Membership.Role.OWNER)
            proving.prove_domain(organisation, by, quietly=True)
    except IntegrityError:  # a double click: the first one made it
        first = Organisation.objects.filter(created_by=by, name__iexact=organisation.name).first()
        if first is None or not Membership.objects.filter(organisation=first, user=by).exists():
            raise Invalid({"name": ["You have made an organisation of this name before."]}) from None
        return first
    return organisation


@transaction.atomic
def update_organisation(*, by, organisation, **fields) -> Organisation:
    """Change some of `EDITABLE`. A proof that hung on what is changed is looked at again."""
    organisation = lock(organisation)
    if refusal := allowed_actions(by, organisation)["edit"]:
        raise NotAllowed(refusal)
    old_name, old_domain = organisation.name, domains.website_domain(organisation.website)
    _fill(organisation, fields)
    try:
        with transaction.atomic():
            organisation.save(update_fields=list(fields))
    except IntegrityError:
        raise Invalid({"name": ["You have made an organisation of this name before."]}) from None
    if domains.website_domain(organisation.website) != old_domain:
        proving.prove_domain(organisation, by, quietly=True)
    if organisation.name.casefold() != old_name.casefold():
        proving.look_again(organisation, by, why="The name has changed.")
    return organisation


def _fill(organisation: Organisation, fields: dict) -> None:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    problems: dict[str, list[str]] = {}
    for field, value in fields.items():
        setattr(organisation, field, value.strip())
    judged = set(fields) - {"website"}  # which has a rule and words of its own
    try:
        organisation.clean_fields(
            exclude=[f.name for f in organisation._meta.concrete_fields if f.name not in judged]
        )
    except ValidationError as error:
        problems = error.message_dict
    for field, check in (("name", rules.clean_organisation_name), ("website", web_address)):
        value = getattr(organisation, field)
        if field in fields and field not in problems and value:
            try:
                cleaned = check(value)
                if cleaned is not None:
                    setattr(organisation, field, cleaned)
            except ValidationError as error:
                problems[field] = error.messages
    if problems:
        raise Invalid(problems)


# --- logo --------------------------------------------------------------------------------------------------
def set_logo(*, by, organisation, upload) -> Organisation:
    """Draw the uploaded picture again as a square WebP of 512 pixels; nothing else of the file is kept."""
    try:
        files.check_upload(upload, files.LOGO)
        picture = _redraw(upload)
    except ValidationError as error:
        raise Invalid({"logo": error.messages}) from None
    with transaction.atomic():
        organisation = lock(organisation)
        if refusal := allowed_actions(by, organisation)["edit"]:
            raise NotAllowed(refusal)
        old = organisation.logo.name
        organisation.logo.save(f"{ids.secret()}.webp", picture, save=False)
        organisation.save(update_fields=["logo"])
        _delete_later(organisation, old)
    return organisation


@transaction.atomic
def remove_logo(*, by, organisation) -> Organisation:
    organisation = lock(organisation)
    if refusal := allowed_actions(by, organisation)["edit"]:
        raise NotAllowed(refusal)
    if not organisation.logo:
        raise WrongMoment("There is no logo to remove.")
    _delete_later(organisation, organisation.logo.name)
    organisation.logo = ""
    organisation.save(update_fields=["logo"])
    return organisation


def _redraw(upload) -> ContentFile:
    try:
        upload.seek(0)
        with Image.open(upload) as original:
            if original.width * original.height > LOGO_PIXELS:
                raise ValidationError("This picture has too many pixels. Make it smaller than 4000 by 4000.")
            picture = ImageOps.exif_transpose(original).convert("RGBA")
        picture = ImageOps.pad(picture, (LOGO_SIDE, LOGO_SIDE), color=(0, 0, 0, 0))
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=90)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError("We cannot read this picture. Export it again as PNG and retry.") from None
    return ContentFile(out.getvalue())


def _delete_later(organisation: Organisation, name: str) -> None:
    storage = organisation.logo.storage
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)


# --- what the house and its moderators do ------------------------------------------------------------------
def mark_proven(organisation) -> bool:
    """The first clean completed engagement: whether this call was the one that marked it."""
    return bool(Organisation.objects.filter(pk=organisation.pk, proven_at=None).update(proven_at=clock.now()))


@transaction.atomic
def suspend_organisation(*, by, organisation, reason: str) -> Organisation:
    """A moderator stops an organisation from acting; what it has agreed to goes on."""
    organisation = lock(organisation)
    if refusal := allowed_actions(by, organisation)["suspend"]:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise Invalid({"reason": ["Say why; its owners will ask."]})
    organisation.suspended_at, organisation.suspended_reason = clock.now(), reason.strip()[:200]
    organisation.save(update_fields=["suspended_at", "suspended_reason"])
    suspension_changed.send(Organisation, organisation=organisation)
    return organisation


@transaction.atomic
def lift_suspension(*, by, organisation) -> Organisation:
    organisation = lock(organisation)
    if refusal := allowed_actions(by, organisation)["suspend"]:
        raise NotAllowed(refusal)
    organisation.suspended_at, organisation.suspended_reason = None, ""
    organisation.save(update_fields=["suspended_at", "suspended_reason"])
    suspension_changed.send(Organisation, organisation=organisation)
    return organisation


@transaction.atomic
def lift_open_projects(*, by, organisation) -> Organisation:
    """A moderator lets a new employer have more open projects than the policy gives it."""
    organisation = lock(organisation)
    if not by.is_staff:
        raise NotAllowed("Only a moderator can do this.")
    organisation.open_projects_lifted = True
    organisation.save(update_fields=["open_projects_lifted"])
    record(organisation, "may_open_more", by=by)
    return organisation
