"""The steps of the posting form. A form reads and shows; what may be stored is decided by `drafts.clean`."""

from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from accounts.schools.models import School
from accounts.skills.functions import Function
from marketplace.ground import policy
from marketplace.ground.fields import MoneyField, as_typed

from . import drafts
from .models import AiRule, LocationMode, Project, ShowRight

STEPS = ("Template", "Brief", "Pay and time", "Questions", "Check and send")
STEP_OF = {
    **dict.fromkeys(
        (
            "title",
            "function",
            "summary",
            "outcome",
            "deliverables",
            "must_skills",
            "nice_skills",
            "good_to_know",
        ),
        2,
    ),
    **dict.fromkeys(
        ("hours", "price", "start_on", "due_on", "zone", "location_mode", "location", "milestones"), 3
    ),
    **dict.fromkeys(
        (
            "questions",
            "names_hidden",
            "work_authorisation",
            "min_age",
            "only_school",
            "ai_rule",
            "show_right",
        ),
        4,
    ),
}


def input_name(field: str) -> str:
    """The input that a finding or an error names: `milestones.1.done_when.2` -> `milestones_1_done_when`."""
    head, *rest = field.split(".")
    if head == "milestones":
        part = rest[1] if len(rest) > 1 else "title"
        return f"milestones_{rest[0]}_{part}" if rest else "milestones_0_title"
    if head in ("deliverables", "questions"):
        return f"{head}_{rest[0] if rest else 0}"
    return head


def step_of(field: str) -> int:
    """The step on which the field of a finding or an error stands."""
    return STEP_OF.get(field.split(".")[0], 2)


class StepForm(forms.Form):
    """One step: bound to what was posted, or filled from the draft. `rows` says how many of each row there are."""

    needed: tuple[str, ...] = ()  # may be empty in a draft, but not in a posting
    use_required_attribute = False

    def __init__(self, project: Project, data=None):
        super().__init__(data=data, initial=self.initial_of(project))
        self.project = project
        self.rows = {}
        self.build()

    def initial_of(self, project: Project) -> dict:
        return {name: getattr(project, name) for name in self.base_fields if hasattr(project, name)}

    def build(self) -> None:
        """Add the rows, which are as many as the draft or the person needs."""

    def values(self) -> dict:
        """What was typed, as `save_draft` takes it; only after `is_valid()`."""
        raise NotImplementedError

    def ready_to_show(self):
        """The same form with its needed fields marked, so that only the others say "optional". After validation."""
        for name, field in self.fields.items():
            field.required = field.required or name in self.needed or name.rpartition("_")[2] in self.needed
        return self

    def add_problems(self, problems: dict[str, list[str]]) -> None:
        """Put the problems that an action found beside their inputs."""
        for field, messages in problems.items():
            name = input_name(field)
            for message in messages:
                self.add_error(name if name in self.fields else None, message)

    # rows ------------------------------------------------------------------------------------------------
    def count_rows(self, prefix: str, stored: int, least: int, most: int) -> int:
        """How many rows to show: as many as were posted, else as many as are stored, within bounds."""
        if self.is_bound:
            found = 0
            while found < most and any(key.startswith(f"{prefix}_{found}") for key in self.data):
                found += 1
            stored = found
        self.rows[prefix] = max(least, min(stored, most))
        return self.rows[prefix]

    def listed(self, prefix: str) -> list[str]:
        return [self.cleaned_data.get(f"{prefix}_{i}", "") for i in range(self.rows[prefix])]

    def bound(self, prefix: str) -> list:
        """The bound fields of a list, for the template."""
        return [self[f"{prefix}_{i}"] for i in range(self.rows[prefix])]


def line(label: str, longest: int, help_text: str = "", **attrs) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs=attrs),
    )


def area(label: str, longest: int, help_text: str = "", **attrs) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs=attrs),
    )


class LongSelect(forms.Select):
    """A select of some hundred options, written at once instead of by one template for each."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = self.format_value(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, mark_safe(" selected") if str(key) in chosen else "", label)
                for key, label in self.choices
            ),
        )
        attrs = self.build_attrs(self.attrs, (attrs or {}) | {"name": name})
        return format_html("<select{}>{}</select>", flatatt(attrs), options)


class BriefForm(StepForm):
    needed = ("title", "function", "summary", "outcome", "deliverables_0")
    title = line(
        "Title",
        120,
        "Say the outcome, not the job title: “Test two versions of our booking page”, not “UX intern”.",
    )
    function = forms.ChoiceField(
        label="Function",
        required=False,
        choices=[("", "Choose a function"), *Function.choices],
        help_text="The department this work belongs to.",
    )
    summary = area(
        "What needs doing, and why it matters to you",
        4000,
        "Who it is for, what you know already, what you will give the student to start with.",
    )
    outcome = line("What is true when it is done", 300, "One sentence that both of you could check.")
    must_skills = area(
        "Skills that are needed",
        600,
        "Separate them with commas. Four at most is usual; other names, such as “Excel”, are understood.",
        **{"class": "area-s"},
    )
    nice_skills = area(
        "Skills that are nice to have", 600, "What a student could learn here.", **{"class": "area-s"}
    )
    good_to_know = area(
        "Good to know",
        1500,
        "Anything a student should know before applying: meetings, tools you provide, people to talk to.",
        **{"class": "area-s"},
    )

    def initial_of(self, project):
        asked = list(project.project_skills.select_related("skill"))
        return super().initial_of(project) | {
            "must_skills": ", ".join(row.skill.name for row in asked if row.must),
            "nice_skills": ", ".join(row.skill.name for row in asked if not row.must),
        }

    def build(self):
        stored = list(self.project.deliverables)
        for place in range(self.count_rows("deliverables", len(stored), 1, drafts.MAX_DELIVERABLES)):
            self.fields[f"deliverables_{place}"] = line(f"Deliverable {place + 1}", 200)
            self.initial[f"deliverables_{place}"] = stored[place] if place < len(stored) else ""
        for name in ("must_skills", "nice_skills", "good_to_know"):
            self.fields[name].counter = False

    def values(self):
        typed = self.cleaned_data
        return {name: typed[name] for name in ("title", "function", "summary", "outcome", "good_to_know")} | {
            "deliverables": self.listed("deliverables"),
            "must_skills": split_names(typed["must_skills"]),
            "nice_skills": split_names(typed["nice_skills"]),
        }


def split_names(text: str) -> list[str]:
    """`Excel, survey design; SQL` or one a line, as a list."""
    for mark in (";", "\n"):
        text = text.replace(mark, ",")
    return [name.strip() for name in text.split(",") if name.strip()]


class PayForm(StepForm):
    needed = ("hours", "price", "start_on", "due_on", "title", "when")
    hours = forms.CharField(
        label="Hours it should take",
        required=False,
        max_length=12,
        help_text="For an able beginner. Count reading, calls and changes too.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    price = MoneyField(
        label="Price, all in",
        required=False,
        help_text="What you pay, once, before work starts. The fee is inside it.",
    )
    start_on = forms.DateField(
        label="Agreed start",
        required=False,
        help_text="Two weeks away or more: applying and choosing come first.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    due_on = forms.DateField(
        label="Due", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    zone = forms.ChoiceField(
        label="Time zone", help_text="A date means 23:59 in this zone.", widget=LongSelect
    )
    location_mode = forms.ChoiceField(
        label="Where", choices=LocationMode.choices, widget=forms.RadioSelect(attrs={"class": "choices--row"})
    )
    location = line("Place", 120, "Town and part of it, if the work happens somewhere.")

    def initial_of(self, project):
        initial = super().initial_of(project)
        initial["hours"] = f"{project.hours.normalize():f}" if project.hours else ""
        initial["price"] = as_typed(project.price, project.currency) if project.price else ""
        return initial

    def build(self):
        self.fields["hours"].after = "hours"
        self.fields["price"].in_currency(self.project.currency)
        self.fields["zone"].choices = zone_choices(self.project.zone)
        rules = policy.current()
        self.fields["due_on"].help_text = f"{rules.min_days} to {rules.max_days} days after the start."
        stored = list(self.project.milestones.all())
        for place in range(self.count_rows("milestones", len(stored), 1, drafts.MAX_MILESTONES)):
            self._add_milestone(place, stored[place] if place < len(stored) else None)

    def _add_milestone(self, place: int, stored) -> None:
        name = f"milestones_{place}"
        self.fields[f"{name}_title"] = line("What is finished", 120)
        self.fields[f"{name}_outcome"] = line("What it gives you", 300)
        self.fields[f"{name}_done_when"] = area(
            "Done when", 1700, "One point a line, each one checkable.", **{"class": "area-s"}
        )
        self.fields[f"{name}_hours"] = forms.CharField(
            label="Hours",
            required=False,
            max_length=12,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )
        self.fields[f"{name}_hours"].after = "hours"
        self.fields[f"{name}_done_when"].counter = False
        if stored is not None:
            self.initial |= {
                f"{name}_title": stored.title,
                f"{name}_outcome": stored.outcome,
                f"{name}_done_when": "\n".join(stored.done_when),
                f"{name}_hours": f"{stored.hours.normalize():f}" if stored.hours else "",
            }

    @property
    def milestones(self) -> list[dict]:
        """The rows for the template: their bound fields by part."""
        return [
            {part: self[f"milestones_{i}_{part}"] for part in ("title", "outcome", "done_when", "hours")}
            for i in range(self.rows["milestones"])
        ]

    def clean_price(self) -> int:
        return self.cleaned_data["price"] or 0

    def values(self):
        typed = self.cleaned_data
        rows = [
            {
                "title": typed[f"milestones_{i}_title"],
                "outcome": typed[f"milestones_{i}_outcome"],
                "done_when": typed[f"milestones_{i}_done_when"].splitlines(),
                "hours": typed[f"milestones_{i}_hours"],
            }
            for i in range(self.rows["milestones"])
        ]
        return {
            name: typed[name]
            for name in ("hours", "price", "start_on", "due_on", "zone", "location_mode", "location")
        } | {"milestones": rows}


def zone_choices(present: str) -> list[tuple[str, str]]:
    """Zones that are named after a place, and the present one; without the old names."""
    areas = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    names = {zone for zone in available_timezones() if zone.split("/")[0] in areas} | {"UTC", present}
    return [(zone, zone.replace("_", " ")) for zone in sorted(names)]


class QuestionsForm(StepForm):
    names_hidden = forms.BooleanField(required=False, label="Hide names and schools for the first look")
    work_authorisation = forms.BooleanField(
        required=False,
        label="Only students who may work in this country",
        help_text="You see “eligible”, never the answers behind it. Leave it off unless you must.",
    )
    min_age = forms.IntegerField(
        required=False,
        label="Youngest age",
        help_text="Only where a law asks for it, such as 21 where alcohol is served. You never see a birthday.",
        error_messages={"invalid": "Write the age as a whole number, or leave it empty."},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input input--fit w-s"}
        ),
    )
    only_school = forms.ChoiceField(
        required=False,
        label="Only students of one school",
        help_text="For a project that a school asked for. Everybody else can read it, and cannot apply.",
        error_messages={"invalid_choice": "Choose a school from the list, or none."},
        widget=LongSelect,
    )
    ai_rule = forms.ChoiceField(
        label="AI tools",
        choices=AiRule.choices,
        widget=forms.RadioSelect,
        help_text="Assistive technology is never counted as AI use.",
    )
    show_right = forms.ChoiceField(
        label="The student’s right to show the work",
        choices=ShowRight.choices,
        widget=forms.RadioSelect,
        help_text="A first piece to show is worth a lot to somebody who starts out.",
    )

    def initial_of(self, project):
        school = project.only_school
        return super().initial_of(project) | {"only_school": school.public_id if school else ""}

    def build(self):
        self.fields["min_age"].after = "years"
        schools = School.objects.values_list("public_id", "name")
        self.fields["only_school"].choices = [("", "Any school, or none"), *schools]
        stored = [question.text for question in self.project.questions.all()]
        for place in range(self.count_rows("questions", len(stored), 1, drafts.MAX_QUESTIONS)):
            self.fields[f"questions_{place}"] = line(f"Question {place + 1}", 300)
            self.initial[f"questions_{place}"] = stored[place] if place < len(stored) else ""

    def values(self):
        typed = self.cleaned_data
        own = ("names_hidden", "work_authorisation", "min_age", "only_school", "ai_rule", "show_right")
        return {name: typed[name] for name in own} | {"questions": self.listed("questions")}


FORMS = {2: BriefForm, 3: PayForm, 4: QuestionsForm}
