"""What happened to an application, in the words of whoever reads it."""

from types import SimpleNamespace

from marketplace.ground.models import StateChange

from .models import Application
from .queries import face
from .states import ApplicationState, DeclineReason

S = ApplicationState
SAID = {  # by reason, else by the state that was reached
    "opened": "Opened by a person",
    "unshortlisted": "Taken off the shortlist",
    "in_reserve": "Stays in reserve",
    "left_reserve": "No longer in reserve",
    "offer_declined": "Offer declined",
    "offer_expired": "The offer ended unanswered",
    "offer_withdrawn": "Offer withdrawn",
    "called_off": "Called off before the start",
    "funds_secured": "Hired: the funds are secured",
    DeclineReason.LOT: "Not drawn in the lot",
    DeclineReason.SILENT: "Closed: the employer did not respond",
    DeclineReason.NO_FUNDS: "Ended: the pay was not secured in time",
    DeclineReason.FILLED: "Declined: somebody else was chosen",
    DeclineReason.CANCELLED: "Closed: the project was cancelled",
    S.DRAFT: "Draft begun",
    S.SUBMITTED: "Application sent",
    S.SHORTLISTED: "On the shortlist",
    S.OFFERED: "Offer made",
    S.DECLINED: "Declined",
    S.WITHDRAWN: "Withdrawn",
}


def story(application: Application, for_student: bool) -> list[SimpleNamespace]:
    """The timeline, oldest first: `said`, `at`, `by` (with a name), `note`. Reads one query.

    The student sees the organisation and not who of it acted; the employer sees the applicant as the board does.
    Drafting is the student's own business.
    """
    organisation = SimpleNamespace(name=application.project.organisation.name)
    student = SimpleNamespace(name="you" if for_student else face(application).name)
    rows = []
    for change in StateChange.of(application):
        if change.to_state == S.DRAFT and not for_student:
            continue
        by = None
        if change.by_id:
            own = change.by_id == application.student_id
            by = student if own else organisation if for_student else change.by
        rows.append(
            SimpleNamespace(
                said=SAID.get(change.reason) or SAID.get(change.to_state, ""),
                at=change.at,
                by=by,
                note=change.note,
                to_state=change.to_state,
            )
        )
    return rows
