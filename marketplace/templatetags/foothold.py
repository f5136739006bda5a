"""The words of our templates (built in, no `{% load %}`): money, time, people, glyphs.

Filters give plain text unless they say otherwise. Times are shown in the viewer's zone, which the middleware
has activated; "now" is `marketplace.ground.clock.now()`.
"""

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from accounts.skills.functions import Function
from marketplace import charts, colours, prose, times
from marketplace.ground import ids, once
from marketplace.ground import money as cash

register = template.Library()


# --- glyphs ----------------------------------------------------------------------------------------------
@cache
def glyphs() -> frozenset[str]:
    """The ids in the sprite: `i-clock`, `hold-data`, ..."""
    sprite = (Path(settings.BASE_DIR) / "static" / "icons.svg").read_text()
    return frozenset(re.findall(r'<symbol id="([a-z-]+)"', sprite))


def _use(glyph: str) -> str:
    if glyph not in glyphs():
        raise template.TemplateSyntaxError(f"static/icons.svg has no {glyph}")
    return f"{static('icons.svg')}#{glyph}"


@register.simple_tag
def form_token():
    """A hidden field by which a form that is sent twice acts once; see `marketplace.ground.once`."""
    return format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, ids.secret())


@register.simple_tag
def icon(name: str, size: str = "", tone: str = ""):
    """`{% icon "clock" %}`: a stroke icon beside a word; size "s" for small text."""
    classes = "i" + (f" i--{size}" if size else "") + (f" {tone}" if tone else "")
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, _use(f"i-{name}")
    )


@register.simple_tag
def hold(function: str, size: str = ""):
    """`{% hold "data" %}`: the hold of a function, in its colour; size "s" or "l"."""
    classes = "hold" + (f" hold--{size}" if size else "")
    return format_html(
        '<svg class="{}" data-field="{}" aria-hidden="true"><use href="{}"/></svg>',
        classes,
        function,
        _use(f"hold-{function}"),
    )


@register.simple_tag
def hold_shape(function: str, size: int, x: int = 0, y: int = 0, fill: str = "fill-h"):
    """A hold inside a drawing: `{% hold_shape "data" 112 -42 10 %}` is so many units wide, at x and y."""
    return format_html(
        '<use class="{}" data-field="{}" href="{}" x="{}" y="{}" width="{}" height="{}"/>',
        fill,
        function,
        _use(f"hold-{function}"),
        x,
        y,
        size,
        size,
    )


@register.filter
def brand_colour(brand) -> str:
    """The operator's colour for e-mails, where no stylesheet reaches: dark enough for white words on it."""
    return colours.readable(brand.colour_light or "#14463a", "#fffefc", least=5.2)


@register.filter
def function_name(slug: str) -> str:
    """`"hr"` -> `People (HR)`."""
    return dict(Function.choices).get(slug, sentence(slug))


# --- money and hours -------------------------------------------------------------------------------------
def _amount(value, currency: str) -> tuple[int, str]:
    if isinstance(value, cash.Money):
        return value.amount, value.currency
    if type(value) is not int:
        raise cash.MoneyError(f"Not an amount of money: {value!r}")
    return value, currency or "USD"


@register.filter("money")
def money_(value, currency: str = "USD") -> str:
    """Minor units (an int) or a `Money`: `64000` -> `$640`, `64050` -> `$640.50`; floats raise."""
    if value is None or value == "":
        return ""
    amount, code = _amount(value, currency)
    text = cash.show(amount, code)
    digits = cash.exponent(code)
    return text.replace("." + "0" * digits, "") if digits and amount % 10**digits == 0 else text


@register.filter
def money_full(value, currency: str = "USD") -> str:
    """Like `money` but always with the cents, for tables and receipts: `64000` -> `$640.00`."""
    if value is None or value == "":
        return ""
    return cash.show(*_amount(value, currency))


@register.filter
def money_signed(value, currency: str = "USD") -> str:
    """A change, with its sign: `+$640.00`, `−$64.00`, `$0.00`."""
    amount, code = _amount(value, currency)
    return ("+" if amount > 0 else "") + cash.show(amount, code)


@register.filter
def rate(value, currency: str = "USD") -> str:
    """Minor units per hour: `2000` -> `$20.00 an hour`."""
    return f"{money_full(value, currency)} an hour" if value not in (None, "") else ""


@register.filter
def per_hour(value: int, hours) -> int | None:
    """`{{ net|per_hour:hours|rate }}`: minor units for so many hours as minor units an hour, rounded down."""
    if value in (None, "") or not hours:
        return None
    amount, _ = _amount(value, "")
    return int(Decimal(amount) // Decimal(str(hours)))


@register.filter
def hours(value) -> str:
    """`32` -> `32 hours`, `1` -> `1 hour`, `6.5` -> `6.5 hours`."""
    if value in (None, ""):
        return ""
    number = Decimal(str(value)).normalize()
    return f"{number:f} {'hour' if number == 1 else 'hours'}"


@register.filter
def count(value: int, noun: str) -> str:
    """`{{ 3|count:"applicant" }}` -> `3 applicants`; an odd plural follows a comma: `"person,people"`."""
    one, _, many = noun.partition(",")
    return f"{value:,} {one if value == 1 else many or one + 's'}"


@register.filter
def percent(basis_points: int) -> str:
    """Hundredths of a percent, as the policy keeps them: `1000` -> `10%`, `1250` -> `12.5%`."""
    return f"{basis_points / 100:g}%"


@register.filter
def share(part, whole) -> int:
    """`part` of `whole` in whole percent, 0 to 100, for the `v-…` classes; a small part still shows as 1."""
    if not part or not whole:
        return 0
    return max(1, min(100, round(Decimal(part) * 100 / Decimal(whole))))


@register.filter
def as_percent(part, digits: int = 0) -> str:
    """A share from 0 to 1: `0.428` -> `43 %`; without cases a dash."""
    return "–" if part is None else f"{part * 100:.{digits}f} %"


# --- time --------------------------------------------------------------------------------------------------
TIMES = {
    shape.__name__: register.filter(shape)
    for shape in (
        times.when,
        times.day,
        times.day_short,
        times.clock_time,
        times.until,
        times.left,
        times.is_soon,
        times.is_past,
    )
}


@register.simple_tag
def moment(value: datetime | date | None, form: str = "when"):
    """`{% moment at "until" %}`: a `<time>` element in the words of that filter (`when` unless told)."""
    if not value:
        return ""
    shape = TIMES[form]
    stamp = value.isoformat()
    if form == "until":
        return format_html('<time datetime="{}" title="{}">{}</time>', stamp, times.when(value), shape(value))
    return format_html('<time datetime="{}">{}</time>', stamp, shape(value))


# --- people and words ------------------------------------------------------------------------------------
@register.filter
def initials(name) -> str:
    """`Amara Okafor` -> `AO`; one word gives one letter."""
    parts = [p for p in re.split(r"[\s\-]+", str(name or "").strip()) if p[:1].isalnum()]
    return "".join(p[0] for p in ([parts[0], parts[-1]] if len(parts) > 1 else parts)).upper() or "?"


@register.filter
def tone(key) -> int:
    """A tone from 1 to 6 that stays the same for the same person or organisation (give its public id)."""
    return hashlib.blake2b(str(key).encode(), digest_size=2).digest()[0] % 6 + 1


@register.filter
def words(code) -> str:
    """A state or reason code as words: `changes_requested` -> `changes requested`."""
    return str(code or "").replace("_", " ").replace("-", " ")


@register.filter
def sentence(text) -> str:
    """The same with a capital letter: `changes_requested` -> `Changes requested`."""
    text = words(text)
    return text[:1].upper() + text[1:]


@register.filter
def markdown(text):
    """Markdown that people wrote, as safe HTML."""
    return mark_safe(prose.render(str(text or "")))  # cleaned by nh3 in prose.render


@register.filter
def filesize(value) -> str:
    """`86016` bytes -> `84 KB`."""
    size = int(value or 0)
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


@register.simple_tag(takes_context=True)
def our_site(context) -> str:
    """First in the base page: allauth calls its own thing `site`, so put ours back."""
    from marketplace.context import Site

    if not isinstance(context.get("site"), Site) and "request" in context:
        context["site"] = Site(context["request"])
    return ""


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """This page's query string with changes: `href="{% query page=2 %}"`; None takes a parameter out."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return "?" + params.urlencode()


@register.simple_tag(takes_context=True)
def query_without(context, key: str, value: str) -> str:
    """The query string without one value of a parameter that may come several times, from page one again."""
    params = context["request"].GET.copy()
    params.setlist(key, [v for v in params.getlist(key) if v != str(value)])
    params.pop("page", None)
    return "?" + params.urlencode()


# --- pieces that need a little arithmetic -----------------------------------------------------------------
TONES = {
    "good": "published hired accepted funded active approved completed released paid verified secured",
    "info": "in_review submitted in_progress processing pending open sent",
    "warn": "changes_requested awaiting_funds expiring on_hold late needs_attention",
    "bad": "failed disputed refused rejected suspended overdue",
    "rope": "shortlisted offered invited new",
}
TONE_OF = {state: tone_name for tone_name, states in TONES.items() for state in states.split()}


@register.inclusion_tag("components/badge.html")
def state(value, label: str = "", tone: str = "", icon: str = ""):
    """`{% state application.state %}`: a state in words, in its tone; `label` says it otherwise."""
    return {"text": label or sentence(value), "tone": tone or TONE_OF.get(str(value), ""), "icon": icon}


@register.inclusion_tag("components/money_bar.html")
def money_bar(
    released=0, held=0, open=0, currency="USD", label="", released_word="Released", open_word="To pay"
):
    """Secured funds at a glance, in minor units: released is solid, held is hatched, unpaid is hollow."""
    whole = released + held + open
    parts = [
        ("released", released_word, released),
        ("held", "Held by Stripe", held),
        ("open", open_word, open),
    ]
    return {
        "parts": [
            {"kind": kind, "word": word, "amount": amount, "share": share(amount, whole)}
            for kind, word, amount in parts
            if amount
        ],
        "whole": whole,
        "currency": currency,
        "label": label,
    }


@register.inclusion_tag("components/rate_scale.html")
def rate_scale(rate, floor, top=None, median=None, currency="USD", you="This project"):
    """Where an hourly net rate sits between half the floor and `top`; all in minor units per hour."""
    low, high = floor // 2, max(top or 0, floor * 5 // 2, rate or 0)
    at = {
        name: max(3, min(97, round((value - low) * 100 / (high - low)))) if value is not None else None
        for name, value in (("rate", rate), ("floor", floor), ("median", median))
    }
    return {
        "at": at,
        "rate": rate,
        "floor": floor,
        "median": median,
        "currency": currency,
        "you": you,
        "low": low,
        "high": high,
    }


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context, page, label: str = "Pages", target: str = ""):
    """Links to the other pages of a Django `Page`; `target` is a CSS selector that htmx swaps."""
    numbers = list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {
        "page": page,
        "numbers": numbers,
        "label": label,
        "target": target,
        "ellipsis": page.paginator.ELLIPSIS,
        "request": context["request"],
    }


@register.inclusion_tag("components/chart.html")
def chart(kind: str, points, label: str, caption: str = "", unit: str = "", wide: bool = False):
    """`{% chart "bar" points label="Paid by month" unit="money" %}`: points are (label, value) pairs.

    kind: bar, line or hbar. unit: "" (plain numbers), "money" (minor units), "percent" or "hours".
    """
    return charts.context(kind, list(points), label=label, caption=caption, unit=unit, wide=wide)
