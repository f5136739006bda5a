"""The vocabulary: what people typed and we did not know waits here for a function."""

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField

from marketplace.ground.acting import Act, ActingAdmin

from . import actions
from .functions import Function
from .models import Skill
from .states import SkillState


class AcceptForm(forms.Form):
    function = forms.ChoiceField(choices=Function.choices)
    kind = forms.ChoiceField(choices=Skill.Kind.choices)
    aliases = SimpleArrayField(
        forms.CharField(max_length=60), required=False, help_text="Other names, with commas between."
    )


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
    fields = ["name", "slug", "function", "kind", "aliases", "related", "state", "proposed_by", "created_at"]
    acts = (
        Act(
            "accept",
            "Take into the vocabulary",
            lambda by, skill, **given: actions.accept_skill(by=by, skill=skill, **given),
            lambda by, skill: None if skill.state == SkillState.PENDING else "",
            AcceptForm,
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
