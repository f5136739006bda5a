"""The brief check reads words: it finds what must not stand in a posting and leaves the innocent alone."""

import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from projects.posting.brief_check import RULES, Brief, check, place, stops
from projects.posting.brief_rules.base import Finding
from projects.posting.brief_rules.phrases import Phrases, Text
from projects.posting.brief_rules.wordings import Wording, load

from .briefs import GOOD, with_text

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "brief_cases.toml").read_text(encoding="utf-8"))


def lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line.strip()]


GUILTY, INNOCENT = lines("guilty_briefs.txt"), lines("innocent_briefs.txt")


def test_a_good_brief_has_nothing_to_mend():
    assert check(GOOD) == []


def test_an_empty_form_is_told_what_to_fill_in():
    assert {
        "title-missing",
        "summary-short",
        "outcome-missing",
        "deliverable-missing",
        "milestone-missing",
        "hours-range",
        "pay-missing",
        "dates-missing",
        "skills-missing",
    } == {f.rule for f in check(Brief())}


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
    assert [(finding.rule, finding.what) for finding in stops(found)] == []


@pytest.mark.parametrize("words", GUILTY)
def test_what_people_try_is_noticed(words):
    assert check(with_text("summary", words)) != []


@pytest.mark.parametrize("words", INNOCENT)
def test_everyday_sentences_stop_nobody(words):
    assert [(finding.rule, finding.what) for finding in stops(check(with_text("summary", words)))] == []


def test_every_rule_that_looks_for_words_has_its_examples():
    worded = {name for name, rule in RULES.items() if isinstance(rule, Wording)} | {"contact-details"}
    assert worded == set(CASES)
    for rule, case in CASES.items():
        assert len(case["caught"]) >= 3, rule
        assert len(case["clear"]) >= 3, rule


def test_a_finding_says_where_what_why_and_how_to_mend_it():
    [found] = check(with_text("questions.0", "Please attach a redesigned version of the second screen."))
    assert found.field == "questions.0"
    assert found.what.startswith("Question 1 asks for finished work before anyone is hired: “attach")
    assert found.why == "Anything that takes longer than half an hour counts as work, and has to be paid."
    assert found.suggestion.startswith("Ask how they would start instead")
    assert found.as_dict()["severity"] == "stop"


def test_what_stops_comes_first_and_then_the_order_of_the_form():
    brief = with_text(
        "good_to_know", "Email us at once with your CV.", with_text("title", "TEST OUR BOOKING PAGE QUICKLY")
    )
    found = check(replace(brief, price=18000))
    assert [(finding.rule, finding.stops) for finding in found] == [
        ("pay-floor", True),
        ("contact-elsewhere", True),
        ("shouting", False),
    ]


def test_the_same_words_are_reported_once_a_field():
    found = check(
        with_text("summary", "Native speakers only. We said native speakers. Mother tongue English.")
    )
    assert [finding.rule for finding in found] == ["unfair-language"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "The title"),
        ("summary", "The summary"),
        ("deliverables.0", "Deliverable 1"),
        ("milestones.1.done_when.2", "The done-when list of milestone 2"),
        ("questions.2", "Question 3"),
        ("milestones.0", "Milestone 1"),
        ("good_to_know", "“Good to know”"),
    ],
)
def test_a_field_has_a_name_that_people_use(field, words):
    assert place(field) == words


@pytest.mark.parametrize(
    "words",
    [
        "Native\u200b speakers only.",
        "NATIVE   SPEAKERS only.",
        "native\nspeakers only",
        "Native-speakers only",
        "Ｎａｔｉｖｅ speakers only",
        "Native\u00a0speakers only",
    ],
)
def test_odd_spaces_and_letters_hide_nothing(words):
    assert [finding.rule for finding in check(with_text("summary", words))] == ["unfair-language"]


def test_a_refusal_is_not_a_demand():
    for words in (
        "You do not need a driving licence.",
        "We never ask for commission only.",
        "There is no heavy lifting.",
        "This is not an ongoing role.",
        "No door to door work.",
        "Nobody has to work night shifts.",
    ):
        assert check(with_text("summary", words)) == [], words
    assert [f.rule for f in check(with_text("summary", "Not only posts: commission only on each sale."))] == [
        "not-real-pay"
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a ",
        "native ",
        "[",
        "[a ",
        "a@",
        "a.b.",
        "1-2 ",
        "555 ",
        "send your ",
        "pay you ",
        "young, ",
        "at (",
        "!",
        "www. ",
        "write a short article about ",
        "no ",
        "must be a ",
        "12 interviews ",
        "x" * 40 + " ",
        "A",
        "\u0130",
        "_",
        ". ",
    ],
)
def test_four_times_the_text_takes_about_four_times_the_work(piece):
    """Far from the sixteen times of a pattern that runs back and forth; CPU of this process, side by side."""

    def cost(length: int) -> float:
        words = (piece * length)[:length]
        brief = Brief(
            title=words[:200],
            summary=words,
            outcome=words,
            deliverables=[words],
            questions=[words],
            good_to_know=words,
        )
        start = time.process_time()
        check(brief)
        return time.process_time() - start

    assert cost(20_000) < 9 * max(cost(5_000), 0.02)


def test_a_hook_is_made_of_words():
    with pytest.raises(ValueError, match="not made of words"):
        Phrases("a*b : c")


def test_a_book_of_phrases_reads_before_and_after_a_word():
    book = Phrases("must be << fast, able-bodied : (?:and|or) \\w{1,10}", unless="as a figure")
    assert book.find(Text("You must be fast and calm.")) == "must be fast and calm"
    assert book.find(Text("You must be able-bodied or tall.")) == "must be able-bodied or tall"
    assert book.find(Text("You are fast and calm.")) == ""
    assert book.find(Text("You need not, and should not must be fast and calm")) == ""
    assert book.find(Text("As a figure, must be fast and calm")) == ""


def test_a_rule_of_words_with_an_unknown_severity_is_refused(tmp_path):
    (tmp_path / "bad.toml").write_text(
        '[[wording]]\nrule = "x"\nseverity = "maybe"\nphrases = "a"\nwhat = ""\nwhy = ""\nsuggestion = ""\n'
    )
    with pytest.raises(ValueError, match="x: a severity"):
        load(tmp_path)


def test_every_rule_speaks_calmly_and_in_whole_sentences():
    for name, rule in RULES.items():
        if isinstance(rule, Wording):
            for words in (rule.what, rule.why, rule.suggestion):
                assert words.strip().endswith((".", "”", "”.")), (name, words)
                assert "!" not in words, (name, words)
    assert all(isinstance(finding, Finding) for finding in check(Brief()))
