"""A form that is sent twice acts once.

A page gives each form a token of its own (`{% form_token %}`). The token is spent, in a transaction of its own, before the
form is acted on, so that the second of two posts at the same moment is told so; it is given back when the act was refused,
and the corrected form may be sent again.
"""

from contextlib import contextmanager

from .models import FormToken

FIELD, LONGEST = "form_token", 40


class SentAlready(Exception):
    """This very form has been acted on, or is being acted on just now."""


@contextmanager
def only_once(request):
    """Around the act. A post without a token acts each time. Raises `SentAlready`."""
    token = request.POST.get(FIELD, "").replace("\x00", "")[:LONGEST]
    if not token:
        yield
        return
    if not FormToken.objects.get_or_create(token=token)[1]:
        raise SentAlready
    try:
        yield
    except BaseException:
        FormToken.objects.filter(token=token).delete()
        raise
