"""Moderation in the admin: rows are read, and changed only by the acts that their room offers.

An act is a button on the row's page. Pressed, it asks for what it needs (reasons, usually), calls the room's action and
shows a refusal beside its cause. So the admin is one more door to the same verbs, never a way around them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from . import once
from .errors import Refused


class NoForm(forms.Form):
    """An act that needs nothing but a yes."""


def reasons_form(label: str = "Reasons", help_text: str = "", required: bool = True) -> type[forms.Form]:
    """A form with one field `reasons`."""
    return type(
        "ReasonsForm",
        (forms.Form,),
        {
            "reasons": forms.CharField(
                label=label,
                help_text=help_text,
                required=required,
                max_length=1500,
                strip=True,
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        },
    )


@dataclass(frozen=True)
class Act:
    """`run(by, thing, **cleaned form)` does it; `why_not(by, thing)` is None when it may be done now, else a sentence.

    initial: what stands in the form at first, from the thing. facts: (label, value) pairs to decide by, shown above it.
    """

    slug: str
    label: str
    run: Callable
    why_not: Callable = field(default=lambda by, thing: None)
    form: type[forms.Form] = NoForm
    explain: str = ""
    danger: bool = False
    initial: Callable = field(default=lambda thing: {})
    facts: Callable = field(default=lambda thing: [])


class ActingAdmin(admin.ModelAdmin):
    """Read-only rows with acts. Staff may look and act; nobody adds, edits or deletes rows here."""

    acts: tuple[Act, ...] = ()
    change_form_template = "admin/acting_form.html"
    list_per_page = 30
    show_full_result_count = False

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            path("<path:object_id>/act/<slug:slug>/", self.admin_site.admin_view(self.act_view), name=name),
            *super().get_urls(),
        ]

    def _thing(self, request, object_id):
        thing = self.get_object(request, object_id)
        if thing is None or not self.has_view_permission(request, thing):
            raise Http404
        return thing

    def change_view(self, request, object_id, form_url="", extra_context=None):
        thing = self._thing(request, object_id)
        offered = [
            (act, why, self._act_url(thing, act))
            for act in self.acts
            if (why := act.why_not(request.user, thing)) is None or why
        ]
        return super().change_view(
            request,
            object_id,
            form_url,
            {**(extra_context or {}), "offered_acts": offered, "panels": self.panels(request, thing)},
        )

    def panels(self, request, thing) -> list[dict]:
        """What stands above the fields: `{"title", "rows": [[cell, ...]], "head": [...]}` or `{"title", "text"}`."""
        return []

    def _act_url(self, thing, act: Act) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_act", args=[thing.pk, act.slug])

    def _page_of(self, thing) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[thing.pk])

    def act_view(self, request, object_id, slug):
        thing = self._thing(request, object_id)
        act = next((one for one in self.acts if one.slug == slug), None)
        if act is None:
            raise Http404
        why, status = act.why_not(request.user, thing), 200
        closed = why is not None  # nothing to fill in for what cannot be done
        form = act.form(request.POST if request.method == "POST" else None, initial=act.initial(thing))
        if request.method == "POST":
            if form.is_valid():
                try:
                    with once.only_once(request):
                        act.run(request.user, thing, **form.cleaned_data)
                except once.SentAlready:
                    messages.info(
                        request, f"{act.label}: this form was sent already. Below is what came of it."
                    )
                    return redirect(self._page_of(thing))
                except Refused as refusal:
                    why, status = refusal.reason, refusal.status
                except ValidationError as error:
                    status = 422
                    for name, errors in getattr(error, "message_dict", {None: error.messages}).items():
                        form.add_error(name if name in form.fields else None, errors)
                else:
                    messages.success(request, f"{act.label}: done.")
                    return redirect(self._page_of(thing))
            else:
                status = 422
        return TemplateResponse(
            request,
            "admin/act.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "thing": thing,
                "act": act,
                "facts": act.facts(thing),
                "form": form,
                "why_not": why,
                "closed": closed,
                "title": act.label,
            },
            status=status,
        )


class OperatorAdmin(admin.ModelAdmin):
    """Rows that the operator edits: staff may look, only a superuser may change."""

    list_per_page = 30

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_change_permission(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser

    def has_add_permission(self, request):
        return self.has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request)


def timeline_panel(*things) -> dict:
    """The state changes of `things` as a panel."""
    from .models import StateChange

    rows = [
        [
            change.at,
            change.from_state.replace("_", " ") or "made",
            change.to_state.replace("_", " "),
            change.by or "the system",
            change.note or change.reason,
        ]
        for change in StateChange.of(*things)[:100]
    ]
    return {"title": "What happened", "head": ["When", "From", "To", "Who", "Why"], "rows": rows}
