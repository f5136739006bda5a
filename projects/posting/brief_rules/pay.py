"""Rules of arithmetic: pay against the floor, hours against the work, hours against the dates."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from marketplace.ground import money

from .base import IMPROVE, STOP, Brief, Finding, Reading, finding, rule
from .phrases import Text
from .words import NUMBER_WORDS

WEEK_STOP, WEEK_WARN = 30, 20
HIGH_HOURLY = 15_000  # cents: above this an hour somebody has probably typed a digit too many
BIG_MILESTONE = 20
QUARTER = Decimal("0.25")

# Hours that one of these takes an able beginner, its share of reading and corrections included.
UNIT_HOURS = {
    "interview": 1.25, "call": 0.75, "session": 1.25, "article": 3.0, "blog post": 2.5, "help article":
    1.25, "help page": 1.0, "social post": 0.75, "essay": 4.0, "video": 3.5, "reel": 1.5, "infographic":
    2.5, "illustration": 2.0, "icon": 0.4, "logo": 4.0, "landing page": 4.0, "dashboard": 4.0, "survey":
    3.0, "newsletter": 2.0, "email": 0.6, "post": 0.35, "caption": 0.15, "page": 0.6, "slide": 0.3,
    "profile": 0.5, "translation": 1.5, "transcript": 1.5, "lesson": 3.0, "guide": 3.0, "report": 4.0,
    "template": 0.75, "screen": 0.75, "podcast": 4.0, "workshop": 5.0, "prototype": 5.0, "poster": 2.0,
    "flyer": 2.0, "mockup": 2.0, "wireframe": 1.0, "case": 3.0, "proposal": 3.0, "script": 2.0, "story":
    2.0, "module": 5.0, "test": 0.3,
}


def net_per_hour(price: int, hours: Decimal, fee_bp: int) -> Decimal:
    """What the student keeps of `price` per estimated hour, in minor units, unrounded. `hours` above zero."""
    return Decimal(price - money.fee(price, fee_bp)) / Decimal(hours)


def lowest_price(hours: Decimal, floor_cents: int, fee_bp: int) -> int:
    """The smallest price in minor units whose net reaches `floor_cents` for each of `hours`."""
    net = int((Decimal(floor_cents) * Decimal(hours)).to_integral_value(ROUND_CEILING))
    price = int((Decimal(net) * 10_000 / (10_000 - fee_bp)).to_integral_value(ROUND_DOWN))
    while price - money.fee(price, fee_bp) < net:
        price += 1
    while price > 1 and price - 1 - money.fee(price - 1, fee_bp) >= net:
        price -= 1
    return price


def amount(cents: int, currency: str) -> str:
    """`18000` -> `$180`, `18050` -> `$180.50`."""
    shown = money.show(cents, currency)
    return shown[:-3] if shown.endswith(".00") else shown


def count(hours: Decimal) -> str:
    """`16.00` -> `16`, `7.50` -> `7.5`."""
    return f"{Decimal(hours).normalize():f}"


@rule("pay-missing")
def pay_missing(reading: Reading) -> Iterator[Finding]:
    """Every project is paid."""
    if not reading.brief.price:
        yield finding(
            "price", "No price is set.",
            "Every project here is paid, and students see the hourly rate before they apply.",
            _would_pass(reading.brief) or "Set the hours first, then a price; the page shows what it makes "
            "an hour.")


@rule("pay-floor")
def pay_floor(reading: Reading) -> Iterator[Finding]:
    """The student's net of the whole project, per estimated hour, is tested against the floor."""
    brief = reading.brief
    if not brief.price or not brief.hours or brief.hours <= 0:
        return
    rate = net_per_hour(brief.price, brief.hours, brief.fee_bp)
    if rate >= brief.floor_cents:
        return
    shown = int(rate.to_integral_value(ROUND_HALF_UP))
    if shown >= brief.floor_cents:  # 19.996 is below 20.00 and may not be shown as 20.00
        shown = int(rate.to_integral_value(ROUND_DOWN))
    yield finding(
        "price",
        f"{amount(brief.price, brief.currency)} for {count(brief.hours)} hours leaves the student "
        f"{money.show(shown, brief.currency)} an hour. The floor is "
        f"{money.show(brief.floor_cents, brief.currency)}.",
        "The floor is what the student keeps after the platform fee, for each hour you expect the work to "
        "take.",
        _would_pass(brief) + _fewer_hours(brief))


def _would_pass(brief: Brief) -> str:
    if not brief.hours or brief.hours <= 0:
        return ""
    price = lowest_price(brief.hours, brief.floor_cents, brief.fee_bp)
    return f"{money.show(price, brief.currency)} or more for {count(brief.hours)} hours would pass."


def _fewer_hours(brief: Brief) -> str:
    net = Decimal(brief.price - money.fee(brief.price, brief.fee_bp))
    hours = (net / brief.floor_cents / QUARTER).to_integral_value(ROUND_DOWN) * QUARTER
    if hours < brief.min_hours:
        return ""
    return f" Or make the project smaller: at this price, {count(hours)} hours."


@rule("pay-typing", IMPROVE)
def pay_typing(reading: Reading) -> Iterator[Finding]:
    """A rate far above the usual is more often a slip than a gift."""
    brief = reading.brief
    if brief.price and brief.hours and net_per_hour(brief.price, brief.hours, brief.fee_bp) > HIGH_HOURLY:
        rate = int(net_per_hour(brief.price, brief.hours, brief.fee_bp))
        yield finding(
            "price", f"That makes {money.show(rate, brief.currency)} an hour for the student.",
            "Rates like this are rare here, and students may take the posting for a trap.",
            "Check the price and the hours for a digit too many or too few. If it is meant, say why in the "
            "summary.")


@rule("hours-range")
def hours_range(reading: Reading) -> Iterator[Finding]:
    """A project has a size."""
    brief = reading.brief
    if not brief.hours or brief.hours <= 0:
        yield finding(
            "hours", "The hours are not set.",
            "The hourly rate, the dates and the student's week all follow from them.",
            "Count reading, calls and changes too. If unsure, add up what each milestone would take a "
            "beginner.")
    elif not brief.min_hours <= brief.hours <= brief.max_hours:
        small = brief.hours < brief.min_hours
        yield finding(
            "hours", f"{count(brief.hours)} hours is {'less' if small else 'more'} than a project here can "
            f"have.",
            f"A project takes {brief.min_hours} to {brief.max_hours} hours, so that it fits beside a "
            f"student's studies.",
            "Put two small tasks into one project." if small else
            "Split it: post the first part now and the next when you have seen the result. A moderator can "
            "allow more.")


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
            "milestones", f"The milestones add up to {count(total)} hours, the project says "
            f"{count(brief.hours)}.",
            "Each milestone's share of the pay follows its hours, so the two have to agree.",
            f"Change the project to {count(total)} hours, or move {count(abs(total - brief.hours))} "
            f"{'out of' if total > brief.hours else 'into'} one of the milestones.")


@rule("milestone-hours")
def milestone_hours(reading: Reading) -> Iterator[Finding]:
    """A milestone without hours would carry no pay."""
    for i, milestone in enumerate(reading.brief.milestones):
        if milestone.hours is None or milestone.hours <= 0:
            yield finding(
                f"milestones.{i}.hours", f"Milestone {i + 1} has no hours.",
                "The pay is shared out by hours; without any, this part would be done for nothing.",
                "Give it the hours a beginner would need, or join it to the milestone before.")


@rule("milestone-big", IMPROVE)
def milestone_big(reading: Reading) -> Iterator[Finding]:
    """A long first milestone means a long wait for the first pay and the first look."""
    for i, milestone in enumerate(reading.brief.milestones):
        if milestone.hours and milestone.hours > BIG_MILESTONE:
            yield finding(
                f"milestones.{i}.hours", f"Milestone {i + 1} is {count(milestone.hours)} hours long.",
                "You would see nothing, and the student be paid nothing, until all of it is done.",
                "Split it where there is something to look at: a first half, an outline, a first three of "
                "twelve.")


def counted_work(texts: list[Text]) -> tuple[float, str]:
    """(hours that the counted things in `texts` usually take, the largest of them in words)."""
    best: dict[str, tuple[float, str]] = {}
    for text in texts:
        words = [word for word, _ in text.words]
        for i, word in enumerate(words):
            number = int(word) if word.isdecimal() and len(word) < 4 else NUMBER_WORDS.get(word, 0)
            if number > 1:
                unit, said = _unit(words[i + 1:i + 5])
                if unit:
                    hours = (number * UNIT_HOURS[unit], f"{word} {said}")
                    best[unit] = max(best.get(unit, hours), hours)
    if not best:
        return 0.0, ""
    return sum(hours for hours, _ in best.values()), max(best.values())[1]


def _unit(following: list[str]) -> tuple[str, str]:
    """The thing that a number in front of these words counts, as a key of `UNIT_HOURS` and as written."""
    if not following or _is_measure(following[0]):
        return "", ""
    for i, word in enumerate(following[:3]):
        pair = f"{word} {_singular(following[i + 1])}" if i + 1 < len(following) else ""
        if pair in UNIT_HOURS:
            return pair, " ".join(following[:i + 2])
        if _singular(word) in UNIT_HOURS:
            return _singular(word), " ".join(following[:i + 1])
    return "", ""


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _is_measure(word: str) -> bool:
    """`90 second video`, `two page report`, `100 word captions`: the number measures, it does not count."""
    return _singular(word) in {
        "second", "minute", "hour", "day", "word", "page", "slide", "percent", "by", "x", "to", "or", "and",
        "year", "of"}


@rule("too-much-work", IMPROVE)
def too_much_work(reading: Reading) -> Iterator[Finding]:
    """What is to be handed over must fit the hours."""
    brief = reading.brief
    if not brief.hours or brief.hours <= 0:
        return
    # The outcome often names what the deliverables list, in other words: the larger of the two counts.
    needed, largest = max(
        counted_work([text for name, text in reading.texts if name.startswith(part)])
        for part in ("deliverables.", "outcome"))
    things = sum(1 for words in brief.deliverables if words.strip())
    if needed > float(brief.hours) * 1.15:
        yield finding(
            "hours", f"{largest.capitalize()} and the rest usually take about {round(needed)} hours. "
            f"The project allows {count(brief.hours)}.",
            "When the hours are too short the student works the rest unpaid, or the work comes half done.",
            f"Allow about {round(needed)} hours, or ask for fewer.")
    elif things > 2 and float(brief.hours) / things < 1.5:
        yield finding(
            "deliverables", f"{things} things to hand over in {count(brief.hours)} hours is a lot.",
            "Each needs a start, a check and a correction. Two good ones are worth more than six in a hurry.",
            "Keep the two or three that you would use first, or allow more hours.")


@rule("dates-missing")
def dates_missing(reading: Reading) -> Iterator[Finding]:
    """A project begins and ends."""
    brief = reading.brief
    for name, value, word in (("start_on", brief.start_on, "start"), ("due_on", brief.due_on, "due date")):
        if not value:
            yield finding(
                name, f"There is no {word} yet.",
                "Students look at the dates first: exams and other work are fixed.",
                f"Choose a start, and a due date {brief.min_days} to {brief.max_days} days later.")


@rule("dates-past")
def dates_past(reading: Reading) -> Iterator[Finding]:
    """Dates lie ahead and in order."""
    brief = reading.brief
    if brief.today and brief.start_on and brief.start_on < brief.today:
        yield finding(
            "start_on", "The start has passed.", "Applications, an offer and the payment come before it.",
            "Choose a start at least ten days from now.")
    if brief.start_on and brief.due_on and brief.due_on <= brief.start_on:
        yield finding(
            "due_on", "The due date is not after the start.", "There would be no time to do the work.",
            f"Choose a day {brief.min_days} to {brief.max_days} days after the start.")


@rule("dates-range")
def dates_range(reading: Reading) -> Iterator[Finding]:
    """The due date stays inside the policy's limits."""
    brief = reading.brief
    days = _days(brief)
    if days and not brief.min_days <= days <= brief.max_days:
        first, last = (brief.start_on + timedelta(days=d) for d in (brief.min_days, brief.max_days))
        yield finding(
            "due_on", f"The project would last {days} {'day' if days == 1 else 'days'}.",
            f"A project is due {brief.min_days} to {brief.max_days} days after the start: short enough to "
            f"end, long enough "
            "to fit around classes.",
            f"Choose a due date from {first:%B} {first.day} to {last:%B} {last.day}.")


@rule("weekly-load")
def weekly_load(reading: Reading) -> Iterator[Finding]:
    """Hours a week: a student has classes too."""
    brief = reading.brief
    days = _days(brief)
    if not days or not brief.hours or brief.hours <= 0:
        return
    weekly = float(brief.hours) / max(days / 7, 1)
    if weekly <= WEEK_WARN:
        return
    needed = -(-float(brief.hours) * 7 // WEEK_WARN)
    day = brief.start_on + timedelta(days=int(needed))
    yield finding(
        "due_on", f"{count(brief.hours)} hours in {days} days is {round(weekly)} hours a week.",
        f"Students may plan at most {WEEK_STOP} hours a week, and above {WEEK_WARN} most cannot keep up with "
        f"classes.",
        f"Move the due date to {day:%B} {day.day} or later, or make the project smaller.",
        STOP if weekly > WEEK_STOP else IMPROVE)


def _days(brief: Brief) -> int:
    if not brief.start_on or not brief.due_on or brief.due_on <= brief.start_on:
        return 0
    return (brief.due_on - brief.start_on).days
