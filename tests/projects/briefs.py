"""A brief with nothing to mend, for tests to spoil."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from projects.posting.brief_check import Brief, BriefMilestone, check

GOOD = Brief(
    title="Test two versions of our booking page",
    function="design",
    summary=(
        "Four in ten people who start booking a bike on their phone give up on the second screen. We have "
        "two ideas for a simpler version and do not know which is better. Watch six riders use the page we "
        "have, redraw it with both ideas, then test the drawings with six more. We will build the better one "
        "in June and tell you how it did."
    ),
    outcome="A one-page recommendation that says which of two drawn versions to build, after twelve tests.",
    deliverables=[
        "Notes from twelve short sessions",
        "Two clickable drawings of the page",
        "A one-page recommendation (PDF)",
    ],
    milestones=[
        BriefMilestone(
            "Six sessions and notes",
            "We know where riders stop",
            ["Six riders have used the page on a phone", "Each stop is noted with the screen it happened on"],
            Decimal(12),
        ),
        BriefMilestone(
            "Two drawings and six more sessions",
            "We know which version to build",
            ["Both versions can be clicked through", "Six riders have tried both"],
            Decimal("12.0"),
        ),
    ],
    hours=Decimal(24),
    price=66000,
    start_on=date(2026, 3, 16),
    due_on=date(2026, 4, 6),
    must_skills=["Usability testing", "Figma"],
    nice_skills=["Interviewing"],
    questions=["Open our booking page on a phone. What would make you stop first?"],
    good_to_know="We find the twelve riders for you and lend you a Figma seat.",
    today=date(2026, 3, 1),
)


def with_text(field: str, words: str, brief: Brief = GOOD) -> Brief:
    """`brief` with `words` in the field of that name; in front of what is there when that is the summary."""
    head, *rest = field.split(".")
    if head == "milestones":
        part = rest[1]
        value = [words, "Both versions can be clicked through"] if part == "done_when" else words
        return replace(
            brief, milestones=[replace(brief.milestones[0], **{part: value}), *brief.milestones[1:]]
        )
    if rest:
        return replace(brief, **{head: [words]})
    return replace(brief, **{head: f"{words} {brief.summary}" if head == "summary" else words})


def rules(**changes) -> set[str]:
    """The names of the rules that find something in the good brief with `changes`."""
    return {finding.rule for finding in check(replace(GOOD, **changes))}


def only(rule: str, **changes):
    """The one finding of `rule` in the good brief with `changes`."""
    [found] = [finding for finding in check(replace(GOOD, **changes)) if finding.rule == rule]
    return found
