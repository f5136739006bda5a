"""The employer's pages about postings: the list, the form in steps, the preview, and one posting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.employers.queries import organisations_of
from accounts.skills.functions import Function
from marketplace.ground.errors import WrongMoment
from marketplace.ground.models import StateChange
from projects.catalog import library

from . import actions, queries
from .checking import Checked, check_of
from .forms import FORMS, STEPS
from .models import Project
from .rows import ROWS, change_rows
from .showing import show
from .states import ClosedReason, ProjectState

PAGE_SIZE = 20
TABS = {
    "open": ("Open", Q(state__in=[ProjectState.PUBLISHED, ProjectState.IN_REVIEW])),
    "drafts": ("Drafts", Q(state=ProjectState.DRAFT)),
    "closed": ("Closed", Q(state=ProjectState.CLOSED)),
}


def own(request, public_id: str) -> Project:
    """The posting of one of the person's organisations (or any, for a moderator); 404 for everybody else."""
    return get_object_or_404(
        queries.managed_by(request.user)
        .select_related("organisation")
        .prefetch_related("milestones", "questions"),
        public_id=public_id,
    )


# --- the list --------------------------------------------------------------------------------------------
@login_required
@require_safe
def mine(request):
    postings = queries.mine(request.user)
    counts = postings.order_by().aggregate(
        **{name: Count("pk", filter=where) for name, (_, where) in TABS.items()}
    )
    chosen = request.GET.get("show")
    if chosen not in TABS:
        chosen = next((name for name in TABS if counts[name]), "open")
    page = Paginator(postings.filter(TABS[chosen][1]), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [row_of(project) for project in page.object_list]
    tabs = [
        {"label": label, "url": f"?show={name}", "current": name == chosen, "count": counts[name]}
        for name, (label, _) in TABS.items()
    ]
    context = {
        "page": page,
        "rows": rows,
        "tabs": tabs,
        "chosen": chosen,
        "any": any(counts.values()),
        "organisations": list(organisations_of(request.user)),
    }
    return render(request, "projects/posting/mine.html", context)


def row_of(project: Project) -> dict:
    words, at = queries.next_step(project)
    draft = project.state == ProjectState.DRAFT
    return {
        "project": project,
        "next": words,
        "at": at,
        "url": reverse("posting:edit", args=[project.public_id, max(project.step, 2)])
        if draft
        else reverse("posting:manage", args=[project.public_id]),
        "state": project.get_closed_reason_display()
        if project.state == ProjectState.CLOSED
        else project.get_state_display(),
    }


# --- the form --------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    organisations = list(organisations_of(request.user))
    if not organisations:
        messages.info(request, "Say first who you post for. It takes two minutes.")
        return redirect(f"{reverse('employers:new')}?next={request.path}")
    error = ""
    if request.method == "POST":
        organisation = next(
            (o for o in organisations if o.public_id == request.POST.get("organisation")), None
        )
        if organisation is None and len(organisations) == 1 and "organisation" not in request.POST:
            organisation = organisations[0]
        try:
            if organisation is None:
                raise Http404
            project = actions.start_project(
                by=request.user, organisation=organisation, template_slug=request.POST.get("template", "")
            )
            return redirect("posting:edit", project.public_id, 2)
        except ValidationError as problem:
            error = " ".join(problem.messages)
    return _templates(request, organisations=organisations, error=error)


def _templates(request, *, error: str = "", **context):
    function = request.GET.get("function", "")
    if function not in Function.values:
        function = ""
    templates = [t for t in library.all_templates() if not function or t.function == function]
    context |= {
        "templates": templates,
        "functions": Function.choices,
        "function": function,
        "error": error,
        "suggested": library.get(request.GET.get("template", "")[:60]),
    }
    return render(request, "projects/posting/template.html", context, status=422 if error else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, public_id: str, step: int):
    project = own(request, public_id)
    if queries.allowed_actions(request.user, project).get("edit", "no") is not None:
        return redirect("posting:manage", project.public_id)
    if step == 1:
        return _choose_again(request, project)
    if step == 5:
        return _check_and_send(request, project)
    if step not in FORMS:
        raise Http404
    form = FORMS[step](project)
    status = 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        form = FORMS[step](project, change_rows(request.POST, do))
        kept = _keep(request, project, form, step, do)
        if request.htmx:
            return _autosaved(request, project, form, step, kept)
        if kept and do in ("next", "leave", "save"):
            return _onward(request, project, step, do)
        status = 200 if kept else 422
    return _step(request, project, step, form=form.ready_to_show(), status=status)


def _keep(request, project: Project, form, step: int, do: str) -> bool:
    """Store what was posted; False with the problems in the form when it cannot be."""
    if not form.is_valid():
        return False
    try:
        actions.save_draft(
            by=request.user,
            project=project,
            data=form.values() | {"step": step + 1 if do == "next" else step},
        )
    except ValidationError as problem:
        form.add_problems(problem.message_dict)
        return False
    return True


def _onward(request, project: Project, step: int, do: str):
    if do == "next":
        return redirect("posting:edit", project.public_id, step + 1)
    messages.success(request, f"“{project}” is saved.")
    if do == "leave":
        return redirect("posting:mine")
    return redirect("posting:edit", project.public_id, step)


def _autosaved(request, project: Project, form, step: int, kept: bool):
    context = _beside(project) | {"form": form, "kept": kept, "step": step, "oob": True}
    return render(request, "projects/posting/_saved.html", context)


def _beside(project: Project) -> dict:
    """What stands beside and below the fields, as last saved."""
    return {
        "project": project,
        "shown": show(project),
        "checked": check_of(project),
        "milestone_hours": sum(m.hours for m in project.milestones.all()),
    }


def _step(request, project: Project, step: int, *, status: int = 200, **context):
    names = {2: "brief", 3: "pay", 4: "questions", 5: "send"}
    form = context.get("form")
    rows = {} if form is None else {name: form.bound(name) for name in form.rows if name != "milestones"}
    around = {
        "step": step,
        "steps": _steps(project, step),
        "fee": queries.fee(project),
        "fee_percent": f"{project.fee_bp / 100:g}%",
        "limits": ROWS,
    }
    whole = _beside(project) | rows | around | context
    return render(request, f"projects/posting/{names[step]}.html", whole, status=status)


def _steps(project: Project, now: int) -> list[dict]:
    reached = max(project.step, now)
    return [
        {
            "label": label,
            "url": reverse("posting:edit", args=[project.public_id, number]),
            "state": "now" if number == now else "done" if number < reached else "",
        }
        for number, label in enumerate(STEPS, 1)
    ]


def _choose_again(request, project: Project):
    if request.method == "POST":
        try:
            actions.use_template(
                by=request.user, project=project, template_slug=request.POST.get("template", "")
            )
            return redirect("posting:edit", project.public_id, 2)
        except ValidationError as problem:
            return _templates(
                request, project=project, steps=_steps(project, 1), error=" ".join(problem.messages)
            )
    return _templates(request, project=project, steps=_steps(project, 1))


def _check_and_send(request, project: Project, problems: dict | None = None):
    checked = check_of(project, problems)
    why_not = queries.allowed_actions(request.user, project)["send"]
    return _step(
        request,
        project,
        5,
        checked=checked,
        why_not=why_not,
        refused=bool(problems),
        status=422 if problems else 200,
    )


@login_required
@require_safe
def check(request, public_id: str):
    project = own(request, public_id)
    context = {"project": project, "checked": check_of(project), "shown": show(project)}
    return render(request, "projects/posting/_check.html", context)


@login_required
@require_safe
def preview(request, public_id: str):
    project = own(request, public_id)
    return render(request, "projects/posting/preview.html", {"project": project, "shown": show(project)})


# --- one posting -----------------------------------------------------------------------------------------
@login_required
@require_safe
def manage(request, public_id: str):
    project = own(request, public_id)
    checked: Checked | None = check_of(project) if project.state == ProjectState.DRAFT else None
    context = {
        "project": project,
        "shown": show(project),
        "acts": queries.allowed_actions(request.user, project),
        "fee": queries.fee(project),
        "changes": timeline(project),
        "checked": checked,
        "decision": project.decisions.select_related("by").first(),
        "is_open": queries.window_is_open(project),
        # Sponsoring is a later room; a project's draws are reached by the name of the relation.
        "draw": project.draws.select_related(
            "programme__wallet__school", "programme__wallet__organisation"
        ).first(),
    }
    return render(request, "projects/posting/manage.html", context)


SAID = {
    "started": "Draft begun",
    "copied": "Copied",
    "sent": "Sent",
    "taken_back": "Taken back",
    "sent_back": "Sent back by a moderator",
    "reviewed": "Published by a moderator",
    "trusted": "Published",
    "paused": "Hidden",
    "resumed": "Shown again",
    "extended": "Window extended",
}


def timeline(project: Project) -> list[StateChange]:
    """What happened to a posting in words; moderators act for the site and are not named."""
    changes = list(StateChange.of(project))
    for change in changes:
        closed = (
            f"Closed: {ClosedReason(change.reason).label.lower()}"
            if change.reason in ClosedReason.values
            else ""
        )
        change.said = SAID.get(change.reason) or closed
        if change.by and change.by.is_staff:
            change.by = None
    return changes


@login_required
@require_POST
def send(request, public_id: str):
    project = own(request, public_id)
    try:
        actions.send_project(by=request.user, project=project)
    except ValidationError as problem:
        return _check_and_send(request, own(request, public_id), problem.message_dict)
    if project.state == ProjectState.PUBLISHED:
        messages.success(request, "Your project is open. Students can apply from now on.")
    else:
        messages.success(request, "Sent. A moderator reads it next, and you hear as soon as it is out.")
    return redirect("posting:manage", project.public_id)


@login_required
@require_POST
def take_back(request, public_id: str):
    project = own(request, public_id)
    actions.take_back(by=request.user, project=project)
    return redirect("posting:edit", project.public_id, max(project.step, 2))


@login_required
@require_POST
def close(request, public_id: str):
    project = own(request, public_id)
    was_draft = project.state == ProjectState.DRAFT
    actions.close_project(by=request.user, project=project, reason=ClosedReason.CANCELLED)
    if was_draft:
        messages.success(request, f"“{project}” is thrown away.")
        return redirect("posting:mine")
    messages.success(request, "The project is closed. Everybody who applied has been told.")
    return redirect("posting:manage", project.public_id)


@login_required
@require_POST
def extend(request, public_id: str):
    project = own(request, public_id)
    actions.extend_window(by=request.user, project=project)
    messages.success(request, "Students have more time to apply.")
    return redirect("posting:manage", project.public_id)


@login_required
@require_POST
def duplicate(request, public_id: str):
    project = own(request, public_id)
    try:
        copy = actions.duplicate_project(by=request.user, project=project)
    except ValidationError as problem:
        raise WrongMoment(" ".join(problem.messages)) from None
    messages.success(request, "This is a copy. Set new dates, look it over and send it.")
    return redirect("posting:edit", copy.public_id, 2)
