"""Everybody's own front page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.employers import queries as employers
from accounts.students.queries import profile_of

from . import employer, school, student


@login_required
@require_safe
def student_home(request):
    profile = profile_of(request.user)
    if profile is None:
        raise Http404
    return render(
        request, "home/student.html", {**student.page(request.user, profile), "greeting": student.greeting()}
    )


@login_required
@require_safe
def employer_home(request):
    organisation = employers.current(request)
    if organisation is None:
        raise Http404
    return render(
        request,
        "home/employer.html",
        {**employer.page(request.user, organisation), "greeting": student.greeting()},
    )


@login_required
@require_safe
def school_home(request):
    post = request.user.school_posts.select_related("school").order_by("pk").first()
    if post is None:
        raise Http404
    return render(request, "home/school.html", {**school.page(post.school), "post": post})


@login_required
@require_safe
def home(request):
    """To the front page of the role one has; whoever has none yet chooses one."""
    user = request.user
    if profile_of(user):
        return redirect("home:student")
    if employers.organisations_of(user).exists():
        return redirect("home:employer")
    if user.school_posts.exists():
        return redirect("home:school")
    return redirect("admin:index" if user.is_staff else "onboarding")
