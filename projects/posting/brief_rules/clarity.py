"""Rules about saying what is to be done so that both sides would agree when it is done."""

import re
from collections.abc import Iterator

from .base import IMPROVE, STOP, Finding, Reading, finding, place, rule
from .phrases import Phrases, Text
from .words import ROLES, VERBS, has_number, is_concrete, word_set

WANTED = word_set("needed wanted required available opening vacancy opportunity remote paid")
SEEKING = word_set("looking seeking hiring wanted need needed recruiting")
EMPTY_TITLE = word_set("""
a an and any assistance business company content general help it marketing misc miscellaneous new our office
project projects some stuff support task tasks team test things various with work research admin digital
social media design data online short quick urgent opportunity student students for the web it's need needed
please you us
""")
SHORT_SUMMARY, THIN_SUMMARY = 20, 40


@rule("title-missing")
def title_missing(reading: Reading) -> Iterator[Finding]:
    """A project needs a title."""
    if not reading.brief.title.strip():
        yield finding(
            "title",
            "The project has no title yet.",
            "The title is the first thing, and often the only thing, a student reads.",
            "Name the result: “Test two versions of our booking page”.",
        )


@rule("title-vague", IMPROVE)
def title_vague(reading: Reading) -> Iterator[Finding]:
    """A title of empty words could belong to any project."""
    words = [word for word, _ in Text(reading.brief.title).words]
    if words and (len(words) < 3 or all(word in EMPTY_TITLE for word in words)):
        yield finding(
            "title",
            f"“{reading.brief.title.strip()}” could be the title of many projects.",
            "Students choose from a list of titles and pass by those that do not say what they would do.",
            "Start with a verb and name the thing: “Sort 400 customer comments into themes”.",
        )


@rule("title-job", IMPROVE)
def title_job(reading: Reading) -> Iterator[Finding]:
    """A title that names a job promises a job."""
    words = [word for word, _ in Text(reading.brief.title).words]
    while words and words[-1] in WANTED:
        words.pop()
    if not words:
        return
    seeks = words[0] in SEEKING or words[:2] == ["we", "need"] or "internship" in words
    named = words[-1] in ROLES and words[0] not in VERBS and len(words) <= 7
    if seeks or named:
        yield finding(
            "title",
            f"“{reading.brief.title.strip()}” names a person, not a result.",
            "This is a short project with an end. A job title promises a job, and hides what would be made.",
            "Say what will exist at the end: “Rewrite twelve help pages in plain words”, not “Content "
            "writer”.",
        )


@rule("shouting", IMPROVE)
def shouting(reading: Reading) -> Iterator[Finding]:
    """Capitals and rows of exclamation marks."""
    for name, text in reading.texts:
        letters = [c for c in text.raw if c.isalpha()]
        capitals = sum(c.isupper() for c in letters)
        long_words = re.findall(r"[A-Z]{5,30}", text.raw)
        loud = len(letters) >= 12 and capitals > 0.6 * len(letters) and long_words
        if loud or "!!" in text.raw or text.raw.count("!") > 2:
            yield finding(
                name,
                f"{place(name)} is written in capitals or with many exclamation marks.",
                "It reads as shouting, and screen readers may spell capitals out letter by letter.",
                "Write it as you would say it to a colleague. One calm sentence is enough.",
            )


@rule("summary-short")
def summary_short(reading: Reading) -> Iterator[Finding]:
    """The summary must tell what needs doing and why."""
    count = len(Text(reading.brief.summary).words)
    if count < THIN_SUMMARY:
        yield finding(
            "summary",
            "The summary is empty." if not count else f"The summary has {count} words.",
            "A student decides from these lines whether they understand the work and whether it matters to "
            "anybody.",
            "Use 60 to 120 words: what is the matter today, what needs doing, and what you will do with the "
            "result.",
            STOP if count < SHORT_SUMMARY else IMPROVE,
        )


VAGUE_OUTCOME = Phrases(
    """
help, helping, assist, assisting, support, supporting
improve, improved, improving, better, increase, increased, grow, growing, boost, boosting, enhance, enhanced
optimise, optimised, optimize, optimized, strengthen, maximise, maximize
work : on
take : (?:\\w{1,20} ){1,4}to the next level
awareness, engagement, visibility, presence, growth, success, progress, insights, experience
things, stuff, everything, whatever
""",
    negatable=False,
)


VAGUE_OPENERS = word_set("""
help assist support improve increase grow boost enhance optimise optimize strengthen better manage handle
work
""")


@rule("outcome-missing")
def outcome_missing(reading: Reading) -> Iterator[Finding]:
    """Without an outcome nobody knows when the project is done."""
    if not reading.brief.outcome.strip():
        yield finding(
            "outcome",
            "The outcome is empty.",
            "It is the sentence that both sides will hold the work against.",
            "Finish this sentence: “At the end we will have ...”, and name the thing.",
        )


@rule("outcome-vague")
def outcome_vague(reading: Reading) -> Iterator[Finding]:
    """An outcome that names no thing and no number cannot be checked."""
    text = Text(reading.brief.outcome)
    if not text.words or has_number(text):
        return
    hit = VAGUE_OUTCOME.find(text)
    opens_vaguely = len(text.words) < 10 and text.words[0][0] in VAGUE_OPENERS
    if opens_vaguely or (not is_concrete(text) and (hit or len(text.words) < 6)):
        said = f"The outcome speaks of “{hit}”" if hit else f"“{text.raw.strip()}” is short"
        yield finding(
            "outcome",
            f"{said} but names nothing that would exist at the end.",
            "A student cannot tell when that is done, and you would have to argue about it.",
            "Name the thing and count it: instead of “grow our social media”, “twelve posts for April, ready "
            "to "
            "publish, each with a picture and alt text”.",
        )


@rule("deliverable-missing")
def deliverable_missing(reading: Reading) -> Iterator[Finding]:
    """Something has to be handed over."""
    if not any(words.strip() for words in reading.brief.deliverables):
        yield finding(
            "deliverables",
            "Nothing is listed as handed over at the end.",
            "Without it the student cannot plan, and the credential has nothing to name.",
            "List two to four things, each a noun with its form: “A one-page recommendation (PDF)”.",
        )


VAGUE_DELIVERABLE = Phrases(
    """
help, assist, assistance, support
ongoing, regular, general, various
work : on
anything, everything, whatever, stuff, things
improve, improvement, improvements, better, growth, engagement, success
""",
    negatable=False,
)


@rule("deliverable-vague", IMPROVE)
def deliverable_vague(reading: Reading) -> Iterator[Finding]:
    """A deliverable is a thing, not an activity."""
    for name, text in reading.texts:
        if (
            name.startswith("deliverables.")
            and not is_concrete(text)
            and (VAGUE_DELIVERABLE.find(text) or len(text.words) < 2)
        ):
            yield finding(
                name,
                f"“{text.raw.strip()}” is not something that can be handed over.",
                "Activities have no end; things do, and can be checked.",
                "Name the thing and its form: “A spreadsheet of 50 suppliers with prices”, “Six edited "
                "photos (JPEG)”.",
            )


@rule("deliverable-twice", IMPROVE)
def deliverable_twice(reading: Reading) -> Iterator[Finding]:
    """The same thing listed twice."""
    seen: set[tuple[str, ...]] = set()
    for i, words in enumerate(reading.brief.deliverables):
        key = tuple(word for word, _ in Text(words).words if word not in ("a", "an", "the"))
        if key and key in seen:
            yield finding(
                f"deliverables.{i}",
                f"“{words.strip()}” is listed twice.",
                "The student will wonder whether you want two of them.",
                "Remove one, or say what makes the second different.",
            )
        seen.add(key)


@rule("milestone-missing")
def milestone_missing(reading: Reading) -> Iterator[Finding]:
    """The pay hangs on milestones, so there is at least one."""
    if not reading.brief.milestones:
        yield finding(
            "milestones",
            "There is no milestone yet.",
            "Each milestone is checked and paid on its own; the pay hangs on them.",
            "Split the work into two or three parts, each with something to look at. A small project may "
            "have one.",
        )


@rule("done-when-missing")
def done_when_missing(reading: Reading) -> Iterator[Finding]:
    """Each milestone says when it is done."""
    for i, milestone in enumerate(reading.brief.milestones):
        if not any(words.strip() for words in milestone.done_when):
            yield finding(
                f"milestones.{i}.done_when",
                f"Milestone {i + 1} does not say when it is done.",
                "This list is what you approve the work, and the pay, against.",
                "Add two to four statements that are either true or false: “Every row has a source link”.",
            )


VAGUE_DONE = Phrases(
    """
good, great, nice, perfect, beautiful, excellent, amazing, awesome, stunning, polished, modern, fresh, clean
catchy, professional, high-quality, quality, engaging, user-friendly, compelling, attractive, effective
appropriate, adequate, suitable, sufficient, reasonable, decent, solid, proper, properly, well
complete, completed, finished, done, ready, finalised
""",
    unless=r"good (?:to know|practice)|clean(?:ed)? data|data (?:is|are) clean|quality (?:score|checklist)|"
    r"done when|well (?:being|known)|as well|complete list|ready to|ready for",
    negatable=False,
)


@rule("done-when-vague", IMPROVE)
def done_when_vague(reading: Reading) -> Iterator[Finding]:
    """A done-when made of adjectives cannot be checked."""
    for name, text in reading.texts:
        if ".done_when." not in name or has_number(text) or len(text.words) > 9:
            continue
        hit = VAGUE_DONE.find(text)
        if hit:
            yield finding(
                name,
                f"“{text.raw.strip()}” can be read in more than one way: what is “{hit}”?",
                "Two honest people should come to the same answer when they check it.",
                "Turn the adjective into something to count or see: instead of “good quality”, “every figure "
                "has a source” or "
                "“opens in Excel without an error”.",
            )


BLANK = re.compile(r"\[(?!\d{1,3}\]|x\]| \])[^\[\]\n]{1,160}\](?!\()")
BLANK_LINE = re.compile(r"_{3,60}|\.{5,60}")


@rule("template-blank")
def template_blank(reading: Reading) -> Iterator[Finding]:
    """The blanks of a template have to be filled in."""
    for name, text in reading.texts:
        blank = BLANK.search(text.raw) or BLANK_LINE.search(text.raw)
        if blank:
            yield finding(
                name,
                f"{place(name)} still has a blank from the template: “{blank.group()[:80]}”.",
                "The student would have to guess what belongs there.",
                "Put your own words in its place, and delete the brackets.",
            )
