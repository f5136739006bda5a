"""Rules about what is asked of a student: how many skills, and which."""

from collections.abc import Iterator

from .base import IMPROVE, Finding, Reading, finding, rule

MANY_MUST, MANY_ALL = 8, 12


@rule("skills-many", IMPROVE)
def skills_many(reading: Reading) -> Iterator[Finding]:
    """A long list of must-haves describes nobody."""
    must = [name for name in reading.brief.must_skills if name.strip()]
    nice = [name for name in reading.brief.nice_skills if name.strip()]
    if len(must) > MANY_MUST:
        yield finding(
            "must_skills",
            f"{len(must)} skills are marked as a must.",
            "Few people have them all, and careful students do not apply when one is missing.",
            "Keep the three to five without which the work cannot be done, and make the rest “nice to have”.",
        )
    elif len(must) + len(nice) > MANY_ALL:
        yield finding(
            "nice_skills",
            f"{len(must) + len(nice)} skills are listed.",
            "The more are listed, the less each one says about the work.",
            "Keep the ones whose absence would change your choice.",
        )


@rule("skills-missing", IMPROVE)
def skills_missing(reading: Reading) -> Iterator[Finding]:
    """Without skills no student is told about the project."""
    if not any(name.strip() for name in reading.brief.must_skills):
        yield finding(
            "must_skills",
            "No skill is marked as a must.",
            "Fitting students are found, and told about the project, by these skills.",
            "Add one to five: a method (“Interviewing”), a tool (“Excel”) or a language.",
        )
