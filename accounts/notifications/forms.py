from django import forms

from .models import Preference
from .queries import preferences


class PreferencesForm(forms.Form):
    """One choice per kind that can be switched."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.sections = []
        for group, kinds in preferences(user):
            fields = []
            for kind, how in kinds:
                if kind.always:
                    continue
                self.fields[kind.slug] = forms.ChoiceField(
                    label=kind.title, choices=Preference.How.choices, initial=how
                )
                fields.append(kind.slug)
            if fields:
                self.sections.append((group, fields))

    def groups(self):
        """`(group, [bound field])` for the template."""
        return [(group, [self[name] for name in names]) for group, names in self.sections]
