"""What students do when the users room says something, and their part in export and erasure."""

from allauth.account.signals import email_confirmed, user_logged_in
from django.dispatch import receiver

from accounts.users import erasure, export
from accounts.users.signals import role_chosen

from . import actions, queries
from .models import StudentProfile


@receiver(role_chosen, dispatch_uid="students.role_chosen")
def _became_a_student(user, role, **_):
    if role == "student":
        actions.create_profile(by=user)


@receiver(email_confirmed, dispatch_uid="students.email_confirmed")
def _address_confirmed(email_address, **_):
    actions.recognise_school(email_address.user)


@receiver(user_logged_in, dispatch_uid="students.user_logged_in")
def _signed_in(user, **_):
    actions.recognise_school(user)


def _profile(user) -> dict | None:
    profile = queries.profile_of(user)
    if profile is None:
        return None
    return {
        **export.plain(profile, without=("user", "resume")),
        "skills": [
            {"skill": str(row.skill), "level": row.level, "evidence": row.evidence}
            for row in queries.skills_of(profile)
        ],
    }


def _forget(user) -> None:
    profile = StudentProfile.objects.filter(user=user).first()
    if profile is not None:
        if profile.resume:
            actions.remove_resume(by=user)
        profile.delete()


export.register("student", _profile)
erasure.register_scrub(_forget)
