"""The page between somebody who pays and Stripe's payment page, for whatever is paid."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

DRAFT, OPEN = "draft", "open"


def wait_or_go_on(request, row, template: str, name: str) -> HttpResponse:
    """On to Stripe once there is a page to go to; until then a page that asks again every few seconds by itself.

    row: has a `state` and a `url`; the template knows it as `name`. Asked by htmx, an answer of 204 means: still waiting.
    """
    asked_again = bool(request.htmx)
    if row.state == OPEN and row.url:
        return (HttpResponseClientRedirect if asked_again else HttpResponseRedirect)(row.url)
    if asked_again:
        return HttpResponse(status=204) if row.state == DRAFT else HttpResponseClientRefresh()
    return render(request, template, {name: row, "waiting": row.state == DRAFT})
