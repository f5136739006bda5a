"""The template library: what an employer copies has to pass every test that their own project has to pass."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.skills.actions import read_seed
from accounts.skills.functions import Function
from projects import catalog
from projects.posting.brief_check import Brief, BriefMilestone, check, net_per_hour

TEMPLATES = catalog.all_templates()
SKILLS = {row["slug"]: row["name"] for row in read_seed()}
BLANK = re.compile(r"\[([^\]]+)\]")
each = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.slug)


def filled(text: str) -> str:
    """The text as an employer leaves it who keeps the example in each blank."""
    return BLANK.sub(r"\1", text)


def as_brief(template) -> Brief:
    start = date(2026, 3, 16)
    return Brief(
        title=template.title,
        function=template.function,
        summary=filled(template.summary),
        outcome=template.outcome,
        deliverables=list(template.deliverables),
        milestones=[
            BriefMilestone(m.title, m.outcome, list(m.done_when), m.hours) for m in template.milestones
        ],
        hours=template.hours,
        price=template.suggested_price,
        start_on=start,
        due_on=start + timedelta(days=template.duration_days),
        today=date(2026, 3, 1),
        must_skills=[SKILLS[slug] for slug in template.must_skills],
        nice_skills=[SKILLS[slug] for slug in template.nice_skills],
        questions=list(template.questions),
        good_to_know=filled(template.good_to_know),
        location_mode=template.location_mode,
        ai_rule=template.ai_rule,
        show_right=template.show_right,
    )


def test_every_function_has_three_templates_or_more():
    assert len(TEMPLATES) >= 36
    assert {function: len(found) >= 3 for function, found in catalog.by_function().items()} == dict.fromkeys(
        Function.values, True
    )


def test_every_function_has_one_that_a_new_employer_may_post():
    """The first project of an unproven employer costs at most 500.00."""
    for function, templates in catalog.by_function().items():
        assert any(template.suggested_price <= 50_000 for template in templates), function


def test_a_template_is_found_by_its_slug():
    assert catalog.get("newsletter-four-issues").function == Function.MARKETING
    assert catalog.get("nothing-of-the-kind") is None
    assert len({template.slug for template in TEMPLATES}) == len(TEMPLATES)
    assert len({template.title for template in TEMPLATES}) == len(TEMPLATES)


@each
def test_a_filled_in_template_has_nothing_to_mend(template):
    assert [(found.rule, found.field, found.what) for found in check(as_brief(template))] == []


@each
def test_a_template_with_its_blanks_left_open_is_held_back(template):
    brief = replace(as_brief(template), summary=template.summary)
    assert [found.rule for found in check(brief) if found.stops] == ["template-blank"]


@each
def test_the_pay_is_comfortably_above_the_floor(template):
    assert 24_00 <= net_per_hour(template.suggested_price, template.hours, 1000) <= 35_00


@each
def test_the_hours_and_days_stay_inside_the_rules(template):
    assert 5 <= template.hours <= 40
    assert sum(m.hours for m in template.milestones) == template.hours
    assert all(m.hours % Decimal("0.5") == 0 for m in template.milestones)
    assert 7 <= template.duration_days <= 31


@each
def test_the_skills_are_in_the_vocabulary(template):
    assert set(template.skills) <= set(SKILLS)
    assert len(set(template.skills)) == len(template.skills)
    assert 4 <= len(template.skills) <= 7
    assert template.must_skills


@each
def test_the_words_are_of_a_useful_length(template):
    assert 60 <= len(filled(template.summary).split()) <= 120
    assert BLANK.search(template.summary)
    assert len(template.title) <= 70
    assert len(template.blurb) <= 100
    assert len(template.outcome) <= 300
    assert 2 <= len(template.deliverables) <= 4
    assert 2 <= len(template.milestones) <= 4
    assert all(2 <= len(m.done_when) <= 4 for m in template.milestones)
    assert all(len(line) <= 200 for m in template.milestones for line in m.done_when)
    assert 1 <= len(template.questions) <= 3
    assert template.good_to_know


@each
def test_the_choices_are_ones_that_a_project_knows(template):
    assert template.location_mode in ("remote", "hybrid", "onsite")
    assert template.ai_rule in ("allowed", "disclose", "forbidden")
    assert template.show_right in ("full", "anonymised", "none")


def test_a_file_with_a_mistake_says_which_one(tmp_path, monkeypatch):
    monkeypatch.setattr("projects.catalog.library.FOLDER", tmp_path)
    (tmp_path / "data.toml").write_text('[[template]]\nslug = "x"\n')
    with pytest.raises(ValueError, match=r"data\.toml"):
        catalog.library._read("data")
