"""The brief check counts: pay against the floor, hours against work and dates, and what is missing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.ground import money
from projects.posting.brief_check import RULES, BriefMilestone, lowest_price, net_per_hour
from projects.posting.brief_rules.wordings import Wording

from .briefs import GOOD, only, rules

NOTES, DRAWINGS = GOOD.milestones
ROWS = "Two hundred rows have a source"


def milestones(*hours, **changes):
    return {"milestones": [replace(NOTES, hours=h and Decimal(h), **changes) for h in hours]}


def dates(start, due):
    return {"start_on": date.fromisoformat(start), "due_on": date.fromisoformat(due)}


# rule -> (changes to the good brief that the rule must find, changes that it must not)
COUNTED = {
    "title-missing": (
        [{"title": ""}, {"title": "   "}, {"title": "\n"}],
        [{}, {"title": "X"}, {"title": "Sort 400 comments into themes"}],
    ),
    "title-vague": (
        [
            {"title": "Help with marketing"},
            {"title": "Various tasks"},
            {"title": "Website"},
            {"title": "Social media support"},
        ],
        [{}, {"title": "Sort customer comments"}, {"title": "Test our booking page"}],
    ),
    "title-job": (
        [
            {"title": "UX intern"},
            {"title": "Social media manager"},
            {"title": "Looking for a web developer"},
            {"title": "Marketing assistant needed"},
            {"title": "Research internship in our office"},
        ],
        [
            {},
            {"title": "Interview ten store managers"},
            {"title": "Write a guide for the new shift manager"},
            {"title": "Draw a poster that thanks every volunteer"},
        ],
    ),
    "shouting": (
        [
            {"title": "REDESIGN OUR WHOLE WEBSITE"},
            {"summary": GOOD.summary + " Apply now!!"},
            {"good_to_know": "Nice! Easy! Fun!"},
        ],
        [
            {},
            {"title": "Compare the NASA and ESA sites"},
            {"good_to_know": "We use HTML, CSS and SVG. Thank you!"},
        ],
    ),
    "summary-short": (
        [{"summary": ""}, {"summary": "Help us."}, {"summary": " ".join(["word"] * 39)}],
        [{}, {"summary": " ".join(["word"] * 40)}, {"summary": " ".join(["word"] * 400)}],
    ),
    "outcome-missing": (
        [{"outcome": ""}, {"outcome": " "}, {"outcome": "\n\n"}],
        [{}, {"outcome": "A list"}, {"outcome": "Twelve posts for April"}],
    ),
    "outcome-vague": (
        [
            {"outcome": "Help us grow our social media presence"},
            {"outcome": "Improve our website"},
            {"outcome": "Better engagement"},
            {"outcome": "More awareness of what we do among people here"},
            {"outcome": "Take our brand to the next level"},
        ],
        [
            {},
            {"outcome": "Twelve posts for April, ready to publish"},
            {"outcome": "A report on how to improve the page"},
            {"outcome": "Improve the 14 help pages"},
            {"outcome": "A drawing that shows how the hall could grow"},
        ],
    ),
    "deliverable-missing": (
        [{"deliverables": []}, {"deliverables": [""]}, {"deliverables": [" ", ""]}],
        [{}, {"deliverables": ["A list"]}, {"deliverables": ["", "A list of shops"]}],
    ),
    "deliverable-vague": (
        [
            {"deliverables": ["Ongoing support"]},
            {"deliverables": ["Help with the move"]},
            {"deliverables": ["Stuff"]},
        ],
        [{}, {"deliverables": ["A list of shops"]}, {"deliverables": ["Six photographs of chairs"]}],
    ),
    "deliverable-twice": (
        [
            {"deliverables": ["A list of shops", "a list of shops"]},
            {"deliverables": ["The map", "A map"]},
            {"deliverables": ["Notes", "A map", "Notes."]},
        ],
        [{}, {"deliverables": ["A list of shops", "A list of farms"]}, {"deliverables": ["", ""]}],
    ),
    "milestone-missing": (
        [{"milestones": []}, {"milestones": ()}, {"milestones": [], "hours": None}],
        [{}, milestones(24), milestones(12, 12)],
    ),
    "done-when-missing": (
        [milestones(24, done_when=[]), milestones(24, done_when=[""]), milestones(24, done_when=[" ", ""])],
        [{}, milestones(24), milestones(24, done_when=["", ROWS])],
    ),
    "done-when-vague": (
        [
            milestones(24, done_when=["Good quality"]),
            milestones(24, done_when=["The text is engaging"]),
            milestones(24, done_when=["It looks professional"]),
            milestones(24, done_when=["Completed"]),
        ],
        [
            {},
            milestones(24, done_when=["All links open"]),
            milestones(24, done_when=["Three good examples are noted"]),
            milestones(24, done_when=["The cleaned data opens in Excel"]),
        ],
    ),
    "template-blank": (
        [
            {"summary": f"We sell [what] to people. {GOOD.summary}"},
            {"title": "Test our [page]"},
            {"good_to_know": "You get _____ and a login."},
            {"outcome": "A list of [number] shops"},
        ],
        [
            {},
            {"summary": f"{GOOD.summary} See [our page](https://example.com)."},
            {"good_to_know": "As in source [3] and [12]."},
            {"good_to_know": "Tick [x] or [ ]."},
        ],
    ),
    "pay-missing": (
        [{"price": None}, {"price": 0}, {"price": None, "hours": None}],
        [{}, {"price": 1}, {"price": 99_999_999}],
    ),
    "pay-floor": (
        [{"price": 18000}, {"price": 53332}, {"price": 100, "hours": Decimal("0.5")}],
        [{}, {"price": 53333}, {"price": 18000, "hours": None}, {"price": None}],
    ),
    "pay-typing": (
        [{"price": 660000}, {"price": 60000, "hours": Decimal(3)}, {"price": 66000000}],
        [{}, {"price": 300000}, {"price": 660000, "hours": None}],
    ),
    "hours-range": (
        [{"hours": None}, {"hours": Decimal(0)}, {"hours": Decimal("4.5")}, {"hours": Decimal(41)}],
        [{}, {"hours": Decimal(5)}, {"hours": Decimal(40)}, {"hours": Decimal(60), "max_hours": 80}],
    ),
    "hours-sum": (
        [milestones(12), milestones(12, 13), milestones("11.75", "12.00")],
        [{}, milestones("11.75", "12.25"), milestones(12, None), {"milestones": []}],
    ),
    "milestone-hours": (
        [milestones(24, None), milestones(24, 0), milestones(24, "-1")],
        [{}, milestones(24), milestones("23.75", "0.25")],
    ),
    "milestone-big": (
        [milestones("20.25"), milestones(24), milestones(4, 36)],
        [{}, milestones(20), milestones(12, 12)],
    ),
    "too-much-work": (
        [
            {"deliverables": ["Thirty interviews"]},
            {"deliverables": ["20 blog posts of 900 words each"]},
            {"outcome": "Twelve videos for our channel, with subtitles"},
            {"deliverables": ["A map", "A list", "A guide", "A poster"], "hours": Decimal(5)},
        ],
        [
            {},
            {"deliverables": ["Twelve blog posts"], "hours": Decimal(36)},
            {"deliverables": ["A 90 second video", "A report of 12 pages"]},
            {"deliverables": ["40 social captions"]},
        ],
    ),
    "dates-missing": (
        [{"start_on": None}, {"due_on": None}, {"due_on": None, "hours": None}],
        [{}, dates("2026-03-02", "2026-03-30"), dates("2026-05-01", "2026-05-20")],
    ),
    "dates-past": (
        [
            dates("2026-02-20", "2026-03-20"),
            dates("2026-03-20", "2026-03-19"),
            dates("2026-03-20", "2026-03-20"),
        ],
        [{}, dates("2026-03-01", "2026-03-20"), {**dates("2025-03-01", "2025-03-20"), "today": None}],
    ),
    "dates-range": (
        [
            dates("2026-03-16", "2026-03-20"),
            dates("2026-03-16", "2026-04-17"),
            dates("2026-03-16", "2026-09-16"),
        ],
        [{}, dates("2026-03-16", "2026-03-23"), dates("2026-03-16", "2026-04-16")],
    ),
    "weekly-load": (
        [
            dates("2026-03-16", "2026-03-23"),
            {**dates("2026-03-16", "2026-03-26"), "hours": Decimal(40)},
            {**dates("2026-03-16", "2026-03-23"), "hours": Decimal(31)},
        ],
        [
            {},
            dates("2026-03-16", "2026-03-30"),
            {"due_on": None},
            {**dates("2026-03-16", "2026-03-23"), "hours": Decimal(20)},
        ],
    ),
    "questions-many": (
        [
            {"questions": ["One thing?"] * 4},
            {"questions": ["a? b? c? d?"]},
            {"questions": [" ".join(["word"] * 51)]},
        ],
        [{}, {"questions": []}, {"questions": ["What first?", "And why?", "Which tool?", " "]}],
    ),
    "place-missing": (
        [
            {"location_mode": "onsite"},
            {"location_mode": "hybrid", "location": " "},
            {"location_mode": "onsite", "location": "X"},
        ],
        [{}, {"location_mode": "onsite", "location": "Leeds, city centre"}, {"location": "Leeds"}],
    ),
    "skills-many": (
        [
            {"must_skills": ["a"] * 9},
            {"must_skills": ["a"] * 7, "nice_skills": ["b"] * 6},
            {"must_skills": ["a"] * 20},
        ],
        [{}, {"must_skills": ["a"] * 8}, {"must_skills": ["a", " "] * 6, "nice_skills": []}],
    ),
    "skills-missing": (
        [{"must_skills": []}, {"must_skills": [""]}, {"must_skills": [], "nice_skills": ["a"]}],
        [{}, {"must_skills": ["a"]}, {"must_skills": ["", "a"]}],
    ),
}


@pytest.mark.parametrize(("rule", "changes"), [(r, c) for r, (bad, _) in COUNTED.items() for c in bad])
def test_what_must_be_found_is_found(rule, changes):
    assert rule in rules(**changes)


@pytest.mark.parametrize(("rule", "changes"), [(r, c) for r, (_, good) in COUNTED.items() for c in good])
def test_what_is_right_is_left_alone(rule, changes):
    assert rule not in rules(**changes)


def test_every_rule_that_counts_has_its_examples():
    counted = {name for name, rule in RULES.items() if not isinstance(rule, Wording)} - {"contact-details"}
    assert counted == set(COUNTED)
    assert all(len(bad) >= 3 and len(good) >= 3 for bad, good in COUNTED.values())


def test_pay_below_the_floor_is_told_in_exact_numbers():
    found = only("pay-floor", price=18000, hours=Decimal("16.00"))
    assert found.what == "$180 for 16 hours leaves the student $10.13 an hour. The floor is $20.00."
    assert found.suggestion == (
        "$355.56 or more for 16 hours would pass. Or make the project smaller: at this price, 8 hours."
    )
    assert found.stops
    assert rules(price=35556, hours=Decimal(16)).isdisjoint({"pay-floor"})
    assert "pay-floor" in rules(price=35555, hours=Decimal(16))


def test_a_cent_below_the_floor_is_not_shown_as_the_floor():
    found = only("pay-floor", price=35555, hours=Decimal(16))
    assert found.what == "$355.55 for 16 hours leaves the student $19.99 an hour. The floor is $20.00."


def test_a_smaller_project_is_not_proposed_when_it_would_be_too_small():
    assert only("pay-floor", price=5000).suggestion == "$533.33 or more for 24 hours would pass."


def test_the_floor_and_the_fee_are_the_operators():
    assert "pay-floor" in rules(price=66000, floor_cents=2500)
    assert "pay-floor" not in rules(price=48000, fee_bp=0)
    assert only("pay-floor", price=100, floor_cents=2500).what.endswith("The floor is $25.00.")
    assert only("pay-floor", price=100, currency="EUR").what.startswith("€1 for 24 hours")


@given(st.integers(1, 320), st.integers(1, 9000), st.integers(0, 3000))
def test_the_price_that_would_pass_is_the_lowest_one(quarters, floor, fee):
    hours = Decimal(quarters) / 4
    price = lowest_price(hours, floor, fee)
    assert net_per_hour(price, hours, fee) >= floor
    assert price == 1 or net_per_hour(price - 1, hours, fee) < floor
    assert price - money.fee(price, fee) > 0


def test_hours_that_do_not_add_up_say_by_how_much():
    found = only("hours-sum", **milestones("12.5", 8))
    assert found.what == "The milestones add up to 20.5 hours, the project says 24."
    assert found.suggestion == "Change the project to 20.5 hours, or move 3.5 into one of the milestones."


def test_a_week_that_is_too_full_says_which_day_would_do():
    found = only("weekly-load", **dates("2026-03-16", "2026-03-23"), hours=Decimal(36))
    assert found.what == "36 hours in 7 days is 36 hours a week."
    assert found.suggestion.startswith("Move the due date to March 29 or later")
    assert found.stops
    assert not only("weekly-load", **dates("2026-03-16", "2026-03-23")).stops


def test_a_due_date_outside_the_limits_is_told_the_right_ones():
    found = only("dates-range", **dates("2026-03-16", "2026-05-01"))
    assert found.suggestion == "Choose a due date from March 23 to April 16."


def test_work_that_does_not_fit_names_the_largest_part():
    found = only("too-much-work", deliverables=["Thirty interviews", "Ten slides"])
    assert found.what == "Thirty interviews and the rest usually take about 40 hours. The project allows 24."
    assert found.suggestion == "Allow about 40 hours, or ask for fewer."


def test_a_short_summary_is_advice_and_a_very_short_one_stops():
    assert only("summary-short", summary="word " * 19).stops
    assert not only("summary-short", summary="word " * 20).stops


def test_a_milestone_is_named_by_its_place():
    found = only("done-when-missing", milestones=[NOTES, BriefMilestone("B", "b", [], Decimal(12))])
    assert found.field == "milestones.1.done_when"
    assert found.what == "Milestone 2 does not say when it is done."
