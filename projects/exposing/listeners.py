"""Lists of projects that other rooms have shown, written down."""

from django.dispatch import receiver

from projects.search.signals import listed

from .actions import log_list


@receiver(listed, dispatch_uid="exposing.listed")
def projects_listed(sender, reader, kind, order, shown, start, **_):
    log_list(kind, about=reader.pk, shown=shown, order=order, start=start)
