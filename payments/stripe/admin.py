"""Calls and events: to be read, let go again, or given up; and the switch that stops payments."""

from django import forms
from django.contrib import admin, messages

from marketplace.ground.acting import Act, ActingAdmin, reasons_form, timeline_panel

from ..reading import Readable
from .actions import letters, stopping
from .models import Call, Event, Stop


class StopForm(forms.Form):
    currency = forms.CharField(
        required=False, max_length=3, help_text="Three letters, for example USD. Empty for all currencies."
    )
    reasons = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


def _why(allowed, name: str):
    return lambda by, thing: allowed(by, thing)[name]


@admin.register(Call)
class CallAdmin(Readable, ActingAdmin):
    list_display = [
        "uuid",
        "operation",
        "state",
        "currency",
        "attempts",
        "generation",
        "error_code",
        "created_at",
        "done_at",
    ]
    list_filter = ["state", "operation", "currency"]
    search_fields = ["uuid", "stripe_id", "error_code"]
    actions = ["retry"]
    acts = (
        Act(
            "retry",
            "Let it go again",
            lambda by, call, reasons: letters.retry_call(by=by, call=call, why=reasons),
            _why(letters.allowed_on_call, "retry"),
            reasons_form("What you found", required=False),
            "Stripe is asked first whether it was done; nothing is done twice.",
        ),
        Act(
            "give-up",
            "Give it up",
            lambda by, call, reasons: letters.give_up_call(by=by, call=call, why=reasons),
            _why(letters.allowed_on_call, "give_up"),
            reasons_form("Why"),
            "Stripe is asked first. If it was not done, it never will be: the money goes back to where it was.",
            danger=True,
        ),
        Act(
            "stop",
            "Stop payments",
            lambda by, call, currency, reasons: stopping.stop_by_hand(by=by, currency=currency, why=reasons),
            form=StopForm,
            explain="Holds every call that moves money in this currency until a moderator lifts it.",
            danger=True,
        ),
    )

    def panels(self, request, call):
        return [timeline_panel(call)]

    @admin.action(description="Let the selected calls go again")
    def retry(self, request, calls):
        again = [call for call in calls if letters.allowed_on_call(request.user, call)["retry"] is None]
        for call in again:
            letters.retry_call(by=request.user, call=call)
        self.message_user(
            request, f"{len(again)} on their way; the others are done or refused for good.", messages.INFO
        )


@admin.register(Event)
class EventAdmin(Readable, ActingAdmin):
    list_display = ["event_id", "kind", "state", "source", "attempts", "received_at"]
    list_filter = ["state", "source", "kind"]
    search_fields = ["event_id", "object_id", "account"]
    actions = ["replay"]
    acts = (
        Act(
            "replay",
            "Apply it again",
            lambda by, event: letters.replay_event(by=by, event=event),
            _why(letters.allowed_on_event, "replay"),
            explain="What it is about is read at Stripe once more. What is right already stays as it is.",
        ),
        Act(
            "set-aside",
            "Set it aside",
            lambda by, event, reasons: letters.set_aside_event(by=by, event=event, why=reasons),
            _why(letters.allowed_on_event, "set_aside"),
            reasons_form("What you found"),
            "Nothing follows from it, and it is no longer shown as waiting.",
        ),
    )

    def panels(self, request, event):
        return [timeline_panel(event)]

    @admin.action(description="Apply the selected events again")
    def replay(self, request, events):
        for event in events:
            letters.replay_event(by=request.user, event=event)
        self.message_user(request, f"{len(events)} will be applied again.", messages.INFO)


@admin.register(Stop)
class StopAdmin(Readable, ActingAdmin):
    list_display = ["at", "currency", "kind", "why", "lifted_at", "lifted_by"]
    list_filter = ["kind", "currency", ("lifted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["lifted_by"]
    acts = (
        Act(
            "lift",
            "Let payments go again",
            lambda by, row, reasons: stopping.lift(by=by, stop=row, why=reasons),
            lambda by, row: "This is lifted already." if row.lifted_at else None,
            reasons_form("What you found"),
            "Calls that waited go out at once. Reconcile first, and be sure that nothing is doubled or missing.",
            danger=True,
        ),
    )

    def panels(self, request, row):
        return [timeline_panel(row)]
