"""Calls and events: to be read, and to be let go again."""

from django.contrib import admin, messages

from ..reading import ReadOnlyAdmin, amount
from .actions import outbox
from .models import BalanceLine, Call, Event, Reconciliation


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = [
        "uuid",
        "operation",
        "state",
        "attempts",
        "generation",
        "error_code",
        "created_at",
        "done_at",
    ]
    list_filter = ["state", "operation"]
    search_fields = ["uuid", "stripe_id", "error_code"]
    actions = ["retry"]

    @admin.action(description="Let the selected calls go again")
    def retry(self, request, calls):
        again = [call for call in calls if call.state in ("pending", "waiting", "manual")]
        for call in again:
            outbox.retry_call(by=request.user, call=call)
        self.message_user(
            request, f"{len(again)} on their way; the others are done or refused for good.", messages.INFO
        )


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["event_id", "kind", "state", "source", "attempts", "received_at"]
    list_filter = ["state", "source", "kind"]
    search_fields = ["event_id", "object_id", "account"]
    actions = ["replay"]

    @admin.action(description="Apply the selected events again")
    def replay(self, request, events):
        for event in events:
            outbox.replay_event(by=request.user, event=event)
        self.message_user(request, f"{len(events)} will be applied again.", messages.INFO)


@admin.register(BalanceLine)
class BalanceLineAdmin(ReadOnlyAdmin):
    list_display = ["stripe_id", "kind", "source", "show_amount", "show_fee", "made_at", "matched"]
    list_filter = ["matched", "kind", "currency"]
    search_fields = ["stripe_id", "source"]
    show_amount = amount("amount")
    show_fee = amount("fee")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ["at", "lines", "how_many"]

    @admin.display(description="differences")
    def how_many(self, found):
        return len(found.differences)
