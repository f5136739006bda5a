"""What the style guide shows: every component with believable data. The look is tested on that page."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator

from accounts.skills.functions import Function
from marketplace.ground import clock
from marketplace.templatetags.foothold import glyphs


class SampleForm(forms.Form):
    """A field of each kind."""

    title = forms.CharField(max_length=70, help_text="Say the outcome, not the job title.")
    brief = forms.CharField(max_length=600, widget=forms.Textarea, label="What needs doing, and why")
    answer = forms.CharField(
        widget=forms.Textarea(attrs={"class": "area-s"}), label="Your answer", required=False
    )
    hours = forms.DecimalField(help_text="Count reading, calls and changes too.")
    price = forms.DecimalField(help_text="What you pay, all in.")
    due = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
    function = forms.ChoiceField(choices=Function.choices)
    mode = forms.ChoiceField(
        choices=[("remote", "Remote"), ("hybrid", "Partly on site"), ("onsite", "On site")],
        widget=forms.RadioSelect(attrs={"class": "choices--row"}),
        label="Where",
    )
    days = forms.MultipleChoiceField(
        choices=[("mon", "Monday"), ("wed", "Wednesday"), ("fri", "Friday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Days that suit you",
    )
    file = forms.FileField(required=False, help_text="PDF, up to 20 MB.")
    terms = forms.BooleanField(label="I have read the agreement")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hours"].after = "hours"
        self.fields["price"].before = "$"
        self.fields["answer"].max_words = 120


COLOURS = [
    ("paper", "Page"),
    ("surface", "Panels, inputs"),
    ("well", "Quiet fills"),
    ("ink", "Text"),
    ("ink-2", "Secondary text"),
    ("ink-3", "Icons, counts"),
    ("line", "Hairlines"),
    ("line-2", "Control edges"),
    ("pine", "Actions, done"),
    ("pine-soft", "Chosen"),
    ("rope", "Now, soon"),
    ("rope-soft", "First-timer"),
    ("marker", "Match only"),
    ("good", "Success"),
    ("info", "News"),
    ("warn", "Needs care"),
    ("bad", "Errors"),
]
PROSE = "## A heading people wrote\n\nA list:\n\n- a *soft* one\n- one **strong** word\n\n> Said by somebody."


def samples() -> dict:
    now = clock.now()
    months = [("Oct", 31000), ("Nov", 54000), ("Dec", 24000), ("Jan", 62000), ("Feb", 74400)]
    return {
        "sample": SampleForm(initial={"title": "Test two versions of our booking page"}, prefix="ok"),
        "sample_file": SampleForm(prefix="drop"),
        "colours": COLOURS,
        "prose": PROSE,
        "chips": [{"label": "$22 an hour or more", "url": "#small"}],
        "broken": SampleForm({"bad-title": "", "bad-hours": "many"}, prefix="bad"),
        "icons": sorted(name.removeprefix("i-") for name in glyphs() if name.startswith("i-")),
        "functions": Function.choices,
        "tomorrow": now + timedelta(hours=20),
        "next_week": now + timedelta(days=6),
        "due": (now + timedelta(days=20)).date(),
        "months": months,
        "page": Paginator(range(270), 20).page(2),
        "running": [("Sep", 17), ("Oct", 69), ("Nov", 141), ("Dec", 168), ("Jan", 236), ("Feb", 338)],
        "funnel": [("Joined", 1840), ("Applied", 934), ("Shortlisted", 521), ("Hired", 338)],
        "reasons": ["You used survey design in Research Methods II"],
        "steps": [
            {"label": "Template", "url": "#progress", "state": "done"},
            {"label": "Brief", "url": "#progress", "state": "now"},
            {"label": "Pay and time", "url": "", "state": ""},
        ],
        "tabs": [
            {"label": "New", "url": "#nav", "current": True, "count": 8},
            {"label": "Shortlist", "url": "#nav", "current": False, "count": 2},
        ],
        "route": [
            {
                "title": "Clean the waste log",
                "aside": "$140, paid 27 Feb",
                "state": "done",
                "text": "Approved in a day.",
            },
            {"title": "Find the pattern", "aside": "$200", "state": "review", "text": "Handed in yesterday."},
            {"title": "One page of advice", "aside": "$140, due Thu 12 March", "state": "now"},
            {"title": "Handover call", "aside": "$80, due Fri 20 March", "state": ""},
        ],
        "changes": [
            {
                "to_state": "submitted",
                "at": now - timedelta(days=4),
                "by": {"name": "Amara Okafor"},
                "note": "",
            },
            {
                "to_state": "changes_requested",
                "at": now - timedelta(days=2),
                "by": {"name": "Hana Reyes"},
                "note": "Show cost, not only weight.",
            },
        ],
        "kpis": [
            {"n": "338", "label": "students hired", "note": "97 more than last year"},
            {"n": "$22.00", "label": "median hourly rate", "note": "The floor is $20.00"},
        ],
        "files": [
            {
                "name": "waste-by-recipe.xlsx",
                "url": "#messages",
                "note": "Handed in 26 Feb, 71 KB",
                "badge": "First version",
            }
        ],
        "notices": [
            {
                "title": "Halden Bikes shortlisted you",
                "url": "#messages",
                "created_at": now - timedelta(hours=2),
                "read_at": None,
                "body": "They answer everybody by 13 March.",
            },
            {
                "title": "$140 is on its way",
                "url": "#messages",
                "created_at": now - timedelta(days=1),
                "read_at": now,
                "body": "",
            },
        ],
    }
