"""A sponsor writes down its rules, pauses and ends them, and asks free money back."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.schools.models import School
from accounts.skills.functions import Function
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.money import MAX_MINOR, show
from marketplace.ground.states import move, record
from payments.wallets import actions as money
from payments.wallets import queries as wallets
from payments.wallets.models import Payback, Wallet

from .. import queries, rules
from ..models import Programme
from ..states import ProgrammeState

AMOUNTS = ("budget", "cap_project", "cap_student", "hourly_min")
OPTIONAL = ("cap_project", "cap_student")


def save_programme(*, by, wallet: Wallet, data: dict, programme: Programme | None = None) -> Programme:
    """Make a programme of `wallet`, or change one. What was approved before stays as it was approved.

    data: name, about, starts_on, ends_on (dates), budget, cap_project, cap_student, hourly_min (minor units),
    share_bp (100 to 10000), approval, schools (rows), first_timers_only, functions, verified_only, small_only,
    hours_min, hours_max. Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    if not wallets.coordinates(by, wallet):
        raise NotAllowed("Only the sponsor's own people write its programmes.")
    data = dict(data)
    schools = list(data.pop("schools", []))
    _check(data, schools)
    with transaction.atomic():
        money.lock_wallet(wallet)
        if programme is None:
            row = Programme.objects.create(wallet=wallet, created_by=by, **data)
            record(row, row.state, by=by)
        else:
            row = Programme.objects.select_for_update().get(pk=programme.pk, wallet=wallet)
            if row.state == ProgrammeState.ENDED:
                raise WrongMoment("This programme has ended.")
            _check_budget(row, data["budget"])
            changed = [name for name, value in data.items() if getattr(row, name) != value]
            Programme.objects.filter(pk=row.pk).update(**data)
            row.refresh_from_db()
            record(row, row.state, old=row.state, by=by, reason="changed", note=", ".join(changed))
        row.schools.set(schools)
    return row


def _check_budget(programme: Programme, budget: int) -> None:
    """A budget may be lowered to what has been given or promised of it, and no further."""
    gone, currency = rules.taken(programme), programme.wallet.currency
    if budget < sum(gone.values()):
        parts = [
            f"{show(gone[name], currency)} is {words}"
            for name, words in (("used", "with projects or spent"), ("promised", "promised"))
            if gone[name]
        ]
        least = show(sum(gone.values()), currency)
        raise Invalid({"budget": [f"{' and '.join(parts)}, so the budget is at least {least}."]})


def _check(data: dict, schools: list) -> None:
    wrong: dict[str, list[str]] = {}
    for name in AMOUNTS:
        value = data.get(name)
        least = 0 if name == "hourly_min" else 1
        empty = value is None and name in OPTIONAL
        if not empty and (type(value) is not int or not least <= value <= MAX_MINOR):
            wrong[name] = [f"Write an amount above zero, at most {show(MAX_MINOR)}."]
    if type(data.get("share_bp")) is not int or not 100 <= data["share_bp"] <= 10_000:
        wrong["share_bp"] = ["The share is a whole number from 1 to 100 percent."]
    starts, ends = data.get("starts_on"), data.get("ends_on")
    if not isinstance(starts, date) or not isinstance(ends, date) or starts > ends:
        wrong["ends_on"] = ["The end comes after the start."]
    least, most = data.get("hours_min"), data.get("hours_max")
    known = all(isinstance(hours, Decimal) and hours.is_finite() for hours in (least, most))
    if not known or not 0 <= least <= most <= 80:
        wrong["hours_max"] = ["Hours go from 0 to 80, the smaller number first."]
    if not str(data.get("name", "")).strip() or len(data["name"]) > 80:
        wrong["name"] = ["Give it a name of at most 80 characters."]
    if len(data.get("about", "")) > 600:
        wrong["about"] = ["Keep it under 600 characters."]
    if set(data.get("functions", [])) - set(Function.values):
        wrong["functions"] = ["Choose from the list."]
    if data.get("approval", Programme.Approval.EACH) not in Programme.Approval.values:
        wrong["approval"] = ["Choose one of the two."]
    if not all(isinstance(school, School) for school in schools):
        wrong["schools"] = ["Choose from the list."]
    if wrong:
        raise Invalid(wrong)


def _move(by, programme: Programme, to: str, act: str) -> Programme:
    acts = queries.allowed_actions(by, programme)
    if act not in acts:
        raise NotAllowed("Only the sponsor's own people change its programmes.")
    if acts[act]:
        raise WrongMoment(acts[act])
    move(programme, to, by=by)
    return programme


def pause_programme(*, by, programme: Programme) -> Programme:
    """Nothing new is approved or given; what is with projects stays there."""
    return _move(by, programme, ProgrammeState.PAUSED, "pause")


def resume_programme(*, by, programme: Programme) -> Programme:
    return _move(by, programme, ProgrammeState.OPEN, "resume")


def end_programme(*, by, programme: Programme) -> Programme:
    return _move(by, programme, ProgrammeState.ENDED, "end")


def ask_money_back(*, by, wallet: Wallet, amount: int) -> list[Payback]:
    """Send `amount` minor units of what is free back to the sponsor; what is promised is kept.

    Raises `NotAllowed`, `WrongMoment`, `Invalid`.
    """
    with transaction.atomic():
        row = money.lock_wallet(wallet)
        return money.pay_back(by=by, wallet=row, amount=amount, keep=queries.promised(row))
