"""The student's own profile, page by page, and the one file of it that others may read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.skills import queries as skill_queries
from accounts.users.views import add_errors
from marketplace.ground import files
from marketplace.ground.errors import Invalid

from . import actions, queries, school_codes
from .forms import AboutForm, CodeForm, PrivateForm, ResumeForm, SchoolForm, SkillForm, VisibilityForm
from .models import StudentSkill


def student_page(view):
    """For views about one's own profile: whoever has none is asked whether they are a student."""

    @login_required
    def wrapped(request, *args, **kwargs):
        request.profile = queries.profile_of(request.user)
        if request.profile is None:
            return redirect(f"{reverse('users:choose')}?role=student")
        return view(request, *args, **kwargs)

    return wrapped


def _show(request, template: str, form=None, **context):
    return render(
        request,
        f"accounts/students/{template}.html",
        {"profile": request.profile, "form": form, **context},
        status=422 if form is not None and form.errors else 200,
    )


@student_page
@require_safe
def profile(request):
    mine = request.profile
    return _show(
        request,
        "profile",
        skills=list(queries.skills_of(mine)),
        completeness=queries.completeness(mine),
        visibility=VisibilityForm(
            initial={"open_to_invitations": mine.open_to_invitations, "portfolio_on": mine.portfolio_on}
        ),
        functions=[
            label for value, label in AboutForm.base_fields["interests"].choices if value in mine.interests
        ],
    )


@student_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request):
    form = AboutForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(request.profile, name) for name in AboutForm.base_fields},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and _tried(form, actions.update_profile, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "Your profile is saved.")
        return redirect("students:profile")
    return _show(request, "edit", form)


def _tried(form, action, **arguments) -> bool:
    """Call `action`; what it refuses stands beside the fields of `form`."""
    try:
        action(**arguments)
    except Invalid as error:
        add_errors(form, error)
        return False
    return True


@student_page
@require_http_methods(["GET", "HEAD", "POST"])
def private(request):
    names = ("may_work", "needs_sponsor", "needs_school_sign_off")
    form = PrivateForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(request.profile, name) for name in names},
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and _tried(form, actions.update_profile, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "Your answers are saved.")
        return redirect("students:profile")
    return _show(request, "private", form)


@student_page
@require_POST
def visibility(request):
    form = VisibilityForm(request.POST)
    if form.is_valid():
        actions.update_profile(by=request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
    return redirect("students:profile")


@student_page
@require_POST
def invitations(request):
    """The answer to the one question that a new student is asked."""
    yes = request.POST.get("answer") == "yes"
    actions.update_profile(by=request.user, open_to_invitations=yes)
    said = "Employers may find and invite you." if yes else "Nobody finds you unless you apply."
    messages.success(request, f"{said} You can change this under “Who sees you”.")
    return redirect("students:profile")


@student_page
@require_http_methods(["GET", "HEAD", "POST"])
def skills(request):
    form = SkillForm(request.POST if request.method == "POST" else None, initial=_chosen_skill(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and _tried(form, actions.add_skill, by=request.user, **form.cleaned_data)
    ):
        return redirect("students:skills")
    rows = list(queries.skills_of(request.profile))
    return _show(
        request,
        "skills",
        form,
        skills=rows,
        most=queries.SKILLS_MAX,
        allowed=queries.allowed_actions(request.user, request.profile),
    )


def _chosen_skill(request) -> dict:
    """The form filled with the skill that `?skill=` names, to change it."""
    chosen = request.GET.get("skill", "")
    row = (
        StudentSkill.objects.select_related("skill")
        .filter(student=request.profile, skill__public_id=chosen)
        .first()
        if chosen
        else None
    )
    return {"name": row.skill.name, "level": row.level, "evidence": row.evidence} if row else {}


@student_page
@require_safe
def suggest(request):
    """A few names for what is being typed (htmx)."""
    typed = request.GET.get("name", "")[:60]
    return render(
        request,
        "accounts/students/_skill_names.html",
        {"names": skill_queries.suggest(typed) if typed else []},
    )


@student_page
@require_POST
def remove_skill(request, public_id):
    row = get_object_or_404(
        StudentSkill.objects.select_related("skill"), student=request.profile, skill__public_id=public_id
    )
    actions.remove_skill(by=request.user, skill=row.skill)
    return redirect("students:skills")


@student_page
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request):
    form = ResumeForm(request.POST, request.FILES) if request.method == "POST" else ResumeForm()
    if (
        request.method == "POST"
        and form.is_valid()
        and _tried(form, actions.set_resume, by=request.user, upload=form.cleaned_data["resume"])
    ):
        messages.success(request, "Your résumé is here.")
        return redirect("students:profile")
    return _show(request, "resume", form)


@student_page
@require_POST
def remove_resume(request):
    actions.remove_resume(by=request.user)
    messages.success(request, "Your résumé is gone.")
    return redirect("students:resume")


@login_required
@require_safe
def resume_file(request, public_id):
    profile = queries.resume_for(request.user, public_id)
    try:
        return files.send(profile.resume, profile.resume_name)
    except FileNotFoundError:
        raise Http404 from None


@student_page
@require_http_methods(["GET", "HEAD", "POST"])
def school(request):
    """Add or confirm a school: the account's own address does it by itself, another one by code."""
    form = SchoolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = school_codes.send_school_code(by=request.user, email=form.cleaned_data["email"])
        except Invalid as error:
            add_errors(form, error)
        else:
            return _after_address(request, form, sent)
    waiting = school_codes.waiting_code(request.profile)
    return _show(request, "school", form, waiting=waiting, code_form=CodeForm())


def _after_address(request, form, sent):
    if sent:
        messages.info(request, f"We sent a code to {sent.email}.")
        return redirect("students:school")
    if queries.profile_of(request.user).school_verified_at:
        messages.success(request, "Your school is confirmed.")
        return redirect("students:profile")
    form.add_error("email", "This school address already confirms somebody else’s account.")
    return _show(request, "school", form, waiting=None, code_form=CodeForm())


@student_page
@require_POST
def school_code(request):
    form = CodeForm(request.POST)
    if form.is_valid() and _tried(
        form, school_codes.confirm_school_code, by=request.user, code=form.cleaned_data["code"]
    ):
        messages.success(request, "Your school is confirmed.")
        return redirect("students:profile")
    return render(
        request,
        "accounts/students/school.html",
        {
            "profile": request.profile,
            "form": SchoolForm(),
            "code_form": form,
            "waiting": school_codes.waiting_code(request.profile),
        },
        status=422,
    )


@student_page
@require_POST
def leave_school(request):
    actions.leave_school(by=request.user)
    messages.success(request, "Your school is no longer on your profile, and its staff no longer see you.")
    return redirect("students:profile")
