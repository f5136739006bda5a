"""The figures of a public record in the words of the page: only those with enough cases behind them."""

from .queries import EmployerRecord, StudentRecord

EMPLOYER = 6  # figures that an employer's record can have


def waiting(hours: int) -> str:
    """`26` hours -> `26 hours`, `70` -> `3 days`."""
    if hours < 48:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return f"{round(hours / 24)} days"


def of_employer(record: EmployerRecord) -> list[dict]:
    answers, score = record.answers, record.score
    found = [
        (answers.answer_rate, f"{answers.answer_rate}%", "of applicants got an answer in time", ""),
        (answers.median_hours, waiting(answers.median_hours or 0), "until a decision, at the median", ""),
        (answers.hire_rate, f"{answers.hire_rate}%", "of projects ended in a hire", ""),
        (record.on_time, f"{record.on_time}%", "of approvals came in time, not from the clock", ""),
        (
            record.hours,
            f"{record.hours}%",
            "of the estimated hours were needed",
            f"Over {record.hours_cases} projects",
        ),
        (score.stars, f"{score.stars} of 5", "from students", again(score.again)),
    ]
    return [{"n": n, "label": label, "note": note} for value, n, label, note in found if value is not None]


def of_student(record: StudentRecord) -> list[dict]:
    found = [
        (
            record.completed or None,
            str(record.completed),
            "completed" if record.completed != 1 else "completed project",
            "",
        ),
        (record.completed or None, f"{record.hours}", "hours of paid work", ""),
        (record.on_time, f"{record.on_time}%", "handed in on time", ""),
        (record.score.stars, f"{record.score.stars} of 5", "from employers", again(record.score.again)),
    ]
    return [{"n": n, "label": label, "note": note} for value, n, label, note in found if value is not None]


def again(percent: int | None) -> str:
    return "" if percent is None else f"{percent}% would work together again"
