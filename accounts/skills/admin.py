"""The vocabulary: what people typed and we did not know waits here for a function."""

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField

from marketplace.ground.acting import Act, ActingAdmin

from . import actions, editing
from .functions import Function
from .models import Skill
from .states import SkillState


class AcceptForm(forms.Form):
    function = forms.ChoiceField(choices=Function.choices)
    kind = forms.ChoiceField(choices=Skill.Kind.choices)
    aliases = SimpleArrayField(
        forms.CharField(max_length=60), required=False, help_text="Other names, with commas between."
    )


class NearField(forms.CharField):
    """One close skill a line, with how close it is: `Power BI 0.8`."""

    widget = forms.Textarea(attrs={"rows": 8, "cols": 40, "spellcheck": "false"})

    def prepare_value(self, value):
        if isinstance(value, dict):
            ordered = sorted(value.items(), key=lambda pair: (-pair[1], pair[0]))
            return "\n".join(f"{slug} {closeness:g}" for slug, closeness in ordered)
        return value

    def to_python(self, value) -> dict[str, float]:
        found, wrong = {}, []
        for line in (value or "").splitlines():
            name, _, number = " ".join(line.split()).rpartition(" ")
            try:
                closeness = float(number.replace(",", "."))
            except ValueError:
                closeness = None
            if name and closeness is not None:
                found[name] = closeness
            elif line.strip():
                wrong.append(f"“{line.strip()[:60]}”: write the skill and then how close it is, such as 0.8.")
        if wrong:
            raise forms.ValidationError(wrong)
        return found


class EditForm(AcceptForm):
    name = forms.CharField(max_length=60)
    near = NearField(
        required=False,
        label="Close skills",
        help_text="One a line: its name or slug, then how close it is, from 0.6 to 1. Who has a close skill counts for "
        "up to four fifths of this one, and the other way round. Never between languages.",
    )
    field_order = ("name", "function", "kind", "aliases", "near")


class MergeForm(forms.Form):
    into = forms.SlugField(
        label="It is another name for",
        help_text="The slug of a skill in the vocabulary, for example survey-design.",
    )


@admin.register(Skill)
class SkillAdmin(ActingAdmin):
    list_display = ["name", "function", "kind", "state", "created_at"]
    list_filter = ["state", "function", "kind"]
    search_fields = ["name", "slug", "aliases"]
    fields = [
        "name",
        "slug",
        "function",
        "kind",
        "aliases",
        "state",
        "proposed_by",
        "created_at",
        "edited_at",
    ]

    def panels(self, request, thing):
        names = dict(Skill.objects.filter(slug__in=thing.near).values_list("slug", "name"))
        rows = [
            [names.get(slug, slug), f"{value:.2f}"]
            for slug, value in sorted(thing.near.items(), key=lambda p: -p[1])
        ]
        if not rows:
            return [{"title": "Close skills", "text": "None. Only this very skill counts for it."}]
        return [{"title": "Close skills", "head": ["Skill", "How close, of 1"], "rows": rows}]

    acts = (
        Act(
            "accept",
            "Take into the vocabulary",
            lambda by, skill, **given: actions.accept_skill(by=by, skill=skill, **given),
            lambda by, skill: None if skill.state == SkillState.PENDING else "",
            AcceptForm,
        ),
        Act(
            "edit",
            "Edit the skill",
            lambda by, skill, **given: editing.edit_skill(by=by, skill=skill, **given),
            lambda by, skill: None if skill.state == SkillState.ACCEPTED else "",
            EditForm,
            explain="Lists of projects and students follow it within minutes.",
            initial=lambda skill: {
                name: getattr(skill, name) for name in ("name", "function", "kind", "aliases", "near")
            },
        ),
        Act(
            "merge",
            "Merge into another skill",
            lambda by, skill, into: actions.merge_skill(by=by, skill=skill, into=into),
            form=MergeForm,
            explain="What students list and projects ask for moves with it. This cannot be undone.",
            danger=True,
        ),
    )
