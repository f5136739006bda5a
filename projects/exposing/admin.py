"""The operator's fairness report: in place of a list of weekly rows, what they say, the switch and the slider."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from marketplace.ground import clock, policy
from marketplace.ground.acting import ActingAdmin
from marketplace.ground.models import Policy

from . import report
from .models import ExposureWeek


class FairForm(forms.ModelForm):
    """The switch and the slider; the policy keeps the history of both."""

    class Meta:
        model = Policy
        fields = ("fair_order", "fair_strength")
        widgets = {
            "fair_strength": forms.NumberInput(attrs={"type": "range", "min": 0, "max": 40, "step": 2})
        }


@admin.register(ExposureWeek)
class FairnessAdmin(ActingAdmin):
    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("figures.csv", view(self.csv), name="projects_exposureweek_csv"),
            path("order/", view(self.order), name="projects_exposureweek_order"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, FairForm(instance=policy.current()))

    def _page(self, request, form, status: int = 200):
        context = {
            **self.admin_site.each_context(request),
            **report.page(),
            "opts": self.opts,
            "title": "Fairness report",
            "form": form,
            "may_change": request.user.is_superuser,
        }
        return TemplateResponse(request, "admin/fairness.html", context, status=status)

    def order(self, request):
        """Save the switch and the slider: superusers only, as the rest of the policy."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:projects_exposureweek_changelist")
        rules = policy.current()
        form = FairForm(request.POST, instance=rules)
        if not form.is_valid():
            return self._page(request, form, status=422)
        rules.updated_at = clock.now()
        rules.save(update_fields=["fair_order", "fair_strength", "updated_at"])
        messages.success(request, "Saved. Lists that are made from now on follow it.")
        return redirect("admin:projects_exposureweek_changelist")

    def csv(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        name, text = report.as_csv()
        return HttpResponse(
            text,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
