"""Proving a school address that is not the account's own: a code goes there, and the student types it in."""

import hmac
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.notifications.actions import queue_mail
from accounts.schools import queries as schools
from accounts.users import limits
from marketplace.ground import clock, ids
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment

from . import actions
from .models import SchoolCode, StudentProfile

NOT_A_SCHOOL = (
    "We do not know this as a school’s address. Use the one your school gave you; if that is it, write to us "
    "and we will look at it."
)
WRONG = "This code is not the one we sent, or it is too old. Check it, or ask for a new one."
PER_HOUR = 5


@transaction.atomic
def send_school_code(*, by, email: str) -> SchoolCode | None:
    """Send a code to a school address. None when it needs none, because the account has confirmed it.

    Raises `Invalid` on `email` for what is no school's address, and when too many mails were asked for.
    """
    email = email.strip().lower()
    profile = StudentProfile.objects.select_for_update().filter(user=by).first()
    if profile is None:
        raise NotAllowed("You have no student profile yet.")
    if profile.school_verified_at:
        raise WrongMoment("Your school is verified already.")
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid({"email": ["Write the address like amara@school.edu."]}) from None
    if schools.academic_domain(email) is None:
        raise Invalid({"email": [NOT_A_SCHOOL]})
    if EmailAddress.objects.filter(user=by, email__iexact=email, verified=True).exists():
        actions.recognise_school(by)
        return None
    if not (
        limits.within("school-code", email, PER_HOUR, 3600)
        and limits.within("school-code", by.pk, PER_HOUR, 3600)
    ):
        raise Invalid({"email": ["That is as many codes as we send in an hour. Try again later."]})
    code = f"{secrets.randbelow(1_000_000):06d}"
    row, _ = SchoolCode.objects.update_or_create(
        student=profile,
        defaults={
            "email": email,
            "digest": _digest(profile, email, code),
            "tries": 0,
            "expires_at": clock.now() + SchoolCode.LIFE,
        },
    )
    queue_mail(
        to=email,
        user=by,
        kind="account",
        key=f"school-code:{ids.secret()}",
        subject="Your code to confirm your school",
        template="emails/account",
        context={
            "title": "Confirm your school address",
            "code": code,
            "paragraphs": [
                f"{by.name} wants to confirm this address as theirs. Type this code in where you asked for it.",
                code,
                "It works for 30 minutes. If you did not ask for it, do nothing: without it nobody gets on.",
            ],
            "why": "Somebody typed in this address to confirm a school.",
        },
    )
    return row


def confirm_school_code(*, by, code: str) -> StudentProfile:
    """Type in the code. Each try is counted before it is looked at, so that nobody can guess in parallel.

    Raises `Invalid` on `code`.
    """
    given = "".join(c for c in code if c.isdigit())
    counted = SchoolCode.objects.filter(
        student__user=by, expires_at__gt=clock.now(), tries__lt=SchoolCode.TRIES
    ).update(tries=F("tries") + 1)
    row = SchoolCode.objects.select_related("student").filter(student__user=by).first()
    if (
        not counted
        or row is None
        or not hmac.compare_digest(row.digest, _digest(row.student, row.email, given))
    ):
        raise Invalid({"code": [WRONG]})
    with transaction.atomic():
        if not SchoolCode.objects.filter(pk=row.pk, digest=row.digest).delete()[0]:
            raise Invalid({"code": [WRONG]})
        profile = StudentProfile.objects.select_for_update().get(pk=row.student_id)
        school = schools.recognise(row.email)
        if school is None:
            raise Invalid({"code": [NOT_A_SCHOOL]})
        if not actions.take_school(profile, school, row.email):
            raise Invalid({"code": ["This school address already confirms somebody else’s account."]})
    return profile


def waiting_code(profile: StudentProfile) -> SchoolCode | None:
    """The code that is on its way and can still be typed in."""
    return SchoolCode.objects.filter(
        student=profile, expires_at__gt=clock.now() + timedelta(seconds=1), tries__lt=SchoolCode.TRIES
    ).first()


def _digest(profile: StudentProfile, email: str, code: str) -> str:
    return salted_hmac(
        "accounts.students.school_code", f"{profile.pk}:{email}:{code}", algorithm="sha256"
    ).hexdigest()
