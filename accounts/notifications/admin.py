"""The outbox of mails: what waits, what was given up, and a second try for it. Texts are not shown: they are private."""

from django.contrib import admin

from marketplace.ground.acting import Act, ActingAdmin

from . import actions
from .models import Mail


@admin.register(Mail)
class MailAdmin(ActingAdmin):
    list_display = ["id", "kind", "state", "attempts", "error", "send_after", "sent_at"]
    list_filter = ["state", "kind"]
    fields = ["kind", "state", "attempts", "error", "created_at", "send_after", "sent_at"]
    acts = (
        Act(
            "retry",
            "Try again",
            lambda by, mail: actions.retry_mail(mail=mail),
            lambda by, mail: None if mail.state == Mail.State.FAILED else "",
        ),
    )
