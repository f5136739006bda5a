"""Rules of size: hours in range, shared out among the milestones, and enough for what is asked."""

from collections.abc import Iterator
from decimal import Decimal

from .base import IMPROVE, Finding, Reading, finding, rule
from .phrases import Text
from .words import NUMBER_WORDS, count, word_set

BIG_MILESTONE = 20

# Hours that one of these takes an able beginner, its share of reading and corrections included.
UNIT_HOURS = {
    unit: hours
    for hours, units in {
        0.15: "caption",
        0.3: "slide, test",
        0.35: "post",
        0.4: "icon",
        0.5: "profile",
        0.6: "email, page",
        0.75: "call, screen, social post, template",
        1.0: "help page, wireframe",
        1.25: "help article, interview, session",
        1.5: "reel, transcript, translation",
        2.0: "flyer, illustration, mockup, newsletter, poster, script, story",
        2.5: "blog post, infographic",
        3.0: "article, case, guide, lesson, proposal, survey",
        3.5: "video",
        4.0: "dashboard, essay, landing page, logo, podcast, report",
        5.0: "module, prototype, workshop",
    }.items()
    for unit in units.split(", ")
}
# `90 second video`, `two page report`, `100 words`: here a number measures and does not count.
MEASURES = word_set("""
second seconds minute minutes hour hours day days week weeks year years word words page slide percent by x to
or and of
""")


@rule("hours-range")
def hours_range(reading: Reading) -> Iterator[Finding]:
    """A project has a size."""
    brief = reading.brief
    if not brief.hours or brief.hours <= 0:
        yield finding(
            "hours",
            "The hours are not set.",
            "The hourly rate, the dates and the student's week all follow from them.",
            "Count reading, calls and changes too. If unsure, add up what each milestone would take a "
            "beginner.",
        )
    elif not brief.min_hours <= brief.hours <= brief.max_hours:
        small = brief.hours < brief.min_hours
        yield finding(
            "hours",
            f"{count(brief.hours)} hours is {'less' if small else 'more'} than a project here can have.",
            f"A project takes {brief.min_hours} to {brief.max_hours} hours, so that it fits beside a "
            f"student's studies.",
            "Put two small tasks into one project."
            if small
            else "Split it: post the first part now and the next when you have seen the result. A moderator "
            "can allow more.",
        )


@rule("hours-sum")
def hours_sum(reading: Reading) -> Iterator[Finding]:
    """The milestones' hours are the project's hours."""
    brief = reading.brief
    parts = [m.hours for m in brief.milestones]
    if not brief.hours or not parts or None in parts:
        return
    total = sum(parts, Decimal(0))
    if total != brief.hours:
        yield finding(
            "milestones",
            f"The milestones add up to {count(total)} hours, the project says {count(brief.hours)}.",
            "Each milestone's share of the pay follows its hours, so the two have to agree.",
            f"Change the project to {count(total)} hours, or move {count(abs(total - brief.hours))} "
            f"{'out of' if total > brief.hours else 'into'} one of the milestones.",
        )


@rule("milestone-hours")
def milestone_hours(reading: Reading) -> Iterator[Finding]:
    """A milestone without hours would carry no pay."""
    for i, milestone in enumerate(reading.brief.milestones):
        if milestone.hours is None or milestone.hours <= 0:
            yield finding(
                f"milestones.{i}.hours",
                f"Milestone {i + 1} has no hours.",
                "The pay is shared out by hours; without any, this part would be done for nothing.",
                "Give it the hours a beginner would need, or join it to the milestone before.",
            )


@rule("milestone-big", IMPROVE)
def milestone_big(reading: Reading) -> Iterator[Finding]:
    """A long first milestone means a long wait for the first pay and the first look."""
    for i, milestone in enumerate(reading.brief.milestones):
        if milestone.hours and milestone.hours > BIG_MILESTONE:
            yield finding(
                f"milestones.{i}.hours",
                f"Milestone {i + 1} is {count(milestone.hours)} hours long.",
                "You would see nothing, and the student be paid nothing, until all of it is done.",
                "Split it where there is something to look at: a first half, an outline, a first three of "
                "twelve.",
            )


def counted_work(texts: list[Text]) -> tuple[float, str]:
    """(hours that the counted things in `texts` usually take, the largest of them in words)."""
    best: dict[str, tuple[float, str]] = {}
    for text in texts:
        words = [word for word, _ in text.words]
        for i, word in enumerate(words):
            number = int(word) if word.isdecimal() and len(word) < 4 else NUMBER_WORDS.get(word, 0)
            if number > 1:
                unit, said = _unit(words[i + 1 : i + 5])
                if unit:
                    hours = (number * UNIT_HOURS[unit], f"{word} {said}")
                    best[unit] = max(best.get(unit, hours), hours)
    if not best:
        return 0.0, ""
    return sum(hours for hours, _ in best.values()), max(best.values())[1]


def _unit(following: list[str]) -> tuple[str, str]:
    """The thing that a number in front of these words counts, as a key of `UNIT_HOURS` and as written."""
    if not following or following[0] in MEASURES:
        return "", ""
    for i, word in enumerate(following[:3]):
        pair = f"{word} {_singular(following[i + 1])}" if i + 1 < len(following) else ""
        if pair in UNIT_HOURS:
            return pair, " ".join(following[: i + 2])
        if _singular(word) in UNIT_HOURS:
            return _singular(word), " ".join(following[: i + 1])
    return "", ""


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


@rule("too-much-work", IMPROVE)
def too_much_work(reading: Reading) -> Iterator[Finding]:
    """What is to be handed over must fit the hours."""
    brief = reading.brief
    if not brief.hours or brief.hours <= 0:
        return
    # The outcome often names what the deliverables list, in other words: the larger of the two counts.
    needed, largest = max(
        counted_work([text for name, text in reading.texts if name.startswith(part)])
        for part in ("deliverables.", "outcome")
    )
    things = sum(1 for words in brief.deliverables if words.strip())
    if needed > float(brief.hours) * 1.15:
        yield finding(
            "hours",
            f"{largest.capitalize()} and the rest usually take about {round(needed)} hours. "
            f"The project allows {count(brief.hours)}.",
            "When the hours are too short the student works the rest unpaid, or the work comes half done.",
            f"Allow about {round(needed)} hours, or ask for fewer.",
        )
    elif things > 2 and float(brief.hours) / things < 1.5:
        yield finding(
            "deliverables",
            f"{things} things to hand over in {count(brief.hours)} hours is a lot.",
            "Each needs a start, a check and a correction. Two good ones are worth more than six in a hurry.",
            "Keep the two or three that you would use first, or allow more hours.",
        )
