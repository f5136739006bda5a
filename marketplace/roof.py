"""What the settings name before any model is there: the admin's app and the form renderer."""

from pathlib import Path

import django.forms
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.functional import cached_property


class FootholdAdminConfig(AdminConfig):
    """The stock admin with our front page, colours and door."""

    default_site = "marketplace.admin_site.FootholdAdmin"


class Field(BoundField):
    """A form field as our template shows it: our classes, and hint, error and counter tied to the input.

    A form may set on a field: `before` and `after` (a word glued to the input, e.g. "$" or "hours"),
    `counter` (False to leave the character counter out), `max_words` (counts words instead).
    """

    PLAIN = ("checkbox", "checkboxselectmultiple", "radioselect", "hidden", "multiplehidden", "switch")

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        given = f"{widget.attrs.get('class', '')} {attrs.get('class', '')}".split()
        if self.widget_type not in self.PLAIN and "input" not in given:
            attrs["class"] = " ".join(["input", *given])
        if type(self.form).__module__.startswith("allauth."):
            attrs["placeholder"] = (
                False  # allauth writes labels there; a placeholder is an example, never a label
            )
        if self.counts and self.auto_id:
            attrs["data-count"] = f"{self.auto_id}_count"
            attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {self.auto_id}_count".strip()
            if self.max_words:
                attrs["data-words"] = str(self.max_words)
        return attrs

    @property
    def before(self) -> str:
        return getattr(self.field, "before", "")

    @property
    def after(self) -> str:
        return getattr(self.field, "after", "")

    @property
    def max_words(self) -> int:
        return getattr(self.field, "max_words", 0)

    @property
    def counts(self) -> int:
        """The limit that the counter counts down from, 0 for no counter."""
        if not getattr(self.field, "counter", True):
            return 0
        if self.max_words:
            return self.max_words
        return (getattr(self.field, "max_length", 0) or 0) if self.widget_type == "textarea" else 0


class FormRenderer(DjangoTemplates):
    """Our field templates first, then Django's; the template words are there too."""

    bound_field_class = Field

    @cached_property
    def engine(self):
        own = [settings.BASE_DIR / "templates", Path(django.forms.__file__).parent / self.backend.app_dirname]
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": own,
                "NAME": "djangoforms",
                "OPTIONS": {"builtins": ["marketplace.templatetags.foothold"]},
            }
        )
