"""The browse page put together: ready cards, the parts beside them kept for a minute, and a shell made once.

Everything that depends on who looks comes in at the end: for a visitor the page is the same for everybody.
"""

import re
from copy import copy
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe

from marketplace.ground import clock, policy

from . import cards, fits, kept, queries
from . import filters as by
from .queries import Browse, Choice

BODY, ADDRESS = "<!--body-->", "the-address-of-this-page"


def page(request, found: Browse) -> str:
    """The whole page."""
    parts = _around(found, request.user)
    body = (
        f'{parts["search"]}<div class="split split--flip aside-s">{parts["filters"]}'
        f"{_results(request, found, parts)}</div>"
    )
    if request.user.is_authenticated or request.COOKIES.get("messages"):
        return render_to_string("projects/search/browse.html", {"body": mark_safe(body)}, request)
    before, after = kept.here(
        ("shell", request.COOKIES.get("theme", "")[:10]),
        settings.SEARCH_KEPT_SECONDS,
        lambda: _shell(request),
    )
    return f"{before}{body}{after.replace(ADDRESS, escape(request.get_full_path()))}"


def fragment(request, found: Browse) -> str:
    """The results alone, and the new counts for the filters, which stay where they are."""
    counts = "".join(
        f'<span class="n" id="n-{name}-{choice.value}" hx-swap-oob="true">'
        f"{'' if choice.count is None else choice.count}</span>"
        for name, choices in found.facets.items()
        for choice in choices
    )
    total = f'<span id="n-total" hx-swap-oob="true">{found.counts.total_words.lower()}</span>'
    return f"{_results(request, found, _around(found, request.user))}{counts}{total}"


def _shell(request) -> tuple[str, str]:
    """The page around its body, for a visitor; the address, which the footer needs, is put in later."""
    asker = copy(request)
    asker.get_full_path = lambda *_, **__: ADDRESS
    html = render_to_string("projects/search/browse.html", {"body": mark_safe(BODY)}, asker)
    before, _, after = html.partition(BODY)
    return before, after


def _around(found: Browse, user) -> dict[str, str]:
    """The box, the filters and the head of the results; the same for everybody who asks for the same."""
    own = fits.known(user)
    f = found.filters
    if found.slow:
        return _parts(found, own)
    return kept.shared(queries.parts_key(f, own, bool(found.rows)), lambda: _parts(found, own))


def _parts(found: Browse, own: bool) -> dict[str, str]:
    f, asked = found.filters, found.asked
    context = {
        "found": found,
        "chips": queries.chips(f, found.facets),
        "hidden": queries.hidden(f),
        "sorts": ({by.FIT: by.FIT_WORDS} if own else {}) | f.sorts,
        "instead_url": by.address(f, q=asked.instead) if asked and asked.instead else "",
        "newest_url": by.address(f, sort="newest"),
        "query": by.address(f, sort="", after="")[1:],
    }
    search = kept.here("search", settings.SEARCH_KEPT_SECONDS, _search)
    return {
        "search": search.replace(marked("q"), escape(f.q)),
        "filters": _filters(found),
        "head": render_to_string("projects/search/_head.html", context),
    }


# --- frames: a template rendered once, with marks where something else stands each time ----------------------
def marked(*names: str) -> str:
    """A mark that nothing people write looks like; it needs no escaping."""
    return f"\x02{'-'.join(names)}\x03"


def _search() -> str:
    return render_to_string("projects/search/_search.html", {"q": marked("q")})


def _filters(found: Browse) -> str:
    f = found.filters
    values = {marked("total"): found.counts.total_words.lower()}
    for name, choices in found.facets.items():
        for choice in choices:
            values[marked("n", name, choice.value)] = "" if choice.count is None else str(choice.count)
            values[marked("on", name, choice.value)] = choice.checked
    kept_words = {"q": f.q, "sort": "" if f.sort in ("newest", by.RELEVANCE) else f.sort}
    values[marked("hidden")] = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in kept_words.items()
        if value
    )
    values[marked("any")] = "" if f.rate else " checked"
    values[marked("skills")] = _skills(found)
    pieces = kept.here("filters", settings.SEARCH_KEPT_SECONDS, lambda: _frame(found))
    return "".join(values.get(piece, "") if place % 2 else piece for place, piece in enumerate(pieces))


def _frame(found: Browse) -> list[str]:
    facets = {
        name: [
            Choice(c.value, c.label, marked("n", name, c.value), False, marked("on", name, c.value))
            for c in choices
        ]
        for name, choices in found.facets.items()
    }
    context = {
        "facets": facets,
        "floor_cents": policy.current().floor_cents,
        "any_checked": marked("any"),
        **{name: marked(name) for name in ("hidden", "skills", "total")},
    }
    return re.split("(\x02[^\x03]*\x03)", render_to_string("projects/search/_filters.html", context))


def _skills(found: Browse) -> str:
    """The filter by skills, whose choices differ from page to page."""
    skills = found.facets["skill"]
    note = (
        ""
        if found.counts.whole
        else '<p class="small muted">The numbers count the newest 50,000 projects.</p>'
    )
    if not skills:
        return note
    line = kept.here("skill", settings.SEARCH_KEPT_SECONDS, _skill_frame)
    before, row, after = line
    rows = "".join(
        row.replace(marked("value"), choice.value)
        .replace(marked("label"), escape(choice.label))
        .replace(marked("n"), "" if choice.count is None else str(choice.count))
        .replace(marked("on"), choice.checked)
        for choice in skills
    )
    return f"{before}{rows}{after}{note}"


def _skill_frame() -> tuple[str, str, str]:
    choice = Choice(marked("value"), marked("label"), marked("n"), False, marked("on"))
    context = {"name": "skill", "legend": "Skills", "choices": [choice]}
    html = render_to_string("projects/search/_facet.html", context)
    start, stop = html.index('<div class="choice">'), html.index("</fieldset>")
    return html[:start], html[start:stop], html[stop:]


def _results(request, found: Browse, parts: dict[str, str]) -> str:
    if found.rows:
        rows = f'<ol class="projects plain">{lines(request, found.rows, found.reasons)}</ol>{_pager(found)}'
    else:
        close = [] if found.slow else queries.close_to(found.filters)
        context = {
            "found": found,
            "close": mark_safe(lines(request, close)),
            "without_filters": by.address(by.Filters(q=found.filters.q)),
        }
        rows = render_to_string("projects/search/_nothing.html", context)
    return f'<section id="results" aria-labelledby="results-h">{parts["head"]}{rows}</section>'


def lines(request, rows, reasons: dict[int, list[str]] | None = None) -> str:
    """The cards of `rows`; the hearts of somebody signed in cost one query."""
    now = clock.now()
    hearts = _hearts(request, rows) if request.user.is_authenticated else {}
    why = {pk: _why(those) for pk, those in (reasons or {}).items() if pk in {row.id for row in rows}}
    return "".join(
        cards.fill(row.card, cards.closing(row.apply_by, now), hearts.get(row.id, ""), why.get(row.id, ""))
        for row in rows
    )


def _why(reasons: list[str]) -> str:
    return render_to_string("projects/search/_reasons.html", {"reasons": reasons[:2]})


def _hearts(request, rows) -> dict[int, str]:
    """For each row the form that saves it or lets it go, made from one rendering of the component."""
    context = {"save_url": "SAVE-ADDRESS", "title": "SAVE-TITLE", "saved": False}
    off = render_to_string("components/save.html", context, request)
    on = render_to_string("components/save.html", context | {"saved": True}, request)
    forms = {}
    for pk, public_id, title, saved in queries.saved_among(request.user, [row.id for row in rows]):
        address = reverse("search:bookmark", args=[public_id]) + f"?saved={0 if saved else 1}"
        forms[pk] = (
            (on if saved else off).replace("SAVE-ADDRESS", address).replace("SAVE-TITLE", escape(title))
        )
    return forms


def _pager(found: Browse) -> str:
    if not (found.before or found.after):
        return ""
    pieces = kept.here(("pager", bool(found.before), bool(found.after)), 3600, lambda: _pager_frame(found))
    values = {"BEFORE": escape(found.before), "AFTER": escape(found.after), "NUMBER": str(found.number)}
    for name, value in values.items():
        pieces = pieces.replace(f"PAGER-{name}", value)
    return pieces


def _pager_frame(found: Browse) -> str:
    context = {
        "before": "PAGER-BEFORE" if found.before else "",
        "after": "PAGER-AFTER" if found.after else "",
        "number": "PAGER-NUMBER",
    }
    return render_to_string("projects/search/_pager.html", context)
