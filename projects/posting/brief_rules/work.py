"""Rules about what a project is: one piece of paid work with an end, not a job, a trial or a favour."""

from collections.abc import Iterator

from .base import IMPROVE, Finding, Reading, finding, rule
from .phrases import Text


@rule("questions-many")
def questions_many(reading: Reading) -> Iterator[Finding]:
    """Up to three questions, each short."""
    asked = [(i, words) for i, words in enumerate(reading.brief.questions) if words.strip()]
    if len(asked) > 3:
        yield finding(
            "questions",
            f"There are {len(asked)} questions.",
            "Up to three are allowed: applying should take minutes.",
            "Keep the ones whose answers would change your choice.",
        )
    for i, words in asked:
        parts = words.count("?")
        if len(Text(words).words) > 50 or parts > 3:
            yield finding(
                f"questions.{i}",
                f"Question {i + 1} is {'several questions in one' if parts > 3 else 'very long'}.",
                "Answers have at most 120 words; a long question gets a thin answer.",
                "Ask one thing, in one or two sentences.",
                IMPROVE,
            )
