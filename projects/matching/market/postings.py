"""Postings of the market, by COPY: half from the catalogue's templates, half from their own mix of skills."""

from datetime import datetime, timedelta
from decimal import Decimal

from projects.catalog import library
from projects.models import PlannedMilestone, Project, ProjectSkill

from ..copying import Copy, text
from .people import BLOCK, public_id
from .skills import Skills
from .words import PLACES, STARTS, TRADES, without_blanks

OPEN_DAYS, WINDOW = (
    10,
    timedelta(days=14),
)  # open ones were published in the last days, with a window that was extended
NAMES = (
    *(
        "id",
        "public_id",
        "organisation",
        "created_by",
        "state",
        "closed_reason",
        "template_slug",
        "step",
        "title",
    ),
    *(
        "function",
        "summary",
        "outcome",
        "deliverables",
        "hours",
        "price",
        "start_on",
        "due_on",
        "location_mode",
    ),
    *(
        "location",
        "ai_rule",
        "work_authorisation",
        "created_at",
        "updated_at",
        "sent_at",
        "published_at",
        "apply_by",
    ),
    *("answer_by", "closes_silently_at", "closed_at", "application_count"),
)
CLOSED = ("filled", "expired", "silent", "cancelled")


def make_postings(
    count: int,
    opened: int,
    first: int,
    employers: range,
    owners: range,
    skills: Skills,
    sentences,
    now,
    seed: int,
) -> None:
    """`count` postings with ids from `first`; the newest `opened` are open, of the rest one in thirty is a draft."""
    random = skills.random
    projects = Copy(Project, *NAMES)
    asked = Copy(ProjectSkill, "id", "project", "skill", "must")
    milestones = Copy(PlannedMilestone, "id", "project", "order", "title", "outcome", "done_when", "hours")
    templates = [t for t in library.all_templates() if all(slug in skills.by_slug for slug in t.skills)]
    names = {skill.pk: skill.name for skill in skills.by_slug.values()}
    next_asked, next_milestone = asked.next_id(), milestones.next_id()
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        homes = skills.homes(size)
        drawn = skills.draw(homes, 9).tolist()
        wanted = random.choice((2, 3, 4, 5, 6), size, p=(0.1, 0.3, 0.35, 0.15, 0.1)).tolist()
        said = random.integers(0, len(sentences), (size, 12)).tolist()
        dice = random.random((size, 12)).tolist()
        employer = (random.zipf(1.4, size) % len(employers)).tolist()
        counts = random.poisson(6, size).clip(0, 25).tolist()
        rows, links, parts = [], [], []
        for i in range(size):
            number, die = first + start + i, dice[i]
            template = templates[int(die[0] * len(templates))] if die[1] < 0.5 else None
            trade, place = TRADES[int(die[2] * len(TRADES))], PLACES[int(die[3] * len(PLACES))]
            if template:
                function, hours = template.function, template.hours
                title = f"{without_blanks(template.title, trade)} ({place} {trade})"
                words = without_blanks(template.summary, trade)
                outcome = without_blanks(template.outcome, trade)
                deliverables = [without_blanks(d, trade) for d in template.deliverables]
                musts = [
                    skills.by_slug[s].pk
                    for k, s in enumerate(template.must_skills)
                    if die[4 + k % 4] < 0.9 or not k
                ]
                nices = [
                    skills.by_slug[s].pk for k, s in enumerate(template.nice_skills) if die[4 + k % 4] < 0.6
                ]
            else:
                function, hours = skills.functions[homes[i]], Decimal(6 + int(die[4] * 30))
                mine = list(dict.fromkeys(drawn[i]))[: wanted[i]]
                half = max(1, round(len(mine) * 0.65))
                musts, nices = mine[:half], mine[half:]
                title = f"{STARTS[int(die[5] * len(STARTS))]} {names[mine[0]]} for a {trade} in {place}"
                words, deliverables = "", [f"{names[mine[0]]}, done and explained"]
                outcome = f"The {trade} in {place} can go on alone."
            summary = " ".join((words, *(sentences[k] for k in said[i][: 5 + int(die[6] * 7)])))
            nices = [pk for pk in dict.fromkeys(nices) if pk not in musts]
            for must, ids in (("t", dict.fromkeys(musts)), ("f", nices)):
                for pk in ids:
                    links.append(f"{next_asked}\t{number}\t{pk}\t{must}")
                    next_asked += 1
            rows.append(
                _row(
                    number,
                    template,
                    title[:120],
                    function,
                    summary,
                    outcome[:300],
                    deliverables,
                    hours,
                    place,
                ).format(
                    public_id=public_id(3, number, seed),
                    organisation=employers[employer[i]],
                    owner=owners[employer[i]],
                    price=int(float(hours) * (2300 + 2400 * die[7] ** 2)),
                    mode="remote" if die[8] < 0.7 else "hybrid" if die[8] < 0.85 else "onsite",
                    rule=("allowed", "disclose", "disclose", "forbidden")[int(die[9] * 4)],
                    permit="t" if die[10] < 0.2 else "f",
                    **_moments(start + i, count, opened, die[11], counts[i], now),
                )
            )
            if template:
                for order, part in enumerate(template.milestones, 1):
                    done = [without_blanks(d, trade) for d in part.done_when]
                    fields = (
                        next_milestone,
                        number,
                        order,
                        part.title,
                        without_blanks(part.outcome, trade),
                        done,
                        part.hours,
                    )
                    parts.append("\t".join(map(text, fields)))
                    next_milestone += 1
        projects.write(rows)
        asked.write(links)
        if parts:
            milestones.write(parts)
    for copy in (projects, asked, milestones):
        copy.settle()


def _row(number, template, title, function, summary, outcome, deliverables, hours, place) -> str:
    """The line of a posting, with names in braces for what the market decides."""
    fixed = (title, function, summary, outcome, deliverables)
    words = [text(value).replace("{", "{{").replace("}", "}}") for value in fixed]
    slug = template.slug if template else ""
    return "\t".join(
        (
            *(
                str(number),
                "{public_id}",
                "{organisation}",
                "{owner}",
                "{state}",
                "{reason}",
                slug,
                "5",
                *words,
            ),
            *(str(hours), "{price}", "{start}", "{due}", "{mode}", place, "{rule}", "{permit}"),
            *(
                "{made}",
                "{made}",
                "{sent}",
                "{published}",
                "{apply_by}",
                "{answer_by}",
                "{silent}",
                "{closed}",
                "{count}",
            ),
        )
    )


def _moments(place: int, count: int, opened: int, die: float, applied: int, now: datetime) -> dict[str, str]:
    """State and dates of the posting at `place`, oldest first; those that are open come last."""
    age = (count - place) / max(1, count)
    if place >= count - opened:
        share = (count - place) / max(1, opened)
        published = now - timedelta(days=OPEN_DAYS) * share
        state, reason, closed = "published", "", None
    else:
        published = now - timedelta(days=30 + 700 * age)
        state, reason = "closed", CLOSED[0 if die < 0.62 else 1 if die < 0.8 else 2 if die < 0.88 else 3]
        closed = published + timedelta(days=9)
        if die > 0.97:
            state, reason, closed = "draft", "", None
    made = published - timedelta(days=1)
    start = (published + timedelta(days=18)).date()
    draft = state == "draft"
    apply_by = published + WINDOW
    moments = {
        "made": made,
        "sent": None if draft else made,
        "published": None if draft else published,
        "apply_by": None if draft else apply_by,
        "answer_by": None if draft else apply_by + timedelta(days=7),
        "silent": None if draft else apply_by + timedelta(days=10),
        "closed": closed,
        "start": start,
        "due": start + timedelta(days=8 + int(die * 21)),
    }
    return {name: text(value) for name, value in moments.items()} | {
        "state": state,
        "reason": reason,
        "count": "0" if draft else str(applied),
    }
