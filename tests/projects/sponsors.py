"""Sponsors with money and programmes, for the tests of sponsoring."""

import itertools
from datetime import timedelta
from decimal import Decimal

from accounts.schools.models import School, SchoolStaff
from accounts.students.models import StudentProfile
from marketplace.ground import clock
from payments.wallets import actions as wallets
from projects.sponsoring import actions

from . import postings

_numbers = itertools.count(1)


def school(name: str = "Northgate College") -> School:
    return School.objects.create(name=f"{name} {next(_numbers)}")


def coordinator(of: School):
    person = postings.person("Ruth Park")
    SchoolStaff.objects.create(user=person, school=of)
    return person


def wallet(by, of: School, *amounts: int):
    """A wallet with money that came by bank, which needs no Stripe."""
    row = wallets.open_wallet(by=by, school=of)
    mo = postings.moderator()
    for amount in amounts or (1_000_000,):
        wallets.record_transfer(
            by=mo,
            wallet=row,
            amount=amount,
            received_on=clock.now().date(),
            reference=f"GIFT {next(_numbers)}",
        )
    return row


def rules(**changes) -> dict:
    today = clock.now().date()
    return {
        "name": "First steps",
        "about": "For students without a record.",
        "starts_on": today,
        "ends_on": today + timedelta(days=120),
        "budget": 500_000,
        "share_bp": 6_000,
        "cap_project": None,
        "cap_student": None,
        "hourly_min": 0,
        "approval": "each",
        "functions": [],
        "verified_only": False,
        "small_only": False,
        "first_timers_only": False,
        "hours_min": Decimal(0),
        "hours_max": Decimal(80),
        "schools": [],
        **changes,
    }


def programme(by, of_wallet, **changes):
    return actions.save_programme(by=by, wallet=of_wallet, data=rules(**changes))


def enrol(student, at: School) -> None:
    StudentProfile.objects.filter(user=student).update(school=at, school_verified_at=clock.now())
