"""The student's side: applying, and knowing where every application stands."""

from types import SimpleNamespace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.ground.errors import Invalid, NotAllowed, Refused, WrongMoment
from marketplace.ground.middleware import back
from projects.posting import queries as postings

from .. import actions, queries, records
from ..forms import ApplicationForm, refill, typed
from ..models import Application
from ..states import OPEN, ApplicationState
from ..story import story

S = ApplicationState
PAGE = 20
TABS = (
    ("open", "Waiting", Q(state__in=OPEN)),
    ("drafts", "Drafts", Q(state=S.DRAFT)),
    ("ended", "Ended", ~Q(state__in=[*OPEN, S.DRAFT])),
)
STEPS = {S.DRAFT: 0, S.SUBMITTED: 1, S.SHORTLISTED: 2, S.OFFERED: 3, S.HIRED: 4}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, public_id: str):
    """The form to apply with: `save` keeps a draft, anything else sends."""
    project = get_object_or_404(
        postings.visible_to(request.user).select_related("organisation"), public_id=public_id
    )
    application = Application.objects.filter(project=project, student=request.user).first()
    if application and application.state not in (S.DRAFT, S.WITHDRAWN):
        return redirect("applying:detail", application.public_id)
    if request.method == "POST" and "save" in request.POST:
        return _keep(request, project)
    refusal = queries.refusal_to_apply(request.user, project, application)
    form = _form(request, project, application)
    if request.method == "POST":
        if refusal:
            raise refusal
        if form.is_valid():
            try:
                sent = _send(request, project)
                messages.success(
                    request,
                    f"Application sent. {project.organisation.name} answers by "
                    f"{_day(sent.project.answer_by)}.",
                )
                return redirect("applying:detail", sent.public_id)
            except Invalid as error:
                refill(form, error)
            except WrongMoment:
                if again := Application.objects.filter(
                    project=project, student=request.user, state__in=OPEN
                ).first():
                    return redirect("applying:detail", again.public_id)  # the second of two clicks
                raise
    return _show(request, project, application, form, refusal)


def _day(instant) -> str:
    from django.utils import timezone

    from projects.posting.wording import day

    return day(timezone.localtime(instant))


def _send(request, project):
    pitch, answers = typed(request.POST)
    return actions.submit_application(by=request.user, project=project, pitch=pitch, answers=answers)


def _form(request, project, application):
    questions = list(project.questions.all())
    if request.method == "POST":
        return ApplicationForm(request.POST, questions=questions)
    initial = {}
    if application:
        initial = {
            f"answer_{a.question.public_id}": a.text for a in application.answers.select_related("question")
        }
        initial["pitch"] = application.pitch
    return ApplicationForm(questions=questions, initial=initial)


def _show(request, project, application, form, refusal):
    forbidden = isinstance(refusal, NotAllowed)
    context = {
        "project": project,
        "application": application,
        "form": form,
        "reason": refusal.reason if refusal else "",
        "forbidden": forbidden,
        "net": postings.net(project),
        "record": records.answer_record(project.organisation),
        "release_delay": postings.release_delay_days(project),
    }
    status = 422 if form.errors else 403 if forbidden else 200
    return render(request, "projects/applying/apply.html", context, status=status)


def _keep(request, project):
    pitch, answers = typed(request.POST)
    try:
        actions.save_application(by=request.user, project=project, pitch=pitch, answers=answers)
    except Invalid as error:
        form = ApplicationForm(request.POST, questions=list(project.questions.all()))
        form.full_clean()
        form.errors.clear()
        refill(form, error)
        return _show(request, project, None, form, None)
    messages.info(request, "Your draft is kept. Send it before the window closes.")
    return redirect("applying:mine")


@login_required
@require_POST
def save(request, public_id: str):
    """Autosave while somebody types; answers with one line that says so."""
    project = get_object_or_404(postings.visible_to(request.user), public_id=public_id)
    pitch, answers = typed(request.POST)
    context = {}
    try:
        context["application"] = actions.save_application(
            by=request.user, project=project, pitch=pitch, answers=answers
        )
    except Invalid as error:
        context["problem"] = error.messages[0]
    except Refused as error:
        context["problem"] = error.reason
    return render(request, "projects/applying/_saved.html", context)


@login_required
@require_safe
def mine(request):
    """Every application of the student, with what happens next and by when."""
    tab = next((t for t in TABS if t[0] == request.GET.get("show")), TABS[0])
    rows = queries.mine(request.user)
    tabs = [
        {"label": label, "url": f"?show={key}", "current": key == tab[0], "count": rows.filter(which).count()}
        for key, label, which in TABS
    ]
    page = Paginator(rows.filter(tab[2]).prefetch_related("offers__engagement"), PAGE).get_page(
        request.GET.get("page")
    )
    for row in page.object_list:
        row.line = line(row)
    return render(
        request,
        "projects/applying/mine.html",
        {"page": page, "tabs": tabs, "tab": tab[0], "open_count": queries.open_count(request.user)},
    )


def line(application: Application) -> SimpleNamespace:
    """How one application stands: `status`, `at` of 4 steps (None when it has ended), `offer`, `hears_by`."""
    offer = next(iter(application.offers.all()), None)
    engagement = getattr(offer, "engagement", None) if offer else None
    return SimpleNamespace(
        status="Accepted" if engagement and application.state == S.OFFERED else queries.status(application),
        at=STEPS.get(application.state),
        offer=offer if offer and offer.state == "open" else None,
        engagement=engagement if application.state in (S.OFFERED, S.HIRED) else None,
        hears_by=queries.hears_by(application),
        can_finish=application.state == S.DRAFT and not queries.refusal_of_window(application.project),
    )


@login_required
@require_safe
def detail(request, public_id: str):
    """One application, for the student; the employer's people are led to their own page."""
    application = get_object_or_404(
        queries.visible_to(request.user).prefetch_related("answers__question", "offers__engagement"),
        public_id=public_id,
    )
    if application.student_id != request.user.pk:
        if application.state in queries.UNSEEN:  # which has no page for anybody but its student
            raise Http404
        return redirect("applying:applicant", application.public_id)
    project = application.project
    return render(
        request,
        "projects/applying/detail.html",
        {
            "application": application,
            "project": project,
            "line": line(application),
            "story": story(application, True),
            "acts": queries.allowed_actions(request.user, application),
            "net": postings.net(project),
            "record": records.answer_record(project.organisation),
        },
    )


@login_required
@require_POST
def withdraw(request, public_id: str):
    application = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    actions.withdraw_application(by=request.user, application=application)
    messages.info(request, "Application withdrawn. You can send it again while the window is open.")
    return back(request, application.get_absolute_url())


@login_required
@require_POST
def reserve(request, public_id: str):
    application = get_object_or_404(queries.visible_to(request.user), public_id=public_id)
    agree = request.POST.get("agree") != "no"
    actions.agree_reserve(by=request.user, application=application, agree=agree)
    messages.info(
        request, "You stay in reserve until the work starts." if agree else "You are no longer in reserve."
    )
    return back(request, application.get_absolute_url())
