"""The agreement: the terms as data, and the text that both sides read.

The data name people by surrogate and the text not at all, so that erasing a person leaves both whole; the page
shows the names beside the text. Not legal advice: the operator's counsel confirms the text, and it is theirs to edit.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from django.template.loader import render_to_string

from marketplace.ground import calendar, policy
from projects.posting import queries as posting
from projects.posting.models import Project
from projects.sponsoring import actions as sponsoring
from projects.sponsoring.rules import share_out

VERSION = 1
_MARKS = re.compile(r"([\\`*_\[\]<#~|])")
_LINE_START = re.compile(r"^(\d{0,9})([-+=>.)])(?=\s|$|[-=>])")


def terms_for(*, project: Project, student, made_by, number: str, start_on: date, due_on: date) -> dict:
    """The terms as plain data (JSON). `number`: the offer's public id. Money in minor units, times in UTC."""
    rules, brand = policy.current(), policy.brand()
    fee = posting.fee(project)
    milestones = milestones_for(project, start_on, due_on)
    return {
        "version": VERSION,
        "number": number,
        "project": project.public_id,
        "title": project.title,
        "parties": {
            "employer": {"organisation": project.organisation.public_id, "name": project.organisation.name},
            "student": {"surrogate": str(student.surrogate)},
            "for_the_employer": {"surrogate": str(made_by.surrogate)},
            "operator": {"name": brand.operator, "site": brand.name, "email": brand.support_email},
        },
        "scope": {
            "function": project.function,
            "summary": project.summary,
            "outcome": project.outcome,
            "deliverables": list(project.deliverables),
            "good_to_know": project.good_to_know,
            "hours": plain_hours(project.hours),
            "location_mode": project.location_mode,
            "location": project.location,
        },
        "milestones": milestones,
        **sponsor_for(project, student, milestones),
        "money": {
            "currency": project.currency,
            "price": project.price,
            "fee": fee,
            "net": project.price - fee,
            "fee_bp": project.fee_bp,
            "release_delay_days": posting.release_delay_days(project),
        },
        "dates": {"start_on": start_on.isoformat(), "due_on": due_on.isoformat(), "zone": project.zone},
        "ownership": "passes to the employer when the pay for a milestone is released",
        "show_right": project.show_right,
        "ai_rule": project.ai_rule,
        "policy": rules.frozen(),
    }


def sponsor_for(project: Project, student, milestones: list[dict]) -> dict:
    """The sponsor's part of the terms: what it pays in all and of each milestone, and what that leaves to the
    employer. Empty without a sponsor, or when it does not pay for this student.
    """
    found = sponsoring.quote(project, student)
    if found is None or not found.amount:
        return {}
    shared = share_out([(row["net"], row["fee"]) for row in milestones], found.amount, project.currency)
    wallet, fee = found.draw.programme.wallet, sum(one.fee for one in shared)
    price = sum(one.price for one in shared)
    return {
        "sponsor": {
            "name": wallet.sponsor,
            "programme": found.draw.programme.name,
            "draw": found.draw.public_id,
            "amount": found.amount,
            "share_bp": round(found.amount * 10_000 / sum(row["net"] for row in milestones)),
            "price": price,
            "fee": fee,
            "due": price - found.amount,
            "milestones": [one._asdict() for one in shared],
        }
    }


def milestones_for(project: Project, start_on: date, due_on: date) -> list[dict]:
    """Milestones with their shares of price and fee, due between start and due in step with their hours."""
    planned = posting.shares(project)
    if planned:
        rows = [(m.title, m.outcome, list(m.done_when), m.hours, price, fee) for m, price, fee in planned]
    else:
        rows = [
            (
                project.title,
                project.outcome,
                list(project.deliverables),
                project.hours,
                project.price,
                posting.fee(project),
            )
        ]
    dates = spread([row[3] for row in rows], start_on, due_on)
    return [
        {
            "order": place,
            "title": title,
            "outcome": outcome,
            "done_when": done_when,
            "hours": plain_hours(hours),
            "price": price,
            "fee": fee,
            "net": price - fee,
            "due_on": due.isoformat(),
            "due_at": calendar.end_of_day(due, project.zone).isoformat(),
        }
        for place, ((title, outcome, done_when, hours, price, fee), due) in enumerate(
            zip(rows, dates, strict=True), 1
        )
    ]


def spread(hours, start_on: date, due_on: date) -> list[date]:
    """A due date for each of `hours`: the days from start to due, shared out by the hours done until then."""
    weights = list(hours) if sum(hours) else [1 for _ in hours]
    whole, days, done, dates = sum(weights), (due_on - start_on).days, 0, []
    for weight in weights:
        done += weight
        dates.append(start_on + timedelta(days=max(1, round(days * done / whole))))
    dates[-1] = due_on
    return dates


def plain_hours(hours: Decimal) -> str:
    """`30.0` -> `30`, `7.5` -> `7.5`."""
    return f"{Decimal(hours).normalize():f}"


def quiet(text: str) -> str:
    """What people wrote, so that it cannot pass for a heading, list or emphasis of the agreement itself."""
    lines = [_LINE_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", line.strip())) for line in text.splitlines()]
    return "\n".join(lines).strip()


def _quieted(value):
    if isinstance(value, str):
        return quiet(value)
    if isinstance(value, list):
        return [_quieted(item) for item in value]
    return {key: _quieted(item) for key, item in value.items()} if isinstance(value, dict) else value


def text_of(terms: dict) -> str:
    """The same terms as Markdown, the words that both sides accept."""
    rules, shown = terms["policy"], _quieted({k: v for k, v in terms.items() if k not in ("policy", "dates")})
    text = render_to_string(
        "projects/hiring/agreement.md",
        {
            "terms": {**shown, "dates": terms["dates"]},
            "rules": rules,
            "parties": shown["parties"],
            "scope": shown["scope"],
            "money": terms["money"],
            "sponsor": shown.get("sponsor"),
            "milestones": [
                {**shown_one, "due_on": date.fromisoformat(one["due_on"])}
                for shown_one, one in zip(shown["milestones"], terms["milestones"], strict=True)
            ],
            "start_on": date.fromisoformat(terms["dates"]["start_on"]),
            "due_on": date.fromisoformat(terms["dates"]["due_on"]),
            "fee_percent": f"{terms['money']['fee_bp'] / 100:g}",
            "kickoff_percent": f"{rules['kickoff_penalty_bp'] / 100:g}",
            "extension_percent": f"{rules['extension_max_bp'] / 100:g}",
            "review_days": review_days(terms),
        },
    )
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def review_days(terms: dict) -> int:
    """Business days that the employer has to answer a milestone other than the last."""
    rules = terms["policy"]
    start, due = (date.fromisoformat(terms["dates"][name]) for name in ("start_on", "due_on"))
    short = (due - start).days < rules["short_project_days"]
    return rules["review_short_days"] if short else rules["review_business_days"]


def digest_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()
