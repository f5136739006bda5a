"""The notification centre, its settings, and the one-click way out of a mail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import actions, queries
from .forms import PreferencesForm
from .queries import visible_to


@login_required
@require_safe
def inbox(request):
    rows = visible_to(request.user)
    only = request.GET.get("show") == "unread"
    if only:
        rows = rows.filter(read_at=None)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "accounts/notifications/inbox.html", {"page": page, "only_unread": only})


@login_required
@require_safe
def open_notification(request, public_id):
    """Mark it read and go where it leads."""
    rows = visible_to(request.user).filter(public_id=public_id)
    row = get_object_or_404(rows)
    actions.mark_read(by=request.user, notifications=rows)
    if row.url.startswith("/") and url_has_allowed_host_and_scheme(row.url, None):
        return HttpResponseRedirect(row.url)
    return redirect("notifications:inbox")


@login_required
@require_POST
def read_all(request):
    actions.mark_read(by=request.user, notifications=visible_to(request.user))
    messages.success(request, "Everything is marked as read.")
    return redirect("notifications:inbox")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request):
    form = PreferencesForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.set_preferences(by=request.user, choices=form.cleaned_data)
        messages.success(request, "Your choices are saved.")
        return redirect("notifications:settings")
    return render(
        request, "accounts/notifications/settings.html", {"form": form}, status=422 if form.is_bound else 200
    )


@csrf_exempt  # RFC 8058: mail programs post without cookies; the secret in the address is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token, kind, part=""):
    """GET only asks (scanners prefetch links); POST stops the kind, or the part of it that the address names."""
    title = queries.title_of(token, kind, part)
    if request.method != "POST":
        return render(request, "accounts/notifications/unsubscribe.html", {"kind_title": title})
    if not actions.unsubscribe(token, kind, part):
        return render(request, "accounts/notifications/unsubscribe.html", {"failed": True}, status=404)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("Done", content_type="text/plain")
    return render(request, "accounts/notifications/unsubscribe.html", {"kind_title": title, "done": True})
