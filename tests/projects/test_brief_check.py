"""The brief check says what is wrong, says it once, and leaves innocent sentences alone."""

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from projects.posting.brief_check import RULES, Brief, BriefMilestone, check
from projects.posting.brief_rules.wordings import Wording

CASES = tomllib.loads((Path(__file__).parent / "brief_cases.toml").read_text(encoding="utf-8"))
GOOD = Brief(
    title="Test two versions of our booking page",
    function="design",
    summary=(
        "Four in ten people who start booking a bike on their phone give up on the second screen. We have "
        "two ideas for a "
        "simpler version and do not know which is better. Watch six riders use the page we have, redraw it "
        "with both "
        "ideas, then test the drawings with six more. We will build the better one in June and tell you how "
        "it did."),
    outcome="A one-page recommendation that says which of two drawn versions to build, backed by twelve "
    "short sessions.",
    deliverables=["Notes from twelve short sessions", "Two clickable drawings of the page",
    "A one-page recommendation (PDF)"],
    milestones=[
        BriefMilestone("Six sessions and notes", "We know where riders stop",
        ["Six riders have used the page on a phone",
                       "Each stop is noted with the screen it happened on"], Decimal(12)),
        BriefMilestone("Two drawings and six more sessions", "We know which version to build",
                       ["Both versions can be clicked through", "Six riders have tried both"],
                       Decimal("12.0")),
    ],
    hours=Decimal(24), price=66000, start_on=date(2026, 3, 16), due_on=date(2026, 4, 6), today=date(2026, 3,
    1),
    must_skills=["Usability testing", "Figma"], nice_skills=["Interviewing"],
    questions=["Open our booking page on a phone. What would make you stop first?"],
    good_to_know="We find the twelve riders for you and lend you a Figma seat.",
)


def with_text(field: str, words: str, brief: Brief = GOOD) -> Brief:
    """`brief` with `words` in the field of that name."""
    head, *rest = field.split(".")
    if head == "milestones":
        index, part = int(rest[0]), rest[1]
        first = brief.milestones[index]
        changed = replace(first, **{part: [words,
            "Both versions can be clicked through"] if part == "done_when" else words})
        return replace(brief, milestones=[changed, *brief.milestones[1:]])
    if rest:
        return replace(brief, **{head: [words]})
    return replace(brief, **{head: f"{words} {GOOD.summary}" if head == "summary" else words})


def rules(brief: Brief) -> set[str]:
    return {finding.rule for finding in check(brief)}


def only(rule: str, brief: Brief):
    """The one finding of `rule`."""
    [found] = [finding for finding in check(brief) if finding.rule == rule]
    return found


def test_a_good_brief_has_nothing_to_mend():
    assert check(GOOD) == []


def test_an_empty_form_is_told_what_to_fill_in():
    assert {"title-missing", "summary-short", "outcome-missing", "deliverable-missing", "milestone-missing",
            "hours-range", "pay-missing", "dates-missing", "skills-missing"} == rules(Brief())


@pytest.mark.parametrize(("rule", "words"), [(r, w) for r, case in CASES.items() for w in case["caught"]])
def test_words_that_must_be_caught_are_caught(rule, words):
    case = CASES[rule]
    brief = with_text(case["field"], words, replace(GOOD, **case.get("brief", {})))
    found = [finding for finding in check(brief) if finding.rule == rule]
    assert [finding.field for finding in found] == [case["field"]]


@pytest.mark.parametrize(("rule", "words"), [(r, w) for r, case in CASES.items() for w in case["clear"]])
def test_innocent_words_are_left_alone(rule, words):
    case = CASES[rule]
    brief = with_text(case["field"], words, replace(GOOD, **case.get("brief", {})))
    found = check(brief)
    assert rule not in {finding.rule for finding in found}
    assert [(finding.rule, finding.what) for finding in found if finding.stops] == []


def test_every_rule_that_looks_for_words_has_its_examples():
    worded = {name for name, rule in RULES.items() if isinstance(rule, Wording)} | {"contact-details"}
    assert worded == set(CASES)
    for rule, case in CASES.items():
        assert len(case["caught"]) >= 3, rule
        assert len(case["clear"]) >= 3, rule
