"""The pages of the roof: landing, how it works, legal pages, the theme, and the way home."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.skills.functions import Function
from marketplace import colours, context, front, legal, styleguide
from marketplace.ground import money, policy
from marketplace.ground.middleware import back
from projects.exposing import report
from projects.exposing.queries import fair_order

PROMISES = [
    "Every application gets a final, dated answer, and every employer’s answer rate is public.",
    "Money is secured before work starts, and silence counts as approval.",
    "No brief goes out vague, unpaid, unsafe, or under the pay floor.",
    "A project closes when it is full: nobody competes with hundreds.",
    "Names and schools can be hidden for the first look, and students without a record are shown fairly.",
    "A finished project leaves a record that anybody can check.",
    "Your data is yours: export everything, have it erased when you ask.",
    "Everybody can use it, with a keyboard, a screen reader, or more time.",
]
YEAR = 365 * 24 * 3600


@require_safe
def landing(request):
    """The front page; whoever is signed in may see it too."""
    return render(request, "landing.html", {"rules": policy.current(), **front.figures()})


@require_safe
def how(request):
    return render(request, "how.html", {"rules": policy.current(), "promises": PROMISES})


@require_safe
def orders(request):
    """How lists are ordered, in words, with the figures of the latest week once there are enough cases."""
    rules, week = policy.current(), report.latest()
    enough = week is not None and week.qualified >= rules.public_figure_min
    context = {"rules": rules, "order": fair_order(), "said": report.in_words(week) if enough else []}
    return render(request, "orders.html", context)


@require_safe
def for_employers(request):
    rules, price = policy.current(), 60000  # an example in round numbers
    fee = money.fee(price, rules.fee_bp)
    return render(
        request,
        "for_employers.html",
        {
            "rules": rules,
            "price": price,
            "fee": fee,
            "net": price - fee,
            "least": least_price(rules),
            "functions": list(Function),
            "start_url": reverse("posting:new")
            if request.user.is_authenticated
            else reverse("account_signup"),
        },
    )


def least_price(rules) -> int:
    """The price of an hour, in whole minor units, whose net always meets the floor."""
    return -(-rules.floor_cents * 10_000 // (10_000 - rules.fee_bp))


@require_safe
def legal_page(request, name: str):
    """Terms, privacy or imprint: the operator's text from the brand, else our plain default."""
    return render(request, "legal.html", legal.page(name))


@csrf_exempt  # sets nothing but the colours of this browser's pages, and anonymous pages stay free of tokens
@require_POST
def theme(request):
    """Keep the chosen theme in a cookie: `system`, `light` or `dark`. Refused from another site."""
    origin = request.headers.get("Origin", "")
    if origin and origin != f"{request.scheme}://{request.get_host()}":
        return HttpResponseForbidden("The theme is changed from the pages of this site.")
    response = back(request, reverse("landing"))
    chosen = request.POST.get("theme", "")
    if chosen in context.THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
@cache_control(public=True, max_age=YEAR)
def brand_css(request):
    """The operator's colours as custom properties; a stylesheet of its own, so that the strict CSP holds."""
    brand = policy.brand()
    return HttpResponse(colours.stylesheet(brand.colour_light, brand.colour_dark), content_type="text/css")


@require_safe
@cache_control(public=True, max_age=YEAR)
def brand_logo(request):
    """The operator's logo, from outside the web root."""
    logo = policy.brand().logo
    kinds = {
        "png": "image/png",
        "webp": "image/webp",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "gif": "image/gif",
    }
    kind = kinds.get(logo.name.rpartition(".")[2].lower()) if logo else None
    if not kind:
        raise Http404
    try:
        with logo.open() as picture:
            return HttpResponse(picture.read(), content_type=kind)
    except FileNotFoundError:
        raise Http404 from None


@require_safe
def show_styleguide(request):
    """Every component in every state; only on a machine of one's own."""
    if not settings.PLAYGROUND:
        raise Http404
    return render(request, "styleguide.html", styleguide.samples())
