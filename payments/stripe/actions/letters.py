"""Dead letters: calls and events that need a person, and what that person may do with them.

Every act asks Stripe or our own books anew, says why it was done, and stays on record.
"""

from django.db import transaction

from marketplace.ground import clock
from marketplace.ground.errors import Invalid, NotAllowed, WrongMoment
from marketplace.ground.nudge import nudge
from marketplace.ground.states import move

from .. import gateway, lookup
from ..models import Call, Event
from ..registry import OPERATIONS
from ..states import IGNORED, MANUAL, NEW, PENDING, REJECTED, STUCK, WAITING
from . import outbox

AWAY = "Stripe does not answer, so nobody can tell whether it was done. Try again later."
EXISTS = "Stripe had done it after all. It is recorded now, and nothing is left to give up."
ENDED = "This call has come to its end."


def allowed_on_call(by, call: Call) -> dict[str, str | None]:
    """`retry`, `give_up`: None, or the sentence that says why not (now)."""
    staff = None if by.is_staff else "Only a moderator can do this."
    ended = None if call.state in (PENDING, WAITING, MANUAL) else ENDED
    waits = (
        None if call.state == MANUAL else "It still goes on by itself; only what needs a person is given up."
    )
    return {"retry": staff or ended, "give_up": staff or ended or waits}


def allowed_on_event(by, event: Event) -> dict[str, str | None]:
    staff = None if by.is_staff else "Only a moderator can do this."
    waits = None if event.state == STUCK else "Only what needs a person is set aside."
    return {"replay": staff, "set_aside": staff or waits}


def _ensure(why: str | None) -> None:
    if why == "Only a moderator can do this.":
        raise NotAllowed(why)
    if why:
        raise WrongMoment(why)


def _need_words(why: str) -> None:
    if not why.strip():
        raise Invalid({"reasons": ["Say why, for the record."]})


def retry_call(*, by, call: Call, why: str = "") -> None:
    """Let a call go again under a new key; Stripe is asked first whether it exists. Every retry is on record."""
    _ensure(allowed_on_call(by, call)["retry"])
    with transaction.atomic():
        row = Call.objects.select_for_update().get(pk=call.pk)
        if row.state == PENDING:
            Call.objects.filter(pk=row.pk).update(due_at=clock.now())
            nudge("payments.drain_calls")
            return
        move(
            row,
            PENDING,
            by=by,
            reason="retried",
            note=why,
            generation=row.generation + 1,
            first_sent_at=None,
            look_first=True,
            attempts=0,
            due_at=clock.now(),
            lease_until=None,
        )
        nudge("payments.drain_calls")


def give_up_call(*, by, call: Call, why: str) -> None:
    """End a call for good, with what a refusal by Stripe would do: its money is back where it came from.

    Stripe is asked first. Raises `WrongMoment` when it had been done after all (then it is recorded), or when
    Stripe does not answer.
    """
    _ensure(allowed_on_call(by, call)["give_up"])
    _need_words(why)
    try:
        found = lookup.find(call)
    except gateway.Missing:
        found = None
    except gateway.StripeTrouble as error:
        raise WrongMoment(AWAY) from error
    if found:
        outbox.close(call, found)
        raise WrongMoment(EXISTS)
    with transaction.atomic():
        OPERATIONS[call.operation].lock(call)
        row = Call.objects.select_for_update().get(pk=call.pk)
        _ensure(allowed_on_call(by, row)["give_up"])
        OPERATIONS[call.operation].refused(row, gateway.Refused(f"Given up: {why}", "given_up"))
        move(row, REJECTED, by=by, reason="given_up", note=why, error_code="given_up", lease_until=None)


def replay_event(*, by, event: Event) -> None:
    """Apply an event again: handlers converge, so it changes nothing that is already right."""
    with transaction.atomic():
        row = Event.objects.select_for_update().get(pk=event.pk)
        if row.state != NEW:
            move(row, NEW, by=by, reason="replayed", attempts=0, due_at=clock.now(), error="")
        nudge("payments.drain_events")


def replay_events(*, by=None, ids=(), kind: str = "", since=None) -> int:
    """Apply again the stored events with these ids, of this kind (or its beginning), received since then."""
    rows = Event.objects.order_by("id")
    if ids:
        rows = rows.filter(event_id__in=ids)
    if kind:
        rows = rows.filter(kind__startswith=kind)
    if since:
        rows = rows.filter(received_at__gte=since)
    count = 0
    for event in rows.iterator(chunk_size=500):
        replay_event(by=by, event=event)
        count += 1
    return count


def set_aside_event(*, by, event: Event, why: str) -> None:
    """Nothing follows from this event; its object has been looked at by hand."""
    _ensure(allowed_on_event(by, event)["set_aside"])
    _need_words(why)
    with transaction.atomic():
        row = Event.objects.select_for_update().get(pk=event.pk)
        move(row, IGNORED, by=by, reason="set_aside", note=why, applied_at=clock.now())
