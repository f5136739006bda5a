"""Adding and taking away rows of the posting form: deliverables, milestones and questions, without a script."""

from . import drafts

ROWS = {
    "deliverables": drafts.MAX_DELIVERABLES,
    "milestones": drafts.MAX_MILESTONES,
    "questions": drafts.MAX_QUESTIONS,
}
PARTS = {"milestones": ("title", "outcome", "done_when", "hours")}


def change_rows(data, do: str):
    """The posted `data` with a row added (`add-milestones`) or taken away (`drop-milestones-1`)."""
    verb, _, rest = do.partition("-")
    prefix, _, place = rest.partition("-")
    if prefix not in ROWS:
        return data
    data = data.copy()
    parts = [f"_{part}" for part in PARTS.get(prefix, ())] or [""]
    rows = []
    while len(rows) < ROWS[prefix] and any(f"{prefix}_{len(rows)}{part}" in data for part in parts):
        rows.append([data.get(f"{prefix}_{len(rows)}{part}", "") for part in parts])
    for number in range(len(rows)):
        for part in parts:
            data.pop(f"{prefix}_{number}{part}", None)
    if verb == "add" and len(rows) < ROWS[prefix]:
        rows.append([""] * len(parts))
    if verb == "drop" and place.isdecimal() and int(place[:3]) < len(rows):
        del rows[int(place[:3])]
    for number, row in enumerate(rows):
        for part, value in zip(parts, row, strict=True):
            data[f"{prefix}_{number}{part}"] = value
    return data
